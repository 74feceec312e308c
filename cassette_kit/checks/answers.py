"""Recordings that are there by accident: twice, of a failure, or from long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.checks.endings import ends_in_error
from cassette_kit.checks.finding import Flaw
from cassette_kit.checks.streams import ERROR
from cassette_kit.matchers import request_key
from cassette_kit.provenance import answered_at

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from datetime import datetime

    from cassette_kit.checks.subject import Subject
    from cassette_kit.model import Response


def duplicate(subject: Subject) -> Iterator[Flaw]:
    """Recordings that stand in the file twice, as after a merge.

    The same request with the same answer is legitimate: each is played once, in order, so none is
    ever hidden by another. But no two calls take the same time to the nanosecond.
    """
    seen: dict[Hashable, tuple[int, Response]] = {}
    for number, interaction in enumerate(subject.cassette.interactions):
        response = interaction.response
        if response.duration_ns == 0:  # times were taken out
            continue
        key = request_key(interaction.request), response.duration_ns, response.body
        first, same = seen.setdefault(key, (number, response))
        if first != number and same == response:
            message = f"the same recording as #{first}, down to its duration; remove one of the two"
            yield subject.flaw(message, number)


def error_status(subject: Subject) -> Iterator[Flaw]:
    """Requests whose last answer is an error; one that a retry mended is none."""
    last: dict[Hashable, tuple[int, Response]] = {}
    for number, interaction in enumerate(subject.cassette.interactions):
        last[request_key(interaction.request)] = (number, interaction.response)
    for number, response in last.values():
        key, what = _error(response)
        if what:
            message = (
                f"the last answer to this request is {what}; record it again, or ignore this code "
                "for tests of errors"
            )
            yield subject.flaw(message, number, "response", key)


def _error(response: Response) -> tuple[str, str]:
    """The key of a response that tells of an error, and which; "" if none does."""
    if response.status_code >= ERROR:
        return "code", f"an error, {response.status_code}"
    if ends_in_error(response.body, response.headers.get("content-type", "")):
        return "body", "a stream that ends in an error"
    return "", ""


def stale(subject: Subject) -> Iterator[Flaw]:
    """A file with a recording from before the date that was asked for: its oldest one.

    The date is that of the response; where no response has one, that of the last commit.
    """
    limit = subject.not_before
    if limit is None:
        return
    dates = [(date, number) for number, date in _dates(subject)]
    oldest, number = min(dates, default=(subject.committed_at, None))
    if oldest is None or oldest >= limit:
        return
    message = f"is of {oldest:%Y-%m-%d}, older than was asked for; record it again"
    if number is None:
        yield Flaw(f"the last commit {message}", 1)
    else:
        yield subject.flaw(f"this recording {message}", number, "response", "headers", "Date")


def _dates(subject: Subject) -> Iterator[tuple[int, datetime]]:
    for number, interaction in enumerate(subject.cassette.interactions):
        date = answered_at(interaction.response)
        if date is not None:
            yield number, date

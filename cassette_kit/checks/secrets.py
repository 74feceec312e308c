"""What should not be in a file that is committed: credentials, and headers nobody asked to keep."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from cassette_kit.checks.finding import Flaw
from cassette_kit.redactors.headers import REQUEST_HEADERS, RESPONSE_HEADERS, is_credential
from cassette_kit.redactors.secrets import KNOWN, credentials, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.subject import Subject
    from cassette_kit.model import Headers

_MEANT = frozenset({"date"})  # tells the age of a recording and nothing of who made it
_SHOWN = 5
_MOST_SOUGHT = 50  # values, each a search of the whole file


def secret(subject: Subject) -> Iterator[Flaw]:
    """Keys of known shapes anywhere in the text, and what stands where an exchange has credentials.

    A file that cannot be read is searched, too.
    """
    for hit in find_secrets(subject.data, islice(dict.fromkeys(_carried(subject)), _MOST_SOUGHT)):
        is_carried = hit.kind == KNOWN
        kind = "a credential that the exchange carries" if is_carried else hit.kind
        encoding = "" if hit.encoding == "plain" else f" in {hit.encoding}"
        rule = "" if is_carried else f" --redact '{_rule(hit.advice)}'"
        message = f"{kind}{encoding}; revoke it, and take it out: `cassette-kit scrub{rule}`"
        yield Flaw(message, hit.line, subject.interaction_at(hit.line))


def _rule(advice: str) -> str:
    """The rule in `redact=["field:api_key"]`."""
    return advice.removeprefix('redact=["').removesuffix('"]')


def _carried(subject: Subject) -> Iterator[str]:
    """The credentials of its exchanges. Some are enough: `scrub` looks for all."""
    for interaction in subject.cassette.interactions:
        yield from sorted(credentials(interaction.request, interaction.response))


def header(subject: Subject) -> Iterator[Flaw]:
    """Headers that a recording would not keep, all of a file in one flaw; credentials aside."""
    found: dict[str, tuple[int, str]] = {}
    kept = subject.terms.keep_headers | _MEANT
    for number, interaction in enumerate(subject.cassette.interactions):
        for name in _beyond(interaction.request.headers, REQUEST_HEADERS | kept):
            found.setdefault(name, (number, "request"))
        for name in _beyond(interaction.response.headers, RESPONSE_HEADERS | kept):
            found.setdefault(name, (number, "response"))
    if found:
        (first, (number, side)), *_ = found.items()
        message = (
            f"a recording would not keep {_listed(list(found))}; `cassette-kit scrub` drops what "
            "the option keep_headers does not name"
        )
        yield subject.flaw(message, number, side, "headers", first)


def _beyond(headers: Headers, kept: frozenset[str]) -> list[str]:
    """The names outside a list, as they are written."""
    names = dict.fromkeys(name for name, _ in headers.multi_items())
    return [name for name in names if name.lower() not in kept and not is_credential(name)]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = ", ".join(names[:_SHOWN])
    return f"the header{'s' * (len(names) > 1)} {shown}{more}"

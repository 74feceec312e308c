"""The one word for why there is no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cassette_kit.errors import Reason
from cassette_kit.matchers.url import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cassette_kit.explain.situation import Near, Situation
    from cassette_kit.model import Mismatch, Request

REASONS: tuple[Reason, ...] = get_args(Reason)

_BY_PLACE: Mapping[str, Reason] = {
    "method": "method",
    "query": "query",
    "header": "headers",
    "body": "body",
}


def reason_of(situation: Situation, near: Near | None) -> Reason:
    """Why nothing answers; `near` is the nearest recording, if there is one."""
    if not situation.mode.plays:
        return "mode"
    if not situation.file_exists:
        return "no file"
    if near is None:
        return "empty"
    if situation.equal:
        return "played"
    return near.reason


def by_reason(
    mismatches: Iterable[Mismatch], live: Request, taped: Request
) -> list[tuple[Reason, Mismatch]]:
    """What matchers say, under the words for it, in the order of REASONS."""
    found = [(_reason(mismatch.where, live, taped), mismatch) for mismatch in mismatches]
    return sorted(found, key=lambda pair: REASONS.index(pair[0]))


def _reason(where: str, live: Request, taped: Request) -> Reason:
    if where == "url":
        return _url_reason(live.url, taped.url)
    return _BY_PLACE.get(where.partition(" ")[0], "matcher")


def _url_reason(live: str, taped: str) -> Reason:
    ours, theirs = split_url(live), split_url(taped)
    if ours.origin != theirs.origin:
        return "host"
    return "url" if ours.path != theirs.path else "query"

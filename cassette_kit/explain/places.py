"""Two bodies that differ as the places at which they do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from cassette_kit.differences import each_difference
from cassette_kit.explain.reasons import by_reason
from cassette_kit.explain.situation import BodyMismatch, Near, Situation
from cassette_kit.matchers.body import TreeMismatch
from cassette_kit.matchers.rules import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.differences import Difference
    from cassette_kit.model import Mismatch

MAX_DIFFERENCES = 20  # computed for one recording; the text shows the first few


def near(number: int, situation: Situation) -> Near:
    """What is known about one recording."""
    live, taped = situation.live, situation.seen[number]
    found = by_reason(situation.compare(live, taped), live, taped)
    places = [(reason, place) for reason, mismatch in found for place in _apart(mismatch)]
    first = places[0][0] if places else "played"
    return Near(
        number=number,
        request=taped,
        played=number in situation.played,
        reason=first,
        mismatches=[mismatch for _, mismatch in found],
        differences=[place for _, place in places],
        decisive=sum(reason == first for reason, _ in places),
    )


def body_differences(live: Any, taped: Any) -> Iterator[Difference]:
    """The differences of two trees, without what is ignored."""
    for found in each_difference(live, taped):
        if found.live is not IGNORED and found.taped is not IGNORED:
            yield found


def _apart(mismatch: Mismatch) -> list[Mismatch]:
    if not isinstance(mismatch, TreeMismatch):
        return [mismatch]
    found = itertools.islice(body_differences(mismatch.live, mismatch.taped), MAX_DIFFERENCES)
    places = [BodyMismatch(f"body {one.where}", one.live, one.taped, one) for one in found]
    return list(places) or [mismatch]

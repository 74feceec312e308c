"""Two bodies that differ as the places at which they do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from cassette_kit.differences import each_difference
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
    request = situation.seen[number]
    mismatches = tuple(situation.compare(situation.live, request))
    differences = tuple(itertools.chain.from_iterable(map(_apart, mismatches)))
    return Near(number, request, number in situation.played, mismatches, differences)


def body_differences(live: Any, taped: Any) -> Iterator[Difference]:
    """The differences of two trees, without what is ignored."""
    for found in each_difference(live, taped):
        if found.live is not IGNORED and found.taped is not IGNORED:
            yield found


def _apart(mismatch: Mismatch) -> list[Mismatch]:
    if not isinstance(mismatch, TreeMismatch):
        return [mismatch]
    found = itertools.islice(body_differences(mismatch.live, mismatch.taped), MAX_DIFFERENCES)
    return [BodyMismatch(f"body {one.where}", one.live, one.taped, one) for one in found]

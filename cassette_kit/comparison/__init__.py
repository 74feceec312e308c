"""What changed between two recordings of one test, whatever the order of their interactions.

Pure: two cassettes in, values out. Streams are compared by what they say, requests by their JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.comparison.change import Aspect, Change, Comparison, Pair, Section
from cassette_kit.comparison.changes import compared
from cassette_kit.comparison.pairing import couples
from cassette_kit.comparison.sides import Side, sides

if TYPE_CHECKING:
    from collections.abc import Collection

    from cassette_kit.model import Cassette

__all__ = ["Aspect", "Change", "Comparison", "Pair", "Section", "compare"]


def compare(before: Cassette, after: Cassette, *, show: Collection[Aspect] = ()) -> Comparison:
    """Pair the interactions of two cassettes and tell what changed in each pair.

    Ids and dates, times and headers differ whenever a test is recorded anew: they are counted, and
    are changes only if they are asked for.
    """
    ours, theirs = sides(before.interactions), sides(after.interactions)
    found = couples(ours, theirs)
    return Comparison(
        before.interactions,
        after.interactions,
        tuple(compared(*couple, show=show) for couple in found),
        _left(ours, [one for one, _ in found]),
        _left(theirs, [other for _, other in found]),
    )


def _left(all_sides: list[Side], paired: list[Side]) -> tuple[int, ...]:
    places = {side.place for side in paired}
    return tuple(side.place for side in all_sides if side.place not in places)

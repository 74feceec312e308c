"""Which interactions of two recordings stand side by side: those that a comparison pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.comparison.pairing import couples
from cassette_kit.comparison.sides import sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.model import Interaction


class Pair(NamedTuple):
    """Two interactions by their places; None where a recording has no such one."""

    left: int | None
    right: int | None


def pairs(left: Sequence[Interaction], right: Sequence[Interaction]) -> list[Pair]:
    """Each interaction with its counterpart, if it has one.

    In the order of the left recording; what only the right one has stands at the end.
    """
    partners = {one.place: other.place for one, other in couples(sides(left), sides(right))}
    alone = set(range(len(right))) - set(partners.values())
    return [
        *(Pair(place, partners.get(place)) for place in range(len(left))),
        *(Pair(None, place) for place in sorted(alone)),
    ]

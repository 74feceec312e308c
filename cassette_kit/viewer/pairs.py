"""Which interactions of two recordings stand side by side, and which of them are the same: those
that a comparison pairs, and what it finds no change in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.comparison.answers import answer_changes
from cassette_kit.comparison.changes import request_changes
from cassette_kit.comparison.pairing import couples
from cassette_kit.comparison.sides import sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.comparison.sides import Side
    from cassette_kit.model import Interaction


class Pair(NamedTuple):
    """Two interactions by their places; None where a recording has no such one.

    `same_request` and `same_answer`: nothing changed there but ids, dates and times. What an answer
    took is no part of it.
    """

    left: int | None
    right: int | None
    same_request: bool = False
    same_answer: bool = False


def pairs(left: Sequence[Interaction], right: Sequence[Interaction]) -> list[Pair]:
    """Each interaction with its counterpart, if it has one.

    In the order of the left recording; what only the right one has stands at the end.
    """
    paired = {one.place: _pair(one, other) for one, other in couples(sides(left), sides(right))}
    alone = set(range(len(right))) - {pair.right for pair in paired.values()}
    return [
        *(paired.get(place, Pair(place, None)) for place in range(len(left))),
        *(Pair(None, place) for place in sorted(alone)),
    ]


def _pair(left: Side, right: Side) -> Pair:
    return Pair(
        left.place,
        right.place,
        same_request=all(hidden for _, hidden in request_changes(left, right)),
        same_answer=all(
            hidden or change.section != "answer" for change, hidden in answer_changes(left, right)
        ),
    )

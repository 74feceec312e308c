"""Which interactions of two recordings belong together."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.canonical import NotJSONError, canonical_json, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from cassette_kit.model import Interaction, Request


class Pair(NamedTuple):
    """Two interactions by their places; None where a recording has no such one."""

    left: int | None
    right: int | None


def pairs(left: Sequence[Interaction], right: Sequence[Interaction]) -> list[Pair]:
    """Equal requests first, then those to the same URL, each in file order.

    In the order of the left recording; what only the right one has stands at the end.
    """
    partners: dict[int, int] = {}
    for key in (_equal, _same_place):
        _match(left, right, key, partners)
    taken = set(partners.values())
    mine = [Pair(place, partners.get(place)) for place in range(len(left))]
    return mine + [Pair(None, place) for place in range(len(right)) if place not in taken]


def _match(
    left: Sequence[Interaction],
    right: Sequence[Interaction],
    key: Callable[[Request], Hashable],
    partners: dict[int, int],
) -> None:
    """Pair what has no partner yet and the same key."""
    taken = set(partners.values())
    free: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for place, interaction in enumerate(right):
        if place not in taken:
            free[key(interaction.request)].append(place)
    for place, interaction in enumerate(left):
        if place not in partners and (waiting := free[key(interaction.request)]):
            partners[place] = waiting.popleft()


def _same_place(request: Request) -> Hashable:
    return request.method, request.url


def _equal(request: Request) -> Hashable:
    try:
        body = canonical_json(parse_json(request.body))
    except NotJSONError:
        body = request.body
    return request.method, request.url, body

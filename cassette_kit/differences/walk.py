"""From two bodies to their differences.

Strategy: a stack of pairs that are known to be unequal. Differences are made one at a time, so that
a limit bounds the work, and nothing recurses.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

from cassette_kit.canonical import parse_json
from cassette_kit.differences.alignment import paired, unequal_runs
from cassette_kit.differences.difference import MISSING, Difference, Kind
from cassette_kit.differences.subtrees import CONTAINERS, Subtrees
from cassette_kit.json_path import Key, path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Place = tuple[tuple[Key, ...], ...]  # the keys down to a value, anew inside each JSON text
Pair = tuple[Place, Any, Any]


def differences(live: Any, taped: Any, *, limit: int = 20) -> list[Difference]:
    """The first `limit` differences of two decoded bodies, in document order; none if equal.

    Key order does not count, array order does. Numbers are equal when their exact values are;
    `true` is not 1, null is not missing.
    """
    return list(itertools.islice(each_difference(live, taped), limit))


def each_difference(live: Any, taped: Any) -> Iterator[Difference]:
    """Like `differences`, one at a time: what is not asked for is not looked for."""
    subtrees = Subtrees(live, taped)
    pending: list[Pair] = [] if subtrees.same(live, taped) else [(((),), live, taped)]
    while pending:
        place, ours, theirs = pending.pop()
        expand = _EXPANSIONS.get(type(ours)) if type(ours) is type(theirs) else None
        below = expand and expand(place, ours, theirs, subtrees)
        if below is None:
            yield _difference(place, ours, theirs)
        else:
            pending.extend(reversed(below))


def _difference(place: Place, live: Any, taped: Any) -> Difference:
    path, *inner = map(path_text, place)
    kind: Kind = "added" if taped is MISSING else "removed" if live is MISSING else "changed"
    reordered = type(live) is type(taped) is list  # any other two lists were looked into
    return Difference(path, kind, live, taped, " → ".join(inner) or None, reordered)


def _members(
    place: Place, live: dict[str, Any], taped: dict[str, Any], subtrees: Subtrees
) -> list[Pair]:
    keys = [*live, *(key for key in taped if key not in live)]
    pairs = [(key, live.get(key, MISSING), taped.get(key, MISSING)) for key in keys]
    return [(_at(place, key), a, b) for key, a, b in pairs if not subtrees.same(a, b)]


def _elements(
    place: Place, live: list[Any], taped: list[Any], subtrees: Subtrees
) -> list[Pair] | None:
    ours, theirs = list(map(subtrees.key, live)), list(map(subtrees.key, taped))
    if len(ours) == len(theirs) and Counter(ours) == Counter(theirs):
        return None
    return [
        (_at(place, index), a, b)
        for rows, columns in unequal_runs(ours, theirs)
        for index, a, b in paired(live, taped, rows, columns)
        if not subtrees.same(a, b)
    ]


def _inside(place: Place, live: str, taped: str, subtrees: Subtrees) -> list[Pair] | None:
    ours, theirs = _container(live), _container(taped)
    if ours is None or type(ours) is not type(theirs):
        return None
    subtrees.add(ours)
    subtrees.add(theirs)
    return None if subtrees.same(ours, theirs) else [((*place, ()), ours, theirs)]


_EXPANSIONS: dict[type, Callable[[Place, Any, Any, Subtrees], list[Pair] | None]] = {
    dict: _members,
    list: _elements,
    str: _inside,
}


def _at(place: Place, key: Key) -> Place:
    return (*place[:-1], (*place[-1], key))


def _container(text: str) -> Any:
    try:
        tree = parse_json(text.encode())
    except ValueError:
        return None
    return tree if type(tree) in CONTAINERS else None

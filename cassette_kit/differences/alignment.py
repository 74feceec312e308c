"""Which elements of two lists belong together.

Rows are indexes of the live list, columns of the taped one. Lists are aligned on equal elements,
what is left on similar ones, and past a bound by place.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from cassette_kit.differences.common import common_ends
from cassette_kit.differences.difference import MISSING
from cassette_kit.differences.similarity import fingerprint, similarity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MATCHES = 20_000  # pairs of equal elements up to which two lists are aligned on those
MAX_PAIRS = 900  # pairs of unequal elements up to which lists are aligned on similar ones
SIMILAR = 1 / 3  # from here on an element counts as changed, not as replaced by another

Anchor = tuple[int, int]
_Chain = tuple[int, int, "_Chain | None"]


def unequal_runs(ours: list[object], theirs: list[object]) -> Iterator[tuple[range, range]]:
    """The indexes between the elements that two lists have in common."""
    head, tail = common_ends(ours, theirs)
    rows, columns = range(head, len(ours) - tail), range(head, len(theirs) - tail)
    return _between(_common_subsequence(ours, theirs, rows, columns), rows, columns)


def _between(anchors: list[Anchor], rows: range, columns: range) -> Iterator[tuple[range, range]]:
    row, column = rows.start, columns.start
    for next_row, next_column in [*anchors, (rows.stop, columns.stop)]:
        yield range(row, next_row), range(column, next_column)
        row, column = next_row + 1, next_column + 1


def _common_subsequence(
    ours: list[object], theirs: list[object], rows: range, columns: range
) -> list[Anchor]:
    """The longest one, found as Hunt and Szymanski do; empty if too many elements are repeated."""
    places: dict[object, list[int]] = defaultdict(list)
    for column in reversed(columns):
        places[theirs[column]].append(column)
    equal = ((row, column) for row in rows for column in places.get(ours[row], ()))
    matches = list(itertools.islice(equal, MAX_MATCHES + 1))
    if len(matches) > MAX_MATCHES:
        return []
    ends: list[int] = []  # the lowest column at which a chain of each length can end
    chains: list[_Chain] = []
    for row, column in matches:
        length = bisect_left(ends, column)
        ends[length : length + 1] = [column]
        chains[length : length + 1] = [(row, column, chains[length - 1] if length else None)]
    return _links(chains[-1]) if chains else []


def _similar_pairs(live: list[Any], taped: list[Any], rows: range, columns: range) -> list[Anchor]:
    """The pairs, in the order of both lists, whose similarities add up to the most."""
    if len(rows) * len(columns) > MAX_PAIRS:
        return list(zip(rows, columns, strict=False))
    if len(rows) * len(columns) < 2:
        return []
    ours = {row: fingerprint(live[row]) for row in rows}
    theirs = {column: fingerprint(taped[column]) for column in columns}
    best: dict[Anchor, tuple[float, _Chain | None]] = defaultdict(lambda: (0.0, None))
    for row, column in itertools.product(rows, columns):
        options = [best[row - 1, column], best[row, column - 1]]
        score = similarity(ours[row], theirs[column])
        if score >= SIMILAR and type(live[row]) is type(taped[column]):
            total, chain = best[row - 1, column - 1]
            options.append((total + score, (row, column, chain)))
        best[row, column] = max(options, key=itemgetter(0))
    return _links(best[rows[-1], columns[-1]][1])


def _links(chain: _Chain | None) -> list[Anchor]:
    links: list[Anchor] = []
    while chain:
        row, column, chain = chain
        links.append((row, column))
    return links[::-1]


def paired(
    live: list[Any], taped: list[Any], rows: range, columns: range
) -> Iterator[tuple[int, Any, Any]]:
    """Similar elements; of what lies between, as many as on the other side; the rest alone."""
    anchors = _similar_pairs(live, taped, rows, columns)
    between = _between(anchors, rows, columns)
    for (ours, theirs), anchor in itertools.zip_longest(between, anchors):
        pairs = list(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else []
        if not pairs:
            yield from ((column, MISSING, taped[column]) for column in theirs)
            yield from ((row, live[row], MISSING) for row in ours)
        for row, column in [*pairs, anchor] if anchor else pairs:
            yield row, live[row], taped[column]

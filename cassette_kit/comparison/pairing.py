"""Which interactions of two cassettes belong together, whatever their order.

Strategy: from the strictest agreement to the loosest, those that agree are paired in file order;
each step looks at what the steps before have left. Of the rest the most similar requests are
paired, of equally similar ones those with the most similar answers; or where there are too many,
those of one method, URL and status by their order.
"""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cassette_kit.differences import similarity

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from cassette_kit.comparison.sides import Side

SIMILAR = 0.5  # from here on a request to another URL counts as changed, not as another one
SAME_STATUS = 0.1  # by how much an equal status makes two requests more similar
MAX_TOKENS = 20_000_000  # leaves and words that are compared to find the most similar requests

Couple = tuple["Side", "Side"]
_Score = tuple[float, float]
_Step = Callable[[Sequence["Side"], Sequence["Side"]], Iterable[Couple]]

AGREEMENTS: Sequence[Callable[[Side], Hashable]] = (
    lambda side: side.recorded,
    lambda side: side.letters,
    lambda side: (side.asked, side.said),
    lambda side: (side.asked_without_ids, side.said),
    lambda side: (side.asked, side.status),
    lambda side: (side.asked_without_ids, side.status),
    lambda side: side.asked_without_ids,
)
BY_ORDER: Sequence[Callable[[Side], Hashable]] = (
    lambda side: (side.resource, side.status),
    lambda side: side.resource,
)


def couples(before: Sequence[Side], after: Sequence[Side]) -> list[Couple]:
    """The pairs; who is in none of them has no counterpart."""
    found: list[Couple] = []
    strict, loose = ([partial(_agreeing, key) for key in keys] for keys in (AGREEMENTS, BY_ORDER))
    steps: list[_Step] = [*strict, _most_similar, *loose]
    for agree in steps:
        taken = {id(side) for couple in found for side in couple}
        ours, theirs = ([s for s in sides if id(s) not in taken] for sides in (before, after))
        found += agree(ours, theirs)
    return sorted(found, key=lambda couple: couple[1].place)


def _agreeing(
    key: Callable[[Side], Hashable], before: Iterable[Side], after: Iterable[Side]
) -> Iterator[Couple]:
    """Those with equal keys, in file order."""
    waiting: dict[Hashable, deque[Side]] = defaultdict(deque)
    for side in before:
        waiting[key(side)].append(side)
    for side in after:
        if queue := waiting.get(key(side)):
            yield queue.popleft(), side


def _most_similar(before: Sequence[Side], after: Sequence[Side]) -> Iterable[Couple]:
    if not before or not after:
        return ()
    tokens = sum(map(_size, before)) * len(after) + sum(map(_size, after)) * len(before)
    return _greedy(_candidates(before, after)) if tokens <= MAX_TOKENS else ()


def _size(side: Side) -> int:
    return side.fingerprint.size + side.answer_fingerprint.size


def _candidates(before: Sequence[Side], after: Sequence[Side]) -> list[tuple[_Score, Side, Side]]:
    """Every two requests that may be one, with how alike they are: one URL counts for most."""
    return [
        (_score(same_resource + alike, ours, theirs), ours, theirs)
        for ours, theirs in itertools.product(before, after)
        for same_resource in (ours.resource == theirs.resource,)
        for alike in (similarity(ours.fingerprint, theirs.fingerprint),)
        if same_resource or alike >= SIMILAR
    ]


def _score(asked: float, ours: Side, theirs: Side) -> _Score:
    """How alike two interactions are. Of answers the status counts, and of those to equally
    similar requests, as a retry and its success, what they say."""
    same_status = SAME_STATUS * (ours.status == theirs.status)
    return asked + same_status, similarity(ours.answer_fingerprint, theirs.answer_fingerprint)


def _greedy(candidates: Iterable[tuple[_Score, Side, Side]]) -> Iterator[Couple]:
    """The best first; of equals those whose places are nearest, so that either way is one way."""
    taken: set[int] = set()
    for _, ours, theirs in sorted(candidates, key=_rank):
        if id(ours) not in taken and id(theirs) not in taken:
            taken |= {id(ours), id(theirs)}
            yield ours, theirs


def _rank(candidate: tuple[_Score, Side, Side]) -> tuple[float, float, int, int]:
    (asked, answered), ours, theirs = candidate
    return -asked, -answered, abs(ours.place - theirs.place), ours.place + theirs.place

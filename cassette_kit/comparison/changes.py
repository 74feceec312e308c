"""What changed between two interactions that belong together, section by section."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from cassette_kit.comparison.answers import answer_changes
from cassette_kit.comparison.change import Aspect, Change, Found, Pair
from cassette_kit.comparison.trees import readable, tree_changes
from cassette_kit.differences import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from cassette_kit.comparison.sides import Side
    from cassette_kit.model import Headers, Response

MAX_CHANGES = 200  # of one pair
_NS_IN_MS = 1_000_000


def compared(before: Side, after: Side, *, show: Collection[Aspect]) -> Pair:
    """Two interactions and what changed, but for the aspects that are not in `show`."""
    told: list[Change] = []
    hidden: Counter[Aspect] = Counter()
    for change, aspect in itertools.chain(*(find(before, after) for find in SECTIONS)):
        if aspect is not None and aspect not in show:
            hidden[aspect] += 1
        elif len(told) < MAX_CHANGES:
            told.append(change)
        else:
            return Pair(before.place, after.place, tuple(told), hidden, is_cut=True)
    return Pair(before.place, after.place, tuple(told), hidden)


def request_changes(before: Side, after: Side) -> Iterator[Found]:
    """What changed of method, URL and body."""
    ours, theirs = before.request, after.request
    if before.asked == after.asked:
        return
    if ours.method != theirs.method:
        yield Change("request", "method", ours.method, theirs.method), None
    if before.url != after.url:
        yield Change("request", "url", ours.url, theirs.url), None
    if ours.body == theirs.body:
        return
    if before.body.kind == after.body.kind != "bytes":
        yield from tree_changes("request", before.body.tree, after.body.tree)
    else:
        yield Change("request", "body", readable(ours.body), readable(theirs.body)), None


def _headers(before: Side, after: Side) -> Iterator[Found]:
    yield from _header_changes("request", before.request.headers, after.request.headers)
    yield from _header_changes("answer", before.response.headers, after.response.headers)


def _header_changes(side: str, before: Headers, after: Headers) -> Iterator[Found]:
    for name in dict.fromkeys((*before, *after)):
        if before.get_list(name) != after.get_list(name):
            values = before.get(name, MISSING), after.get(name, MISSING)
            yield Change("headers", f"{side} {name}", *values), "headers"


def _times(before: Side, after: Side) -> Iterator[Found]:
    ours, theirs = times(before.response), times(after.response)
    for name in dict.fromkeys((*ours, *theirs)):
        values = ours.get(name, MISSING), theirs.get(name, MISSING)
        if values[0] != values[1]:
            yield Change("times", name, *values), "times"


def times(response: Response) -> dict[str, float]:
    """Milliseconds to the headers and, where it was recorded, from there to the end."""
    headers = {"to the headers": response.duration_ns / _NS_IN_MS}
    sizes = response.recorded_sizes
    return headers | ({"to the end": sum(delay for delay, _ in sizes)} if sizes else {})


SECTIONS: Sequence[Callable[[Side, Side], Iterator[Found]]] = (
    request_changes,
    answer_changes,
    _headers,
    _times,
)

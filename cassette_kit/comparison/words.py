"""Two texts line by line, and within changed lines word by word."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_kit.differences.alignment import unequal_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CONTEXT_LINES = 1  # equal lines that are shown on either side of a change
CONTEXT_CHARS = 60  # of a long line, on either side of a change
MAX_CHARS = 2_000  # of a line or a stretch that changed
MAX_LINE_CHARS = 2 * MAX_CHARS  # of a line with all its changes
ALIKE = 1 / 3  # of a line, for what changed in it to be marked piece by piece

_WORD = re.compile(r"\w+\W*|\W+")
_CLAUSE = re.compile(r"[^.,;:!?]*+[.,;:!?]+\s*|[^.,;:!?]+")


class Piece(NamedTuple):
    """A stretch of a line, and whether the other side lacks it."""

    text: str
    is_changed: bool = False


Stretch = tuple[str, str]
"""As much of both lines, equal or not."""


class TextLine(NamedTuple):
    """A line of one side (`-`, `+`) or of both (a blank); `…` stands for those left out."""

    sign: Literal["-", "+", " ", "…"]
    pieces: tuple[Piece, ...] = ()


def text_lines(before: str, after: str) -> Iterator[TextLine]:
    """The lines that changed, with those around them."""
    ours, theirs = before.split("\n"), after.split("\n")
    at = 0  # the first line of `ours` that is not written yet
    head = 0  # lines to show behind the change before
    for rows, columns in unequal_runs([*ours], [*theirs]):
        if not rows and not columns:
            continue
        yield from _context(ours[at : rows.start], head, CONTEXT_LINES)
        yield from _changed(ours[_part(rows)], theirs[_part(columns)])
        at, head = rows.stop, CONTEXT_LINES
    yield from _context(ours[at:], CONTEXT_LINES, 0)


def _context(lines: Sequence[str], head: int, tail: int) -> Iterator[TextLine]:
    """Equal lines: so many of both ends, which stand beside changes, those between left out."""
    left_out = range(head, len(lines) - tail)
    for place, line in enumerate(lines):
        if place not in left_out:
            yield TextLine(" ", _clipped([Piece(line)]))
        elif place == head:
            yield TextLine("…")


def _changed(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[TextLine]:
    """Lines at the same place stand for each other, and have their words marked."""
    pairs = [_marked(*pair) for pair in zip(ours, theirs, strict=False)]
    yield from (TextLine("-", one) for one, _ in pairs)
    yield from (TextLine("-", _whole(line)) for line in ours[len(pairs) :])
    yield from (TextLine("+", other) for _, other in pairs)
    yield from (TextLine("+", _whole(line)) for line in theirs[len(pairs) :])


def _marked(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines with what they do not share marked; if they share too little, the whole of them,
    or of long ones what is between their common ends."""
    stretches = list(_merged(_stretches(before, after)))
    shared = sum(len(stretch[0]) for stretch in stretches if _is_equal(stretch))
    longest = max(len(before), len(after))
    if shared < ALIKE * longest:
        if longest <= MAX_CHARS:
            return _whole(before), _whole(after)
        stretches = list(_as_one_change(stretches))
    one, other = (
        [Piece(stretch[side], not _is_equal(stretch)) for stretch in stretches] for side in (0, 1)
    )
    return _clipped(one), _clipped(other)


def _whole(line: str) -> tuple[Piece, ...]:
    return (Piece(cut(line, MAX_CHARS)),)


def _stretches(before: str, after: str) -> Iterable[Stretch]:
    """Two lines side by side, in equal stretches and others. What a long line repeats is too much
    to align it on: its clauses come first, then those that it has once, and last its words."""
    lines = [(before, after)]
    if max(len(before), len(after)) <= MAX_CHARS:
        return _aligned(lines, _WORD)
    clauses = _aligned(_aligned(lines, _CLAUSE), _CLAUSE, only_once=True)
    return _aligned(_merged(clauses), _WORD)


def _aligned(
    stretches: Iterable[Stretch], unit: re.Pattern[str], *, only_once: bool = False
) -> Iterator[Stretch]:
    """The unequal ones in smaller ones, by the units that both sides have."""
    for stretch in stretches:
        if _is_equal(stretch):
            yield stretch
            continue
        ours, theirs = map(unit.findall, stretch)
        at = 0
        for rows, columns in unequal_runs(*(_once(ours, theirs) if only_once else (ours, theirs))):
            yield _same("".join(ours[at : rows.start]))
            yield "".join(ours[_part(rows)]), "".join(theirs[_part(columns)])
            at = rows.stop
        yield _same("".join(ours[at:]))


def _same(text: str) -> Stretch:
    return text, text


def _part(places: range) -> slice:
    return slice(places.start, places.stop)


def _once(*sides: list[str]) -> Iterator[list[object]]:
    """Both lists with something unlike all else for each unit that one of them repeats or lacks."""
    counts = [Counter(side) for side in sides]
    for side in sides:
        yield [unit if all(count[unit] == 1 for count in counts) else object() for unit in side]


def _merged(pairs: Iterable[Stretch]) -> Iterator[Stretch]:
    """Neighbours of one kind as one; empty ones are none."""
    filled = (pair for pair in pairs if any(pair))
    for _, group in groupby(filled, _is_equal):
        ours, theirs = zip(*group, strict=True)
        yield "".join(ours), "".join(theirs)


def _is_equal(stretch: Stretch) -> bool:
    return stretch[0] == stretch[1]


def _as_one_change(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """The equal ends of two lines, and all between them as one change."""
    head = 1 if _is_equal(stretches[0]) else 0
    tail = len(stretches) - (1 if _is_equal(stretches[-1]) else 0)
    ours, theirs = zip(*stretches[head:tail], strict=True)
    yield from stretches[:head]
    yield "".join(ours), "".join(theirs)
    yield from stretches[tail:]


def _clipped(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """A line whose long equal stretches are cut to what stands beside a change."""
    filled = [piece for piece in pieces if piece.text]
    last = len(filled) - 1
    clipped = (
        piece._replace(text=_shortened(piece, is_first=not n, is_last=n == last))
        for n, piece in enumerate(filled)
    )
    return tuple(_bounded(clipped))


def _shortened(piece: Piece, *, is_first: bool, is_last: bool) -> str:
    if piece.is_changed:
        return cut(piece.text, MAX_CHARS // 2, MAX_CHARS // 2)
    if is_first and is_last:
        return cut(piece.text, 2 * CONTEXT_CHARS)
    return cut(piece.text, 0 if is_first else CONTEXT_CHARS, 0 if is_last else CONTEXT_CHARS)


def _bounded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    room = MAX_LINE_CHARS
    for piece in pieces:
        if room < 0:
            yield Piece("…")
            return
        yield piece
        room -= len(piece.text)


def cut(text: str, head: int, tail: int = 0) -> str:
    """Both ends of a text, if what is between is worth leaving out."""
    if len(text) <= head + tail + CONTEXT_CHARS:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"

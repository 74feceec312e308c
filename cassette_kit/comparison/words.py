"""Two texts line by line, and within changed lines word by word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_kit.differences.alignment import unequal_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT_LINES = 1  # equal lines that are shown on either side of a change
CONTEXT_CHARS = 60  # of a long line, on either side of a change
MAX_LINE_CHARS = 50_000  # of a line whose words are compared
MAX_CHARS = 2_000  # of a line or a stretch that changed
ALIKE = 1 / 3  # of a line's words, for the others to be marked

_WORD = re.compile(r"\w+\W*|\W+")


class Piece(NamedTuple):
    """A stretch of a line, and whether the other side lacks it."""

    text: str
    is_changed: bool = False


class TextLine(NamedTuple):
    """A line of one side (`-`, `+`) or of both (a blank); `…` stands for those left out."""

    sign: Literal["-", "+", " ", "…"]
    pieces: tuple[Piece, ...] = ()


def text_lines(before: str, after: str) -> Iterator[TextLine]:
    """The lines that changed, with those around them."""
    ours, theirs = before.split("\n"), after.split("\n")
    at = 0  # the first line of `ours` that is not written yet
    for rows, columns in unequal_runs([*ours], [*theirs]):
        if not rows and not columns:
            continue
        yield from _context(ours, range(at, rows.start), is_first=not at)
        yield from _changed(ours[rows.start : rows.stop], theirs[columns.start : columns.stop])
        at = rows.stop
    yield from _context(ours, range(at, len(ours)), is_first=False, is_last=True)


def _context(
    lines: Sequence[str], places: range, *, is_first: bool, is_last: bool = False
) -> Iterator[TextLine]:
    """The equal lines between two changes, those in the middle left out."""
    head = places[: 0 if is_first else CONTEXT_LINES]
    tail = places[len(head) :][-CONTEXT_LINES:] if not is_last else ()
    yield from (TextLine(" ", _clipped((Piece(lines[place]),))) for place in head)
    if len(head) + len(tail) < len(places):
        yield TextLine("…")
    yield from (TextLine(" ", _clipped((Piece(lines[place]),))) for place in tail)


def _changed(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[TextLine]:
    """As many lines on both sides stand for each other, and have their words marked."""
    if len(ours) != len(theirs):
        yield from (TextLine("-", _whole(line)) for line in ours)
        yield from (TextLine("+", _whole(line)) for line in theirs)
        return
    pairs = [_marked(*pair) for pair in zip(ours, theirs, strict=True)]
    yield from (TextLine("-", one) for one, _ in pairs)
    yield from (TextLine("+", other) for _, other in pairs)


def _marked(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines with what they do not share marked; the whole of them if they share too little."""
    if max(len(before), len(after)) > MAX_LINE_CHARS:
        return _whole(before), _whole(after)
    ours, theirs = _WORD.findall(before), _WORD.findall(after)
    runs = list(unequal_runs(ours, theirs))
    shared = len(ours) - sum(len(rows) for rows, _ in runs)
    if shared < ALIKE * max(len(ours), len(theirs)):
        return _whole(before), _whole(after)
    one = _pieces(ours, [rows for rows, _ in runs])
    return _clipped(one), _clipped(_pieces(theirs, [columns for _, columns in runs]))


def _whole(line: str) -> tuple[Piece, ...]:
    return (Piece(_cut(line, MAX_CHARS, 0)),)


def _pieces(words: Sequence[str], changed: Sequence[range]) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for run in changed:
        pieces.append(Piece("".join(words[at : run.start])))
        pieces.append(Piece("".join(words[run.start : run.stop]), is_changed=True))
        at = run.stop
    pieces.append(Piece("".join(words[at:])))
    return tuple(piece for piece in pieces if piece.text)


def _clipped(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """A line whose long equal stretches are cut to what stands beside a change."""
    last = len(pieces) - 1
    return tuple(
        Piece(_shortened(piece, is_first=not n, is_last=n == last), piece.is_changed)
        for n, piece in enumerate(pieces)
    )


def _shortened(piece: Piece, *, is_first: bool, is_last: bool) -> str:
    if piece.is_changed:
        return _cut(piece.text, MAX_CHARS, 0)
    if is_first and is_last:
        return _cut(piece.text, 2 * CONTEXT_CHARS, 0)
    return _cut(piece.text, 0 if is_first else CONTEXT_CHARS, 0 if is_last else CONTEXT_CHARS)


def _cut(text: str, head: int, tail: int) -> str:
    """Both ends of a text, if what is between is worth leaving out."""
    if len(text) <= head + tail + CONTEXT_CHARS:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"

"""A change as lines to read, in which nothing is left that a terminal would obey."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from unicodedata import normalize

from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.comparison.words import MAX_CHARS, TextLine, cut, text_lines
from cassette_kit.conversation.printable import laid_out, one_line, visible
from cassette_kit.differences import MISSING, Difference, render
from cassette_kit.quantities import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cassette_kit.comparison.change import Change

WIDTH = 100  # characters of a line of JSON

Style = Literal["plain", "heading", "place", "removed", "added", "context", "note"]
Sign = Literal["-", "+"]
_STYLES: dict[str, Style] = {"-": "removed", "+": "added", "…": "note"}


class Span(NamedTuple):
    """Text in a style; `is_changed` marks words within a changed line."""

    text: str
    style: Style = "plain"
    is_changed: bool = False


Line = tuple[Span, ...]


def change_lines(change: Change) -> Iterator[Line]:
    """Where it is, and both sides."""
    if change.section in NUMBERS:
        told = NUMBERS[change.section](change.before, change.after)
        yield place(change), Span(f"  {told}")
        return
    yield (place(change),)
    if isinstance(change.before, str) and isinstance(change.after, str):
        yield from _texts(change.before, change.after)
    else:
        yield from side_lines("-", _value(change.before, beside=change.after))
        yield from side_lines("+", _value(change.after, beside=change.before))


def place(change: Change) -> Span:
    """What has changed."""
    return Span(one_line(f"  {change.section.removesuffix('s')} {change.where}"), "place")


def _texts(before: str, after: str) -> Iterator[Line]:
    """Prose word by word; data, and what would look the same, in quotes where it differs."""
    if _are_data(before, after) or _look_alike(before, after):
        taped, live = _rendered(before, after)
        yield from side_lines("-", (taped,))
        yield from side_lines("+", (live,))
    else:
        yield from map(_text_line, text_lines(before, after))


def _are_data(*texts: str) -> bool:
    return all(len(text) > WIDTH and len(text.split(None, 1)) == 1 for text in texts)


def _look_alike(before: str, after: str) -> bool:
    ours, theirs = (normalize("NFKC", text).split() for text in (before, after))
    return ours == theirs


def _rendered(before: Any, after: Any) -> tuple[str, str]:
    live, taped = render(Difference("$", "changed", after, before), width=WIDTH)
    return taped, live


def _text_line(line: TextLine) -> Line:
    if not any(piece.text for piece in line.pieces):
        return _bare(line.sign)
    style = _STYLES.get(line.sign, "context")
    pieces = (Span(visible(text), style, is_changed) for text, is_changed in line.pieces)
    return Span(f"    {line.sign} ", style), *pieces


def side_lines(sign: Sign, lines: Iterable[str]) -> Iterator[Line]:
    """Lines that only one side has."""
    style = _STYLES[sign]
    for line in lines:
        text = visible(cut(line, MAX_CHARS))
        yield (Span(f"    {sign} ", style), Span(text, style)) if line else _bare(sign)


def _bare(sign: str) -> Line:
    """The sign of an empty line, without a blank at its end."""
    return (Span(f"    {sign}".rstrip(), _STYLES.get(sign, "context")),)


def _value(value: Any, *, beside: Any) -> list[str]:
    """A value in lines: text as it is where the other side has none, else JSON."""
    if value is MISSING:
        return []
    if isinstance(value, bytes):
        return [_rendered(value, b"")[0]]
    if isinstance(value, str) and beside is MISSING:
        return value.split("\n")
    try:
        lines = laid_out(canonical_json(value).decode()).split("\n")
    except NotJSONError:
        lines = ["(nested too deeply)"]
    return [line if len(line) <= WIDTH else f"{line[:WIDTH]}…" for line in lines]


def counts(before: Any, after: Any) -> str:
    """Both numbers and their difference: `12 → 30 (+18)`."""
    return _numbers(before, after, _count)


def _count(number: float) -> str:
    return f"{Decimal(repr(round(number, 12))):,f}"


def spans(before: Any, after: Any) -> str:
    """Both times and their difference: `185 ms → 186 ms (+1 ms)`."""
    ours, theirs = (MISSING if value is MISSING else round(value) for value in (before, after))
    if ours == theirs:
        return f"{duration(ours)} → {duration(theirs)} ({'+' if after > before else '-'}<1 ms)"
    return _numbers(ours, theirs, duration)


def _numbers(before: Any, after: Any, shown: Callable[[float], str]) -> str:
    ours, theirs = ("none" if value is MISSING else shown(value) for value in (before, after))
    if MISSING in (before, after):
        return f"{ours} → {theirs}"
    sign = "+" if after > before else "-"
    return f"{ours} → {theirs} ({sign}{shown(abs(after - before))})"


NUMBERS: Mapping[str, Callable[[Any, Any], str]] = {"usage": counts, "times": spans}

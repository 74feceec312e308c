"""Finds text in what cassettes hold: URLs, status, headers, bodies, and what a stream says.

Strategy: a body is read at three depths. The values of its JSON come first, decoded and with their
paths; then the bytes, in the lines where no value was found; then the answer put together from a
stream, for what no single event holds.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_kit.conversation import exchange
from cassette_kit.conversation.exchange import Text, Thinking, ToolCall
from cassette_kit.conversation.fields import json_text, parsed, well_formed
from cassette_kit.conversation.printable import one_line
from cassette_kit.conversation.streams import Piece, pieces
from cassette_kit.formats.line_numbers import Place
from cassette_kit.json_path import find, parse, path_text
from cassette_kit.redactors.json_spans import documents

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from cassette_kit.conversation.exchange import Part
    from cassette_kit.json_path import Key, Path
    from cassette_kit.model import Headers, Interaction, Response

_WHOLE = "body"


class Line(NamedTuple):
    """A line of text, where it stands, and its JSON path, if it has one.

    `where` is what it is part of: "request url", "response event 3".
    """

    place: Place
    where: str
    text: str
    path: str = ""


class Hit(NamedTuple):
    """A line in which something was found; `matches` are (start, end) in its text.

    `value` is the JSON value of a hit of `values`.
    """

    line: Line
    matches: tuple[tuple[int, int], ...]
    value: Any = None

    @property
    def texts(self) -> list[str]:
        """What was found."""
        return [self.line.text[start:end] for start, end in self.matches]


def hits(interaction: Interaction, number: int, pattern: re.Pattern[str]) -> Iterator[Hit]:
    """The lines of an interaction that `pattern` is found in; `number` is its place in the file."""
    request = interaction.request
    target = Line(Place(number, "request", "url"), "request url", f"{request.method} {request.url}")
    yield from _found([target], pattern)
    for side, events in _sides(interaction):
        message = getattr(interaction, side)
        yield from _found(_header_lines(number, side, "headers", message.headers), pattern)
        in_body = _in_body(number, side, message.body, events, pattern)
        yield from in_body
        if events:
            yield from _put_together(interaction, number, in_body, pattern)
        yield from _found(_header_lines(number, side, "trailer", message.trailer), pattern)
    yield from _found([_status_line(interaction.response, number)], pattern)


def values(
    interaction: Interaction, number: int, path: Path, pattern: re.Pattern[str]
) -> Iterator[Hit]:
    """The values at a JSON path, on both sides and in each event, that `pattern` is found in.

    A text is searched as it is, any other value as compact JSON.
    """
    for side, events in _sides(interaction):
        for document in _documents(getattr(interaction, side).body, events):
            for place, value in find(document.value, path):
                line = document.at(number, side, place, json_text(value))
                yield from (hit._replace(value=value) for hit in _found([line], pattern))


def excerpt(hit: Hit, width: int | None) -> Iterator[tuple[str, bool]]:
    """The text of a hit, at most `width` characters of it around the first match.

    In pieces, with whether each was found. They are safe for a terminal and have no line breaks.
    """
    text = hit.line.text
    start, end = _window(len(text), hit.matches[0][0], width)
    at = start
    yield ("…" if start else ""), False
    for match in hit.matches:
        first, last = max(match[0], at), min(match[1], end)
        if first < last:
            yield one_line(text[at:first]), False
            yield one_line(text[first:last]), True
            at = last
    yield one_line(text[at:end]) + ("…" if end < len(text) else ""), False


def _window(size: int, match: int, width: int | None) -> tuple[int, int]:
    """What is shown of a long text: a third of it is before the match, if there is that much."""
    if width is None or size <= width:
        return 0, size
    start = max(0, min(match - width // 3, size - width))
    return start, start + width


class _Document:
    """One JSON value in a body: all of it, or an event; `offset` is the line it begins in."""

    def __init__(self, part: str, source: bytes, offset: int, value: Any) -> None:
        self._part = part
        self._source = source
        self._offset = offset
        self.value = well_formed(value)

    def at(self, number: int, side: str, path: str, text: str) -> Line:
        """The line of a value."""
        place = Place(number, side, "body", self._offset + self._lines_above(path))
        return Line(place, f"{side} {self._part}", text, path)

    def leaves(self) -> Iterator[tuple[tuple[Key, ...], Any]]:
        """Every value that holds no other, in order."""
        pending: list[tuple[tuple[Key, ...], Any]] = [((), self.value)]
        while pending:
            keys, value = pending.pop()
            if isinstance(value, dict | list) and value:
                below = value.items() if isinstance(value, dict) else enumerate(value)
                pending += reversed([((*keys, key), child) for key, child in below])
            else:
                yield keys, value

    def _lines_above(self, path: str) -> int:
        """How far into the document a value stands, for JSON that is laid out in lines."""
        node: Any = self._spans
        try:
            for segment in parse(path).segments:
                node = node[segment.key]
            return self._source.count(b"\n", 0, node.start)
        except (AttributeError, IndexError, KeyError, TypeError):  # not where a parser has it
            return 0

    @cached_property
    def _spans(self) -> Any:
        return next(documents(self._source), None) if b"\n" in self._source.rstrip() else None


def _sides(interaction: Interaction) -> tuple[tuple[str, list[Piece]], ...]:
    """Both sides with the events of each; only an answer has some, and only if it is a stream."""
    return ("request", []), ("response", pieces(interaction.response))


def _documents(body: bytes, events: list[Piece]) -> Iterator[_Document]:
    """The JSON of each event, or without any that of the whole body."""
    value = None if events else parsed(body)
    if value is not None:
        yield _Document(_WHOLE, body, 0, value)
    offset = 0
    for number, event in enumerate(events):
        if event.value is not None:
            yield _Document(f"event {number}", event.data, offset, event.value)
        offset += event.data.count(b"\n")


def _in_body(
    number: int, side: str, body: bytes, events: list[Piece], pattern: re.Pattern[str]
) -> list[Hit]:
    found = _documents(body, events)
    in_values = [hit for document in found for hit in _in_leaves(document, number, side, pattern)]
    told = {hit.line.place for hit in in_values}
    in_bytes = _found(_raw_lines(number, side, body), pattern)
    rest = [hit for hit in in_bytes if hit.line.place not in told]
    return sorted([*in_values, *rest], key=lambda hit: hit.line.place.offset)


def _in_leaves(
    document: _Document, number: int, side: str, pattern: re.Pattern[str]
) -> Iterator[Hit]:
    for keys, value in document.leaves():
        for text in json_text(value).split("\n"):
            if pattern.search(text):
                yield from _found([document.at(number, side, path_text(keys), text)], pattern)


def _raw_lines(number: int, side: str, body: bytes) -> Iterator[Line]:
    for offset, text in enumerate(body.decode("utf-8", "replace").split("\n")):
        place = Place(number, side, "body", offset)
        yield Line(place, f"{side} {_WHOLE}", text.removesuffix("\r"))


def _header_lines(number: int, side: str, key: str, headers: Headers) -> Iterator[Line]:
    """A name has a line of its own in the file, above its values."""
    offset, last = 0, ""
    for name, value in headers.multi_items():
        offset += 1 if name == last else 2
        last = name
        place = Place(number, side, key, offset)
        yield Line(place, f"{side} {key.removesuffix('s')}", f"{name}: {value}")


def _status_line(response: Response, number: int) -> Line:
    """Code and reason, which a file may have apart."""
    code, status = str(response.status_code), response.status
    text = status if status.startswith(code) else f"{code} {status}".rstrip()
    return Line(Place(number, "response", "status" if status else "code"), "response status", text)


def _put_together(
    interaction: Interaction, number: int, told: list[Hit], pattern: re.Pattern[str]
) -> Iterator[Hit]:
    """What the whole answer holds more often than its events do one by one."""
    place = Place(number, "response", "body")
    lines = [
        Line(place, f"response {what}", line)
        for message in exchange(interaction).answered.messages
        for what, text in map(_said, message.parts)
        for line in text.split("\n")
    ]
    found = list(_found(lines, pattern))
    before, after = (Counter(text for hit in many for text in hit.texts) for many in (told, found))
    yield from (hit for hit in found if any(after[text] > before[text] for text in hit.texts))


def _said(part: Part) -> tuple[str, str]:
    match part:
        case Text(text):
            return "text", text
        case Thinking(text):
            return "thinking", text
        case ToolCall(name, arguments):
            return f"tool call {name}", arguments
        case _:
            return "", ""


def _found(lines: Iterable[Line], pattern: re.Pattern[str]) -> Iterator[Hit]:
    for line in lines:
        matches = tuple(match.span() for match in pattern.finditer(line.text))
        if matches:
            yield Hit(line, matches)

"""JSON as it is streamed: a value a line, behind keep-alive padding, an array by elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.chunking.sse import FIELD, event_sizes
from cassette_kit.chunking.units import CERTAIN_BREAK, find

if TYPE_CHECKING:
    from cassette_kit.chunking.units import Sizes

CONTENT = re.compile(rb"[^ \t\r\n]")
_NO_BLANK = re.compile(rb"[^ \t]")
_NO_BREAK = re.compile(rb"[^\r\n]")
_CERTAIN_BREAK = re.compile(CERTAIN_BREAK)
_LINE_FEED = re.compile(rb"\n")
_COMMA_LINE = re.compile(rb"\n(?=,)")
_LONGEST_FIELD = re.compile(rb".{6}", re.DOTALL)


def line_sizes(held: bytearray) -> Sizes:
    """Units that are lines of NDJSON; a blank line belongs to the line after it."""
    while True:
        value = yield from find(held, CONTENT)
        end = yield from find(held, _LINE_FEED, value.end())
        yield end.end()


def json_sizes(held: bytearray) -> Sizes:
    """Units of what is declared as JSON: padding first, then what the first byte announces.

    `{` may begin NDJSON, `[` an array sent by elements; the name of a field is an event stream
    with a wrong type. All else is one unit.
    """
    yield from _padding_sizes(held)
    first = yield from find(held, CONTENT)
    if first.group() == b"{":
        yield from _object_sizes(held, first.start())
    elif first.group() == b"[":
        yield from _element_sizes(held)
    else:
        yield from find(held, _LONGEST_FIELD, first.start(), overlap=5)
        if FIELD.match(held, first.start()):
            yield from event_sizes(held)


def json_value(text: bytes | str) -> Any:
    """The value of a JSON text, None if it is not JSON or too deep to read."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _padding_sizes(held: bytearray) -> Sizes:
    """Units that end with a break, blanks, a break; stops at the first byte of content.

    A proxy sends them to keep a connection open until the answer is there.
    """
    while True:
        opening = yield from find(held, _NO_BLANK)
        if CONTENT.match(held, opening.start()):
            return
        line = yield from find(held, _NO_BREAK, opening.end())
        closing = yield from find(held, _NO_BLANK, line.start())
        if CONTENT.match(held, closing.start()):
            return
        end = yield from find(held, _CERTAIN_BREAK, closing.start(), overlap=1)
        yield end.end()


def _object_sizes(held: bytearray, start: int) -> Sizes:
    """Lines, if the first is an object by itself and another follows; else one unit.

    The first line of a longer JSON document is never complete, so it alone settles the matter;
    it is looked at when the second begins, and only then.
    """
    line = yield from find(held, _LINE_FEED, start)
    yield from find(held, CONTENT, line.end())
    if isinstance(json_value(bytes(held[: line.end()])), dict):
        yield from line_sizes(held)


def _element_sizes(held: bytearray) -> Sizes:
    """Elements of an array, each but the first from its line that begins with a comma.

    The closing bracket stays with the last one: a unit is an element.
    """
    while True:
        comma = yield from find(held, _COMMA_LINE, overlap=1)
        yield comma.end()

"""Which line of its file a part of an interaction stands in, and what stands in a line.

Strategy: keys stand in known columns, bodies are deeper. A file without that shape (flow style)
gives the line in which the interaction begins, or its first line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.formats.document import Document

if TYPE_CHECKING:
    from cassette_kit.formats.document import Span
    from cassette_kit.formats.layout import Layout
    from cassette_kit.model import Cassette

_BLOCK = re.compile(rb" *\|[-+0-9]*\r?\Z")


class Place(NamedTuple):
    """A part of an interaction: `side` is "request" or "response", `key` one of its keys.

    `offset` counts the lines below the key's; without side and key it is the interaction itself.
    """

    number: int
    side: str = ""
    key: str = ""
    offset: int = 0


class _Key(NamedTuple):
    line: int
    is_block: bool


class LineNumbers:
    """The lines of a cassette that was read from a file, counted from 1."""

    def __init__(self, cassette: Cassette) -> None:
        source = cassette.source
        self._document = source if isinstance(source, Document) else None
        self._known: dict[int, dict[tuple[str, str], _Key]] = {}

    def line(self, place: Place) -> int:
        """The line of a part, or the closest that can be told.

        Within a value written in a block, that of the text `offset` lines below its first one.
        """
        if place.number >= len(self._starts):
            return 1
        start = self._starts[place.number]
        key = self._keys(place.number).get((place.side, place.key))
        if key is None:
            return start
        is_inside = key.is_block or place.key in ("headers", "trailer", "form")
        return start + key.line + (key.is_block + place.offset if is_inside else 0)

    def place(self, line: int) -> Place | None:
        """The part that stands in a line; None for a line of no interaction."""
        number = bisect_right(self._starts, line) - 1
        if number < 0:
            return None
        within = line - self._starts[number]
        keys = self._keys(number).items()
        above = [(key.line, name, key) for name, key in keys if key.line <= within]
        if not above:
            return Place(number)
        _, (side, name), key = max(above)
        return Place(number, side, name, max(0, within - key.line - key.is_block))

    @property
    def _spans(self) -> tuple[Span, ...]:
        return self._document.cut.spans if self._document and self._document.cut else ()

    @cached_property
    def _starts(self) -> list[int]:
        """The line of each interaction's dash or of the comments above it."""
        data = self._document.data if self._document else b""
        edges = [0, *(span.start for span in self._spans)]
        counts = (data.count(b"\n", start, end) for start, end in pairwise(edges))
        return [1 + count for count in accumulate(counts)]

    def _keys(self, number: int) -> dict[tuple[str, str], _Key]:
        if number not in self._known and self._document is not None:
            span = self._spans[number]
            text = self._document.data[span.start : span.end]
            self._known[number] = _keys(text, self._document.layout)
        return self._known[number]


def _keys(text: bytes, layout: Layout) -> dict[tuple[str, str], _Key]:
    """The keys of one interaction by side, with their lines counted from 0."""
    found: dict[tuple[str, str], _Key] = {}
    side, line, at = "", 0, 0
    for key in _pattern(layout).finditer(text):
        line, at = line + text.count(b"\n", at, key.start()), key.start()
        if key["side"]:
            side = key["side"].decode()
        else:
            name = key["key"].decode()
            found.setdefault((side, name), _Key(line, _BLOCK.match(key["rest"]) is not None))
    return found


@lru_cache(maxsize=8)
def _pattern(layout: Layout) -> re.Pattern[bytes]:
    dash = layout.sequence_indent
    sides = rf"(?:[ ]{{{dash}}}-[ ]|[ ]{{{dash + 2}}})(?P<side>request|response):"
    keys = rf"[ ]{{{layout.inside(dash + 2)}}}(?P<key>[a-z_-]+):(?P<rest>.*)"
    return re.compile(rf"^(?:{sides}|{keys})".encode(), re.MULTILINE)

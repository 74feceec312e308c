"""Which line of its file a part of an interaction stands in, and what stands in a line.

Strategy: the file is read as a tree whose nodes know their places, when a line is asked for the
first time. What a merge key brings in, or lies in a file that is no YAML, has no line of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.errors import CassetteFormatError
from cassette_kit.formats.document import Document
from cassette_kit.formats.yaml_nodes import Mapping, Scalar, Sequence, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.formats.yaml_nodes import Node
    from cassette_kit.model import Cassette

_BLOCK = re.compile(r"(?:[!&]\S* +)*[|>]")


class Place(NamedTuple):
    """A part of an interaction: `side` is "request" or "response", `key` one of its keys.

    `offset` counts the lines below the key's; without side and key it is the interaction itself.
    """

    number: int
    side: str = ""
    key: str = ""
    offset: int = 0


class LineNumbers:
    """The lines of a file, counted from 1."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @classmethod
    def of(cls, cassette: Cassette) -> LineNumbers:
        """Those of the file that a cassette was read from."""
        source = cassette.source
        return cls(source.data if isinstance(source, Document) else b"")

    def key_line(self, number: int, *keys: str) -> int | None:
        """The line of an interaction, or of the key there that `keys` lead to as far as they do."""
        found = self._found(number, keys)
        return None if found is None else self._line_at(found[0])

    def line(self, place: Place) -> int:
        """The line of a part, or the closest that can be told; 1 where none can.

        Within a value written in a block, that of the text `offset` lines below its first one.
        """
        found = self._found(place.number, tuple(filter(None, (place.side, place.key))))
        if found is None:
            return 1
        start, node = found
        is_block = self._is_block(node)
        is_below = is_block or (bool(place.key) and not isinstance(node, Scalar) and not node.flow)
        return self._line_at(start) + (is_block + place.offset if is_below else 0)

    def place(self, line: int) -> Place | None:
        """The part that stands in a line; None for a line of no interaction."""
        number = self.interaction(line)
        if number is None:
            return None
        parts = [part for part in self._parts(number) if part[0] <= line]
        if not parts:
            return Place(number)
        start, side, key, node = max(parts, key=lambda part: part[0])
        return Place(number, side, key, max(0, line - start - self._is_block(node)))

    def interaction(self, line: int) -> int | None:
        """Which interaction a line belongs to, by its rank; None where that is above the first."""
        number = bisect_right(self._items, line, key=lambda item: self._line_at(item.start)) - 1
        return None if number < 0 else number

    def _found(self, number: int, keys: tuple[str, ...]) -> tuple[int, Node] | None:
        """Where the last of the keys that are there stands, and its value."""
        if number >= len(self._items):
            return None
        node = self._items[number]
        start = node.start
        for name in keys:
            pair = next((pair for pair in _pairs(node) if pair[0].text == name), None)
            if pair is None:
                break
            start, node = pair[0].start, pair[1]
        return start, node

    def _parts(self, number: int) -> Iterator[tuple[int, str, str, Node]]:
        for side, message in _pairs(self._items[number]):
            for key, value in _pairs(message):
                yield self._line_at(key.start), side.text, key.text, value

    def _is_block(self, node: Node) -> bool:
        return isinstance(node, Scalar) and _BLOCK.match(self._text, node.start) is not None

    def _line_at(self, position: int) -> int:
        return bisect_left(self._breaks, position) + 1

    @cached_property
    def _breaks(self) -> list[int]:
        """Where lines end."""
        return [found.start() for found in re.finditer("\n", self._text)]

    @cached_property
    def _text(self) -> str:
        return self._data.decode("utf-8", "replace").removeprefix("\ufeff")

    @cached_property
    def _items(self) -> list[Node]:
        """The nodes of the interactions."""
        from cassette_kit.formats.yaml_tree import parse

        try:
            root = parse(Source(self._text, "")).root
        except CassetteFormatError:
            return []
        named = (value for key, value in _pairs(root) if key.text == "interactions")
        interactions = next(named, None)
        return interactions.items if isinstance(interactions, Sequence) else []


def _pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The keys of a map with their values."""
    for key, value in node.pairs if isinstance(node, Mapping) else ():
        if isinstance(key, Scalar):
            yield key, value

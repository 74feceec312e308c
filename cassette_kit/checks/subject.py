"""The file that is checked, and where in it things stand."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cassette_kit import formats
from cassette_kit.checks.finding import Flaw
from cassette_kit.errors import CassetteError, CassetteFormatError
from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence, Source
from cassette_kit.model import Cassette

if TYPE_CHECKING:
    from datetime import datetime

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Subject:
    """A file as its bytes and as what they say; `cassette` is empty where that cannot be told.

    `committed_at` is when version control last saw it change, `has_journal` whether a recording
    that was not accepted lies beside it. Recordings made before `not_before` are stale.
    """

    name: str
    data: bytes = b""
    cassette: Cassette = field(default_factory=Cassette)
    error: CassetteError | None = None
    committed_at: datetime | None = None
    has_journal: bool = False
    not_before: datetime | None = None

    def flaw(self, message: str, number: int, *keys: str) -> Flaw:
        """A flaw of an interaction, at the line of the innermost of these keys."""
        return Flaw(message, self.line(number, *keys), number)

    def line(self, number: int, *keys: str) -> int | None:
        """The line of an interaction, or of the key there that `keys` lead to as far as they do.

        None where an odd file (merge keys, say) leaves no place for it.
        """
        if number >= len(self._items):
            return None
        node = self._items[number]
        start = node.start
        for name in keys:
            pair = _pair(node, name)
            if pair is None:
                break
            start, node = pair[0].start, pair[1]
        return self._line_at(start)

    def interaction_at(self, line: int) -> int | None:
        """Which interaction a line belongs to."""
        number = bisect_right(self._items, line, key=lambda item: self._line_at(item.start)) - 1
        return None if number < 0 else number

    def _line_at(self, position: int) -> int:
        return bisect_left(self._breaks, position) + 1

    @cached_property
    def _breaks(self) -> list[int]:
        """Where lines end."""
        return [found.start() for found in re.finditer("\n", self._text)]

    @cached_property
    def _text(self) -> str:
        return self.data.removeprefix(_BOM).decode("utf-8", "replace")

    @cached_property
    def _items(self) -> list[Node]:
        """The nodes of the interactions; parsed when a flaw was found, which is seldom."""
        from cassette_kit.formats.yaml_tree import parse

        try:
            root = parse(Source(self._text, self.name)).root
        except CassetteFormatError:
            return []
        pair = None if root is None else _pair(root, "interactions")
        return pair[1].items if pair and isinstance(pair[1], Sequence) else []


def read(name: str, data: bytes, **known: Any) -> Subject:
    """A file's bytes as the subject of checks; `known` are further fields of it."""
    try:
        cassette = formats.loads(data, origin=name)
    except CassetteFormatError as error:
        return Subject(name, data, error=error, **known)
    return Subject(name, data, cassette, **known)


def _pair(node: Node, name: str) -> tuple[Node, Node] | None:
    """A key of a map with its value; keys that a merge brings in are not found."""
    pairs = node.pairs if isinstance(node, Mapping) else []
    named = (pair for pair in pairs if isinstance(pair[0], Scalar) and pair[0].text == name)
    return next(named, None)

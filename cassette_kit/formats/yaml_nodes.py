"""A document as a small tree; its nodes know their place in the text, for messages and slices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_NODES = 3_000_000
"""A file of 33 MB with 1,000 interactions of 100 recorded chunks has 400,000."""


@dataclass(slots=True)
class Scalar:
    """`text` without quotes and escapes; `resolves` where it stands unquoted and would be null, a
    number, a boolean… to YAML; `start` and `end` take in tag and anchor."""

    text: str
    tag: str | None = None
    resolves: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def __hash__(self) -> int:
        return hash((self.text, self.tag))


@dataclass(slots=True)
class Sequence:
    """`end` is where the last thing in it ends, comments and line breaks not included."""

    items: list[Node] = field(default_factory=list)
    tag: str | None = None
    flow: bool = field(default=False, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def __hash__(self) -> int:
        return hash((len(self.items), self.tag))


@dataclass(slots=True)
class Mapping:
    """Pairs in file order; merge keys stand in it as they were written."""

    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    tag: str | None = None
    flow: bool = field(default=False, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def __hash__(self) -> int:
        return hash((len(self.pairs), self.tag))

    def names(self) -> Iterator[str]:
        """The texts of the keys that are scalars."""
        return (key.text for key, _ in self.pairs if isinstance(key, Scalar))

    def get(self, name: str) -> Node | None:
        """The value under a literal key, merges left aside."""
        for key, value in self.pairs:
            if isinstance(key, Scalar) and key.text == name:
                return value
        return None


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file and its name, to say where something is."""

    text: str
    origin: str

    def error(self, reason: str, *, at: int, key: str = "") -> CassetteFormatError:
        line = self.text.count("\n", 0, at) + 1
        return CassetteFormatError(reason, origin=self.origin, line=line, key=key or None)

    def duplicate(self, name: str, *, at: int, key: str) -> CassetteFormatError:
        reason = f"the key {shortened(name)} stands here twice; remove one"
        return self.error(reason, at=at, key=key)


def shortened(text: str) -> str:
    """At most 40 characters of a text, quoted, for a message."""
    return repr(text if len(text) <= 40 else text[:39] + "…")

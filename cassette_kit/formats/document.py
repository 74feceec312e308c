"""What a cassette remembers of its file, so that what did not change goes back as it stood.

A file is a frame (what precedes the first interaction and what follows the last) and one span an
interaction. Places are counted in bytes, so that what goes back is never decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from cassette_kit.formats.layout import Layout
    from cassette_kit.model import Interaction, Request, Response


@dataclass(frozen=True, slots=True)
class Frame:
    """`stem` ends with `interactions:`, `rest` begins behind that; `tail` follows the last one."""

    stem: bytes
    rest: bytes
    tail: bytes

    def around(self, interactions: bytes) -> bytes:
        empty = b"" if interactions else b" []"
        return b"".join((self.stem, empty, self.rest, interactions, self.tail))


@dataclass(frozen=True, slots=True)
class Span:
    """Where an interaction's text stands; `digits` are those of its id, None if it cannot move."""

    start: int
    end: int
    digits: tuple[int, int] | None
    is_referring: bool  # has anchors or aliases, so that it depends on its neighbours


@dataclass(frozen=True, slots=True)
class Cut:
    """A frame, the column of the dashes and a span for every interaction."""

    frame: Frame
    sequence_indent: int
    spans: tuple[Span, ...]
    is_tail_referring: bool


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What a cassette remembers of the file that it was loaded from; `data` comes after the BOM."""

    format: ClassVar[str] = "govcr"

    layout: Layout
    data: bytes = b""
    bom: bytes = b""
    rest: bytes = b""  # further documents, for when the frame cannot be kept
    extra: tuple[tuple[str, object], ...] = ()
    cut: Cut | None = None
    count: int = 0

    def span(self, position: int) -> Span | None:
        return self.cut.spans[position] if self.cut else None

    def referring_positions(self) -> list[int]:
        """Which of its interactions have anchors or aliases."""
        spans = self.cut.spans if self.cut else ()
        return [position for position, span in enumerate(spans) if span.is_referring]


@dataclass(slots=True, eq=False)
class Slice:
    """What an interaction remembers: its place in a file, and what was read there."""

    document: Document
    position: int
    request: Request
    response: Response
    extra: tuple[tuple[str, object], ...]

    @property
    def is_referring(self) -> bool:
        span = self.document.span(self.position)
        return span is not None and span.is_referring

    def still_says(self, interaction: Interaction) -> bool:
        """Whether the text in the file is still this interaction, its number aside."""
        return (
            interaction.request == self.request
            and interaction.response == self.response
            and interaction.extra == self.extra
        )

    def written(self, number: int) -> bytes | None:
        """The bytes with that id, or None where the id cannot be changed in place."""
        span = self.document.span(self.position)
        if span is None or span.digits is None:
            return None
        data = self.document.data
        first, last = span.digits
        if data[first:last] == b"%d" % number:
            return data[span.start : span.end]
        if span.is_referring:
            return None
        return b"%b%d%b" % (data[span.start : first], number, data[last : span.end])

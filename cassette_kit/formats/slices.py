"""Which part of a file's text each interaction came from, so that it can go back unchanged.

Strategy: the text is cut into a frame (what precedes the first interaction and what follows the
last) and one slice an interaction, comments above it included. A slice ends with its own line, so
slices can be dropped, moved and joined. Whatever does not have that shape (lists in flow style,
odd indentation, tag directives) gets no slice and is written by the rules when something changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cassette_kit.formats.layout import NEW_FILE, Layout
from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from cassette_kit.formats.yaml_tree import Tree
    from cassette_kit.model import Interaction, Request, Response

_REST_OF_LINE = r"[ \t]*(?:#[^\n]*|\r)?\n"
_LINE_END = re.compile(_REST_OF_LINE)
_AFTER_KEY = re.compile(f"([ \\t]*:)((?:{_REST_OF_LINE})+)")
_EMPTY_LIST = re.compile(f"([ \\t]*:)[ \\t]*\\[[ \\t]*\\]({_REST_OF_LINE})")
_DASH = re.compile(f"(?:{_REST_OF_LINE})*( *)-(?=[ \\t\\r\\n])")
_BEFORE_FIRST_KEY = re.compile(f"[ \\t]*(?:{_REST_OF_LINE})*[ \\t]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_BREAKS = "\n\r\u2028\u2029\x85"


@dataclass(frozen=True, slots=True)
class Frame:
    """`stem` ends with `interactions:`, `rest` begins behind that; `tail` follows the last one."""

    stem: str
    rest: str
    tail: str

    def around(self, interactions: str) -> str:
        empty = "" if interactions else " []"
        return f"{self.stem}{empty}{self.rest}{interactions}{self.tail}"


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
    """What a cassette remembers of the file that it was loaded from."""

    format: ClassVar[str] = "govcr"

    layout: Layout
    text: str = ""
    bom: bytes = b""
    rest: str = ""  # further documents, for when the frame cannot be kept
    extra: tuple[tuple[str, object], ...] = ()
    cut: Cut | None = None
    count: int = 0

    def span(self, position: int) -> Span | None:
        return self.cut.spans[position] if self.cut else None

    def referring_positions(self) -> list[int]:
        """Which of its interactions have anchors or aliases."""
        spans = self.cut.spans if self.cut else ()
        return [position for position, span in enumerate(spans) if span.is_referring]


@dataclass(frozen=True, slots=True, eq=False)
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

    def text(self, number: int) -> str | None:
        """The text with that id, or None where the id cannot be changed in place."""
        span = self.document.span(self.position)
        if span is None or span.digits is None:
            return None
        text = self.document.text
        first, last = span.digits
        if text[first:last] == str(number):
            return text[span.start : span.end]
        if span.is_referring:
            return None
        return f"{text[span.start : first]}{number}{text[last : span.end]}"


def cut(tree: Tree) -> Cut | None:
    """The parts of a file, or None where its text does not fall into them."""
    root = tree.root
    if not isinstance(root, Mapping) or root.flow or tree.has_directives:
        return None
    for key, value in root.pairs:
        if isinstance(key, Scalar) and key.text == "interactions":
            return _cut_list(tree, key, value) if _column(tree.source.text, key) == 0 else None
    return None


def _cut_list(tree: Tree, key: Scalar, value: Node) -> Cut | None:
    if isinstance(value, Sequence) and not value.items:
        return _cut_empty(tree, key)
    head = _AFTER_KEY.match(tree.source.text, key.end)
    if not isinstance(value, Sequence) or value.flow or head is None:
        return None
    return _cut_items(tree, value, head)


def _cut_empty(tree: Tree, key: Scalar) -> Cut | None:
    text = tree.source.text
    match = _EMPTY_LIST.match(text, key.end)
    if match is None:
        return None
    frame = Frame(text[: match.end(1)], match[2], text[match.end() :])
    return Cut(frame, NEW_FILE.sequence_indent, (), bool(tree.references))


def _cut_items(tree: Tree, value: Sequence, head: re.Match[str]) -> Cut | None:
    text = tree.source.text
    spans: list[Span] = []
    column, start = 0, head.end()
    for item in value.items:
        dash = _DASH.match(text, start)
        end = _line_end(text, item.end)
        if dash is None or end is None or not _begins(text, dash.end(), item):
            return None
        column = len(dash[1])
        spans.append(_span(tree, item, start, end))
        start = end
    frame = Frame(text[: head.end(1)], head[2], text[start:])
    is_tail_referring = bool(tree.references) and tree.references[-1] >= start
    return Cut(frame, column, tuple(spans), is_tail_referring)


def _begins(text: str, after_dash: int, item: Node) -> bool:
    """Whether the item begins behind this dash, comments aside, and not somewhere else."""
    blank = _BEFORE_FIRST_KEY.match(text, after_dash)
    return isinstance(item, Mapping) and blank is not None and blank.end() == item.start


def _line_end(text: str, position: int) -> int | None:
    """The start of the next line if nothing but a comment follows."""
    if text[position - 1] in _BREAKS:
        return position
    match = _LINE_END.match(text, position)
    return match.end() if match else None


def _span(tree: Tree, item: Node, start: int, end: int) -> Span:
    first = bisect_left(tree.references, start)
    is_referring = first < len(tree.references) and tree.references[first] < end
    number = item.get("id") if isinstance(item, Mapping) else None
    # A block scalar at the end would take in blank lines of whatever came to stand behind it.
    is_closed = tree.source.text[item.end - 1] not in _BREAKS
    digits = _digits(tree.source.text, number, start, end) if is_closed else None
    return Span(start, end, digits, is_referring)


def _digits(text: str, node: Node | None, start: int, end: int) -> tuple[int, int] | None:
    """Where a number's digits stand, unless it has a tag or came in by a merge key."""
    if not isinstance(node, Scalar) or not start <= node.start < end:
        return None
    digits = text[node.start : node.end]
    return (node.start, node.end) if digits == node.text and _NUMBER.fullmatch(digits) else None


def _column(text: str, node: Node) -> int:
    return node.start - (text.rfind("\n", 0, node.start) + 1)

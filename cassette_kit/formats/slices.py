"""Which part of a tree's text each interaction came from.

Strategy: the text is cut into a frame and one slice an interaction, comments above it included. A
slice ends with its own line, so slices can be dropped, moved and joined. Whatever does not have
that shape (lists in flow style, odd indentation, tag directives) gets no slice and is written by
the rules when something changed. Nodes count characters; what comes out counts bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from cassette_kit.formats.document import Cut, Frame, Span
from cassette_kit.formats.layout import NEW_FILE
from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from cassette_kit.formats.yaml_tree import Tree

_REST_OF_LINE = r"[ \t]*(?:#[^\n]*|\r)?\n"
_LINE_END = re.compile(_REST_OF_LINE)
_AFTER_KEY = re.compile(f"([ \\t]*:)((?:{_REST_OF_LINE})+)")
_EMPTY_LIST = re.compile(f"([ \\t]*:)[ \\t]*\\[[ \\t]*\\]({_REST_OF_LINE})")
_DASH = re.compile(f"(?:{_REST_OF_LINE})*( *)-(?=[ \\t\\r\\n])")
_BEFORE_FIRST_KEY = re.compile(f"[ \\t]*(?:{_REST_OF_LINE})*[ \\t]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_BREAKS = "\n\r\u2028\u2029\x85"


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
    frame = _frame(text[: match.end(1)], match[2], text[match.end() :])
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
    frame = _frame(text[: head.end(1)], head[2], text[start:])
    is_tail_referring = bool(tree.references) and tree.references[-1] >= start
    return Cut(frame, column, _in_bytes(spans, text), is_tail_referring)


def _frame(*parts: str) -> Frame:
    return Frame(*(part.encode() for part in parts))


def _in_bytes(spans: list[Span], text: str) -> tuple[Span, ...]:
    """Spans that count characters as spans that count the bytes of UTF-8."""
    places = sorted({n for span in spans for n in (span.start, *(span.digits or ()), span.end)})
    sizes = (len(text[start:end].encode()) for start, end in pairwise([0, *places]))
    at = dict(zip(places, accumulate(sizes), strict=True))
    return tuple(
        Span(
            at[span.start],
            at[span.end],
            span.digits and (at[span.digits[0]], at[span.digits[1]]),
            span.is_referring,
        )
        for span in spans
    )


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

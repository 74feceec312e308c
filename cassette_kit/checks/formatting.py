"""Whether a file stands as its writers write it, and the same content written so.

Canonical is what a version-2 writer makes of the content in the layout of the file: its indent,
its line ends, whether it keeps empty keys. Lines of comment may stand anywhere. Where a formatter
such as Prettier has set the indent, it has set the quotes, too.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from operator import eq
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.checks.finding import Flaw
from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import raw_scalars
from cassette_kit.formats.document import Document
from cassette_kit.formats.yaml_nodes import Mapping, Scalar, Sequence, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.checks.subject import Subject
    from cassette_kit.formats.yaml_nodes import Node
    from cassette_kit.model import Cassette, Interaction

_COMMENT_LINE = re.compile(rb"[ \t]*#")
_COMMENT = re.compile(r"(?<!\S)#")
_FORMATTERS_INDENT = (2, 2)  # of maps and of lists; version-2 writers make others
_KEY = re.compile(rb"[ \t]*(?:- +)?([a-z_-]{1,40}):")


def not_canonical(subject: Subject) -> Iterator[Flaw]:
    """The first line that no writer would have written."""
    line = _first_difference(subject.data, subject.cassette)
    if line is not None:
        first = "take its comments out, then " if _has_comments(subject.data, subject.name) else ""
        message = (
            f"{_what_stands(subject.data, line)}: edited by hand or by a formatter; {first}"
            f"`{shlex.join(['cassette-kit', 'check', '--fix', subject.name])}` rewrites it"
        )
        yield Flaw(message, line, subject.lines.interaction(line))


def rewritten(data: bytes, *, origin: str) -> bytes:
    """A file in canonical form, which says the same; ids are counted anew.

    Raises:
        CassetteFormatError: the file cannot be read.
        CassetteSaveError: it cannot be rewritten without a loss, of comments for example.
    """
    cassette = formats.loads(data, origin=origin)
    if _first_difference(data, cassette) is None:
        return data
    if _has_comments(data, origin):
        raise CassetteSaveError(
            f"{origin}: not rewritten, its comments would be lost; remove or move them first"
        )
    written, *_ = _as_written(cassette)
    if _content(formats.loads(written, origin=origin)) != _content(cassette):
        raise CassetteSaveError(f"{origin}: not rewritten, it would not say the same")
    return written


def _first_difference(data: bytes, cassette: Cassette) -> int | None:
    """The first line of a file that no writer would have written, 1-based; None if all were."""
    document = cassette.source
    is_formatted = isinstance(document, Document) and _indent(document) == _FORMATTERS_INDENT
    is_as = _says_the_same if is_formatted else eq
    found = [_first_other_line(data, written, is_as) for written in _as_written(cassette)]
    return None if None in found or not found else found[0]


def _as_written(cassette: Cassette) -> Iterator[bytes]:
    """All of a cassette as a writer would have it; nothing if there is nothing to lay out.

    A file whose first request happens to have all keys may leave empty ones out all the same.
    """
    document = cassette.source
    if not isinstance(document, Document) or not cassette.interactions:
        return
    interactions = tuple(replace(one, source=None) for one in cassette.interactions)
    layout = document.layout
    for one in [layout, replace(layout, keeps_empty=False)] if layout.keeps_empty else [layout]:
        source = replace(document, layout=one, cut=None)
        yield formats.dumps(replace(cassette, interactions=interactions, source=source))


def _indent(document: Document) -> tuple[int, int]:
    return document.layout.step, document.layout.sequence_indent


def _first_other_line(
    data: bytes, written: bytes, is_as: Callable[[bytes, bytes], bool]
) -> int | None:
    """The first line that differs, 1-based, lines of comment aside; None if there is none."""
    if data == written:
        return None
    expected = written.splitlines(keepends=True)
    at = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if at < len(expected) and is_as(line, expected[at]):
            at += 1
        elif not _COMMENT_LINE.match(line):
            return number
    return None if at == len(expected) else data.count(b"\n")


def _says_the_same(line: bytes, expected: bytes) -> bool:
    """Whether two lines have the same key and, in whatever quotes, the same text."""
    return line == expected or _unquoted(line) == _unquoted(expected)


def _unquoted(line: bytes) -> tuple[bytes, bytes]:
    key, colon, value = line.partition(b": ")
    try:
        return key + colon, raw_scalars.unquoted(value.rstrip())
    except raw_scalars.IrregularError:
        return key + colon, value


def _what_stands(data: bytes, line: int) -> str:
    """The key of a line. Values are not shown: there may be secrets in them."""
    key = _KEY.match(data.splitlines()[line - 1])
    return key[1].decode() if key else "this line"


def _has_comments(data: bytes, origin: str) -> bool:
    """Whether there is a comment between the values of a file."""
    from cassette_kit.formats.yaml_tree import parse

    text = data.decode("utf-8-sig")
    root = parse(Source(text, origin)).root
    at = 0
    for scalar in sorted(_scalars(root), key=lambda scalar: scalar.start):
        if _COMMENT.search(text, at, scalar.start) or _has_comment_in_header(text, scalar):
            return True
        at = max(at, scalar.end)
    return _COMMENT.search(text, at) is not None


def _has_comment_in_header(text: str, scalar: Scalar) -> bool:
    """Whether a block has one behind its `|`; a plain or quoted text begins otherwise."""
    header = text[scalar.start : scalar.end].partition("\n")[0]
    return bool(re.match(r"(?:[!&]\S* +)*[|>][^\n]*\s#", header))


def _scalars(root: Node | None) -> Iterator[Scalar]:
    """Every text of a tree, each once: an alias leads to the node of its anchor."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [part for pair in node.pairs for part in pair]


def _content(cassette: Cassette) -> tuple[list[Interaction], object]:
    """What a file says, without the numbers of its interactions."""
    return [replace(one, id=0) for one in cassette.interactions], cassette.extra

"""The lines of a request or response of the regular shape, as patterns for one layout.

Regular is what version-2 writers give: known keys, in their order and each at most once, one space
behind the colon, lists and maps in lines of their own. A body stands between two patterns: since it
can be long, its end is searched for.

Cassettes repeat themselves: many requests have the headers of the one before. So what was read from
some lines is remembered by what they say.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_kit.formats import raw_scalars
from cassette_kit.formats.durations import parse_duration
from cassette_kit.formats.govcr_fields import REQUEST, RESPONSE, Field, Kind
from cassette_kit.formats.layout import Layout
from cassette_kit.formats.raw_scalars import IrregularError
from cassette_kit.formats.stream_key import STREAM_KEY, STREAM_PATTERN
from cassette_kit.model import NO_HEADERS, Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Form(NamedTuple):
    """How a kind of value is written: what follows `key:`, with one group, and how that is read.

    `empty` is what a missing key stands for.
    """

    pattern: bytes
    read: Callable[[bytes], Any]
    empty: object


class Line(NamedTuple):
    """A key with its value; only those of a map or list take up more than one line."""

    key: str
    attribute: str
    form: Form
    required: bool

    def pattern(self, column: int) -> bytes:
        line = rb"%b%b:%b\n" % (b" " * column, self.key.encode(), self.form.pattern)
        return line if self.required else b"(?:%b)?" % line


class Body(NamedTuple):
    """Where a body stands. What a block says is sound without a look at it."""

    start: int
    end: int
    decode: Callable[[bytes], bytes]
    is_block: bool = False

    def of(self, data: bytes) -> bytes:
        """The body itself. Raises IrregularError."""
        return self.decode(data[self.start : self.end])


_REMEMBERED_BYTES = 4096
_NO_BODY = Body(0, 0, bytes, is_block=True)


class Bodies:
    """The body's key with its scalar: a block, or whatever fits on a line."""

    def __init__(self, layout: Layout, column: int) -> None:
        step = layout.inside(column) - column
        margin = b" " * (column + step)
        self._margin = margin
        self._key = b" " * column + b"body: "
        self._header = re.compile(
            rb"(!!binary )?\|(%d)?([-+]?)\n(?(2)(?:%b|(?=\n))|%b(?=[^ \t\n]))"
            % (step, margin, margin)
        )
        self._last_break = re.compile(rb"\n(?!%b|\n)" % margin)

    def find(self, data: bytes, start: int) -> tuple[Body, int]:
        """The body, and where the next line begins."""
        if not data.startswith(self._key, start):
            return _NO_BODY, start
        start += len(self._key)
        header = self._header.match(data, start)
        if header is None:
            end = data.index(b"\n", start)
            return Body(start, end, raw_scalars.data), end + 1
        last_break = self._last_break.search(data, header.end())
        assert last_break is not None  # a file ends with one
        return self._block(header, last_break.end()), last_break.end()

    def _block(self, header: re.Match[bytes], end: int) -> Body:
        if header[1]:
            return Body(header.end(), end, partial(raw_scalars.binary_lines, self._margin))
        decode = partial(raw_scalars.literal, self._margin, header[3])
        return Body(header.end(), end, decode, is_block=True)


class Lines:
    """Keys that follow each other."""

    def __init__(self, lines: Sequence[Line], column: int) -> None:
        self._pattern = re.compile(b"".join(line.pattern(column) for line in lines))
        self._readers = [(line.attribute, line.form.read, line.form.empty) for line in lines]
        self._known_values = lru_cache(maxsize=128)(self._values)

    def read(self, data: bytes, start: int) -> tuple[dict[str, Any], int]:
        """The values by attribute, which are not to be changed, and where the next line begins.

        Raises:
            IrregularError: something else stands here.
        """
        found = self._pattern.match(data, start)
        if found is None:
            raise IrregularError
        end = found.end()
        values = self._known_values if end - start < _REMEMBERED_BYTES else self._values
        return values(found.groups()), end

    def _values(self, groups: tuple[bytes | None, ...]) -> dict[str, Any]:
        found = zip(self._readers, groups, strict=True)
        return {name: empty if raw is None else read(raw) for (name, read, empty), raw in found}


class Section:
    """A request or a response."""

    def __init__(self, lines: Sequence[Line], layout: Layout, column: int) -> None:
        at = next(index for index, line in enumerate(lines) if line.key == "body")
        self._before = Lines(lines[:at], column)
        self._bodies = Bodies(layout, column)
        self._after = Lines(lines[at + 1 :], column)

    def read(self, data: bytes, start: int) -> tuple[dict[str, Any], int]:
        """The values by attribute, body and stream not decoded, and where the next line begins.

        Raises:
            IrregularError: something else stands here.
        """
        before, start = self._before.read(data, start)
        body, start = self._bodies.find(data, start)
        after, end = self._after.read(data, start)
        return {**before, **after, "body": body}, end


class Sections(NamedTuple):
    """What an interaction consists of; the group of `opening` is the id."""

    opening: re.Pattern[bytes]
    request: Section
    between: bytes
    response: Section


@lru_cache(maxsize=16)
def sections(step: int, sequence_indent: int) -> Sections:
    """The patterns of a layout."""
    layout = Layout(step, sequence_indent)
    margin = b" " * (sequence_indent + 2)
    column = layout.inside(len(margin))
    forms = _forms(layout, column)
    stream = Line(STREAM_KEY, "stream", _STREAM, required=False)
    *first_ones, last = _lines(RESPONSE, forms)
    return Sections(
        re.compile(
            rb"%b- id: (0|[1-9][0-9]{0,17})\n%brequest:\n" % (b" " * sequence_indent, margin)
        ),
        Section(_lines(REQUEST, forms), layout, column),
        margin + b"response:\n",
        Section([*first_ones, stream, last], layout, column),
    )


def _lines(table: Sequence[Field], forms: dict[Kind, Form]) -> list[Line]:
    return [Line(field.key, field.attribute, forms[field.kind], field.required) for field in table]


def _forms(layout: Layout, column: int) -> dict[Kind, Form]:
    return {
        Kind.TEXT: Form(rb" ([^\n]*+)", raw_scalars.text, ""),
        Kind.DATA: Form(b"", bytes, b""),
        Kind.INTEGER: Form(rb" (-?(?:0|[1-9][0-9]{0,17}))", int, 0),
        Kind.BOOLEAN: Form(rb" (true|false)", b"true".__eq__, False),
        Kind.DURATION: Form(rb" (-?[0-9]\S*s)", _duration_ns, 0),
        Kind.TEXTS: _texts(column + layout.sequence_indent),
        Kind.MULTIMAP: _multimap(layout, layout.inside(column)),
    }


def _texts(column: int) -> Form:
    dash = b" " * column + b"-"
    item = re.compile(rb"\n%b ([^\n]*+)" % dash)
    pattern = rb"( \[\]|(?:\n%b [^\n]*+)++)" % dash
    return Form(pattern, partial(_read_texts, item), ())


def _read_texts(item: re.Pattern[bytes], raw: bytes) -> tuple[str, ...]:
    return tuple(raw_scalars.text(value) for value in item.findall(raw))


def _multimap(layout: Layout, column: int) -> Form:
    margin = b" " * column
    dash = b" " * (column + layout.sequence_indent) + b"-"
    name, items = rb"[^\n:]{1,128}+", rb"(?:\n%b [^\n]*+)++" % dash
    entry = re.compile(rb"\n%b(%b):(%b)" % (margin, name, items))
    item = re.compile(rb"\n%b ([^\n]*+)" % dash)
    pattern = rb"( \{\}|(?:\n%b%b:%b)++)" % (margin, name, items)
    read = lru_cache(maxsize=128)(partial(_read_multimap, entry, item))
    return Form(pattern, read, NO_HEADERS)


def _read_multimap(entry: re.Pattern[bytes], item: re.Pattern[bytes], raw: bytes) -> Headers:
    lists = [(_word(name), items) for name, items in entry.findall(raw)]
    if len(dict(lists)) != len(lists):
        raise IrregularError
    return Headers.from_wire(
        [(name, _word(value)) for name, items in lists for value in item.findall(items)]
    )


_word = lru_cache(maxsize=1024)(raw_scalars.unquoted)


def _duration_ns(raw: bytes) -> int:
    try:
        return parse_duration(raw.decode())
    except ValueError as error:
        raise IrregularError from error


_STREAM = Form(rb" (%b)" % STREAM_PATTERN, bytes, None)

"""A version-2 file of the regular shape to its parts, without a look into every line of a body.

Strategy: what version-2 writers give is so regular that a few patterns find everything in it. They
are strict: a file that differs anywhere is left to the event reader, and one that does not means
the same to both. All of a file is checked at once; responses are built when somebody asks.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_kit.formats import layout
from cassette_kit.formats.document import Cut, Document, Frame, Slice, Span
from cassette_kit.formats.govcr_fields import OMITTABLE_REQUEST_KEYS
from cassette_kit.formats.govcr_sections import Sections, sections
from cassette_kit.formats.opening import OnDemand, Opened
from cassette_kit.formats.raw_scalars import IrregularError
from cassette_kit.formats.stream_key import written_stream
from cassette_kit.formats.yaml_nodes import MAX_NODES
from cassette_kit.model import Cassette, Interaction, Request, Response, made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.formats.layout import Layout

_USUAL = b"\t\n" + bytes(range(0x20, 0x7F))
# Control characters, breaks other than LF, byte order marks, and what is no character.
_UNUSUAL = re.compile(
    rb"[\x00-\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef(?:\xbb\xbf|\xbf[\xbe\xbf])"
)
_PIECE = 1 << 16  # bytes
_HEAD = re.compile(rb"(?:---\n)?version: 2\ninteractions:\n(?=( {0,8})- id:)")
_FIRST_REQUEST = re.compile(rb" *- id: [0-9]+\n( {0,32})request:(?=\n( {0,32}))")


def loaded(data: bytes) -> Cassette | None:
    """The cassette in the bytes of a file; None if the file is not of the regular shape."""
    try:
        return _scan(data).cassette()
    except IrregularError:
        return None


def opened(data: bytes) -> Opened | None:
    """The same for replay. All of the file has been checked, whatever of it is built later."""
    try:
        scan = _scan(data)
        scan.check()
    except IrregularError:
        return None
    return Opened(scan.requests, OnDemand(scan.interaction, len(scan.requests)))


class _Part(NamedTuple):
    """An interaction: its id, where it stands, the values that its request and response have."""

    id: int
    span: Span
    sent: dict[str, Any]
    received: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Scan:
    document: Document
    ids: list[int]
    requests: list[Request]
    received: list[dict[str, Any]]

    def cassette(self) -> Cassette:
        interactions = map(self.interaction, range(len(self.requests)))
        return Cassette(tuple(interactions), source=self.document)

    def interaction(self, position: int) -> Interaction:
        request = self.requests[position]
        response = _response(self.document.data, self.received[position])
        source = Slice(self.document, position, request, response, ())
        values = {"request": request, "response": response, "id": self.ids[position]}
        return made(Interaction, values | {"source": source})

    def check(self) -> None:
        """Decode the bodies whose form alone does not say that they can be decoded."""
        for values in self.received:
            if not values["body"].is_block:
                values["body"].of(self.document.data)


def _scan(data: bytes) -> _Scan:
    _refuse_unusual(data)
    head = _HEAD.match(data)
    if head is None:
        raise IrregularError
    found = _layout(data, head)
    patterns = sections(found.step, found.sequence_indent)
    parts = list(_parts(data, head.end(), patterns))
    _refuse_many_values(data, parts)
    return _Scan(
        _document(data, found, parts),
        [part.id for part in parts],
        [_request(data, part.sent) for part in parts],
        [part.received for part in parts],
    )


def _refuse_unusual(data: bytes) -> None:
    """Refuse what is not UTF-8, and characters that need the event reader's attention."""
    rest = data.translate(None, _USUAL)
    if not data.endswith(b"\n") or _UNUSUAL.search(rest):
        raise IrregularError
    if rest:
        _refuse_other_than_utf8(data)


def _refuse_other_than_utf8(data: bytes) -> None:
    """Piece by piece, as the text would take up to four times the memory of its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
    except UnicodeDecodeError as error:
        raise IrregularError from error


def _layout(data: bytes, head: re.Match[bytes]) -> Layout:
    first = _FIRST_REQUEST.match(data, head.end())
    if first is None:
        raise IrregularError
    end = data.find(b"\n%bresponse:\n" % first[1], first.end())
    keys = re.compile(rb"\n%b([a-z_]+):(?:\n( *))?" % first[2]).findall(data, first.end(), end)
    indents = {key.decode(): len(indent) for key, indent in keys}
    return layout.detect(
        sequence_indent=len(head[1]),
        keys=len(first[2]),
        names=indents.get("headers") or None,
        keeps_empty=indents.keys() >= OMITTABLE_REQUEST_KEYS,
        newline="\n",
    )


def _parts(data: bytes, start: int, patterns: Sections) -> Iterator[_Part]:
    while start < len(data):
        part = _part(data, start, patterns)
        yield part
        start = part.span.end


def _part(data: bytes, start: int, patterns: Sections) -> _Part:
    opening = patterns.opening.match(data, start)
    if opening is None:
        raise IrregularError
    sent, at = patterns.request.read(data, opening.end())
    if not data.startswith(patterns.between, at):
        raise IrregularError
    received, end = patterns.response.read(data, at + len(patterns.between))
    span = Span(start, end, opening.span(1), is_referring=False)
    return _Part(int(opening[1]), span, sent, received)


def _refuse_many_values(data: bytes, parts: list[_Part]) -> None:
    """Leave it to the event reader to count the values of a file that may have too many.

    No value takes less than a byte outside of bodies. On average a line there has no more than
    three, as has each chunk of a stream.
    """
    if len(data) <= MAX_NODES or _outside_of_bodies(data, parts) <= MAX_NODES:
        return
    chunks = sum((part.received["stream"] or b"").count(b"[") for part in parts)
    if 3 * (data.count(b"\n") + chunks) > MAX_NODES:
        raise IrregularError


def _outside_of_bodies(data: bytes, parts: list[_Part]) -> int:
    bodies = (body for part in parts for body in (part.sent["body"], part.received["body"]))
    size: int = sum(body.end - body.start for body in bodies)
    return len(data) - size


def _document(data: bytes, found: Layout, parts: list[_Part]) -> Document:
    spans = tuple(part.span for part in parts)
    frame = Frame(data[: spans[0].start - 1], b"\n", b"")
    cut = Cut(frame, found.sequence_indent, spans, is_tail_referring=False)
    return Document(found, data=data, cut=cut, count=len(parts))


def _request(data: bytes, values: dict[str, Any]) -> Request:
    return made(Request, values | {"body": values["body"].of(data)})


def _response(data: bytes, values: dict[str, Any]) -> Response:
    raw = values["stream"]
    stream = None if raw is None else written_stream(raw)
    return made(Response, values | {"body": values["body"].of(data), "stream": stream})

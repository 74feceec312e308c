"""Whether bodies are all there: streams, their recorded sizes, binary frames, JSON."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from cassette_kit.checks.endings import (
    BROKEN,
    is_event_stream,
    json_or_broken,
    missing_end,
    stream_texts,
)
from cassette_kit.chunking.kinds import kind_of
from cassette_kit.formats.stream_key import STREAM_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.finding import Flaw
    from cassette_kit.checks.subject import Subject
    from cassette_kit.model import Headers, Response

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_CUT = "it is cut off"
_RECORDED_ENDS = {
    "client_closed": "the client closed this stream before its end, so reading on fails in replay",
    "upstream_error": "the server broke this stream, so replay raises a connection error",
}


def truncated(subject: Subject) -> Iterator[Flaw]:
    """Streams that stop before their end: as the recording says, or as their last event shows."""
    for number, interaction in enumerate(subject.cassette.interactions):
        response = interaction.response
        recorded = _RECORDED_ENDS.get(response.stream.end) if response.stream else None
        if recorded:
            message = f"{recorded}; record it again if the test does not mean it"
            yield subject.flaw(message, number, "response", STREAM_KEY)
        elif end := missing_end(response.body, _content_type(response.headers)):
            message = f"the stream stops without {end}; record it again"
            yield subject.flaw(message, number, "response", "body")


def stream_sizes(subject: Subject) -> Iterator[Flaw]:
    """`x-stream` keys that do not count, so that the recorded chunks are lost."""
    for number, interaction in enumerate(subject.cassette.interactions):
        reason = _why_no_sizes(interaction.response)
        if reason:
            message = f"{reason}, so it does not count; remove it or record again"
            yield subject.flaw(message, number, "response", STREAM_KEY)


def broken_frame(subject: Subject) -> Iterator[Flaw]:
    """AWS event streams with a frame whose length or checksums do not hold."""
    for number, interaction in enumerate(subject.cassette.interactions):
        response = interaction.response
        if kind_of(_content_type(response.headers)) == "aws":
            ended = response.stream is None or response.stream.end == "complete"
            for message in _broken(response.body, ended=ended):
                yield subject.flaw(f"{message}; record it again", number, "response", "body")


def invalid_json(subject: Subject) -> Iterator[Flaw]:
    """Bodies that are declared as JSON and are not."""
    for number, interaction in enumerate(subject.cassette.interactions):
        for side, message in (("request", interaction.request), ("response", interaction.response)):
            if not _is_as_declared(message.body, _content_type(message.headers)):
                text = f"the body of the {side} is declared as JSON and is not; record it again"
                yield subject.flaw(text, number, side, "body")


def _why_no_sizes(response: Response) -> str | None:
    if response.stream is None:
        is_malformed = any(name == STREAM_KEY for name, _ in response.extra)
        return f"{STREAM_KEY} is not of its form" if is_malformed else None
    if response.recorded_sizes is not None:
        return None
    counted = sum(size for _, size in response.stream.chunks)
    return f"{STREAM_KEY} counts {counted} bytes where the body has {len(response.body)}"


def _broken(body: bytes, *, ended: bool) -> Iterator[str]:
    """The first frame that does not hold. A stream that did not end may stop within one.

    Source: Smithy 2.0, "Amazon Event Stream Specification": total length, length of the headers,
    CRC32 of both; headers and payload; CRC32 of all before.
    """
    rest = memoryview(body)
    number = 0
    while rest and not (fault := _fault(rest)):
        rest = rest[_PRELUDE.unpack_from(rest)[0] :]
        number += 1
    if rest and (ended or fault != _CUT):
        yield f"frame {number}, at byte {len(body) - len(rest)} of the body: {fault}"


def _fault(rest: memoryview) -> str:
    """What is wrong with the frame at the front; "" if nothing is."""
    if len(rest) < _PRELUDE.size:
        return _CUT
    total, headers, checksum = _PRELUDE.unpack_from(rest)
    if zlib.crc32(rest[: _PRELUDE.size - _CHECKSUM.size]) != checksum:
        return "the checksum of its lengths is wrong"
    if total < _PRELUDE.size + headers + _CHECKSUM.size:
        return "its lengths contradict each other"
    if len(rest) < total:
        return _CUT
    end = total - _CHECKSUM.size
    is_sound = _CHECKSUM.unpack_from(rest, end)[0] == zlib.crc32(rest[:end])
    return "" if is_sound else "its checksum is wrong"


def _is_as_declared(body: bytes, content_type: str) -> bool:
    """Whether a body is JSON if its type says so.

    A JSON type may hold padding, NDJSON or an event stream, and a request may be compressed.
    """
    kind = kind_of(content_type)
    if not content_type or kind not in ("json", "ndjson") or not body.strip():
        return True
    if is_event_stream(body) or _is_compressed(body) or json_or_broken(body) is not BROKEN:
        return True
    texts = stream_texts(body, content_type)
    # A last line that is broken is a matter of `truncated`.
    return bool(texts) and all(json_or_broken(text) is not BROKEN for text in texts[:-1])


def _is_compressed(body: bytes) -> bool:
    return body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "")

"""Whether bodies are all there: streams, their recorded sizes, binary frames, JSON."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from cassette_kit.checks.endings import broken_event, early_end, stream_texts
from cassette_kit.checks.json_text import fault_of_json
from cassette_kit.chunking.kinds import kind_of
from cassette_kit.conversation.streams import is_event_stream
from cassette_kit.formats.stream_key import STREAM_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.finding import Flaw
    from cassette_kit.checks.subject import Subject
    from cassette_kit.model import Headers, Interaction, Response, StreamEnd

OK = 200
ERROR = 400
"""The first status code of those that tell of an error."""

_ASKING = ("GET", "POST")

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_CUT = "it is cut off"
_EARLY_ENDS = {
    "client_closed": "the client closed this stream before its end, so reading on fails in replay",
    "upstream_error": "the server broke this stream, so replay raises a connection error",
}


def truncated(subject: Subject) -> Iterator[Flaw]:
    """Streams that stop before their end: as the recording says, or as their last event shows.

    An error whose body the client did not care to read is none.
    """
    for number, interaction in enumerate(subject.cassette.interactions):
        response = interaction.response
        end = _end(response)
        if end == "complete":
            how = early_end(response.body, _content_type(response.headers))
            if how is not None:
                message = f"the stream stops {how}; record it again"
                yield subject.flaw(message, number, "response", "body")
        elif end == "upstream_error" or response.status_code < ERROR:
            message = f"{_EARLY_ENDS[end]}; record it again if the test does not mean it"
            yield subject.flaw(message, number, "response", STREAM_KEY)


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
            for message in _broken(response.body, ended=_end(response) == "complete"):
                yield subject.flaw(f"{message}; record it again", number, "response", "body")


def invalid_json(subject: Subject) -> Iterator[Flaw]:
    """Bodies that are declared as JSON and are not, or whose events are JSON but for one."""
    for number, interaction in enumerate(subject.cassette.interactions):
        for side, message in (("request", interaction.request), ("response", interaction.response)):
            fault = _fault_of_json(message.body, _content_type(message.headers))
            if fault and (side == "request" or _end(interaction.response) == "complete"):
                text = f"the body of the {side} is declared as JSON: {fault}; record it again"
                yield subject.flaw(text, number, side, "body")
        fault = _lack(interaction) or _fault_of_events(interaction.response)
        if fault:
            yield subject.flaw(f"{fault}; record it again", number, "response", "body")


def _lack(interaction: Interaction) -> str:
    """An answer in JSON that says nothing, where one was asked for."""
    request, response = interaction.request, interaction.response
    is_answer = response.status_code == OK and request.method.upper() in _ASKING
    is_json = kind_of(_content_type(response.headers) or "text/plain") in ("json", "ndjson")
    is_bare = is_answer and is_json and _end(response) == "complete" and not response.body.strip()
    return "the answer is declared as JSON, and empty" if is_bare else ""


def _fault_of_events(response: Response) -> str:
    content_type = _content_type(response.headers)
    if kind_of(content_type) not in ("sse", "json") or not is_event_stream(response.body):
        return ""
    broken = broken_event(response.body, content_type)
    return f"event {broken[0]} of the stream is no JSON: {broken[1]}" if broken else ""


def _end(response: Response) -> StreamEnd:
    return "complete" if response.stream is None else response.stream.end


def _why_no_sizes(response: Response) -> str | None:
    if response.stream is None:
        is_malformed = any(name == STREAM_KEY for name, _ in response.extra)
        return f"{STREAM_KEY} is malformed" if is_malformed else None
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


def _fault_of_json(body: bytes, content_type: str) -> str | None:
    """What keeps a body of a JSON type from being read.

    Such a type may hold padding, lines of JSON or an event stream, and a request may be compressed.
    """
    kind = kind_of(content_type)
    if not content_type or kind not in ("json", "ndjson") or not body.strip():
        return None
    if is_event_stream(body) or _is_compressed(body):
        return None
    texts = stream_texts(body, content_type)
    fault = fault_of_json(body)
    if fault is None or not texts:
        return fault
    # A last line that is broken is a matter of `truncated`.
    faults = ((number, fault_of_json(text)) for number, text in enumerate(texts[:-1], 1))
    return next((f"value {number}: {fault}" for number, fault in faults if fault), None)


def _is_compressed(body: bytes) -> bool:
    return body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "")

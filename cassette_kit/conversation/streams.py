"""A body as the events of its stream: what each calls itself, its JSON and when it came."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_kit import chunking
from cassette_kit.conversation.fields import mapping, parsed, string
from cassette_kit.conversation.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.conversation.frames import Frame
    from cassette_kit.model import Response

_COMMENT = "comment"
_DONE = "[DONE]"
_UNNAMED_EVENT = "message"  # what a browser calls it
FRAMES = "application/vnd.amazon.eventstream"


class Piece(NamedTuple):
    """One event; `value` is the JSON that it carries, None if it carries none."""

    name: str
    data: bytes
    value: Any = None


def pieces(response: Response) -> list[Piece]:
    """The events of a stream, in order; a body that is no stream has none."""
    units = chunking.split(response.body, response.headers.get("content-type", ""))
    reads = _READERS.get(media_type(response), _json_pieces)
    return reads(units)


def media_type(response: Response) -> str:
    """The Content-Type header without its parameters."""
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_event_stream(body: bytes) -> bool:
    """Whether a body begins with a field or comment of server-sent events, whatever its type."""
    return body.lstrip()[:6].startswith((b"data:", b"event:", b"id:", b"retry:", b":"))


def offsets(response: Response, events: list[Piece]) -> Iterator[int | None]:
    """When each event was there: milliseconds from the response headers to its last byte's chunk.

    None where the response has no chunks whose sizes add up to its body.
    """
    sizes = response.recorded_sizes
    if not sizes:
        return itertools.repeat(None, len(events))
    arrivals = list(itertools.accumulate(delay_ms for delay_ms, _ in sizes))
    chunk_ends = list(itertools.accumulate(size for _, size in sizes))
    event_ends = itertools.accumulate(len(event.data) for event in events)
    return (arrivals[bisect_left(chunk_ends, end)] for end in event_ends)


def _sse_pieces(units: list[bytes]) -> list[Piece]:
    """None if there is not one event or comment: then it is a document of the wrong type."""
    events = [_sse_piece(unit) for unit in units]
    return events if any(event.name for event in events) else []


def _sse_piece(unit: bytes) -> Piece:
    """A unit without fields is a bare error, or the rest of a stream that was cut off."""
    events = chunking.sse_events(unit)
    if not events:
        value = parsed(unit)
        comment = _COMMENT if unit.lstrip().startswith(b":") else ""
        return Piece(comment or _own_name(value), unit, value)
    event = events[-1]
    if event.data.strip() == _DONE:
        return Piece(_DONE, unit)
    value = parsed(event.data)
    named = event.event if event.event != _UNNAMED_EVENT else ""
    return Piece(named or _own_name(value) or _UNNAMED_EVENT, unit, value)


def _own_name(value: Any) -> str:
    """`type` in most APIs, `object` in OpenAI's chat."""
    fields = mapping(value)
    return string(fields.get("type")) or string(fields.get("object"))


def _lines(units: list[bytes]) -> list[Piece]:
    return [Piece("line", unit, parsed(unit)) for unit in units]


def _json_pieces(units: list[bytes]) -> list[Piece]:
    """What is declared as JSON, or as nothing, and is a stream all the same."""
    content = [unit for unit in units if unit.strip()]
    if not content:
        return []
    if is_event_stream(content[0]):
        return _sse_pieces(units)
    if len(content) == 1:
        return []
    is_array = content[0].lstrip().startswith(b"[")
    return [_element(unit) for unit in units] if is_array else _lines(units)


def _element(unit: bytes) -> Piece:
    """An element of an array with the bracket or comma before it, the last with one behind it."""
    text = unit.strip().lstrip(b"[,")
    value = parsed(text)
    return Piece("element", unit, parsed(text.removesuffix(b"]")) if value is None else value)


def _frames(units: list[bytes]) -> list[Piece]:
    return [_frame_piece(unit, frame_of(unit)) for unit in units]


def _frame_piece(unit: bytes, frame: Frame | None) -> Piece:
    """Converse names an event in the frame, so its JSON is put under that name; the other way
    of streaming wraps the model's own events."""
    if frame is None:
        return Piece("", unit)
    said = frame.said
    value = parsed(said)
    if frame.headers.get(":message-type", "event") != "event":
        error = {"type": frame.name, "message": string(mapping(value).get("message"))}
        return Piece(frame.name, unit, {"error": error})
    if said == frame.payload:
        return Piece(frame.name, unit, {frame.name: value})
    return Piece(_own_name(value) or frame.name, unit, value)


_READERS: dict[str, Callable[[list[bytes]], list[Piece]]] = {
    "text/event-stream": _sse_pieces,
    "application/x-ndjson": _lines,
    "application/ndjson": _lines,
    "application/jsonl": _lines,
    "application/x-jsonlines": _lines,
    FRAMES: _frames,
}

"""Exchanges with LLM APIs as values: how providers put JSON on the wire, and when it came."""

from __future__ import annotations

import base64
import itertools
import json
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

from cassette_kit.model import Headers, Interaction, Request, Response, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Json = dict[str, Any]

SSE = "text/event-stream"
NDJSON = "application/x-ndjson"
AWS = "application/vnd.amazon.eventstream"
JSON = "application/json"

_DELAYS_MS = (24, 31, 18, 0, 42, 27, 190)
_EVENTS_PER_CHUNK = (1, 1, 2, 1, 1, 3, 1)
_STRING = 7


def interaction(
    url: str,
    request: object = None,
    answer: object = b"",
    *,
    content_type: str = JSON,
    status: str = "200 OK",
    stream: Stream | None = None,
) -> Interaction:
    """An exchange as recorded; bytes are bodies as they are, all else becomes JSON."""
    asked = body_of(request) if request is not None else b""
    return Interaction(
        Request(
            "POST" if asked else "GET",
            url,
            Headers([("Content-Type", JSON)] if asked else []),
            asked,
            content_length=len(asked),
            host=url.split("/")[2] if "//" in url else "",
        ),
        Response(
            int(status.split(maxsplit=1)[0]),
            Headers([("Content-Type", content_type), ("Date", "Sat, 21 Nov 2026 09:00:00 GMT")]),
            body_of(answer),
            status=status,
            duration_ns=640_000_000,
            stream=stream,
        ),
    )


def streamed(
    url: str, request: object, units: Iterable[bytes], content_type: str = SSE
) -> Interaction:
    """An exchange whose answer came in chunks of one to three events."""
    pieces = list(units)
    return interaction(
        url,
        request,
        b"".join(pieces),
        content_type=content_type,
        stream=Stream("complete", tuple(_chunks(pieces))),
    )


def body_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else compact(value).encode()


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sse(events: Iterable[object], *, named: bool = False, done: bool = False) -> Iterator[bytes]:
    """Server-sent events; `named` gives each its `type` as name, text is sent as it is."""
    for event in events:
        name = f"event: {event['type']}\n" if named and isinstance(event, dict) else ""
        text = event if isinstance(event, str) else f"{name}data: {compact(event)}"
        yield f"{text}\n\n".encode()
    if done:
        yield b"data: [DONE]\n\n"


def lines(values: Iterable[object]) -> Iterator[bytes]:
    return (f"{compact(value)}\n".encode() for value in values)


def elements(values: Iterable[object]) -> Iterator[bytes]:
    """A JSON array as Gemini sends it without `alt=sse`."""
    for before, value in zip(itertools.chain("[", itertools.repeat(",")), values, strict=False):
        yield f"{before}{json.dumps(value, indent=2)}\n".encode()
    yield b"]\n"


def frame(headers: Json, payload: bytes) -> bytes:
    """An AWS event stream frame with text headers.

    Source: https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
    """
    head = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    message = prelude + _checksum(prelude) + head + payload
    return message + _checksum(message)


def converse_frames(events: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """Events as ConverseStream sends them: named in the frame, padded in the payload."""
    for name, payload in events:
        padded = payload | {"p": "abcdefg"} if isinstance(payload, dict) else payload
        yield frame(_event(name), body_of(padded))


def wrapped_frames(events: Iterable[object]) -> Iterator[bytes]:
    """A model's own events as InvokeModelWithResponseStream wraps them."""
    for event in events:
        data = base64.b64encode(body_of(event)).decode()
        yield frame(_event("chunk"), body_of({"bytes": data, "p": "abc"}))


def words(text: str) -> list[str]:
    """A text in the pieces in which a model might say it."""
    return re.findall(r"\s*\S+", text)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def picture(width: int = 64, height: int = 48) -> bytes:
    """A PNG of a sun over red roofs."""
    rows = b"".join(b"\0" + b"".join(_pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows, 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + _checksum(name + data)
        for name, data in chunks.items()
    )


def _pixel(x: int, y: int) -> bytes:
    if (x - 48) ** 2 + (y - 12) ** 2 < 49:
        return bytes((255, 214, 92))
    roof = 34 - abs(x % 16 - 8)
    return bytes((176, 84, 58)) if y > roof else bytes((120, 170 + y, 220))


def _chunks(units: list[bytes]) -> Iterator[tuple[int, int]]:
    sizes = iter([len(unit) for unit in units])
    delays = itertools.chain([0], itertools.cycle(_DELAYS_MS))
    for delay_ms, count in zip(delays, itertools.cycle(_EVENTS_PER_CHUNK), strict=False):
        chunk = sum(itertools.islice(sizes, count))
        if not chunk:
            return
        yield delay_ms, chunk


def _event(name: str) -> Json:
    return {":event-type": name, ":content-type": JSON, ":message-type": "event"}


def _header(name: str, value: str) -> bytes:
    text = value.encode()
    head = bytes((len(name),)) + name.encode()
    return head + bytes((_STRING,)) + struct.pack(">H", len(text)) + text


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))

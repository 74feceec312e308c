"""The `x-stream` key of a response: how its body arrived, on one line that go-vcr ignores.

    x-stream: {end: complete, chunks: [[412, 211], [33, 180]]}

Milliseconds since the chunk before (the first since the headers), and bytes.
"""

from __future__ import annotations

import re
from typing import cast, get_args

from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence
from cassette_kit.model import Stream, StreamEnd

STREAM_KEY = "x-stream"
_COUNT = re.compile(r"[0-9]{1,18}")

_PAIR = rb"\[(?:0|[1-9][0-9]{0,17}), (?:0|[1-9][0-9]{0,17})\]"
STREAM_PATTERN = rb"\{end: (?:%b), chunks: \[(?:%b(?:, %b)*+)?\]\}" % (
    "|".join(get_args(StreamEnd)).encode(),
    _PAIR,
    _PAIR,
)
"""What `stream_text` writes, in UTF-8."""


def stream_of(node: Node) -> Stream | None:
    """The recorded arrival, or None where the value is anything but well-formed."""
    if not isinstance(node, Mapping) or sorted(node.names()) != ["chunks", "end"]:
        return None
    end, chunks = node.get("end"), node.get("chunks")
    if not isinstance(end, Scalar) or end.text not in get_args(StreamEnd):
        return None
    if not isinstance(chunks, Sequence):
        return None
    pairs = [_chunk(item) for item in chunks.items]
    known = tuple(pair for pair in pairs if pair is not None)
    return Stream(cast("StreamEnd", end.text), known) if len(known) == len(pairs) else None


def stream_text(stream: Stream) -> str:
    """The value as it stands in the file."""
    chunks = ", ".join(f"[{delay_ms}, {size}]" for delay_ms, size in stream.chunks)
    return f"{{end: {stream.end}, chunks: [{chunks}]}}"


def written_stream(raw: bytes) -> Stream:
    """The recorded arrival that fits `STREAM_PATTERN`."""
    from msgspec.json import decode

    end = raw[len(b"{end: ") : raw.index(b",")].decode()
    chunks = raw[raw.index(b"[") : -len(b"}")]
    return Stream(cast("StreamEnd", end), decode(chunks, type=tuple[tuple[int, int], ...]))


def _chunk(node: Node) -> tuple[int, int] | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return None
    delay_ms, size = (_count(item) for item in node.items)
    return None if delay_ms is None or size is None else (delay_ms, size)


def _count(node: Node) -> int | None:
    is_count = isinstance(node, Scalar) and node.resolves and _COUNT.fullmatch(node.text)
    return int(node.text) if isinstance(node, Scalar) and is_count else None

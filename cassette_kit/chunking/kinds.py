"""Which kind of body a content type announces, and how each kind is cut."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cassette_kit.chunking import units
from cassette_kit.chunking.aws import frame_sizes
from cassette_kit.chunking.json_text import json_sizes, line_sizes
from cassette_kit.chunking.sse import event_sizes

KindName: TypeAlias = Literal["sse", "ndjson", "aws", "json", "opaque"]

_KIND_BY_TYPE: dict[str, KindName] = {
    "text/event-stream": "sse",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "application/vnd.amazon.eventstream": "aws",
    "application/json": "json",
    "": "json",  # its rules look at the first bytes
}


def _opaque_sizes(held: bytearray) -> units.Sizes:
    """No units: the body is one piece."""
    yield from ()


_SIZES: dict[KindName, units.Kind] = {
    "sse": event_sizes,
    "ndjson": line_sizes,
    "aws": frame_sizes,
    "json": json_sizes,
    "opaque": _opaque_sizes,
}


def kind_of(content_type: str) -> KindName:
    """The kind that a Content-Type header announces; its parameters do not count."""
    media_type = content_type.partition(";")[0].strip().lower()
    default: KindName = "json" if media_type.endswith("+json") else "opaque"
    return _KIND_BY_TYPE.get(media_type, default)


def cutter(content_type: str) -> units.Cutter:
    """A cutter for a body of this content type; `split` in steps."""
    return units.UnitCutter(_SIZES[kind_of(content_type)])


def split(body: bytes, content_type: str) -> list[bytes]:
    """The pieces in which a server would have sent the body; none is empty, joined they are it."""
    return units.cut(body, _SIZES[kind_of(content_type)])

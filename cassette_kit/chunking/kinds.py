"""Which kind of body a content type announces, and how each kind is cut."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, TypeAlias

from cassette_kit.chunking import units
from cassette_kit.chunking.aws import frame_sizes
from cassette_kit.chunking.json_text import json_sizes, line_sizes
from cassette_kit.chunking.sse import event_sizes, events_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _line_at_once(body: bytes) -> list[bytes] | None:
    """A body of one line is one unit; None for any other."""
    if b"\n" in body or b"\r" in body:
        return None
    return [body] if body else []


_AT_ONCE: dict[KindName, Callable[[bytes], list[bytes] | None]] = {
    "sse": events_at_once,
    "ndjson": _line_at_once,
    "json": _line_at_once,
}


@functools.lru_cache(maxsize=64)
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
    kind = kind_of(content_type)
    at_once = _AT_ONCE.get(kind)
    pieces = at_once(body) if at_once else None
    return units.cut(body, _SIZES[kind]) if pieces is None else pieces

"""AWS event streams: an edited frame gets its length and its checksums set right."""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_left
from typing import TYPE_CHECKING

from cassette_kit.redactors.edits import Edit, applied

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEDIA_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE = struct.Struct(">II")
_HEAD = 12
_CHECKSUM = 4


def reframed(body: bytes, edits: Sequence[Edit]) -> list[Edit]:
    """Of merged `edits` those in payloads or behind the last whole frame, and those that keep the
    frames valid.

    Source: https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
    """
    result: list[Edit] = []
    end = 0
    for start, payload, end in _frames(body):
        first, last = bisect_left(edits, (payload,)), bisect_left(edits, (end,))
        inside = [edit for edit in edits[first:last] if edit.end <= end - _CHECKSUM]
        if inside:
            result += _frame(body[start:end], payload - start, start, inside)
    return result + [edit for edit in edits if edit.start >= end]


def _frames(body: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each whole frame begins, where its payload does, and where it ends."""
    start = 0
    while start + _HEAD + _CHECKSUM <= len(body):
        size, headers = _PRELUDE.unpack_from(body, start)
        if not _HEAD + headers + _CHECKSUM <= size <= len(body) - start:
            return
        yield start, start + _HEAD + headers, start + size
        start += size


def _frame(frame: bytes, payload: int, at: int, edits: list[Edit]) -> list[Edit]:
    local = [edit._replace(start=edit.start - at, end=edit.end - at) for edit in edits]
    content = applied(frame[:-_CHECKSUM], local)[_HEAD:]
    prelude = _PRELUDE.pack(_HEAD + len(content) + _CHECKSUM, payload - _HEAD)
    head = prelude + _checksum(prelude)
    tail = _checksum(head + content)
    end = at + len(frame)
    return [Edit(at, at + _HEAD, head), *edits, Edit(end - _CHECKSUM, end, tail)]


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_CHECKSUM, "big")

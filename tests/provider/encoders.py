"""Content codings as streams that are flushed after every piece."""

from __future__ import annotations

import functools
import importlib
import sys
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Encoder(NamedTuple):
    """A content coding in progress; what `push` returns is enough to decode what was pushed."""

    push: Callable[[bytes], bytes]
    finish: Callable[[], bytes]


def _identity() -> Encoder:
    return Encoder(lambda data: data, lambda: b"")


def _zlib(wbits: int) -> Encoder:
    stream = zlib.compressobj(wbits=wbits)
    return Encoder(
        lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH), stream.flush
    )


def _brotli() -> Encoder:
    stream = importlib.import_module("brotli").Compressor()
    return Encoder(lambda data: stream.process(data) + stream.flush(), stream.finish)


def _zstd() -> Encoder:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    stream = importlib.import_module(name).ZstdCompressor()
    return Encoder(lambda data: stream.compress(data, stream.FLUSH_BLOCK), stream.flush)


ENCODERS: Mapping[str | None, Callable[[], Encoder]] = {
    None: _identity,
    "gzip": functools.partial(_zlib, 31),
    "deflate": functools.partial(_zlib, 15),
    "br": _brotli,
    "zstd": _zstd,
}

"""Content-Encoding undone in steps, for the copy of a stream that is recorded.

Strategy: input goes to the libraries in slices so small that what a slice can expand to stays
within memory, and the total is checked after each; only some of them can be given a limit.
"""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_DECODED_BYTES = 128 * 2**20
MAX_CODINGS = 5
_SLICE_BYTES = 64


class Decoder(Protocol):
    """Takes an encoded body in any portions."""

    def push(self, data: bytes) -> bytes:
        """What can be decoded by now. Raises ValueError if the data is corrupt or too large."""

    def finish(self) -> bytes:
        """What was held back. Raises ValueError if the data ended early.

        Not to be asked of a stream that its caller left: that one does end early.
        """


def decoder(content_encoding: str) -> Decoder | None:
    """A decoder for a Content-Encoding header; None if a coding in it cannot be decoded here.

    `br` and `zstd` need an optional package. Codings are undone from last to first.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [_coding(name) for name in reversed(names) if name not in ("", "identity")]
    known = [coding for coding in codings if coding is not None]
    if len(known) < len(codings) or len(codings) > MAX_CODINGS:
        return None
    return _Stack([_Layer(coding) for coding in known])


class _Member(Protocol):
    """One complete run of a coding; zlib's and the zstd packages' decompressors are this."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Coding(NamedTuple):
    name: str
    open: Callable[[], _Member]
    error: type[Exception]
    repeats: bool  # another member may follow the first


class _Stack:
    """Decoders one after the other; none at all is `identity`."""

    def __init__(self, layers: list[_Layer]) -> None:
        self._layers = layers

    def push(self, data: bytes) -> bytes:
        for layer in self._layers:
            data = layer.push(data)
        return data

    def finish(self) -> bytes:
        for layer in self._layers:
            layer.finish()
        return b""


class _Layer:
    """One coding, a member of it at a time."""

    def __init__(self, coding: _Coding) -> None:
        self._coding = coding
        self._member: _Member | None = None
        self._decoded_bytes = 0

    def push(self, data: bytes) -> bytes:
        decoded = bytearray()
        for piece in _slices(data):
            for part in self._parts(piece):
                decoded += part
                self._count(part)
        return bytes(decoded)

    def finish(self) -> None:
        if self._member is not None and not self._member.eof:
            raise ValueError(f"{self._coding.name} data ends early")

    def _parts(self, data: bytes) -> Iterator[bytes]:
        while data:
            member = self._member = self._current()
            try:
                yield member.decompress(data)
            except self._coding.error as error:
                raise ValueError(f"corrupt {self._coding.name} data: {error}") from error
            data = member.unused_data

    def _current(self) -> _Member:
        """The member that the next byte belongs to."""
        if self._member is not None and not self._member.eof:
            return self._member
        if self._member is not None and not self._coding.repeats:
            raise ValueError(f"{self._coding.name} data goes on after its end")
        return self._coding.open()

    def _count(self, part: bytes) -> None:
        self._decoded_bytes += len(part)
        if self._decoded_bytes > MAX_DECODED_BYTES:
            raise ValueError(
                f"{self._coding.name} data decodes to more than {MAX_DECODED_BYTES} bytes"
            )


class _Deflate:
    """zlib's format, as RFC 9110 wants it, or the raw one, as some servers send it."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Member | None = None

    @property
    def eof(self) -> bool:
        return self._inner is not None and self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data if self._inner is not None else b""

    def decompress(self, data: bytes) -> bytes:
        if self._inner is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return b""
            # The check is RFC 1950's; no compressor begins a raw stream so.
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inner = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        return self._inner.decompress(data)


class _Brotli:
    """A brotli decompressor under zlib's names; data after its end is an error to it."""

    unused_data = b""

    def __init__(self, package: Any) -> None:
        self._inner = package.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())

    def decompress(self, data: bytes) -> bytes:
        decoded: bytes = self._inner.process(data)
        return decoded


def _gzip() -> _Coding:
    return _Coding(
        "gzip", lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), zlib.error, repeats=True
    )


def _deflate() -> _Coding:
    return _Coding("deflate", _Deflate, zlib.error, repeats=False)


def _br() -> _Coding | None:
    package = _first_installed("brotli", "brotlicffi")
    return package and _Coding("br", lambda: _Brotli(package), package.error, repeats=False)


def _zstd() -> _Coding | None:
    package = _first_installed("compression.zstd", "backports.zstd")
    if package is not None:
        return _Coding("zstd", package.ZstdDecompressor, package.ZstdError, repeats=True)
    package = _first_installed("zstandard")
    return package and _Coding(
        "zstd", lambda: package.ZstdDecompressor().decompressobj(), package.ZstdError, repeats=True
    )


_CODINGS: dict[str, Callable[[], _Coding | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}


def _coding(name: str) -> _Coding | None:
    find = _CODINGS.get(name)
    return find() if find is not None else None


def _first_installed(*modules: str) -> Any:
    for module in modules:
        try:
            return importlib.import_module(module)
        except ImportError:
            continue
    return None


def _slices(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _SLICE_BYTES):
        yield data[start : start + _SLICE_BYTES]

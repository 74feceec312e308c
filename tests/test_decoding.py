"""A compressed stream is decoded as it comes, and what cannot be decoded is said to be so."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from splits import every_split

from cassette_kit import decoding
from cassette_kit.decoding import decoder

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = b"data: caf\xc3\xa9\n\n" * 20 + bytes(range(256))
BROTLI_PACKAGES = ["brotli", "brotlicffi"]
ZSTD_PACKAGES = ["compression.zstd", "backports.zstd", "zstandard"]


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "case-and-blanks": (" GZip ", gzip.compress),
    "deflate-zlib": ("deflate", zlib.compress),
    "deflate-zlib-fast": ("deflate", lambda data: zlib.compress(data, 1)),
    "deflate-raw": ("deflate", raw_deflate),
    "stacked": ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    "stacked-identity": ("identity, gzip,", gzip.compress),
}
encoders = pytest.mark.parametrize(("name", "encode"), ENCODERS.values(), ids=ENCODERS)
compressed = pytest.mark.parametrize(
    ("name", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes all the optional packages but those named look as if they were not installed."""

    def hide_others(*names: str) -> None:
        for name in {*BROTLI_PACKAGES, *ZSTD_PACKAGES} - {*names}:
            monkeypatch.setitem(sys.modules, name, None)

    return hide_others


@encoders
def test_a_body_is_decoded_however_it_arrives(name: str, encode: Callable[[bytes], bytes]) -> None:
    """Network portions end anywhere: within gzip's header, within a member's checksum."""
    for portions in every_split(encode(TEXT)):
        assert decoded(name, portions) == TEXT


@given(body=st.binary(max_size=3000), cut=st.integers(0, 3000))
@settings(deadline=None)
def test_any_body_survives_the_round(body: bytes, cut: int) -> None:
    """The recorded copy is what the caller's client decoded."""
    for name, encode in ENCODERS.values():
        data = encode(body)
        assert decoded(name, [data[:cut], data[cut:]]) == body


@pytest.mark.parametrize("wbits", [zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS])
def test_each_push_returns_what_was_flushed(wbits: int) -> None:
    """The sizes of the decoded chunks are those that the server flushed."""
    compressor = zlib.compressobj(wbits=wbits)
    decode = decoder("gzip" if wbits > zlib.MAX_WBITS else "deflate")
    assert decode is not None
    for event in (b"data: 1\n\n", b"data: 22\n\n", b"data: 333\n\n"):
        portion = compressor.compress(event) + compressor.flush(zlib.Z_SYNC_FLUSH)
        assert decode.push(portion) == event
    assert decode.push(compressor.flush()) == b""
    assert decode.finish() == b""


def test_gzip_members_follow_one_another() -> None:
    """A proxy may compress each event as a member of its own; none may be lost."""
    data = gzip.compress(b"one") + gzip.compress(b"") + gzip.compress(b"two")
    for portions in every_split(data):
        assert decoded("gzip", portions) == b"onetwo"


@pytest.mark.parametrize("name", ["", "identity", "Identity, identity", " , "])
def test_no_coding_leaves_the_bytes_alone(name: str) -> None:
    """A response without Content-Encoding takes the same way as the others."""
    assert decoded(name, [b"a", b"", b"b"]) == b"ab"


@pytest.mark.parametrize("name", ["compress", "gzip, unknown", "dcb", "gzip;q=1", "gzip," * 6])
def test_a_coding_that_is_not_known_is_refused(name: str) -> None:
    """Guessing would put compressed bytes into a cassette as if they were text."""
    assert decoder(name) is None


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, br"])
def test_without_its_package_a_coding_is_refused(name: str, only: Callable[..., None]) -> None:
    """The recorder needs to know before the stream is over that it cannot be recorded."""
    only()
    assert decoder(name) is None


@encoders
def test_a_body_without_bytes_is_empty(name: str, encode: Callable[[bytes], bytes]) -> None:
    """Answers to HEAD, and 204 and 304, carry Content-Encoding and nothing else."""
    assert decoded(name, []) == b""
    assert decoded(name, [b""]) == b""
    assert decoded(name, [encode(b"")]) == b""


@encoders
def test_data_that_ends_early_is_an_error(name: str, encode: Callable[[bytes], bytes]) -> None:
    """A stream that broke off must not be recorded as whole, wherever it broke off."""
    data = encode(TEXT)
    for end in range(1, len(data)):
        with pytest.raises(ValueError, match="data ends early"):
            decoded(name, [data[:end]])


@compressed
def test_corrupt_data_is_an_error(name: str, encode: Callable[[bytes], bytes]) -> None:
    """Neither a wrong checksum nor plain text passes for compressed data."""
    data = bytearray(encode(TEXT))
    data[-1] ^= 0xFF
    for body in (bytes(data), b"data: not compressed at all\n\n"):
        with pytest.raises(ValueError, match=f"corrupt {name} data"):
            decoded(name, [body])


@pytest.mark.parametrize(("name", "encode"), [("deflate", zlib.compress), ("deflate", raw_deflate)])
def test_data_after_the_end_is_an_error(name: str, encode: Callable[[bytes], bytes]) -> None:
    """A coding without members has one end; what follows cannot be represented."""
    data = encode(TEXT)
    for portions in every_split(data + encode(TEXT)):
        with pytest.raises(ValueError, match="goes on after its end"):
            decoded(name, portions)


@compressed
def test_a_bomb_is_stopped(
    name: str, encode: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes must not fill the memory, in one portion or in many, in one layer or two."""
    monkeypatch.setattr(decoding, "MAX_DECODED_BYTES", 100_000)
    assert decoded(name, [encode(bytes(100_000))]) == bytes(100_000)
    bomb = encode(bytes(100_001))
    for body, names in ((bomb, name), (encode(bomb), f"{name}, {name}")):
        for portions in ([body], [body[at : at + 1] for at in range(len(body))]):
            with pytest.raises(ValueError, match="more than 100000 bytes"):
                decoded(names, portions)


@pytest.mark.parametrize("package", BROTLI_PACKAGES)
def test_brotli_is_decoded_by_either_package(package: str, only: Callable[..., None]) -> None:
    """`br` is what most servers choose for a client that offers it."""
    compress = pytest.importorskip(package).compress
    only(package)
    check_optional("br", compress, repeats=False)


@pytest.mark.parametrize("package", ZSTD_PACKAGES)
def test_zstd_is_decoded_by_any_package(package: str, only: Callable[..., None]) -> None:
    """httpx2 and the browsers offer `zstd`; a body may consist of several frames."""
    compress = pytest.importorskip(package).compress
    only(package)
    check_optional("zstd", compress, repeats=True)


def check_optional(name: str, compress: Callable[[bytes], bytes], *, repeats: bool) -> None:
    data = compress(TEXT)
    for portions in every_split(data):
        assert decoded(name, portions) == TEXT
    assert decoded(f"gzip, {name}", [compress(gzip.compress(TEXT))]) == TEXT
    assert decoded(name, []) == b""
    for broken in (data[:-1], b"data: not compressed at all\n\n", data + b"data: 1\n\n"):
        with pytest.raises(ValueError, match=f"{name} data"):
            decoded(name, [broken])
    for portions in every_split(data * 2):
        if repeats:
            assert decoded(name, portions) == TEXT * 2
        else:
            with pytest.raises(ValueError, match=f"{name} data"):
                decoded(name, portions)


def decoded(name: str, portions: list[bytes]) -> bytes:
    decode = decoder(name)
    assert decode is not None
    return b"".join([decode.push(portion) for portion in portions]) + decode.finish()

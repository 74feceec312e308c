"""A recorded response as it is delivered: headers, pieces, pauses and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit import chunking

if TYPE_CHECKING:
    from cassette_kit.model import Response, StreamEnd

_ENCODING_HEADERS = {b"content-encoding", b"content-length"}


class Playback(NamedTuple):
    """What an adapter hands to its client.

    `wait_s` passes before the headers, `waits_s[i]` before `pieces[i]`; `waits_s` is empty where
    nothing waits. After the last piece comes `end`.
    """

    status_code: int
    reason: bytes
    http_version: bytes
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes]
    end: StreamEnd
    wait_s: float = 0.0
    waits_s: tuple[float, ...] = ()


def playback(response: Response, *, chunks: str = "recorded", pace: float = 0.0) -> Playback:
    """Prepare a recorded response for delivery.

    `chunks` and `pace` are the options of those names, `pace` as a factor of the recorded delays.
    """
    is_as_recorded = chunks == "recorded"
    return Playback(
        response.status_code,
        response.reason.encode("utf-8", "surrogateescape"),
        _http_version(response),
        _headers(response, hasten=not pace),
        response.pieces if is_as_recorded else _recut(response, chunks),
        "complete" if response.stream is None else response.stream.end,
        response.duration_ns / 1e9 * pace,
        _waits_s(response, pace) if pace and is_as_recorded else (),
    )


def _recut(response: Response, chunks: str) -> list[bytes]:
    return chunking.recut(response.body, response.headers.get("content-type", ""), chunks)


def _waits_s(response: Response, pace: float) -> tuple[float, ...]:
    return tuple(ms / 1000 * pace for ms, _ in response.recorded_sizes or ())


def _http_version(response: Response) -> bytes:
    """HTTP clients say `HTTP/2` where Go says `HTTP/2.0`."""
    version = "HTTP/2" if response.proto == "HTTP/2.0" else response.proto
    return version.encode("utf-8", "surrogateescape")


def _headers(response: Response, *, hasten: bool) -> list[tuple[bytes, bytes]]:
    pairs = list(response.headers.raw)
    names = {name.lower() for name, _ in pairs}
    if b"content-encoding" in names and _is_decoded(response):
        pairs = [pair for pair in pairs if pair[0].lower() not in _ENCODING_HEADERS]
    if hasten and b"retry-after" in names:
        # `retry-after: 0` is taken for absent by the SDKs of openai, anthropic, groq and cohere;
        # this one they obey, so a replayed 429 costs a millisecond.
        pairs = [pair for pair in pairs if pair[0].lower() != b"retry-after-ms"]
        pairs.append((b"Retry-After-Ms", b"1"))
    return pairs


def _is_decoded(response: Response) -> bool:
    """Whether the body is plain although a header calls it compressed.

    Compressed data is as good as never valid UTF-8: gzip, zlib and zstd begin with a byte that
    cannot stand there.
    """
    if response.uncompressed:
        return True
    try:
        response.body.decode()
    except UnicodeDecodeError:
        return False
    return True

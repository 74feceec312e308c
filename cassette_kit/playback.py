"""A recorded response as it is delivered: headers, pieces, pauses and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit import chunking

if TYPE_CHECKING:
    from cassette_kit.model import Response, StreamEnd

ENCODING_HEADERS = frozenset({"content-encoding", "content-length"})


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
    sizes = response.recorded_sizes if chunks == "recorded" else None
    if chunks == "recorded":
        pieces = response.pieces
    else:
        pieces = chunking.recut(response.body, response.headers.get("content-type", ""), chunks)
    is_timed = pace > 0 and sizes is not None
    return Playback(
        status_code=response.status_code,
        reason=response.reason.encode("utf-8", "surrogateescape"),
        http_version=_http_version(response),
        headers=_headers(response, hasten=not pace),
        pieces=pieces,
        end="complete" if response.stream is None else response.stream.end,
        wait_s=response.duration_ns / 1e9 * pace,
        waits_s=tuple(ms / 1000 * pace for ms, _ in sizes or ()) if is_timed else (),
    )


def _http_version(response: Response) -> bytes:
    """HTTP clients say `HTTP/2` where Go says `HTTP/2.0`."""
    version = "HTTP/2" if response.proto == "HTTP/2.0" else response.proto
    return version.encode("utf-8", "surrogateescape")


def _headers(response: Response, *, hasten: bool) -> list[tuple[bytes, bytes]]:
    items = response.headers.multi_items()
    names = [name.lower() for name, _ in items]
    if "content-encoding" in names and _is_decoded(response):
        items = [pair for pair in items if pair[0].lower() not in ENCODING_HEADERS]
    if hasten and "retry-after" in names:
        # `retry-after: 0` is taken for absent by the SDKs of openai, anthropic, groq and cohere;
        # this one they obey, so a replayed 429 costs a millisecond.
        items = [pair for pair in items if pair[0].lower() != "retry-after-ms"]
        items.append(("Retry-After-Ms", "1"))
    return [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in items]


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

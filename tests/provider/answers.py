"""What tests script: a response as data, and the steps in which it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from provider.dialects import json_pieces
from provider.encoders import ENCODERS

if TYPE_CHECKING:
    from provider.waiting import Pause

Pairs = Sequence[tuple[str, str]]
Part = Literal["headers", "piece", "end", "drop"]
Drop = Literal["close", "reset"]

RETRY_SOON = [("Retry-After-Ms", "1")]
UNANSWERED = -1  # as drop_after: the connection goes before the first byte of a response
BODYLESS = {204, 304}
SSE = "text/event-stream"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, as data.

    `pauses` maps the index of a piece to what holds it back; the index after the last piece is the
    end of the body. A number in place of the map is the milliseconds before each of them.
    With `drop_after` the connection is dropped, in the manner of `drop`, in the place of the piece
    of that index, so after that index's pause.
    `content_encoding` is applied as a stream that is flushed after every piece. A scripted header
    takes the place of the one that `framing` would add, so a length can be made to lie.
    """

    status: int = 200
    pieces: Iterable[bytes] = ()
    _: KW_ONLY
    headers: Pairs = ()
    reason: str | None = None  # None: the standard phrase
    framing: Literal["chunked", "length", "close"] = "chunked"
    before_headers: Pause = 0
    pauses: Mapping[int, Pause] | float = 0
    content_encoding: Literal["gzip", "deflate", "br", "zstd"] | None = None
    trailers: Pairs = ()
    drop: Drop = "close"
    drop_after: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.pieces, bytes):
            raise TypeError("pieces is a list of bytes, not bytes")
        if self.framing == "length" and not isinstance(self.pieces, Sized):
            raise TypeError("a length can only be told of a list of pieces")
        if self.framing != "chunked" and self.trailers:
            raise ValueError("trailers need chunked framing")

    @classmethod
    def sse(cls, pieces: Iterable[bytes], *, headers: Pairs = (), **fields: Any) -> Self:
        """An event stream."""
        return cls(pieces=pieces, headers=[("Content-Type", SSE), *headers], **fields)

    @classmethod
    def json(cls, pieces: Iterable[bytes], *, headers: Pairs = (), **fields: Any) -> Self:
        """A JSON body of known length."""
        fields = {"framing": "length", **fields}
        return cls(pieces=pieces, headers=[("Content-Type", JSON), *headers], **fields)

    @classmethod
    def rate_limited(cls, *, retry_after: str = "20", headers: Pairs = RETRY_SOON) -> Self:
        """A 429. Its second header, which the SDKs prefer, keeps tests from waiting."""
        error = {"type": "rate_limit_error", "message": "slow down"}
        headers = [("Retry-After", retry_after), *headers]
        return cls.json(json_pieces({"error": error}), status=429, headers=headers)

    @classmethod
    def redirect(cls, location: str, *, status: int = 307) -> Self:
        """An empty redirect; `location` may be relative."""
        return cls(status, headers=[("Location", location)], framing="length")

    @property
    def phrase(self) -> str:
        """The reason phrase; empty for a status without a standard one, such as 529."""
        if self.reason is not None:
            return self.reason
        return next((known.phrase for known in HTTPStatus if known == self.status), "")

    def steps(self, *, bodyless: bool = False) -> Iterator[Step]:
        """All that is to be done, in order; a drop is the last."""
        for index, part in enumerate(self._parts(bodyless=bodyless), start=UNANSWERED):
            if index == self.drop_after:
                yield Step(self._pause_before(index), "drop")
                return
            yield Step(self._pause_before(index), *part)

    def _parts(self, *, bodyless: bool = False) -> Iterator[tuple[Part, bytes, bytes]]:
        yield "headers", b"", b""
        encoder = ENCODERS[self.content_encoding]()
        for piece in () if bodyless else self.pieces:
            yield "piece", piece, encoder.push(piece)
        yield "end", b"", b"" if bodyless else encoder.finish()

    def _pause_before(self, index: int) -> Pause:
        if index == UNANSWERED:
            return self.before_headers
        return self.pauses.get(index, 0) if isinstance(self.pauses, Mapping) else self.pauses

    def fields(self) -> list[tuple[str, str]]:
        """The headers, and those that encoding and framing add."""
        scripted = {name.lower() for name, _ in self.headers}
        added = [pair for pair in self._added() if pair[0].lower() not in scripted]
        return [*self.headers, *added]

    def _added(self) -> Iterator[tuple[str, str]]:
        if self.content_encoding:
            yield "Content-Encoding", self.content_encoding
        if self.status in BODYLESS:
            return
        match self.framing:
            case "chunked":
                yield "Transfer-Encoding", "chunked"
            case "length":
                yield "Content-Length", str(self._encoded_bytes())
            case "close":
                yield "Connection", "close"

    def _encoded_bytes(self) -> int:
        return sum(len(encoded) for _, _, encoded in self._parts())


class Step(NamedTuple):
    """A part of an answer: `data` as scripted, `encoded` by its content encoding."""

    pause: Pause
    part: Part
    data: bytes = b""
    encoded: bytes = b""

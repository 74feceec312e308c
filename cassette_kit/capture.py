"""A live exchange as it happens, turned into an interaction: plain bytes and times in, no clock.

Strategy: pieces are decoded as they arrive, so that what is recorded are the decoded sizes at the
times of arrival. A piece that decodes to nothing yet (a gzip header) adds its delay to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urldefrag, urlsplit

from cassette_kit import chunking
from cassette_kit.decoding import decoder
from cassette_kit.model import Headers, Interaction, Request, Response, Stream, StreamEnd

if TYPE_CHECKING:
    from cassette_kit.decoding import Decoder

NS_PER_MS = 1_000_000
HTTP_2 = "HTTP/2"
BODILESS_STATUS = frozenset({204, 304})
FORM = "application/x-www-form-urlencoded"


class UndecodableError(ValueError):
    """A body whose content-encoding cannot be undone, so that nothing readable can be recorded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a live response: headers in wire order, `http_version` as "HTTP/1.1"."""

    status_code: int
    reason: str
    http_version: str
    headers: Headers


@dataclass(slots=True, eq=False)
class Capture:
    """One exchange that went live. `place` is its rank in the order of requests.

    Times are nanoseconds of one monotonic clock. Calls come in order: `answered`, `push` …,
    `ended`, `interaction`; what does not happen is left out.
    """

    place: int
    request: Request
    sent_at_ns: int
    _answer: Answer | None = None
    _answered_at_ns: int = 0
    _received: int = 0
    _body: bytearray = field(default_factory=bytearray)
    _sizes: list[tuple[int, int]] = field(default_factory=list)
    _last_ms: int = 0
    _end: StreamEnd | None = None
    _decoder: Decoder | None = None
    _fault: str = ""

    def answered(self, answer: Answer, at_ns: int) -> None:
        """Take the head of the response."""
        self._answer = answer
        self._answered_at_ns = at_ns
        encoding = answer.headers.get("content-encoding", "")
        self._decoder = decoder(encoding)
        if self._decoder is None:
            self._fault = (
                f"content-encoding {encoding!r} cannot be decoded here; br and zstd need the "
                'extras: pip install "cassette_kit[brotli,zstd]"'
            )

    def push(self, data: bytes, at_ns: int) -> None:
        """Take a piece of the body as it came from the wire."""
        self._received += len(data)
        if self._decoder is None or self._fault:
            return
        try:
            plain = self._decoder.push(data)
        except ValueError as error:
            self._fault = f"the body is not what its content-encoding says: {error}"
            return
        if plain:
            now_ms = (at_ns - self._answered_at_ns) // NS_PER_MS
            self._sizes.append((now_ms - self._last_ms, len(plain)))
            self._last_ms = now_ms
            self._body += plain

    def ended(self, end: StreamEnd) -> None:
        """Take how the body ended, unless that is known already."""
        self._end = self._end or end

    @property
    def end(self) -> StreamEnd:
        """How the body ended; where nobody said so, its caller left it.

        That is complete all the same if its last event or its length says that no more was to come.
        """
        if self._end is None:
            return "complete" if self._is_whole() else "client_closed"
        return self._end

    def interaction(self) -> Interaction | None:
        """The exchange; None if no response came.

        Raises:
            UndecodableError: the body cannot be stored decoded.
        """
        if self._answer is None:
            return None
        if self._end == "complete" and self._decoder is not None and not self._fault:
            self._finish(self._decoder)
        if self._fault:
            raise UndecodableError(self._fault)
        response = self._response(self._answer)
        return Interaction(recorded_request(self.request), response, id=self.place)

    def _finish(self, open_decoder: Decoder) -> None:
        try:
            open_decoder.finish()
        except ValueError as error:
            self._fault = f"the body is not what its content-encoding says: {error}"

    def _is_whole(self) -> bool:
        if self._answer is None:
            return False
        headers = self._answer.headers
        if self.request.method == "HEAD" or self._answer.status_code in BODILESS_STATUS:
            return True
        length = headers.get("content-length", "")
        if length.isdecimal():
            return self._received == int(length)
        return chunking.is_finished(bytes(self._body), headers.get("content-type", ""))

    def _response(self, answer: Answer) -> Response:
        version = "HTTP/2.0" if answer.http_version == HTTP_2 else answer.http_version
        digits = version.removeprefix("HTTP/").split(".")
        uncompressed = self._received > 0 and _is_encoded(answer.headers)
        return Response(
            answer.status_code,
            canonical_names(_plain(answer.headers) if uncompressed else answer.headers),
            bytes(self._body),
            status=_status(answer),
            duration_ns=self._answered_at_ns - self.sent_at_ns,
            proto=version,
            proto_major=int(digits[0]),
            proto_minor=int(digits[1]),
            transfer_encoding=("chunked",) if _is_chunked(answer.headers) else (),
            content_length=-1 if uncompressed else _content_length(answer, self.request.method),
            uncompressed=uncompressed,
            stream=Stream(self.end, tuple(self._sizes)),
        )


def recorded_request(request: Request) -> Request:
    """A live request with the fields that the file format has, as Go's HTTP client states them."""
    url = urldefrag(request.url).url
    is_chunked = _is_chunked(request.headers)
    return Request(
        request.method,
        url,
        canonical_names(request.headers),
        request.body,
        content_length=-1 if is_chunked else len(request.body),
        transfer_encoding=("chunked",) if is_chunked else (),
        host=urlsplit(url).netloc.rpartition("@")[2],
        form=_form(request, url),
    )


def _plain(headers: Headers) -> Headers:
    """The headers of the decoded body."""
    gone = {"content-encoding", "content-length"}
    return Headers([pair for pair in headers.multi_items() if pair[0].lower() not in gone])


def _status(answer: Answer) -> str:
    """HTTP/2 has no reason phrases; the standard's takes their place."""
    phrase = answer.reason
    if not phrase and answer.http_version == HTTP_2:
        phrase = next((known.phrase for known in HTTPStatus if known == answer.status_code), "")
    return f"{answer.status_code} {phrase}".rstrip()


def _is_encoded(headers: Headers) -> bool:
    return headers.get("content-encoding", "").strip().lower() not in {"", "identity"}


def _is_chunked(headers: Headers) -> bool:
    return "chunked" in headers.get("transfer-encoding", "").lower()


def _content_length(answer: Answer, method: str) -> int:
    """The stated length, -1 if unknown: to HEAD that of the body which GET would have."""
    if answer.status_code in BODILESS_STATUS and method != "HEAD":
        return 0
    length = answer.headers.get("content-length", "")
    return int(length) if length.isdecimal() and not _is_chunked(answer.headers) else -1


def _form(request: Request, url: str) -> Headers:
    """Query parameters and urlencoded fields, body first, as Go's `Request.ParseForm` has them."""
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    body = request.body.decode("utf-8", "surrogateescape") if is_form else ""
    fields = [*_fields(body), *_fields(urlsplit(url).query)]
    return Headers(fields)


def _fields(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def canonical_names(headers: Headers) -> Headers:
    """Headers with their names as Go writes them: `Content-Type`, `X-Should-Retry`."""
    return Headers(
        [
            ("-".join(part.capitalize() for part in name.split("-")), text)
            for name, text in headers.multi_items()
        ]
    )

"""What a cassette holds, as frozen values; bodies are bytes.

`dataclasses.replace(x, body=...)` makes a changed copy. Nothing here reads files or knows YAML.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from cassette_kit import chunking

if TYPE_CHECKING:
    from cassette_kit.chunking import ServerSentEvent

Value = TypeVar("Value")
StreamEnd = Literal["complete", "client_closed", "upstream_error"]


class Headers(Mapping[str, str]):
    """A case-insensitive mapping of header names to values that keeps order and repetitions.

    `headers["accept"]` joins repeated values with ", " as httpx does; `get_list` keeps them apart.
    Iteration yields each name once, in lower case; `multi_items` yields the pairs as written.
    """

    __module__ = "cassette_kit"
    __slots__ = ("_decoded", "_raw")

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._raw: Sequence[tuple[bytes, bytes]] = ()
        self._decoded: tuple[tuple[str, str], ...] | None = tuple(
            (name, value) for name, value in items
        )

    @classmethod
    def from_wire(cls, raw: Sequence[tuple[bytes, bytes]]) -> Headers:
        """Headers as an HTTP client has them; decoded when somebody looks.

        UTF-8 where all of a header is, else Latin-1, as httpx reads them.
        """
        headers = cls.__new__(cls)
        headers._raw = raw
        headers._decoded = None
        return headers

    @property
    def raw(self) -> Sequence[tuple[bytes, bytes]]:
        """The pairs as written, in bytes; what is not UTF-8 as it came."""
        if not self._raw and self._decoded:
            self._raw = [(_wire(name), _wire(value)) for name, value in self._decoded]
        return self._raw

    @property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        if self._decoded is None:
            self._decoded = tuple((_text(name), _text(value)) for name, value in self._raw)
        return self._decoded

    def __getitem__(self, name: str) -> str:
        values = self.get_list(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self._pairs))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._pairs})

    def __bool__(self) -> bool:
        return bool(self._raw or self._decoded)

    def __eq__(self, other: object) -> bool:
        """The same values under the same spelling of each name; the order of names is no matter."""
        if isinstance(other, Headers):
            return self._pairs == other._pairs or self._by_name() == other._by_name()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._by_name()))

    def _by_name(self) -> list[tuple[str, str]]:
        return sorted(self._pairs, key=lambda pair: pair[0])

    def __repr__(self) -> str:
        return f"Headers({list(self._pairs)!r})"

    def get_list(self, name: str) -> list[str]:
        """The values of one header, in order; empty if it is absent."""
        if self._decoded is None:
            wanted = _wire(name.lower())
            return [_text(value) for written, value in self._raw if written.lower() == wanted]
        return [value for written, value in self._decoded if written.lower() == name.lower()]

    def multi_items(self) -> list[tuple[str, str]]:
        """Every pair as written, repetitions included."""
        return list(self._pairs)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


NO_HEADERS = Headers()


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a body as the caller received it; `delay_ms` since the piece before."""

    data: bytes
    delay_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """How a body arrived: the `x-stream` key. `chunks` holds (milliseconds since the chunk before,
    bytes); the first delay counts from the response headers."""

    end: StreamEnd
    chunks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Request:
    """A request as the cassette states it.

    `content_length` is 0 for none and -1 for unknown, and often wrong in edited files: nothing
    matches on it. `extra` holds keys that the format does not define, as its reader keeps them.
    """

    method: str
    url: str
    headers: Headers = NO_HEADERS
    body: bytes = b""
    proto: str = field(default="HTTP/1.1", kw_only=True)
    proto_major: int = field(default=1, kw_only=True)
    proto_minor: int = field(default=1, kw_only=True)
    content_length: int = field(default=0, kw_only=True)
    transfer_encoding: tuple[str, ...] = field(default=(), kw_only=True)
    trailer: Headers = field(default=NO_HEADERS, kw_only=True)
    host: str = field(default="", kw_only=True)
    remote_addr: str = field(default="", kw_only=True)
    request_uri: str = field(default="", kw_only=True)
    form: Headers = field(default=NO_HEADERS, kw_only=True)
    extra: tuple[tuple[str, object], ...] = field(default=(), kw_only=True, repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is not JSON."""
        return _json(self.body)


@dataclass(frozen=True)
class Response:
    """A response as the cassette states it; the body is stored decoded.

    `status` is the status line's text ("200 OK"), which may be empty. `duration_ns` is the time to
    the response headers.
    """

    status_code: int
    headers: Headers = NO_HEADERS
    body: bytes = b""
    status: str = field(default="", kw_only=True)
    duration_ns: int = field(default=0, kw_only=True)
    proto: str = field(default="HTTP/1.1", kw_only=True)
    proto_major: int = field(default=1, kw_only=True)
    proto_minor: int = field(default=1, kw_only=True)
    transfer_encoding: tuple[str, ...] = field(default=(), kw_only=True)
    trailer: Headers = field(default=NO_HEADERS, kw_only=True)
    content_length: int = field(default=-1, kw_only=True)
    uncompressed: bool = field(default=False, kw_only=True)
    stream: Stream | None = field(default=None, kw_only=True)
    extra: tuple[tuple[str, object], ...] = field(default=(), kw_only=True, repr=False)

    @property
    def reason(self) -> str:
        """The reason phrase: `status` without its leading code."""
        code, _, phrase = self.status.partition(" ")
        return phrase if code.isdigit() else self.status

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The body in the pieces in which it was delivered.

        With recorded sizes that add up to the body, those; else cut where a server would have.
        """
        delays = [delay_ms for delay_ms, _ in self.recorded_sizes or ()]
        return tuple(map(Chunk, self.pieces, delays or itertools.repeat(None)))

    @property
    def pieces(self) -> list[bytes]:
        """The data of `chunks`."""
        sizes = self.recorded_sizes
        if sizes is None:
            return chunking.split(self.body, self.headers.get("content-type", ""))
        ends = itertools.accumulate((size for _, size in sizes), initial=0)
        return [self.body[start:end] for start, end in itertools.pairwise(ends)]

    @property
    def recorded_sizes(self) -> tuple[tuple[int, int], ...] | None:
        """The recorded (delay_ms, bytes) of each chunk; None unless they add up to the body."""
        if self.stream is None or sum(size for _, size in self.stream.chunks) != len(self.body):
            return None
        return self.stream.chunks

    def json(self) -> Any:
        """The body as JSON (keep-alive padding allowed). Raises ValueError if it is not JSON."""
        return _json(self.body)

    def events(self) -> list[ServerSentEvent]:
        """The body's server-sent events; empty if it has none."""
        return chunking.sse_events(self.body)


@dataclass(frozen=True)
class Interaction:
    """One request and its response.

    `source` is what the format needs to write an unchanged interaction back from its own text; it
    takes no part in comparisons.
    """

    request: Request
    response: Response
    id: int = field(default=0, kw_only=True)
    extra: tuple[tuple[str, object], ...] = field(default=(), kw_only=True, repr=False)
    source: object = field(default=None, kw_only=True, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Cassette:
    """The interactions of one file, in order. `source` is the format's own, as in `Interaction`."""

    interactions: tuple[Interaction, ...] = ()
    extra: tuple[tuple[str, object], ...] = field(default=(), kw_only=True, repr=False)
    source: object = field(default=None, kw_only=True, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where a live request differs from a taped one, with both values.

    `where` is what a reader looks for: "method", "url", "body $.messages[1].content".
    """

    where: str
    live: object
    taped: object


for _public in (Mismatch, Chunk, Stream, Request, Response, Interaction, Cassette):
    _public.__module__ = "cassette_kit"


def made(kind: type[Value], values: dict[str, Any]) -> Value:
    """`kind(**values)` without its `__init__`, which takes five times as long; keeps `values`.

    For a `Request`, `Response` or `Interaction` alone: they are not slotted, so that their classes
    hold the defaults of what `values` lacks.
    """
    value = object.__new__(kind)
    object.__setattr__(value, "__dict__", values)
    return value


def _json(body: bytes) -> Any:
    import json

    return json.loads(body)

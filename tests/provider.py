"""A scripted LLM provider on loopback: real sockets, each byte and each moment chosen by the test.

The first token reaches the caller before the server has sent the last one:

    held = Gate("second token")
    with Provider() as provider:
        provider.script(Answer.sse(openai_chat_sse(["Hel", "lo"]), pauses={2: held}))
        with httpx.stream("POST", provider.url + "/v1/chat/completions", json={}) as response:
            events = response.iter_text()
            assert "role" in next(events)  # the texts follow, one a piece
            assert "Hel" in next(events)
            held.open()
            assert "lo" in "".join(events)

A rate limit, then the answer; the two requests as they came over the wire:

    provider.on("/v1/messages", Answer.rate_limited(), Answer.json(anthropic_json("Hello")))
    anthropic.Anthropic(base_url=provider.url, api_key="k").messages.create(...)
    assert [request.framing for request in provider.requests] == ["length", "length"]

An upstream that breaks after two events, and a caller who leaves a stream that has no end:

    provider.script(
        Answer.sse(groq_sse(["a", "b"]), drop="reset", drop_after=2),
        Answer.sse(itertools.repeat(b": ping\\n\\n"), pauses=5),
    )
    ...
    assert provider.disconnects.wait() == 1  # the second request; raises after ten seconds

Whatever waits here has a time limit and says what it waited for. Leaving the block hangs up on
every connection, then raises what went wrong inside the server, such as a gate never opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import itertools
import json
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import Future
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self, TypeVar, cast

import anyio.to_thread

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Coroutine
    from types import TracebackType

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]
Part = Literal["headers", "piece", "end", "drop"]
Drop = Literal["close", "reset"]
Framing = Literal["none", "length", "chunked", "h2"]

TIME_LIMIT_S = 10.0
RETRY_SOON = [("Retry-After-Ms", "1")]
UNANSWERED = -1  # as drop_after: the connection goes before the first byte of a response
BODYLESS = {204, 304}
HTTP1_ONLY = {"connection", "transfer-encoding"}
SSE = "text/event-stream"
JSON = "application/json"


# --- what tests wait on ---------------------------------------------------------------------------


class Log(list[T]):
    """A list that the server appends to and a test can wait on."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._grown = threading.Condition()

    def append(self, item: T) -> None:
        with self._grown:
            super().append(item)
            self._grown.notify_all()

    def wait(self, count: int = 1, *, limit_s: float = TIME_LIMIT_S) -> T:
        """The `count`-th entry, as soon as it is there. Raises TimeoutError."""
        with self._grown:
            if not self._grown.wait_for(lambda: len(self) >= count, limit_s):
                raise TimeoutError(
                    f"waited {limit_s:g} s for {count} {self._what}, there are {len(self)}"
                )
            return self[count - 1]

    async def wait_async(self, count: int = 1, *, limit_s: float = TIME_LIMIT_S) -> T:
        """`wait` for a test on asyncio or trio whose loop has to go on meanwhile."""
        return await anyio.to_thread.run_sync(functools.partial(self.wait, count, limit_s=limit_s))


class Gate:
    """Holds the server until the test calls `open`, from any thread or loop; then stays open.

    `reached` gets an entry when the server arrives: wait on it to know that the server stands here.
    """

    def __init__(self, name: str = "gate", *, limit_s: float = TIME_LIMIT_S) -> None:
        self.name = name
        self.is_open = False
        self.reached: Log[str] = Log(f"arrivals at {name!r}")
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._waiting: list[Future[None]] = []

    def open(self) -> None:
        with self._lock:
            self.is_open = True
            waiting, self._waiting = self._waiting, []
        for opened in waiting:
            if opened.set_running_or_notify_cancel():
                opened.set_result(None)

    async def passed(self) -> None:
        """The server's side. Raises TimeoutError if nobody opens the gate."""
        opened: Future[None] = Future()
        with self._lock:
            self._waiting.append(opened)
        self.reached.append(self.name)
        if self.is_open:
            self.open()
        try:
            await asyncio.wait_for(asyncio.wrap_future(opened), self._limit_s)
        except TimeoutError:
            reason = f"{self.name!r} was not opened within {self._limit_s:g} s"
            raise TimeoutError(reason) from None


Pause = Gate | float  # a gate, or milliseconds


# --- what tests script ----------------------------------------------------------------------------


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


# --- what tests look at afterwards ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire: target and header names untouched, body unframed.

    `connection` counts the accepted connections from 0, so reuse can be told.
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    framing: Framing
    connection: int

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> Any:
        return json.loads(self.body)


class Sent(NamedTuple):
    """A part of an answer, entered just before it leaves.

    `request` is the index in `provider.requests`; `data` a piece as scripted, without its
    encoding and framing; `at_ns` from the monotonic clock.
    """

    request: int
    part: Part
    data: bytes
    at_ns: int


# --- the server -----------------------------------------------------------------------------------


class Wire(Protocol):
    """The way back to the client, for one request or several in turn."""

    async def head(self, answer: Answer, *, bodyless: bool) -> None: ...
    async def piece(self, data: bytes) -> None: ...
    async def end(self, data: bytes, trailers: Pairs) -> None: ...
    def drop(self, how: Drop) -> None: ...
    async def gone(self) -> None:
        """Returns once the client has left."""


class Provider:
    """The server, in a thread and loop of its own while the block lasts.

    `requests`, `sent` and `disconnects` (indices in `requests` of the answers that the client left
    before their end) grow as things happen. A request without a scripted answer gets a 418, which
    no SDK retries, with a text that says so.
    """

    scheme = "http"

    def __init__(self) -> None:
        self.requests: Log[Received] = Log("requests")
        self.sent: Log[Sent] = Log("parts sent")
        self.disconnects: Log[int] = Log("disconnects")
        self._script: deque[Answer] = deque()
        self._routes: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._conversations: set[asyncio.Task[None]] = set()
        self._failures: list[Exception] = []
        self._accepted = itertools.count()

    @property
    def url(self) -> str:
        """Without a final slash."""
        return f"{self.scheme}://127.0.0.1:{self._port}"

    def script(self, *answers: Answer) -> None:
        """Answer the next requests so, in the order in which they arrive."""
        self._script.extend(answers)

    def on(self, path: str, *answers: Answer) -> None:
        """Answer the next requests to a path so; where they are used up, `script` is next."""
        self._routes[path].extend(answers)

    def delays_ms(self, request: int = 0) -> list[float]:
        """Milliseconds before each piece: since the piece before it, or since the headers."""
        parts = [sent for sent in self.sent if sent.request == request]
        moments = [sent.at_ns for sent in parts if sent.part in ("headers", "piece")]
        return [(after - before) / 1e6 for before, after in pairwise(moments)]

    def clear(self) -> None:
        """Hang up on every connection and forget all; for a server that several tests share."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(TIME_LIMIT_S)
        for kept in (self.requests, self.sent, self.disconnects, self._script, self._routes):
            kept.clear()
        self._raise_failures()

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self._port = listener.getsockname()[1]
        runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = runner.get_loop()
        self._leaving = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(runner, listener), name="provider")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(TIME_LIMIT_S)
        if self._thread.is_alive():
            raise TimeoutError(f"the provider did not end within {TIME_LIMIT_S:g} s")
        if error is None:
            self._raise_failures()
        else:
            for failure in self._failures:
                error.add_note(f"in the provider: {failure!r}")

    def _raise_failures(self) -> None:
        failures, self._failures = self._failures, []
        if failures:
            raise ExceptionGroup("in the provider", failures)

    def _run(self, runner: asyncio.Runner, listener: socket.socket) -> None:
        with runner:
            runner.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        server = await asyncio.start_server(self._accept, sock=listener, ssl=self._tls())
        await self._leaving.wait()
        server.close()
        await self._hang_up()

    def _tls(self) -> ssl.SSLContext | None:
        return None

    async def _hang_up(self) -> None:
        conversations = list(self._conversations)
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        """No coroutine, so that a connection is closed even if its task never gets to run."""
        conversation = asyncio.create_task(self._converse(reader, writer, next(self._accepted)))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)
        conversation.add_done_callback(self._note_failure)
        conversation.add_done_callback(lambda _: writer.transport.abort())

    def _note_failure(self, conversation: asyncio.Task[None]) -> None:
        error = None if conversation.cancelled() else conversation.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self._failures.append(error)

    async def _converse(self, reader: StreamReader, writer: StreamWriter, connection: int) -> None:
        wire = Http1Wire(reader, writer)
        while wire.keep_alive and (received := await wire.receive(connection)):
            await self._exchange(received, wire)

    async def _exchange(self, received: Received, wire: Wire) -> None:
        number = len(self.requests)
        answer = self._answer_to(received)
        self.requests.append(received)
        bodyless = received.method == "HEAD" or answer.status in BODYLESS
        try:
            await unless_gone(self._play(number, answer, wire, bodyless=bodyless), wire.gone())
        except ConnectionError:
            self.disconnects.append(number)

    def _answer_to(self, received: Received) -> Answer:
        path = received.target.partition("?")[0]
        for queue in (self._routes[path], self._script):
            if queue:
                return queue.popleft()
        return unscripted(received)

    async def _play(self, number: int, answer: Answer, wire: Wire, *, bodyless: bool) -> None:
        for step in answer.steps(bodyless=bodyless):
            await passed(step.pause)
            self.sent.append(Sent(number, step.part, step.data, time.monotonic_ns()))
            match step.part:
                case "headers":
                    await wire.head(answer, bodyless=bodyless)
                case "piece":
                    await wire.piece(step.encoded)
                case "end":
                    await wire.end(step.encoded, answer.trailers)
                case "drop":
                    wire.drop(answer.drop)


def unscripted(received: Received) -> Answer:
    """What a request gets that no answer was scripted for."""
    message = f"no answer is scripted for {received.method} {received.target}"
    pieces = json_pieces({"error": {"message": message}, "message": message})
    return Answer.json(pieces, status=418, headers=[("x-should-retry", "false")])


async def passed(pause: Pause) -> None:
    """Always gives other tasks a turn, so that an endless answer can be stopped."""
    if isinstance(pause, Gate):
        await pause.passed()
    else:
        await asyncio.sleep(pause / 1000)


async def unless_gone(play: Coroutine[Any, Any, None], gone: Coroutine[Any, Any, None]) -> None:
    """Run `play` to its end. Raises ConnectionResetError if the client leaves before."""
    tasks = [asyncio.create_task(play), asyncio.create_task(gone)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise ConnectionResetError("the client left")
        tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Http1Wire:
    """One HTTP/1.1 connection. Knows no `Expect` and no upgrade."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.keep_alive = True
        self._reader = reader
        self._writer = writer
        self._writer.transport.set_write_buffer_limits(0)  # drained: all is with the system
        self._ahead = b""
        self._chunked = False

    async def receive(self, connection: int) -> Received | None:
        """The next request; None if the client left instead, or while it was sending it."""
        ahead, self._ahead = self._ahead, b""
        try:
            head = ahead + await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            method, target, _ = first.split(" ")
            pairs = [line.partition(":") for line in lines]
            headers = [(name, value.strip()) for name, _, value in pairs]
            framing, body = await self._body({name.lower(): value for name, value in headers})
        except asyncio.IncompleteReadError:
            return None
        received = Received(method, target, headers, body, framing, connection)
        self.keep_alive = received.header("connection") != "close"
        return received

    async def _body(self, headers: Mapping[str, str]) -> tuple[Framing, bytes]:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return "chunked", b"".join([chunk async for chunk in self._chunks()])
        if "content-length" in headers:
            return "length", await self._reader.readexactly(int(headers["content-length"]))
        return "none", b""

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int((await self._line()).split(b";")[0], 16):
            yield await self._reader.readexactly(size)
            await self._line()
        while await self._line():
            pass  # trailers

    async def _line(self) -> bytes:
        return (await self._reader.readuntil(b"\r\n")).removesuffix(b"\r\n")

    async def gone(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._ahead = await self._reader.read(1)
            if self._ahead:  # the next request comes early, and can wait
                await asyncio.Event().wait()
        self.keep_alive = False

    async def head(self, answer: Answer, *, bodyless: bool) -> None:
        self._chunked = answer.framing == "chunked" and not bodyless
        self.keep_alive = self.keep_alive and answer.framing != "close"
        first = f"HTTP/1.1 {answer.status} {answer.phrase}\r\n".encode("latin-1")
        await self._write(first + field_lines(answer.fields()))

    async def piece(self, data: bytes) -> None:
        if data:  # an empty chunk would end the body
            await self._write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    async def end(self, data: bytes, trailers: Pairs) -> None:
        await self.piece(data)
        if self._chunked:
            await self._write(b"0\r\n" + field_lines(trailers))

    def drop(self, how: Drop) -> None:
        self.keep_alive = False
        if how == "reset":
            linger = struct.pack("ii", 1, 0)  # close() then sends RST, not FIN
            connection = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


def field_lines(pairs: Pairs) -> bytes:
    """A header or trailer section with the blank line that ends it."""
    lines = [f"{name}: {value}\r\n" for name, value in pairs]
    return "".join([*lines, "\r\n"]).encode("latin-1")


# --- HTTP/2 ---------------------------------------------------------------------------------------


class Http2Provider(Provider):
    """The same over HTTP/2 and TLS; needs the packages h2 (as `httpx[http2]` does) and trustme.

    `httpx.Client(http2=True, verify=provider.client_tls)`. `framing="length"` adds the header, the
    other framings nothing. `drop="reset"` resets the stream, "close" the whole connection. httpx
    does not tell the server when it leaves a stream; only closing the client is a disconnect.
    """

    scheme = "https"

    def __init__(self) -> None:
        super().__init__()
        trustme = importlib.import_module("trustme")
        authority = trustme.CA()
        self.client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self.client_tls)
        self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server_tls.set_alpn_protocols(["h2"])
        authority.issue_cert("127.0.0.1").configure_cert(self._server_tls)

    def _tls(self) -> ssl.SSLContext:
        return self._server_tls

    async def _converse(self, reader: StreamReader, writer: StreamWriter, connection: int) -> None:
        link = Http2Link(writer)
        async with asyncio.TaskGroup() as exchanges:
            while data := await read_some(reader):
                for stream in link.feed(data):
                    received = stream.received(connection)
                    exchanges.create_task(self._exchange(received, stream))
                await link.flush()
            link.lose()


async def read_some(reader: StreamReader) -> bytes:
    """What has come in; empty where the client is gone, in whatever way."""
    with contextlib.suppress(ConnectionError):
        return await reader.read(65536)
    return b""


class Http2Link:
    """One HTTP/2 connection and its streams."""

    def __init__(self, writer: StreamWriter) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self.state = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.state.initiate_connection()
        self.writer = writer
        self._streams: dict[int, Http2Wire] = {}
        self._heard = asyncio.Event()

    def feed(self, data: bytes) -> Iterator[Http2Wire]:
        """Take in what the client sent; the streams whose request is now complete."""
        from h2 import events

        for event in self.state.receive_data(data):
            match event:
                case events.RequestReceived():
                    wire = Http2Wire(self, event.stream_id, cast("Pairs", event.headers))
                    self._streams[event.stream_id] = wire
                case events.DataReceived():
                    self._streams[event.stream_id].body += event.data
                    self.state.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
                case events.StreamEnded():
                    yield self._streams[event.stream_id]
                case events.StreamReset():
                    self._streams[event.stream_id].left.set()
                case events.ConnectionTerminated():
                    self.lose()
        self._heard.set()

    def lose(self) -> None:
        for stream in self._streams.values():
            stream.left.set()

    async def heard(self) -> None:
        """Returns when the client has sent something, such as a larger window."""
        self._heard.clear()
        await self._heard.wait()

    async def flush(self) -> None:
        self.writer.write(self.state.data_to_send())
        await self.writer.drain()


class Http2Wire:
    """One stream."""

    def __init__(self, link: Http2Link, number: int, headers: Pairs) -> None:
        self.body = bytearray()
        self.left = asyncio.Event()
        self._link = link
        self._number = number
        self._headers = headers

    def received(self, connection: int) -> Received:
        pseudo = {name: value for name, value in self._headers if name.startswith(":")}
        headers = [(name, value) for name, value in self._headers if name not in pseudo]
        headers.insert(0, ("host", pseudo[":authority"]))
        return Received(
            pseudo[":method"], pseudo[":path"], headers, bytes(self.body), "h2", connection
        )

    async def gone(self) -> None:
        await self.left.wait()

    async def head(self, answer: Answer, *, bodyless: bool) -> None:
        fields = [(name.lower(), value) for name, value in answer.fields()]
        kept = [pair for pair in fields if pair[0] not in HTTP1_ONLY]
        await self._send("send_headers", [(":status", str(answer.status)), *kept])

    async def piece(self, data: bytes) -> None:
        state = self._link.state
        while data:
            window = state.local_flow_control_window(self._number)
            size = min(window, state.max_outbound_frame_size)
            if size <= 0:
                await self._link.heard()
                continue
            await self._send("send_data", data[:size])
            data = data[size:]

    async def end(self, data: bytes, trailers: Pairs) -> None:
        await self.piece(data)
        if trailers:
            await self._send("send_headers", list(trailers), end_stream=True)
        else:
            await self._send("end_stream")

    def drop(self, how: Drop) -> None:
        if how == "close":
            return self._link.writer.transport.abort()
        self._link.state.reset_stream(self._number)
        return self._link.writer.write(self._link.state.data_to_send())

    async def _send(self, what: str, *args: Any, **kwargs: Any) -> None:
        if self.left.is_set():
            raise ConnectionResetError("the client left")
        getattr(self._link.state, what)(self._number, *args, **kwargs)
        await self._link.flush()


# --- dialects: what providers say, as the pieces of a body ----------------------------------------


def openai_chat_sse(
    texts: Iterable[str], *, usage: bool = True, model: str = "gpt-5"
) -> list[bytes]:
    """A streamed chat completion. Piece 0 has the role, piece 1 + i the text i."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts)]
    chunks = _chat_chunks(deltas, "stop", model)
    if usage:
        chunks.append({**_chat_chunk(model), "choices": [], "usage": CHAT_USAGE})
    return [*map(event, chunks), DONE]


def openai_tool_call_sse(
    name: str, arguments: Iterable[str], *, call_id: str = "call_0", model: str = "gpt-5"
) -> list[bytes]:
    """A streamed tool call. Piece 0 has its name and id, piece 1 + i the part i of its JSON."""
    call: dict[str, Any] = {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": ""},
    }
    calls = [call, *({"function": {"arguments": part}} for part in arguments)]
    deltas: list[dict[str, Any]] = [{"tool_calls": [{"index": 0, **call}]} for call in calls]
    deltas[0] |= {"role": "assistant", "content": None}
    return [*map(event, _chat_chunks(deltas, "tool_calls", model)), DONE]


def openai_chat_json(text: str, *, model: str = "gpt-5") -> list[bytes]:
    """A whole chat completion."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {**_chat_chunk(model), "object": "chat.completion"}
    return json_pieces({**head, "choices": [choice], "usage": CHAT_USAGE})


def groq_sse(texts: Iterable[str], *, model: str = "llama-3.3-70b-versatile") -> list[bytes]:
    """OpenAI's stream in Groq's manner: id and usage in `x_groq` of its first and last chunk."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts)]
    chunks = _chat_chunks(deltas, "stop", model)
    chunks[0]["x_groq"] = {"id": "req_0"}
    chunks[-1]["x_groq"] = {"id": "req_0", "usage": CHAT_USAGE}
    return [*map(event, chunks), DONE]


def anthropic_sse(texts: Iterable[str], *, model: str = "claude-sonnet-5") -> list[bytes]:
    """A streamed message. Pieces 0 and 1 start message and block, piece 2 + i has the text i."""
    deltas = [{"type": "text_delta", "text": text} for text in texts]
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": _message([], None, model)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    return [event(data, name=data["type"]) for data in events]


def anthropic_json(text: str, *, model: str = "claude-sonnet-5") -> list[bytes]:
    """A whole message."""
    return json_pieces(_message([{"type": "text", "text": text}], "end_turn", model))


def json_pieces(value: object) -> list[bytes]:
    """Any JSON, in one piece, as compact UTF-8."""
    return [json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()]


def event(data: object, *, name: str | None = None) -> bytes:
    """A server-sent event with JSON data."""
    label = f"event: {name}\n".encode() if name else b""
    return b"%bdata: %b\n\n" % (label, *json_pieces(data))


DONE = b"data: [DONE]\n\n"
CHAT_USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def _chat_chunks(deltas: list[dict[str, Any]], reason: str, model: str) -> list[dict[str, Any]]:
    """One chunk a delta, and the one that says why the stream ends."""
    reasons = [None] * len(deltas) + [reason]
    return [
        {
            **_chat_chunk(model),
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        }
        for delta, reason in zip([*deltas, {}], reasons, strict=True)
    ]


def _chat_chunk(model: str) -> dict[str, Any]:
    kind = "chat.completion.chunk"
    return {"id": "chatcmpl-0", "object": kind, "created": 1767225600, "model": model}


def _message(content: list[Any], stop_reason: str | None, model: str) -> dict[str, Any]:
    return {
        "id": "msg_0",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 2},
    }

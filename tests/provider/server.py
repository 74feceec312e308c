"""The server: whom it answers with what, and what it notes of that."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, Self

from provider.answers import BODYLESS, Answer, Drop, Pairs
from provider.dialects import json_pieces
from provider.exchanges import Received, Sent
from provider.http1 import Http1Wire
from provider.waiting import TIME_LIMIT_S, Gate, Log, Pause

if TYPE_CHECKING:
    import ssl
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Coroutine
    from types import TracebackType


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

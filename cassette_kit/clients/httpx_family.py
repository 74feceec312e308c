"""httpx and httpx2: hands each request to a tape, and the tape's answer to the client.

The two packages share their shape but no class, so everything here is built around the module that
the caller's client comes from. The sync and async twins differ in their waiting alone.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any, Protocol

from cassette_kit import ownership
from cassette_kit.model import Headers, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import ModuleType

    from cassette_kit.playback import Playback


class Tape(Protocol):
    """What an adapter asks of a tape."""

    def passes(self, host: str) -> bool: ...

    def decide(self, request: Request) -> Playback: ...

    def truncated(self, request: Request) -> BaseException: ...


@functools.cache
def family(module: ModuleType) -> Family:
    """The adapter for `httpx` or `httpx2`."""
    return Family(module)


class Family:
    """Answers the clients of one package with its own classes."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.ReplayStream = _replay_stream(module)
        self.Transport = _transport(self)

    def intercept(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """The replacement of `HTTPTransport.handle_request` while tapes are open."""

        def handle_request(transport: Any, request: Any) -> Any:
            tape = _owner(request)
            if tape is None:
                return original(transport, request)
            return self.respond(tape, request, functools.partial(original, transport))

        return handle_request

    def intercept_async(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """The replacement of `AsyncHTTPTransport.handle_async_request` while tapes are open."""

        async def handle_async_request(transport: Any, request: Any) -> Any:
            tape = _owner(request)
            if tape is None:
                return await original(transport, request)
            return await self.respond_async(tape, request, functools.partial(original, transport))

        return handle_async_request

    def respond(self, tape: Tape, request: Any, live: Callable[[Any], Any]) -> Any:
        """The answer to a request: recorded, or from `live` where the tape lets it through."""
        if tape.passes(request.url.host):
            return live(request)
        request.read()
        response = self._recorded(tape, model_request(request))
        pause(response.stream.wait_s)
        return response

    async def respond_async(self, tape: Tape, request: Any, live: Callable[[Any], Any]) -> Any:
        """As `respond`, without blocking the event loop."""
        if tape.passes(request.url.host):
            return await live(request)
        await request.aread()
        response = self._recorded(tape, model_request(request))
        await pause_async(response.stream.wait_s)
        return response

    def _recorded(self, tape: Tape, request: Request) -> Any:
        playback = tape.decide(request)
        ending = functools.partial(self._ending, tape, request, playback)
        return self.module.Response(
            playback.status_code,
            headers=playback.headers,
            stream=self.ReplayStream(playback, ending),
            extensions={"http_version": playback.http_version, "reason_phrase": playback.reason},
        )

    def _ending(self, tape: Tape, request: Request, playback: Playback) -> None:
        if playback.end == "client_closed":
            raise tape.truncated(request)
        if playback.end == "upstream_error":
            raise self.module.RemoteProtocolError(
                "the upstream broke this stream here when it was recorded"
            )


def model_request(request: Any) -> Request:
    """A package's request, whose body was read, as a plain value."""
    encoding = request.headers.encoding
    pairs = [(name.decode(encoding), text.decode(encoding)) for name, text in request.headers.raw]
    return Request(request.method, str(request.url), Headers(pairs), request.content)


def _owner(request: Any) -> Any:
    return ownership.owner_of(f"{request.method} {request.url}")


def _transport(family: Family) -> Any:
    module: Any = family.module

    class CassetteTransport(module.BaseTransport, module.AsyncBaseTransport):  # type: ignore[misc]
        """Answers its client from one tape; a live transport is made when something goes live."""

        def __init__(self, tape: Tape) -> None:
            self._tape = tape

        def handle_request(self, request: Any) -> Any:
            return family.respond(self._tape, request, self._send)

        async def handle_async_request(self, request: Any) -> Any:
            return await family.respond_async(self._tape, request, self._send_async)

        def _send(self, request: Any) -> Any:
            return self._live.handle_request(request)

        async def _send_async(self, request: Any) -> Any:
            return await self._async_live.handle_async_request(request)

        @functools.cached_property
        def _live(self) -> Any:
            return module.HTTPTransport()

        @functools.cached_property
        def _async_live(self) -> Any:
            return module.AsyncHTTPTransport()

        def close(self) -> None:
            if "_live" in vars(self):
                self._live.close()

        async def aclose(self) -> None:
            if "_async_live" in vars(self):
                await self._async_live.aclose()

    return CassetteTransport


def _replay_stream(module: Any) -> Any:
    class ReplayStream(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc]
        """The recorded pieces, one at a time, then the recorded ending."""

        def __init__(self, playback: Playback, ending: Callable[[], None]) -> None:
            self.wait_s = playback.wait_s
            self._waits_s = playback.waits_s or (0.0,) * len(playback.pieces)
            self._pieces = playback.pieces
            self._ending = ending

        def __iter__(self) -> Iterator[bytes]:
            for wait_s, piece in zip(self._waits_s, self._pieces, strict=True):
                pause(wait_s)
                yield piece
            self._ending()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for wait_s, piece in zip(self._waits_s, self._pieces, strict=True):
                await pause_async(wait_s)
                yield piece
            self._ending()

    return ReplayStream


def pause(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


async def pause_async(seconds: float) -> None:
    if seconds > 0:
        import anyio

        await anyio.sleep(seconds)

"""httpx and httpx2: hands each request to a tape, and the tape's answer to the client.

The two packages share their shape but no class, so everything here is built around the module that
the caller's client comes from. The sync and async twins differ in their waiting alone.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from cassette_kit import ownership
from cassette_kit.capture import Answer
from cassette_kit.clients.httpx_streams import (
    Recording,
    pause,
    pause_async,
    replay_stream,
    tees,
)
from cassette_kit.model import Headers, Request, made
from cassette_kit.playback import Playback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


class Tape(Protocol):
    """What an adapter asks of a tape."""

    lets_some_pass: bool

    def passes(self, host: str) -> bool: ...

    def decide(self, request: Request) -> Playback | Recording: ...

    def truncated(self, request: Request) -> BaseException: ...


@functools.cache
def family(module: ModuleType) -> Family:
    """The adapter for `httpx` or `httpx2`."""
    return Family(module)


class Family:
    """Answers the clients of one package with its own classes."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.ReplayStream = replay_stream(module)
        self.Tee, self.AsyncTee = tees(module)
        self.Transport = _transport(self)

    def intercept(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """The replacement of `HTTPTransport.handle_request` while tapes are open."""

        def handle_request(transport: Any, request: Any) -> Any:
            tape = _owner(request)
            if tape is None or ownership.is_sending(tape):
                return original(transport, request)
            return self.respond(tape, request, functools.partial(original, transport))

        return handle_request

    def intercept_async(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """The replacement of `AsyncHTTPTransport.handle_async_request` while tapes are open."""

        async def handle_async_request(transport: Any, request: Any) -> Any:
            tape = _owner(request)
            if tape is None or ownership.is_sending(tape):
                return await original(transport, request)
            return await self.respond_async(tape, request, functools.partial(original, transport))

        return handle_async_request

    def respond(self, tape: Tape, request: Any, live: Callable[[Any], Any]) -> Any:
        """The answer to a request: recorded, or from `live` where the tape lets it through."""
        if tape.lets_some_pass and tape.passes(request.url.host):
            return live(request)
        stream = request.stream
        try:
            request.read()
            decision = tape.decide(taken := model_request(request))
            if isinstance(decision, Playback):
                pause(decision.wait_s)
                return self._replayed(tape, taken, decision)
            with _sending(tape, decision):
                response = live(request)
            return _passed_on(decision, response, self.Tee)
        finally:
            request.stream = stream  # a body that can be sent once stays one that was sent

    async def respond_async(self, tape: Tape, request: Any, live: Callable[[Any], Any]) -> Any:
        """As `respond`, without blocking the event loop."""
        if tape.lets_some_pass and tape.passes(request.url.host):
            return await live(request)
        stream = request.stream
        try:
            await request.aread()
            decision = tape.decide(taken := model_request(request))
            if isinstance(decision, Playback):
                await pause_async(decision.wait_s)
                return self._replayed(tape, taken, decision)
            with _sending(tape, decision):
                response = await live(request)
            return _passed_on(decision, response, self.AsyncTee)
        finally:
            request.stream = stream

    def _replayed(self, tape: Tape, request: Request, playback: Playback) -> Any:
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
    return made(
        Request,
        {
            "method": request.method,
            "url": str(request.url),
            "headers": Headers.from_wire(request.headers.raw),
            "body": request.content,
        },
    )


def model_answer(response: Any) -> Answer:
    """The head of a package's response as a plain value."""
    extensions = response.extensions
    return Answer(
        response.status_code,
        extensions.get("reason_phrase", b"").decode("utf-8", "surrogateescape"),
        extensions.get("http_version", b"HTTP/1.1").decode("ascii"),
        Headers.from_wire(response.headers.raw),
    )


@contextmanager
def _sending(tape: Tape, recording: Recording) -> Iterator[None]:
    """A request on its way; without a response, nothing is recorded."""
    with ownership.sending(tape):
        try:
            yield
        except BaseException:
            recording.close()
            raise


def _passed_on(recording: Recording, response: Any, tee: Any) -> Any:
    """A live response whose body passes the recording on its way to the caller."""
    recording.answered(model_answer(response))
    response.stream = tee(response.stream, recording)
    return response


def _owner(request: Any) -> Any:
    """Whose request it is. User info and query, which can hold secrets, are not named in errors."""
    url = request.url
    return ownership.owner_of(f"{request.method} {url.scheme}://{url.netloc.decode()}{url.path}")


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

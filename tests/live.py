"""Clients of both packages, sync and async, in calls that read alike; for what goes live.

async with way.client() as client:
    response = await client.send("GET", provider.url, stream=True)
    pieces = client.raw(response)
    first = await step(pieces)
    await client.close(response)
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import ModuleType


@dataclass(frozen=True)
class Way:
    """A package, and how it is called; `backend` is the event loop that the test runs on."""

    family: ModuleType
    is_async: bool = False
    backend: str = "asyncio"

    def __str__(self) -> str:
        return f"{self.family.__name__}-{self.backend if self.is_async else 'sync'}"

    @contextlib.asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[Client]:
        """A client with a default transport, unless `options` name one."""
        options = {"verify": False, "trust_env": False, "timeout": 10, **options}
        if self.is_async:
            async with self.family.AsyncClient(**options) as client:
                yield Client(client, self)
        else:
            with self.family.Client(**options) as client:
                yield Client(client, self)

    async def alongside(self, call: Callable[..., Any], *args: Any) -> Any:
        """Make a call that others run beside: in a thread, or on the loop."""
        if self.is_async:
            return await call(*args)
        return await to_thread.run_sync(call, *args)


class Client:
    """A client of either kind. `client` is the package's own, `trace` what its connections did."""

    def __init__(self, client: Any, way: Way) -> None:
        self.client = client
        self.way = way
        self.trace: list[str] = []

    async def send(
        self, method: str, url: str, *, stream: bool = False, auth: Any = None, **request: Any
    ) -> Any:
        """The response, its body unread where `stream`."""
        extensions = {"trace": self._note_async if self.way.is_async else self._note}
        built = self.client.build_request(method, url, extensions=extensions, **request)
        return await self._awaited(self.client.send(built, stream=stream, auth=auth))

    def raw(self, response: Any) -> Any:
        """The iterator of a body's pieces, as they came from the wire."""
        return response.aiter_raw() if self.way.is_async else response.iter_raw()

    async def read(self, response: Any) -> bytes:
        """The whole body, decoded."""
        return bytes(
            await self._awaited(response.aread() if self.way.is_async else response.read())
        )

    async def close(self, response: Any) -> None:
        await self._awaited(response.aclose() if self.way.is_async else response.close())

    def _note(self, event: str, _: Any) -> None:
        if event != "http11.receive_response_body.failed":  # trio places it at random
            self.trace.append(event)

    async def _note_async(self, event: str, info: Any) -> None:
        self._note(event, info)

    async def _awaited(self, result: Awaitable[Any] | Any) -> Any:
        return await result if self.way.is_async else result


async def step(pieces: Any) -> bytes:
    """The next piece; empty at the end."""
    if hasattr(pieces, "__anext__"):
        return bytes(await anext(pieces, b""))
    return bytes(next(pieces, b""))


async def rest(pieces: Any) -> list[bytes]:
    """All that is still to come."""
    found = []
    while piece := await step(pieces):
        found.append(piece)
    return found


OUR_SETTINGS = ("CI", "CASSETTE_MODE", "CASSETTE_ALLOW_CI_RECORDING")
WAYS = [
    Way(family, is_async, backend)
    for family in (httpx, httpx2)
    for is_async, backend in ((False, "asyncio"), (True, "asyncio"), (True, "trio"))
]

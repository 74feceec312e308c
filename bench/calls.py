"""Play one call

What the client's own MockTransport takes is 1: it gives the same headers and the same pieces, and
looks at nothing. `cassette_kit` and `cassette_kit, transport=` answer a default client and one that
is given the tape's transport; every call uses up a recording of its own. The others answer a
default client, each from one recording or route that may be used again, and match the body. JSON is
read at once, a stream chunk by chunk as it came; vcrpy and cassetter deliver bodies in one piece,
so they have no part in streams. `MockTransport, stream` gives JSON as a stream of one piece. A
cassette is open, and has answered one call, before the clock starts. `respx` patches httpx itself
(`using="httpx"`), which costs less than its default.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
import httpx2

import cassette_kit as ck
from bench.cassettes import JSON, URL, small, streamed
from bench.measuring import Row, Side
from bench.mocks import MOCKS, Exchange, response, stream
from bench.position import REPEATING
from bench.tools import TOOLS, as_expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.extent import Extent

    Answering = Callable[[], AbstractContextManager[Any]]  # a transport, or None for the default

GOAL = 1.10
CALLS = 100
EVENTS = 100
OURS = ("cassette_kit", "cassette_kit, transport=")


@dataclass(frozen=True)
class Kind:
    """What is called: a client of a family, sync or async, for JSON or a stream."""

    module: Any
    is_async: bool
    interaction: ck.Interaction

    @property
    def exchange(self) -> Exchange:
        headers = self.interaction.response.headers.multi_items()
        pieces = [chunk.data for chunk in self.interaction.response.chunks]
        return Exchange(self.interaction.request.body, headers, pieces)

    @property
    def is_stream(self) -> bool:
        return len(self.exchange.pieces) > 1

    def __str__(self) -> str:
        what = f"{EVENTS} events" if self.is_stream else "JSON"
        return f"{what}, {self.module.__name__} {'async' if self.is_async else 'sync'}"


def rows(extent: Extent) -> Iterator[Row]:
    for interaction in (small(0), streamed(0, EVENTS)):
        for module in (httpx, httpx2):
            for is_async in (False, True):
                with TemporaryDirectory() as folder:
                    yield row(Kind(module, is_async, interaction), Path(folder))


def row(kind: Kind, folder: Path) -> Row:
    sides = {name: side(kind, way) for name, way in ways(kind, folder).items()}
    return Row(str(kind), sides, kind.exchange.pieces, dict.fromkeys(OURS, GOAL))


def ways(kind: Kind, folder: Path) -> dict[str, Answering]:
    """What can answer such a call; the first is the measure."""
    found: dict[str, Answering] = {"MockTransport": partial(mock, kind, response)}
    if not kind.is_stream:
        found["MockTransport, stream"] = partial(mock, kind, streamed_response)
    path = folder / "recordings.yaml"
    recordings = (kind.interaction,) * (CALLS + 1)
    TOOLS["cassette_kit"].write(path, ck.Cassette(recordings))
    found["cassette_kit"] = partial(default, TOOLS["cassette_kit"].opened, path)
    found["cassette_kit, transport="] = partial(explicit, kind, path)
    if kind.module is httpx:
        found |= {name: partial(default, way, [kind.exchange]) for name, way in MOCKS.items()}
    if not kind.is_stream:
        found |= from_cassettes(kind, folder)
    return found


def from_cassettes(kind: Kind, folder: Path) -> dict[str, Answering]:
    """Ways of the other tools, from one recording that they may play again."""
    found: dict[str, Answering] = {}
    for name, tool in TOOLS.items():
        if name not in OURS:
            tool.write(folder / name, ck.Cassette((kind.interaction,)))
            found[name] = partial(default, partial(tool.opened, **REPEATING[name]), folder / name)
    return found


def streamed_response(module: Any, exchange: Exchange) -> Any:
    return module.Response(200, headers=exchange.headers, stream=stream(module, exchange.pieces))


@contextmanager
def mock(kind: Kind, answer: Callable[[Any, Exchange], Any]) -> Iterator[Any]:
    exchange = kind.exchange
    yield kind.module.MockTransport(lambda _: answer(kind.module, exchange))


@contextmanager
def explicit(kind: Kind, path: Path) -> Iterator[Any]:
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:
        yield tape.transport(kind.module)


@contextmanager
def default(opened: Callable[..., AbstractContextManager[Any]], what: object) -> Iterator[None]:
    with opened(what):
        yield


@cache
def default_client(kind: type) -> Any:
    return kind()


def client_of(kind: Kind, transport: Any) -> Any:
    made = kind.module.AsyncClient if kind.is_async else kind.module.Client
    return default_client(made) if transport is None else made(transport=transport)


def side(kind: Kind, way: Answering) -> Side:
    """Calls of one client, in one event loop if it is async."""
    call = CALL[kind.is_async, kind.is_stream]
    many = many_async if kind.is_async else many_sync

    def take() -> float:
        with way() as transport:
            return many(partial(call, client_of(kind, transport), kind.exchange.body), CALLS)[0]

    def answer() -> list[bytes]:
        with way() as transport:
            found = many(partial(call, client_of(kind, transport), kind.exchange.body), 1)[1]
        pieces = kind.exchange.pieces
        return found if kind.is_stream else [as_expected(found[0], pieces[0])]

    return Side(take, answer)


def many_sync(call: Callable[[], list[bytes]], count: int) -> tuple[float, list[bytes]]:
    """Seconds of processor time a call, after a first one, and what that has answered."""
    answer = call()
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count, answer


def many_async(call: Callable[[], Any], count: int) -> tuple[float, list[bytes]]:
    async def run() -> tuple[float, list[bytes]]:
        answer = await call()
        start = time.process_time()
        for _ in range(count):
            await call()
        return (time.process_time() - start) / count, answer

    return asyncio.run(run())


def json_call(client: Any, body: bytes) -> list[bytes]:
    return [client.post(URL, content=body, headers=SENT).content]


async def json_call_async(client: Any, body: bytes) -> list[bytes]:
    return [(await client.post(URL, content=body, headers=SENT)).content]


def stream_call(client: Any, body: bytes) -> list[bytes]:
    with client.stream("POST", URL, content=body, headers=SENT) as answer:
        return list(answer.iter_raw())


async def stream_call_async(client: Any, body: bytes) -> list[bytes]:
    async with client.stream("POST", URL, content=body, headers=SENT) as answer:
        return [piece async for piece in answer.aiter_raw()]


SENT = JSON.multi_items()
CALL: dict[tuple[bool, bool], Callable[..., Any]] = {
    (False, False): json_call,
    (False, True): stream_call,
    (True, False): json_call_async,
    (True, True): stream_call_async,
}

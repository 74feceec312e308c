"""Tools that answer from what a test has told them, without a cassette.

Each answers a JSON request by its body, as often as it comes, in the given pieces.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import httpx
import pytest_httpx
import respx
from pytest_httpx._options import _HTTPXMockOptions

from bench.cassettes import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    Pairs = list[tuple[str, str]]


class Exchange(NamedTuple):
    """A request, and the pieces of its answer."""

    body: bytes
    headers: Pairs
    pieces: Sequence[bytes]


def response(module: Any, exchange: Exchange) -> Any:
    """A new response: one piece as content, more of them as a stream."""
    if len(exchange.pieces) == 1:
        return module.Response(200, headers=exchange.headers, content=exchange.pieces[0])
    return module.Response(200, headers=exchange.headers, stream=stream(module, exchange.pieces))


def stream(module: Any, pieces: Sequence[bytes]) -> Any:
    class Pieces(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            yield from pieces

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

    return Pieces()


@contextmanager
def by_respx(exchanges: Sequence[Exchange]) -> Iterator[None]:
    """In the patch of httpx itself, which costs less than that of httpcore."""
    with respx.mock(assert_all_called=False, using="httpx") as router:
        for exchange in exchanges:
            route = router.post(URL, json=json.loads(exchange.body))
            route.mock(return_value=response(httpx, exchange))
        yield


@contextmanager
def by_pytest_httpx(exchanges: Sequence[Exchange]) -> Iterator[None]:
    """What its fixture `httpx_mock` does."""
    mock: Any = pytest_httpx.HTTPXMock(_HTTPXMockOptions())
    for exchange in exchanges:
        mock.add_callback(
            lambda _, exchange=exchange: response(httpx, exchange),
            url=URL,
            method="POST",
            match_json=json.loads(exchange.body),
            is_reusable=True,
        )

    def handle(transport: Any, request: Any) -> Any:
        return mock._handle_request(transport, request)

    async def handle_async(transport: Any, request: Any) -> Any:
        return await mock._handle_async_request(transport, request)

    with (
        patch.object(httpx.HTTPTransport, "handle_request", handle),
        patch.object(httpx.AsyncHTTPTransport, "handle_async_request", handle_async),
    ):
        yield


MOCKS = {"respx": by_respx, "pytest-httpx": by_pytest_httpx}

"""Cassettes and clients that several test modules use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import httpx2

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FAMILIES = [httpx, httpx2]
URL = "https://api.example.com/v1/chat"
JSON = ck.Headers([("Content-Type", "application/json")])
SSE = ck.Headers([("Content-Type", "text/event-stream")])


def interaction(
    body: bytes = b'{"q":1}',
    answer: bytes = b'{"a":1}',
    *,
    url: str = URL,
    method: str = "POST",
    code: int = 200,
    status: str = "200 OK",
    headers: ck.Headers = JSON,
    **response: Any,
) -> ck.Interaction:
    """One exchange; further keywords are fields of the response."""
    return ck.Interaction(
        ck.Request(method, url, JSON, body),
        ck.Response(code, headers, answer, status=status, **response),
    )


def written(folder: Path, interactions: Iterable[ck.Interaction]) -> Path:
    """A cassette file of these interactions."""
    path = folder / "tape.yaml"
    ck.dump(ck.Cassette(tuple(interactions)), path)
    return path


class Caller:
    """Sends one request through a client of a family, sync or async, and returns what came back."""

    def __init__(self, family: Any, *, is_async: bool) -> None:
        self.family = family
        self.is_async = is_async

    async def __call__(self, tape: ck.Tape, *args: Any, **kwargs: Any) -> tuple[Any, list[bytes]]:
        """The response and its pieces, as `iter_raw` gives them."""
        transport = tape.transport(self.family)
        if not self.is_async:
            with self.family.Client(transport=transport) as client:
                with client.stream(*args, **kwargs) as response:
                    return response, list(response.iter_raw())
        async with self.family.AsyncClient(transport=transport) as client:
            async with client.stream(*args, **kwargs) as response:
                return response, [piece async for piece in response.aiter_raw()]


CALLERS = {
    f"{family.__name__}-{'async' if is_async else 'sync'}": Caller(family, is_async=is_async)
    for family in FAMILIES
    for is_async in (False, True)
}

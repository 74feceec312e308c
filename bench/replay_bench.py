"""What a replayed call costs, beside the same call on the client's own MockTransport.

    python bench/replay_bench.py [ROUNDS]

Prints ratios of one run: the two sides take turns, round by round, and each ratio is that of the
medians. The index is built before the clock starts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import httpx2

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "https://api.example.com/v1/chat/completions"
JSON = [("Content-Type", "application/json")]
SSE = [("Content-Type", "text/event-stream")]
QUESTION = b'{"model":"m","messages":[{"role":"user","content":"%d"}]}'
ANSWER = b'{"id":"x","choices":[{"message":{"role":"assistant","content":"hello"}}],"n":%d}'
EVENTS = [b'data: {"choices":[{"delta":{"content":"token %d"}}]}\n\n' % n for n in range(100)]
CALLS = 200


@dataclass
class Case:
    """One row: both sides make `CALLS` calls a round, over recordings that are there for each."""

    name: str
    family: Any
    is_async: bool
    headers: list[tuple[str, str]]
    pieces: list[bytes]


def cases() -> Iterator[Case]:
    for family in (httpx, httpx2):
        for is_async in (False, True):
            side = f"{family.__name__} {'async' if is_async else 'sync'}"
            yield Case(f"JSON call, {side}", family, is_async, JSON, [ANSWER % 0])
            yield Case(f"SSE call of 100 events, {side}", family, is_async, SSE, EVENTS)


def interactions(count: int, case: Case, *, same: bool) -> tuple[ck.Interaction, ...]:
    response = ck.Response(200, ck.Headers(case.headers), b"".join(case.pieces), status="200 OK")
    return tuple(
        ck.Interaction(
            ck.Request("POST", URL, ck.Headers(JSON), QUESTION % (0 if same else n)), response
        )
        for n in range(count)
    )


def written(count: int, case: Case, *, same: bool) -> Path:
    path = Path(tempfile.mkdtemp()) / "x.yaml"
    ck.dump(ck.Cassette(interactions(count, case, same=same)), path)
    return path


def indexed(path: Path, case: Case, **options: Any) -> Any:
    """A transport on a fresh tape whose index is built: one call was made, the rest wait."""
    tape = ck.use_cassette(path, mode="replay", intercept=False, **options).__enter__()
    with httpx.Client(transport=tape.transport(httpx)) as client:
        client.post(URL, content=QUESTION % 0, headers=JSON)
    return tape.transport(case.family)


def mock(case: Case) -> Any:
    """A MockTransport that answers with the same headers and the same pieces."""
    module = case.family

    class Pieces(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            yield from case.pieces

        async def __aiter__(self) -> Any:
            for piece in case.pieces:
                yield piece

    return module.MockTransport(
        lambda _: module.Response(200, headers=case.headers, stream=Pieces())
    )


def timed_sync(case: Case, transport: Any, bodies: list[bytes]) -> float:
    with case.family.Client(transport=transport) as client:
        start = time.perf_counter()
        for body in bodies:
            with client.stream("POST", URL, content=body, headers=JSON) as response:
                for _ in response.iter_raw():
                    pass
        return (time.perf_counter() - start) / len(bodies)


def timed_async(case: Case, transport: Any, bodies: list[bytes]) -> float:
    async def run() -> float:
        async with case.family.AsyncClient(transport=transport) as client:
            start = time.perf_counter()
            for body in bodies:
                async with client.stream("POST", URL, content=body, headers=JSON) as response:
                    async for _ in response.aiter_raw():
                        pass
            return (time.perf_counter() - start) / len(bodies)

    return asyncio.run(run())


def timed(case: Case, transport: Any, bodies: list[bytes]) -> float:
    return (timed_async if case.is_async else timed_sync)(case, transport, bodies)


def compare(
    name: str, ours: Callable[[], float], theirs: Callable[[], float], rounds: int, goal: float
) -> None:
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    us, them = (statistics.median(side) for side in zip(*pairs, strict=True))
    spread = [a / b for a, b in pairs]
    print(
        f"| {name} | {us * 1e6:.0f} µs | {them * 1e6:.0f} µs | {us / them:.2f} "
        f"| {min(spread):.2f}-{max(spread):.2f} | {goal} |"
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print("| what | cassette_kit | beside | ratio of medians | of single rounds | goal |")
    print("|---|---|---|---|---|---|")
    for case in cases():
        bodies = [QUESTION % 0] * CALLS
        path, beside = written(CALLS + 1, case, same=True), mock(case)
        compare(
            case.name,
            lambda: timed(case, indexed(path, case), bodies),  # noqa: B023  # called at once
            lambda: timed(case, beside, bodies),  # noqa: B023
            rounds,
            1.15,
        )
    case = next(cases())
    many = indexed(written(4000, case, same=False), case, repeats=True)
    one = indexed(written(1, case, same=False), case, repeats=True)
    compare(
        "request 4,000 of 4,000, beside request 1 of 1",
        lambda: timed(case, many, [QUESTION % 3999] * CALLS),
        lambda: timed(case, one, [QUESTION % 0] * CALLS),
        rounds,
        1.2,
    )


if __name__ == "__main__":
    main()

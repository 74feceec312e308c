"""What it costs to make a client inside a replaying tape, beside other ways of making it.

    python bench/client_bench.py [ROUNDS]

Prints medians of one run in which the three ways take turns: a default client inside a tape, one
inside that is given the tape's transport, and a default one outside, which loads certificates at
once. Ratios are medians of the rounds' own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import anthropic
import httpx
import httpx2
import openai

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "httpx.Client()": (httpx, httpx.Client),
    "httpx.AsyncClient()": (httpx, httpx.AsyncClient),
    "httpx2.Client()": (httpx2, httpx2.Client),
    "httpx2.AsyncClient()": (httpx2, httpx2.AsyncClient),
    "OpenAI()": (httpx2, lambda **given: openai.OpenAI(api_key="x", **http_client(given))),
    "Anthropic()": (httpx2, lambda **given: anthropic.Anthropic(api_key="x", **http_client(given))),
}
MADE = 20


def http_client(given: dict[str, Any]) -> dict[str, Any]:
    """An SDK is given a transport by way of a client."""
    return {"http_client": httpx2.Client(**given)} if given else {}


def timed(make: Callable[[], Any], count: int) -> float:
    """Milliseconds to make one client and drop it."""
    start = time.perf_counter()
    for _ in range(count):
        make()
    return (time.perf_counter() - start) / count * 1e3


def one_round(path: Path, family: Any, client: Callable[..., Any]) -> tuple[float, float, float]:
    outside = timed(client, MADE // 10)
    with ck.use_cassette(path, mode="replay") as tape:
        inside = timed(client, MADE)
        given = timed(lambda: client(transport=tape.transport(family)), MADE)
    return inside, given, outside


def row(name: str, rounds: list[tuple[float, float, float]]) -> str:
    inside, given, outside = (median(times) for times in zip(*rounds, strict=True))
    to_given = median(one / other for one, other, _ in rounds)
    to_outside = median(one / other for one, _, other in rounds)
    return (
        f"| {name} | {inside:.2f} ms | {given:.2f} ms | {outside:.2f} ms "
        f"| {to_given:.1f} | 1/{1 / to_outside:.0f} |"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    path = Path(tempfile.mkdtemp()) / "x.yaml"
    ck.dump(ck.Cassette(()), path)
    print("| client | in a tape | there with transport= | outside | in / with | in / outside |")
    print("|---|---|---|---|---|---|")
    for name, (family, client) in CLIENTS.items():
        one_round(path, family, client)
        print(row(name, [one_round(path, family, client) for _ in range(count)]))


if __name__ == "__main__":
    main()

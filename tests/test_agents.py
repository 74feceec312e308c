"""The real openai and groq SDKs play the recorded agent runs, building every request themselves."""

from __future__ import annotations

import agents
import groq
import httpx
import httpx2
import openai
import pytest
from agents import CASSETTES, OPENROUTER, RUNS, check, groq_agent
from backends import anyio_backend  # noqa: F401

from cassette_kit import use_cassette

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", RUNS)
def test_openai(name: str) -> None:
    """The sync openai SDK (httpx2) runs through a recorded conversation with tools."""
    make, calls = RUNS[name]
    with use_cassette(CASSETTES / f"{name}.yaml", mode="replay", intercept=False) as tape:
        http_client = httpx2.Client(transport=tape.transport(httpx2))
        client = openai.OpenAI(api_key="none", base_url=OPENROUTER, http_client=http_client)
        check(agents.run(make(), client), tape, calls)


@pytest.mark.parametrize("name", RUNS)
async def test_openai_async(name: str) -> None:
    """The async openai SDK (httpx2) runs through the same conversations."""
    make, calls = RUNS[name]
    async with use_cassette(CASSETTES / f"{name}.yaml", mode="replay", intercept=False) as tape:
        http_client = httpx2.AsyncClient(transport=tape.transport(httpx2))
        client = openai.AsyncOpenAI(api_key="none", base_url=OPENROUTER, http_client=http_client)
        check(await agents.run_async(make(), client), tape, calls)


@use_cassette(CASSETTES / "tool_streaming_groq-kimi-k2.yaml", mode="replay", intercept=False)
def test_decorated() -> None:
    """A decorated function runs inside a tape that lets its own clients alone."""
    assert httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(204))).get(
        "http://x"
    )


def test_groq() -> None:
    """The sync groq SDK (httpx) plays its own dialect, `stream_options` through `extra_body`."""
    path = CASSETTES / "tool_streaming_groq-kimi-k2.yaml"
    with use_cassette(path, mode="replay", intercept=False) as tape:
        http_client = httpx.Client(transport=tape.transport(httpx))
        client = groq.Groq(api_key="none", http_client=http_client)
        check(agents.run(groq_agent(), client), tape, ["functions.weather:0"])


async def test_groq_async() -> None:
    """The async groq SDK (httpx) plays the same file."""
    path = CASSETTES / "tool_streaming_groq-kimi-k2.yaml"
    async with use_cassette(path, mode="replay", intercept=False) as tape:
        http_client = httpx.AsyncClient(transport=tape.transport(httpx))
        client = groq.AsyncGroq(api_key="none", http_client=http_client)
        check(await agents.run_async(groq_agent(), client), tape, ["functions.weather:0"])

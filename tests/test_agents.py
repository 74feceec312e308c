"""The real openai and groq SDKs play the recorded agent runs, building every request themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import agents
import groq
import httpx
import httpx2
import openai
import pytest
from agents import Agent

from cassette_kit import use_cassette

pytestmark = pytest.mark.anyio

CASSETTES = Path(__file__).parents[1] / "cassettes"
LOCATION = {"location": {"type": "string", "description": "the city"}}
NUMBERS = {
    "a": {"type": "integer", "description": "first number"},
    "b": {"type": "integer", "description": "second number"},
}
USAGE = {"usage": {"include": True}}
ONLY = {"provider": {"only": ["moonshotai"]}}
STREAM = {"stream": True, "max_tokens": 4000}
INCLUDE_USAGE = {"stream_options": {"include_usage": True}}
OPENROUTER = "https://openrouter.ai/api/v1"


def weather_agent(question: str, model: str = "moonshotai/kimi-k2-0905", **options: Any) -> Agent:
    return Agent(
        model=model,
        system="You are a helpful assistant",
        question=question,
        tools={"weather": lambda location: "40 C"},
        parameters={"weather": LOCATION},
        descriptions={"weather": "Get weather information for a location"},
        options=options,
    )


def sums_agent(**options: Any) -> Agent:
    return Agent(
        model="moonshotai/kimi-k2-0905",
        system="You are a helpful assistant. Always use both add and multiply at the same time.",
        question="Add and multiply the number 2 and 3",
        tools={"add": lambda a, b: str(a + b), "multiply": lambda a, b: str(a * b)},
        parameters={"add": NUMBERS, "multiply": NUMBERS},
        descriptions={"add": "Add two numbers", "multiply": "Multiply two numbers"},
        options=options,
    )


FLORENCE = "What's the weather in Florence,Italy?"

# cassette: the agent, and the tool calls that stand in the file
RUNS = {
    "openrouter-kimi-k2": (
        lambda: weather_agent("What's the weather in Florence?", extra_body=USAGE),
        ["weather:0"],
    ),
    "tool_streaming_kimi-k2": (
        lambda: weather_agent(FLORENCE, **STREAM, **INCLUDE_USAGE, extra_body=USAGE),
        ["weather:0"],
    ),
    "tool_streaming_kimi-k2_moonshotai": (
        lambda: weather_agent(FLORENCE, **STREAM, **INCLUDE_USAGE, extra_body={**ONLY, **USAGE}),
        ["weather:0"],
    ),
    "multi_tool_streaming_kimi-k2": (
        lambda: sums_agent(**STREAM, **INCLUDE_USAGE, extra_body={**ONLY, **USAGE}),
        ["add:0", "multiply:1"],
    ),
}


def groq_agent() -> Agent:
    return weather_agent(
        FLORENCE, "moonshotai/kimi-k2-instruct-0905", **STREAM, extra_body=INCLUDE_USAGE
    )


def check(agent: Agent, tape: Any, calls: list[str]) -> None:
    assert [i.request.json()["messages"] for i in tape.played] == [
        r.json()["messages"] for r in tape.requests
    ]
    assert len(tape.played) == 2
    assert tape.unplayed == []
    assert len(agent.delivered) == recorded_chunks(tape.path)
    assert [m["tool_call_id"] for m in agent.messages if m["role"] == "tool"] == calls
    assert agent.answer
    assert agent.answer == recorded_answer(tape.played[-1])


def recorded_chunks(path: Path) -> int:
    """What an SDK should hand out: the data lines in the file, or its JSON bodies."""
    text = path.read_text()
    return len(re.findall(r"^ *data: \{", text, re.MULTILINE)) or text.count("    status: 200 OK")


def recorded_answer(interaction: Any) -> str:
    """The final text, put together from the recorded body alone."""
    response = interaction.response
    if "event-stream" not in response.headers["content-type"]:
        return str(response.json()["choices"][0]["message"]["content"])
    events = [event.json() for event in response.events() if event.data != "[DONE]"]
    choices = [choice for event in events for choice in event["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@pytest.fixture
def anyio_backend() -> str:
    """asyncio alone: under trio the SDKs leave generators unclosed, whatever answers them."""
    return "asyncio"


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

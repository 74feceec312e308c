"""Seven SDKs play cassettes with the clients that they make themselves, and nothing goes live."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import agents
import groq
import httpx
import httpx2
import openai
import pytest
from agents import CASSETTES, OPENROUTER, RUNS, check, groq_agent
from backends import anyio_backend  # noqa: F401
from sdk_calls import SDKS, Sdk, ask, ask_async, unreachable, without_settings
from sdk_dialects import heard

from cassette_kit import Tape, use_cassette

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

EVERY_SDK = pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
WHEN_MADE = pytest.mark.parametrize("made", ["before", "inside"])
FAMILIES = pytest.mark.parametrize("family", [httpx, httpx2], ids=lambda family: family.__name__)
# A line that begins an event or a body; the SDK of anthropic keeps a ping to itself.
EVENT = re.compile(rb'^(?:data: )?\{(?!"type": "ping")', re.MULTILINE)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_settings(monkeypatch)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What reached the network, below whatever a tape puts in its way."""
    return unreachable(monkeypatch)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The family of the client that sent a request, one entry a request."""
    families: list[Any] = []
    for family in (httpx, httpx2):
        for client in (family.Client, family.AsyncClient):
            monkeypatch.setattr(client, "send", _noting(families, family, client.send))
    return families


def _noting(families: list[Any], family: Any, send: Callable[..., Any]) -> Callable[..., Any]:
    def noted(client: Any, *args: Any, **kwargs: Any) -> Any:
        families.append(family)
        return send(client, *args, **kwargs)

    return noted


def check_replies(sdk: Sdk, replies: list[list[Any]], tape: Tape) -> None:
    assert [heard(map(sdk.read, events)) for events in replies] == [c.heard for c in sdk.calls]
    assert [len(events) for events in replies] == [
        len(EVENT.findall(played.response.body)) for played in tape.played
    ]
    assert [request.url for request in tape.requests] == [call.url for call in sdk.calls]
    assert tape.unplayed == []
    assert tape.misses == []
    # The recordings are another version's: nothing matched as bytes.
    for live, played in zip(tape.requests, tape.played, strict=True):
        assert live.json() == played.request.json()
        assert live.body != played.request.body


@EVERY_SDK
@WHEN_MADE
def test_default_client(sdk: Sdk, made: str, attempts: list[Any], sent: list[Any]) -> None:
    """A default sync client hears what was recorded, whole and streamed, and stays off the net."""
    client = sdk.client() if made == "before" else None
    with use_cassette(sdk.cassette, mode="replay") as tape:
        client = client or sdk.client()
        replies = [ask(client, call) for call in sdk.calls]
    check_replies(sdk, replies, tape)
    assert sent == [sdk.family] * len(sdk.calls)
    assert attempts == []


@EVERY_SDK
@WHEN_MADE
async def test_default_async_client(
    sdk: Sdk, made: str, attempts: list[Any], sent: list[Any]
) -> None:
    """A default async client hears the same.

    google-genai prefers aiohttp where that is installed, which no cassette answers. A program that
    wants a cassette makes its client with
    `HttpOptions(async_client_args={"transport": httpx2.AsyncHTTPTransport()})`: a transport among
    these arguments tells the SDK to use httpx2, whose default transport the cassette answers.
    """
    client = sdk.async_client() if made == "before" else None
    async with use_cassette(sdk.cassette, mode="replay") as tape:
        client = client or sdk.async_client()
        replies = [await ask_async(client, call) for call in sdk.calls]
    check_replies(sdk, replies, tape)
    assert sent == [sdk.family] * len(sdk.calls)
    assert attempts == []


@EVERY_SDK
@pytest.mark.parametrize("chunks", ["whole", "bytes:7"])
async def test_any_cut(sdk: Sdk, chunks: str) -> None:
    """Where a body is cut, in the middle of a character even, changes nothing that is heard."""
    with use_cassette(sdk.cassette, mode="replay", chunks=chunks) as tape:
        client = sdk.client()
        replies = [ask(client, call) for call in sdk.calls]
    check_replies(sdk, replies, tape)
    async with use_cassette(sdk.cassette, mode="replay", chunks=chunks) as tape:
        client = sdk.async_client()
        replies = [await ask_async(client, call) for call in sdk.calls]
    check_replies(sdk, replies, tape)


@pytest.mark.parametrize("name", RUNS)
async def test_openrouter(name: str, attempts: list[Any]) -> None:
    """Default openai clients with another base URL run through conversations that go-vcr wrote."""
    make, calls = RUNS[name]
    path = CASSETTES / f"{name}.yaml"
    with use_cassette(path, mode="replay") as tape:
        client = openai.OpenAI(api_key="none", base_url=OPENROUTER)
        check(agents.run(make(), client), tape, calls)
    async with use_cassette(path, mode="replay") as tape:
        async_client = openai.AsyncOpenAI(api_key="none", base_url=OPENROUTER)
        check(await agents.run_async(make(), async_client), tape, calls)
    assert attempts == []


async def test_groq(attempts: list[Any]) -> None:
    """Default groq clients run through a conversation that go-vcr wrote."""
    path = CASSETTES / "tool_streaming_groq-kimi-k2.yaml"
    with use_cassette(path, mode="replay") as tape:
        check(agents.run(groq_agent(), groq.Groq(api_key="none")), tape, ["functions.weather:0"])
    async with use_cassette(path, mode="replay") as tape:
        agent = await agents.run_async(groq_agent(), groq.AsyncGroq(api_key="none"))
        check(agent, tape, ["functions.weather:0"])
    assert attempts == []


@FAMILIES
async def test_the_attempts_are_seen(family: Any, attempts: list[Any]) -> None:
    """Without a tape a default client does reach the refusing network: zero attempts mean much."""
    with pytest.raises(family.ConnectError), family.Client() as client:
        client.get("https://api.example.com")
    assert len(attempts) == 1
    with pytest.raises(family.ConnectError):
        async with family.AsyncClient() as client:
            await client.get("https://api.example.com")
    assert len(attempts) == 2

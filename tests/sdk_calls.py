"""The calls that programs make with seven SDKs, as a table: a plain chat and a stream with tools.

Every client is the SDK's default one. What must be heard was written by hand, from the texts and
numbers that stand in the cassettes.
"""

from __future__ import annotations

import inspect
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anthropic
import cohere
import groq
import httpx
import httpx2
import ollama
import openai
import sdk_dialects as dialects
from google import genai
from google.genai import types
from mistralai.client import Mistral
from sdk_dialects import Heard

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pytest

FOLDER = Path(__file__).parent / "cassettes" / "sdks"
KEY = "test-key"
SETTINGS = re.compile(r"(?i)(OPENAI|ANTHROPIC|GROQ|MISTRAL|GOOGLE|GEMINI|CO|OLLAMA)_|.*_PROXY$")
CAPITAL = "Wie heißt die Hauptstadt von Österreich?"
WEATHER = "Wie ist das Wetter in Zürich und in Łódź?"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "the city"}},
    "required": ["city"],
}
FUNCTION: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city",
    "parameters": PARAMETERS,
}
TOOLS: Any = [{"type": "function", "function": FUNCTION}]
BOTH_CITIES = (("weather", {"city": "Zürich"}), ("weather", {"city": "Łódź"}))


@dataclass(frozen=True, kw_only=True)
class Call:
    """A question as a program puts it. `send_async` is given where an async client differs."""

    question: str
    url: str
    send: Callable[[Any, str], Any]
    send_async: Callable[[Any, str], Any] | None = None
    streams: bool = False
    heard: Heard


@dataclass(frozen=True, kw_only=True)
class Sdk:
    """An SDK's default clients, how an event of theirs is read, and what they are asked.

    The cassette holds the answers to `calls`, in this order.
    """

    name: str
    family: ModuleType
    client: Callable[[], Any]
    async_client: Callable[[], Any]
    read: dialects.Reader
    calls: tuple[Call, ...]

    @property
    def cassette(self) -> Path:
        return FOLDER / f"{self.name}.yaml"


def ask(client: Any, call: Call, question: str | None = None) -> list[Any]:
    """Every event of a streamed reply, or the reply itself."""
    reply = call.send(client, question or call.question)
    return list(reply) if call.streams else [reply]


async def ask_async(client: Any, call: Call, question: str | None = None) -> list[Any]:
    """As `ask`, with an async client."""
    reply = (call.send_async or call.send)(client, question or call.question)
    if inspect.isawaitable(reply):
        reply = await reply
    return [event async for event in reply] if call.streams else [reply]


def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer's own environment tells default clients."""
    for name in filter(SETTINGS.match, list(os.environ)):
        monkeypatch.delenv(name)


def unreachable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A network that refuses every look-up and connection; returns the attempts to use it."""
    attempts: list[Any] = []

    def refuse(*args: Any, **kwargs: Any) -> None:
        attempts.append(args)
        raise OSError("there is no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return attempts


def asked(question: str) -> Any:
    return [{"role": "user", "content": question}]


def gemini_over_httpx2() -> Any:
    """An async client of google-genai that stays off aiohttp, which it prefers where installed.

    It takes any transport among the arguments of its httpx2 client for the wish to use that client.
    """
    transport = httpx2.AsyncHTTPTransport()
    options = types.HttpOptions(async_client_args={"transport": transport})
    return genai.Client(api_key=KEY, http_options=options).aio


GEMINI_TOOLS = types.GenerateContentConfig(
    tools=[
        types.Tool(
            function_declarations=[
                types.FunctionDeclaration(
                    name="weather",
                    description="The weather in a city",
                    parameters_json_schema=PARAMETERS,
                )
            ]
        )
    ]
)
GEMINI = "https://generativelanguage.googleapis.com/v1/models/gemini-2.5-flash"

SDKS = (
    Sdk(
        name="openai-chat",
        family=httpx2,
        client=lambda: openai.OpenAI(api_key=KEY),
        async_client=lambda: openai.AsyncOpenAI(api_key=KEY),
        read=dialects.chat,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.openai.com/v1/chat/completions",
                send=lambda client, question: client.chat.completions.create(
                    model="gpt-4.1-mini", messages=asked(question)
                ),
                heard=Heard("Die Hauptstadt von Österreich ist Wien. 🎡", (), (17, 12)),
            ),
            Call(
                question=WEATHER,
                url="https://api.openai.com/v1/chat/completions",
                send=lambda client, question: client.chat.completions.create(
                    model="gpt-4.1-mini",
                    messages=asked(question),
                    tools=TOOLS,
                    stream=True,
                    stream_options={"include_usage": True},
                ),
                streams=True,
                heard=Heard("Ich schaue für Zürich und Łódź nach …", BOTH_CITIES, (64, 47)),
            ),
        ),
    ),
    Sdk(
        name="openai-responses",
        family=httpx2,
        client=lambda: openai.OpenAI(api_key=KEY),
        async_client=lambda: openai.AsyncOpenAI(api_key=KEY),
        read=dialects.responses,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.openai.com/v1/responses",
                send=lambda client, question: client.responses.create(
                    model="gpt-4.1-mini", input=question
                ),
                heard=Heard("Das ist Wien — „Vienna“ auf Englisch.", (), (18, 13)),
            ),
            Call(
                question=WEATHER,
                url="https://api.openai.com/v1/responses",
                send=lambda client, question: client.responses.create(
                    model="gpt-4.1-mini",
                    input=question,
                    tools=[{"type": "function", "strict": False, **FUNCTION}],
                    stream=True,
                ),
                streams=True,
                heard=Heard("Einen Moment, ich prüfe beide Städte 🌦️.", BOTH_CITIES, (63, 52)),
            ),
        ),
    ),
    Sdk(
        name="anthropic",
        family=httpx2,
        client=lambda: anthropic.Anthropic(api_key=KEY),
        async_client=lambda: anthropic.AsyncAnthropic(api_key=KEY),
        read=dialects.anthropic,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.anthropic.com/v1/messages",
                send=lambda client, question: client.messages.create(
                    model="claude-haiku-4-5", max_tokens=256, messages=asked(question)
                ),
                heard=Heard("Österreichs Hauptstadt ist **Wien**.", (), (19, 14)),
            ),
            Call(
                question=WEATHER,
                url="https://api.anthropic.com/v1/messages",
                send=lambda client, question: client.messages.create(
                    model="claude-haiku-4-5",
                    max_tokens=256,
                    messages=asked(question),
                    tools=[
                        {
                            "name": "weather",
                            "description": "The weather in a city",
                            "input_schema": PARAMETERS,
                        }
                    ],
                    stream=True,
                ),
                streams=True,
                heard=Heard(
                    "Gern — ich rufe das Wetter für beide Städte ab.", BOTH_CITIES, (612, 103)
                ),
            ),
        ),
    ),
    Sdk(
        name="groq",
        family=httpx,
        client=lambda: groq.Groq(api_key=KEY),
        async_client=lambda: groq.AsyncGroq(api_key=KEY),
        read=dialects.groq,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.groq.com/openai/v1/chat/completions",
                send=lambda client, question: client.chat.completions.create(
                    model="llama-3.3-70b-versatile", messages=asked(question)
                ),
                heard=Heard("Wien ist die Hauptstadt Österreichs.", (), (46, 11)),
            ),
            Call(
                question=WEATHER,
                url="https://api.groq.com/openai/v1/chat/completions",
                send=lambda client, question: client.chat.completions.create(
                    model="llama-3.3-70b-versatile",
                    messages=asked(question),
                    tools=TOOLS,
                    stream=True,
                ),
                streams=True,
                heard=Heard(
                    "Ich prüfe das Wetter für Zürich, dann für Łódź.", BOTH_CITIES, (241, 38)
                ),
            ),
        ),
    ),
    Sdk(
        name="mistral",
        family=httpx2,
        client=lambda: Mistral(api_key=KEY),
        async_client=lambda: Mistral(api_key=KEY),
        read=dialects.mistral,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.mistral.ai/v1/chat/completions",
                send=lambda client, question: client.chat.complete(
                    model="mistral-small-latest", messages=asked(question)
                ),
                send_async=lambda client, question: client.chat.complete_async(
                    model="mistral-small-latest", messages=asked(question)
                ),
                heard=Heard("Auf Französisch Vienne, auf Deutsch … Wien!", (), (14, 15)),
            ),
            Call(
                question=WEATHER,
                url="https://api.mistral.ai/v1/chat/completions#stream",
                send=lambda client, question: client.chat.stream(
                    model="mistral-small-latest", messages=asked(question), tools=TOOLS
                ),
                send_async=lambda client, question: client.chat.stream_async(
                    model="mistral-small-latest", messages=asked(question), tools=TOOLS
                ),
                streams=True,
                heard=Heard("Zürich zuerst, Łódź danach — ich frage nach.", BOTH_CITIES, (96, 43)),
            ),
        ),
    ),
    Sdk(
        name="gemini",
        family=httpx2,
        client=lambda: genai.Client(api_key=KEY),
        async_client=gemini_over_httpx2,
        read=dialects.gemini,
        calls=(
            Call(
                question=CAPITAL,
                url=f"{GEMINI}:generateContent",
                send=lambda client, question: client.models.generate_content(
                    model="gemini-2.5-flash", contents=question
                ),
                heard=Heard("Die Hauptstadt von Österreich heißt **Wien**.", (), (12, 10)),
            ),
            Call(
                question=WEATHER,
                url=f"{GEMINI}:streamGenerateContent?alt=sse",
                send=lambda client, question: client.models.generate_content_stream(
                    model="gemini-2.5-flash", contents=question, config=GEMINI_TOOLS
                ),
                streams=True,
                heard=Heard(
                    "Ich frage das Wetter für Zürich und Łódź ab. ☀️", BOTH_CITIES, (71, 31)
                ),
            ),
        ),
    ),
    Sdk(
        name="cohere",
        family=httpx,
        client=lambda: cohere.ClientV2(api_key=KEY),
        async_client=lambda: cohere.AsyncClientV2(api_key=KEY),
        read=dialects.cohere,
        calls=(
            Call(
                question=CAPITAL,
                url="https://api.cohere.com/v2/chat",
                send=lambda client, question: client.chat(
                    model="command-a-03-2025", messages=asked(question)
                ),
                heard=Heard("Die Hauptstadt Österreichs heißt Wien.", (), (505, 9)),
            ),
            Call(
                question=WEATHER,
                url="https://api.cohere.com/v2/chat",
                send=lambda client, question: client.chat_stream(
                    model="command-a-03-2025", messages=asked(question), tools=TOOLS
                ),
                streams=True,
                heard=Heard(
                    "Ich werde das Wetter in Zürich und Łódź nachschlagen.",
                    BOTH_CITIES,
                    (1564, 61),
                ),
            ),
        ),
    ),
    Sdk(
        name="ollama",
        family=httpx,
        client=ollama.Client,
        async_client=ollama.AsyncClient,
        read=dialects.ollama,
        calls=(
            Call(
                question=CAPITAL,
                url="http://127.0.0.1:11434/api/chat",
                send=lambda client, question: client.chat(
                    model="llama3.2", messages=asked(question)
                ),
                heard=Heard("Die Hauptstadt heißt Wien 🙂.", (), (34, 9)),
            ),
            Call(
                question=WEATHER,
                url="http://127.0.0.1:11434/api/chat",
                send=lambda client, question: client.chat(
                    model="llama3.2", messages=asked(question), tools=TOOLS, stream=True
                ),
                streams=True,
                heard=Heard("Ich sehe kurz für Zürich und Łódź nach.", BOTH_CITIES, (172, 34)),
            ),
        ),
    ),
)

"""Agents with tools on real SDKs, sync and async, for whatever speaks OpenAI's chat dialect.

`RUNS` are those whose conversations stand in cassettes that go-vcr wrote.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass
class Agent:
    """What an agent asks, and the tools that it may call. `delivered` collects what arrived."""

    model: str
    system: str
    question: str
    tools: dict[str, Callable[..., str]]
    parameters: dict[str, dict[str, Any]]
    descriptions: dict[str, str]
    options: dict[str, Any]
    delivered: list[Any] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.messages = [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.question},
        ]

    @property
    def streaming(self) -> bool:
        return bool(self.options.get("stream"))

    def arguments(self) -> dict[str, Any]:
        """The arguments of `chat.completions.create` for the next turn."""
        tools = [
            {
                "type": "function",
                "function": {
                    "name": name,
                    "strict": False,
                    "description": self.descriptions[name],
                    "parameters": {
                        "type": "object",
                        "properties": self.parameters[name],
                        "required": list(self.parameters[name]),
                    },
                },
            }
            for name in self.tools
        ]
        return {
            "model": self.model,
            "messages": self.messages,
            "tools": tools,
            "tool_choice": "auto",
            **self.options,
        }

    def advance(self, message: dict[str, Any]) -> bool:
        """Take the model's message and answer its tool calls; whether there were any."""
        self.messages.append(message)
        for call in message.get("tool_calls", ()):
            function = call["function"]
            result = self.tools[function["name"]](**json.loads(function["arguments"]))
            self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        return bool(message.get("tool_calls"))

    @property
    def answer(self) -> str:
        return str(self.messages[-1]["content"])


def run(agent: Agent, client: Any) -> Agent:
    """The agent's loop on a sync client."""
    while True:
        reply = client.chat.completions.create(**agent.arguments())
        chunks = list(reply) if agent.streaming else [reply]
        if not agent.advance(_message(agent, chunks)):
            return agent


async def run_async(agent: Agent, client: Any) -> Agent:
    """The agent's loop on an async client."""
    while True:
        reply = await client.chat.completions.create(**agent.arguments())
        chunks = [chunk async for chunk in reply] if agent.streaming else [reply]
        if not agent.advance(_message(agent, chunks)):
            return agent


def _message(agent: Agent, chunks: list[Any]) -> dict[str, Any]:
    agent.delivered += chunks
    if agent.streaming:
        return _assembled(choice.delta for chunk in chunks for choice in chunk.choices)
    message = chunks[0].choices[0].message
    calls = [(call.id, call.function) for call in message.tool_calls or ()]
    return _said(message.content, [(id_, f.name, f.arguments) for id_, f in calls])


def _assembled(deltas: Iterable[Any]) -> dict[str, Any]:
    text = ""
    calls: dict[int, list[str]] = {}
    for delta in deltas:
        text += delta.content or ""
        for part in delta.tool_calls or ():
            call = calls.setdefault(part.index, [part.id, "", ""])
            call[1] += part.function.name or ""
            call[2] += part.function.arguments or ""
    return _said(text, [(id_, name, arguments) for id_, name, arguments in calls.values()])


def _said(text: str, calls: list[tuple[str, str, str]]) -> dict[str, Any]:
    """What the assistant said, as the next request repeats it."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in calls
        ]
    return message


# Recorded runs ------------------------------------------------------------------------------

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
    """The run went as recorded: each request, tool call, chunk and the answer."""
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

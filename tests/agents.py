"""Agents with tools on real SDKs, sync and async, for whatever speaks OpenAI's chat dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
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

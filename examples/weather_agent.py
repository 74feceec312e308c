"""An agent with a weather tool, on the real openai SDK, answered from cassettes: no network.

Run it with `make demo`, or `python examples/weather_agent.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import openai

from cassette_kit import use_cassette

CASSETTES = Path(__file__).parents[1] / "cassettes"
MODEL = "moonshotai/kimi-k2-0905"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "strict": False,
            "description": "Get weather information for a location",
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string", "description": "the city"}},
                "required": ["location"],
            },
        },
    }
]


def weather(location: str) -> str:
    del location
    return "40 C"


def ask(client: openai.OpenAI, messages: list[dict], **extra) -> dict:
    """One turn without streaming: the assistant's message."""
    answer = client.chat.completions.create(
        model=MODEL, messages=messages, tools=TOOLS, tool_choice="auto", **extra
    )
    message = answer.choices[0].message
    print(message.content or "", flush=True)
    calls = message.tool_calls or ()
    return said(
        message.content,
        [(call.id, call.function.name, call.function.arguments) for call in calls],
    )


def ask_streaming(client: openai.OpenAI, messages: list[dict], **extra) -> dict:
    """One turn with streaming: prints the text piece by piece as it arrives."""
    stream = client.chat.completions.create(
        model=MODEL,
        messages=messages,
        tools=TOOLS,
        tool_choice="auto",
        stream=True,
        stream_options={"include_usage": True},
        **extra,
    )
    text, calls = "", {}
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="|" if choice.delta.content else "", flush=True)
            text += choice.delta.content or ""
            for part in choice.delta.tool_calls or ():
                call = calls.setdefault(part.index, {"id": part.id, "name": "", "arguments": ""})
                call["name"] += part.function.name or ""
                call["arguments"] += part.function.arguments or ""
    print()
    return said(text, [tuple(call.values()) for call in calls.values()])


def said(text: str | None, calls: list[tuple[str, str, str]]) -> dict:
    """What the assistant said, as the next request repeats it."""
    message = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in calls
        ]
    return message


def run(client: openai.OpenAI, question: str, turn, **extra) -> str:
    """Ask, call the tool as often as the model wants it, return the answer."""
    messages = [
        {"role": "system", "content": "You are a helpful assistant"},
        {"role": "user", "content": question},
    ]
    while True:
        message = turn(client, messages, **extra)
        messages.append(message)
        if not message.get("tool_calls"):
            return message["content"]
        for call in message["tool_calls"]:
            arguments = json.loads(call["function"]["arguments"])
            result = weather(**arguments)
            print(f"  [weather({arguments['location']!r}) -> {result}]")
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


def main() -> None:
    usage = {"usage": {"include": True}}
    runs = [
        (
            "streaming, a | after each chunk",
            "tool_streaming_kimi-k2.yaml",
            "What's the weather in Florence,Italy?",
            ask_streaming,
            {"max_tokens": 4000, "extra_body": usage},
        ),
        (
            "not streaming",
            "openrouter-kimi-k2.yaml",
            "What's the weather in Florence?",
            ask,
            {"extra_body": usage},
        ),
    ]
    for title, cassette, question, turn, extra in runs:
        print(f"--- {title}: {cassette}")
        with use_cassette(CASSETTES / cassette, mode="replay", intercept=False) as tape:
            client = openai.OpenAI(
                api_key="none",
                base_url="https://openrouter.ai/api/v1",
                http_client=httpx2.Client(transport=tape.transport(httpx2)),
            )
            run(client, question, turn, **extra)
            print(f"  [{len(tape.played)} calls played, {len(tape.unplayed)} recordings left]")


if __name__ == "__main__":
    main()

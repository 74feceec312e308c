"""What one event of an SDK adds to a reply, in the dialect of each provider."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Reader = Callable[[Any], "Delta"]


@dataclass(frozen=True)
class Heard:
    """What a program has once a reply is complete. `tokens` are those of question and answer."""

    text: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    tokens: tuple[int, int]


@dataclass(frozen=True)
class Delta:
    """What one event adds. A part of a tool call has the key of its call, a name and arguments."""

    text: str = ""
    parts: tuple[tuple[object, str, str], ...] = ()
    tokens: tuple[int, int] | None = None


def heard(deltas: Iterable[Delta]) -> Heard:
    """Put the deltas of a reply together."""
    text, tokens = "", (0, 0)
    calls: dict[object, list[str]] = {}
    for delta in deltas:
        text += delta.text
        tokens = delta.tokens or tokens
        for key, name, arguments in delta.parts:
            call = calls.setdefault(key, ["", ""])
            call[0] += name
            call[1] += arguments
    return Heard(text, tuple((name, json.loads(part)) for name, part in calls.values()), tokens)


def chat(event: Any) -> Delta:
    """OpenAI's chat dialect; the event that brings the usage of a stream has no choice."""
    usage = event.usage
    tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else None
    for choice in event.choices:
        said = choice.delta if hasattr(choice, "delta") else choice.message
        parts = tuple(_part(call.index, call.function) for call in said.tool_calls or ())
        return Delta(said.content or "", parts, tokens)
    return Delta(tokens=tokens)


def groq(event: Any) -> Delta:
    """OpenAI's dialect, but a stream's usage stands in `x_groq`."""
    usage = event.x_groq and event.x_groq.usage
    tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else None
    delta = chat(event)
    return replace(delta, tokens=tokens or delta.tokens)


def mistral(event: Any) -> Delta:
    """OpenAI's dialect in an envelope."""
    return chat(getattr(event, "data", event))


def gemini(event: Any) -> Delta:
    """Tool calls come whole, and usage with every event."""
    usage = event.usage_metadata
    said = event.candidates[0].content.parts
    return Delta(
        "".join(part.text or "" for part in said),
        tuple(_whole(part.function_call, "args") for part in said if part.function_call),
        (usage.prompt_token_count, usage.candidates_token_count),
    )


def ollama(event: Any) -> Delta:
    """Tool calls come whole, and usage with the last line."""
    calls = event.message.tool_calls or ()
    return Delta(
        event.message.content or "",
        tuple(_whole(call.function, "arguments") for call in calls),
        (event.prompt_eval_count, event.eval_count) if event.done else None,
    )


def _part(key: object, function: Any) -> tuple[object, str, str]:
    return key, function.name or "", function.arguments or ""


def _whole(function: Any, field: str) -> tuple[object, str, str]:
    return object(), function.name, json.dumps(getattr(function, field))


def _opened(key: object, block: Any) -> Delta:
    """A block of a reply begins; it is a tool call if it has a name."""
    name = getattr(block, "name", None)
    return Delta(parts=((key, name, ""),)) if name else Delta()


def _tokens(usage: Any) -> tuple[int, int]:
    return usage.input_tokens, usage.output_tokens


def _by_type(table: Mapping[str | None, Reader]) -> Reader:
    """Read events by their `type`; one that the table does not name adds nothing."""

    def read(event: Any) -> Delta:
        reader = table.get(getattr(event, "type", None))
        return reader(event) if reader else Delta()

    return read


responses = _by_type(
    {
        None: lambda whole: Delta(whole.output_text, tokens=_tokens(whole.usage)),
        "response.output_item.added": lambda e: _opened(e.output_index, e.item),
        "response.output_text.delta": lambda e: Delta(e.delta),
        "response.function_call_arguments.delta": lambda e: Delta(
            parts=((e.output_index, "", e.delta),)
        ),
        "response.completed": lambda e: Delta(tokens=_tokens(e.response.usage)),
    }
)
anthropic = _by_type(
    {
        "message": lambda whole: Delta(whole.content[0].text, tokens=_tokens(whole.usage)),
        "content_block_start": lambda e: _opened(e.index, e.content_block),
        "content_block_delta": lambda e: (
            Delta(e.delta.text)
            if e.delta.type == "text_delta"
            else Delta(parts=((e.index, "", e.delta.partial_json),))
        ),
        "message_delta": lambda e: Delta(tokens=_tokens(e.usage)),
    }
)
cohere = _by_type(
    {
        None: lambda whole: Delta(
            whole.message.content[0].text, tokens=_tokens(whole.usage.tokens)
        ),
        "tool-plan-delta": lambda e: Delta(e.delta.message.tool_plan),
        "tool-call-start": lambda e: Delta(
            parts=(_part(e.index, e.delta.message.tool_calls.function),)
        ),
        "tool-call-delta": lambda e: Delta(
            parts=((e.index, "", e.delta.message.tool_calls.function.arguments),)
        ),
        "message-end": lambda e: Delta(tokens=_tokens(e.delta.usage.tokens)),
    }
)

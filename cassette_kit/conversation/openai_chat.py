"""OpenAI Chat Completions, and all that copy it: groq, openrouter, mistral, deepseek, vLLM …

Source: https://platform.openai.com/docs/api-reference/chat and the same of those providers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation.chat_messages import (
    content_parts,
    message,
    one_call,
    one_content,
    tool_names,
)
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import Answered, Asked, Text, Usage
from cassette_kit.conversation.fields import (
    amount,
    by_index,
    count,
    joined,
    last,
    mapping,
    mappings,
    other_fields,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.conversation.fields import Json

_JOINED = ("reasoning_content", "reasoning", "refusal")
_LISTED = ("reasoning_details", "images")


def asks(request: Json) -> bool:
    return isinstance(request.get("messages"), list)


def answers(answer: Json) -> bool:
    choices = mappings(answer.get("choices"))
    return string(answer.get("object")).startswith("chat.completion") or any(
        "message" in choice or "delta" in choice for choice in choices
    )


def asked(request: Json) -> Asked:
    """`functions` are the tools of old."""
    return Asked(
        string(request.get("model")),
        tuple(message(said) for said in mappings(request.get("messages"))),
        tool_names(request.get("tools")) or tool_names(request.get("functions")),
        other_fields(request, "model", "messages", "tools", "functions"),
        definitions=_definitions(request),
    )


def _definitions(request: Json) -> Any:
    given = [request[name] for name in ("tools", "functions") if name in request]
    return given[0] if len(given) == 1 else given or None


def answered(answer: Json) -> Answered:
    """One message a choice."""
    choices = mappings(answer.get("choices"))
    return Answered(
        string(answer.get("model")),
        tuple(message(mapping(choice.get("message")), "assistant") for choice in choices),
        tuple(string(choice.get("finish_reason")) for choice in choices),
        _usage(mapping(answer.get("usage"))),
    )


def fold(events: list[Json]) -> Json:
    choices = [choice for event in events for choice in mappings(event.get("choices"))]
    groq = [mapping(event.get("x_groq")) for event in events]
    # Moonshot states the usage in a choice.
    usage = last(events, "usage") or last(groq, "usage") or last(choices, "usage")
    return {
        "model": next(filter(None, (string(event.get("model")) for event in events)), ""),
        "choices": [_choice(fragments) for fragments in by_index(choices)],
        "usage": usage,
    }


def said(event: Json) -> str:
    contents = (_delta(choice).get("content") for choice in mappings(event.get("choices")))
    parts = (part for content in contents for part in content_parts(content))
    return "".join(part.text for part in parts if isinstance(part, Text))


def _usage(usage: Json) -> Usage | None:
    """DeepSeek and Moonshot state cached tokens outside of the details."""
    if not usage:
        return None
    inputs = mapping(usage.get("prompt_tokens_details"))
    outputs = mapping(usage.get("completion_tokens_details"))
    cached = (
        inputs.get("cached_tokens"),
        *map(usage.get, ("prompt_cache_hit_tokens", "cached_tokens")),
    )
    return Usage(
        count(usage.get("prompt_tokens")),
        count(usage.get("completion_tokens")),
        next((number for each in cached if (number := count(each)) is not None), None),
        count(outputs.get("reasoning_tokens")),
        amount(usage.get("cost")),
    )


def _delta(choice: Json) -> Json:
    """Some gateways send a whole message as the only event."""
    return mapping(choice.get("delta")) or mapping(choice.get("message"))


def _choice(fragments: list[Json]) -> Json:
    return {
        "message": _message([_delta(fragment) for fragment in fragments]),
        "finish_reason": last(fragments, "finish_reason"),
    }


def _message(deltas: list[Json]) -> Json:
    audio = [mapping(delta.get("audio")) for delta in deltas]
    old_calls = [
        {"function": delta["function_call"]} for delta in deltas if delta.get("function_call")
    ]
    return {
        "role": "assistant",
        "content": one_content(delta.get("content") for delta in deltas),
        "tool_calls": [one_call(call) for call in _calls(deltas)],
        "function_call": one_call(old_calls)["function"] if old_calls else None,
        "audio": {name: joined(audio, name) for name in ("transcript", "data")},
        **{name: joined(deltas, name) for name in _JOINED},
        **{name: _listed(deltas, name) for name in _LISTED},
    }


def _listed(deltas: Iterable[Json], name: str) -> list[Any]:
    return [item for delta in deltas for item in mappings(delta.get(name))]


def _calls(deltas: list[Json]) -> list[list[Json]]:
    """The fragments of each call. Gemini gives the same index to all, so a new id is a new call."""
    calls: list[list[Json]] = []
    open_calls: dict[int, tuple[str, list[Json]]] = {}
    for fragment in _listed(deltas, "tool_calls"):
        index, call_id = count(fragment.get("index")) or 0, string(fragment.get("id"))
        known, call = open_calls.get(index, ("", []))
        if not call or (call_id and known and call_id != known):
            known, call = "", []
            calls.append(call)
        call.append(fragment)
        open_calls[index] = (known or call_id, call)
    return calls


OPENAI_CHAT = Dialect(
    "OpenAI Chat",
    re.compile(r"/chat/completions/?$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

"""Anthropic Messages, also as Bedrock and Vertex AI carry it.

Source: https://docs.claude.com/en/api/messages and the page on streaming beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.chat_messages import tool_names
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import (
    REDACTED,
    Answered,
    Asked,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from cassette_kit.conversation.fields import (
    by_index,
    count,
    joined,
    json_text,
    kind_of,
    last,
    mapping,
    mappings,
    other_fields,
    parsed,
    string,
    total,
)
from cassette_kit.conversation.roles import system, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.conversation.fields import Json

_EVENTS = {"message_start", "content_block_start", "content_block_delta", "message_delta"}
_DELTAS = ("text", "thinking", "signature")


def asks(request: Json) -> bool:
    return isinstance(request.get("messages"), list) and bool(
        {"max_tokens", "anthropic_version"} & request.keys()
    )


def answers(answer: Json) -> bool:
    is_message = kind_of(answer) == "message" and isinstance(answer.get("content"), list)
    return is_message or kind_of(answer) in _EVENTS


def asked(request: Json) -> Asked:
    messages = mappings(request.get("messages"))
    return Asked(
        string(request.get("model")),
        (
            *system(_parts(request.get("system"))),
            *(turn(said, _parts(said.get("content"))) for said in messages),
        ),
        tool_names(request.get("tools")),
        other_fields(request, "model", "system", "messages", "tools"),
        definitions=request.get("tools"),
    )


def answered(answer: Json) -> Answered:
    if not isinstance(answer.get("content"), list):
        return Answered()
    return Answered(
        string(answer.get("model")),
        (turn(answer, _parts(answer["content"]), "assistant"),),
        (string(answer.get("stop_reason")),),
        _usage(mapping(answer.get("usage"))),
    )


def fold(events: list[Json]) -> Json:
    """Blocks by their index; later counts of the usage replace those of `message_start`."""
    start = mapping(last([e for e in events if kind_of(e) == "message_start"], "message"))
    blocks = [event for event in events if "content_block" in event or _is_block_delta(event)]
    if not start and not blocks:
        return {}
    usages = [mapping(start.get("usage")), *(mapping(event.get("usage")) for event in events)]
    return {
        **start,
        "content": [_block(fragments) for fragments in by_index(blocks)],
        "stop_reason": last([mapping(event.get("delta")) for event in events], "stop_reason"),
        "usage": {k: v for usage in usages for k, v in usage.items() if v is not None},
    }


def said(event: Json) -> str:
    delta = mapping(event.get("delta"))
    block = mapping(event.get("content_block"))
    if kind_of(event) == "content_block_start":
        return string(block.get("text")) if kind_of(block) == "text" else ""
    return string(delta.get("text")) if kind_of(delta) == "text_delta" else ""


def arguments(streamed: str, stated: Any) -> Any:
    """The input of a tool, that a stream sends as JSON text; a text that was cut off stays one."""
    value = parsed(streamed)
    return streamed if streamed and value is None else (value if streamed else stated)


def _is_block_delta(event: Json) -> bool:
    return kind_of(event) == "content_block_delta"


def _block(fragments: list[Json]) -> Json:
    block = mapping(last(fragments, "content_block"))
    deltas = [mapping(fragment.get("delta")) for fragment in fragments]
    texts = {name: string(block.get(name)) + joined(deltas, name) for name in _DELTAS}
    told = {name: text for name, text in texts.items() if text}
    kind = kind_of(block) or ("thinking" if "thinking" in told else "text")
    partial = joined(deltas, "partial_json")
    if partial or "input" in block:
        told["input"] = arguments(partial, block.get("input"))
    return {**block, "type": kind, **told}


def _parts(content: Any) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),) if content else ()
    blocks = content if isinstance(content, list) else [content] if content else []
    return tuple(map(_part, blocks))


def _part(block: Any) -> Part:
    kind = kind_of(block)
    if kind.endswith("tool_result"):
        return _tool_result(block)
    if kind.endswith("tool_use"):
        return _tool_call(block)
    known = _PARTS.get(kind)
    return (known(block) if known else None) or Unknown(block)


def _tool_call(block: Json) -> ToolCall:
    return ToolCall(
        string(block.get("name")), json_text(block.get("input", {})), string(block.get("id"))
    )


def _tool_result(block: Json) -> ToolResult:
    return ToolResult(
        string(block.get("tool_use_id")),
        _parts(block.get("content")),
        block.get("is_error") is True,
    )


def _text(block: Json) -> Text | None:
    return Text(block["text"]) if isinstance(block.get("text"), str) else None


def _thinking(block: Json) -> Thinking | None:
    return Thinking(block["thinking"]) if isinstance(block.get("thinking"), str) else None


def _source(default_type: str) -> Callable[[Json], Part | None]:
    """An image or document: base64, a URL or a text, which is part of the prompt."""

    def part_of(block: Json) -> Part | None:
        source = mapping(block.get("source"))
        media_type = string(source.get("media_type")) or default_type
        data, url = string(source.get("data")), string(source.get("url"))
        if kind_of(source) == "text":
            return Text(data)
        if data:
            return media.embedded(data, media_type)
        return media.at(url, media_type) if url else None

    return part_of


_PARTS: dict[str, Callable[[Json], Part | None]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": lambda block: REDACTED,
    "image": _source("image/*"),
    "document": _source("application/pdf"),
}


def _usage(usage: Json) -> Usage | None:
    """`input_tokens` of the API leaves out what was read from and written to the cache."""
    if not usage:
        return None
    cached = count(usage.get("cache_read_input_tokens"))
    created = usage.get("cache_creation_input_tokens")
    return Usage(
        total(usage.get("input_tokens"), cached, created),
        count(usage.get("output_tokens")),
        cached,
    )


ANTHROPIC_MESSAGES = Dialect(
    "Anthropic Messages",
    re.compile(r"/messages/?$|/invoke(-with-response-stream)?$|:(streamR|r)awPredict$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

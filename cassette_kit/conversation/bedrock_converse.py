"""Amazon Bedrock's Converse and ConverseStream; Nova's own format is the same.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.anthropic_messages import arguments
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import (
    REDACTED,
    Answered,
    Asked,
    Media,
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
    last,
    mapping,
    mappings,
    other_fields,
    sequence,
    string,
    total,
)
from cassette_kit.conversation.roles import system, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.conversation.fields import Json

_BLOCK_EVENTS = ("contentBlockStart", "contentBlockDelta")
_EVENTS = {*_BLOCK_EVENTS, "messageStart", "messageStop"}


def asks(request: Json) -> bool:
    """Blocks have no `type`; their only key names what they are."""
    messages = mappings(request.get("messages"))
    blocks = [block for said in messages for block in sequence(said.get("content"))]
    return bool(blocks) and all(isinstance(each, dict) and "type" not in each for each in blocks)


def answers(answer: Json) -> bool:
    return "message" in mapping(answer.get("output")) or not _EVENTS.isdisjoint(answer)


def asked(request: Json) -> Asked:
    messages = mappings(request.get("messages"))
    return Asked(
        string(request.get("modelId")),
        (
            *system(_parts(request.get("system"))),
            *(turn(said, _parts(said.get("content"))) for said in messages),
        ),
        tuple(_tool_names(mapping(request.get("toolConfig")).get("tools"))),
        other_fields(request, "modelId", "system", "messages", "toolConfig"),
        definitions=request.get("toolConfig"),
    )


def answered(answer: Json) -> Answered:
    said = mapping(answer.get("output")).get("message")
    if not isinstance(said, dict):
        return Answered()
    return Answered(
        messages=(turn(said, _parts(said.get("content")), "assistant"),),
        finish=(string(answer.get("stopReason")),),
        usage=_usage(mapping(answer.get("usage"))),
    )


def fold(events: list[Json]) -> Json:
    """Each event stands under its name, as `streams` puts a frame's payload."""
    if not any(map(answers, events)):
        return {}
    blocks = [
        mapping(event.get(name)) for event in events for name in _BLOCK_EVENTS if name in event
    ]
    stops = [mapping(event.get("messageStop")) for event in events]
    usages = [mapping(event.get("metadata")) for event in events]
    content = [_block(fragments) for fragments in by_index(blocks, "contentBlockIndex")]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": last(stops, "stopReason"),
        "usage": last(usages, "usage"),
    }


def said(event: Json) -> str:
    return string(mapping(mapping(event.get("contentBlockDelta")).get("delta")).get("text"))


def _block(fragments: list[Json]) -> Json:
    starts = [mapping(fragment.get("start")) for fragment in fragments]
    deltas = [mapping(fragment.get("delta")) for fragment in fragments]
    tool = mapping(last(starts, "toolUse"))
    if tool or any("toolUse" in delta for delta in deltas):
        text = joined((mapping(delta.get("toolUse")) for delta in deltas), "input")
        return {"toolUse": {**tool, "input": arguments(text, {})}}
    thoughts = [
        mapping(delta["reasoningContent"]) for delta in deltas if "reasoningContent" in delta
    ]
    if any("redactedContent" in thought for thought in thoughts):
        return {"reasoningContent": {"redactedContent": joined(thoughts, "redactedContent")}}
    if thoughts:
        return {"reasoningContent": {"reasoningText": {"text": joined(thoughts, "text")}}}
    return {"text": joined(deltas, "text")}


def _parts(blocks: Any) -> tuple[Part, ...]:
    return tuple(map(_part, sequence(blocks)))


def _part(block: Any) -> Part:
    fields = mapping(block)
    for name, read in _PARTS.items():
        if name in fields and (told := read(fields[name])):
            return told
    return Unknown(block)


def _text(text: Any) -> Part | None:
    return Text(text) if isinstance(text, str) else None


def _thinking(content: Any) -> Part | None:
    if "redactedContent" in mapping(content):
        return REDACTED
    text = mapping(mapping(content).get("reasoningText")).get("text")
    return Thinking(text) if isinstance(text, str) else None


def _tool_call(call: Any) -> Part | None:
    fields = mapping(call)
    name, call_id = string(fields.get("name")), string(fields.get("toolUseId"))
    return ToolCall(name, json_text(fields.get("input", {})), call_id) if fields else None


def _tool_result(result: Any) -> Part | None:
    fields = mapping(result)
    call_id, parts = string(fields.get("toolUseId")), _parts(fields.get("content"))
    return ToolResult(call_id, parts, fields.get("status") == "error") if fields else None


def _json(value: Any) -> Part:
    return Text(json_text(value))


def _source(family: str) -> Callable[[Any], Part | None]:
    """Bytes, text, or a place in S3. `format` is the last half of the media type, more or less."""

    def part_of(block: Any) -> Part | None:
        source = mapping(mapping(block).get("source"))
        media_type = f"{family}/{string(mapping(block).get('format')) or '*'}"
        if string(source.get("bytes")):
            return media.embedded(source["bytes"], media_type)
        if string(source.get("text")):
            return Text(source["text"])
        uri = string(mapping(source.get("s3Location")).get("uri"))
        return Media(media_type, url=uri) if uri else None

    return part_of


_PARTS: dict[str, Callable[[Any], Part | None]] = {
    "text": _text,
    "reasoningContent": _thinking,
    "toolUse": _tool_call,
    "toolResult": _tool_result,
    "image": _source("image"),
    "document": _source("application"),
    "video": _source("video"),
    "json": _json,
}


def _tool_names(tools: Any) -> Iterator[str]:
    for tool in mappings(tools):
        yield from filter(None, (string(mapping(spec).get("name")) for spec in tool.values()))


def _usage(usage: Json) -> Usage | None:
    """`inputTokens` leaves out what was read from and written to the cache."""
    if not usage:
        return None
    cached = count(usage.get("cacheReadInputTokens"))
    return Usage(
        total(usage.get("inputTokens"), cached, usage.get("cacheWriteInputTokens")),
        count(usage.get("outputTokens")),
        cached,
    )


BEDROCK_CONVERSE = Dialect(
    "Bedrock Converse",
    re.compile(r"/(converse(-stream)?|invoke(-with-response-stream)?)$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

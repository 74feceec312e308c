"""Gemini's generateContent and streamGenerateContent, on the Gemini API and on Vertex AI.

Source: https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import (
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

_CODE = "code_execution"  # what the tool is called when it is asked for


def asks(request: Json) -> bool:
    return "contents" in request


def answers(answer: Json) -> bool:
    return "candidates" in answer or "promptFeedback" in answer or "usageMetadata" in answer


def asked(request: Json) -> Asked:
    names = ("systemInstruction", "system_instruction")
    prompt = next((request[name] for name in names if request.get(name)), None)
    return Asked(
        string(request.get("model")).removeprefix("models/"),
        (
            *system(_parts(_content(prompt))),
            *(turn(said, _parts(said)) for said in _contents(request.get("contents"))),
        ),
        tuple(_tool_names(request.get("tools"))),
        other_fields(request, *names, "model", "contents", "tools"),
        definitions=request.get("tools"),
    )


def answered(answer: Json) -> Answered:
    """A prompt that was blocked has no candidate, but a reason."""
    candidates = mappings(answer.get("candidates"))
    feedback = mapping(answer.get("promptFeedback"))
    reason = string(feedback.get("blockReasonMessage")) or string(feedback.get("blockReason"))
    contents = [mapping(each.get("content")) for each in candidates]
    return Answered(
        string(answer.get("modelVersion")),
        tuple(turn(content, _parts(content), "assistant") for content in contents),
        tuple(string(each.get("finishReason")) for each in candidates),
        _usage(mapping(answer.get("usageMetadata"))),
        error="" if candidates else reason,
    )


def fold(events: list[Json]) -> Json:
    candidates = [each for event in events for each in mappings(event.get("candidates"))]
    names = ("modelVersion", "promptFeedback", "usageMetadata")
    return {
        "candidates": [_candidate(fragments) for fragments in by_index(candidates)],
        **{name: last(events, name) for name in names},
    }


def said(event: Json) -> str:
    candidates = mappings(event.get("candidates"))
    parts = (part for each in candidates for part in _parts(mapping(each.get("content"))))
    return "".join(part.text for part in parts if isinstance(part, Text))


def _candidate(fragments: list[Json]) -> Json:
    parts = [part for each in fragments for part in _part_list(mapping(each.get("content")))]
    runs = itertools.groupby(parts, key=_kind)
    merged = [part for kind, run in runs for part in _run(kind, list(run))]
    return {
        "content": {"role": "model", "parts": merged},
        "finishReason": last(fragments, "finishReason"),
    }


def _kind(part: Any) -> str:
    """What a part goes on with, if the part before was of that kind too; "" for other parts."""
    if not isinstance(mapping(part).get("text"), str):
        return ""
    return "thought" if part.get("thought") else "text"


def _run(kind: str, parts: list[Any]) -> list[Any]:
    return [{"text": joined(parts, "text"), "thought": kind == "thought"}] if kind else parts


def _content(value: Any) -> Json:
    """A content, or what the SDKs take for one: a text, or its parts."""
    if isinstance(value, dict):
        return value if "parts" in value else {"parts": [value]}
    return {"parts": [{"text": value}] if isinstance(value, str) else sequence(value)}


def _contents(value: Any) -> list[Json]:
    return [
        _content(item) for item in (value if isinstance(value, list) else [value] if value else [])
    ]


def _part_list(content: Json) -> list[Any]:
    parts = content.get("parts")
    return [parts] if isinstance(parts, dict) else sequence(parts)


def _parts(content: Json) -> tuple[Part, ...]:
    return tuple(_part(part) for part in _part_list(content) if not _is_signature(part))


def _is_signature(part: Any) -> bool:
    """A stream may end with a part that holds nothing but the signature of the thoughts."""
    names = {name for name, value in part.items() if value != ""} if isinstance(part, dict) else {0}
    return names <= {"thought", "thoughtSignature", "thought_signature"}


def _part(part: Any) -> Part:
    fields = mapping(part)
    for name, read in _PARTS.items():
        if name in fields and (told := read(fields, fields[name])):
            return told
    return Unknown(part)


def _text(part: Json, text: Any) -> Part | None:
    if not isinstance(text, str):
        return None
    return Thinking(text) if part.get("thought") else Text(text)


def _inline(_part: Json, blob: Any) -> Part | None:
    media_type = string(_either(blob, "mimeType", "mime_type"))
    data = string(mapping(blob).get("data"))
    return media.embedded(data, media_type) if data else None


def _file(_part: Json, file: Any) -> Part | None:
    url = string(_either(file, "fileUri", "file_uri"))
    return media.at(url, string(_either(file, "mimeType", "mime_type"))) if url else None


def _call(_part: Json, call: Any) -> Part | None:
    fields = mapping(call)
    name = string(fields.get("name"))
    return (
        ToolCall(name, json_text(fields.get("args") or {}), string(fields.get("id")))
        if name
        else None
    )


def _response(_part: Json, response: Any) -> Part | None:
    """Without an id the name says which call it answers."""
    fields = mapping(response)
    call = string(fields.get("id")) or string(fields.get("name"))
    inner = _parts({"parts": fields.get("parts")})
    told = fields.get("response")
    text = (Text(json_text(told)),) if told else ()
    return ToolResult(call, (*text, *inner), "error" in mapping(told))


def _code(_part: Json, code: Any) -> Part | None:
    text = string(mapping(code).get("code"))
    return ToolCall(_CODE, text) if text else None


def _code_result(_part: Json, result: Any) -> Part | None:
    fields = mapping(result)
    failed = fields.get("outcome") not in ("OUTCOME_OK", None)
    return ToolResult(_CODE, (Text(string(fields.get("output"))),), failed)


_READERS: dict[str, Callable[[Json, Any], Part | None]] = {
    "text": _text,
    "inlineData": _inline,
    "fileData": _file,
    "functionCall": _call,
    "functionResponse": _response,
    "executableCode": _code,
    "codeExecutionResult": _code_result,
}
_SNAKE_CASE = re.compile(r"(?=[A-Z])")
_PARTS = {
    **_READERS,
    **{_SNAKE_CASE.sub("_", name).lower(): read for name, read in _READERS.items()},
}


def _either(value: Any, *names: str) -> Any:
    fields = mapping(value)
    return next((fields[name] for name in names if name in fields), None)


def _tool_names(tools: Any) -> Iterator[str]:
    """Functions by their names, other tools by theirs (`googleSearch`)."""
    for tool in mappings(tools):
        for kind, value in tool.items():
            if kind in ("functionDeclarations", "function_declarations"):
                yield from filter(None, (string(each.get("name")) for each in mappings(value)))
            else:
                yield kind


def _usage(usage: Json) -> Usage | None:
    """`candidatesTokenCount` leaves out the thoughts, `promptTokenCount` what tools put in."""
    if not usage:
        return None
    thoughts = count(usage.get("thoughtsTokenCount"))
    return Usage(
        total(usage.get("promptTokenCount"), usage.get("toolUsePromptTokenCount")),
        total(usage.get("candidatesTokenCount"), thoughts),
        count(usage.get("cachedContentTokenCount")),
        thoughts,
    )


GEMINI = Dialect(
    "Gemini",
    re.compile(r":(streamG|g)enerateContent$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

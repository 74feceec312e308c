"""Ollama's chat and generate.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.chat_messages import message, tool_names
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import Answered, Asked, Message, Role, Usage
from cassette_kit.conversation.fields import (
    count,
    joined,
    last,
    mapping,
    mappings,
    other_fields,
    sequence,
    string,
)

if TYPE_CHECKING:
    from cassette_kit.conversation.fields import Json

_ASKED = ("model", "messages", "tools", "system", "prompt", "images")
_COUNTS = ("model", "done", "done_reason", "prompt_eval_count", "eval_count")


def asks(request: Json) -> bool:
    is_chat = isinstance(request.get("messages"), list)
    return "model" in request and (is_chat or isinstance(request.get("prompt"), str))


def answers(answer: Json) -> bool:
    has_text = isinstance(answer.get("message"), dict) or isinstance(answer.get("response"), str)
    return isinstance(answer.get("done"), bool) and has_text


def asked(request: Json) -> Asked:
    """`generate` has a prompt instead of messages."""
    prompt = {"content": request.get("prompt"), "images": request.get("images")}
    said = [
        *([{"role": "system", "content": request["system"]}] if request.get("system") else []),
        *mappings(request.get("messages")),
        *([{"role": "user", **prompt}] if any(prompt.values()) else []),
    ]
    return Asked(
        string(request.get("model")),
        tuple(_message(each) for each in said),
        tool_names(request.get("tools")),
        other_fields(request, *_ASKED),
        definitions=request.get("tools"),
    )


def answered(answer: Json) -> Answered:
    if not answers(answer):
        return Answered()
    return Answered(
        string(answer.get("model")),
        (_message(_said(answer), "assistant"),),
        (string(answer.get("done_reason")),),
        _usage(answer),
    )


def fold(events: list[Json]) -> Json:
    told = [event for event in events if answers(event)]
    said = [_said(event) for event in told]
    calls: list[Any] = [call for each in said for call in sequence(each.get("tool_calls"))]
    images: list[Any] = [image for each in said for image in sequence(each.get("images"))]
    if not told:
        return {}
    return {
        **{name: last(told, name) for name in _COUNTS},
        "message": {
            "role": "assistant",
            "content": joined(said, "content"),
            "thinking": joined(said, "thinking"),
            "tool_calls": calls,
            "images": images,
        },
    }


def said(event: Json) -> str:
    return string(_said(event).get("content"))


def _said(answer: Json) -> Json:
    if isinstance(answer.get("message"), dict):
        return mapping(answer["message"])
    return {"content": answer.get("response"), "thinking": answer.get("thinking")}


def _message(said: Json, default: Role = "user") -> Message:
    """Images are base64 beside the text."""
    images = [media.embedded(image) for image in sequence(said.get("images")) if string(image)]
    told = message({**said, "images": None}, default)
    return replace(told, parts=(*told.parts, *images))


def _usage(answer: Json) -> Usage | None:
    asked_for, answered_with = (
        count(answer.get("prompt_eval_count")),
        count(answer.get("eval_count")),
    )
    if asked_for is None and answered_with is None:
        return None
    return Usage(asked_for, answered_with)


OLLAMA = Dialect(
    "Ollama",
    re.compile(r"/api/(chat|generate)/?$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

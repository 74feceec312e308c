"""Cohere Chat, version 2.

Source: https://docs.cohere.com/reference/chat and https://docs.cohere.com/docs/streaming
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.conversation import openai_chat
from cassette_kit.conversation.chat_messages import message, one_call
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import Answered, Usage
from cassette_kit.conversation.fields import (
    by_index,
    count,
    joined,
    kind_of,
    last,
    mapping,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.conversation.fields import Json

_EVENTS = {"message-start", "content-start", "content-delta", "tool-call-start", "message-end"}
_CONTENT = {"content-start", "content-delta"}
_CALL = {"tool-call-start", "tool-call-delta"}


def answers(answer: Json) -> bool:
    kind = kind_of(answer)
    return kind in _EVENTS or (
        "finish_reason" in answer and isinstance(answer.get("message"), dict)
    )


def answered(answer: Json) -> Answered:
    """The answer does not name its model."""
    said = answer.get("message")
    if not isinstance(said, dict):
        return Answered()
    return Answered(
        messages=(message(said, "assistant"),),
        finish=(string(answer.get("finish_reason")),),
        usage=_usage(mapping(answer.get("usage"))),
    )


def fold(events: list[Json]) -> Json:
    if not any(map(answers, events)):
        return {}
    deltas = [mapping(event.get("delta")) for event in events]
    said = [mapping(delta.get("message")) for delta in deltas]
    return {
        "finish_reason": last(deltas, "finish_reason"),
        "usage": last(deltas, "usage"),
        "message": {
            "role": "assistant",
            "tool_plan": joined(said, "tool_plan"),
            "content": _inside(events, _CONTENT, "content", _content),
            "tool_calls": _inside(events, _CALL, "tool_calls", one_call),
        },
        "error": last(deltas, "error"),
    }


def said(event: Json) -> str:
    if kind_of(event) not in _CONTENT:
        return ""
    return string(_delta(event, "content").get("text"))


def _inside(
    events: list[Json], kinds: set[str], name: str, whole: Callable[[list[Json]], Json]
) -> list[Json]:
    """The contents or calls of the events, each put together."""
    groups = by_index(event for event in events if kind_of(event) in kinds)
    return [whole([_delta(event, name) for event in group]) for group in groups]


def _delta(event: Json, name: str) -> Json:
    return mapping(mapping(mapping(event.get("delta")).get("message")).get(name))


def _content(deltas: list[Json]) -> Json:
    thinking = joined(deltas, "thinking")
    if thinking or last(deltas, "type") == "thinking":
        return {"type": "thinking", "thinking": thinking}
    return {"type": "text", "text": joined(deltas, "text")}


def _usage(usage: Json) -> Usage | None:
    """What the model was given; `billed_units` leaves out what Cohere adds to it."""
    tokens = mapping(usage.get("tokens")) or mapping(usage.get("billed_units"))
    if not tokens:
        return None
    return Usage(
        count(tokens.get("input_tokens")),
        count(tokens.get("output_tokens")),
        count(usage.get("cached_tokens")),
    )


COHERE_CHAT = Dialect(
    "Cohere Chat",
    re.compile(r"/v2/chat/?$"),
    openai_chat.asks,
    answers,
    openai_chat.asked,
    answered,
    fold,
    said,
)

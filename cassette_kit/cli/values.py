"""What recordings hold as JSON values, for `--json`."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import events, exchange
from cassette_kit.conversation.exchange import (
    Media,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from cassette_kit.provenance import total_ms

if TYPE_CHECKING:
    from cassette_kit.conversation.exchange import Event
    from cassette_kit.model import Interaction

_PARTS = {
    Text: "text",
    Thinking: "thinking",
    Media: "media",
    ToolCall: "tool_call",
    ToolResult: "tool_result",
    Unknown: "unknown",
}


def interaction(number: int, one: Interaction) -> dict[str, Any]:
    """An interaction: its request and response in short, its events, and what both sides say.

    Times are in milliseconds, sizes in bytes. Headers are pairs of name and value, as recorded.
    Bodies are text, bytes that are no UTF-8 escaped.
    """
    said = exchange(one)
    request, response = one.request, one.response
    return {
        "interaction": number,
        "method": request.method,
        "url": request.url,
        "status": response.status_code,
        "dialect": said.dialect,
        "model": said.model,
        "duration_ms": response.duration_ns / 1e6,
        "total_ms": total_ms(response),
        "end": response.stream and response.stream.end,
        "request_bytes": len(request.body),
        "response_bytes": len(response.body),
        "request_headers": request.headers.multi_items(),
        "response_headers": response.headers.multi_items(),
        "request_body": _text(request.body),
        "response_body": _text(response.body),
        "events": [_event(event) for event in events(one)],
        "asked": {**_members(said.asked), "settings": dict(said.asked.settings)},
        "answered": _members(said.answered),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "offset_ms": event.offset_ms,
        "name": event.name,
        "text": event.text,
        "bytes": len(event.data),
        "data": _text(event.data),
    }


def _value(value: Any) -> Any:
    """A value of a conversation; a part says of which type it is, bytes are base64."""
    if type(value) in _PARTS:
        return {"type": _PARTS[type(value)], **_members(value)}
    if is_dataclass(value):
        return _members(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _members(value: Any) -> dict[str, Any]:
    return {field.name: _value(getattr(value, field.name)) for field in fields(value)}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")

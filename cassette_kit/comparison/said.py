"""What an answer says as plain JSON data, whether it was streamed or not: without ids and times."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cassette_kit.canonical import NotJSONError, parse_json
from cassette_kit.conversation import Media, Text, Thinking, ToolCall, ToolResult, Unknown

if TYPE_CHECKING:
    from cassette_kit.conversation import Answered, Message, Part


def said(answered: Answered, *, alone: bool = False) -> dict[str, Any]:
    """Model, words, tool calls and how they ended; what is empty is left out.

    `alone`: the members of the only message stand beside the others, and not in a list.
    """
    messages = list(map(_message, answered.messages))
    return _filled(
        {
            "model": answered.model,
            **(dict(*messages) if alone else {"answers": messages}),
            "finish": ", ".join(answered.finish),
            "error": answered.error,
        }
    )


def decoded(text: str) -> Any:
    """The value of JSON text; other text as it is."""
    try:
        return parse_json(text.encode())
    except (NotJSONError, UnicodeEncodeError):
        return text


def _message(message: Message) -> dict[str, Any]:
    """Texts run together, since a stream may cut them anywhere."""
    parts = message.parts
    return _filled(
        {
            "thinking": "".join(part.text for part in parts if isinstance(part, Thinking)),
            "text": "".join(part.text for part in parts if isinstance(part, Text)),
            "tool_calls": [_call(part) for part in parts if isinstance(part, ToolCall)],
            "media": [_medium(part) for part in parts if isinstance(part, Media)],
            "other": [_other(part) for part in parts if isinstance(part, ToolResult | Unknown)],
        }
    )


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": decoded(call.arguments)}


def _medium(media: Media) -> dict[str, Any]:
    digest = hashlib.sha256(media.data).hexdigest() if media.data else ""
    return {"type": media.media_type, "bytes": len(media.data), "sha256": digest, "url": media.url}


def _other(part: Part) -> Any:
    """A provider's own kind of part as its JSON, the result of its own tool as text."""
    if isinstance(part, Unknown):
        return part.value
    if isinstance(part, ToolResult):
        return {"result": [_other(inner) for inner in part.parts], "is_error": part.is_error}
    return _medium(part) if isinstance(part, Media) else getattr(part, "text", "")

"""The error message in an answer, in the shapes that providers give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassette_kit.conversation.fields import json_text, mapping, string

if TYPE_CHECKING:
    from cassette_kit.conversation.fields import Json

_MESSAGES = ("message", "Message", "detail", "error_description", "title")


def error_in(value: Any, *, failed: bool = False) -> str:
    """What an answer, or an event of it, says went wrong; "" if it says nothing of the kind.

    `failed` where the status says so: then a mere `message` or `detail` is an error too.

    Source: the error pages of OpenAI, Anthropic, Gemini, OpenRouter, Ollama, Cohere and Bedrock.
    """
    if isinstance(value, list):
        return next((text for item in value if (text := error_in(item, failed=failed))), "")
    fields = mapping(value)
    error = fields.get("error")
    if error:
        return _message(mapping(error)) or json_text(error)
    if failed or "error" in (fields.get("type"), fields.get("object")):
        return _message(fields)
    choices = fields.get("choices")
    return error_in(choices) if isinstance(choices, list) else ""


def _message(error: Json) -> str:
    for name in _MESSAGES:
        if error.get(name):
            return json_text(error[name])
    return string(error.get("type")) or string(error.get("code"))

"""Whether a body says of itself that it is over.

Tells a caller that closed after the last event from one that closed early; what is not known to
end a stream does not. Each rule looks at the last event, line or document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.chunking.json_text import CONTENT, json_value
from cassette_kit.chunking.kinds import kind_of
from cassette_kit.chunking.sse import BLANK_LINE, sse_events
from cassette_kit.chunking.units import BREAK

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.chunking.kinds import KindName
    from cassette_kit.chunking.sse import ServerSentEvent

_LAST_EVENTS = {
    "message_stop": "Anthropic Messages",
    "response.completed": "OpenAI Responses",
    "response.failed": "OpenAI Responses",
    "response.incomplete": "OpenAI Responses",
    "message-end": "Cohere Chat v2",
    "error": "Anthropic Messages, OpenAI Responses",
}
_FIRST_WINDOW_BYTES = 4096
_ENDS_BLANK = re.compile(BREAK + BREAK + rb"\Z")
_SELF_DELIMITED = b'{["'  # a number is not: 12 may be a part of 123


def is_finished(body: bytes, content_type: str) -> bool:
    """Whether the last thing in the body is one after which its stream has no more to say.

    For an event stream the cost grows with its last event, not with the body.
    """
    return any(says_so(body) for says_so in _RULES[kind_of(content_type)])


def _last_event_ends(body: bytes) -> bool:
    event = _last_event(body)
    if event is None:
        return False
    if event.data.strip() == "[DONE]":  # OpenAI Chat Completions and all that copy it
        return True
    value = json_value(event.data)
    if value is None and not _ENDS_BLANK.search(body[-4:]):
        return False  # its data may have been cut off
    return event.event in _LAST_EVENTS or _type(value) in _LAST_EVENTS or _gemini_ends(value)


def _last_event(body: bytes) -> ServerSentEvent | None:
    """The last event, looked for in a growing window at the end."""
    window = _FIRST_WINDOW_BYTES
    while window < len(body):
        tail = body[-window:]
        boundary = BLANK_LINE.search(tail)
        if boundary and (events := sse_events(tail[boundary.end() :])):
            return events[-1]
        window *= 2
    return next(reversed(sse_events(body)), None)


def _type(value: Any) -> str | None:
    name = value.get("type") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def _gemini_ends(value: Any) -> bool:
    """Every candidate of the last event gives its `finishReason`."""
    candidates = value.get("candidates") if isinstance(value, dict) else None
    if not isinstance(candidates, list) or not candidates:
        return False
    return all(isinstance(each, dict) and each.get("finishReason") for each in candidates)


def _last_line_ends(body: bytes) -> bool:
    """Ollama's last line has `"done": true`."""
    value = json_value(body.rstrip().rpartition(b"\n")[2])
    return isinstance(value, dict) and value.get("done") is True


def _is_document(body: bytes) -> bool:
    """A complete JSON text, which a JSON array stream is when its bracket has closed.

    Ollama's `"done": false` announces another line.
    """
    first = CONTENT.search(body)
    if first is None or first.group() not in _SELF_DELIMITED:
        return False
    value = json_value(body)
    return value is not None and not (isinstance(value, dict) and value.get("done") is False)


_RULES: dict[KindName, tuple[Callable[[bytes], bool], ...]] = {
    "sse": (_last_event_ends, _is_document),
    "ndjson": (_last_line_ends,),
    "aws": (),
    "json": (_is_document, _last_line_ends, _last_event_ends),
    "opaque": (),
}

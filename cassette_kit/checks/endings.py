"""How a stream of a known API ends, to tell one that stops before its end.

Nothing is claimed of an API that is not known: its last event looks like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassette_kit import chunking
from cassette_kit.checks.json_text import BROKEN, json_or_broken
from cassette_kit.chunking.kinds import kind_of
from cassette_kit.conversation.streams import is_event_stream

if TYPE_CHECKING:
    from collections.abc import Callable

_ANTHROPIC = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
    }
)
_COHERE = frozenset({"message-start", "content-start", "content-delta", "tool-plan-delta"})
_CHAT = frozenset({"chat.completion.chunk", "text_completion"})


def early_end(body: bytes, content_type: str) -> str | None:
    """How a stream stops before its end; None where it does not, or where that is not known.

    An error in the last event or line ends a stream, too.
    """
    if chunking.is_finished(body, content_type):
        return None
    texts = stream_texts(body, content_type)
    values = [json_or_broken(text) for text in texts]
    if not values or _is_error(values[-1]):
        return None
    end = next((end for value in values for end, begins in _ENDS.items() if begins(value)), None)
    if end == _GEMINI_END and any(map(_has_finish_reason, values)):
        return None  # an event with the usage alone came after it
    if end is not None:
        return f"without `{end}`"
    is_cut = values[-1] is BROKEN and texts[-1].startswith("{")
    return "in the middle of its last event" if is_cut else None


def stream_texts(body: bytes, content_type: str) -> list[str]:
    """What the events of a stream hold, or its lines; none where the body is no stream."""
    kind = kind_of(content_type)
    if kind == "sse" or (kind == "json" and is_event_stream(body)):
        pieces = chunking.split(body, "text/event-stream")
        return [text for piece in pieces for text in _data(piece)]
    lines = [line.decode("utf-8", "replace").strip() for line in body.split(b"\n")]
    texts = list(filter(None, lines))
    return texts if kind == "ndjson" or (kind == "json" and _begins_as_lines(texts)) else []


def _data(piece: bytes) -> list[str]:
    """The data of an event; a bare line in its place, as some servers put an error there."""
    data = [event.data for event in chunking.sse_events(piece)]
    lines = piece.decode("utf-8", "replace").splitlines()
    return data or [line for line in lines if line.startswith("{")]


def _begins_as_lines(texts: list[str]) -> bool:
    return len(texts) > 1 and isinstance(json_or_broken(texts[0]), dict)


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("error"))


def _typed(names: frozenset[str], key: str) -> Callable[[Any], bool]:
    def begins(value: Any) -> bool:
        name = value.get(key) if isinstance(value, dict) else None
        return isinstance(name, str) and name in names

    return begins


def _is_of_responses(value: Any) -> bool:
    name = value.get("type") if isinstance(value, dict) else None
    return isinstance(name, str) and name.startswith("response.")


def _has_candidates(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("candidates"), list)


def _has_finish_reason(value: Any) -> bool:
    candidates = value["candidates"] if _has_candidates(value) else []
    return any(isinstance(each, dict) and each.get("finishReason") for each in candidates)


def _is_not_done(value: Any) -> bool:
    return isinstance(value, dict) and value.get("done") is False


_GEMINI_END = "finishReason"
_ENDS: dict[str, Callable[[Any], bool]] = {
    "message_stop": _typed(_ANTHROPIC, "type"),
    "response.completed": _is_of_responses,
    "message-end": _typed(_COHERE, "type"),
    "data: [DONE]": _typed(_CHAT, "object"),
    _GEMINI_END: _has_candidates,
    '"done": true': _is_not_done,
}
"""The end of each API's streams, and what tells an event of it.

Source: the streaming pages of the references of Anthropic Messages, OpenAI Responses, Cohere Chat
v2, OpenAI Chat Completions (and all that copy it), Gemini and Ollama.
"""

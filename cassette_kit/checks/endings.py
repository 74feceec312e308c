"""How a stream of a known API ends, to tell one that stops before its end or ends in an error.

Nothing is claimed of an API that is not known: its last event looks like any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

from cassette_kit import chunking
from cassette_kit.checks.json_text import BROKEN, fault_of_json, json_or_broken
from cassette_kit.chunking.kinds import kind_of
from cassette_kit.conversation.frames import frame_of
from cassette_kit.conversation.streams import is_event_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.conversation.frames import Frame

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
_FAILED_FOR_COHERE = ("ERROR", "TIMEOUT")
_CONVERSE = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta"})
_CONVERSE_END = "messageStop"
_FRAMES = "application/vnd.amazon.eventstream"
_DONE = "[DONE]"
_LAST_UNITS = 3
_DATA_LINE = re.compile(rb"^data: ?([^\r\n[ ][^\r\n]*)", re.MULTILINE)
_CHAT = frozenset({"chat.completion.chunk", "text_completion"})


def early_end(body: bytes, content_type: str) -> str | None:
    """How a stream stops before its end; None where it does not, or where that is not known.

    An error in the last event or line ends a stream, too.
    """
    if kind_of(content_type) == "aws":
        return _early_end_of_frames(body)
    if chunking.is_finished(body, content_type):
        return None
    texts = stream_texts(body, content_type)
    values = [json_or_broken(text) for text in texts]
    if not values or _is_error(values[-1]):
        return None
    end = next((end for value in values if (end := _end_of(value))), None)
    if end == _GEMINI_END and any(map(_has_finish_reason, values)):
        return None  # an event with the usage alone came after it
    if end is not None:
        return f"without `{end}`"
    is_cut = values[-1] is BROKEN and texts[-1].startswith("{")
    return "in the middle of its last event" if is_cut else None


def ends_in_error(body: bytes, content_type: str) -> bool:
    """Whether the last event of a stream, `[DONE]` aside, tells that the answer has failed.

    An error of JSON-RPC is an answer: of a server that was asked for a method that it lacks, say.
    """
    kind = kind_of(content_type)
    units = [] if kind == "opaque" else chunking.split(body, content_type)[-_LAST_UNITS:]
    if kind == "aws":
        frame = frame_of(units[-1]) if units else None
        return frame is not None and not _is_event(frame)
    end = b"".join(units)
    texts = [text for text in stream_texts(end, content_type) if text.strip() != _DONE]
    value = json_or_broken(texts[-1]) if texts else None
    if _has_failed(value) or (_is_error(value) and "jsonrpc" not in value):
        return True
    return kind == "sse" and _last_name(end) == "error"


def _last_name(events: bytes) -> str:
    """What the last event calls itself, `[DONE]` aside."""
    names = [event.event for event in chunking.sse_events(events) if event.data.strip() != _DONE]
    return names[-1] if names else ""


def broken_event(body: bytes, content_type: str) -> tuple[int, str] | None:
    """The first event of a known API's stream that is no JSON, from 1, and why; the last aside."""
    if _are_json(_DATA_LINE.findall(body)):
        return None
    texts = stream_texts(body, content_type)
    faults = {
        number: fault
        for number, text in enumerate(texts[:-1], 1)
        if text.strip() not in ("", _DONE) and (fault := fault_of_json(text))
    }
    if not faults or not any(_end_of(json_or_broken(text)) for text in texts):
        return None
    return min(faults.items())


def _are_json(lines: list[bytes]) -> bool:
    """Whether all are JSON of the usual kind; if not they may be all the same."""
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        for line in lines:
            decode(line)
    except (DecodeError, RecursionError):
        return False
    return True


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


def _early_end_of_frames(body: bytes) -> str | None:
    """The same for Bedrock, which names an event in its frame, or wraps those of Anthropic."""
    frames = [frame_of(unit) for unit in chunking.split(body, _FRAMES)]
    sound = [frame for frame in frames if frame is not None]
    if not sound or len(sound) < len(frames) or not _is_event(sound[-1]):
        return None
    converse = {frame.name for frame in sound}
    if not converse.isdisjoint(_CONVERSE):
        return None if _CONVERSE_END in converse else f"without `{_CONVERSE_END}`"
    wrapped = [json_or_broken(frame.said) for frame in sound if frame.said != frame.payload]
    is_cut = any(map(_is_of_anthropic, wrapped)) and not any(map(_is_end_of_anthropic, wrapped))
    return f"without `{_ANTHROPIC_END}`" if is_cut else None


def _is_event(frame: Frame) -> bool:
    return frame.headers.get(":message-type", "event") == "event"


def _end_of(value: Any) -> str | None:
    """The end of the stream that an event is of, if it is of a known one."""
    return next((end for end, begins in _ENDS.items() if begins(value)), None)


def _is_error(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and bool(value.get("error"))


def _has_failed(value: Any) -> bool:
    """What tells of its error within a response, beside the type, or in why the answer ended."""
    if not isinstance(value, dict):
        return False
    delta = value.get("delta")
    reason = delta.get("finish_reason") if isinstance(delta, dict) else None
    return value.get("type") in ("error", "response.failed") or reason in _FAILED_FOR_COHERE


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


_ANTHROPIC_END = "message_stop"
_GEMINI_END = "finishReason"
_is_of_anthropic = _typed(_ANTHROPIC, "type")
_is_end_of_anthropic = _typed(frozenset({_ANTHROPIC_END}), "type")
_ENDS: dict[str, Callable[[Any], bool]] = {
    _ANTHROPIC_END: _is_of_anthropic,
    "response.completed": _is_of_responses,
    "message-end": _typed(_COHERE, "type"),
    "data: [DONE]": _typed(_CHAT, "object"),
    _GEMINI_END: _has_candidates,
    '"done": true': _is_not_done,
}
"""The end of each API's streams, and what tells an event of it.

Source: the streaming pages of the references of Anthropic Messages, OpenAI Responses, Cohere Chat
v2, OpenAI Chat Completions (and all that copy it), Gemini and Ollama; that of Bedrock's
ConverseStream for `messageStop`.
"""

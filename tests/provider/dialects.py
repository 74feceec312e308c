"""What providers say, as the pieces of a body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def openai_chat_sse(
    texts: Iterable[str], *, usage: bool = True, model: str = "gpt-5"
) -> list[bytes]:
    """A streamed chat completion. Piece 0 has the role, piece 1 + i the text i."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts)]
    chunks = _chat_chunks(deltas, "stop", model)
    if usage:
        chunks.append({**_chat_chunk(model), "choices": [], "usage": CHAT_USAGE})
    return [*map(event, chunks), DONE]


def openai_tool_call_sse(
    name: str, arguments: Iterable[str], *, call_id: str = "call_0", model: str = "gpt-5"
) -> list[bytes]:
    """A streamed tool call. Piece 0 has its name and id, piece 1 + i the part i of its JSON."""
    call: dict[str, Any] = {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": ""},
    }
    calls = [call, *({"function": {"arguments": part}} for part in arguments)]
    deltas: list[dict[str, Any]] = [{"tool_calls": [{"index": 0, **call}]} for call in calls]
    deltas[0] |= {"role": "assistant", "content": None}
    return [*map(event, _chat_chunks(deltas, "tool_calls", model)), DONE]


def openai_chat_json(text: str, *, model: str = "gpt-5") -> list[bytes]:
    """A whole chat completion."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {**_chat_chunk(model), "object": "chat.completion"}
    return json_pieces({**head, "choices": [choice], "usage": CHAT_USAGE})


def groq_sse(texts: Iterable[str], *, model: str = "llama-3.3-70b-versatile") -> list[bytes]:
    """OpenAI's stream in Groq's manner: id and usage in `x_groq` of its first and last chunk."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts)]
    chunks = _chat_chunks(deltas, "stop", model)
    chunks[0]["x_groq"] = {"id": "req_0"}
    chunks[-1]["x_groq"] = {"id": "req_0", "usage": CHAT_USAGE}
    return [*map(event, chunks), DONE]


def anthropic_sse(texts: Iterable[str], *, model: str = "claude-sonnet-5") -> list[bytes]:
    """A streamed message. Pieces 0 and 1 start message and block, piece 2 + i has the text i."""
    deltas = [{"type": "text_delta", "text": text} for text in texts]
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": _message([], None, model)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    return [event(data, name=data["type"]) for data in events]


def anthropic_json(text: str, *, model: str = "claude-sonnet-5") -> list[bytes]:
    """A whole message."""
    return json_pieces(_message([{"type": "text", "text": text}], "end_turn", model))


def json_pieces(value: object) -> list[bytes]:
    """Any JSON, in one piece, as compact UTF-8."""
    return [json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()]


def event(data: object, *, name: str | None = None) -> bytes:
    """A server-sent event with JSON data."""
    label = f"event: {name}\n".encode() if name else b""
    return b"%bdata: %b\n\n" % (label, *json_pieces(data))


DONE = b"data: [DONE]\n\n"
CHAT_USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def _chat_chunks(deltas: list[dict[str, Any]], reason: str, model: str) -> list[dict[str, Any]]:
    """One chunk a delta, and the one that says why the stream ends."""
    reasons = [None] * len(deltas) + [reason]
    return [
        {
            **_chat_chunk(model),
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        }
        for delta, reason in zip([*deltas, {}], reasons, strict=True)
    ]


def _chat_chunk(model: str) -> dict[str, Any]:
    kind = "chat.completion.chunk"
    return {"id": "chatcmpl-0", "object": kind, "created": 1767225600, "model": model}


def _message(content: list[Any], stop_reason: str | None, model: str) -> dict[str, Any]:
    return {
        "id": "msg_0",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 2},
    }

"""The same two turns in the words of each API, as its public documentation gives them.

A picture and a question; the model thinks, says a word and calls a tool; the tool answers; so does
the model. `python tests/conversation_cases.py` writes them to `tests/cassettes/dialects`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from conversations import (
    AWS,
    JSON,
    NDJSON,
    SSE,
    b64,
    compact,
    converse_frames,
    elements,
    interaction,
    lines,
    picture,
    sse,
    streamed,
    words,
    wrapped_frames,
)

import cassette_kit as ck
from cassette_kit.conversation import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]

FOLDER = Path(__file__).parent / "cassettes" / "dialects"

SYSTEM = "You are a travel guide."
QUESTION = "Which city is this, and how warm is it there?"
PICTURE = picture()
THOUGHT = "Red roofs under a big sun: this is Florence. I need its weather."
REMARK = "That is Florence; I look up how warm it is."
ARGUMENTS = {"city": "Florence", "unit": "°C"}
RESULT = "31 °C, sunny ☀️"
ANSWER = "This is Florence. It is 31 °C and sunny there ☀️, so take a hat!"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}}

IMAGE_URL = f"data:image/png;base64,{b64(PICTURE)}"
FUNCTION = {"name": "weather", "description": "How warm it is", "parameters": SCHEMA}


class Case(NamedTuple):
    """`whole` is the first answer without streaming, `units` the same as a stream.

    `stream_url` where it is another one; `thinks` and `calls` say what the API can express.
    """

    name: str
    dialect: str
    url: str
    asked: Json
    whole: Json
    units: tuple[bytes, ...]
    followup: Json
    answer: Json
    finish: str
    usage: Usage
    call_id: str = ""
    model: str = ""
    content_type: str = SSE
    stream_url: str = ""
    stream_fields: Json = {}  # noqa: RUF012


def halves(text: str) -> tuple[str, str]:
    return text[:9], text[9:]


def openai_chat() -> Case:
    call = {"name": "weather", "arguments": compact(ARGUMENTS)}
    image = {"type": "image_url", "image_url": {"url": IMAGE_URL}}
    asked: Json = {
        "model": "deepseek-reasoner",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}, image]},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
        "temperature": 0.2,
    }
    tool_calls = [{"id": "call_1", "type": "function", "function": call}]
    said = {"role": "assistant", "content": REMARK, "tool_calls": tool_calls}
    usage = {
        "prompt_tokens": 210,
        "completion_tokens": 48,
        "total_tokens": 258,
        "prompt_tokens_details": {"cached_tokens": 128},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    head = {"id": "chatcmpl-1", "created": 1795251600, "model": "deepseek-v3.2"}

    def chunk(delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**head, "object": "chat.completion.chunk", "choices": [choice]}

    def part(call: Json) -> Json:
        return chunk({"tool_calls": [{"index": 0, **call}]})

    events = [
        ": OPENROUTER PROCESSING",
        chunk({"role": "assistant", "content": None, "reasoning_content": ""}),
        *(chunk({"content": None, "reasoning_content": word}) for word in words(THOUGHT)),
        *(chunk({"content": word, "reasoning_content": None}) for word in words(REMARK)),
        part(
            {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        ),
        *(part({"function": {"arguments": text}}) for text in halves(call["arguments"])),
        chunk({}, "tool_calls"),
        {**head, "object": "chat.completion.chunk", "choices": [], "usage": usage},
    ]
    whole_message = {**said, "reasoning_content": THOUGHT}
    choice = {"index": 0, "message": whole_message, "finish_reason": "tool_calls"}
    result = {"role": "tool", "tool_call_id": "call_1", "content": RESULT}
    last = {
        "index": 0,
        "message": {"role": "assistant", "content": ANSWER},
        "finish_reason": "stop",
    }
    return Case(
        "openai-chat",
        "OpenAI Chat",
        "https://api.example.com/v1/chat/completions",
        asked,
        {**head, "object": "chat.completion", "choices": [choice], "usage": usage},
        tuple(sse(events, done=True)),
        {**asked, "messages": [*asked["messages"], said, result]},
        {**head, "object": "chat.completion", "choices": [last], "usage": usage},
        "tool_calls",
        Usage(210, 48, 128, 20),
        "call_1",
        "deepseek-v3.2",
        stream_fields={"stream": True, "stream_options": {"include_usage": True}},
    )


def openai_responses() -> Case:
    asked: Json = {
        "model": "gpt-5",
        "instructions": SYSTEM,
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": QUESTION},
                    {"type": "input_image", "image_url": IMAGE_URL, "detail": "auto"},
                ],
            }
        ],
        "tools": [{"type": "function", **FUNCTION}],
        "reasoning": {"summary": "auto"},
    }
    summary = [{"type": "summary_text", "text": THOUGHT}]
    items: list[Json] = [
        {"id": "rs_1", "type": "reasoning", "summary": summary},
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": REMARK, "annotations": []}],
        },
        {
            "id": "fc_1",
            "type": "function_call",
            "status": "completed",
            "name": "weather",
            "arguments": compact(ARGUMENTS),
            "call_id": "call_1",
        },
    ]
    usage = {
        "input_tokens": 210,
        "input_tokens_details": {"cached_tokens": 128},
        "output_tokens": 48,
        "output_tokens_details": {"reasoning_tokens": 20},
        "total_tokens": 258,
    }
    head: Json = {"id": "resp_1", "object": "response", "created_at": 1795251600, "error": None}
    begun = {**head, "status": "in_progress", "model": "gpt-5-2026-08-07", "output": []}
    whole = {**begun, "status": "completed", "output": items, "usage": usage}
    empty: list[Json] = [
        {**items[0], "summary": []},
        {**items[1], "status": "in_progress", "content": []},
        {**items[2], "status": "in_progress", "arguments": ""},
    ]
    summary_deltas = [
        {"type": "response.reasoning_summary_text.delta", "summary_index": 0, "delta": word}
        for word in words(THOUGHT)
    ]
    text_deltas = [
        {"type": "response.output_text.delta", "content_index": 0, "delta": word}
        for word in words(REMARK)
    ]
    argument_deltas = [
        {"type": "response.function_call_arguments.delta", "delta": text}
        for text in halves(compact(ARGUMENTS))
    ]
    events: list[Json] = [{"type": "response.created", "response": begun}]
    for index, deltas in enumerate((summary_deltas, text_deltas, argument_deltas)):
        place = {"output_index": index, "item_id": items[index]["id"]}
        events += [
            {"type": "response.output_item.added", "output_index": index, "item": empty[index]},
            *({**delta, **place} for delta in deltas),
            {"type": "response.output_item.done", "output_index": index, "item": items[index]},
        ]
    events.append({"type": "response.completed", "response": whole})
    numbered = ({**event, "sequence_number": number} for number, event in enumerate(events))
    result = {"type": "function_call_output", "call_id": "call_1", "output": RESULT}
    answer = {**items[1], "content": [{"type": "output_text", "text": ANSWER, "annotations": []}]}
    return Case(
        "openai-responses",
        "OpenAI Responses",
        "https://api.openai.com/v1/responses",
        asked,
        whole,
        tuple(sse(numbered, named=True)),
        {**asked, "input": [*asked["input"], *items, result]},
        {**whole, "id": "resp_2", "output": [answer]},
        "completed",
        Usage(210, 48, 128, 20),
        "call_1",
        "gpt-5-2026-08-07",
        stream_fields={"stream": True},
    )


def anthropic_events(whole: Json) -> Iterator[Json]:
    start = {
        **whole,
        "content": [],
        "stop_reason": None,
        "usage": {**whole["usage"], "output_tokens": 1},
    }
    yield {"type": "message_start", "message": start}
    yield {"type": "ping"}
    for index, block in enumerate(whole["content"]):
        kind = block["type"]
        if kind == "tool_use":
            empty = {**block, "input": {}}
            deltas = [
                {"type": "input_json_delta", "partial_json": text}
                for text in ("", *halves(compact(block["input"])))
            ]
        else:
            empty = {"type": kind, kind: ""} | ({"signature": ""} if kind == "thinking" else {})
            deltas = [{"type": f"{kind}_delta", kind: word} for word in words(block[kind])]
            if kind == "thinking":
                deltas.append({"type": "signature_delta", "signature": block["signature"]})
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 48}}
    yield {"type": "message_stop"}


def anthropic() -> Case:
    source = {"type": "base64", "media_type": "image/png", "data": b64(PICTURE)}
    tool = {"name": "weather", "description": "How warm it is", "input_schema": SCHEMA}
    asked: Json = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 2048,
        "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": QUESTION},
                    {"type": "image", "source": source},
                ],
            }
        ],
        "tools": [tool],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    }
    content = [
        {"type": "thinking", "thinking": THOUGHT, "signature": "EqQBCgIYAhIM"},
        {"type": "text", "text": REMARK},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": ARGUMENTS},
    ]
    whole: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": content,
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 70,
            "cache_creation_input_tokens": 12,
            "cache_read_input_tokens": 128,
            "output_tokens": 48,
        },
    }
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": RESULT}
    turns = [{"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    last = {**whole, "content": [{"type": "text", "text": ANSWER}], "stop_reason": "end_turn"}
    return Case(
        "anthropic-messages",
        "Anthropic Messages",
        "https://api.anthropic.com/v1/messages",
        asked,
        whole,
        tuple(sse(anthropic_events(whole), named=True)),
        {**asked, "messages": [*asked["messages"], *turns]},
        last,
        "tool_use",
        Usage(210, 48, 128),
        "toolu_1",
        "claude-sonnet-4-5-20250929",
        stream_fields={"stream": True},
    )


def bedrock_invoke() -> Case:
    """Anthropic Messages within Bedrock's frames; the model stands in the URL."""
    case = anthropic()
    url = "https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0"
    dropped = {"model"}
    version = {"anthropic_version": "bedrock-2023-05-31"}
    return case._replace(
        name="bedrock-invoke",
        url=f"{url}/invoke",
        stream_url=f"{url}/invoke-with-response-stream",
        asked=version | {k: v for k, v in case.asked.items() if k not in dropped},
        followup=version | {k: v for k, v in case.followup.items() if k not in dropped},
        units=tuple(wrapped_frames(anthropic_events(case.whole))),
        content_type=AWS,
        stream_fields={},
    )


def bedrock_converse() -> Case:
    url = "https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.amazon.nova-pro-v1%3A0"
    image = {"image": {"format": "png", "source": {"bytes": b64(PICTURE)}}}
    spec = {"name": "weather", "description": "How warm it is", "inputSchema": {"json": SCHEMA}}
    asked: Json = {
        "system": [{"text": SYSTEM}],
        "messages": [{"role": "user", "content": [{"text": QUESTION}, image]}],
        "toolConfig": {"tools": [{"toolSpec": spec}]},
        "inferenceConfig": {"maxTokens": 512, "temperature": 0.2},
    }
    thought = {"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": "c2lnbg=="}}}
    call = {"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": ARGUMENTS}}
    said = {"role": "assistant", "content": [thought, {"text": REMARK}, call]}
    usage = {
        "inputTokens": 70,
        "outputTokens": 48,
        "totalTokens": 258,
        "cacheReadInputTokens": 128,
        "cacheWriteInputTokens": 12,
    }
    whole = {"output": {"message": said}, "stopReason": "tool_use", "usage": usage}

    def delta(index: int, told: Json) -> tuple[str, Json]:
        return "contentBlockDelta", {"contentBlockIndex": index, "delta": told}

    start = {"toolUse": {"toolUseId": "tooluse_1", "name": "weather"}}
    events: list[tuple[str, object]] = [
        ("messageStart", {"role": "assistant"}),
        *(delta(0, {"reasoningContent": {"text": word}}) for word in words(THOUGHT)),
        delta(0, {"reasoningContent": {"signature": "c2lnbg=="}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        *(delta(1, {"text": word}) for word in words(REMARK)),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        ("contentBlockStart", {"contentBlockIndex": 2, "start": start}),
        *(delta(2, {"toolUse": {"input": text}}) for text in halves(compact(ARGUMENTS))),
        ("contentBlockStop", {"contentBlockIndex": 2}),
        ("messageStop", {"stopReason": "tool_use"}),
        ("metadata", {"usage": usage, "metrics": {"latencyMs": 1480}}),
    ]
    result = {"toolUseId": "tooluse_1", "content": [{"text": RESULT}], "status": "success"}
    turn = {"role": "user", "content": [{"toolResult": result}]}
    last = {"role": "assistant", "content": [{"text": ANSWER}]}
    return Case(
        "bedrock-converse",
        "Bedrock Converse",
        f"{url}/converse",
        asked,
        whole,
        tuple(converse_frames(events)),
        {**asked, "messages": [*asked["messages"], said, turn]},
        {"output": {"message": last}, "stopReason": "end_turn", "usage": usage},
        "tool_use",
        Usage(210, 48, 128),
        "tooluse_1",
        content_type=AWS,
        stream_url=f"{url}/converse-stream",
    )


def gemini() -> Case:
    url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro"
    image = {"inlineData": {"mimeType": "image/png", "data": b64(PICTURE)}}
    asked: Json = {
        "systemInstruction": {"parts": [{"text": SYSTEM}]},
        "contents": [{"role": "user", "parts": [{"text": QUESTION}, image]}],
        "tools": [{"functionDeclarations": [FUNCTION]}],
        "generationConfig": {"temperature": 0.2, "thinkingConfig": {"includeThoughts": True}},
    }
    call = {"functionCall": {"id": "call_1", "name": "weather", "args": ARGUMENTS}}
    parts = [{"text": THOUGHT, "thought": True}, {"text": REMARK}, call]
    usage = {
        "promptTokenCount": 210,
        "cachedContentTokenCount": 128,
        "candidatesTokenCount": 28,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 258,
    }

    def told(parts: list[Json], finish: str = "") -> Json:
        content = {"role": "model", "parts": parts}
        reason = {"finishReason": finish} if finish else {}
        return {
            "candidates": [{"content": content, "index": 0} | reason],
            "usageMetadata": usage,
            "modelVersion": "gemini-2.5-pro",
            "responseId": "resp1",
        }

    events = [
        *(told([{"text": text, "thought": True}]) for text in halves(THOUGHT)),
        *(told([{"text": text}]) for text in halves(REMARK)),
        told([call]),
        told([{"text": "", "thoughtSignature": "c2lnbg=="}], "STOP"),
    ]
    response = {"id": "call_1", "name": "weather", "response": {"result": RESULT}}
    turns = [
        {"role": "model", "parts": parts},
        {"role": "user", "parts": [{"functionResponse": response}]},
    ]
    return Case(
        "gemini",
        "Gemini",
        f"{url}:generateContent",
        asked,
        told(parts, "STOP"),
        tuple(unit.replace(b"\n", b"\r\n") for unit in sse(events)),
        {**asked, "contents": [*asked["contents"], *turns]},
        told([{"text": ANSWER}], "STOP"),
        "STOP",
        Usage(210, 48, 128, 20),
        "call_1",
        "gemini-2.5-pro",
        stream_url=f"{url}:streamGenerateContent?alt=sse",
    )


def gemini_array() -> Case:
    """Without `alt=sse` the same events are the elements of one JSON array."""
    case = gemini()
    events = [json.loads(unit.removeprefix(b"data: ")) for unit in case.units]
    return case._replace(
        name="gemini-array",
        stream_url=case.stream_url.removesuffix("?alt=sse"),
        units=tuple(elements(events)),
        content_type=JSON,
    )


def ollama() -> Case:
    call = {"function": {"name": "weather", "arguments": ARGUMENTS}}
    asked: Json = {
        "model": "qwen3-vl",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": QUESTION, "images": [b64(PICTURE)]},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
        "think": True,
    }
    said = {"role": "assistant", "content": REMARK, "thinking": THOUGHT, "tool_calls": [call]}
    counts = {"prompt_eval_count": 210, "eval_count": 48, "total_duration": 1480000000}
    end = {"done": True, "done_reason": "stop", **counts}

    def line(said: Json, **end: object) -> Json:
        when = {"model": "qwen3-vl", "created_at": "2026-11-21T09:00:00Z", "done": False}
        return {**when, "message": {"role": "assistant", "content": "", **said}, **end}

    values = [
        *(line({"thinking": word}) for word in words(THOUGHT)),
        *(line({"content": word}) for word in words(REMARK)),
        line({"tool_calls": [call]}),
        line({}, **end),
    ]
    result = {"role": "tool", "tool_name": "weather", "content": RESULT}
    return Case(
        "ollama",
        "Ollama",
        "http://127.0.0.1:11434/api/chat",
        {**asked, "stream": False},
        line(said, **end),
        tuple(lines(values)),
        {**asked, "stream": False, "messages": [*asked["messages"], said, result]},
        line({"content": ANSWER}, **end),
        "stop",
        Usage(210, 48),
        model="qwen3-vl",
        content_type=NDJSON,
        stream_fields={"stream": True},
    )


def cohere() -> Case:
    call = {"name": "weather", "arguments": compact(ARGUMENTS)}
    image = {"type": "image_url", "image_url": {"url": IMAGE_URL}}
    asked: Json = {
        "model": "command-a-vision",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}, image]},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
    }
    content = [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": REMARK}]
    tool_calls = [{"id": "weather_1", "type": "function", "function": call}]
    said = {"role": "assistant", "content": content, "tool_calls": tool_calls}
    usage = {
        "billed_units": {"input_tokens": 90, "output_tokens": 48},
        "tokens": {"input_tokens": 210, "output_tokens": 48},
        "cached_tokens": 128,
    }

    def event(kind: str, index: int | None = None, message: Json | None = None) -> Json:
        place = {} if index is None else {"index": index}
        return {"type": kind, **place} | ({"delta": {"message": message}} if message else {})

    first = {"content": {"type": "thinking", "thinking": ""}}
    second = {"content": {"type": "text", "text": ""}}
    started = {"tool_calls": {**tool_calls[0], "function": {"name": "weather", "arguments": ""}}}
    events = [
        {"id": "chat-1"} | event("message-start", message={"role": "assistant", "content": []}),
        event("content-start", 0, first),
        *(event("content-delta", 0, {"content": {"thinking": word}}) for word in words(THOUGHT)),
        event("content-end", 0),
        event("content-start", 1, second),
        *(event("content-delta", 1, {"content": {"text": word}}) for word in words(REMARK)),
        event("content-end", 1),
        event("tool-call-start", 0, started),
        *(
            event("tool-call-delta", 0, {"tool_calls": {"function": {"arguments": text}}})
            for text in halves(call["arguments"])
        ),
        event("tool-call-end", 0),
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": usage}},
    ]
    document = {"type": "document", "document": {"data": RESULT}}
    result = {"role": "tool", "tool_call_id": "weather_1", "content": [document]}
    last = {"role": "assistant", "content": [{"type": "text", "text": ANSWER}]}
    return Case(
        "cohere-chat",
        "Cohere Chat",
        "https://api.cohere.com/v2/chat",
        asked,
        {"id": "chat-1", "finish_reason": "TOOL_CALL", "message": said, "usage": usage},
        tuple(sse(events, named=True, done=True)),
        {**asked, "messages": [*asked["messages"], said, result]},
        {"id": "chat-2", "finish_reason": "COMPLETE", "message": last, "usage": usage},
        "TOOL_CALL",
        Usage(210, 48, 128),
        "weather_1",
        stream_fields={"stream": True},
    )


CASES = [
    openai_chat(),
    openai_responses(),
    anthropic(),
    bedrock_invoke(),
    bedrock_converse(),
    gemini(),
    gemini_array(),
    ollama(),
    cohere(),
]


def streamed_turn(case: Case) -> ck.Interaction:
    """The first turn as a stream."""
    request = {**case.asked, **case.stream_fields}
    return streamed(case.stream_url or case.url, request, case.units, case.content_type)


def embeddings() -> ck.Cassette:
    url = "https://api.openai.com/v1/embeddings"
    vectors = [{"object": "embedding", "index": n, "embedding": [0.25, -0.5, 1.0]} for n in (0, 1)]
    usage = {"prompt_tokens": 8, "total_tokens": 8}
    request = {"model": "text-embedding-3-small", "input": [QUESTION, REMARK]}
    answer = {"object": "list", "data": vectors, "model": "text-embedding-3-small", "usage": usage}
    return ck.Cassette((interaction(url, request, answer),))


def cassettes() -> dict[str, ck.Cassette]:
    """What `tests/cassettes/dialects` holds: a streamed turn and the one after it."""
    turns = {
        case.name: ck.Cassette(
            (streamed_turn(case), interaction(case.url, case.followup, case.answer))
        )
        for case in CASES
    }
    return {**turns, "embeddings": embeddings()}


def main() -> None:
    for name, cassette in cassettes().items():
        ck.dump(cassette, FOLDER / f"{name}.yaml")


if __name__ == "__main__":
    main()

"""Streams: how they are cut into events, named and timed, and put together again."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from conversation_cases import CASES, streamed_turn
from conversations import (
    AWS,
    JSON,
    NDJSON,
    SSE,
    body_of,
    elements,
    frame,
    interaction,
    lines,
    sse,
    wrapped_frames,
)

from cassette_kit.conversation import (
    Answered,
    Media,
    Message,
    Text,
    Thinking,
    ToolCall,
    Usage,
    events,
    exchange,
)
from cassette_kit.model import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.model import Interaction

CHAT = "https://api.openai.com/v1/chat/completions"
RESPONSES = "https://api.openai.com/v1/responses"
MESSAGES = "https://api.anthropic.com/v1/messages"


def chat(*choices: object, **more: object) -> dict[str, object]:
    return {"object": "chat.completion.chunk", "model": "m", "choices": list(choices), **more}


def delta(content: object = None, index: int = 0, **fields: object) -> dict[str, object]:
    return {"index": index, "delta": {"content": content, **fields}, "finish_reason": None}


def call(index: int | None, call_id: str | None, name: str | None, arguments: str) -> object:
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": call_id, "function": function}


def stream(url: str, units: Iterable[object], content_type: str = SSE) -> Interaction:
    request = {"model": "m", "messages": [], "max_tokens": 1, "input": "x", "contents": []}
    body = b"".join(body_of(unit) for unit in units)
    return interaction(url, request, body, content_type=content_type)


def told(*chunks: object, url: str = CHAT) -> Answered:
    return exchange(stream(url, sse(chunks))).answered


def names(turn: Interaction) -> list[str]:
    return [event.name for event in events(turn)]


def test_names_of_server_sent_events() -> None:
    """Its own field, else what the JSON calls itself, else what a browser calls it."""
    texts = ["event: a\ndata: 1", 'data: {"type": "b"}', 'data: {"object": "c"}', "data: {}"]
    turn = stream(CHAT, sse([*texts, ": ping", ":"], done=True))
    assert names(turn) == ["a", "b", "c", "message", "comment", "comment", "[DONE]"]


def test_a_comment_before_an_event_in_one_block() -> None:
    """A comment without a blank line of its own does not hide the event behind it."""
    turn = stream(CHAT, [b": PROCESSING\ndata: " + body_of(chat(delta("a"))) + b"\n\n"])
    (event,) = events(turn)
    assert (event.name, event.text) == ("chat.completion.chunk", "a")


def test_names_of_lines_elements_and_frames() -> None:
    """What has no name of its own is named for what it is."""
    ollama = stream("http://h/api/chat", lines([{"done": False}, {"done": True}]), NDJSON)
    assert names(ollama) == ["line", "line"]
    gemini = "https://h/v1/models/m:streamGenerateContent"
    assert names(stream(gemini, elements([{"a": 1}, {"b": 2}]), JSON)) == ["element", "element"]
    frames = [*wrapped_frames([{"type": "message_start"}, {"outputText": "a"}]), b"\0\0\0"]
    turn = stream("https://h/model/m/invoke-with-response-stream", frames, AWS)
    assert names(turn) == ["message_start", "chunk", ""]


@pytest.mark.parametrize("content_type", [JSON, ""])
def test_streams_under_another_type(content_type: str) -> None:
    """Ollama sends lines as JSON, and some gateways lose the type of an event stream."""
    turn = stream("http://h/api/chat", lines([{"done": False}, {"done": True}]), content_type)
    assert names(turn) == ["line", "line"]
    assert names(stream(CHAT, sse([chat(delta("a"))], done=True), content_type)) == [
        "chat.completion.chunk",
        "[DONE]",
    ]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", SSE),
        (b"", JSON),
        (b'{"error": "no"}', SSE),
        (b'{\n\n"error": "no"\n\n}', SSE),
        (b'{"a": 1}\n', JSON),
        (b'\n         \n\n         \n{"a": 1}', JSON),
        (b" \n \n", JSON),
        (b"hello\n\nworld", "text/plain"),
    ],
)
def test_what_is_no_stream(body: bytes, content_type: str) -> None:
    """One document has no events, whatever its type says and whatever pads it."""
    assert events(stream(CHAT, [body], content_type)) == ()


def test_a_document_of_the_wrong_type_is_read() -> None:
    """A gateway that answers a stream's request with one document is understood."""
    answer = {"model": "m", "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}
    for padding in (b"", b"\n     \n\n     \n"):
        turn = stream(CHAT, [padding, answer], SSE if not padding else JSON)
        assert exchange(turn).answered.messages == (Message("assistant", (Text("a"),)),)


def test_times() -> None:
    """An event has come with the chunk that held its last byte, counted from the headers."""
    units = [f"data: {number}\n\n".encode() for number in range(5)]
    size = len(units[0])
    turn = stream(CHAT, units)
    for chunks, expected in [
        ([(7, 5 * size)], [7, 7, 7, 7, 7]),
        ([(7, size), (10, 2 * size), (5, 2 * size)], [7, 17, 17, 22, 22]),
        ([(7, size - 1), (10, 2), (5, 4 * size - 1)], [17, 22, 22, 22, 22]),
        ([(7, size), (100, 0), (5, 4 * size)], [7, 112, 112, 112, 112]),
        ([(7, size)], [None] * 5),
        ([], [None] * 5),
    ]:
        response = dataclasses.replace(turn.response, stream=Stream("complete", tuple(chunks)))
        cut = events(dataclasses.replace(turn, response=response))
        assert [event.offset_ms for event in cut] == expected


def test_times_of_each_case() -> None:
    """The committed recordings have a time for every event, the last of them at the end."""
    for case in CASES:
        turn = streamed_turn(case)
        assert turn.response.stream is not None
        offsets = [event.offset_ms for event in events(turn)]
        assert offsets[-1] == sum(delay_ms for delay_ms, _ in turn.response.stream.chunks)


def test_choices_that_take_turns() -> None:
    """Each of several choices is a message, in the order of their indices."""
    chunks = [chat(delta("b1", 1)), chat(delta("a1", 0)), chat(delta("b2", 1), delta("a2", 0))]
    end = chat({"index": 1, "delta": {}, "finish_reason": "length"})
    answered = told(*chunks, end)
    assert [message.parts for message in answered.messages] == [(Text("a1a2"),), (Text("b1b2"),)]
    assert answered.finish == ("", "length")


@pytest.mark.parametrize(
    "fragments",
    [
        [call(0, "1", "f", "{"), call(0, None, None, "}"), call(1, "2", "g", "[]")],
        [call(0, "1", "f", "{}"), call(0, "2", "g", "[]")],  # Gemini's compatible API
        [call(0, "1", "f", "{"), call(1, "2", "g", "[]"), call(0, "1", "f", "}")],
        [call(None, "1", "f", "{}"), call(None, "2", "g", "[]")],
    ],
)
def test_tool_calls_in_fragments(fragments: list[object]) -> None:
    """Fragments find their calls by index, and by id where every index is the same."""
    (message,) = told(*(chat(delta(tool_calls=[each])) for each in fragments)).messages
    assert message.parts == (ToolCall("f", "{}", "1"), ToolCall("g", "[]", "2"))


def test_a_function_call_of_old() -> None:
    """`function_call` comes in fragments too."""
    parts = [{"name": "f", "arguments": ""}, {"arguments": '{"a"'}, {"arguments": ": 1}"}]
    (message,) = told(*(chat(delta(function_call=part)) for part in parts)).messages
    assert message.parts == (ToolCall("f", '{"a": 1}'),)


def test_content_that_is_a_list() -> None:
    """Mistral streams its thinking as lists of parts, then its answer as text."""

    def thinking(text: str) -> list[object]:
        return [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]

    image = {"type": "image_url", "image_url": "https://h"}
    contents = [[image], thinking("h"), thinking("m"), "It ", [{"type": "text", "text": "is."}]]
    turn = stream(CHAT, sse(chat(delta(content)) for content in contents))
    assert exchange(turn).answered.messages == (
        Message("assistant", (Media("image/*", url="https://h"), Thinking("hm"), Text("It is."))),
    )
    assert [event.text for event in events(turn)] == ["", "", "", "It ", "is."]


@pytest.mark.parametrize(
    ("chunks", "usage"),
    [
        ([chat(x_groq={"usage": {"prompt_tokens": 1, "completion_tokens": 2}})], Usage(1, 2)),
        ([chat({**delta("a"), "usage": {"cached_tokens": 1}})], Usage(cached_tokens=1)),
        ([chat(usage={"prompt_tokens": 3, "prompt_cache_hit_tokens": 2})], Usage(3, None, 2)),
        ([chat(usage={"prompt_tokens": 3, "cost": 0.5}), chat(usage=None)], Usage(3, cost=0.5)),
        ([chat(usage={"prompt_tokens": 3.0, "completion_tokens": True})], Usage(3)),
        ([chat(delta("a"))], None),
    ],
)
def test_where_usage_stands(chunks: list[object], usage: Usage | None) -> None:
    """Groq, Moonshot, DeepSeek and openrouter each state it in a way of their own."""
    assert told(chat(delta("a")), *chunks).usage == usage


def test_a_finish_that_is_followed_by_nothing() -> None:
    """The event with the usage repeats the choice without its reason; the reason stays."""
    end = chat({"index": 0, "delta": {"content": ""}, "finish_reason": "stop"})
    assert told(chat(delta("a")), end, chat(delta(""))).finish == ("stop",)


def test_a_message_as_the_only_event() -> None:
    """Some gateways send the whole message where others send its pieces."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    assert told(chat(choice)).messages == (Message("assistant", (Text("a"),)),)


def test_sound_that_is_streamed() -> None:
    """The transcript of a spoken answer is put together like a text."""
    audio = [{"transcript": "Good "}, {"transcript": "day."}]
    (message,) = told(*(chat(delta(audio=each)) for each in audio)).messages
    assert message.parts == (Text("Good day."),)


def items(*deltas: tuple[str, str, str]) -> list[object]:
    """The events of a Responses stream without its end: item, kind of delta, text."""
    kinds = {"reasoning": {"summary": []}, "message": {"role": "assistant", "content": []}}
    told: list[object] = [{"type": "response.created", "response": {"model": "m", "output": []}}]
    for index, (kind, name, text) in enumerate(deltas):
        item = {"type": kind, **kinds.get(kind, {"name": "f", "call_id": "1", "arguments": ""})}
        place = {"output_index": index, "content_index": 0, "summary_index": 0}
        told.append({"type": "response.output_item.added", "output_index": index, "item": item})
        told += [
            {"type": f"response.{name}.delta", **place, "delta": half}
            for half in (text[:2], text[2:])
        ]
    return told


def test_a_response_that_was_cut_off() -> None:
    """Without its last event, which repeats everything, a response is told from its pieces."""
    answered = told(
        *items(
            ("reasoning", "reasoning_summary_text", "think"),
            ("message", "output_text", "hello"),
            ("message", "refusal", "sorry"),
            ("function_call", "function_call_arguments", '{"a": '),
        ),
        url=RESPONSES,
    )
    (message,) = answered.messages
    assert message.parts == (
        Thinking("think"),
        Text("hello"),
        Text("sorry"),
        ToolCall("f", '{"a": ', "1"),
    )
    assert answered.model == "m"


def test_a_response_whose_end_repeats_nothing() -> None:
    """Some servers leave `output` empty in the last event; it is told all the same."""
    end = {
        "type": "response.completed",
        "response": {"model": "m", "status": "completed", "output": []},
    }
    answered = told(*items(("message", "output_text", "hello")), end, url=RESPONSES)
    assert answered.messages == (Message("assistant", (Text("hello"),)),)
    assert answered.finish == ("completed",)


def test_a_response_that_is_incomplete() -> None:
    """Its reason says more than its status."""
    response = {
        "object": "response",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [],
    }
    assert told({"type": "response.incomplete", "response": response}, url=RESPONSES).finish == (
        "max_output_tokens",
    )


def test_arguments_that_were_cut_off() -> None:
    """Half of the input of a tool is shown as the text that it is."""
    block = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    answered = told(
        {"type": "message_start", "message": {"model": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": '{"a": [1,'},
        },
        url=MESSAGES,
    )
    assert answered.messages == (Message("assistant", (ToolCall("f", '{"a": [1,', "1"),)),)


def test_a_frame_with_headers_of_every_type() -> None:
    """Only the texts of a frame's headers are read; the others are stepped over."""
    others = {
        0: b"",
        1: b"",
        2: b"\1",
        3: b"\1\2",
        4: bytes(4),
        5: bytes(8),
        6: b"\0\2ab",
        8: bytes(8),
        9: bytes(16),
    }
    heads = b"".join(b"\1x" + bytes((kind,)) + value for kind, value in others.items())
    named = frame({":event-type": "messageStop"}, b'{"stopReason": "end_turn"}')
    size = int.from_bytes(named[4:8], "big")
    body = heads + named[12 : 12 + size] + named[12 + size : -4]
    sizes = (16 + len(body)).to_bytes(4, "big") + (len(heads) + size).to_bytes(4, "big")
    turn = stream("https://h/model/m/converse-stream", [sizes + bytes(4) + body + bytes(4)], AWS)
    assert names(turn) == ["messageStop"]


@pytest.mark.parametrize("head", [b"\x05ab", b"\1x\x63", b"\1x\7\0", b"\1x\7\xff\xffab", b"\xff"])
def test_a_frame_with_broken_headers(head: bytes) -> None:
    """Headers that make no sense leave an event without a name, and no error."""
    sizes = (16 + len(head)).to_bytes(4, "big") + len(head).to_bytes(4, "big")
    turn = stream("https://h/model/m/converse-stream", [sizes + bytes(4) + head + bytes(4)], AWS)
    assert names(turn) == [""]


def test_numbers_in_a_stream_are_exact() -> None:
    """`1.0` in the arguments of a call stays `1.0`."""
    line = {
        "message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1.0}}}]},
        "done": True,
    }
    turn = stream(
        "http://h/api/chat", lines([{**line, "done": False}, {"message": {}, "done": True}]), NDJSON
    )
    (message,) = exchange(turn).answered.messages
    assert message.parts == (ToolCall("f", json.dumps({"a": 1.0})),)


def test_frames_of_a_model_that_nobody_knows() -> None:
    """Their JSON is shown, which can be read, and not how many bytes it takes."""
    url = "https://h/model/amazon.titan/invoke-with-response-stream"
    turn = stream(url, wrapped_frames([{"outputText": "a"}, {"outputText": "b"}]), AWS)
    assert exchange(turn).answered.messages == (
        Message("assistant", (Text('{"outputText": "a"}\n{"outputText": "b"}'),)),
    )


def test_the_start_of_a_message_is_not_lost() -> None:
    """An error whose `message` is a text does not take the place of the message that began."""
    start = {"model": "m", "content": [], "usage": {"input_tokens": 3}}
    answered = told(
        {"type": "message_start", "message": start},
        {"type": "error", "message": "broke"},
        url=MESSAGES,
    )
    assert (answered.model, answered.usage, answered.error) == ("m", Usage(3), "broke")

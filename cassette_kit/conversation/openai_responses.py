"""OpenAI Responses.

Source: https://platform.openai.com/docs/api-reference/responses and its page on streaming.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.chat_messages import content_parts, tool_names
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import (
    Answered,
    Asked,
    Message,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from cassette_kit.conversation.fields import (
    amount,
    by_index,
    count,
    joined,
    json_text,
    kind_of,
    last,
    mapping,
    mappings,
    other_fields,
    string,
)
from cassette_kit.conversation.roles import called, role_of, system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.conversation.fields import Json

_ENDINGS = {"response.completed", "response.incomplete", "response.failed"}
_SAID = {"response.output_text.delta", "response.refusal.delta"}
_ARGUMENTS = ("arguments", "input", "code", "action", "queries")


def asks(request: Json) -> bool:
    return isinstance(request.get("input"), str | list) and not _is_embedding(request)


def answers(answer: Json) -> bool:
    kind = kind_of(answer)
    return answer.get("object") == "response" or kind.startswith("response.")


def asked(request: Json) -> Asked:
    """Items that the model made in a row are one turn."""
    return Asked(
        string(request.get("model")),
        (
            *system(tuple(content_parts(request.get("instructions")))),
            *_turns(_input_items(request.get("input"))),
        ),
        tool_names(request.get("tools")),
        other_fields(request, "model", "instructions", "input", "tools"),
        definitions=request.get("tools"),
    )


def answered(answer: Json) -> Answered:
    if not isinstance(answer.get("output"), list):
        return Answered()
    parts = [part for item in answer["output"] for part in _parts(item)]
    reason = string(mapping(answer.get("incomplete_details")).get("reason"))
    return Answered(
        string(answer.get("model")),
        (Message("assistant", tuple(parts)),),
        (reason or string(answer.get("status")),),
        _usage(mapping(answer.get("usage"))),
    )


def fold(events: list[Json]) -> Json:
    """The last event repeats the whole response; a stream that was cut off has its pieces."""
    response = mapping(last([event for event in events if kind_of(event) in _ENDINGS], "response"))
    if response.get("output"):
        return response
    begun = response or mapping(last(events, "response"))
    about_items = [event for event in events if "output_index" in event]
    if not begun and not about_items:
        return {}
    items = [_item(fragments) for fragments in by_index(about_items, "output_index")]
    return {**begun, "output": items}


def said(event: Json) -> str:
    return string(event.get("delta")) if kind_of(event) in _SAID else ""


def _is_embedding(request: Json) -> bool:
    return "encoding_format" in request or "dimensions" in request


def _input_items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [{"role": "user", "content": value}] if value else []


def _turns(items: list[Any]) -> Iterator[Message]:
    messages = [_message(item) for item in items]
    for role, run in itertools.groupby(messages, key=lambda message: message.role):
        if role == "assistant":
            yield Message(role, tuple(part for message in run for part in message.parts))
        else:
            yield from run


def _message(item: Any) -> Message:
    fields = mapping(item)
    parts = tuple(_parts(item))
    if isinstance(fields.get("role"), str):
        return Message(role_of(fields), parts, called(fields))
    is_result = kind_of(fields).endswith("_output")
    return Message("tool" if is_result else "assistant", parts)


def _parts(item: Any) -> Iterator[Part]:
    """What an item of any kind holds; hosted tools hold their results beside their calls."""
    fields = mapping(item)
    kind = kind_of(fields)
    if kind in _ITEMS:
        yield from _ITEMS[kind](fields)
    elif kind.endswith("_call_output"):
        yield ToolResult(string(fields.get("call_id")), tuple(_output(fields.get("output"))))
    elif kind.endswith("_call"):
        yield from _call(fields, kind)
    elif "content" in fields:
        yield from content_parts(fields["content"])
    else:
        yield Unknown(item)


def _reasoning(item: Json) -> Iterator[Part]:
    """The summary, or all of it where the model shows it; both may be kept from the reader."""
    told = [*mappings(item.get("summary")), *mappings(item.get("content"))]
    yield from (Thinking(part["text"]) for part in told if isinstance(part.get("text"), str))


def _image(item: Json) -> Iterator[Part]:
    yield ToolCall("image_generation", "", string(item.get("id")))
    if string(item.get("result")):
        media_type = f"image/{string(item.get('output_format')) or 'png'}"
        yield media.embedded(item["result"], media_type)


def _call(item: Json, kind: str) -> Iterator[Part]:
    call_id = string(item.get("call_id")) or string(item.get("id"))
    name = string(item.get("name")) or kind.removesuffix("_call")
    arguments = next((item[each] for each in _ARGUMENTS if item.get(each) is not None), "")
    yield ToolCall(name, json_text(arguments), call_id)
    results = [*_output(item.get("output")), *_output(item.get("outputs")), *_found(item)]
    failure = item.get("error")
    if results or failure:
        error = (Text(json_text(failure)),) if failure else ()
        yield ToolResult(call_id, (*results, *error), bool(failure))


def _found(item: Json) -> Iterator[Part]:
    yield from map(Unknown, mappings(item.get("results")))


def _output(output: Any) -> Iterator[Part]:
    """A text, parts, the logs of code, or a screenshot."""
    items = output if isinstance(output, list) else [output] if output else []
    for item in items:
        fields = mapping(item)
        url = string(fields.get("image_url"))
        if kind_of(fields) == "logs":
            yield Text(string(fields.get("logs")))
        elif kind_of(fields) == "computer_screenshot" and url:
            yield media.at(url, "image/*")
        else:
            yield from content_parts([item])


_ITEMS: dict[str, Callable[[Json], Iterator[Part]]] = {
    "reasoning": _reasoning,
    "image_generation_call": _image,
}


def _item(fragments: list[Json]) -> Json:
    """An item as its last event has it, or what there is of it."""
    done = [each for each in fragments if kind_of(each) == "response.output_item.done"]
    item = mapping(last(done or fragments, "item"))
    return item if done else {**item, **_told(fragments)}


def _told(fragments: list[Json]) -> Json:
    deltas: dict[str, list[Json]] = {}
    for fragment in fragments:
        deltas.setdefault(kind_of(fragment), []).append(fragment)
    told: Json = {}
    for kind, (name, part) in _DELTAS.items():
        for texts in by_index(deltas.get(kind, ()), _INDICES.get(name, "content_index")):
            text = joined(texts, "delta")
            if part:
                told.setdefault(name, []).append({"type": part, "text": text})
            else:
                told[name] = text
    return told


_DELTAS = {
    "response.output_text.delta": ("content", "output_text"),
    "response.refusal.delta": ("content", "refusal"),
    "response.reasoning_text.delta": ("content", "reasoning_text"),
    "response.reasoning_summary_text.delta": ("summary", "summary_text"),
    "response.function_call_arguments.delta": ("arguments", ""),
    "response.mcp_call_arguments.delta": ("arguments", ""),
    "response.custom_tool_call_input.delta": ("input", ""),
    "response.code_interpreter_call_code.delta": ("code", ""),
}
_INDICES = {"summary": "summary_index"}


def _usage(usage: Json) -> Usage | None:
    if not usage:
        return None
    return Usage(
        count(usage.get("input_tokens")),
        count(usage.get("output_tokens")),
        count(mapping(usage.get("input_tokens_details")).get("cached_tokens")),
        count(mapping(usage.get("output_tokens_details")).get("reasoning_tokens")),
        amount(usage.get("cost")),
    )


OPENAI_RESPONSES = Dialect(
    "OpenAI Responses",
    re.compile(r"/responses(/[^/]+)?/?$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

"""An exchange as lines of text: plain enough to compare line by line, safe for any terminal.

What stands at the start of a line is the kit's, what a cassette says is indented, so that no text
of a cassette can pass for a heading. Nothing depends on the clock, on ids or on a width.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_kit.conversation import exchange
from cassette_kit.conversation.exchange import Media, Text, Thinking, ToolCall, ToolResult
from cassette_kit.conversation.fields import json_text
from cassette_kit.conversation.heard import Heard
from cassette_kit.conversation.printable import (
    laid_out,
    one_line,
    summary,
    visible,
    without_base64,
)
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cassette_kit.conversation.exchange import Asked, Exchange, Message, Part, Role, Usage
    from cassette_kit.model import Interaction, Request, Response

_SHORT = 72  # characters of a value that stays on one line
Kind = Literal[
    "blank",
    "title",
    "heading",
    "settings",
    "note",
    "system",
    "user",
    "assistant",
    "tool",
    "thinking",
    "tool call",
    "tool result",
    "usage",
    "error",
    "body",
]
"""`title` and `body` are for those who print more than transcripts."""


class Line(NamedTuple):
    """A line without its end, and what it is a part of."""

    kind: Kind
    text: str


def transcript(
    interaction: Interaction,
    *,
    heard: Heard | None = None,
    said: Exchange | None = None,
    is_whole: bool = False,
) -> Iterator[Line]:
    """The lines of an exchange: request, settings, messages; status, answers, usage.

    With `heard`, what it has heard before is left out, and it remembers this exchange. `said` is
    `exchange(interaction)` for callers who have it already: to read a long stream takes seconds.
    What defines the tools is named by its digest; where the transcript `is_whole` it is laid out.
    """
    said = said or exchange(interaction)
    settings = list(_settings(said.asked, is_whole=is_whole))
    heard = heard or Heard()
    known, told_in = heard.messages(said.asked.messages)
    set_in = heard.settings(settings) if settings else None
    references = _references(heard.above, settings=set_in, messages=(known, told_in))
    heard.add(said, settings)
    yield heading(interaction.request)
    yield from settings if set_in is None else ()
    if references:
        yield Line("note", f"({references})")
    names = _tool_names(said)
    for message in said.asked.messages[known:]:
        yield from _message(message, "request" if said.asked.is_body else _speaker(message), names)
    yield Line("blank", "")
    yield status(interaction.response)
    yield from answer(said, interaction.response)


def heading(request: Request) -> Line:
    """The first line of an exchange."""
    return Line("heading", one_line(f"{request.method} {request.url}"))


def status(response: Response) -> Line:
    """The line between a request and its answer."""
    kind: Kind = "error" if response.status_code >= 400 else "heading"
    return Line(kind, one_line(response.status or str(response.status_code)))


def answer(said: Exchange, response: Response) -> Iterator[Line]:
    """The lines of a response below its status."""
    answered, names = said.answered, _tool_names(said)
    if answered.model and answered.model != said.asked.model:
        yield from _body("settings", f"model: {answered.model}")
    for number, message in enumerate(answered.messages):
        if len(answered.messages) > 1:
            yield Line("blank", "")
            yield Line("assistant", f"choice {number}")
        yield from _message(message, "answer" if answered.is_body else _speaker(message), names)
    if answered.error:
        yield from _block("error", "error", answered.error)
    yield from _end(answered.finish, answered.usage, response)


def _references(
    above: int | None, *, settings: int | None, messages: tuple[int, int | None]
) -> str:
    """What is left out, and which exchange had it: "before" is the one that stands above."""
    count, told_in = messages
    found: dict[int, list[str]] = {}
    for what, place in (("settings", settings), (counted(count, "message"), told_in)):
        if place is not None:
            found.setdefault(place, []).append(what)
    return ", ".join(
        f"{' and '.join(what)} {'as before' if place == above else f'as in #{place}'}"
        for place, what in found.items()
    )


def _settings(asked: Asked, *, is_whole: bool) -> Iterator[Line]:
    named = [("model", asked.model), ("tools", ", ".join(asked.tools))]
    if asked.definitions:
        told = laid_out(json_text(asked.definitions)) if is_whole else _digest(asked.definitions)
        named.append(("definitions", told))
    for name, value in (*named, *asked.settings):
        if value != "":
            text = value if isinstance(value, str) else _json(value)
            yield from _body("settings", f"{one_line(name)}: {text}")


def _digest(value: object) -> str:
    """What stands for a value; the order of its keys does not count."""
    data = json.dumps(value, sort_keys=True).encode()
    return summary("json", data, len(data))


def _json(value: object) -> str:
    """A value on one line if it is short, else laid out."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else laid_out(text)


def _tool_names(said: Exchange) -> dict[str, str]:
    messages = (*said.asked.messages, *said.answered.messages)
    parts = (part for message in messages for part in message.parts)
    return {part.id: part.name for part in parts if isinstance(part, ToolCall) and part.id}


def _speaker(message: Message) -> str:
    return f"{message.role} ({message.called})" if message.called else message.role


def _message(message: Message, speaker: str, names: dict[str, str]) -> Iterator[Line]:
    """All that it says below one label, in however many parts; thinking and tools have theirs."""
    labelled = False
    for part in message.parts:
        kind, label, text = _told(part, message.role, speaker, names)
        goes_on = labelled and label == speaker
        lines = list(_block(kind, "" if goes_on else label, text))
        yield from lines
        labelled = label == speaker if lines else labelled


def _told(part: Part, role: Role, speaker: str, names: dict[str, str]) -> tuple[Kind, str, str]:
    """What kind of lines a part has, their label and their text."""
    match part:
        case Thinking(text):
            return "thinking", "thinking", text
        case ToolCall(name, arguments):
            return "tool call", f"tool call: {name}", laid_out(arguments)
        case ToolResult(id, parts, is_error):
            what = "tool error" if is_error else "tool result"
            tool = names.get(id)
            label = f"{what}: {tool}" if tool else what
            return "tool result", label, "\n".join(map(_text, parts))
        case _:
            return role, speaker, _text(part)


def _text(part: Part) -> str:
    match part:
        case Text(text) | Thinking(text):
            return text
        case Media(media_type, data, url):
            return f"<{media_type} at {url}>" if url else summary(media_type, data, len(data))
        case ToolCall(name, arguments):
            return f"{name}: {laid_out(arguments)}"
        case ToolResult(_, parts):
            return "\n".join(map(_text, parts))
        case _:
            return _json(part.value)


def _end(finish: Sequence[str], usage: Usage | None, response: Response) -> Iterator[Line]:
    ends: list[Line] = []
    if any(finish):
        ends.append(Line("usage", one_line(f"finish: {', '.join(finish)}")))
    if usage is not None and (text := _usage(usage)):
        ends.append(Line("usage", f"usage: {text}"))
    if response.stream is not None and response.stream.end != "complete":
        ends.append(Line("error", f"the recording ends early: {response.stream.end}"))
    if ends:
        yield Line("blank", "")
    yield from ends


def _usage(usage: Usage) -> str:
    counts = {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cached": usage.cached_tokens,
        "reasoning": usage.reasoning_tokens,
    }
    told = [f"{count} {name}" for name, count in counts.items() if count is not None]
    cost = [] if usage.cost is None else [f"cost {Decimal(repr(usage.cost)):f}"]
    return ", ".join([*told, *cost])


def _block(kind: Kind, label: str, text: str) -> Iterator[Line]:
    """A label, if there is one, with its text; nothing without text or a call to tell of."""
    if text or kind in ("tool call", "tool result"):
        yield Line("blank", "")
        yield from [Line(kind, one_line(label))] if label else ()
        yield from _body(kind, text)


def _body(kind: Kind, text: str) -> Iterator[Line]:
    if text:
        for line in visible(without_base64(text)).split("\n"):
            yield Line(kind, f"  {line}" if line else "")

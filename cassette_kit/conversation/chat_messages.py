"""Messages in the shape of OpenAI's chat, which Mistral, Cohere, Ollama and others share."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.exchange import (
    Media,
    Message,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from cassette_kit.conversation.fields import (
    joined,
    json_text,
    kind_of,
    mapping,
    mappings,
    string,
)
from cassette_kit.conversation.roles import called, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cassette_kit.conversation.exchange import Role
    from cassette_kit.conversation.fields import Json

_THINKING = ("reasoning_content", "reasoning", "thinking", "tool_plan")  # each says all of it


def message(said: Json, default: Role = "user") -> Message:
    """One message of a request or an answer."""
    role = role_of(said, default)
    parts = tuple(_parts(said))
    if role != "tool":
        return Message(role, parts, called(said))
    names = ("tool_call_id", "tool_name", "name")
    call = next((said[name] for name in names if string(said.get(name))), "")
    return Message(role, (ToolResult(call, parts),))


def content_parts(content: Any) -> Iterator[Part]:
    """The parts of a message's `content`, which is a text or a list of parts."""
    if isinstance(content, list):
        yield from map(_part, content)
    elif isinstance(content, str):
        yield from _texts(content)
    elif content is not None:
        yield Unknown(content)


def tool_call(call: Json) -> ToolCall:
    """A call of a function, or of a tool of another kind (`custom`)."""
    function = mapping(call.get("function")) or mapping(call.get("custom"))
    arguments = function.get("arguments", function.get("input", ""))
    return ToolCall(string(function.get("name")), json_text(arguments), string(call.get("id")))


def tool_names(tools: Any) -> tuple[str, ...]:
    """The names of the tools that a request offers; a built-in one is named by its type."""
    return tuple(filter(None, (_tool_name(tool) for tool in mappings(tools))))


def one_call(fragments: list[Json]) -> Json:
    """A tool call of the fragments in which a stream has sent it."""
    functions = [mapping(fragment.get("function")) for fragment in fragments]
    first = functions[0].get("arguments")
    arguments = joined(functions, "arguments") if isinstance(first, str | None) else first
    return {
        "id": next(filter(None, (string(fragment.get("id")) for fragment in fragments)), ""),
        "function": {
            "name": next(filter(None, (string(each.get("name")) for each in functions)), ""),
            "arguments": arguments,
        },
    }


def one_content(contents: Iterable[Any]) -> Any:
    """The content that a stream has sent in pieces: texts, or lists of parts."""
    pieces = [piece for piece in contents if piece]
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    parts = [part for piece in pieces for part in (piece if isinstance(piece, list) else [piece])]
    runs = itertools.groupby(parts, key=_continues)
    return [part for kind, run in runs for part in _run(kind, list(run))]


def _parts(said: Json) -> Iterator[Part]:
    yield from _thinking(said)
    yield from content_parts(said.get("content"))
    yield from _texts(said.get("refusal"))
    yield from map(_part, mappings(said.get("images")))
    yield from _audio(mapping(said.get("audio")))
    yield from map(tool_call, mappings(said.get("tool_calls")))
    if said.get("function_call"):
        yield tool_call({"function": said["function_call"]})


def _thinking(said: Json) -> Iterator[Thinking]:
    details = mappings(said.get("reasoning_details"))
    texts = [string(said.get(name)) for name in _THINKING]
    texts += [joined(details, "text"), joined(details, "summary")]
    yield from map(Thinking, itertools.islice(filter(None, texts), 1))


def _texts(text: Any) -> Iterator[Text]:
    if string(text):
        yield Text(text)


def _audio(audio: Json) -> Iterator[Part]:
    yield from _texts(audio.get("transcript"))
    if string(audio.get("data")):
        yield media.embedded(audio["data"], "audio/*")


def _part(part: Any) -> Part:
    if isinstance(part, str):
        return Text(part)
    known = _PARTS.get(kind_of(part))
    return (known(part) if known else None) or Unknown(part)


def _text(part: Json) -> Part | None:
    text = part.get("text", part.get("refusal"))
    return Text(text) if isinstance(text, str) else None


def _thought(part: Json) -> Part | None:
    """Cohere has a text there, Mistral a list of text parts."""
    thinking = part.get("thinking")
    if isinstance(thinking, str):
        return Thinking(thinking)
    return Thinking(joined(mappings(thinking), "text")) if isinstance(thinking, list) else None


def _linked(media_type: str) -> Callable[[Json], Media | None]:
    """A part whose type names the field of its URL: `{"url": …}`, or the URL itself."""

    def linked(part: Json) -> Media | None:
        value = part.get(part["type"], part.get("image_url"))
        url = string(value) or string(mapping(value).get("url"))
        return media.at(url, media_type) if url else None

    return linked


def _input_audio(part: Json) -> Media | None:
    audio = mapping(part.get("input_audio"))
    data = string(audio.get("data"))
    return media.embedded(data, f"audio/{string(audio.get('format')) or '*'}") if data else None


def _file(part: Json) -> Media | None:
    file = mapping(part.get("file")) or part
    url = string(file.get("file_data")) or string(file.get("file_url"))
    return media.at(url, "application/*") if url else None


def _document(part: Json) -> Part | None:
    """What a tool gave to Cohere."""
    data = mapping(part.get("document")).get("data")
    return Text(json_text(data)) if data else None


_PARTS: dict[str, Callable[[Json], Part | None]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": _text,
    "thinking": _thought,
    "image_url": _linked("image/*"),
    "input_image": _linked("image/*"),
    "video_url": _linked("video/*"),
    "document_url": _linked("application/*"),
    "input_audio": _input_audio,
    "file": _file,
    "input_file": _file,
    "document": _document,
}


def _continues(part: Any) -> str:
    """The kind of a part that goes on where one of its kind has stopped; "" for others."""
    kind = "text" if isinstance(part, str) else kind_of(part)
    return kind if kind in {"text", "thinking"} else ""


def _run(kind: str, parts: list[Any]) -> list[Any]:
    if not kind:
        return parts
    told = [_part(part) for part in parts]
    text = "".join(part.text for part in told if isinstance(part, Text | Thinking))
    return [{"type": kind, kind: text}]


def _tool_name(tool: Json) -> str:
    kind = kind_of(tool)
    inside = mapping(tool.get(kind)) or mapping(tool.get("function"))
    return string(inside.get("name")) or string(tool.get("name")) or kind

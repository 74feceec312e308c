"""Messages as plain data, each kept once: the turns of a conversation repeat what went before."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, TypeAlias, assert_never

from cassette_kit.conversation import Media, Text, Thinking, ToolCall, ToolResult, Unknown
from cassette_kit.conversation.heard import sense

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cassette_kit.conversation import Message, Part

Plain: TypeAlias = dict[str, object]

IMAGES: Mapping[str, re.Pattern[bytes]] = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF(?s:....)WEBP"),
}
"""What is shown as a picture, by how its bytes begin: an SVG is a document, with scripts and links.

Source: WHATWG, "MIME Sniffing Standard", section 6.1.
"""


class MessageTable:
    """The distinct messages of a page; a message is known by its place.

    `senses` tells for each place what is said there: one number for messages that say the same.
    """

    def __init__(self) -> None:
        self.messages: list[Plain] = []
        self.senses: list[int] = []
        self._places: dict[str, int] = {}
        self._senses: dict[bytes, int] = {}

    def places(self, messages: Iterable[Message]) -> list[int]:
        """Where each message stands; one that is new is put at the end."""
        return [self._place(message) for message in messages]

    def said(self, places: Iterable[int]) -> tuple[int, ...]:
        """The senses of the messages there."""
        return tuple(self.senses[place] for place in places)

    def _place(self, message: Message) -> int:
        plain = plain_message(message)
        place = self._places.setdefault(json.dumps(plain), len(self.messages))
        if place == len(self.messages):
            self.messages.append(plain)
            self.senses.append(self._senses.setdefault(sense(message), place))
        return place


def plain_message(message: Message) -> Plain:
    """A message as the page reads it."""
    parts = [_part(part) for part in message.parts]
    return {"role": message.role, "called": message.called, "parts": parts}


def json_text(value: object) -> str:
    """A value as JSON on one line, a text in quotes."""
    return json.dumps(value, ensure_ascii=False)


def _part(part: Part) -> Plain:
    match part:
        case Text(text):
            return {"kind": "text", "text": text}
        case Thinking(text):
            return {"kind": "thinking", "text": text}
        case Media():
            return _media(part)
        case ToolCall(name, arguments, id):
            return {"kind": "call", "name": name, "text": arguments, "id": id}
        case ToolResult(id, parts, is_error):
            return {"kind": "result", "id": id, "error": is_error, "parts": [*map(_part, parts)]}
        case Unknown(value):
            return {"kind": "unknown", "text": json_text(value)}
    assert_never(part)


def _media(media: Media) -> Plain:
    media_type = media.media_type.strip().lower()
    shows = media_type in IMAGES and IMAGES[media_type].match(media.data)
    data = f"data:{media_type};base64,{base64.b64encode(media.data).decode()}" if shows else ""
    return {
        "kind": "media",
        "type": media.media_type,
        "bytes": len(media.data),
        "url": media.url,
        "image": data,
    }

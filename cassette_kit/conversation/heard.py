"""What a conversation has said so far, so that nobody need repeat it."""

from __future__ import annotations

import hashlib
import json
from itertools import accumulate
from typing import TYPE_CHECKING

from cassette_kit.conversation.exchange import (
    Media,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from cassette_kit.conversation.printable import laid_out

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from cassette_kit.conversation.exchange import Exchange, Message, Part


class Heard:
    """What the exchanges so far have said; they are numbered from 0.

    Messages count as heard where all before them were, in the same order. `above` is the exchange
    that a reader sees right above; who does not show the last one sets it to None.
    """

    def __init__(self) -> None:
        self.above: int | None = None
        self._count = 0
        self._turns: dict[bytes, int] = {}
        self._settings: dict[tuple[Hashable, ...], int] = {}

    def messages(self, messages: Sequence[Message]) -> tuple[int, int | None]:
        """How many of a request's first messages were heard before, and in which exchange last."""
        turns = _turns(messages)
        known = (n for n in range(len(turns), 0, -1) if turns[n - 1] in self._turns)
        length = next(known, 0)
        return length, self._turns[turns[length - 1]] if length else None

    def settings(self, settings: Iterable[Hashable]) -> int | None:
        """The last exchange that had these settings."""
        return self._settings.get(tuple(settings))

    def add(self, said: Exchange, settings: Iterable[Hashable]) -> None:
        """Remember an exchange: its question, and its question with each of its answers."""
        asked = said.asked.messages
        turns = [*_turns(asked), *(_turns((*asked, one))[-1] for one in said.answered.messages)]
        self._turns.update(dict.fromkeys(turns, self._count))
        self._settings[tuple(settings)] = self._count
        self.above = self._count
        self._count += 1


def sense(message: Message) -> bytes:
    """A digest of what a message says: equal for messages that say the same.

    Ids do not count, nor do thinking and an assistant's name, which many clients leave out when
    they send an answer back, empty texts, and the layout of arguments.
    """
    called = "" if message.role == "assistant" else message.called
    return _sha256(json.dumps([message.role, called, *_senses(message.parts)]).encode())


def _senses(parts: Iterable[Part]) -> Iterator[object]:
    for part in parts:
        match part:
            case Thinking() | Text(""):
                pass
            case Text(text):
                yield "text", text
            case Media(media_type, data, url):
                yield "media", media_type, url, _sha256(data).hex()
            case ToolCall(name, arguments):
                yield "call", name, laid_out(arguments)
            case ToolResult(_, inner, is_error):
                yield "result", is_error, *_senses(inner)
            case Unknown(value):
                yield "unknown", value


def _turns(messages: Sequence[Message]) -> list[bytes]:
    """A digest for each message that stands for it and all before it."""
    return list(accumulate(map(sense, messages), lambda before, own: _sha256(before + own)))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()

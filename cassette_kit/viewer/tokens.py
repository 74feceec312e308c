"""What of an answer its tokens are: how many, and where a call of a tool begins."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from cassette_kit.conversation import Thinking, ToolCall, exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.conversation import Answered, Event, Part
    from cassette_kit.model import Interaction


def answer_tokens(answered: Answered) -> int | None:
    """The tokens that an answer took, as its provider states them, without those of thinking: they
    come before the first that one sees. None where that cannot be told."""
    usage = answered.usage
    if usage is None or usage.output_tokens is None:
        return None
    if usage.reasoning_tokens is None and _has(answered, Thinking):
        return None
    return usage.output_tokens - (usage.reasoning_tokens or 0)


def first_call(interaction: Interaction, answered: Answered, events: Sequence[Event]) -> int | None:
    """The event with which an answer without text begins to call a tool; None if it calls none.

    Whatever the API, it is the one from which on the stream, read so far, holds a call.
    """
    if not _has(answered, ToolCall) or any(event.text for event in events):
        return None

    def calls(place: int) -> bool:
        body = b"".join(event.data for event in events[: place + 1])
        so_far = replace(interaction.response, body=body, stream=None)
        return _has(exchange(replace(interaction, response=so_far)).answered, ToolCall)

    place = bisect_left(range(len(events)), True, key=calls)
    return place if place < len(events) else None


def _has(answered: Answered, kind: type[Part]) -> bool:
    return any(isinstance(part, kind) for message in answered.messages for part in message.parts)

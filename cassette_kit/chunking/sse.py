"""Server-sent events: where one ends, and what it says.

Source: WHATWG HTML, section 9.2 "Server-sent events", parsing and interpreting an event stream.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cassette_kit.chunking.units import BREAK, CERTAIN_BREAK, cut, find

if TYPE_CHECKING:
    from cassette_kit.chunking.units import Sizes

FIELD = re.compile(rb"(?:data|event|id|retry)?:")
BLANK_LINE = re.compile(BREAK + CERTAIN_BREAK)
_LF_UNIT = re.compile(rb"\n*+(?:[^\n]++\n)++\n|(?s:.+)")  # the second is a bare tail
_LINE = re.compile(rb"[^\r\n]+")
_MILLISECONDS = re.compile(r"[0-9]{1,18}")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; `id` is the last one the stream has set so far, `retry` in milliseconds."""

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None

    def json(self) -> Any:
        """The data as JSON. Raises ValueError if it is not JSON, as `[DONE]` is not."""
        import json

        return json.loads(self.data)


ServerSentEvent.__module__ = "cassette_kit"


def event_sizes(held: bytearray) -> Sizes:
    """Units that end with a blank line: events, and comments that stand alone.

    Further blank lines belong to what follows them, so a run of them makes no pieces.
    """
    while True:
        line = yield from find(held, _LINE)
        blank = yield from find(held, BLANK_LINE, line.end(), overlap=len(b"\r\n\r"))
        yield blank.end()


def events_at_once(body: bytes) -> list[bytes] | None:
    """The units of a whole body whose lines end in LF, by one search; None where some end in CR."""
    return None if b"\r" in body else _LF_UNIT.findall(body)


def sse_events(body: bytes) -> list[ServerSentEvent]:
    """The events of a body, as a browser would dispatch them, with one exception.

    A last event without its blank line is delivered too if it has a data field. A browser drops
    it, but providers end streams so and their SDKs flush it; a recording has to show what those
    saw. Lines that are no field, such as a bare JSON error, are no events.
    """
    events = []
    last_id = ""
    for block in cut(body.removeprefix(_BOM), event_sizes):
        fields = _fields(block)
        last_id = [last_id, *(value for value in fields["id"] if "\0" not in value)][-1]
        if "data" in fields:
            events.append(_event(fields, last_id))
    return events


def _fields(block: bytes) -> defaultdict[str, list[str]]:
    """Every field's values in order; a comment is a field without a name, which nobody asks for."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for line in _LINE.findall(block):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        fields[name].append(value.removeprefix(" "))
    return fields


def _event(fields: defaultdict[str, list[str]], last_id: str) -> ServerSentEvent:
    retries = [int(value) for value in fields["retry"] if _MILLISECONDS.fullmatch(value)]
    return ServerSentEvent(
        data="\n".join(fields["data"]),
        event=(fields["event"] or [""])[-1] or "message",
        id=last_id,
        retry=retries[-1] if retries else None,
    )

"""An interaction as `show` prints it: as a conversation, as events in time, as its bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_kit.conversation import events
from cassette_kit.conversation.frames import frame_of
from cassette_kit.conversation.printable import one_line, visible
from cassette_kit.conversation.transcript import Line, heading, transcript
from cassette_kit.provenance import total_ms
from cassette_kit.quantities import counted, duration, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cassette_kit.conversation.exchange import Event, Exchange
    from cassette_kit.conversation.heard import Heard
    from cassette_kit.model import Headers, Interaction

Layout = Literal["wrapped", "clipped", "as it is"]


class View(NamedTuple):
    """A way to show an interaction: its lines, whole where nothing was heard before it, and how a
    terminal lays them out."""

    lines: Callable[[Interaction, Exchange, Heard | None], Iterator[Line]]
    layout: Layout


def overview(number: int, interaction: Interaction, said: Exchange) -> Line:
    """One line: its number, the model, status, times, size and how many events."""
    response = interaction.response
    total = total_ms(response)
    found = events(interaction)
    told = [
        said.model,
        str(response.status_code),
        f"{duration(response.duration_ns / 1e6)} to headers",
        "" if total is None else f"{duration(total)} in all",
        size(len(response.body)),
        counted(len(found), "event") if found else "",
    ]
    return Line("title", one_line(f"#{number}  {', '.join(filter(None, told))}"))


def headers(interaction: Interaction) -> Iterator[Line]:
    """What was recorded of the headers of both sides, and of what follows a body as they do."""
    request, response = interaction.request, interaction.response
    yield from _fields("request headers", request.headers, is_always=True)
    yield from _fields("request trailer", request.trailer)
    yield from _fields("response headers", response.headers, is_always=True)
    yield from _fields("response trailer", response.trailer)
    yield Line("blank", "")


def _fields(label: str, fields: Headers, *, is_always: bool = False) -> Iterator[Line]:
    pairs = fields.multi_items()
    if pairs or is_always:
        yield Line("note", label if pairs else f"{label}: none recorded")
    yield from (Line("settings", one_line(f"  {name}: {value}")) for name, value in pairs)


def _conversation(interaction: Interaction, said: Exchange, heard: Heard | None) -> Iterator[Line]:
    return transcript(interaction, heard=heard, said=said, is_whole=heard is None)


def _events(interaction: Interaction, said: Exchange, heard: Heard | None) -> Iterator[Line]:
    found = events(interaction)
    yield heading(interaction.request)
    if not found:
        yield Line("note", "(no stream, the body came whole)")
    elif found[0].offset_ms is None:
        yield Line("note", "(times were not recorded)")
    wide = max((len(one_line(event.name)) for event in found), default=0)
    yield from (_event(event, wide) for event in found)


def _event(event: Event, wide: int) -> Line:
    """When it came, its size and name, and what it adds to the answer, or else its data."""
    offset = "" if event.offset_ms is None else f"{event.offset_ms:>9,} ms"
    said = json.dumps(event.text, ensure_ascii=False) if event.text else _data(event)
    name = one_line(event.name).ljust(wide)
    text = f"{offset}{len(event.data):>9,} B  {name}  {one_line(said)}"
    return Line("body" if event.text else "settings", text.rstrip())


def _data(event: Event) -> str:
    """What an event holds: of a server-sent one its data, of a binary frame its JSON."""
    frame = frame_of(event.data)
    if frame is not None:
        return frame.said.decode("utf-8", "backslashreplace")
    lines = event.data.decode("utf-8", "backslashreplace").strip().split("\n")
    told = (line.removeprefix("data:").strip() for line in lines if not line.startswith("event:"))
    return "\n".join(told)


def _raw(interaction: Interaction, said: Exchange, heard: Heard | None) -> Iterator[Line]:
    yield heading(interaction.request)
    bodies = (("request", interaction.request.body), ("response", interaction.response.body))
    for side, body in bodies:
        yield Line("blank", "")
        yield Line("note", f"({side}, {counted(len(body), 'byte')})")
        text = visible(body.decode("utf-8", "backslashreplace"))
        yield from (Line("body", line) for line in text.split("\n"))


VIEWS: Mapping[str | None, View] = {
    None: View(_conversation, "wrapped"),
    "events": View(_events, "clipped"),
    "raw": View(_raw, "as it is"),
}

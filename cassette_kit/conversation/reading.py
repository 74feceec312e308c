"""Finds the dialect of an interaction and reads it; a side that it cannot read stays plain text."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from cassette_kit.conversation.exchange import Answered, Asked, Event, Exchange, Message, Text
from cassette_kit.conversation.failures import error_in
from cassette_kit.conversation.fields import json_text, mapping, mappings, parsed, well_formed
from cassette_kit.conversation.plain import plain_text
from cassette_kit.conversation.streams import FRAMES, Piece, media_type, offsets, pieces

if TYPE_CHECKING:
    from cassette_kit.conversation.dialect import Dialect
    from cassette_kit.conversation.exchange import Role
    from cassette_kit.conversation.fields import Json
    from cassette_kit.model import Interaction, Request, Response

_SHAPE_WINDOW = 8  # an API shows itself within that many events
_MODEL_IN_PATH = re.compile(r"/(?:models?|deployments)/([^/]+?)(?::[A-Za-z]+)?(?:/|$)")


@dataclass(frozen=True, slots=True)
class Reading:
    """An interaction's JSON, and the dialect that it speaks. `answers` are the stream's events,
    or the one document that the body is, or the items of a list."""

    interaction: Interaction
    path: str
    request: Json
    pieces: list[Piece]
    answers: list[Json]
    dialect: Dialect | None


def reading(interaction: Interaction, dialects: tuple[Dialect, ...]) -> Reading:
    """Look at an interaction once, for all that may be asked about it."""
    path = _path(interaction.request)
    request = mapping(parsed(interaction.request.body))
    events = pieces(interaction.response)
    answers = _answers(interaction.response, events)
    dialect = _dialect(dialects, path, request, answers[:_SHAPE_WINDOW])
    return Reading(interaction, path, request, events, answers, dialect)


def told(read: Reading) -> Exchange:
    """Both sides in the words of the dialect."""
    name = read.dialect.name if read.dialect else ""
    return Exchange(name, _asked(read), _answered(read))


def told_events(read: Reading) -> tuple[Event, ...]:
    """The events with the text that each adds, and their arrival."""
    said = read.dialect.said if read.dialect else lambda event: ""
    times = offsets(read.interaction.response, read.pieces)
    return tuple(
        Event(well_formed(name), data, well_formed(said(mapping(value))), offset)
        for (name, data, value), offset in zip(read.pieces, times, strict=True)
    )


def _path(request: Request) -> str:
    with suppress(ValueError):
        return unquote(urlsplit(request.url).path)
    return ""


def _answers(response: Response, events: list[Piece]) -> list[Json]:
    if events:
        return [event.value for event in events if isinstance(event.value, dict)]
    value = parsed(response.body)
    return mappings(value if isinstance(value, list) else [value])


def _dialect(
    dialects: tuple[Dialect, ...], path: str, request: Json, answers: list[Json]
) -> Dialect | None:
    """The one that fits best. Its URL, request and answer are three witnesses; it takes two, and
    the answer is the best: several APIs share the shape of the request."""
    best: tuple[int, bool, Dialect | None] = (1, True, None)
    for dialect in dialects:
        answered = any(map(dialect.answers, answers))
        witnesses = bool(dialect.path.search(path)) + dialect.asks(request) + answered
        if (witnesses, answered) > best[:2]:
            best = (witnesses, answered, dialect)
    return best[2]


def _asked(read: Reading) -> Asked:
    request = read.interaction.request
    if not read.dialect or not read.request:
        return Asked(messages=_plain("user", request), is_body=True)
    asked = read.dialect.asked(well_formed(read.request))
    if asked.model:
        return asked
    named = _MODEL_IN_PATH.search(read.path)
    return replace(asked, model=named[1]) if named else asked


def _answered(read: Reading) -> Answered:
    """What the dialect makes of it, an error alone, or the body as it stands."""
    response = read.interaction.response
    document = _document(read)
    answered = read.dialect.answered(document) if read.dialect else Answered()
    stated = error_in([document, *read.answers], failed=response.status_code >= 400)
    error = well_formed(stated) or answered.error
    if answered.messages or (error and read.dialect):
        return replace(answered, error=error)
    return Answered(messages=_plain_answer(read), error=error, is_body=True)


def _document(read: Reading) -> Json:
    """The JSON that the API gives without streaming."""
    if read.dialect and (read.pieces or len(read.answers) > 1):
        return mapping(well_formed(read.dialect.fold(read.answers)))
    return mapping(well_formed(read.answers[0])) if len(read.answers) == 1 else {}


def _plain_answer(read: Reading) -> tuple[Message, ...]:
    """The body; in place of binary frames the JSON that they carry."""
    response = read.interaction.response
    if not read.answers or media_type(response) != FRAMES:
        return _plain("assistant", response)
    text = "\n".join(json_text(well_formed(event)) for event in read.answers)
    return (Message("assistant", (Text(text),)),)


def _plain(role: Role, sent: Request | Response) -> tuple[Message, ...]:
    text = plain_text(sent.body, sent.headers.get("content-type", ""))
    return (Message(role, (Text(text),)),) if text else ()

"""What a page shows, as plain values that JSON can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cassette_kit.conversation import Usage, events, exchange
from cassette_kit.viewer.bodies import event_text, own_cassettes, plain_request, plain_response
from cassette_kit.viewer.messages import MessageTable, json_text
from cassette_kit.viewer.pairs import pairs
from cassette_kit.viewer.timing import timing
from cassette_kit.viewer.tokens import answer_tokens, first_call
from cassette_kit.viewer.turns import Turn, Turns

if TYPE_CHECKING:
    from cassette_kit.conversation import Answered, Asked, Event, Exchange
    from cassette_kit.model import Cassette, Interaction
    from cassette_kit.viewer.messages import Plain

_EXACT = 1 << 53
"""Below this, a double holds every integer."""


def page_data(*files: tuple[str, Cassette]) -> Plain:
    """The data of a page about one cassette, or about two side by side; files are (name, cassette).

    Messages stand in one table, so that a turn costs what it adds. `messages` and `answers` of an
    interaction are places in it; `fresh` are places in `messages` of what `before`, the turn that
    it continues, did not hold. Messages with the same number in `senses` say the same.
    """
    table = MessageTable()
    sides = [
        {"name": name, "interactions": _interactions(cassette, table)} for name, cassette in files
    ]
    both = [cassette.interactions for _, cassette in files]
    paired = [pair._asdict() for pair in pairs(*both)] if len(files) > 1 else None
    return {"sides": sides, "messages": table.messages, "senses": table.senses, "pairs": paired}


def _interactions(cassette: Cassette, table: MessageTable) -> list[Plain]:
    shown: list[Plain] = []
    turns = Turns()
    exchanges: list[Exchange] = []
    for interaction, alone in zip(cassette.interactions, own_cassettes(cassette), strict=True):
        said = exchange(interaction)
        asked, answered = map(table.places, (said.asked.messages, said.answered.messages))
        turn = Turn(table.said(asked), table.said(answered))
        before = turns.before(turn)
        asked_before = None if before is None else exchanges[before].asked
        shown.append(
            _seen(interaction, said)
            | {"asked": _asked(said.asked, asked_before)}
            | {"messages": asked, "answers": answered, "before": before}
            | {"fresh": turns.new_messages(turn)}
            | {"yaml": alone}
        )
        turns.add(turn)
        exchanges.append(said)
    return shown


def _seen(interaction: Interaction, said: Exchange) -> Plain:
    """What the wire says, and how long it took."""
    request, response = interaction.request, interaction.response
    arrived = events(interaction)
    host, path = address(request.url)
    first = first_call(interaction, said.answered, arrived)
    tokens = _count(answer_tokens(said.answered))
    took = timing(response.duration_ns, arrived, first=first, tokens=tokens)
    return {
        "method": request.method,
        "url": request.url,
        "host": host,
        "path": path,
        "code": response.status_code,
        "reason": response.reason,
        "dialect": said.dialect,
        "model": said.model,
        "end": response.stream.end if response.stream else "",
        "timing": took._asdict(),
        "events": [_event(event) for event in arrived],
        "answered": _answered(said.answered),
        "request": plain_request(request),
        "response": plain_response(response, arrived),
    }


def _asked(asked: Asked, before: Asked | None) -> Plain:
    """The request's settings, and those that changed since the turn before, as they were and are:
    None for what is not set."""
    settings = _settings(asked)
    known = settings if before is None else _settings(before)
    changed = [
        [name, known.get(name), settings.get(name)]
        for name in settings | known
        if settings.get(name) != known.get(name)
    ]
    return {"settings": [*settings.items()], "changed": changed}


def _settings(asked: Asked) -> dict[str, str]:
    tools = {"tools": ", ".join(asked.tools)} if asked.tools else {}
    defined = {} if asked.definitions is None else {"definitions": json_text(asked.definitions)}
    rest = {name: json_text(value) for name, value in asked.settings}
    return ({"model": asked.model} if asked.model else {}) | tools | defined | rest


def _answered(answered: Answered) -> Plain:
    usage = answered.usage or Usage()
    return {
        "finish": list(answered.finish),
        "error": answered.error,
        "input": _count(usage.input_tokens),
        "output": _count(usage.output_tokens),
        "cached": _count(usage.cached_tokens),
        "reasoning": _count(usage.reasoning_tokens),
        "cost": None if usage.cost is None else str(usage.cost),
    }


def _count(number: int | None) -> int | None:
    """A number of tokens that JavaScript can hold: a larger one is no count of anything."""
    return number if number is not None and abs(number) < _EXACT else None


def _event(event: Event) -> list[object]:
    return [event.name, event_text(event), event.text, event.offset_ms, len(event.data)]


def address(url: str) -> tuple[str, str]:
    """The host of a URL of HTTP, and the path with its query; any other URL is one whole."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    if parts.scheme not in ("http", "https"):
        return "", url
    return parts.netloc, (parts.path + (f"?{parts.query}" if parts.query else "")) or url

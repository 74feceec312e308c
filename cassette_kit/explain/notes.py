"""What else a reader should know about a miss, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.canonical import NotJSONError, parse_json
from cassette_kit.matchers.bodies import comparable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.errors import Reason
    from cassette_kit.explain.situation import Near, Situation
    from cassette_kit.model import Request

MAX_CHARS = 50

_ABOUT_THE_CONTENT = {"query", "headers", "body", "matcher"}
_KINDS = {"form": "a form", "parts": "multipart"}


def notes(reason: Reason, near: Near | None, situation: Situation) -> Iterator[str]:
    """About the mode, the kinds of the two bodies, and the clients that sent them."""
    if situation.goes_live:
        recorded = "unrecorded" if situation.mode.off else "and is recorded"
        yield f"in mode {situation.mode.name} it goes live {recorded}"
    if near is None or reason not in _ABOUT_THE_CONTENT:
        return
    yield from _kinds(situation.live, near.request)
    recorded_by, sent_by = _client(near.request), _client(situation.live)
    if recorded_by and sent_by and recorded_by != sent_by:
        yield f"recorded by {recorded_by}, sent by {sent_by}"


def _kinds(live: Request, taped: Request) -> Iterator[str]:
    ours, theirs = comparable(live.body).kind, comparable(taped.body).kind
    if live.body == taped.body or not (live.body and taped.body):
        return
    if ours == theirs == "bytes":
        yield "neither body is JSON: compared as bytes"
    elif ours != theirs:
        yield f"live is {_kind(live.body)}, tape is {_kind(taped.body)}"


def _kind(body: bytes) -> str:
    try:
        parse_json(body)
    except NotJSONError as error:
        why = str(error).removeprefix("JSON is malformed: ")[:MAX_CHARS]
        return _KINDS.get(comparable(body).kind, f"no JSON ({why})")
    return "JSON"


def _client(request: Request) -> str:
    """What a user agent begins with; an SDK's sync and async clients are one."""
    product = request.headers.get("user-agent", "").partition(" (")[0]
    return product.removeprefix("Async")[:MAX_CHARS]

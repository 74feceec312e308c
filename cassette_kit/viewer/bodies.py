"""Bodies and whole interactions as text that a page can hold."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.conversation.frames import frame_of
from cassette_kit.errors import CassetteSaveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.conversation import Event
    from cassette_kit.model import Cassette, Headers, Interaction, Request, Response
    from cassette_kit.viewer.messages import Plain


def plain_request(request: Request) -> Plain:
    """A request as it was sent."""
    return {"headers": _pairs(request.headers), "body": _body(request.body)}


def plain_response(response: Response, events: Sequence[Event]) -> Plain:
    """A response as it came; the body is left out where the events say all of it."""
    streamed = b"".join(event.data for event in events) == response.body
    texts = "".join(event_text(event) for event in events)
    body = _body(response.body)
    is_said = bool(events) and streamed and body.get("text") == texts
    return {
        "headers": _pairs(response.headers),
        "body": {"size": len(response.body)} if is_said else body,
    }


def event_text(event: Event) -> str:
    """An event as text: its bytes, or of a binary frame the JSON in it and then its headers."""
    frame = frame_of(event.data)
    if frame is None:
        return _text(event.data)
    headers = (f"{name}: {text}" for name, text in frame.headers.items())
    return "\n".join([_text(frame.said), "", *headers])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def own_cassette(cassette: Cassette, interaction: Interaction) -> str:
    """The interaction as a cassette of its own, in the layout of its file; "" if that cannot be."""
    alone = dataclasses.replace(cassette, interactions=(interaction,))
    try:
        return formats.dumps(alone).decode()
    except CassetteSaveError:
        return ""


def _pairs(headers: Headers) -> list[list[str]]:
    return [[name, value] for name, value in headers.multi_items()]


def _body(body: bytes) -> Plain:
    """A body as text, or in base64 where it is none."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return {"size": len(body), "base64": base64.b64encode(body).decode()}
    return {"size": len(body), "text": text}

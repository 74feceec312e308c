"""Bodies and whole interactions as text that a page can hold."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.conversation.frames import frame_of
from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cassette_kit.conversation import Event
    from cassette_kit.model import Cassette, Headers, Request, Response
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


def own_cassettes(cassette: Cassette) -> Iterator[str]:
    """Each interaction as a cassette of its own, in the layout of its file; "" if that cannot be.

    Each is written for a file that holds nothing yet: to look for the others in their own one would
    take all of them for every one.
    """
    source = cassette.source
    if isinstance(source, Document):
        source = dataclasses.replace(source, data=b"", rest=b"", cut=None, count=0)
    for interaction in cassette.interactions:
        alone = dataclasses.replace(cassette, interactions=(interaction,), source=source)
        try:
            yield formats.dumps(alone).decode()
        except CassetteSaveError:
            yield ""


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

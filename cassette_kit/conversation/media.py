"""Images, sounds and documents, as providers put them into JSON."""

from __future__ import annotations

import binascii
from urllib.parse import unquote_to_bytes

from cassette_kit.conversation.exchange import Media

_URL_SAFE = str.maketrans("-_", "+/")
_OPENINGS = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"%PDF": "application/pdf",
}


def decoded(base64: str) -> bytes:
    """The bytes of a base64 text, either alphabet, padded or not; none where it is broken."""
    text = base64.translate(_URL_SAFE)
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4))
    except ValueError:  # binascii.Error is one
        return b""


def embedded(base64: str, media_type: str = "") -> Media:
    """Media that stand in the JSON; of a type that nothing states the first bytes tell."""
    data = decoded(base64)
    return Media(media_type or _sniffed(data), data)


def at(url: str, media_type: str) -> Media:
    """Media behind a URL; those that a `data:` URL holds have its type and bytes."""
    if url[:5].lower() != "data:":
        return Media(media_type, url=url)
    head, _, content = url[5:].partition(",")
    stated, *parameters = head.split(";")
    if "base64" in parameters:
        return embedded(content, stated or media_type)
    return Media(stated or media_type, unquote_to_bytes(content.encode("utf-8", "replace")))


def _sniffed(data: bytes) -> str:
    return next((name for opening, name in _OPENINGS.items() if data.startswith(opening)), "")

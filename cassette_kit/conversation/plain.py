"""A body of an unknown API as text: JSON laid out in lines, forms by field, binary by its size."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation.fields import parsed, well_formed
from cassette_kit.conversation.printable import laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator


def plain_text(body: bytes, content_type: str) -> str:
    """The body as people can read it; "" if it is empty."""
    media_type = content_type.partition(";")[0].strip().lower()
    if parsed(body) is not None:
        return laid_out(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    return "\n".join(_fields(body, media_type)) or _text(body, media_type)


def _json(value: object) -> str:
    return json.dumps(well_formed(value), ensure_ascii=False)


def _fields(body: bytes, media_type: str) -> Iterator[str]:
    """A form, one field a line; nothing if it is none."""
    from cassette_kit.matchers.bodies import comparable

    kind, tree = comparable(body)
    if kind == "parts":
        yield from _multipart(tree)
    elif kind == "form" and media_type == "application/x-www-form-urlencoded":
        yield from (_clean(f"{name}: {value}") for name in tree for value in tree[name])


def _multipart(tree: Any) -> Iterator[str]:
    named = tree.items() if isinstance(tree, dict) else [("", tree)]
    for name, parts in named:
        for part in parts:
            label = " ".join(filter(None, (name, part.get("filename"))))
            yield _clean(f"{label}: {_part(part)}")


def _part(part: dict[str, Any]) -> str:
    if "base64" in part:
        media_type = "".join(part["headers"].get("content-type", [])[:1])
        return _sized(b64decode(part["base64"]), media_type)
    return str(part["text"]) if "text" in part else _json(part["json"])


def _text(body: bytes, media_type: str) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_text = media_type.startswith("text/")
        return body.decode("latin-1") if is_text else _sized(body, media_type)
    return _sized(body, media_type) if "\0" in text else text


def _sized(data: bytes, media_type: str) -> str:
    return f"<{len(data):,} bytes of {media_type or 'an unknown type'}>"


def _clean(text: str) -> str:
    """Text that stood in bytes which were no UTF-8 holds unpaired surrogates."""
    return str(well_formed(text))

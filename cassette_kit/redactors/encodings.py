"""The forms in which a value can stand in a cassette's text. A row of ENCODINGS is one encoding."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LEVELS = 3  # JSON in a JSON text in a double-quoted YAML scalar, whose escapes are JSON's
_PERCENT = re.compile("%[0-9A-F]{2}")


def needles(value: str) -> dict[bytes, str]:
    """What to look for in order to find a value, each with the name of its encoding."""
    found: dict[bytes, str] = {}
    for encoding, forms in ENCODINGS.items():
        for form in forms(value):
            for text in (form, form.replace("'", "''")):  # the latter in a single-quoted scalar
                found.setdefault(_bytes(text), encoding)
    return found


def _plain(value: str) -> Iterator[str]:
    yield value


def _json(value: str) -> Iterator[str]:
    for escaped in (_escaped, _escaped_ascii, _escaped_slashes):
        form = value
        for _ in range(_LEVELS):
            form = escaped(form)
            yield form


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _escaped_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _escaped_slashes(text: str) -> str:
    return _escaped(text).replace("/", r"\/")


def _url(value: str) -> Iterator[str]:
    data = _bytes(value)
    for form in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield form
        yield _PERCENT.sub(lambda found: found[0].lower(), form)


def _base64(value: str) -> Iterator[str]:
    """The characters that depend on nothing before or after the value, which begins anywhere."""
    data = _bytes(value)
    for before in range(3):
        first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
        for encoded in (b64encode, urlsafe_b64encode):
            yield encoded(bytes(before) + data)[first:last].decode()


def _hex(value: str) -> Iterator[str]:
    digits = _bytes(value).hex()
    yield from (digits, digits.upper())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


ENCODINGS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "plain": _plain,
    "JSON-escaped": _json,
    "URL-encoded": _url,
    "base64": _base64,
    "hex": _hex,
}

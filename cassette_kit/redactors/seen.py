"""The credentials that a live exchange carries, so that a file can be searched for them."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cassette_kit.redactors.builtin import FIELDS, QUERY, USER_INFO
from cassette_kit.redactors.headers import is_credential
from cassette_kit.redactors.passes import media_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cassette_kit.model import Headers, Request, Response
    from cassette_kit.redactors.edits import Edit

_FEWEST_CHARACTERS = 8
_DUMMY_WORDS = (
    "openai-compatible organization placeholder openrouter anthropic changeme password redacted "
    "required example mistral project replace testing cohere gemini google insert mocked needed "
    "ollama openai sample secret studio unused azure dummy empty local not-a token fake groq here "
    "mock none null proj real some test user your abc api bar baz foo key not org the lm me my no "
    "pw sk"
)
_DUMMY = re.compile(
    rf"""fake.*
    | (?: (?:{_DUMMY_WORDS.replace(" ", "|")}) (?:[0-9]{{1,3}}(?![0-9]))?
        | 0?1234?5?6?7?8?9?0?(?![0-9]) | [\W_] )*+""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
_SCHEME = re.compile(r"(bearer|basic|token|api-?key|key) +(.+)", re.IGNORECASE | re.DOTALL)


def credentials(request: Request, response: Response | None = None) -> frozenset[str]:
    """The values in an exchange, as it was before redaction, that no file may hold.

    They come from credential headers, cookies, user info, secret query parameters, form fields and
    JSON fields. Values of under 8 characters and dummies such as `test-key` do not count.
    """
    found = set(_in_url(request.url))
    found.update(text for name, text in request.form.multi_items() if any(QUERY.form(name, b"")))
    for message in (request, response):
        if message is not None:
            found.update(_in_headers(message.headers), _in_headers(message.trailer))
            found.update(_in_body(message.body, media_type(message.headers)))
    return frozenset(value for text in found for value in _readings(text) if _counts(value))


def _in_url(url: str) -> Iterator[str]:
    data = url.encode("utf-8", "surrogatepass")
    for user_info in _texts(data, USER_INFO.url(data)):
        user, colon, password = user_info.partition(":")
        yield password if colon else user
    yield from _texts(data, QUERY.url(data))


def _in_headers(headers: Headers) -> Iterator[str]:
    for name, value in headers.multi_items():
        if name.lower() == "location":
            yield from _in_url(value)
        elif name.lower() in ("cookie", "set-cookie"):
            pairs = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
            yield from (pair.partition("=")[2].strip(' "') for pair in pairs)
        elif is_credential(name):
            yield value


def _in_body(body: bytes, kind: str) -> Iterator[str]:
    yield from _texts(body, QUERY.body(body, kind))
    yield from _texts(body, FIELDS.body(body, kind))


def _texts(data: bytes, edits: Iterable[Edit]) -> Iterator[str]:
    return (data[edit.start : edit.end].decode("utf-8", "surrogateescape") for edit in edits)


def _readings(text: str) -> Iterator[str]:
    """A value as it stands, without the escapes of URLs or JSON, and without its scheme."""
    for plain in {text, unquote(text, errors="surrogateescape"), _unescaped(text)}:
        found = _SCHEME.fullmatch(plain)
        yield found[2] if found else plain
        if found and found[1].lower() == "basic":
            yield _password(found[2])


def _unescaped(text: str) -> str:
    try:
        plain = str(json.loads(f'"{text}"', strict=False))
        plain.encode()
    except ValueError:  # no JSON text, or half of a character, which no file can hold
        return text
    return plain


def _password(basic: str) -> str:
    try:
        return b64decode(basic).decode("utf-8", "surrogateescape").partition(":")[2]
    except ValueError:
        return ""


def _counts(value: str) -> bool:
    return len(value) >= _FEWEST_CHARACTERS and not _DUMMY.fullmatch(_RUN.sub("", value))

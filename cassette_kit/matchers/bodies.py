"""A body as a value that can be compared: JSON, the fields of a form, or parts; else bytes.

What a body is, is told by the body alone, so that equal bytes are equal whatever the headers say: a
recording may have lost its content type, and clients get theirs wrong.
"""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import suppress
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from cassette_kit.canonical import NotJSONError, parse_json

_FIRST_LINE = re.compile(rb"--([^\r\n]{1,70})\r?\n")
_FIELD = rb"[\w.~%+*$:\[\]-]+(?:=[!-%'-~\x80-\xff]*)?"
_FORM = re.compile(rb"(?=[^&]*=)" + _FIELD + rb"(?:&" + _FIELD + rb")*")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BREAK = re.compile(r"\r?\n")
_VALUE = r"""(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))"""
_PARAMETER = re.compile(rf";\s*(name|filename)={_VALUE}", re.IGNORECASE)
_DISPOSITION = re.compile(
    rf"\s*form-data(?:;\s*name={_VALUE})(?:;\s*filename={_VALUE})?\s*", re.IGNORECASE
)


class Comparable(NamedTuple):
    """`tree` is plain JSON data for `json`, `form` and `parts`, and bytes for `bytes`."""

    kind: Literal["json", "form", "parts", "bytes"]
    tree: Any


def comparable(body: bytes) -> Comparable:
    """The body of a request as what its content is.

    A form is `{name: [values]}`, a multipart form `{name: [parts]}`; parts without names are a
    list. A part is `{filename, headers}` and its content as `json` (an object or array), `text` or
    `base64`; the boundary, new on every attempt, is gone.
    """
    first_line = _FIRST_LINE.match(body)
    parts = _parts(body, first_line[1]) if first_line else None
    if parts is not None:
        return Comparable("parts", parts)
    try:
        return Comparable("json", parse_json(body))
    except NotJSONError:
        pass
    if _FORM.fullmatch(body):
        return Comparable("form", _fields(body))
    return Comparable("bytes", body)


def _fields(body: bytes) -> dict[str, list[str]]:
    """Fields by name; the order of different names does not count."""
    fields: dict[str, list[str]] = {}
    text = body.decode("utf-8", "surrogateescape")
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        fields.setdefault(name, []).append(value)
    return fields


def _parts(body: bytes, boundary: bytes) -> Any:
    """The parts by name, or in order where a name is missing; None if the body is not whole."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(delimiter.finditer(body))
    closing = [mark for mark in marks if mark[1]]
    if len(marks) < 2 or closing != marks[-1:]:
        return None
    ends = [mark.start() for mark in marks[1:]]
    parts = [_part(body[mark.end() : end]) for mark, end in zip(marks, ends, strict=False)]
    if not all("name" in part for part in parts):
        return parts
    named: dict[str, list[Any]] = {}
    for part in parts:
        named.setdefault(part.pop("name"), []).append(part)
    return named


def _part(piece: bytes) -> dict[str, Any]:
    head_end = _HEAD_END.search(piece)
    head = piece[: head_end.start()] if head_end else piece
    headers = _headers(head.decode("utf-8", "surrogateescape"))
    names = _names(headers)
    return {**names, "headers": headers, **_content(piece[head_end.end() :] if head_end else b"")}


def _headers(head: str) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for line in filter(None, _BREAK.split(head)):
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return headers


def _names(headers: dict[str, list[str]]) -> dict[str, str]:
    """Name and file name, taken out of the one header that states nothing else."""
    stated = headers.get("content-disposition", [])
    if len(stated) != 1 or not _DISPOSITION.fullmatch(stated[0]):
        return {}
    del headers["content-disposition"]
    found = _PARAMETER.findall(stated[0])
    return {name.lower(): quoted or token for name, quoted, token in found}


def _content(content: bytes) -> dict[str, Any]:
    """Under the name of what it is, so that a text never equals the bytes that it encodes."""
    if content.lstrip()[:1] in {b"{", b"["}:  # `1.0` and `"1"` are texts
        with suppress(NotJSONError):
            return {"json": parse_json(content)}
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}

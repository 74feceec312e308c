"""A request's body as a value that can be compared: JSON, the fields of a form, or parts.

A multipart body has a new boundary on every attempt, so its parts are compared; those that are no
text stand as base64. What is none of these is compared as bytes.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from cassette_kit.canonical import NotJSONError, parse_json

if TYPE_CHECKING:
    from cassette_kit.model import Request

_BOUNDARY = re.compile(r"""boundary=(?:"([^"]+)"|([^\s;]+))""", re.IGNORECASE)
_PARAMETER = re.compile(r"""\b(name|filename)="((?:[^"\\]|\\.)*)\"""", re.IGNORECASE)


class Comparable(NamedTuple):
    """`tree` is plain JSON data for `json`, `form` and `parts`, and bytes for `bytes`."""

    kind: Literal["json", "form", "parts", "bytes"]
    tree: Any


def comparable(request: Request) -> Comparable:
    """The body of a request as what its content is."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind.startswith("multipart/"):
        boundary = _BOUNDARY.search(parameters)
        parts = _parts(request.body, boundary[1] or boundary[2]) if boundary else None
        if parts is not None:
            return Comparable("parts", parts)
    if kind == "application/x-www-form-urlencoded":
        return Comparable("form", _fields(request.body))
    try:
        return Comparable("json", parse_json(request.body))
    except NotJSONError:
        return Comparable("bytes", request.body)


def _fields(body: bytes) -> dict[str, list[str]]:
    """Fields by name; the order of different names does not count."""
    fields: dict[str, list[str]] = {}
    text = body.decode("utf-8", "surrogateescape")
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        fields.setdefault(name, []).append(value)
    return fields


def _parts(body: bytes, boundary: str) -> list[dict[str, Any]] | None:
    """The parts in order; None if this is no whole multipart body."""
    mark = f"--{boundary}".encode()
    before, *pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if before.strip() or not pieces or not pieces[-1].startswith(b"--"):
        return None
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> dict[str, Any]:
    head, _, content = piece.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").strip().split("\r\n")
    headers = {
        name.strip().lower(): text.strip() for name, _, text in (x.partition(":") for x in lines)
    }
    part: dict[str, Any] = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
    part["content-type"] = headers.get("content-type", "")
    return {**part, "content": _content(content)}


def _content(content: bytes) -> Any:
    try:
        return parse_json(content)
    except NotJSONError:
        pass
    try:
        return content.decode()
    except UnicodeDecodeError:
        return b64encode(content).decode()

"""Where the values of JSON stand in a body.

Strategy: a tree of the shape that a JSON parser returns, whose nodes know their place in the bytes,
so that whatever finds a value in a tree finds its bytes. Nothing recurses; a document that breaks
off, or is not quite JSON, gives what there was of it, and the search goes on behind.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENING = re.compile(rb"[\[{]")
_TOKEN = re.compile(
    rb"""[ \t\r\n,:]*
      (?: (?P<object>\{) | (?P<array>\[) | (?P<close>[\]}])
        | (?P<text>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")
        | (?P<other>-?[0-9][-+.0-9eE]*|true|false|null|NaN|-?Infinity) )""",
    re.VERBOSE,
)


class Scalar(NamedTuple):
    """A text, number, true, false or null; a text's span includes its quotes."""

    start: int
    end: int


class Object(dict[str, "Value"]):
    """An object; of equal keys the last one counts."""

    start: int
    end: int


class Array(list["Value"]):
    """An array."""

    start: int
    end: int


Value = Scalar | Object | Array


def documents(body: bytes) -> Iterator[Object | Array]:
    """Every object and array that is not part of another one, in order."""
    at = 0
    while opening := _OPENING.search(body, at):
        found, at = _document(body, opening.start())
        yield found


def _document(body: bytes, at: int) -> tuple[Object | Array, int]:
    open_nodes: list[Object | Array] = []
    key: str | None = None
    while token := _TOKEN.match(body, at):
        at, kind = token.end(), token.lastgroup
        if kind == "close":
            node = open_nodes.pop()
            node.end = at
            if not open_nodes:
                return node, at
        elif kind == "text" and key is None and isinstance(open_nodes[-1], Object):
            key = _decoded(token["text"])
        else:
            value = _value(token)
            if open_nodes:
                _attach(value, open_nodes[-1], key)
            if not isinstance(value, Scalar):
                open_nodes.append(value)
            key = None
    for node in open_nodes:
        node.end = at
    return open_nodes[0], at


def _value(token: re.Match[bytes]) -> Value:
    kind = str(token.lastgroup)
    if kind not in ("object", "array"):
        return Scalar(*token.span(kind))
    node = Object() if kind == "object" else Array()
    node.start = node.end = token.start(kind)
    return node


def _attach(value: Value, parent: Object | Array, key: str | None) -> None:
    if isinstance(parent, Array):
        parent.append(value)
    elif key is not None:
        parent[key] = value


def _decoded(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except ValueError:  # a broken escape or byte: equal only to itself
        return text[1:-1].decode("utf-8", "replace")

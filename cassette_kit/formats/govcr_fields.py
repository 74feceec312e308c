"""The keys of a version-2 request and response, in the order in which they are written.

The reader and the writer share these tables: to add a key, add a row. Names and values that come in
one request after the other are looked at once.
Source: the struct fields of go-vcr v4's cassette package and their yaml tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import scalars
from cassette_kit.formats.durations import format_duration
from cassette_kit.formats.key_order import sorted_keys
from cassette_kit.formats.yaml_values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cassette_kit.formats.layout import Layout
    from cassette_kit.model import Headers


VERSION = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` takes the value; `write` gives what follows `key:` for a key at a column."""

    read: Callable[[Value], Any]
    write: Callable[[Any, int, Layout], str]


@dataclass(frozen=True, slots=True)
class Field:
    """`omittable` keys are left out when empty; `required` ones make a file without them broken."""

    key: str
    kind: Kind
    attribute: str
    omittable: bool = False
    required: bool = False


def _write_text(value: str, column: int, layout: Layout) -> str:
    return _scalar(value, parent=column, indent=layout.inside(column))


def _write_data(value: bytes, column: int, layout: Layout) -> str:
    return scalars.scalar(value, parent=column, indent=layout.inside(column))


def _write_number(value: int, column: int, layout: Layout) -> str:
    return f" {value:d}\n"


def _write_boolean(value: bool, column: int, layout: Layout) -> str:
    return " true\n" if value else " false\n"


def _write_duration(value: int, column: int, layout: Layout) -> str:
    try:
        return f" {format_duration(value)}\n"
    except ValueError as error:
        reason = f"a duration of {value} ns does not fit a cassette: {error}"
        raise CassetteSaveError(reason) from error


def _write_list(values: Sequence[str], column: int, layout: Layout) -> str:
    if not values:
        return " []\n"
    dash = column + layout.sequence_indent
    items = (_scalar(value, parent=dash, indent=dash + 2) for value in values)
    return "\n" + "".join(f"{' ' * dash}-{item}" for item in items)


def _write_multimap(values: Headers, column: int, layout: Layout) -> str:
    pairs = tuple(values.multi_items())
    return _lists(pairs, column, layout) if pairs else " {}\n"


@lru_cache(maxsize=64)
def _lists(pairs: tuple[tuple[str, str], ...], column: int, layout: Layout) -> str:
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    inner = layout.inside(column)
    return "\n" + "".join(
        f"{' ' * inner}{_key(name, column=inner, indent=layout.inside(inner))}"
        f"{_write_list(lists[name], inner, layout)}"
        for name in _in_order(*lists)
    )


_scalar = lru_cache(maxsize=1024)(scalars.scalar)
_key = lru_cache(maxsize=512)(scalars.key)


@lru_cache(maxsize=128)
def _in_order(*names: str) -> list[str]:
    return sorted_keys(names)


TEXT = Kind(Value.text, _write_text)
DATA = Kind(Value.data, _write_data)
INTEGER = Kind(Value.integer, _write_number)
BOOLEAN = Kind(Value.boolean, _write_boolean)
DURATION = Kind(Value.duration_ns, _write_duration)
TEXTS = Kind(Value.texts, _write_list)
MULTIMAP = Kind(Value.multimap, _write_multimap)

REQUEST = (
    Field("proto", TEXT, "proto"),
    Field("proto_major", INTEGER, "proto_major"),
    Field("proto_minor", INTEGER, "proto_minor"),
    Field("content_length", INTEGER, "content_length"),
    Field("transfer_encoding", TEXTS, "transfer_encoding", omittable=True),
    Field("trailer", MULTIMAP, "trailer", omittable=True),
    Field("host", TEXT, "host"),
    Field("remote_addr", TEXT, "remote_addr", omittable=True),
    Field("request_uri", TEXT, "request_uri", omittable=True),
    Field("body", DATA, "body", omittable=True),
    Field("form", MULTIMAP, "form", omittable=True),
    Field("headers", MULTIMAP, "headers", omittable=True),
    Field("url", TEXT, "url", required=True),
    Field("method", TEXT, "method", required=True),
)
RESPONSE = (
    Field("proto", TEXT, "proto"),
    Field("proto_major", INTEGER, "proto_major"),
    Field("proto_minor", INTEGER, "proto_minor"),
    Field("transfer_encoding", TEXTS, "transfer_encoding", omittable=True),
    Field("trailer", MULTIMAP, "trailer", omittable=True),
    Field("content_length", INTEGER, "content_length"),
    Field("uncompressed", BOOLEAN, "uncompressed", omittable=True),
    Field("body", DATA, "body"),
    Field("headers", MULTIMAP, "headers"),
    Field("status", TEXT, "status"),
    Field("code", INTEGER, "status_code", required=True),
    Field("duration", DURATION, "duration_ns", required=True),
)
DOCUMENT_KEYS = frozenset({"version", "interactions"})
INTERACTION_KEYS = frozenset({"id", "request", "response"})
REQUEST_KEYS = frozenset(field.key for field in REQUEST)
RESPONSE_KEYS = frozenset(field.key for field in RESPONSE)
OMITTABLE_REQUEST_KEYS = frozenset(field.key for field in REQUEST if field.omittable)

"""The keys of a version-2 request and response, in the order in which they are written.

All who read or write them share these tables: to add a key, add a row.
Source: the struct fields of go-vcr v4's cassette package and their yaml tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

VERSION = 2


class Kind(Enum):
    """What a value is: how it is read and written, whoever does so knows."""

    TEXT = auto()
    DATA = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    DURATION = auto()
    TEXTS = auto()
    MULTIMAP = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """`omittable` keys are left out when empty; `required` ones make a file without them broken."""

    key: str
    kind: Kind
    attribute: str
    omittable: bool = False
    required: bool = False


REQUEST = (
    Field("proto", Kind.TEXT, "proto"),
    Field("proto_major", Kind.INTEGER, "proto_major"),
    Field("proto_minor", Kind.INTEGER, "proto_minor"),
    Field("content_length", Kind.INTEGER, "content_length"),
    Field("transfer_encoding", Kind.TEXTS, "transfer_encoding", omittable=True),
    Field("trailer", Kind.MULTIMAP, "trailer", omittable=True),
    Field("host", Kind.TEXT, "host"),
    Field("remote_addr", Kind.TEXT, "remote_addr", omittable=True),
    Field("request_uri", Kind.TEXT, "request_uri", omittable=True),
    Field("body", Kind.DATA, "body", omittable=True),
    Field("form", Kind.MULTIMAP, "form", omittable=True),
    Field("headers", Kind.MULTIMAP, "headers", omittable=True),
    Field("url", Kind.TEXT, "url", required=True),
    Field("method", Kind.TEXT, "method", required=True),
)
RESPONSE = (
    Field("proto", Kind.TEXT, "proto"),
    Field("proto_major", Kind.INTEGER, "proto_major"),
    Field("proto_minor", Kind.INTEGER, "proto_minor"),
    Field("transfer_encoding", Kind.TEXTS, "transfer_encoding", omittable=True),
    Field("trailer", Kind.MULTIMAP, "trailer", omittable=True),
    Field("content_length", Kind.INTEGER, "content_length"),
    Field("uncompressed", Kind.BOOLEAN, "uncompressed", omittable=True),
    Field("body", Kind.DATA, "body"),
    Field("headers", Kind.MULTIMAP, "headers"),
    Field("status", Kind.TEXT, "status"),
    Field("code", Kind.INTEGER, "status_code", required=True),
    Field("duration", Kind.DURATION, "duration_ns", required=True),
)
DOCUMENT_KEYS = frozenset({"version", "interactions"})
INTERACTION_KEYS = frozenset({"id", "request", "response"})
REQUEST_KEYS = frozenset(field.key for field in REQUEST)
RESPONSE_KEYS = frozenset(field.key for field in RESPONSE)
OMITTABLE_REQUEST_KEYS = frozenset(field.key for field in REQUEST if field.omittable)

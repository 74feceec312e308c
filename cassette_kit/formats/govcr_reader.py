"""A version-2 file to a Cassette; refuses what was cut off and what the format does not allow.

Source: docs/format.md section 2.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cassette_kit.errors import CassetteFormatError
from cassette_kit.formats import layout, slices
from cassette_kit.formats.document import Cut, Document, Slice
from cassette_kit.formats.govcr_fields import (
    DOCUMENT_KEYS,
    INTERACTION_KEYS,
    OMITTABLE_REQUEST_KEYS,
    REQUEST,
    REQUEST_KEYS,
    RESPONSE,
    RESPONSE_KEYS,
    VERSION,
    Field,
    Kind,
)
from cassette_kit.formats.layout import Layout
from cassette_kit.formats.stream_key import STREAM_KEY, stream_of
from cassette_kit.formats.yaml_nodes import Mapping, Node, Source
from cassette_kit.formats.yaml_tree import Tree, parse
from cassette_kit.formats.yaml_values import Fields, Value
from cassette_kit.model import Cassette, Interaction, Request, Response, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

_READERS: dict[Kind, Callable[[Value], Any]] = {
    Kind.TEXT: Value.text,
    Kind.DATA: Value.data,
    Kind.INTEGER: Value.integer,
    Kind.BOOLEAN: Value.boolean,
    Kind.DURATION: Value.duration_ns,
    Kind.TEXTS: Value.texts,
    Kind.MULTIMAP: Value.multimap,
}
_OTHER_VERSIONS = {1: "vcrpy's format, or go-vcr's before its third release"}

_BOM = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)
_CONFLICT = re.compile("^<<<<<<< ", re.MULTILINE)
_RESTORE = "was the file cut off? Restore it, or delete it and record it again"


def read(data: bytes, origin: str) -> Cassette:
    """The cassette in the bytes of a file."""
    source = Source(_text(data, len(_bom(data)), origin), origin)
    tree = parse(source)
    fields = _document(tree)
    items = fields.required("interactions").items()
    read_ones = [_interaction(item) for item in items]
    extra = fields.beyond(DOCUMENT_KEYS)
    document = _document_memory(tree, data, extra, items)
    interactions = tuple(
        _with_source(interaction, document, position)
        for position, interaction in enumerate(read_ones)
    )
    return Cassette(interactions, extra=extra, source=document)


def _bom(data: bytes) -> bytes:
    return _BOM if data.startswith(_BOM) else b""


def _text(data: bytes, start: int, origin: str) -> str:
    if not data.strip():
        raise CassetteFormatError(f"the file is empty; {_RESTORE}", origin=origin)
    if data.startswith(_UTF_16_MARKS):
        raise CassetteFormatError("this is UTF-16; save the file as UTF-8", origin=origin, line=1)
    if not data.endswith(b"\n"):
        line = data.count(b"\n") + 1
        reason = f"the last line has no line break; {_RESTORE}"
        raise CassetteFormatError(reason, origin=origin, line=line)
    try:
        text = data[start:].decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, start + error.start) + 1
        reason = f"not UTF-8 ({error.reason}); save the file as UTF-8"
        raise CassetteFormatError(reason, origin=origin, line=line) from error
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        reason = "a merge left a conflict here; take one side, or delete and record again"
        raise Source(text, origin).error(reason, at=conflict.start())
    control = _CONTROL.search(text)
    if control is not None:
        reason = f"the control character {control[0]!r} must be written as an escape"
        raise Source(text, origin).error(reason, at=control.start())
    return text


def _document(tree: Tree) -> Fields:
    root = Value(tree.source, tree.root, "", 0)
    if root.is_null:
        raise root.error(f"the document is empty; {_RESTORE}")
    if not isinstance(root.node, Mapping):
        raise root.expected("a cassette, which is a map with version and interactions")
    fields = root.fields()
    version = fields["version"]
    number = VERSION if version.is_null else version.integer()
    if number != VERSION:
        named = _OTHER_VERSIONS.get(number, "a format that does not exist yet")
        raise version.error(
            f"found version {number} ({named}), expected {VERSION}; "
            "delete the file and record it again"
        )
    return fields


def _interaction(value: Value) -> Interaction:
    fields = value.fields()
    request = _request(fields.required("request").fields())
    response = _response(fields.required("response").fields())
    extra = fields.beyond(INTERACTION_KEYS)
    return Interaction(request, response, id=fields["id"].integer(), extra=extra)


def _request(fields: Fields) -> Request:
    return Request(**_attributes(fields, REQUEST), extra=fields.beyond(REQUEST_KEYS))


def _response(fields: Fields) -> Response:
    stream, extra = _arrival(fields.beyond(RESPONSE_KEYS))
    return Response(**_attributes(fields, RESPONSE), stream=stream, extra=extra)


def _attributes(fields: Fields, table: tuple[Field, ...]) -> dict[str, Any]:
    return {
        field.attribute: _READERS[field.kind](
            fields.required(field.key) if field.required else fields[field.key]
        )
        for field in table
    }


def _arrival(
    extra: tuple[tuple[str, Node], ...],
) -> tuple[Stream | None, tuple[tuple[str, Node], ...]]:
    """The recorded arrival, taken out of the unknown keys where it is well-formed."""
    stream = next((stream_of(node) for key, node in extra if key == STREAM_KEY), None)
    if stream is None:
        return None, extra
    return stream, tuple(pair for pair in extra if pair[0] != STREAM_KEY)


def _document_memory(
    tree: Tree, data: bytes, extra: tuple[tuple[str, object], ...], items: list[Value]
) -> Document:
    text = tree.source.text
    parts = slices.cut(tree)
    bom = _bom(data)
    return Document(
        _layout(text, items, parts),
        data=data.removeprefix(bom),
        bom=bom,
        rest=text[tree.end :].encode(),
        extra=extra,
        cut=parts,
        count=len(items),
    )


def _layout(text: str, items: list[Value], parts: Cut | None) -> Layout:
    first = items[0].node if items else None
    newline = layout.newline_of(text)
    if parts is None or not isinstance(first, Mapping):
        return Layout(newline=newline)
    request = first.get("request")
    headers = request.get("headers") if isinstance(request, Mapping) else None
    names = set(request.names()) if isinstance(request, Mapping) else set()
    return layout.detect(
        sequence_indent=parts.sequence_indent,
        keys=_key_column(text, request),
        names=_key_column(text, headers),
        keeps_empty=names >= OMITTABLE_REQUEST_KEYS,
        newline=newline,
    )


def _key_column(text: str, node: Node | None) -> int | None:
    if not isinstance(node, Mapping) or node.flow or not node.pairs:
        return None
    start = node.pairs[0][0].start
    return start - (text.rfind("\n", 0, start) + 1)


def _with_source(interaction: Interaction, document: Document, position: int) -> Interaction:
    origin = Slice(document, position, interaction.request, interaction.response, interaction.extra)
    return replace(interaction, source=origin)

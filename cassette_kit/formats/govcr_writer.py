"""A Cassette to a version-2 file: unchanged text as it stood, the rest as go-vcr writes it.

Source: docs/format.md section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.formats import scalars
from cassette_kit.formats.document import Document, Slice
from cassette_kit.formats.govcr_fields import (
    DOCUMENT_KEYS,
    INTERACTION_KEYS,
    REQUEST,
    REQUEST_KEYS,
    RESPONSE,
    RESPONSE_KEYS,
    VERSION,
    Field,
)
from cassette_kit.formats.govcr_values import WRITERS
from cassette_kit.formats.layout import Layout
from cassette_kit.formats.node_text import node_text
from cassette_kit.formats.stream_key import STREAM_KEY, stream_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.model import Cassette, Interaction, Request, Response

_NEW_FILE = Document(Layout())


def write(cassette: Cassette) -> bytes:
    """The bytes of a file that holds the cassette.

    Raises:
        CassetteSaveError: a value that no file can hold.
    """
    document = cassette.source if isinstance(cassette.source, Document) else _NEW_FILE
    if document is not _NEW_FILE and _is_unchanged(cassette, document):
        return document.bom + document.data
    keeps_references = _keeps_references(cassette, document)
    body = b"".join(
        _slice(interaction, number, document, keeps_references)
        or _interaction_text(interaction, number, document.layout).encode()
        for number, interaction in enumerate(cassette.interactions)
    )
    return document.bom + _framed(body, cassette, document, keeps_references)


def _origin(interaction: Interaction) -> Slice | None:
    """Where the interaction was read, if that text still says what the interaction holds."""
    origin = interaction.source
    return origin if isinstance(origin, Slice) and origin.still_says(interaction) else None


def _is_unchanged(cassette: Cassette, document: Document) -> bool:
    places = [
        (origin.document, origin.position) if (origin := _origin(interaction)) else None
        for interaction in cassette.interactions
    ]
    expected = [(document, position) for position in range(document.count)]
    return cassette.extra == document.extra and places == expected


def _keeps_references(cassette: Cassette, document: Document) -> bool:
    """Whether everything that has anchors or aliases goes back unchanged and in its old order."""
    kept = [
        origin.position
        for number, interaction in enumerate(cassette.interactions)
        if (origin := _origin(interaction)) is not None
        and origin.document is document
        and origin.is_referring
        and origin.written(number) is not None
    ]
    return (
        document.cut is not None
        and cassette.extra == document.extra
        and kept == document.referring_positions()
    )


def _slice(
    interaction: Interaction, number: int, document: Document, keeps_references: bool
) -> bytes | None:
    """The interaction's own bytes, if they mean the same where they go."""
    origin = _origin(interaction)
    if origin is None or origin.document.layout != document.layout:
        return None
    if origin.is_referring and not (keeps_references and origin.document is document):
        return None
    return origin.written(number)


def _framed(body: bytes, cassette: Cassette, document: Document, keeps_references: bool) -> bytes:
    parts = document.cut if cassette.extra == document.extra else None
    if parts is not None and (keeps_references or not parts.is_tail_referring):
        return parts.frame.around(body)
    layout = document.layout
    head = "".join(
        ("---\n", f"version: {VERSION}\n", *_extra_lines(cassette.extra, DOCUMENT_KEYS, 0, layout))
    )
    list_start = "interactions:\n" if body else "interactions: []\n"
    return _with_line_ends(head + list_start, layout).encode() + body + document.rest


def _interaction_text(interaction: Interaction, number: int, layout: Layout) -> str:
    dash = layout.sequence_indent
    column = dash + 2
    inner = layout.inside(column)
    margin = " " * column
    lines = (
        f"{' ' * dash}- id: {number}\n",
        f"{margin}request:\n",
        *_request_lines(interaction.request, inner, layout),
        *_extra_lines(interaction.extra, INTERACTION_KEYS, column, layout),
        f"{margin}response:\n",
        *_response_lines(interaction.response, inner, layout),
    )
    return _with_line_ends("".join(lines), layout)


def _request_lines(request: Request, column: int, layout: Layout) -> Iterator[str]:
    *fields, last = REQUEST
    yield from _field_lines(request, fields, column, layout)
    yield from _extra_lines(request.extra, REQUEST_KEYS, column, layout)
    yield from _field_lines(request, [last], column, layout)


def _response_lines(response: Response, column: int, layout: Layout) -> Iterator[str]:
    *fields, last = RESPONSE
    taken = RESPONSE_KEYS | ({STREAM_KEY} if response.stream is not None else set())
    yield from _field_lines(response, fields, column, layout)
    yield from _extra_lines(response.extra, taken, column, layout)
    if response.stream is not None:
        yield f"{' ' * column}{STREAM_KEY}: {stream_text(response.stream)}\n"
    yield from _field_lines(response, [last], column, layout)


def _field_lines(
    holder: Request | Response, fields: list[Field], column: int, layout: Layout
) -> Iterator[str]:
    margin = " " * column
    for field in fields:
        value = getattr(holder, field.attribute)
        if not field.omittable or layout.keeps_empty or value:
            yield f"{margin}{field.key}:{WRITERS[field.kind](value, column, layout)}"


def _extra_lines(
    extra: tuple[tuple[str, object], ...], taken: frozenset[str], column: int, layout: Layout
) -> Iterator[str]:
    indent = layout.inside(column)
    for name, node in extra:
        if name not in taken:
            key = scalars.key(name, column=column, indent=indent)
            yield f"{' ' * column}{key}{node_text(node, parent=column, indent=indent)}"


def _with_line_ends(text: str, layout: Layout) -> str:
    return text if layout.newline == "\n" else text.replace("\n", layout.newline)

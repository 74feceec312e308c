"""JSON values by path, replaced in the raw bytes of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.json_path import find, parse
from cassette_kit.redactors.edits import REDACTED, Edit
from cassette_kit.redactors.json_spans import documents
from cassette_kit.redactors.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTE = b'"'


class JsonPath(Rule):
    """`$.a.b`: what stands at a path, in each JSON document of a body; events are documents.

    A text keeps its quotes; any other value becomes the text `"REDACTED"`.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = parse(path)

    def body(self, body: bytes, media_type: str) -> Iterator[Edit]:
        del media_type
        for document in documents(body):
            for _, value in find(document, self._path):
                if body.startswith(_QUOTE, value.start):
                    yield Edit(value.start + 1, value.end - 1)
                else:
                    yield Edit(value.start, value.end, _QUOTE + REDACTED + _QUOTE)

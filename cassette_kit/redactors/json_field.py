"""JSON fields by name, wherever JSON stands in a body: alone, in event streams, lines or parts.

Strategy: a JSON string never holds a bare quote, so `"name": "` in the raw bytes is a field with a
text value. One regular expression finds them without reading the rest; nothing is written anew.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cassette_kit.redactors.edits import Edit
from cassette_kit.redactors.names import spellings
from cassette_kit.redactors.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKS = r"[ \t\r\n]*"
_STRING = r'([^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+)'


class JsonField(Rule):
    """`field:NAME`: text values of the fields with one of these names, in any spelling.

    Only text counts: `{"password": {"type": "string"}}` is a schema. A value that is cut off by
    the end of its line counts up to there.
    """

    def __init__(self, *names: str, title: str = "") -> None:
        super().__init__(title or f"field:{names[0]}")
        written = [form for name in names for form in (name, json.dumps(name)[1:-1])]
        initials = "".join(re.escape(form[0]) for form in written)  # rejects most names at once
        anyone = "|".join(dict.fromkeys(spellings(form) for form in written))
        pattern = f'"(?=[{initials}])(?:{anyone})"{_BLANKS}:{_BLANKS}"{_STRING}'
        self._pattern = re.compile(pattern.encode(), re.IGNORECASE)

    def body(self, body: bytes, media_type: str) -> Iterator[Edit]:
        del media_type
        for found in self._pattern.finditer(body):
            yield Edit(*found.span(1))

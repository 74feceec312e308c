"""Parameters by name: in a URL's query, in form fields, in urlencoded and multipart bodies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from cassette_kit.redactors.edits import Edit
from cassette_kit.redactors.names import folded
from cassette_kit.redactors.rule import UrlRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_IN_URL = re.compile(rb"[?&#]([^=?&#]++)=([^&#]+)")
_IN_BODY: Mapping[str, re.Pattern[bytes]] = {
    "application/x-www-form-urlencoded": re.compile(rb"(?:^|&)([^=&]++)=([^&]+)"),
    "multipart/form-data": re.compile(
        rb'^content-disposition:(?>[^\r\n]*?\bname=")([^"\r\n]*)"[^\r\n]*+\r\n'
        rb"(?:[^\r\n]++\r\n){0,9}+\r\n((?s:.*?))(?:\r\n--|\Z)",
        re.IGNORECASE | re.MULTILINE,
    ),
}


class Query(UrlRule):
    """`query:NAME`: the values of parameters with one of these names, in any spelling."""

    def __init__(self, *names: str, title: str = "") -> None:
        super().__init__(title or f"query:{names[0]}")
        self._names = frozenset(folded(name) for name in names)

    def url(self, url: bytes) -> Iterable[Edit]:
        return self._edits(_IN_URL, url)

    def form(self, name: str, value: bytes) -> Iterable[Edit]:
        return (Edit(0, len(value)),) if folded(name) in self._names else ()

    def body(self, body: bytes, media_type: str) -> Iterable[Edit]:
        pattern = _IN_BODY.get(media_type)
        return self._edits(pattern, body) if pattern else ()

    def _edits(self, pattern: re.Pattern[bytes], text: bytes) -> Iterator[Edit]:
        for found in pattern.finditer(text):
            name = unquote_plus(found[1].decode("utf-8", "replace"))
            if folded(name) in self._names:
                yield Edit(*found.span(2))

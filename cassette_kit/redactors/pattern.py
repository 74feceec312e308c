"""Regular expressions over every part of a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteOptionError
from cassette_kit.redactors.edits import Edit
from cassette_kit.redactors.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Pattern(Rule):
    """`pattern:REGEX`: what a regular expression matches; if it has groups, only these."""

    def __init__(self, pattern: str | re.Pattern[str] | re.Pattern[bytes]) -> None:
        self._pattern = _compiled(pattern) if isinstance(pattern, str) else pattern
        source = self._pattern.pattern
        super().__init__(f"pattern:{source if isinstance(source, str) else source.decode()}")

    def url(self, url: bytes) -> Iterator[Edit]:
        return self._edits(url)

    def header(self, name: str, value: bytes) -> Iterator[Edit]:
        del name
        return self._edits(value)

    def form(self, name: str, value: bytes) -> Iterator[Edit]:
        del name
        return self._edits(value)

    def body(self, body: bytes, media_type: str) -> Iterator[Edit]:
        del media_type
        return self._edits(body)

    def _edits(self, data: bytes) -> Iterator[Edit]:
        if isinstance(self._pattern.pattern, bytes):
            spans = _spans(self._pattern.finditer(data))
        else:
            spans = _spans_in_text(self._pattern, data)
        return (Edit(start, end) for start, end in spans if start < end)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise CassetteOptionError(
            f"redact: {'pattern:' + pattern!r} is not a regular expression: {error}"
        ) from error


def _spans(matches: Iterable[re.Match[str]] | Iterable[re.Match[bytes]]) -> list[tuple[int, int]]:
    return [
        match.span(group)
        for match in matches
        for group in range(min(1, match.re.groups), match.re.groups + 1)
    ]


def _spans_in_text(pattern: re.Pattern[str], data: bytes) -> list[tuple[int, int]]:
    text = data.decode("utf-8", "surrogateescape")
    spans = _spans(pattern.finditer(text))
    if len(text) == len(data):
        return spans
    offsets, at, offset = {}, 0, 0
    for position in sorted({position for span in spans for position in span if position >= 0}):
        offset += len(text[at:position].encode("utf-8", "surrogateescape"))
        offsets[position], at = offset, position
    return [(offsets[start], offsets[end]) for start, end in spans if start >= 0]

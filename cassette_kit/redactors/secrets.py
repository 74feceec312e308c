"""The search of a whole file for secrets: credentials that were seen, and known key shapes."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.redactors.encodings import base64_texts, patterns
from cassette_kit.redactors.seen import credentials
from cassette_kit.redactors.shapes import SHAPES, Shape, outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["KNOWN", "SecretHit", "credentials", "find_secrets"]

KNOWN = "credential of this session"

_BINARY = re.compile(
    rb"!!binary +(?:\|[-+0-9]*\n(?P<block>(?: +[A-Za-z0-9+/=]+\n)+)"
    rb"|[\"']?(?P<inline>[A-Za-z0-9+/=]+))"
)
_NEAR = 120
_PROSE = "arguments|content|input|instructions|message|output|prompt|query|question|system|text"
_FIELD = rf"(?!(?:{_PROSE})\b)([\w.-]+)"
_PLACES = (
    (b"url: ", re.compile(rb"[?&]([\w.-]+)=\Z"), "query"),
    (b"request_uri: ", re.compile(rb"[?&]([\w.-]+)=\Z"), "query"),
    (b'body: "', re.compile(rf'(?<!\\)\\"{_FIELD}\\": *\\"(?:\w+ )?\Z'.encode()), "field"),
    (b"", re.compile(rf'(?<!\\)"{_FIELD}": *"(?:\w+ )?\Z'.encode()), "field"),
)
"""How a line begins, what stands before the secret, and the kind of rule that reaches it."""


@dataclass(frozen=True, slots=True)
class SecretHit:
    """Where a text holds a secret; never the secret itself.

    `kind` is the name of a shape or KNOWN, `line` 1-based, `encoding` is "plain" or a row of
    ENCODINGS. `rule` takes the secret out ("field:sid"), if one is known for its place or shape;
    `outline` is a rule for what looks like it, too rough to stand in a project's settings.
    """

    kind: str
    line: int
    encoding: str
    rule: str = ""
    outline: str = ""

    @property
    def advice(self) -> str:
        """What keeps the secret out of a recording."""
        if self.rule:
            return f'redact=["{self.rule}"]'
        if self.encoding in _NO_TEXT:
            return "before_record can change or drop the interaction"
        return 'redact=["pattern:REGEX"] with an expression for what stands there, or before_record'

    def named(self, known: str = KNOWN) -> str:
        """What was found, in which encoding; `known` is what to call a known credential."""
        kind = known if self.kind == KNOWN else self.kind
        return kind if self.encoding == "plain" else f"{kind}, {self.encoding}"

    def __str__(self) -> str:
        return f"line {self.line}: {self.named()}; {self.advice}"


class _Match(NamedTuple):
    start: int
    end: int
    encoding: str = "plain"
    shape: Shape | None = None
    value: str = ""  # of a known one


_NO_TEXT = ("base64", "hex")
_Wanted = tuple[str, str, re.Pattern[bytes]]


def find_secrets(text: bytes, known: Iterable[str] = ()) -> list[SecretHit]:
    """Every place of a cassette's text that holds a `known` value or a key of a known shape.

    Known values are found in every encoding of ENCODINGS. `!!binary` scalars and texts in base64
    are searched decoded as well, under the line where they begin. What a line holds twice is one
    hit.
    """
    wanted = [(value, *pattern) for value in known if value for pattern in patterns(value)]
    hits = list(_hits(text, wanted))
    for place, data in _binary(text):
        for hit in _hits(data, wanted):
            hits.append(replace(hit, line=_line(text, place)))
    for place, data in _texts_in_base64(text):
        for hit in _hits(data, wanted):
            hits.append(SecretHit(hit.kind, _line(text, place), "base64"))
    return sorted(dict.fromkeys(hits), key=lambda hit: hit.line)


def _hits(text: bytes, wanted: Sequence[_Wanted]) -> Iterator[SecretHit]:
    line, at = 1, 0
    shaped = list(_shaped(text))
    shapes = {match.start: match.shape for match in shaped}
    for match in _apart([*_known(text, wanted), *shaped]):
        line, at = line + text.count(b"\n", at, match.start), match.start
        kind = match.shape.name if match.shape else KNOWN
        if match.encoding in _NO_TEXT:
            yield SecretHit(kind, line, match.encoding)
        else:
            rule = _rule(text, match, shapes.get(match.start))
            yield SecretHit(kind, line, match.encoding, rule, outline(match.value))


def _known(text: bytes, wanted: Sequence[_Wanted]) -> Iterator[_Match]:
    for value, encoding, pattern in wanted:
        for found in pattern.finditer(text):
            plain = found[0] == value.encode("utf-8", "surrogateescape")
            yield _Match(*found.span(), "plain" if plain else encoding, value=value)


def _shaped(text: bytes) -> Iterator[_Match]:
    for shape in SHAPES:
        for start, end in shape.spans(text):
            yield _Match(start, end, shape=shape)


def _apart(matches: list[_Match]) -> Iterator[_Match]:
    """The matches in order, without those that overlap one before; known values come first."""
    end = 0
    for match in sorted(matches, key=lambda match: (match.start, match.shape is not None)):
        if match.start >= end:
            yield match
            end = match.end


def _binary(text: bytes) -> Iterator[tuple[int, bytes]]:
    return ((scalar.start(), _decoded(scalar)) for scalar in _BINARY.finditer(text))


def _texts_in_base64(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Those in binary scalars, and those that are left when these are taken out."""
    begin = 0
    for scalar in _BINARY.finditer(text):
        outside = base64_texts(text[begin : scalar.start()])
        yield from ((begin + place, data) for place, data in outside)
        yield from ((scalar.start(), data) for _, data in base64_texts(_decoded(scalar)))
        begin = scalar.end()
    yield from ((begin + place, data) for place, data in base64_texts(text[begin:]))


def _line(text: bytes, place: int) -> int:
    return text.count(b"\n", 0, place) + 1


def _decoded(scalar: re.Match[bytes]) -> bytes:
    try:
        return b64decode(scalar["block"] or scalar["inline"])
    except ValueError:  # no base64, which whoever reads the file will say
        return b""


def _rule(text: bytes, match: _Match, shape: Shape | None) -> str:
    begin = text.rfind(b"\n", 0, match.start) + 1
    before = text[max(begin, match.start - _NEAR) : match.start]
    for head, place, kind in _PLACES:
        found = place.search(before)
        if found and text[begin : begin + _NEAR].lstrip().startswith(head):
            return f"{kind}:{found[1].decode()}"
    return f"pattern:{shape.pattern}" if shape else ""

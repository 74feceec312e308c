"""Scalars as they stand in a file of the regular shape, in bytes, to their values.

Only what can mean one thing is read. Everything else raises `IrregularError`, and the event reader,
which knows all of YAML, has the last word.
"""

from __future__ import annotations

import binascii
import re
import sys
from functools import lru_cache

from cassette_kit.formats import resolution

_NO_TEXT = "|".join(map(re.escape, (*resolution.NULL_WORDS, resolution.MERGE_WORD))).encode()
_PLAIN = re.compile(
    rb"(?!(?:%b)\Z|---|\.\.\.)(?:[^-?: \t#,\[\]{}&*!|>'\"%%@`]|[-?:](?! |\Z))"
    rb"(?:[^ \t:#]++|#|:(?! |\Z)| ++(?!#|\Z))*+" % _NO_TEXT
)
_BINARY = b"!!binary "

_CODES = {b"0": 0, b"a": 7, b"v": 11, b"e": 27, b"N": 0x85, b"_": 0xA0, b"L": 0x2028, b"P": 0x2029}
_NOT_IN_JSON = re.compile(
    rb"\\(?:U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0aveNLP_])|u[dD][89a-fA-F])"
)
_DIGITS = re.compile(rb"[0-9a-fA-F]{8}")
_SURROGATES = range(0xD800, 0xE000)
_PAIR = b"\xff\xff"  # stands for an escaped backslash; UTF-8 has no such byte


class IrregularError(Exception):
    """Something that the scanner does not know for certain."""


def unquoted(raw: bytes) -> bytes:
    """The text of a scalar on one line, in whatever quotes it stands."""
    if _PLAIN.fullmatch(raw):
        return raw
    read = _QUOTES.get(raw[:1])
    if read is None:
        raise IrregularError
    return read(raw)


def text(raw: bytes) -> str:
    """The same, decoded."""
    return unquoted(raw).decode()


def data(raw: bytes) -> bytes:
    """A body on one line: the text in UTF-8, or the bytes of a `!!binary`."""
    return binary(raw[len(_BINARY) :]) if raw.startswith(_BINARY) else unquoted(raw)


def literal(margin: bytes, chomping: bytes, raw: bytes) -> bytes:
    """The text of a literal block from behind its first margin; empty lines may have none."""
    lines = raw.replace(b"\n" + margin, b"\n")
    if chomping == b"+":
        return lines
    stripped = lines.rstrip(b"\n")
    return stripped + b"\n" if stripped and not chomping else stripped


def binary_lines(margin: bytes, raw: bytes) -> bytes:
    """The bytes of a literal block of base64."""
    return binary(literal(margin, b"-", raw).replace(b"\n", b""))


def binary(raw: bytes) -> bytes:
    """Base64, not empty and without anything between its characters."""
    try:
        return binascii.a2b_base64(raw or b"=", strict_mode=True)
    except ValueError as error:
        raise IrregularError from error


def _single_quoted(raw: bytes) -> bytes:
    inner = _inside(raw)
    if b"'" not in inner:
        return inner
    if inner.count(b"'") != 2 * inner.count(b"''"):
        raise IrregularError
    return inner.replace(b"''", b"'")


def _double_quoted(raw: bytes) -> bytes:
    """Nearly a JSON string, so that the JSON decoder, which is fast, reads it.

    YAML knows more escapes than JSON; JSON has surrogate pairs, and YAML has not.
    """
    inner = _inside(raw)
    if b"\\" not in inner and b'"' not in inner:
        return inner
    value = _json_string(raw)
    if value is None:
        value = _json_string(_with_emoji(raw))
    if value is None or (not value.isascii() and b"\\u" in raw):
        value = _json_string(_as_json(raw))
    if value is None:
        raise IrregularError
    return value.encode()


def _inside(raw: bytes) -> bytes:
    """What stands between two quotes that are the same."""
    if len(raw) < 2 or raw[-1] != raw[0]:
        raise IrregularError
    return raw[1:-1]


def _json_string(raw: bytes) -> str | None:
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        return decode(raw, type=str)
    except DecodeError:
        return None


def _with_emoji(raw: bytes) -> bytes:
    r"""The same with emoji for `\U0001F600`, often the one kind of escape that JSON lacks.

    Left as it is where a backslash, escaped perhaps, stands before one.
    """
    first, *rest = raw.split(rb"\U")
    if any(piece.endswith(b"\\") for piece in (first, *rest)):
        return raw
    return first + b"".join([_emoji(piece[:8]) + piece[8:] for piece in rest])


def _as_json(raw: bytes) -> bytes:
    """The same with every escape of YAML's own as JSON has it, and without surrogates."""
    aligned = raw.replace(rb"\\", _PAIR)  # every backslash is the beginning of an escape
    return _NOT_IN_JSON.sub(_json_escape, aligned).replace(_PAIR, rb"\\")


@lru_cache(maxsize=256)
def _emoji(digits: bytes) -> bytes:
    if not _DIGITS.fullmatch(digits):
        raise IrregularError
    return _in_json(int(digits, 16))


def _json_escape(match: re.Match[bytes]) -> bytes:
    digits, word = match[1] or match[2], match[3]
    if not digits and not word:
        raise IrregularError
    return _in_json(int(digits, 16) if digits else _CODES[word])


def _in_json(code: int) -> bytes:
    if code in _SURROGATES or code > sys.maxunicode:
        raise IrregularError
    return b"\\u%04x" % code if code <= 0xFFFF else chr(code).encode()


_QUOTES = {b"'": _single_quoted, b'"': _double_quoted}

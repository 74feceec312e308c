"""The forms in which a value can stand in a cassette's text. A row of ENCODINGS is one encoding."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_BACKSLASHES = re.compile(r"\\+")
_ALPHABET = rb"A-Za-z0-9+/_-"
_MARKS = re.sub(rb"[%b]" % _ALPHABET, b"x", re.sub(rb"[^%b]" % _ALPHABET, b" ", bytes(range(256))))
_SAMPLE = 48
_LONG = b"x" * (_SAMPLE + 8)  # longer than the ids that stand in every event of a stream
_BLOCK = re.compile(rb"[%b]++(?:(?:\\++[rn/]|\\?\n *+\\?)++[%b]++)*" % (_ALPHABET, _ALPHABET))
_BREAKS = re.compile(rb"\\+[rn]|\\(?=/)|\\?\n *\\?")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_WRITTEN = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
_OTHERWISE = {"'": "''", "\n": r"\\*+n|\n *", "\r": r"\\*+r", "\t": r"\\*+t", " ": r"\+"}


def patterns(value: str) -> Iterator[tuple[str, re.Pattern[bytes]]]:
    """What finds a value in each encoding, with the encoding's name."""
    for encoding, forms in ENCODINGS.items():
        for form in dict.fromkeys(forms(value)):
            yield encoding, re.compile(_bytes(form))


def _escaped(value: str) -> Iterator[str]:
    """As it stands, and escaped for JSON (nested too), URLs and YAML, alone and mixed.

    A run of backslashes is taken as a whole and from its start, so that the search stays linear.
    """
    once = _BACKSLASHES.sub(r"\\", value)
    start = "" if re.match("[A-Za-z0-9]", once) else r"(?<!\\)"
    yield start + "".join(map(_character, once))


def _character(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    if char == "\\":
        return r"(?:\\|u005[cC]|%5[cC])++"
    units = char.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    forms = [
        rf"\\*+{re.escape(char)}",
        "".join(rf"\\*+u(?i:{unit})" for unit in units),
        "".join(f"%(?i:{byte:02x})" for byte in _bytes(char)),
    ]
    if char in _OTHERWISE:
        forms.insert(0, _OTHERWISE[char])
    return f"(?:{'|'.join(forms)})"


def _base64(value: str) -> Iterator[str]:
    """The characters that depend on nothing before or after the value, which begins anywhere."""
    data = _bytes(value)
    for before in range(3):
        first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
        for encoded in (b64encode, urlsafe_b64encode):
            yield re.escape(encoded(bytes(before) + data)[first:last].decode())


def _hex(value: str) -> Iterator[str]:
    digits = _bytes(value).hex()
    yield from (digits, digits.upper())


def base64_texts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The texts that stand in base64, of either alphabet and in lines or not, with their places.

    Told by a sample: images, sound, archives and ciphers are none. Blocks of under 56 characters
    are passed over.
    """
    marks = data.translate(_MARKS)
    start = marks.find(_LONG)
    while start != -1:
        end = marks.find(b" ", start)
        begin = _where_text_begins(data, start)
        if begin is not None and (block := _BLOCK.match(data, begin)):
            end = block.end()
            yield start, _decoded(_BREAKS.sub(b"", block[0]))
        start = marks.find(_LONG, end) if end != -1 else -1


def _where_text_begins(data: bytes, start: int) -> int | None:
    """Where in the first letters of a block; None where it holds no text."""
    first = start + (data[start - 1 : start] == b"\\")  # a letter that belongs to a `\n`
    for begin in range(first, first + 5):  # a byte order mark takes four
        sample = _decoded(data[begin : begin + _SAMPLE])
        if len(sample.translate(None, _WRITTEN)) * 5 <= len(sample):
            return begin
    return None


def _decoded(block: bytes) -> bytes:
    """The bytes of a block whose end may be missing."""
    whole = len(block) - (len(block) % 4 == 1)
    return b64decode(block[:whole].translate(_STANDARD) + b"=" * (-whole % 4))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


ENCODINGS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "escaped": _escaped,
    "base64": _base64,
    "hex": _hex,
}

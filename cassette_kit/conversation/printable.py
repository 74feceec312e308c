"""Text of a cassette for people: safe for any terminal, JSON in lines, base64 by its name."""

from __future__ import annotations

import hashlib
import json
import re

from cassette_kit.conversation.fields import parsed, well_formed
from cassette_kit.json_path import escaped

# Control characters but tab and line feed, what turns the direction of writing, what is not seen
# (zero-width blanks, tags), line ends that are none to git, and unpaired surrogates. Joiners and
# the usual variation selectors stay: emoji and several scripts need them. The set is written out,
# because `str.isprintable` changes with Python's version of Unicode.
_INVISIBLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:data:(?P<type>[\w.+-]+/[\w.+-]+)[\w;=.+-]*;base64,)?"
    r"(?P<data>[A-Za-z0-9+/_-]{256,}={0,2})"
)
_MIXED = re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=\D*\d)")


def visible(text: str) -> str:
    """Text with everything that a terminal obeys or a reader cannot see as a JSON escape.

    `\\u001b` rather than a picture such as U+241B: misses spell it so, bodies do, and it is found
    by a search for what is printed. Line feeds and tabs stay, and so do backslashes.
    """
    return _INVISIBLE.sub(lambda found: escaped(found[0]), text)


def one_line(text: str) -> str:
    """The same for text that must not break a line."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def laid_out(text: str) -> str:
    """JSON text in lines, its numbers and repeated keys as they stand; other text as it is."""
    import msgspec

    try:
        lines = msgspec.json.format(text, indent=2)
    except (ValueError, RecursionError):  # unpaired surrogates, which the standard library takes
        value = parsed(text)
        return text if value is None else _dumped(value, indent=2)
    return _STRING.sub(_unescaped, lines) if "\\u" in lines else lines


def _unescaped(string: re.Match[str]) -> str:
    """A JSON string with its letters as such; what cannot be written so stays escaped."""
    if "\\u" not in string[0]:
        return string[0]
    return _dumped(json.loads(string[0], strict=False))


def _dumped(value: object, *, indent: int | None = None) -> str:
    return json.dumps(well_formed(value), ensure_ascii=False, indent=indent)


def without_base64(text: str) -> str:
    """Text with long base64 named by type, size and digest; a word of many letters stays."""
    return _BASE64.sub(_named, text)


def summary(kind: str, data: bytes, size: int) -> str:
    """What stands for data; the digest tells two images of one size apart."""
    return f"<{kind}, {size:,} bytes, sha256 {hashlib.sha256(data).hexdigest()[:8]}>"


def _named(found: re.Match[str]) -> str:
    data = found["data"]
    if not _MIXED.match(data):
        return found[0]
    size = len(data.rstrip("=")) * 3 // 4
    return summary(found["type"] or "base64", data.encode(), size)

"""What a plain YAML scalar would mean to go-yaml: null, boolean, number, time, or just text.

Source: YAML 1.1 words as go-yaml knows them, integers and floats as Go's strconv parses them.
"""

from __future__ import annotations

import math
import re
from datetime import datetime


def _in_three_cases(*words: str) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, word.capitalize(), word.upper()))


NULL_WORDS = frozenset({"", "~", "null", "Null", "NULL"})
TRUE_WORDS = _in_three_cases("true", "yes", "on", "y")
FALSE_WORDS = _in_three_cases("false", "no", "off", "n")
MERGE_WORD = "<<"
_INFINITIES = frozenset(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF"))
_NOT_NUMBERS = frozenset({".nan", ".NaN", ".NAN"})
_WORDS = NULL_WORDS | TRUE_WORDS | FALSE_WORDS | {MERGE_WORD} | _INFINITIES | _NOT_NUMBERS

_NUMBER_START = frozenset("+-.0123456789")
_LONGEST_INTEGER = 70  # sign, prefix and 64 bits in base 2; longer ones are out of range
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
_CLOCK = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
_ZONE = r"(?:Z|[-+]([0-9]{2}):([0-9]{2}))"
_TIMESTAMPS = (
    re.compile(_DATE),
    re.compile(f"{_DATE} {_CLOCK}"),
    re.compile(f"{_DATE}[Tt]{_CLOCK}{_ZONE}"),
)


def is_plain_text(text: str) -> bool:
    """Whether the characters, unquoted, stand for themselves and for nothing else."""
    if text in _WORDS:
        return False
    return text[0] not in _NUMBER_START or not (
        is_number(text) or _BASE_60.fullmatch(text) or _is_timestamp(text)
    )


def is_number(text: str) -> bool:
    """Whether go-yaml reads the characters as an integer or a finite float."""
    return whole_number(text) is not None or _float(text) is not None


def whole_number(text: str) -> int | None:
    """The integer that the characters stand for (`200`, `0xC8`, `0o310`, `1_000`), else None."""
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_INTEGER or text.startswith("_"):
        return None
    match = _INTEGER.fullmatch(digits)
    if match is None:
        return None
    digits, base = next(pair for pair in zip(match.groups()[1:], _BASES, strict=True) if pair[0])
    value = int(match[1] + digits, base)
    return value if -(1 << 63) <= value < 1 << 64 else None


def int64(text: str) -> int | None:
    """As `whole_number`, with floats that are whole (`200.0`, `2e2`), within 64 signed bits."""
    value = whole_number(text)
    if value is None:
        number = _float(text)
        value = int(number) if number is not None and number.is_integer() else None
    return value if value is not None and -(1 << 63) <= value < 1 << 63 else None


def _float(text: str) -> float | None:
    digits = text.replace("_", "")
    if text.startswith("_") or not _FLOAT.fullmatch(digits):
        return None
    number = float(digits)
    return None if math.isinf(number) else number  # Go calls 1e400 out of range: text


def _is_timestamp(text: str) -> bool:
    matches = (form.fullmatch(text) for form in _TIMESTAMPS)
    return any(
        _is_date_and_time([int(group or 0) for group in match.groups()])
        for match in matches
        if match is not None
    )


def _is_date_and_time(numbers: list[int]) -> bool:
    """Year, month, day; then hour, minute, second; then the zone's hours and minutes."""
    year, month, day, hour, minute, second, zone_hour, zone_minute = (*numbers, 0, 0, 0, 0, 0)[:8]
    try:
        datetime(year or 2000, month, day, hour, minute, second)  # Go has a year 0, a leap year
    except ValueError:
        return False
    return zone_hour <= 24 and zone_minute <= 60

"""Go durations ("1m5.2s", "172.074667ms") to integer nanoseconds and back.

Source: time.ParseDuration and time.Duration.String of Go's standard library.
"""

from __future__ import annotations

import re

# Go accepts U+00B5 (micro sign) and U+03BC (Greek mu); it writes the former.
UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60 * 1_000_000_000,
    "h": 3600 * 1_000_000_000,
}
_LONGEST_INT64 = 19  # decimal digits
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")


def parse_duration(text: str) -> int:
    """The nanoseconds of a Go duration.

    Raises:
        ValueError: no number, no unit, an unknown unit, or more than 64 bits.
    """
    unsigned = text[1:] if text[:1] in {"-", "+"} else text
    if unsigned == "0":
        return 0
    if not unsigned:
        raise ValueError("no number")
    total, position = 0, 0
    while position < len(unsigned):
        part = _PART.match(unsigned, position)
        assert part is not None  # every group may be empty
        total += _part_ns(part[1], part[2] or "", part[3])
        position = part.end()
    return _in_range(-total if text[0] == "-" else total)


def format_duration(duration_ns: int) -> str:
    """The text that Go writes for a duration: no zero units, no trailing zeros.

    Raises:
        ValueError: more than 64 bits.
    """
    _in_range(duration_ns)
    sign, amount = ("-", -duration_ns) if duration_ns < 0 else ("", duration_ns)
    return sign + (_long(amount) if amount >= UNITS_NS["s"] else _short(amount))


def _part_ns(whole: str, fraction: str, unit: str) -> int:
    if not whole and not fraction:
        raise ValueError("no number")
    if unit not in UNITS_NS:
        raise ValueError(f"unknown unit {unit!r}" if unit else "no unit")
    if len(whole.lstrip("0")) > _LONGEST_INT64:
        raise ValueError("more than 64 bits")
    return int(whole or "0") * UNITS_NS[unit] + _fraction_ns(fraction, UNITS_NS[unit])


def _fraction_ns(digits: str, unit_ns: int) -> int:
    """In Go's floating-point steps, so that "0.3333333333333333333h" is 20 minutes here too."""
    value, scale = 0, 1.0
    for digit in digits:
        longer = value * 10 + int(digit)
        if longer > 1 << 63:
            break
        value, scale = longer, scale * 10
    return int(value * (unit_ns / scale))


def _in_range(duration_ns: int) -> int:
    if not -(1 << 63) <= duration_ns < 1 << 63:
        raise ValueError("more than 64 bits")
    return duration_ns


def _short(amount: int) -> str:
    if amount == 0:
        return "0s"
    if amount < 1_000:
        return f"{amount}ns"
    if amount < 1_000_000:
        return _decimal(amount, 3) + "\u00b5s"
    return _decimal(amount, 6) + "ms"


def _long(amount: int) -> str:
    minutes, rest = divmod(amount, UNITS_NS["m"])
    hours, minutes_left = divmod(minutes, 60)
    seconds = _decimal(rest, 9) + "s"
    if hours:
        return f"{hours}h{minutes_left}m{seconds}"
    return f"{minutes_left}m{seconds}" if minutes_left else seconds


def _decimal(amount: int, places: int) -> str:
    whole, fraction = divmod(amount, 10**places)
    digits = f"{fraction:0{places}d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)

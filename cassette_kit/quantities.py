"""Numbers as people say them: how many, how large, how long."""

from __future__ import annotations

_SIZES = (("MB", 1_000_000), ("kB", 1_000))


def counted(number: int, noun: str) -> str:
    """A number of things: `1 cassette`, `2,000 cassettes`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def size(count: int) -> str:
    """A number of bytes: `412 B`, `4.6 kB`, `33.1 MB`."""
    for unit, factor in _SIZES:
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count} B"


def duration(ms: float) -> str:
    """A time in milliseconds: `389 ms`, `1.97 s`, `65.2 s`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if ms < 10_000 else f"{ms / 1000:,.1f} s"

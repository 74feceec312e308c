"""Cuts a body into units, taking its bytes in whatever portions they come.

Strategy: a kind of body is a generator over the bytearray of bytes held so far. It yields the size
of the unit at its front, which is then taken off, or MORE while that cannot be told; once it has
ended, the rest is one unit. It decides only what no further byte can change, so the pieces do not
depend on the portions; a search goes on where the last one stopped, so the cost is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import re

MORE = 0
Sizes: TypeAlias = Generator[int, None, None]
Kind: TypeAlias = Callable[[bytearray], Sizes]

BREAK = rb"(?:\r\n?+|\n)"
# A lone CR may be half of a CRLF until the byte after it is known.
CERTAIN_BREAK = rb"(?:\r\n|\n|\r(?=[^\n]))"


class Cutter(Protocol):
    """Takes a body in any portions and returns it in the pieces a server would have sent."""

    def push(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the pieces that are complete by now."""

    def finish(self) -> list[bytes]:
        """Return what was held back, as one piece if there is any."""


class UnitCutter:
    """A cutter for one kind of body; it holds back one unit at most."""

    def __init__(self, kind: Kind) -> None:
        self._held = bytearray()
        self._sizes = kind(self._held)

    def push(self, data: bytes) -> list[bytes]:
        self._held += data
        pieces = []
        while size := next(self._sizes, MORE):
            pieces.append(bytes(self._held[:size]))
            del self._held[:size]
        return pieces

    def finish(self) -> list[bytes]:
        tail = bytes(self._held)
        self._held.clear()
        return [tail] if tail else []


def cut(body: bytes, kind: Kind) -> list[bytes]:
    """A complete body in units of one kind."""
    cutter = UnitCutter(kind)
    return cutter.push(body) + cutter.finish()


def find(
    held: bytearray, pattern: re.Pattern[bytes], start: int = 0, *, overlap: int = 0
) -> Generator[int, None, re.Match[bytes]]:
    """The first match from `start` on; yields MORE until there is one.

    `overlap` is how many bytes a match may have begun with where the held ones end.
    """
    while (match := pattern.search(held, start)) is None:
        start = max(start, len(held) - overlap)
        yield MORE
    return match

"""Replaces spans of bytes, and says what that does to the sizes of the chunks they came in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REDACTED = b"REDACTED"


class Edit(NamedTuple):
    """The bytes from `start` up to `end` become `text`."""

    start: int
    end: int
    text: bytes = REDACTED

    def changes(self, data: bytes) -> bool:
        """Whether it has something to replace: not nothing, and no part of a value already gone."""
        at = data.find(REDACTED, max(0, self.start - len(REDACTED) + 1), self.end + len(REDACTED))
        gone = at != -1 and at <= self.start and self.end <= at + len(REDACTED)
        return self.start < self.end and not gone


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order; those that overlap become one, with the text of the first."""
    result: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if result and edit.start < result[-1].end:
            result[-1] = result[-1]._replace(end=max(edit.end, result[-1].end))
        else:
            result.append(edit)
    return result


def applied(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data with merged `edits` made; every other byte is as it was."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [data[at : edit.start], edit.text]
        at = edit.end
    return b"".join([*pieces, data[at:]])


def resized(
    chunks: Iterable[tuple[int, int]], edits: Sequence[Edit]
) -> tuple[tuple[int, int], ...]:
    """The (delay, size) of each chunk after merged `edits`.

    A new text counts to the chunk in which the old one began. A chunk that only held the rest of
    an old text is gone; its delay goes to the next one.
    """
    sizes: list[tuple[int, int]] = []
    pending = deque(edits)
    end = grown = before = waited = 0
    for delay_ms, size in chunks:
        end += size
        while pending and pending[0].end <= end:
            grown += _growth(pending.popleft())
        now = end + grown
        if pending and pending[0].start < end:
            now += _growth(pending[0]._replace(end=end))
        waited += delay_ms
        if now > before or not size:
            sizes.append((waited, now - before))
            before, waited = now, 0
    return tuple(sizes)


def _growth(edit: Edit) -> int:
    return len(edit.text) - (edit.end - edit.start)

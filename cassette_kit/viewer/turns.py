"""Which turn a request continues, and what it adds to it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Turn(NamedTuple):
    """What a request and its answer say, message for message; equal numbers say the same."""

    asked: Sequence[int]
    answered: Sequence[int]

    @property
    def said(self) -> tuple[int, ...]:
        """Everything that had been said when the turn ended."""
        return (*self.asked, *self.answered)


def turn_before(turns: Sequence[Turn], turn: Turn) -> int | None:
    """Which of the turns so far this one continues: it begins with most of the same messages.

    Of several the latest; None where none begins with the same message.
    """
    shared = [_common(earlier.said, turn.asked) for earlier in turns]
    longest = max(shared, default=0)
    return len(shared) - 1 - shared[::-1].index(longest) if longest else None


def new_messages(before: Turn | None, turn: Turn) -> list[int]:
    """Where in the request messages stand that the turn before did not hold."""
    known = frozenset(before.said) if before else frozenset()
    return [place for place, message in enumerate(turn.asked) if message not in known]


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many messages are the same at the beginning of both."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

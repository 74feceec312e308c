"""Which turn a request continues, and what it adds to it."""

from __future__ import annotations

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


class Turns:
    """The turns of a cassette so far, as a tree of their messages: each place in it is a beginning
    that one or more of them have in common."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._places: dict[tuple[int, int], int] = {}
        self._latest: list[int | None] = [None]

    def add(self, turn: Turn) -> None:
        """Remember a turn as the latest of those that begin as it does."""
        place = 0
        for message in turn.said:
            place = self._places.setdefault((place, message), len(self._latest))
            if place == len(self._latest):
                self._latest.append(None)
            self._latest[place] = len(self._turns)
        self._turns.append(turn)

    def before(self, turn: Turn) -> int | None:
        """The turn that this one continues: it begins with most of the same messages.

        Of several the latest; None where none begins with the same message.
        """
        place = 0
        for message in turn.asked:
            if (place, message) not in self._places:
                break
            place = self._places[place, message]
        return self._latest[place]

    def new_messages(self, turn: Turn) -> list[int]:
        """Where in the request messages stand that the turn before did not hold."""
        before = self.before(turn)
        known = frozenset() if before is None else frozenset(self._turns[before].said)
        return [place for place, message in enumerate(turn.asked) if message not in known]

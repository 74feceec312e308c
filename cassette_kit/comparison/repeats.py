"""Changes that come back: requests repeat the turns before them, and so what changed in these."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from cassette_kit.comparison.wording import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from cassette_kit.comparison.change import Change, Pair, Places


class Repeats:
    """Which pair had each change first, and which pairs have but changes that others had.

    Numbers are told wherever they stand: that two are equal is no repetition.
    """

    def __init__(self, changed: Sequence[Pair]) -> None:
        self._first: dict[Hashable, Places] = {}
        for pair in changed:
            for change in pair.changes:
                if change.section not in NUMBERS:
                    self._first.setdefault(change.values, pair.places)

    def origin(self, change: Change, pair: Pair) -> Places | None:
        """The pair before that has the same change; None where it is new."""
        first = pair.places if change.section in NUMBERS else self._first[change.values]
        return None if first == pair.places else first

    def origins(self, pair: Pair) -> tuple[Places, ...]:
        """The pairs that have all of its changes; empty if one of them is new."""
        found = [self.origin(change, pair) for change in pair.changes]
        known = dict.fromkeys(one for one in found if one)
        return () if None in found or pair.is_cut else tuple(known)

    def runs(self, changed: Iterable[Pair]) -> Iterator[list[Pair]]:
        """Pairs that follow one another and repeat the same changes at the same places; any other
        pair alone."""

        def kind(numbered: tuple[int, Pair]) -> Hashable:
            number, pair = numbered
            origins = self.origins(pair)
            where = [(change.section, change.where) for change in pair.changes]
            distance = pair.before - number, pair.after - number
            return (origins, *where, *distance) if origins else number

        for _, run in groupby(enumerate(changed), kind):
            yield [pair for _, pair in run]

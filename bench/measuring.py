"""Takes measures of several sides in turn, and sums them up.

A side is first asked for its answer, which must be the expected one; only then is it timed.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Clock = Callable[[], float]

ENOUGH_S = 0.02
"""How long a take lasts at least: cheap work is repeated."""


@dataclass(frozen=True, slots=True)
class Side:
    """`take` gives one measure, in seconds or bytes; `answer` what the work gives."""

    take: Callable[[], float]
    answer: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """Sides that do the same work. The first is the measure of the others, its cost is 1.

    `goals` are ratios that a side is not to exceed. In a chart the row stands at `x`; each side has
    a line there, or `line` names the one that the row belongs to.
    """

    what: str
    sides: Mapping[str, Side]
    expected: object
    goals: Mapping[str, float] = field(default_factory=dict)
    x: float | None = None
    line: str | None = None
    unit: str = "s"


@dataclass(frozen=True, slots=True)
class Result:
    """The measures of a row by side, one a round."""

    row: Row
    taken: Mapping[str, Sequence[float]]

    def median(self, side: str) -> float:
        return median(self.taken[side])

    def minimum(self, side: str) -> float:
        return min(self.taken[side])

    def ratio(self, side: str) -> float:
        """The side's median in medians of the first side."""
        return self.median(side) / self.median(self._first)

    def spread(self, side: str) -> tuple[float, float]:
        """The least and the greatest ratio within a single round."""
        pairs = zip(self.taken[side], self.taken[self._first], strict=True)
        ratios = [ours / first for ours, first in pairs]
        return min(ratios), max(ratios)

    @property
    def _first(self) -> str:
        return next(iter(self.row.sides))


class WrongAnswerError(Exception):
    """A side does not do the work that it would be timed for."""


def measured(row: Row, *, rounds: int, seconds: float) -> Result:
    """Let the sides take turns: at least `rounds` times, and until `seconds` have passed.

    Who begins changes from round to round. What was there before is no business of the garbage
    collector while the clock runs.

    Raises:
        WrongAnswerError: before anything is timed.
    """
    for name, side in row.sides.items():
        check(row, name, side)
    taken: dict[str, list[float]] = {name: [] for name in row.sides}
    order = list(row.sides)
    gc.collect()
    gc.freeze()
    end = time.monotonic() + seconds
    while len(taken[order[-1]]) < rounds or time.monotonic() < end:
        for name in order:
            taken[name].append(row.sides[name].take())
        order.append(order.pop(0))
    gc.unfreeze()
    return Result(row, taken)


def check(row: Row, name: str, side: Side) -> None:
    """Raise WrongAnswerError if a side's answer is not the expected one."""
    answer = side.answer()
    if answer != row.expected:
        found, expected = (repr(value)[:200] for value in (answer, row.expected))
        raise WrongAnswerError(f"{row.what}: {name} gives {found}, expected {expected}")


def timed(work: Callable[[], object], clock: Clock = time.process_time) -> Callable[[], float]:
    """A take of some work: seconds of processor time for doing it once."""

    def take() -> float:
        gc.collect(1)
        count, start = 0, clock()
        while True:
            work()
            count += 1
            passed = clock() - start
            if passed > ENOUGH_S:
                return passed / count

    return take


def timed_answer(work: Callable[[], object]) -> Side:
    """A side whose answer is what the timed work gives."""
    return Side(timed(work), work)


def limit(work: Callable[[], object], expected: object) -> Side:
    """A side that is no contender: what others cannot be below, or do not do."""
    return Side(timed(work), lambda: expected)

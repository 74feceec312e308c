"""How much of everything is measured: all of it, or what a minute holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import cassettes

if TYPE_CHECKING:
    from bench.cassettes import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """`counts` and `body_sizes` (bytes) are the places on the charts' axes, `tests` the sizes of
    suites with cassettes, `trivial` of those without. A row is measured for so many `rounds` and
    so many `seconds` at least."""

    cases: tuple[Case, ...]
    counts: tuple[int, ...]
    body_sizes: tuple[int, ...]
    tests: int
    trivial: tuple[int, ...]
    rounds: int
    seconds: float


FULL = Extent(
    cases=cassettes.FULL,
    counts=(1, 10, 100, 1000, 4000),
    body_sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    tests=300,
    trivial=(1, 500),
    rounds=5,
    seconds=4.0,
)
QUICK = Extent(
    cases=cassettes.QUICK,
    counts=(1, 100),
    body_sizes=(1_000, 100_000),
    tests=20,
    trivial=(1,),
    rounds=3,
    seconds=0.1,
)
LEAST = Extent(
    cases=(cassettes.TINY,),
    counts=(2,),
    body_sizes=(1_000,),
    tests=2,
    trivial=(1,),
    rounds=1,
    seconds=0.0,
)

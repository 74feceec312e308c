"""Measure, print, and in a full run write down what was measured.

python -m bench [--quick] [FAMILY ...]
"""

from __future__ import annotations

import argparse
import sys

from bench import opening, loading, saving, memory, position, calls
from bench.extent import FULL, QUICK
from bench.measuring import measured

FAMILIES = {
    "open": opening,
    "load": loading,
    "save": saving,
    "memory": memory,
    "position": position,
    "calls": calls,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small sizes, in under a minute")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    arguments = parser.parse_args()
    extent = QUICK if arguments.quick else FULL
    for name, family in FAMILIES.items():
        if arguments.families and name not in arguments.families:
            continue
        for row in family.rows(extent):
            result = measured(row, rounds=extent.rounds, seconds=extent.seconds)
            print(
                name,
                row.what,
                {
                    s: (round(result.median(s) * 1e3, 2), round(result.ratio(s), 3))
                    for s in row.sides
                },
                flush=True,
            )


if __name__ == "__main__":
    main()

"""Measure everything, beside every other way of doing the same.

A full run is written into RESULTS.md and charts; --quick and single families are only printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench import report
from bench.drawings import drawings
from bench.extent import FULL, QUICK
from bench.families import FAMILIES
from bench.measuring import measured
from bench.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extent import Extent
    from bench.measuring import Result

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the small sizes, in under a minute")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    arguments = parser.parse_args()
    if unknown := set(arguments.families) - FAMILIES.keys():
        parser.error(f"no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    made_on = surroundings()
    names = arguments.families or list(FAMILIES)
    extent = QUICK if arguments.quick else FULL
    results = {name: family_results(name, extent) for name in names}
    if not arguments.quick and not arguments.families:
        write(results, made_on)


def family_results(name: str, extent: Extent) -> list[Result]:
    """Every row of a family, printed as soon as it is there."""
    found = []
    for row in FAMILIES[name].rows(extent):
        found.append(measured(row, rounds=extent.rounds, seconds=extent.seconds))
        print(report.terminal(name, found[-1]), flush=True)
    return found


def write(results: Mapping[str, Sequence[Result]], made_on: Mapping[str, str]) -> None:
    (HERE / "charts").mkdir(exist_ok=True)
    found = drawings(results)
    for name, svg in found.items():
        (HERE / "charts" / f"{name}.svg").write_text(svg)
    (HERE / "RESULTS.md").write_text(report.markdown(results, made_on=made_on, charts=found))


if __name__ == "__main__":
    main()

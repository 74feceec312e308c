"""Measure everything, beside every other way of doing the same.

A full run is written into RESULTS.md and charts; --quick and single families are only printed.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bench.drawings import drawings
from bench.extent import FULL, QUICK
from bench.families import FAMILIES
from bench.measuring import measured
from bench.report import Section, markdown, terminal
from bench.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extent import Extent

HERE = Path(__file__).parent
MODES = ("CI", "CASSETTE_MODE")
"""What keeps the kit from recording, or makes it; the bench says itself what it wants."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the small sizes, in under a minute")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    arguments = parser.parse_args()
    if unknown := set(arguments.families) - FAMILIES.keys():
        parser.error(f"no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    for name in MODES:
        os.environ.pop(name, None)
    made_on = surroundings()
    names = arguments.families or list(FAMILIES)
    extent = QUICK if arguments.quick else FULL
    sections = [measured_section(name, extent) for name in names]
    if not arguments.quick and not arguments.families:
        write(sections, made_on)


def measured_section(name: str, extent: Extent) -> Section:
    """Every row of a family, printed as soon as it is there."""
    found = []
    for row in FAMILIES[name].rows(extent):
        found.append(measured(row, rounds=extent.rounds, seconds=extent.seconds))
        print(terminal(name, found[-1]), flush=True)
    return Section.of(name, FAMILIES[name], found)


def write(sections: Sequence[Section], made_on: Mapping[str, str]) -> None:
    (HERE / "charts").mkdir(exist_ok=True)
    for name, svg in drawings(sections).items():
        (HERE / "charts" / f"{name}.svg").write_text(svg)
    (HERE / "RESULTS.md").write_text(markdown(sections, made_on=made_on))


if __name__ == "__main__":
    main()

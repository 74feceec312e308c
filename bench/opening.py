"""Open a cassette for replay and play one call

Each tool opens its own file of the same exchanges, answers the first of them through httpx, and
closes the file. vcrpy reads with libyaml (its `_CassetteLoader` is a CSafeLoader), matches method,
URI and body and patches httpx alone; cassetter matches method, URI and `json_body`. `file read` is
the bytes of our file and nothing else: no reader can be below that. Several cassettes are opened
one after the other. cassetter spells JSON anew, so its JSON answers are compared as JSON.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench import cassettes
from bench.measuring import Row, Side, limit, timed
from bench.tools import TOOLS, as_expected, played

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cassettes import Case
    from bench.extent import Extent
    from bench.tools import Tool

GOAL = 0.25
GOALS = {cassettes.SMALL.name: 0.1, cassettes.IMAGE.name: 0.9}


def rows(extent: Extent) -> Iterator[Row]:
    for case in extent.cases:
        with TemporaryDirectory() as folder:
            yield row(case, Path(folder), GOALS.get(case.name, GOAL))


def row(case: Case, folder: Path, goal: float | None = None, x: float | None = None) -> Row:
    """A row over files that are written into a folder."""
    sides = {name: side(tool, written(name, case, folder), case) for name, tool in TOOLS.items()}
    paths = written("cassette_kit", case, folder)
    expected = bodies(case)
    sides["file read"] = limit(lambda: [path.read_bytes() for path in paths], expected)
    return Row(case.title, sides, expected, {} if goal is None else {"cassette_kit": goal}, x)


def written(name: str, case: Case, folder: Path) -> list[Path]:
    """The files of a tool, written where they are not there yet."""
    paths = [folder / f"{name}-{number}.yaml" for number in range(len(case.cassettes))]
    for path, cassette in zip(paths, case.cassettes, strict=True):
        if not path.exists():
            TOOLS[name].write(path, cassette)
    return paths


def side(tool: Tool, paths: list[Path], case: Case) -> Side:
    calls = [
        (path, cassette.interactions[0].request)
        for path, cassette in zip(paths, case.cassettes, strict=True)
    ]

    def work() -> list[bytes]:
        return [played(tool, path, request) for path, request in calls]

    def answer() -> list[bytes]:
        return list(map(as_expected, work(), bodies(case))) if tool.respells else work()

    return Side(timed(work), answer)


def bodies(case: Case) -> list[bytes]:
    return [cassette.interactions[0].response.body for cassette in case.cassettes]

"""Memory that opening a cassette takes at its peak

A process of its own opens a tiny file and plays one call, so that everything is imported, and then
does the same with the large one. Measured is its peak less what it held in between, in sizes of our
file, whose bytes count. Linux only: that is where a process can be asked for its own peak
(`VmHWM`); the one of `getrusage` begins with that of its parent.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cassette_kit as ck
from bench import cassettes
from bench.measuring import Row, Side
from bench.opening import bodies, written
from bench.tools import TOOLS, as_expected, played

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cassettes import Case
    from bench.extent import Extent

STATUS = Path("/proc/self/status")
GOALS = {cassettes.LARGE.name: 1.5}
LARGE_BYTES = 3_000_000


def rows(extent: Extent) -> Iterator[Row]:
    for case in extent.cases if STATUS.exists() else ():
        if len(case.files) == 1 and len(case.files[0]) > LARGE_BYTES:
            with TemporaryDirectory() as folder:
                yield row(case, Path(folder))


def row(case: Case, folder: Path) -> Row:
    size, expected = len(case.files[0]), bodies(case)[0]
    (folder / "request").write_bytes(case.cassettes[0].interactions[0].request.body)
    sides = {"file": Side(lambda: size, lambda: expected)}
    sides |= {name: side(name, case, folder) for name in TOOLS}
    goals = {"cassette_kit": GOALS[case.name]} if case.name in GOALS else {}
    return Row(case.title, sides, expected, goals, unit="B")


def side(name: str, case: Case, folder: Path) -> Side:
    [large] = written(name, case, folder)
    tiny = folder / f"{name}-tiny.yaml"
    TOOLS[name].write(tiny, cassettes.TINY.cassettes[0])
    command = [sys.executable, "-m", "bench.memory", name, str(tiny), str(large)]

    def take() -> float:
        output = subprocess.run(command, cwd=cassettes.ROOT, check=True, capture_output=True)
        return float(output.stdout)

    def answer() -> bytes:
        take()
        return as_expected((folder / "answer").read_bytes(), bodies(case)[0])

    return Side(take, answer)


def main(name: str, tiny: Path, large: Path) -> None:
    """What the process of one side does."""
    first = cassettes.TINY.cassettes[0].interactions[0].request
    request = ck.Request(
        "POST", cassettes.URL, cassettes.JSON, (large.parent / "request").read_bytes()
    )
    played(TOOLS[name], tiny, first)
    before = memory("VmRSS")
    answer = played(TOOLS[name], large, request)
    print(memory("VmHWM") - before)
    (large.parent / "answer").write_bytes(answer)


def memory(what: str) -> int:
    """Bytes of this process, as the kernel counts them under a name."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

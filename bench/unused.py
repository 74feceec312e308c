"""Have the plugin installed and not use it

The processor time of a whole process of pytest over tests that do nothing. Both sides find the
plugin by its entry point; what is 1 runs with `-p no:cassette_kit`. The plugins of the other tools
that are installed beside it are left out on both sides.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.measuring import Row
from bench.pytest_runs import pytest_side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent

GOAL = 1.04
OTHERS = ("recording", "cassetter", "respx", "pytest_httpx", "anyio")


def rows(extent: Extent) -> Iterator[Row]:
    for count in extent.trivial:
        with TemporaryDirectory() as folder:
            yield row(count, Path(folder))


def row(count: int, folder: Path) -> Row:
    tests = "".join(f"def test_{number}():\n    assert True\n\n" for number in range(count))
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_suite.py").write_text(tests)
    without = [word for name in OTHERS for word in ("-p", f"no:{name}")]
    sides = {
        "plain pytest": pytest_side(folder, *without, "-p", "no:cassette_kit", autoload=True),
        "with the plugin": pytest_side(folder, *without, autoload=True),
    }
    what = f"{count} trivial test{'s' if count > 1 else ''}"
    return Row(what, sides, {"passed": count}, {"with the plugin": GOAL})

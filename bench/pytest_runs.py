"""Processes of pytest and the processor time that they take."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.measuring import Side

if TYPE_CHECKING:
    from pathlib import Path

COUNT = re.compile(rb"(\d+) (passed|failed|errors?|warnings?|skipped)")
CHANGES_RUNS = {"CI", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"}
PLAIN = ("-q", "-p", "no:cacheprovider")


def pytest_side(folder: Path, *arguments: str, autoload: bool = False) -> Side:
    """Running the suite in a folder; answers with pytest's count of outcomes.

    What the first run compiles is there for the later ones, as it is on a user's machine.
    """

    def answer() -> dict[str, int]:
        output = run(folder, arguments, autoload)
        return {what.decode(): int(count) for count, what in COUNT.findall(output)}

    def take() -> float:
        before = children_s()
        run(folder, arguments, autoload)
        return children_s() - before

    return Side(take, answer)


def run(folder: Path, arguments: tuple[str, ...], autoload: bool) -> bytes:
    environ = {key: value for key, value in os.environ.items() if key not in CHANGES_RUNS}
    environ["PYTHONPYCACHEPREFIX"] = bytecode().name
    if not autoload:
        environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", *PLAIN, *arguments]
    process = subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False)
    return process.stdout


@cache
def bytecode() -> TemporaryDirectory[str]:
    """The folder of compiled modules, whatever the environment says of those; goes at the end."""
    return TemporaryDirectory()


def children_s() -> float:
    """Processor time of all children that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

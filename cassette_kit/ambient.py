"""What surrounds a tape: the settings of the run and the project, and whether pytest runs.

The pytest plugin states its surroundings here, before anything heavy is imported. Without it they
are read from the nearest pyproject.toml.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cassette_kit.errors import CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`command` holds options typed for this run, `project` those of the project's files, each
    under the name of its origin. `failure` is an exception class that alarms shall also be.
    `rerecord` gives what a user types to record anew. `closed` is told what each tape did."""

    command: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    project: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    failure: type[BaseException] | None = None
    rerecord: Callable[[], str] = lambda: "CASSETTE_MODE=rewrite"
    closed: Callable[[Any], None] = lambda outcome: None


_stated: list[Surroundings] = []


def state(surroundings: Surroundings) -> None:
    """Let these hold until `withdraw`; runs of pytest inside pytest nest."""
    _stated.append(surroundings)


def withdraw() -> None:
    """Take back the last statement."""
    _stated.pop()


def current() -> Surroundings:
    """The surroundings stated last, or those of a plain program."""
    if _stated:
        return _stated[-1]
    return Surroundings(project={"[tool.cassette_kit]": _nearest_table(os.getcwd())})


@functools.lru_cache(maxsize=8)
def project_table(pyproject: Path) -> Mapping[str, Any]:
    """`[tool.cassette_kit]` of a file; empty if the file or the table is not there.

    Raises:
        CassetteOptionError: the file names the package and is not TOML.
    """
    try:
        data = pyproject.read_bytes()
    except OSError:
        return {}
    if b"cassette_kit" not in data:
        return {}
    import tomllib

    try:
        tables = tomllib.loads(data.decode())
    except ValueError as error:  # not UTF-8, or not TOML
        raise CassetteOptionError(f"{pyproject}: not readable as TOML: {error}") from error
    table: dict[str, Any] = tables.get("tool", {}).get("cassette_kit", {})
    return table


@functools.lru_cache(maxsize=8)
def _nearest_table(folder: str) -> Mapping[str, Any]:
    for parent in (Path(folder), *Path(folder).parents):
        if (parent / "pyproject.toml").is_file():
            return project_table(parent / "pyproject.toml")
    return {}

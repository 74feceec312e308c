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


def configured_folder() -> Path | None:
    """Where the nearest pyproject.toml puts the cassettes; None if it does not say.

    Raises:
        CassetteOptionError: its `cassette_dir` is no path, or the file cannot be read.
    """
    project = _nearest_project(Path.cwd())
    folder: object = project_table(project).get("cassette_dir") if project else None
    if not isinstance(folder, str | None):
        raise CassetteOptionError(f"[tool.cassette_kit]: cassette_dir={folder!r}, expected a path")
    return project.parent / folder if project and folder else None


@functools.lru_cache(maxsize=8)
def _nearest_table(folder: str) -> Mapping[str, Any]:
    project = _nearest_project(Path(folder))
    return project_table(project) if project else {}


def _nearest_project(folder: Path) -> Path | None:
    files = (parent / "pyproject.toml" for parent in (folder, *folder.parents))
    return next((file for file in files if file.is_file()), None)

"""What `show` and `list` tell of a recording besides its conversation: sizes, times, its test."""

from __future__ import annotations

import ast
import functools
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.quantities import counted
from cassette_kit.store import shown
from cassette_kit.summary import summary

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from cassette_kit.model import Cassette

_DAYS = (("year", 365), ("month", 30), ("day", 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """What `list` tells of a file.

    `recorded` is the date of its oldest response (`is_dated`); where none has one that of the last
    commit that changed the file, or else of the file. `test` is "" where it cannot be told.
    """

    path: Path
    bytes: int
    interactions: int
    models: tuple[str, ...]
    hosts: tuple[str, ...]
    recorded: datetime
    is_dated: bool
    test: str


def entry(path: Path, cassette: Cassette, committed_at: datetime | None) -> Entry:
    """What is told of a file that holds that cassette; git knows it since `committed_at`."""
    file = path.stat()
    told = summary(cassette)
    changed_at = committed_at or datetime.fromtimestamp(file.st_mtime, UTC)
    return Entry(
        path=path,
        bytes=file.st_size,
        interactions=told.interactions,
        models=told.models,
        hosts=told.hosts,
        recorded=told.recorded or changed_at,
        is_dated=told.recorded is not None,
        test=test(path),
    )


def age(passed: timedelta) -> str:
    """A time that has passed, for people: `today`, `3 days`, `14 months`, `2 years`."""
    for unit, days in _DAYS:
        count = passed.days // days
        if count >= (1 if unit == "day" else 2):
            return counted(count, unit)
    return "today"


def test(path: Path) -> str:
    """The id of the test that a cassette of the default name belongs to; "" if it cannot be told.

    `tests/cassettes/test_chat/TestA.test_b.yaml` beside `tests/test_chat.py` is the cassette of
    `tests/test_chat.py::TestA::test_b`, if that module defines both. A name that was made safe does
    not tell.
    """
    from cassette_kit.pytest_plugin.paths import HASHED  # brings in pytest

    folder = path.absolute().parent
    module = folder.parents[1] / f"{folder.name}.py" if len(folder.parents) > 1 else folder
    names, bracket, parameters = path.stem.partition("[")
    *classes, function = names.split(".")
    defined = _defined(module)
    if HASHED.search(path.stem) or function not in defined.functions:
        return ""
    if not defined.classes.issuperset(classes):
        return ""
    return "::".join([shown(module), *classes, function]) + bracket + parameters


class _Defined(NamedTuple):
    classes: frozenset[str]
    functions: frozenset[str]


@functools.lru_cache(maxsize=64)
def _defined(module: Path) -> _Defined:
    """The names that the source of a module defines, at any depth; it is read, never run."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of its escapes, which are its own matter
            nodes = list(ast.walk(ast.parse(module.read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        nodes = []  # no Python, or too deep to be read
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return _Defined(
        frozenset(node.name for node in nodes if isinstance(node, ast.ClassDef)),
        frozenset(node.name for node in nodes if isinstance(node, functions)),
    )

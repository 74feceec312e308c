"""Cassette files that no collected test uses, told only where all tests were run.

A file counts as used if a tape was opened on it, or if a collected test that did not run (a skipped
one) would find its cassette there. Looked at are the folders in which collected tests keep theirs.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cassette_kit.errors import CassetteOptionError
from cassette_kit.pytest_plugin import paths, settings
from cassette_kit.pytest_plugin.items import wants_cassette

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SENT = "cassette_kit_orphans"


class Orphans:
    """Notes what is collected and run; `found` and `partial` answer when the run has ended."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._expected: dict[str, tuple[str, str]] = {}
        self._ran: set[str] = set()
        self._deselected = False
        self._used: set[str] = set()

    def use(self, cassette: str) -> None:
        """A tape was opened on this file."""
        self._used.add(str(Path(cassette).resolve()))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._deselected = self._deselected or bool(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in filter(wants_cassette, session.items):
            with suppress(CassetteOptionError):  # a wrong marker, told in the set-up of the test
                self._expected[item.nodeid] = _expected(item)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._ran.add(nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[SENT] = [self._expected, self._deselected, sorted(self._used)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist has ended: it has collected everything and run a part."""
        expected, deselected, used = getattr(node, "workeroutput", {}).get(SENT, ({}, True, ()))
        self._expected |= expected
        self._deselected = self._deselected or deselected
        self._used |= set(used)

    @property
    def partial(self) -> str | None:
        """Why nothing can be said, if only a part of the tests was run."""
        if self._deselected:
            return "tests were deselected"
        if any(not Path(argument).is_dir() for argument in self._config.args):
            return "single files or tests were asked for"
        if self._expected.keys() - self._ran:
            return "not every collected test was reached"
        return None

    def found(self) -> list[Path]:
        """The files that nothing uses, sorted; none where that cannot be told."""
        if self.partial:
            return []
        used = self._used | {path for path, _ in self._expected.values()}
        folders = {Path(folder) for _, folder in self._expected.values()}
        files = (file.resolve() for folder in folders for file in _cassettes(folder))
        return sorted({file for file in files if str(file) not in used})


def _expected(item: pytest.Item) -> tuple[str, str]:
    """Where a test keeps its cassette unless fixtures say otherwise, and in which folder."""
    name, _ = settings.marked_with(item)
    folder = settings.cassette_folder(item)
    path = paths.with_suffix(folder / (name or settings.cassette_name(item)))
    return str(path.resolve()), str(folder.resolve())


def _cassettes(folder: Path) -> Iterable[Path]:
    return (file for suffix in ("*.yaml", "*.yml") for file in folder.rglob(suffix))

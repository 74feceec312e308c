"""Options and folders from the command line, markers, fixtures and the project's files."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from cassette_kit import ambient
from cassette_kit.errors import CassetteError, CassetteOptionError
from cassette_kit.pytest_plugin import paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cassette_kit.options import Options

INI_OPTIONS = {
    "mode": "string",
    "match": "args",
    "ignore": "linelist",
    "unordered": "linelist",
    "repeats": "string",
    "unplayed": "string",
    "pace": "string",
    "chunks": "string",
    "redact": "linelist",
    "keep_headers": "args",
    "record_errors": "string",
    "allow_hosts": "args",
    "intercept": "string",
}


def surroundings(config: pytest.Config, *, closed: Callable[[Any], None]) -> ambient.Surroundings:
    """What the run and the project say, for every tape of this process."""
    mode = config.getoption("--cassette-mode")
    project = ambient.project_table(config.rootpath / "pyproject.toml")
    return ambient.Surroundings(
        command={"--cassette-mode": {"mode": mode}} if mode else {},
        project={"[tool.cassette_kit]": project, "the ini file": _ini_options(config)},
        failure=pytest.fail.Exception,
        rerecord=partial(_rerecord, config),
        closed=closed,
    )


def _rerecord(config: pytest.Config) -> str:
    """The command with the id of the test that runs, or else every cassette is recorded anew."""
    nodeid, _, _phase = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
    file, *names = nodeid.split("::")
    if not names:
        return "pytest --cassette-mode=rewrite"
    path = os.path.relpath(config.rootpath / file, config.invocation_params.dir)
    test = shlex.quote("::".join([path, *names]))
    return f"pytest --cassette-mode=rewrite {test}"


def check_mode() -> None:
    """Refuse a mode that this run cannot use before a test has run.

    Raises:
        pytest.UsageError: an unknown mode, or one that records in CI.
    """
    try:
        options_of({}, {})
    except CassetteOptionError as error:
        raise pytest.UsageError(str(error)) from None


def options_of(marked: Mapping[str, Any], config: Mapping[str, Any]) -> Options:
    """The options of a test's tape. `config` is what the fixture `cassette_config` returned.

    Raises:
        CassetteOptionError: an unknown name, a wrong value, or `config` is no mapping.
    """
    from cassette_kit.configuration import options_for
    from cassette_kit.options import Settings

    if not isinstance(config, Mapping):
        raise CassetteOptionError(
            f"the fixture cassette_config returned {config!r}, expected a mapping of options"
        )
    return options_for(
        Settings("@pytest.mark.cassette", marked), Settings("the fixture cassette_config", config)
    )


def marked_with(item: pytest.Item) -> tuple[str | None, dict[str, Any]]:
    """The name and the options in the markers of a test; the closest one wins.

    Raises:
        CassetteOptionError: a name that is no path, or several in one marker.
    """
    names: list[str] = []  # the closest first
    options: dict[str, Any] = {}
    for marker in item.iter_markers("cassette"):
        given = dict(marker.kwargs)
        names += _names(*marker.args, given.pop("name_or_path", None))
        options = {**given, **options}
    return next(iter(names), None), options


def _names(*given: object) -> list[str]:
    """The name in one marker, if there is one."""
    names: list[Any] = [name for name in given if name is not None]
    if len(names) > 1 or not all(isinstance(name, str | os.PathLike) for name in names):
        shown = ", ".join(map(repr, names))
        raise CassetteOptionError(f"@pytest.mark.cassette: {shown} given, expected one name")
    return [os.fspath(name) for name in names]


def cassette_folder(item: pytest.Item) -> Path:
    """The folder of a test's cassettes: `cassettes` beside its file, or the configured one."""
    configured = _configured_dir(item.config)
    return item.config.rootpath / configured if configured else item.path.parent / "cassettes"


def cassette_name(item: pytest.Item) -> str:
    """A cassette's place in that folder, without suffix: `<test module>/<Class.test[params]>`."""
    classes = [node for node in item.listchain() if isinstance(node, pytest.Class)]
    names = [node.name for node in (*classes, item)]
    return paths.cassette_name(item.path.stem, ".".join(names))


def _configured_dir(config: pytest.Config) -> str | None:
    table = ambient.project_table(config.rootpath / "pyproject.toml")
    folder: object = table.get("cassette_dir") or config.getini("cassette_dir") or None
    if not isinstance(folder, str | None):
        raise CassetteOptionError(f"[tool.cassette_kit]: cassette_dir={folder!r}, expected a path")
    return folder


@contextmanager
def told_plainly() -> Iterator[None]:
    """End in the text of an error in options or files, which needs no traceback."""
    try:
        yield
    except CassetteError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    values = {name: config.getini(f"cassette_{name}") for name in INI_OPTIONS}
    return {name: value for name, value in values.items() if value}

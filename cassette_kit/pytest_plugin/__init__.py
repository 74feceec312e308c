"""The pytest plugin: fixture, marker, options, and ledgers that no test can swallow.

Loaded with every run of pytest, so it imports nothing but pytest; the rest comes when a test has a
cassette.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cassette_kit import ambient
from cassette_kit.pytest_plugin import paths, settings
from cassette_kit.pytest_plugin.items import TAPE
from cassette_kit.pytest_plugin.phases import Phases
from cassette_kit.pytest_plugin.summary import Summary, has_passed
from cassette_kit.pytest_plugin.surfacing import hold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cassette_kit.tape import Tape


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cassette_kit", "recorded HTTP calls")
    group.addoption(
        "--cassette-mode",
        metavar="MODE",
        help="replay, once, new_episodes, rewrite or off, for every cassette of this run",
    )
    group.addoption(
        "--cassette-block-network",
        action="store_true",
        help="stop connections that leave the machine in tests without a cassette, too",
    )
    group.addoption(
        "--cassette-report",
        metavar="FILE",
        help="write what every cassette of this run did to FILE, as JSON",
    )
    group.addoption(
        "--cassette-orphans",
        nargs="?",
        const="list",
        choices=("list", "fail"),
        help="list the cassettes that no collected test uses, or fail on them",
    )
    parser.addini("cassette_dir", "folder of the cassettes, relative to the project's root")
    for name, kind in settings.INI_OPTIONS.items():
        parser.addini(f"cassette_{name}", f"the option {name} of cassettes", type=kind)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "cassette(name_or_path=None, **options): answer the test's HTTP calls from a cassette.",
    )
    phases = Phases(config)
    summary = Summary(config, phases)
    config.pluginmanager.register(summary, "cassette_kit_summary")
    ambient.state(settings.surroundings(config, closed=summary.add))
    config.add_cleanup(ambient.withdraw)
    config.pluginmanager.register(phases, "cassette_kit_phases")
    if config.getoption("--cassette-mode") or os.environ.get("CASSETTE_MODE"):
        settings.check_mode()


@pytest.fixture
def cassette_config() -> Mapping[str, Any]:
    """Options for the cassettes of a project, folder, module or class: override it there."""
    return {}


@pytest.fixture
def cassette_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of the cassettes: `cassettes` beside the test file, or the configured one."""
    with settings.told_plainly():
        return settings.cassette_folder(request.node)


@pytest.fixture
def cassette_name(request: pytest.FixtureRequest) -> str:
    """The cassette's place in that folder, without suffix: `<test module>/<Class.test[params]>`."""
    return settings.cassette_name(request.node)


@pytest.fixture
def cassette(
    request: pytest.FixtureRequest,
    cassette_config: Mapping[str, Any],
    cassette_dir: str | os.PathLike[str],
    cassette_name: str,
) -> Iterator[Tape]:
    """A tape that answers the HTTP calls of this test from its cassette."""
    from cassette_kit.tape import Tape

    with settings.told_plainly():
        name, marked = settings.marked_with(request.node)
        path = paths.with_suffix(Path(cassette_dir, name or cassette_name))
        options = settings.options_of(marked, cassette_config)
        if options.mode == "rewrite" and _summary(request.config).was_rewritten(
            path, for_other_than=request.node.nodeid
        ):
            options = replace(options, mode="new_episodes")  # tests that share it share it all
        tape = Tape(path, options)
    request.node.stash[TAPE] = tape
    hold(request.node, tape)
    tape.open()
    yield tape
    with settings.told_plainly():
        tape.close(failed=not has_passed(request.node))


def _summary(config: pytest.Config) -> Summary:
    plugin = config.pluginmanager.get_plugin("cassette_kit_summary")
    assert isinstance(plugin, Summary)
    return plugin

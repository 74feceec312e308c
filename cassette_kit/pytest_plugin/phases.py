"""What holds around the phases of a test: no alarm is swallowed, nothing leaves the machine
unasked, and async code knows the test's tape.

Every test of every run passes here, most of them without a cassette: these pay next to nothing, and
what only the others need is imported for them.
"""

from __future__ import annotations

from contextlib import closing, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import pytest

from cassette_kit.pytest_plugin.items import (
    bring_forward,
    forget,
    has_cassette,
    raise_bar,
    tape_of,
)
from cassette_kit.pytest_plugin.summary import PASSED
from cassette_kit.pytest_plugin.surfacing import surfacing

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager


class Phases:
    """The hooks around a test, its phases, and the set-up of its fixtures.

    `item` is the test that runs.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._blocks_network = bool(config.getoption("--cassette-block-network"))
        self.item: pytest.Item | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        bring_forward(item)
        self.item = item
        try:
            with self._network_bar(item):
                return (yield)
        finally:
            self.item = None
            forget(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        __tracebackhide__ = True
        return (yield from surfacing(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        __tracebackhide__ = True
        try:
            with self._told(item):
                return (yield from surfacing(item, partial(_check_unplayed, item)))
        except (KeyboardInterrupt, pytest.exit.Exception):
            item.stash[PASSED] = False  # a subtest may have passed
            raise

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        __tracebackhide__ = True
        return (yield from surfacing(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Bar the network where a fixture outlives the test, or let it know the test's tape."""
        __tracebackhide__ = True
        if fixturedef.scope != "function":
            from cassette_kit.pytest_plugin import wide

            with wide.barred(fixturedef, lambda: self.item):
                return (yield)
        if tape_of(self.item) is None:
            return (yield)
        from cassette_kit.pytest_plugin import stretches

        with stretches.each_step(fixturedef, stretches.known_now()):
            return (yield)

    def _told(self, item: pytest.Item) -> AbstractContextManager[None]:
        """Let an async test know its tape where it runs."""
        if tape_of(item) is None:
            return nullcontext()
        from cassette_kit.pytest_plugin import stretches

        return stretches.each_step_of_test(item)

    def _network_bar(self, item: pytest.Item) -> AbstractContextManager[object]:
        if not self._blocks_network or has_cassette(item):
            return nullcontext()
        bar = raise_bar(
            item,
            because="the run was started with --cassette-block-network",
            next_step="give the test a cassette with @pytest.mark.cassette",
        )
        return closing(bar)


def _check_unplayed(item: pytest.Item) -> None:
    tape = tape_of(item)
    if tape is not None:
        tape.check_unplayed()

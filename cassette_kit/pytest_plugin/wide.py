"""Keeps fixtures of wider scope than the test from calling out on the account of its cassette."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from cassette_kit.pytest_plugin import settings, stretches
from cassette_kit.pytest_plugin.items import has_cassette, raise_bar, tape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import pytest

    from cassette_kit.bar import Bar
    from cassette_kit.options import Options


@contextmanager
def barred(
    fixturedef: pytest.FixtureDef[object], item_now: Callable[[], pytest.Item | None]
) -> Iterator[None]:
    """Bar the network while a fixture is set up in this block, and when it is torn down."""
    bar = _FixtureBar(fixturedef)
    fixturedef.addfinalizer(bar.lower)  # finalizers run last in, first out
    bar.raise_for(item_now(), "set-up")
    try:
        with bar.known_to_steps(fixturedef):
            yield
    finally:
        bar.lower()
        fixturedef.addfinalizer(lambda: bar.raise_for(item_now(), "tear-down"))


class _FixtureBar:
    """Stops a fixture from calling out for a test whose cassette is not its own."""

    def __init__(self, fixturedef: pytest.FixtureDef[object]) -> None:
        self._name = fixturedef.argname
        self._scope = fixturedef.scope
        self._bar: Bar | None = None
        self._foremost = stretches.Foremost()
        self._undo = ExitStack()

    def raise_for(self, item: pytest.Item | None, phase: str) -> None:
        if item is None or not has_cassette(item):
            return
        options = _options_of(item)
        if options.mode == "off" or not options.intercept:
            return
        self._bar = raise_bar(
            item,
            because=f"the fixture {self._name!r} (scope {self._scope}) calls out during its "
            f"{phase}, and outlives the cassette of the test",
            next_step="open a tape in the fixture: with cassette_kit.use_cassette(...)",
            allow_hosts=options.allow_hosts,
        )
        self._undo.callback(self._bar.close)
        self._undo.enter_context(self._foremost(self._bar))

    def lower(self) -> None:
        self._undo.close()
        self._bar = None

    def known_to_steps(self, fixturedef: pytest.FixtureDef[object]) -> AbstractContextManager[None]:
        """Let the bar be foremost, too, in the context in which the steps of async code run."""
        if self._bar is None:
            return nullcontext()
        foremost = stretches.Foremost()

        def stretch() -> AbstractContextManager[None]:
            return nullcontext() if self._bar is None else foremost(self._bar)

        return stretches.each_step(fixturedef, stretch)


def _options_of(item: pytest.Item) -> Options:
    """The options of a test's tape; what the marker says of them while there is no tape yet."""
    tape = tape_of(item)
    if tape is not None:
        return tape.options
    with settings.told_plainly():
        return settings.options_of(settings.marked_with(item)[1], {})

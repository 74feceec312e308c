"""What holds around the phases of a test: no alarm is swallowed, and no fixture of wider scope
calls out on the account of the one test that happens to set it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cassette_kit.pytest_plugin import settings

if TYPE_CHECKING:
    from collections.abc import Generator

    from cassette_kit.bar import Bar
    from cassette_kit.errors import CassetteAlarm
    from cassette_kit.ownership import Owner
    from cassette_kit.tape import Tape

TAPE: pytest.StashKey[Tape] = pytest.StashKey()
OWNERS: pytest.StashKey[list[Owner]] = pytest.StashKey()
SURFACED: pytest.StashKey[list[CassetteAlarm]] = pytest.StashKey()


def hold(item: pytest.Item, owner: Owner) -> None:
    """Let the alarms of a tape or bar fail the phase of the test in which they are raised."""
    item.stash.setdefault(OWNERS, []).append(owner)


class Phases:
    """The hooks around each phase of a test, and around fixtures of wider scope."""

    def __init__(self, config: pytest.Config) -> None:
        self._blocks_network = bool(config.getoption("--cassette-block-network"))
        self._item: pytest.Item | None = None
        self._bar: Bar | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self._item = item
        if self._blocks_network and not has_cassette(item):
            self._bar = raise_bar(
                item,
                because="the run was started with --cassette-block-network",
                next_step="give the test a cassette with @pytest.mark.cassette",
            )
        return (yield from surfacing(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from surfacing(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        try:
            return (yield from surfacing(item))
        finally:
            lower_bar(self._bar)
            self._item = self._bar = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Bar the network while a fixture of wider scope is set up or torn down for a test."""
        if fixturedef.scope == "function":
            return (yield)
        bar = FixtureBar(fixturedef)
        fixturedef.addfinalizer(bar.lower)  # finalizers run last in, first out
        bar.raise_for(self._item, "set-up")
        try:
            return (yield)
        finally:
            bar.lower()
            prefer_tape(self._item)
            fixturedef.addfinalizer(lambda: bar.raise_for(self._item, "tear-down"))


class FixtureBar:
    """Stops a fixture from calling out for a test whose cassette is not its own."""

    def __init__(self, fixturedef: pytest.FixtureDef[object]) -> None:
        self._name = fixturedef.argname
        self._scope = fixturedef.scope
        self._bar: Bar | None = None

    def raise_for(self, item: pytest.Item | None, phase: str) -> None:
        if item is None or not has_cassette(item):
            return
        options = settings.options_of(settings.marked_with(item)[1], {})
        if options.mode == "off" or not options.intercept:
            return
        self._bar = raise_bar(
            item,
            because=f"the fixture {self._name!r} (scope {self._scope}) calls out during its "
            f"{phase}, and outlives the cassette of the test",
            next_step="open a tape in the fixture: with cassette_kit.use_cassette(...)",
            allow_hosts=options.allow_hosts,
        )

    def lower(self) -> None:
        lower_bar(self._bar)
        self._bar = None


def has_cassette(item: pytest.Item) -> bool:
    return "cassette" in getattr(item, "fixturenames", ())


def raise_bar(
    item: pytest.Item, *, because: str, next_step: str, allow_hosts: tuple[str, ...] = ()
) -> Bar:
    from cassette_kit.bar import Bar
    bar = Bar(because, next_step=next_step, allow_hosts=allow_hosts)
    hold(item, bar)
    bar.open()
    return bar


def lower_bar(bar: Bar | None) -> None:
    if bar is not None:
        bar.close()


def prefer_tape(item: pytest.Item | None) -> None:
    """Keep the test's own tape innermost where a fixture has opened one after it."""
    tape = item.stash.get(TAPE, None) if item else None
    if tape is not None:
        from cassette_kit import ownership

        ownership.prefer(tape)


def surfacing(item: pytest.Item) -> Generator[None, object, object]:
    """Run a phase; if it swallowed an alarm, end it in that alarm."""
    try:
        result = yield
    except BaseException as error:
        swallowed = unsurfaced(item)
        if swallowed and error not in swallowed:
            raise swallowed[0] from error
        raise
    swallowed = unsurfaced(item)
    if swallowed:
        raise swallowed[0]
    return result


def unsurfaced(item: pytest.Item) -> list[CassetteAlarm]:
    """The alarms that no earlier phase ended in."""
    owners = item.stash.get(OWNERS, None)
    if not owners:
        return []
    known = item.stash.setdefault(SURFACED, [])
    new = [alarm for owner in owners for alarm in owner.ledger.alarms if alarm not in known]
    known += new
    return new

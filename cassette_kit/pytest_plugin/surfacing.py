"""Ends a phase of a test in the first alarm that was raised in it, if anything swallowed that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cassette_kit.errors import CassetteAlarm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from cassette_kit.ownership import Owner

OWNERS: pytest.StashKey[list[Owner]] = pytest.StashKey()
SURFACED: pytest.StashKey[list[CassetteAlarm]] = pytest.StashKey()


def hold(item: pytest.Item, owner: Owner) -> None:
    """Let the alarms of a tape or bar fail the phase of the test in which they are raised."""
    item.stash.setdefault(OWNERS, []).append(owner)


def surfacing(
    item: pytest.Item, then: Callable[[], None] = lambda: None
) -> Generator[None, object, object]:
    """Run a phase, and `then` if it went well; if it swallowed an alarm, end it in that alarm."""
    __tracebackhide__ = True
    try:
        result = yield
        then()
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as error:
        alarm = _alarm_in(error)
        swallowed = _unsurfaced(item)
        if swallowed and (alarm or error) not in swallowed:
            raise swallowed[0]  # noqa: B904  # the error did not cause it, rather the reverse
        if alarm is not None:
            raise alarm  # noqa: B904
        raise
    swallowed = _unsurfaced(item)
    if swallowed:
        raise swallowed[0]
    return result


@contextmanager
def ungrouped() -> Iterator[None]:
    """Let a group of exceptions that holds an alarm end in that alarm.

    A group is no outcome of a test: anyio's runner ends with it, and takes the later tests along.
    """
    __tracebackhide__ = True
    try:
        yield
    except BaseExceptionGroup as group:
        alarm = _alarm_in(group)
        if alarm is not None:
            raise alarm  # noqa: B904  # as above
        raise


def _alarm_in(error: BaseException) -> BaseException | None:
    """The first alarm of a group; the group is its context where others are in there, too."""
    if not isinstance(error, BaseExceptionGroup):
        return None
    found, others = error.split(CassetteAlarm)
    first: BaseException | None = found
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if first is not None:
        first.__suppress_context__ = others is None
    return first


def _unsurfaced(item: pytest.Item) -> list[CassetteAlarm]:
    """The alarms that no earlier phase ended in."""
    owners = item.stash.get(OWNERS, ())
    if not owners:
        return []
    known = item.stash.setdefault(SURFACED, [])
    new = [alarm for owner in owners for alarm in owner.ledger.alarms if alarm not in known]
    known += new
    return new

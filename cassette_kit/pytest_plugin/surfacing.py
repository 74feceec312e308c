"""Ends a phase of a test in the first alarm that was raised in it, if anything swallowed that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cassette_kit.errors import CassetteAlarm
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
        swallowed = _unsurfaced(item)
        if not swallowed or error in swallowed:
            raise
        if _consists_of(error, swallowed):
            raise swallowed[0] from None
        raise swallowed[0]  # noqa: B904  # the error did not cause it, rather the other way round
    swallowed = _unsurfaced(item)
    if swallowed:
        raise swallowed[0]
    return result


def _consists_of(error: BaseException, alarms: list[CassetteAlarm]) -> bool:
    """Whether an error is a group that adds nothing to these alarms."""
    if not isinstance(error, BaseExceptionGroup):
        return False
    return error.split(lambda inner: inner in alarms)[1] is None


def _unsurfaced(item: pytest.Item) -> list[CassetteAlarm]:
    """The alarms that no earlier phase ended in."""
    owners = item.stash.get(OWNERS, ())
    known = item.stash.setdefault(SURFACED, [])
    new = [alarm for owner in owners for alarm in owner.ledger.alarms if alarm not in known]
    known += new
    return new

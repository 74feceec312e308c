"""The alarms of one tape or bar, in the order in which they were raised."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from cassette_kit import ambient
from cassette_kit.errors import CassetteAlarm, CassetteMiss

if TYPE_CHECKING:
    from collections.abc import Iterator

Alarm = TypeVar("Alarm", bound=CassetteAlarm)


class Caught(list[CassetteMiss]):
    """The misses inside an `expect_miss` block."""

    @property
    def value(self) -> CassetteMiss:
        """The first of them."""
        return self[0]


class Ledger:
    """Keeps what must not be swallowed; an alarm is in here before it is raised."""

    def __init__(self) -> None:
        self.alarms: list[CassetteAlarm] = []
        self._expecting: list[Caught] = []
        self._lock = threading.Lock()

    def enter(self, alarm: Alarm) -> Alarm:
        """Keep an alarm, or hand an expected miss to its `expect_miss` block."""
        with self._lock:
            if isinstance(alarm, CassetteMiss) and self._expecting:
                self._expecting[-1].append(alarm)
            else:
                self.alarms.append(alarm)
        return alarm

    @contextlib.contextmanager
    def expect_miss(self) -> Iterator[Caught]:
        """A miss inside the block is expected: it ends the block and is not kept.

        Raises:
            AssertionError: the block ended without a miss.
        """
        caught = Caught()
        with self._lock:
            self._expecting.append(caught)
        try:
            yield caught
        except CassetteMiss as miss:
            if miss not in caught:
                raise
        finally:
            with self._lock:
                self._expecting.remove(caught)
        if not caught:
            raise AssertionError("a miss was expected, and every request was answered")


def alarm(kind: type[Alarm], message: str, **attributes: Any) -> Alarm:
    """An alarm which is, under pytest, one of pytest's failures too and shows no traceback."""
    failure = ambient.current().failure
    if failure is None:
        return kind(message, **attributes)
    failing = type(kind.__name__, (kind, failure), {"__module__": kind.__module__})
    raised: Alarm = failing(message, **attributes)
    vars(raised)["pytrace"] = False  # what pytest's own failures are asked for
    return raised

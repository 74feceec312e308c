"""What `show` and `list` tell of a recording besides its conversation: sizes, times, its test."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cassette_kit.pytest_plugin.paths import HASHED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from pathlib import Path

    from cassette_kit.model import Interaction, Request, Response

_UNITS = (("years", 365), ("months", 30), ("days", 1))


def host(request: Request) -> str:
    """The host that a request went to; what its URL holds, if that is no URL."""
    try:
        return urlsplit(request.url).hostname or request.url
    except ValueError:
        return request.url


def total_ms(response: Response) -> float | None:
    """The time from the request to the last byte; None where that was not recorded."""
    sizes = response.recorded_sizes
    if sizes is None:
        return None
    return response.duration_ns / 1e6 + sum(delay_ms for delay_ms, _ in sizes)


def duration(ms: float) -> str:
    """A duration for people: `389 ms`, `1.97 s`, `65.2 s`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if ms < 10_000 else f"{ms / 1000:,.1f} s"


def size(count: int) -> str:
    """A number of bytes for people, in SI units: `412 B`, `4.6 kB`, `33.1 MB`."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count} B"


def recorded(interactions: Iterable[Interaction]) -> datetime | None:
    """When the oldest response was sent, by its Date header; None where none has one."""
    dates = (_date(one.response.headers.get("date", "")) for one in interactions)
    return min((date for date in dates if date is not None), default=None)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def age(passed: timedelta) -> str:
    """A time that has passed, for people, in its largest unit: `14 months`, `3 days`, `today`."""
    for unit, days in _UNITS:
        count = passed.days // days
        if count >= 2 or (count and unit == "days"):
            return f"{count:,} {unit if count > 1 else unit[:-1]}"
    return "today"


def test(path: Path) -> str:
    """The id of the test that a cassette of the default name belongs to; "" if it cannot be told.

    `tests/cassettes/test_chat/TestA.test_b.yaml` beside `tests/test_chat.py` is the cassette of
    `tests/test_chat.py::TestA::test_b`. A name that was made safe does not tell.
    """
    folder = path.parent
    module = folder.parent.parent / f"{folder.name}.py"
    if HASHED.search(path.stem) or not module.is_file():
        return ""
    names, bracket, parameters = path.stem.partition("[")
    return "::".join([str(module), *names.split(".")]) + bracket + parameters

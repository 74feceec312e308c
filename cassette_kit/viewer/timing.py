"""How a stream went in time: the first token, the rate, the gaps.

Times count from the sending of the request, in milliseconds; an event's own from the headers.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.conversation import Event

GAP_MS = 100
"""A shorter wait is no gap, however even the stream is otherwise."""
GAP_FACTOR = 5
"""A gap is that many times as long as the median wait between two arrivals."""


class Timing(NamedTuple):
    """What a stream took. A token is an event with visible text; None is unknown.

    `gaps` are pairs: the event that came late, and the milliseconds since the one before.
    """

    headers_ms: float
    first_token_ms: float | None = None
    total_ms: float | None = None
    tokens_per_second: float | None = None
    gaps: tuple[tuple[int, int], ...] = ()


def timing(duration_ns: int, events: Sequence[Event]) -> Timing:
    """The times of an answer whose headers took `duration_ns`."""
    headers_ms = duration_ns / 1e6
    offsets = [event.offset_ms for event in events if event.offset_ms is not None]
    if not offsets or len(offsets) < len(events):
        return Timing(headers_ms)
    spoken = [at for at, event in zip(offsets, events, strict=True) if event.text]
    return Timing(
        headers_ms,
        headers_ms + spoken[0] if spoken else None,
        headers_ms + offsets[-1],
        _rate(spoken),
        _gaps(offsets),
    )


def _rate(spoken: Sequence[int]) -> float | None:
    """Tokens per second from the first to the last: the first one ends the wait, and counts not."""
    if not spoken or spoken[-1] == spoken[0]:
        return None
    return (len(spoken) - 1) * 1000 / (spoken[-1] - spoken[0])


def _gaps(offsets: Sequence[int]) -> tuple[tuple[int, int], ...]:
    waits = [later - earlier for earlier, later in pairwise(offsets)]
    arrivals = [wait for wait in waits if wait]
    limit = max(GAP_MS, GAP_FACTOR * median(arrivals)) if arrivals else GAP_MS
    return tuple((place, wait) for place, wait in enumerate(waits, 1) if wait >= limit)

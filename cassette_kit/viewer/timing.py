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
    """What a stream took; None is unknown.

    Tokens per second are those that the provider states; events per second, where it states none,
    are those with visible text. `gaps` are pairs: the event that came late, and the milliseconds
    since the one before.
    """

    headers_ms: float
    first_token_ms: float | None = None
    total_ms: float | None = None
    tokens_per_second: float | None = None
    events_per_second: float | None = None
    gaps: tuple[tuple[int, int], ...] = ()


def timing(
    duration_ns: int,
    events: Sequence[Event],
    *,
    first: int | None = None,
    tokens: int | None = None,
) -> Timing:
    """The times of an answer whose headers took `duration_ns`.

    `first` is the event with which an answer without visible text begins; `tokens` is how many the
    answer has, those of thinking left out.
    """
    headers_ms = duration_ns / 1e6
    offsets = [event.offset_ms for event in events if event.offset_ms is not None]
    if not offsets or len(offsets) < len(events):
        return Timing(headers_ms)
    spoken = [at for at, event in zip(offsets, events, strict=True) if event.text]
    begin = next(iter(spoken), None if first is None else offsets[first])
    rate = None if begin is None or tokens is None else _rate(tokens, begin, offsets[-1])
    return Timing(
        headers_ms,
        None if begin is None else headers_ms + begin,
        headers_ms + offsets[-1],
        rate,
        _rate(len(spoken), spoken[0], spoken[-1]) if spoken and rate is None else None,
        _gaps(offsets),
    )


def _rate(count: int, begin: int, end: int) -> float | None:
    """How many a second came: the first one ends the wait, and counts not."""
    return (count - 1) * 1000 / (end - begin) if count > 1 and end > begin else None


def _gaps(offsets: Sequence[int]) -> tuple[tuple[int, int], ...]:
    waits = [later - earlier for earlier, later in pairwise(offsets)]
    arrivals = [wait for wait in waits if wait]
    limit = max(GAP_MS, GAP_FACTOR * median(arrivals)) if arrivals else GAP_MS
    return tuple((place, wait) for place, wait in enumerate(waits, 1) if wait >= limit)

"""Finds the recordings that answer a request by look-up, whatever the length of the cassette.

Strategy: opening a cassette puts its recordings into groups by the cheap keys (method, URL). The
first request to a group sorts that group into queues by the costly key (the body). A body that is
byte for byte a recorded one takes its key from a cache; the key alone decides, never the bytes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from cassette_kit.matchers import Comparison, Matcher
    from cassette_kit.model import Request


@dataclass(slots=True)
class _Queue:
    """Recordings with one key, in file order: all of them, and those not played yet."""

    numbers: list[int] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)


_NOTHING = _Queue()


class Index:
    """Recorded requests, each under its number in the file.

    `cheap` and `costly` are matchers with keys. `own` are the caller's comparisons, asked for one
    recording after the other among those that the keys leave. Not thread-safe: the tape locks.
    """

    def __init__(
        self,
        recordings: Iterable[Request],
        *,
        cheap: Sequence[Matcher],
        costly: Sequence[Matcher] = (),
        own: Sequence[Comparison] = (),
    ) -> None:
        self.recordings = list(recordings)
        self._cheap = cheap
        self._costly = costly
        self._own = own
        self._groups: dict[Hashable, list[int]] = {}
        self._sorted: dict[Hashable, dict[Hashable, _Queue]] = {}
        self._known: dict[Hashable, Hashable] = {}
        for number, request in enumerate(self.recordings):
            self._groups.setdefault(_key(cheap, request), []).append(number)

    def take(self, live: Request) -> int | None:
        """The first waiting recording that answers, which then waits no longer; or None."""
        waiting = self._queue(live).waiting
        for number in waiting:
            if self._agrees(live, number):
                waiting.remove(number)
                return number
        return None

    def answers(self, live: Request) -> list[int]:
        """Every recording that answers, played or not, in file order."""
        return [number for number in self._queue(live).numbers if self._agrees(live, number)]

    def _agrees(self, live: Request, number: int) -> bool:
        taped = self.recordings[number]
        return all(compare(live, taped) is None for compare in self._own)

    def _queue(self, live: Request) -> _Queue:
        group = _key(self._cheap, live)
        if group not in self._groups:
            return _NOTHING
        queues = self._sorted.get(group)
        if queues is None:
            queues = self._sorted[group] = self._sort(self._groups[group])
        key = self._known.get(_raw(live)) or _key(self._costly, live)
        return queues.get(key, _NOTHING)

    def _sort(self, numbers: list[int]) -> dict[Hashable, _Queue]:
        queues: dict[Hashable, _Queue] = {}
        for number in numbers:
            request = self.recordings[number]
            key = self._known[_raw(request)] = _key(self._costly, request)
            queue = queues.setdefault(key, _Queue())
            queue.numbers.append(number)
            queue.waiting.append(number)
        return queues


def _key(matchers: Sequence[Matcher], request: Request) -> tuple[Hashable, ...]:
    return tuple(matcher.key(request) for matcher in matchers)


def _raw(request: Request) -> Hashable:
    return request.body, request.headers.get("content-type")

"""Finds the recordings that answer a request by look-up, whatever the length of the cassette.

Strategy: opening a cassette puts its recordings into groups by the cheap keys (method, URL). The
first request to a group sorts that group into queues by the costly key (the body). A request that
is to the letter a recorded one takes its keys from a cache; the keys alone decide, never the bytes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

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
    recording after the other among those that the keys leave. `view` is how both sides are seen by
    all of them. Not thread-safe: the tape locks.
    """

    def __init__(
        self,
        recordings: Iterable[Request],
        *,
        cheap: Sequence[Matcher],
        costly: Sequence[Matcher] = (),
        own: Sequence[Comparison] = (),
        view: Callable[[Request], Request] = lambda request: request,
    ) -> None:
        self.recordings = [view(request) for request in recordings]
        self._view = view
        self._cheap = cheap
        self._costly = costly
        self._own = own
        self._groups: dict[Hashable, list[int]] = {}
        self._sorted: dict[Hashable, dict[Hashable, _Queue]] = {}
        self._known: dict[Hashable, _Queue] = {}
        for number, request in enumerate(self.recordings):
            self._groups.setdefault(_key(cheap, request), []).append(number)

    def take(self, live: Request) -> int | None:
        """The first waiting recording that answers, which then waits no longer; or None."""
        waiting = self._queue(live).waiting
        number = next(self._agreeing(live, waiting), None)
        if number is not None:
            waiting.remove(number)
        return number

    def waiting(self, live: Request) -> int | None:
        """The first recording that answers and was not taken yet, or None."""
        return next(self._agreeing(live, self._queue(live).waiting), None)

    def answers(self, live: Request) -> list[int]:
        """Every recording that answers, taken or not, in file order."""
        return list(self._agreeing(live, self._queue(live).numbers))

    def _agreeing(self, live: Request, numbers: Iterable[int]) -> Iterator[int]:
        if not self._own:
            yield from numbers
            return
        seen = self._view(live)
        for number in numbers:
            if all(compare(seen, self.recordings[number]) is None for compare in self._own):
                yield number

    def _queue(self, live: Request) -> _Queue:
        letters = _letters(live)
        if (known := self._known.get(letters)) is not None:
            return known
        seen = self._view(live)
        group = _key(self._cheap, seen)
        if group not in self._groups:
            return _NOTHING
        if group not in self._sorted:
            self._sorted[group] = self._sort(self._groups[group])
            if (known := self._known.get(letters)) is not None:
                return known
        return self._sorted[group].get(_key(self._costly, seen), _NOTHING)

    def _sort(self, numbers: list[int]) -> dict[Hashable, _Queue]:
        queues: dict[Hashable, _Queue] = {}
        for number in numbers:
            request = self.recordings[number]
            queue = queues.setdefault(_key(self._costly, request), _Queue())
            queue.numbers.append(number)
            queue.waiting.append(number)
            self._known[_letters(request)] = queue
        return queues


def _key(matchers: Sequence[Matcher], request: Request) -> tuple[Hashable, ...]:
    return tuple(matcher.key(request) for matcher in matchers)


def _letters(request: Request) -> Hashable:
    """What a matcher with a key looks at, as it was written; equal letters have equal keys.

    A content type may change how a body is read, but equal bodies read alike are equal.
    """
    return request.method, request.url, request.body

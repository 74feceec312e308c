"""What answers a request: pure state over one cassette, no I/O, no lock, no clock."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.errors import CassetteOptionError
from cassette_kit.index import Index
from cassette_kit.matchers import (
    DEFAULT_MATCH,
    MATCHERS,
    BodyMatcher,
    Comparison,
    HeadersMatcher,
    Matcher,
    Rules,
)
from cassette_kit.model import Mismatch
from cassette_kit.redactors import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.explain import Situation
    from cassette_kit.model import Interaction, Request
    from cassette_kit.modes import Mode


class Replay(NamedTuple):
    """The recording that answers."""

    interaction: Interaction


class Forward(NamedTuple):
    """The request goes live; `place` is its rank among those that did, from 0."""

    place: int


class Miss(NamedTuple):
    """No recording answers, and the mode lets nothing go live."""

    situation: Situation


Decision = Replay | Forward | Miss


class Session:
    """Decides for each request, in the order in which they are made.

    `taped` is the cassette's content, or None where there is no file. A recording answers once,
    unless `repeats`: then the last equal one answers again. Both sides are compared as `redactor`
    would record them. `requests` are those of `taped`, where that builds its interactions when they
    are asked for. `answered` counts the requests that a recording has answered. Not thread-safe:
    the tape locks.
    """

    def __init__(
        self,
        taped: Sequence[Interaction] | None,
        *,
        requests: Sequence[Request] | None = None,
        mode: Mode,
        match: Sequence[str | Comparison] = DEFAULT_MATCH,
        rules: Rules | None = None,
        repeats: bool = False,
        redactor: Redactor | None = None,
    ) -> None:
        self.mode = mode
        self.file_exists = taped is not None
        self.goes_live = mode.goes_live(file_exists=self.file_exists)
        self.taped: Sequence[Interaction] = (taped or ()) if mode.plays else ()
        self._redactor = redactor or Redactor()
        self._rules = replace(
            rules or Rules(),
            query_in_any_order="query" in match,
            recorded_headers=self._redactor.request_headers,
        )
        self._asked = tuple(match)
        self._match = [self._matcher(entry) for entry in match]
        if requests is None or not mode.plays:
            requests = [one.request for one in self.taped]
        self._index = self._opened_index(requests)
        self._repeats = repeats
        self._played: dict[int, None] = {}
        self.answered = 0
        self._forwarded = 0

    @property
    def played(self) -> list[Interaction]:
        """Recordings that answered, in the order in which they first did."""
        return [self.taped[number] for number in self._played]

    @property
    def unplayed(self) -> list[Interaction]:
        """Recordings that nothing asked for, in file order."""
        numbers = range(len(self.taped))
        return [self.taped[number] for number in numbers if number not in self._played]

    @property
    def unplayed_count(self) -> int:
        """How many those are."""
        return len(self.taped) - len(self._played)

    def decide(self, live: Request) -> Decision:
        """What happens to a request; a recording that is returned counts as played."""
        number = self._index.take(live)
        if number is None and self._repeats:
            number = next(reversed(self._index.answers(live)), None)
        if number is not None:
            self._played[number] = None
            self.answered += 1
            return Replay(self.taped[number])
        if self.goes_live:
            self._forwarded += 1
            return Forward(self._forwarded - 1)
        return Miss(self._situation(live))

    def situation(self, live: Request) -> Situation | None:
        """Why no recording would answer now; None if one would. Nothing counts as played."""
        waits = self._index.waiting(live) is not None
        if waits or (self._repeats and self._index.answers(live)):
            return None
        return self._situation(live)

    def _compare(self, live: Request, taped: Request) -> list[Mismatch]:
        compares = [entry if callable(entry) else entry.compare for entry in self._match]
        found = (_explained(compare, live, taped) for compare in compares)
        return [mismatch for mismatch in found if mismatch is not None]

    def _matcher(self, entry: str | Comparison) -> Matcher | Comparison:
        return MATCHERS[entry](self._rules) if isinstance(entry, str) else _checked(entry)

    def _opened_index(self, requests: Sequence[Request]) -> Index:
        one_by_one = [entry for entry in self._match if isinstance(entry, HeadersMatcher)]
        own: list[Comparison] = [entry for entry in self._match if callable(entry)]
        own += [matcher.compare for matcher in one_by_one]
        keyed = [entry for entry in self._match if not callable(entry) and entry not in one_by_one]
        return Index(
            requests,
            cheap=[matcher for matcher in keyed if not isinstance(matcher, BodyMatcher)],
            costly=[matcher for matcher in keyed if isinstance(matcher, BodyMatcher)],
            own=own,
            view=partial(self._redactor.compared, headers=bool(own)),
        )

    def _situation(self, live: Request) -> Situation:
        from cassette_kit.explain import Situation  # costly, and misses are rare

        return Situation(
            live=self._redactor.compared(live, headers=True),
            taped=self.taped,
            seen=self._index.recordings,
            played=frozenset(self._played),
            equal=tuple(self._index.answers(live)),
            compare=self._compare,
            match=self._asked,
            rules=self._rules,
            mode=self.mode,
            file_exists=self.file_exists,
        )


def _checked(comparison: Comparison) -> Comparison:
    """A comparison of the caller's own; one that returns a boolean would match the wrong way."""

    @wraps(comparison)
    def compare(live: Request, taped: Request) -> Mismatch | None:
        found = comparison(live, taped)
        if found is None or isinstance(found, Mismatch):
            return found
        raise CassetteOptionError(
            f"match: {_name(compare)} returned {found!r}, expected a Mismatch or None"
        )

    return compare


def _explained(compare: Comparison, live: Request, taped: Request) -> Mismatch | None:
    """A comparison asked about a recording it was not meant for may break, and hides no miss."""
    try:
        return compare(live, taped)
    except Exception as error:
        return Mismatch(_name(compare), f"raised {error!r}", None)


def _name(comparison: Comparison) -> str:
    return getattr(comparison, "__name__", type(comparison).__name__)

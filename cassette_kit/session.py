"""What answers a request: pure state over one cassette, no I/O, no lock, no clock."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.index import Index
from cassette_kit.matchers import (
    MATCHERS,
    BodyMatcher,
    Comparison,
    HeadersMatcher,
    Matcher,
    Rules,
)
from cassette_kit.redactors import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.explain import Explanation
    from cassette_kit.model import Interaction, Mismatch, Request
    from cassette_kit.modes import Mode


class Replay(NamedTuple):
    """The recording that answers."""

    interaction: Interaction


class Forward(NamedTuple):
    """The request goes live; `place` is its rank among those that did, from 0."""

    place: int


class Miss(NamedTuple):
    """No recording answers, and the mode lets nothing go live."""

    explanation: Explanation


Decision = Replay | Forward | Miss


class Session:
    """Decides for each request, in the order in which they are made.

    `taped` is the cassette's content, or None where there is no file. A recording answers once,
    unless `repeats`: then the last equal one answers again. Both sides are compared as `redactor`
    would record them. Not thread-safe: the tape locks.
    """

    def __init__(
        self,
        taped: Sequence[Interaction] | None,
        *,
        mode: Mode,
        match: Sequence[str | Comparison] = ("method", "url", "body"),
        rules: Rules | None = None,
        repeats: bool = False,
        redactor: Redactor | None = None,
    ) -> None:
        self.mode = mode
        self.file_exists = taped is not None
        self.goes_live = mode.goes_live(file_exists=self.file_exists)
        self.taped = tuple(taped or ()) if mode.plays else ()
        self._redactor = redactor or Redactor()
        self._match = self._matchers(match, rules or Rules())
        self._index = self._opened_index()
        self._repeats = repeats
        self._played: dict[int, None] = {}
        self._forwarded = 0

    @property
    def played(self) -> list[Interaction]:
        """Recordings that answered, in the order in which they first did."""
        return [self.taped[number] for number in self._played]

    @property
    def unplayed(self) -> list[Interaction]:
        """Recordings that nothing asked for, in file order."""
        return [taped for number, taped in enumerate(self.taped) if number not in self._played]

    def decide(self, live: Request) -> Decision:
        """What happens to a request; a recording that is returned counts as played."""
        number = self._index.take(live)
        if number is None and self._repeats:
            number = next(reversed(self._index.answers(live)), None)
        if number is not None:
            self._played[number] = None
            return Replay(self.taped[number])
        if self.goes_live:
            self._forwarded += 1
            return Forward(self._forwarded - 1)
        return Miss(self._explain(live))

    def _compare(self, live: Request, taped: Request) -> list[Mismatch]:
        found = (
            entry(live, taped) if callable(entry) else entry.compare(live, taped)
            for entry in self._match
        )
        return [mismatch for mismatch in found if mismatch is not None]

    def _matchers(
        self, match: Sequence[str | Comparison], rules: Rules
    ) -> list[Matcher | Comparison]:
        rules = replace(
            rules,
            query_in_any_order="query" in match,
            recorded_headers=self._redactor.request_headers,
        )
        return [MATCHERS[entry](rules) if isinstance(entry, str) else entry for entry in match]

    def _opened_index(self) -> Index:
        one_by_one = [entry for entry in self._match if isinstance(entry, HeadersMatcher)]
        own: list[Comparison] = [entry for entry in self._match if callable(entry)]
        own += [matcher.compare for matcher in one_by_one]
        keyed = [entry for entry in self._match if not callable(entry) and entry not in one_by_one]
        return Index(
            (interaction.request for interaction in self.taped),
            cheap=[matcher for matcher in keyed if not isinstance(matcher, BodyMatcher)],
            costly=[matcher for matcher in keyed if isinstance(matcher, BodyMatcher)],
            own=own,
            view=partial(self._redactor.compared, headers=bool(own)),
        )

    def _explain(self, live: Request) -> Explanation:
        from cassette_kit.explain import Situation, explain  # costly, and misses are rare

        situation = Situation(
            taped=self.taped,
            played=frozenset(self._played),
            equal=tuple(self._index.answers(live)),
            compare=self._compare,
            mode=self.mode.name,
            file_exists=self.file_exists,
        )
        return explain(self._redactor.compared(live, headers=True), situation)

"""Why a request has no answer: the nearest recording, where it differs, what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cassette_kit.canonical import NotJSONError, parse_json
from cassette_kit.differences import (
    Difference,
    differences,
    fingerprint,
    render,
    similarity,
)
from cassette_kit.model import Interaction, Mismatch, Request

MAX_DIFFERENCES = 20  # computed for one miss; the text shows the first few
SHOWN = 3

Compare = Callable[[Request, Request], Sequence[Mismatch]]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at a miss.

    `compare` gives every reason why a live request does not match a taped one. `equal` are the
    recordings that would have answered, had they not been played already.
    """

    taped: Sequence[Interaction]
    played: frozenset[int]
    equal: Sequence[int]
    compare: Compare
    mode: str
    file_exists: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A miss as data. `nearest` is a number in the cassette."""

    request: Request
    situation: Situation
    nearest: int | None = None
    differences: Sequence[Mismatch] = field(default=())

    @property
    def nearest_interaction(self) -> Interaction | None:
        return None if self.nearest is None else self.situation.taped[self.nearest]

    def text(self, *, cassette: str, next_step: str) -> str:
        """The message: what was asked, the state of the cassette, what differs, what to do."""
        lines = [
            f"no recorded interaction answers {self.request.method} {self.request.url}",
            f"  cassette  {cassette}: {self._state()}",
            *self._nearest_lines(),
            f"  next      {', or '.join(self._next_steps(next_step))}",
        ]
        return "\n".join(lines)

    def _state(self) -> str:
        situation = self.situation
        if not situation.file_exists:
            return f"no such file, mode {situation.mode}"
        total = len(situation.taped)
        played = f", {len(situation.played)} already played" if situation.played else ""
        return f"{total} interaction{'' if total == 1 else 's'}{played}, mode {situation.mode}"

    def _nearest_lines(self) -> list[str]:
        if self.nearest is None:
            return []
        if not self.differences:
            return [f"  nearest   #{self.nearest} is equal, but was played already"]
        first, *others = (_shown(mismatch) for mismatch in self.differences[:SHOWN])
        hidden = len(self.differences) - SHOWN
        lines = [f"  nearest   #{self.nearest} differs at {first[0]}", *first[1:]]
        for where, *values in others:
            lines += [f"            and at {where}", *values]
        return lines + ([f"            and at {hidden} more places"] if hidden > 0 else [])

    def _next_steps(self, next_step: str) -> list[str]:
        paths = [m.path for m in self.differences if isinstance(m, BodyMismatch)]
        if not self.differences and self.nearest is not None:
            return [next_step, "repeats=True"]
        if paths and len(paths) == len(self.differences) <= SHOWN:
            quoted = ", ".join(f'"{path}"' for path in dict.fromkeys(paths))
            return [next_step, f"ignore=[{quoted}]"]
        return [next_step]


@dataclass(frozen=True, slots=True)
class BodyMismatch(Mismatch):
    """A difference inside a JSON body; `path` is what the option `ignore` would take."""

    difference: Difference

    @property
    def path(self) -> str:
        return self.difference.path


def explain(live: Request, situation: Situation) -> Explanation:
    """Find the recording that comes nearest and where it differs."""
    if situation.equal:
        return Explanation(live, situation, nearest=situation.equal[-1])
    nearest = _nearest(live, situation)
    if nearest is None:
        return Explanation(live, situation)
    mismatches = situation.compare(live, situation.taped[nearest].request)
    detailed = [detail for mismatch in mismatches for detail in _detailed(mismatch)]
    return Explanation(live, situation, nearest, tuple(detailed))


def _nearest(live: Request, situation: Situation) -> int | None:
    """The best by method and URL, then by the share of the body, then what was not played yet."""
    if not situation.taped:
        return None
    places = [_place(live, taped.request) for taped in situation.taped]
    best = max(places)
    candidates = [number for number, place in enumerate(places) if place == best]
    if len(candidates) == 1:
        return candidates[0]
    ours = _fingerprint(live.body)

    def rank(number: int) -> tuple[float, bool, int]:
        theirs = _fingerprint(situation.taped[number].request.body)
        return similarity(ours, theirs), number not in situation.played, -number

    return max(candidates, key=rank)


def _place(live: Request, taped: Request) -> tuple[bool, bool, bool]:
    same_url = live.url == taped.url
    same_host = same_url or urlsplit(live.url).netloc == urlsplit(taped.url).netloc
    return same_url, same_host, live.method == taped.method


def _fingerprint(body: bytes) -> Any:
    try:
        return fingerprint(parse_json(body))
    except NotJSONError:
        return fingerprint(body.decode("utf-8", "replace"))


def _detailed(mismatch: Mismatch) -> list[Mismatch]:
    """A body as the places at which it differs, where both sides are JSON."""
    if mismatch.where != "body":
        return [mismatch]
    if bytes in {type(mismatch.live), type(mismatch.taped)}:
        return [mismatch]
    return [
        BodyMismatch(f"body {found.where}", found.live, found.taped, found)
        for found in differences(mismatch.live, mismatch.taped, limit=MAX_DIFFERENCES)
    ]


def _shown(mismatch: Mismatch) -> tuple[str, str, str]:
    """Where, and a line for each side, safe for a terminal."""
    if isinstance(mismatch, BodyMismatch):
        live, taped = render(mismatch.difference)
    else:
        live, taped = render(
            Difference("$", "changed", _plain(mismatch.live), _plain(mismatch.taped))
        )
    return mismatch.where, f"              live  {live}", f"              tape  {taped}"


def _plain(value: object) -> object:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

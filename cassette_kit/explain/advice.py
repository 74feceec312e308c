"""What to do about a miss, the best first. Only what exists and would help is advised."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cassette_kit.explain.suggestions import suggestion
from cassette_kit.matchers import MATCHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cassette_kit.errors import Reason
    from cassette_kit.explain.situation import Near, Situation

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ALIKE = 0.75  # from here on two names may be meant for one another

Steps = tuple[str, ...]


def file_steps(cassette: str, neighbours: Sequence[str], rerecord: str) -> Steps:
    """Where there is no recording at all: `neighbours` are the files that lie there."""
    if f"{cassette}.part" in neighbours:
        return f"cassette-kit accept {cassette}", rerecord
    near = max(neighbours, key=lambda other: _likeness(cassette, other), default=None)
    if near is None or _likeness(cassette, near) < ALIKE:
        return (rerecord,)
    return rerecord, f"did you mean {near}?"


def next_steps(reason: Reason, near: Near, situation: Situation, rerecord: str) -> Steps:
    """Where a recording comes near. Each step is a way of its own."""
    advise = _ADVICE.get(reason)
    return advise(near, situation, rerecord) if advise else (rerecord,)


def _likeness(cassette: str, other: str) -> float:
    """How alike two paths are in the one part in which they differ."""
    ours, theirs = _parts(cassette), _parts(other)
    differing = [pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]]
    if len(ours) != len(theirs) or len(differing) > 1 or not theirs[-1]:
        return 0.0
    return min((SequenceMatcher(None, *pair).ratio() for pair in differing), default=1.0)


def _parts(path: str) -> list[str]:
    """The words of a path: without what all names of cassettes have in common."""
    *folders, name = path.replace("\\", "/").split("/")
    stem, _, suffix = name.rpartition(".")
    name = stem if suffix in {"yaml", "yml"} else ""
    return [part.removeprefix("test_") for part in (*folders, name)]


def _played(near: Near, situation: Situation, rerecord: str) -> Steps:
    return rerecord, "repeats=True"


def _host(near: Near, situation: Situation, rerecord: str) -> Steps:
    """A server under test answers itself."""
    host = urlsplit(situation.live.url).hostname
    return (f'allow_hosts=["{host}"]', rerecord) if host in LOOPBACK else (rerecord,)


def _query(near: Near, situation: Situation, rerecord: str) -> Steps:
    """Parameters in another order, where nothing else differs, need no new recording."""
    names = [entry for entry in situation.match if isinstance(entry, str)]
    in_any_order = MATCHERS["query"](situation.rules)
    only_order = in_any_order.compare(situation.live, near.request) is None
    if not only_order or len(near.mismatches) > 1 or len(names) < len(situation.match):
        return (rerecord,)
    quoted = ", ".join(f'"{name}"' for name in [*names, "query"])
    return f"match=[{quoted}]", rerecord


def _body(near: Near, situation: Situation, rerecord: str) -> Steps:
    rules = suggestion(near, situation.rules)
    if rules is None:
        return (rerecord,)
    text = rules.text(situation.rules)
    return (text, rerecord) if rules.settles else (f"{text}, then {rerecord}",)


_ADVICE: Mapping[Reason, Callable[[Near, Situation, str], Steps]] = {
    "played": _played,
    "host": _host,
    "query": _query,
    "body": _body,
}

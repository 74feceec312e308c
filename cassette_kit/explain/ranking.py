"""Which recordings come nearest to a request.

By URL, host, path and method first; among recordings that agree equally in those, by the share of
the body that both have.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from cassette_kit.differences import Fingerprint, fingerprint, similarity
from cassette_kit.differences.common import common_ends
from cassette_kit.matchers.bodies import comparable
from cassette_kit.matchers.url import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cassette_kit.explain.situation import Situation
    from cassette_kit.matchers.rules import Rules
    from cassette_kit.model import Request

MAX_NEAR = 3
MAX_BYTES = 4_000_000  # of recorded bodies that are read to find the nearest one
CLOSE = 0.95  # of the best score, for a recording to be mentioned beside the best one
PLAYED = 0.9  # what a score counts if the recording was played: it cannot have been meant


def ranked(situation: Situation, numbers: Iterable[int]) -> list[int]:
    """Those of `numbers` that come nearest, the best first: one, or up to three that are close."""
    places = {number: _place(situation.live, situation.seen[number]) for number in numbers}
    best = max(places.values(), default=())
    candidates = [number for number, place in places.items() if place == best]
    scores = _scores(situation, candidates) if len(candidates) > 1 else dict.fromkeys(candidates, 1)
    order = sorted(scores, key=lambda number: (-scores[number], number))
    return [number for number in order if scores[number] >= CLOSE * scores[order[0]]][:MAX_NEAR]


def _place(live: Request, taped: Request) -> tuple[bool, ...]:
    ours, theirs = split_url(live.url), split_url(taped.url)
    same_host, same_path = ours.origin == theirs.origin, ours.path == theirs.path
    same_url = same_host and same_path
    same_query = same_url and ours.query == theirs.query
    return same_query, same_url, same_host, same_path, live.method == taped.method


def _scores(situation: Situation, candidates: Sequence[int]) -> dict[int, float]:
    ours = _fingerprint(situation.live, situation.rules)
    return {
        number: similarity(ours, _fingerprint(situation.seen[number], situation.rules))
        * (PLAYED if number in situation.played else 1)
        for number in _affordable(situation, candidates)
    }


def _affordable(situation: Situation, candidates: Sequence[int]) -> Sequence[int]:
    """All of them, but for cassettes of many megabytes: there those that begin and end alike."""
    bodies = {number: situation.seen[number].body for number in candidates}
    if sum(map(len, bodies.values())) <= MAX_BYTES:
        return candidates
    live = situation.live.body
    order = sorted(candidates, key=lambda number: -sum(common_ends(live, bodies[number])))
    read = itertools.accumulate(len(bodies[number]) for number in order)
    affordable = sum(total <= MAX_BYTES for total in read)
    return order[: max(1, affordable)]


def _fingerprint(request: Request, rules: Rules) -> Fingerprint:
    body = comparable(request.body)
    if body.kind == "bytes":
        return fingerprint(body.tree.decode("utf-8", "replace"))
    return fingerprint(rules.applied(body.tree))

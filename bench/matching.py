"""Match with rules

Opening a session over small recordings and answering each of their requests, in a spelling of its
own, with no rules and with five: two paths ignored, two normalised, one unordered. There is no
other tool to compare with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cassette_kit as ck
from bench.measuring import Row, timed_answer
from bench.missing import request
from bench.prose import chat
from cassette_kit.matchers import Rules
from cassette_kit.matchers.rules import parse_normalise, parse_paths
from cassette_kit.modes import MODES
from cassette_kit.session import Replay, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent

RULES = Rules(
    ignore=parse_paths("ignore", ["$.metadata.at", "$..created"]),
    normalise=parse_normalise("normalise", {"$.metadata.run": "hex", "*": "uuid"}),
    unordered=parse_paths("unordered", ["$.tags"]),
)


def rows(extent: Extent) -> Iterator[Row]:
    return map(row, extent.counts)


def row(count: int) -> Row:
    bodies = [chat(number, messages=2, words=20) for number in range(count)]
    taped = [ck.Interaction(request(tree), ck.Response(200)) for tree in bodies]
    live = [request(respelled(tree)) for tree in bodies]
    sides = {
        "no rules": timed_answer(lambda: replayed(taped, live, Rules())),
        "five rules": timed_answer(lambda: replayed(taped, live, RULES)),
    }
    return Row(f"{count:,} requests", sides, count)


def respelled(tree: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(tree.items()))


def replayed(taped: list[ck.Interaction], live: list[ck.Request], rules: Rules) -> int:
    """How many of the requests were answered."""
    session = Session(taped, mode=MODES["replay"], rules=rules)
    return sum(isinstance(session.decide(one), Replay) for one in live)

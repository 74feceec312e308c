"""Explain a miss

From a request that no recording answers to the text that says why, in a cassette in use. vcrpy
compares with every recording and shows a few of those with which most of its matchers agree, with a
diff of the bodies; cassette_kit shows the recording that is closest by content, and where that
differs. Before they are timed, each must have named a recording.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import vcr.cassette
import vcr.errors
import vcr.matchers
import vcr.request

import cassette_kit as ck
from bench.cassettes import JSON, URL
from bench.measuring import Row, Side, timed
from bench.prose import chat
from cassette_kit.explain import explain
from cassette_kit.modes import MODES
from cassette_kit.session import Miss, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.extent import Extent

SIZES = ((1, 200, 100), (40, 20, 100), (4_000, 2, 20))  # recordings, messages, words


def rows(extent: Extent) -> Iterator[Row]:
    for count, messages, words in SIZES:
        if count <= max(extent.counts):
            yield row(count, messages, words)


def row(count: int, messages: int, words: int) -> Row:
    bodies = [chat(number, messages=messages, words=words) for number in range(count)]
    live = json.loads(json.dumps(bodies[count // 2]))
    live["messages"][messages // 2]["content"] = "another question"
    size = len(json.dumps(live)) / 1e3
    sides = {
        "vcrpy": side(by_vcrpy(bodies, live), "Closest recorded request"),
        "cassette_kit": side(by_us(bodies, live), "nearest "),
    }
    return Row(f"{count:,} recordings of {size:.1f} kB", sides, True)


def side(work: Callable[[], str], named: str) -> Side:
    return Side(timed(work), lambda: named in work())


def request(tree: Any) -> ck.Request:
    return ck.Request("POST", URL, JSON, json.dumps(tree).encode())


def by_us(bodies: list[Any], live: Any) -> Callable[[], str]:
    taped = [ck.Interaction(request(tree), ck.Response(200)) for tree in bodies]
    session = Session(taped, mode=MODES["replay"])
    session.decide(taped[0].request)  # the cassette is in use, its bodies are read
    asked = request(live)

    def work() -> str:
        decision = session.decide(asked)
        assert isinstance(decision, Miss)
        return explain(decision.situation, cassette="x.yaml", rerecord="rewrite").text

    return work


def by_vcrpy(bodies: list[Any], live: Any) -> Callable[[], str]:
    match_on = (vcr.matchers.method, vcr.matchers.uri, vcr.matchers.body)
    cassette = vcr.cassette.Cassette("x.yaml", match_on=match_on, record_mode="none")
    cassette.data.extend((vcr_request(tree), {}) for tree in bodies)
    asked, error = vcr_request(live), vcr.errors.CannotOverwriteExistingCassetteException
    return lambda: str(error(cassette=cassette, failed_request=asked))


def vcr_request(tree: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    return vcr.request.Request("POST", URL, json.dumps(tree).encode(), headers)

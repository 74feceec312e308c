"""How long rules and the explanation of a miss take, beside vcrpy and deepdiff.

    python bench/match_bench.py [--rounds 5]

All run in turn on the same recordings, and a ratio is the median over the rounds, so that a busy
machine slows all of them. Neither vcrpy nor deepdiff is a dependency; without them only this
package's own times are shown.

- matching: opening a cassette and answering each of its requests, in a spelling of its own.
- a miss: from the request to the text. vcrpy compares with every recording and names the closest by
  how many of their matchers agree; deepdiff knows no recordings, so it is shown where there is one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import cassette_kit as ck
from cassette_kit.explain import explain
from cassette_kit.matchers import Rules
from cassette_kit.matchers.rules import parse_normalise, parse_paths
from cassette_kit.modes import MODES
from cassette_kit.session import Miss, Replay, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[[], object]

try:
    from deepdiff import DeepDiff
except ImportError:
    DeepDiff = None
try:
    import vcr.cassette
    import vcr.errors
    import vcr.matchers
    import vcr.request
except ImportError:
    vcr = None

URL = "https://api.example.com/v1/chat"
JSON = ck.Headers({"content-type": "application/json"})
WORDS = ["the", "tape", "plays", "each", "recorded", "answer", "once", "and", "in", "order"]
RULES = Rules(
    ignore=parse_paths("ignore", ["$.metadata.at", "$..created"]),
    normalise=parse_normalise("normalise", {"$.metadata.run": "hex", "*": "uuid"}),
    unordered=parse_paths("unordered", ["$.tags"]),
)


def prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def body(number: int, *, messages: int, words: int) -> dict[str, Any]:
    rng = random.Random(number)
    texts = [prose(rng, words) for _ in range(messages)]
    return {
        "model": "m",
        "messages": [{"role": "user", "content": text} for text in texts],
        "metadata": {"run": f"{rng.getrandbits(64):016x}", "at": number},
        "tags": ["a", "b", "c"],
    }


def request(tree: Any) -> ck.Request:
    return ck.Request("POST", URL, JSON, json.dumps(tree).encode())


def recordings(bodies: list[Any]) -> list[ck.Interaction]:
    return [ck.Interaction(request(tree), ck.Response(200)) for tree in bodies]


def milliseconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def replayed(taped: list[ck.Interaction], live: list[ck.Request], rules: Rules) -> None:
    session = Session(taped, mode=MODES["replay"], rules=rules)
    assert all(isinstance(session.decide(one), Replay) for one in live)


def explained(taped: list[ck.Interaction], live: ck.Request) -> Work:
    session = Session(taped, mode=MODES["replay"])
    session.decide(taped[0].request)  # the cassette is in use, its bodies are read

    def work() -> str:
        decision = session.decide(live)
        assert isinstance(decision, Miss)
        return explain(decision.situation, cassette="x.yaml", rerecord="rewrite").text

    return work


def in_vcrpy(bodies: list[Any]) -> Any:
    match_on = (vcr.matchers.method, vcr.matchers.uri, vcr.matchers.body)
    cassette = vcr.cassette.Cassette("x.yaml", match_on=match_on, record_mode="none")
    for tree in bodies:
        cassette.data.append((vcr_request(tree), {}))
    return cassette


def vcr_request(tree: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    return vcr.request.Request("POST", URL, json.dumps(tree).encode(), headers)


def vcr_message(cassette: Any, live: Any) -> str:
    error = vcr.errors.CannotOverwriteExistingCassetteException
    return str(error(cassette=cassette, failed_request=live))


def rivals(bodies: list[Any], live: Any) -> Iterator[tuple[str, Work]]:
    if vcr is not None:
        cassette, failed = in_vcrpy(bodies), vcr_request(live)
        yield "vcrpy", lambda: vcr_message(cassette, failed)
    if DeepDiff is not None and len(bodies) == 1:
        yield "deepdiff", lambda: DeepDiff(bodies[0], live).pretty()


def row(name: str, ours: Work, others: list[tuple[str, Work]], rounds: int) -> str:
    works = [ours, *(work for _, work in others)]
    times = [list(map(milliseconds, works)) for _ in range(rounds)]
    line = f"{name:36} {min(one[0] for one in times):9.2f} ms"
    for column, (rival, _) in enumerate(others, start=1):
        best = min(one[column] for one in times)
        ratio = median(one[column] / one[0] for one in times)
        line += f"   {rival} {best:9.2f} ms {ratio:7.1f}x"
    return line


def matching(count: int, rounds: int) -> Iterator[str]:
    bodies = [body(number, messages=2, words=20) for number in range(count)]
    respelled = [dict(reversed(tree.items())) for tree in bodies]
    taped, live = recordings(bodies), [request(tree) for tree in respelled]
    for name, rules in {"no rules": Rules(), "five rules": RULES}.items():
        work = partial(replayed, taped, live, rules)
        yield row(f"{count} requests, {name}", work, [], rounds)


def misses(rounds: int) -> Iterator[str]:
    for count, messages, words in [(1, 200, 100), (40, 20, 100), (4_000, 2, 20)]:
        bodies = [body(number, messages=messages, words=words) for number in range(count)]
        near = bodies[count // 2]
        live = json.loads(json.dumps(near))
        live["messages"][messages // 2]["content"] = "another question"
        ours = explained(recordings(bodies), request(live))
        name = f"a miss in {count} of {len(json.dumps(near)) / 1e3:.1f} kB"
        yield row(name, ours, list(rivals(bodies, live)), rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name, module in {"vcrpy": vcr, "deepdiff": DeepDiff}.items():
        if module is None:
            print(f"{name} cannot be imported here")
    for line in (*matching(4_000, rounds), *misses(rounds)):
        print(line)


if __name__ == "__main__":
    main()

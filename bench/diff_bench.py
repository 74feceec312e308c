"""How long a structural diff of two request bodies takes, beside deepdiff.

    python bench/diff_bench.py [--rounds 10]

Both run in turn on the same bodies, and a ratio is the median over the rounds, so that a busy
machine slows both. Times are the best of the rounds. deepdiff is not a dependency; without it only
this package's own times are shown. `places` counts what each one reports.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from cassette_kit.differences import differences, fingerprint, similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

try:
    from deepdiff import DeepDiff
except ImportError:
    DeepDiff = None

WORDS = ["the", "tape", "plays", "each", "recorded", "answer", "once", "and", "in", "order"]
Case = tuple[str, Any, Any]


def prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def tool(rng: random.Random, number: int) -> dict[str, Any]:
    texts = {f"p{n}": {"type": "string", "description": prose(rng, 8)} for n in range(5)}
    parameters = {"type": "object", "properties": texts, "required": ["p0", "p1"]}
    function = {"name": f"tool_{number}", "description": prose(rng, 30), "parameters": parameters}
    return {"type": "function", "function": function}


def body(seed: int, messages: int) -> dict[str, Any]:
    rng = random.Random(seed)
    roles = ["user", "assistant"]
    return {
        "model": "m",
        "temperature": 0.5,
        "messages": [{"role": roles[n % 2], "content": prose(rng, 100)} for n in range(messages)],
        "tools": [tool(rng, number) for number in range(10)],
    }


def changed(tree: Any, change: Callable[[list[Any]], None]) -> Any:
    """A copy without shared objects, as a parser would make it, with its messages changed."""
    copied = json.loads(json.dumps(tree))
    change(copied["messages"])
    return copied


def cases() -> Iterator[Case]:
    small, large = body(1, 45), body(2, 200)
    new = {"role": "user", "content": "one more"}
    yield "equal", small, changed(small, lambda messages: None)
    yield "one change", changed(small, lambda messages: messages[20].update(content="x")), small
    yield "insertion", changed(small, lambda messages: messages.insert(20, new)), small
    yield "200, insertion", changed(large, lambda messages: messages.insert(100, new)), large
    yield "200, reversed", changed(large, lambda messages: messages.reverse()), large
    yield "nothing alike", body(3, 45), small


def timed(work: Callable[..., Any], *args: Any) -> float:
    start = time.perf_counter()
    work(*args)
    return (time.perf_counter() - start) * 1e3


def report(case: Case, rounds: int) -> str:
    name, *bodies = case
    line = f"{name:16} {len(json.dumps(bodies[1])) / 1e3:6.0f}"
    if DeepDiff is None:
        return f"{line} {min(timed(differences, *bodies) for _ in range(rounds)):9.2f}"
    pairs = [(timed(differences, *bodies), timed(DeepDiff, *bodies)) for _ in range(rounds)]
    ours, theirs = map(min, zip(*pairs, strict=True))
    ratio = median(there / here for here, there in pairs)
    places = f"{len(differences(*bodies)):4} / {sum(map(len, DeepDiff(*bodies).values()))}"
    return f"{line} {ours:9.2f} {theirs:9.2f} {ratio:7.1f}x  {places}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    if DeepDiff is None:
        print("deepdiff cannot be imported here: own times only")
    print(f"{'case':16} {'kB':>6} {'ours ms':>9} {'theirs ms':>9} {'ratio':>8}  places")
    for case in cases():
        print(report(case, rounds))
    ours, theirs = body(1, 45), body(3, 45)
    prints = fingerprint(ours), fingerprint(theirs)
    made = min(timed(fingerprint, ours) for _ in range(rounds))
    compared = min(timed(similarity, *prints) for _ in range(rounds))
    print(f"ranking a candidate: fingerprint {made:.2f} ms, similarity {compared:.2f} ms")


if __name__ == "__main__":
    main()

"""Find where two request bodies differ

`differences` is what a miss shows, deepdiff a library for just that; both are asked whether the
bodies differ at all before they are timed. `fingerprint` and `similarity` are what ranking many
recordings takes in place of comparing with each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.measuring import Row, Side, limit, timed
from bench.prose import agent
from cassette_kit.differences import differences, fingerprint, similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.extent import Extent

    Bodies = tuple[dict[str, Any], dict[str, Any]]


def rows(extent: Extent) -> Iterator[Row]:
    for name, bodies in cases().items():
        yield row(name, *bodies)


def row(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Row:
    from deepdiff import DeepDiff

    differ = ours != theirs
    prints = fingerprint(ours), fingerprint(theirs)
    sides = {
        "deepdiff": side(lambda: DeepDiff(ours, theirs)),
        "differences": side(lambda: differences(ours, theirs)),
        "fingerprint": limit(lambda: fingerprint(ours), differ),
        "similarity": limit(lambda: similarity(*prints), differ),
    }
    return Row(f"{name}, {len(json.dumps(theirs)) / 1e3:.0f} kB", sides, differ)


def side(work: Callable[[], Any]) -> Side:
    return Side(timed(work), lambda: bool(work()))


def cases() -> dict[str, Bodies]:
    small, large = agent(1, messages=45), agent(2, messages=200)
    new = {"role": "user", "content": "one more"}
    return {
        "equal": (small, changed(small, lambda messages: None)),
        "one change": (small, changed(small, lambda messages: messages[20].update(content="x"))),
        "an insertion": (small, changed(small, lambda messages: messages.insert(20, new))),
        "in 200, an insertion": (
            large,
            changed(large, lambda messages: messages.insert(100, new)),
        ),
        "200, reversed": (large, changed(large, lambda messages: messages.reverse())),
        "nothing alike": (agent(3, messages=45), small),
    }


def changed(tree: dict[str, Any], change: Callable[[list[Any]], None]) -> dict[str, Any]:
    """A copy without shared objects, as a parser would make it, with its messages changed."""
    copied: dict[str, Any] = json.loads(json.dumps(tree))
    change(copied["messages"])
    return copied

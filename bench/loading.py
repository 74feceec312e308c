"""Read a cassette into objects

The same version-2 file on all sides: `CSafeLoader` is PyYAML with libyaml, which gives lists and
dicts, `load` is `cassette_kit.loads`, which gives checked values with all bodies as bytes. `decode`
turns the bytes into text and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

import cassette_kit as ck
from bench import cassettes
from bench.measuring import Row, Side, limit, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cassettes import Case
    from bench.extent import Extent

GOAL = 0.5
GOALS = {cassettes.REAL.name: 0.25, cassettes.SMALL.name: 0.1}


def rows(extent: Extent) -> Iterator[Row]:
    return map(row, extent.cases)


def row(case: Case) -> Row:
    files = case.files

    def parsed() -> list[Any]:
        return [yaml.load(data, yaml.CSafeLoader) for data in files]

    def loaded() -> list[ck.Cassette]:
        return list(map(ck.loads, files))

    expected = bodies(case.cassettes)
    sides = {
        "CSafeLoader": Side(timed(parsed), lambda: bodies_in_trees(parsed())),
        "load": Side(timed(loaded), lambda: bodies(loaded())),
        "decode": limit(lambda: [data.decode() for data in files], expected),
    }
    return Row(case.title, sides, expected, {"load": GOALS.get(case.name, GOAL)})


def bodies(loaded: list[ck.Cassette]) -> list[bytes]:
    return [one.response.body for cassette in loaded for one in cassette.interactions]


def bodies_in_trees(trees: list[Any]) -> list[bytes]:
    return [as_bytes(one["response"]["body"]) for tree in trees for one in tree["interactions"]]


def as_bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()

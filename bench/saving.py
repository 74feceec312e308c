"""Write a cassette

`CSafeDumper` is PyYAML with libyaml on the lists and dicts of the same version-2 file; `new` writes
interactions that no file holds yet, `one more` writes one of them behind those of a loaded file,
`unchanged` a loaded file again. `vcrpy` is its serializer on the same exchanges. All give the bytes
of a file, and each side's bytes are read back before they are timed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import vcr.serialize
import vcr.serializers.yamlserializer
import yaml

import cassette_kit as ck
from bench import cassettes
from bench.loading import as_bytes, bodies, bodies_in_trees
from bench.measuring import Row, Side, timed
from bench.tools import vcr_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.cassettes import Case
    from bench.extent import Extent

GOAL = 0.5
GOALS = {cassettes.SMALL.name: 0.1}


def rows(extent: Extent) -> Iterator[Row]:
    return map(row, extent.cases)


def row(case: Case) -> Row:
    trees = [yaml.load(data, yaml.CSafeLoader) for data in case.files]
    more = [replace(c, interactions=(*c.interactions, cassettes.small(0))) for c in case.cassettes]
    for_vcrpy = [vcr_tree(cassette) for cassette in case.cassettes]
    sides = {
        "CSafeDumper": side(dumped, trees, read_tree),
        "new": side(ck.dumps, list(map(unsourced, case.cassettes)), read),
        "one more": side(ck.dumps, more, lambda data: read(data)[:-1]),
        "unchanged": side(ck.dumps, case.cassettes, read),
        "vcrpy": side(serialized, for_vcrpy, read_by_vcrpy),
    }
    return Row(case.title, sides, bodies(case.cassettes), {"new": GOALS.get(case.name, GOAL)})


def side(
    write: Callable[[Any], bytes], values: list[Any], read: Callable[[bytes], list[bytes]]
) -> Side:
    def work() -> list[bytes]:
        return list(map(write, values))

    return Side(timed(work), lambda: [body for data in work() for body in read(data)])


def unsourced(cassette: ck.Cassette) -> ck.Cassette:
    """The same without a memory of the file that it came from."""
    return ck.Cassette(tuple(replace(one, source=None) for one in cassette.interactions))


def dumped(tree: object) -> bytes:
    data: bytes = yaml.dump(
        tree, Dumper=yaml.CSafeDumper, encoding="utf-8", sort_keys=False, width=1 << 30
    )
    return data


def serialized(tree: Any) -> bytes:
    text: str = vcr.serialize.serialize(tree, vcr.serializers.yamlserializer)
    return text.encode()


def read(data: bytes) -> list[bytes]:
    return bodies([ck.loads(data)])


def read_tree(data: bytes) -> list[bytes]:
    return bodies_in_trees([yaml.load(data, yaml.CSafeLoader)])


def read_by_vcrpy(data: bytes) -> list[bytes]:
    _, answers = vcr.serialize.deserialize(data.decode(), vcr.serializers.yamlserializer)
    return [as_bytes(answer["body"]["string"]) for answer in answers]

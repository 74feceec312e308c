"""Equality of subtrees by look-up.

Strategy: bottom-up, in one pass over each tree, equal subtrees get the same key; after that
"are these equal?" is one look-up, however large they are. Nothing recurses.
"""

from __future__ import annotations

from typing import Any

CONTAINERS = frozenset({dict, list})


class Subtrees:
    """One key for all equal subtrees.

    A scalar is its own key, as Python compares an int with a float by exact value. Booleans, which
    would equal 1 and 0, have keys of their own, as have containers.
    """

    def __init__(self, *trees: Any) -> None:
        self._by_id: dict[int, object] = {id(True): object(), id(False): object()}
        self._by_content: dict[object, object] = {}
        self._trees: list[Any] = []  # an id means something only while its owner lives
        for tree in trees:
            self.add(tree)

    def key(self, value: Any) -> object:
        return self._by_id.get(id(value), value)

    def same(self, one: Any, other: Any) -> bool:
        return self.key(one) == self.key(other)

    def add(self, tree: Any) -> None:
        self._trees.append(tree)
        containers = [tree] if type(tree) in CONTAINERS else []
        for node in containers:  # grows while it is read: parents before children
            children = node.values() if type(node) is dict else node
            containers += [child for child in children if type(child) in CONTAINERS]
        for node in reversed(containers):
            self._by_id[id(node)] = self._by_content.setdefault(self._content(node), object())

    def _content(self, node: Any) -> object:
        values = node.values() if type(node) is dict else node
        keys = map(self._by_id.get, map(id, values), values)
        return frozenset(zip(node, keys, strict=True)) if type(node) is dict else tuple(keys)

"""How alike two bodies are, cheap enough to rank every recording of a cassette."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cassette_kit.json_path import Key

LEAF_CHARS = 400  # as much of a long string counts for its similarity, at either end
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The leaves and words of a tree, counted; made once, compared often."""

    counts: Mapping[object, int]
    size: int


def fingerprint(tree: Any) -> Fingerprint:
    """What `similarity` compares: each leaf with its key, and the words of each string.

    Of a long string only the words near its ends count, so that no leaf outweighs all others.
    """
    tokens: list[object] = []
    pending: list[tuple[Key, Any]] = [("", tree)]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict) and value:
            pending.extend(value.items())
        elif isinstance(value, list) and value:
            pending.extend((key, element) for element in value)
        else:
            tokens += _tokens(key, value)
    return Fingerprint(Counter(tokens), len(tokens))


def _tokens(key: Key, leaf: Any) -> list[object]:
    if isinstance(leaf, str):
        ends = leaf if len(leaf) <= 2 * LEAF_CHARS else leaf[:LEAF_CHARS] + leaf[-LEAF_CHARS:]
        return [(key, leaf), *_WORD.findall(ends)]
    return [(key, leaf) if type(leaf) in (int, float) else (key, type(leaf), repr(leaf))]


def similarity(live: Fingerprint, taped: Fingerprint) -> float:
    """The share of leaves and words in common: 1 for equal bodies, 0 for nothing in common."""
    common = live.counts.keys() & taped.counts.keys()
    shared = sum(min(live.counts[token], taped.counts[token]) for token in common)
    return 2 * shared / (live.size + taped.size)

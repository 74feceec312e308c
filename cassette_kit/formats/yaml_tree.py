"""YAML text to a small tree of nodes: no objects are constructed, nothing is resolved.

Strategy: libyaml's event stream, consumed one event at a time with an explicit stack, so that no
nesting overflows; only the first document is read. An alias shares the node that its anchor names.
Depth, nodes and what aliases stand for are counted as they come, so a bomb stops the reader early.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

from cassette_kit.formats.resolution import is_plain_text
from cassette_kit.formats.yaml_nodes import MAX_NODES, Mapping, Node, Scalar, Sequence, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.errors import CassetteFormatError

MAX_DEPTH = 64
"""Nested collections: a cassette has 6, an unknown key may hold some more; well below the stack."""
MAX_ALIASED = 1_000_000
"""Weight that aliases may add, a scalar weighing one more per 100 characters: 100 MB of text."""
_CHARACTERS_PER_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class Tree:
    """The first document of a text. `references` are the places of its anchors and aliases, in
    order; `end` is where it stops and further documents may follow."""

    source: Source
    root: Node | None
    references: tuple[int, ...]
    has_directives: bool
    end: int


def parse(source: Source) -> Tree:
    """The tree of the first document.

    Raises:
        CassetteFormatError: not YAML, a duplicate key, an alias without anchor, or past a limit.
    """
    builder = _Builder(source)
    try:
        events = yaml.parse(source.text, Loader=yaml.CSafeLoader)
        for event in events:
            builder.take(event)
            if isinstance(event, yaml.DocumentEndEvent):
                if not event.explicit:
                    next(events)  # an error if anything but another document follows
                break
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", error)
        at = mark.index if mark is not None else 0
        reason = f"not readable YAML: {problem}; correct the file, or delete it and record it again"
        raise source.error(reason, at=at) from error
    return builder.tree()


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    node: Sequence | Mapping
    anchor: str | None
    weight_before: int
    height: int = 1
    key: Node | None = None


@dataclass(slots=True)
class _Anchored:
    node: Node | None  # None while it is open
    weight: int = 0
    height: int = 0


class _Builder:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._root: Node | None = None
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._references: list[int] = []
        self._nodes = self._weight = self._aliased = 0
        self._end = self._document_end = 0
        self._has_directives = False

    def take(self, event: Any) -> None:
        handle = self._HANDLERS.get(type(event))
        if handle is not None:
            handle(self, event)

    def tree(self) -> Tree:
        references = tuple(self._references)
        return Tree(self._source, self._root, references, self._has_directives, self._document_end)

    def _start_document(self, event: Any) -> None:
        self._has_directives = bool(event.tags)

    def _end_document(self, event: Any) -> None:
        self._document_end = event.start_mark.index

    def _scalar(self, event: Any) -> None:
        start, self._end = event.start_mark.index, event.end_mark.index
        resolves = not event.style and not is_plain_text(event.value)
        node = Scalar(event.value, event.tag, resolves, start, self._end)
        weight = 1 + len(node.text) // _CHARACTERS_PER_WEIGHT
        self._count(weight, event)
        if event.anchor is not None:
            self._references.append(start)
            self._anchors[event.anchor] = _Anchored(node, weight)
        self._add(node, 0)

    def _start_sequence(self, event: Any) -> None:
        self._start(Sequence([], event.tag, event.flow_style, event.start_mark.index), event)

    def _start_mapping(self, event: Any) -> None:
        self._start(Mapping([], event.tag, event.flow_style, event.start_mark.index), event)

    def _start(self, node: Sequence | Mapping, event: Any) -> None:
        before = self._weight
        self._count(1, event)
        if event.anchor is not None:
            self._references.append(node.start)
            self._anchors[event.anchor] = _Anchored(None)
        self._open.append(_Open(node, event.anchor, before))
        self._check_depth(len(self._open), event)

    def _end_collection(self, event: Any) -> None:
        closed = self._open.pop()
        node = closed.node
        if node.flow:
            self._end = event.end_mark.index
        node.end = max(self._end, node.start)
        if isinstance(node, Mapping):
            self._refuse_duplicates(node)
        if closed.anchor is not None:
            weight = self._weight - closed.weight_before
            self._anchors[closed.anchor] = _Anchored(node, weight, closed.height)
        self._add(node, closed.height)

    def _alias(self, event: Any) -> None:
        start, self._end = event.start_mark.index, event.end_mark.index
        target = self._anchors.get(event.anchor)
        if target is None or target.node is None:
            what = "an anchor that is not there" if target is None else "what it stands in"
            raise self._error(f"the alias *{event.anchor} names {what}", event)
        self._references.append(start)
        self._weight += target.weight
        self._aliased += target.weight
        if self._aliased > MAX_ALIASED:
            raise self._error("aliases that stand for too much; write the text out", event)
        self._check_depth(len(self._open) + target.height, event)
        self._add(target.node, target.height)

    def _add(self, node: Node, height: int) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.height = max(parent.height, height + 1)
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            parent.node.pairs.append((parent.key, node))
            parent.key = None

    def _count(self, weight: int, event: Any) -> None:
        self._nodes += 1
        self._weight += weight
        if self._nodes > MAX_NODES:
            raise self._error(f"more than {MAX_NODES:,} values; split the cassette", event)

    def _check_depth(self, depth: int, event: Any) -> None:
        if depth > MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} deep; no cassette is", event)

    def _refuse_duplicates(self, node: Mapping) -> None:
        seen: set[str] = set()
        for key in (key for key, _ in node.pairs if isinstance(key, Scalar)):
            if key.text in seen:
                raise self._source.duplicate(key.text, at=key.start, key=self._path())
            seen.add(key.text)

    def _error(self, reason: str, event: Any) -> CassetteFormatError:
        return self._source.error(reason, at=event.start_mark.index, key=self._path())

    def _path(self) -> str:
        steps = chain.from_iterable(self._steps(level) for level in self._open)
        return "".join(steps).lstrip(".")

    def _steps(self, level: _Open) -> Iterator[str]:
        if isinstance(level.node, Sequence):
            yield f"[{len(level.node.items)}]"
        elif isinstance(level.key, Scalar):
            yield f".{level.key.text[:40]}"

    _HANDLERS: ClassVar[dict[type, Callable[[_Builder, Any], None]]] = {
        yaml.DocumentStartEvent: _start_document,
        yaml.DocumentEndEvent: _end_document,
        yaml.ScalarEvent: _scalar,
        yaml.AliasEvent: _alias,
        yaml.SequenceStartEvent: _start_sequence,
        yaml.SequenceEndEvent: _end_collection,
        yaml.MappingStartEvent: _start_mapping,
        yaml.MappingEndEvent: _end_collection,
    }

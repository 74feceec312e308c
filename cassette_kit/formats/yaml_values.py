"""Nodes read as the types that a cassette holds; every complaint names its line and key.

Text is the scalar's source text, however YAML would resolve it: `yes`, `1_000` and `2001-12-14`
are those characters. Source: what go-yaml puts into Go's string, int, bool, slice and map fields.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit.formats import resolution
from cassette_kit.formats.durations import parse_duration
from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence, Source, shortened
from cassette_kit.model import Headers

if TYPE_CHECKING:
    from collections.abc import Collection

    from cassette_kit.errors import CassetteFormatError

_TAG = "tag:yaml.org,2002:"
BINARY_TAG = _TAG + "binary"
_NULL_TAGS = {None, _TAG + "null"}
_NUMBER_TAGS = {None, _TAG + "int", _TAG + "float"}
_BOOL_TAGS = {None, _TAG + "bool"}
_MERGE_TAGS = {None, _TAG + "merge"}
_WHITESPACE = str.maketrans("", "", " \t\r\n")


@dataclass(frozen=True, slots=True)
class Value:
    """A node, or the lack of one (None), at a key path; `at` is where to point at."""

    source: Source
    node: Node | None
    path: str
    at: int

    @property
    def is_null(self) -> bool:
        """Whether the key is missing or its value is null."""
        return self.node is None or _is_null(self.node)

    def text(self) -> str:
        """A text field; what is not UTF-8 in a `!!binary` comes as surrogate escapes."""
        node = self._scalar()
        if node is None:
            return ""
        if node.tag == BINARY_TAG:
            return self._decoded(node).decode("utf-8", "surrogateescape")
        return node.text

    def data(self) -> bytes:
        """A body: the text in UTF-8, or the bytes of a `!!binary`."""
        node = self._scalar()
        if node is None:
            return b""
        return self._decoded(node) if node.tag == BINARY_TAG else node.text.encode()

    def integer(self) -> int:
        """A whole number of at most 64 bits in any of YAML's notations; null is 0."""
        node = self._scalar()
        if node is None:
            return 0
        number = resolution.int64(node.text) if _is_resolved(node, _NUMBER_TAGS) else None
        if number is None:
            raise self.expected("a whole number without quotes")
        return number

    def boolean(self) -> bool:
        """A YAML 1.1 boolean; null is false."""
        node = self._scalar()
        if node is None:
            return False
        is_resolved = _is_resolved(node, _BOOL_TAGS)
        if not is_resolved or node.text not in resolution.TRUE_WORDS | resolution.FALSE_WORDS:
            raise self.expected("true or false without quotes")
        return node.text in resolution.TRUE_WORDS

    def duration_ns(self) -> int:
        """A Go duration in nanoseconds."""
        text = self.text()
        if isinstance(self.node, Scalar) and self.node.resolves and resolution.is_number(text):
            raise self.expected('a duration with its unit, such as "1.5s" or "460.6ms"')
        try:
            return parse_duration(text)
        except ValueError as error:
            reason = f'a Go duration such as "1.5s" or "460.6ms" ({error})'
            raise self.expected(reason) from error

    def items(self) -> list[Value]:
        """The items of a list; null is the empty one."""
        if self.is_null:
            return []
        if not isinstance(self.node, Sequence):
            raise self.expected("a list")
        return [
            Value(self.source, node, f"{self.path}[{index}]", node.start)
            for index, node in enumerate(self.node.items)
        ]

    def texts(self) -> tuple[str, ...]:
        """A list of texts; null items do not count."""
        return tuple(item.text() for item in self.items() if not item.is_null)

    def multimap(self) -> Headers:
        """A map of lists of texts, as headers and forms are."""
        fields = self.fields()
        return Headers([(name, text) for name in fields.nodes for text in fields[name].texts()])

    def fields(self) -> Fields:
        """A map by its keys, merge keys resolved; null is the empty one."""
        if self.is_null:
            return Fields(self, {})
        if not isinstance(self.node, Mapping):
            raise self.expected("a map of keys and values")
        return Fields(self, self._merged(self.node))

    def expected(self, what: str) -> CassetteFormatError:
        """The error that another value should stand here."""
        return self.error(f"expected {what}, found {_description(self.node)}; correct the value")

    def error(self, reason: str) -> CassetteFormatError:
        return self.source.error(reason, at=self.at, key=self.path)

    def _scalar(self) -> Scalar | None:
        if self.is_null:
            return None
        if not isinstance(self.node, Scalar):
            raise self.expected("a single value")
        return self.node

    def _decoded(self, node: Scalar) -> bytes:
        try:
            return binascii.a2b_base64(node.text.translate(_WHITESPACE), strict_mode=True)
        except ValueError as error:
            reason = f"this is no base64 ({error}), as !!binary asks for; correct or re-record it"
            raise self.error(reason) from error

    def _merged(self, node: Mapping) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in node.pairs:
            if _is_merge(key):
                merged = self._merge_sources(value)
                continue
            name = Value(self.source, key, self.path, key.start).text()
            if name in own:
                raise self.source.duplicate(name, at=key.start, key=self.path)
            own[name] = value
        return own | {name: merged[name] for name in merged if name not in own}

    def _merge_sources(self, node: Node) -> dict[str, Node]:
        """What `<<` brings in: of several maps in a list, an earlier one wins."""
        sources = node.items if isinstance(node, Sequence) else [node]
        merged: dict[str, Node] = {}
        for source in reversed(sources):
            if not isinstance(source, Mapping):
                value = Value(self.source, source, self.path, source.start)
                raise value.expected("a map to merge")
            merged |= self._merged(source)
        return merged


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of a map by key; a missing key is a `Value` without node."""

    owner: Value
    nodes: dict[str, Node]

    def __getitem__(self, key: str) -> Value:
        node = self.nodes.get(key)
        path = f"{self.owner.path}.{key}" if self.owner.path else key
        return Value(self.owner.source, node, path, self.owner.at if node is None else node.start)

    def required(self, key: str) -> Value:
        """A value that every writer writes, so that its lack means a broken file."""
        value = self[key]
        if value.is_null:
            raise value.error(
                f"{'missing' if value.node is None else 'empty'}, though every writer gives it: "
                "was the file cut off? Restore it, or delete it and record it again"
            )
        return value

    def beyond(self, known: Collection[str]) -> tuple[tuple[str, Node], ...]:
        """The pairs that the format does not define, in file order."""
        return tuple(pair for pair in self.nodes.items() if pair[0] not in known)


def _is_null(node: Node) -> bool:
    return (
        isinstance(node, Scalar)
        and _is_resolved(node, _NULL_TAGS)
        and node.text in resolution.NULL_WORDS
    )


def _is_merge(node: Node) -> bool:
    return (
        isinstance(node, Scalar)
        and _is_resolved(node, _MERGE_TAGS)
        and node.text == resolution.MERGE_WORD
    )


def _is_resolved(node: Scalar, tags: Collection[str | None]) -> bool:
    return node.resolves and node.tag in tags


def _description(node: Node | None) -> str:
    if isinstance(node, Scalar):
        is_quoted = not node.resolves and not resolution.is_plain_text(node.text)
        return f"{'the quoted ' if is_quoted else ''}{shortened(node.text)}"
    return "a list" if isinstance(node, Sequence) else "a map"

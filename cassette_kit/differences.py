"""Where two decoded JSON bodies differ, how alike they are, and which values change by nature.

Pure: values in, values out, nothing printed. What is not JSON is compared elsewhere.

Strategy: bottom-up, in one pass over each tree, equal subtrees get the same key; after that
"are these equal?" is one look-up, however large they are. Lists are aligned on equal elements,
what is left on similar ones. Differences are made one at a time, so that a limit bounds the work,
and nothing recurses.
"""

from __future__ import annotations

import enum
import hashlib
import itertools
import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from cassette_kit.canonical import parse_json
from cassette_kit.json_path import Key, escaped, path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_MATCHES = 20_000  # pairs of equal elements up to which two lists are aligned on those
MAX_PAIRS = 900  # pairs of unequal elements up to which lists are aligned on similar ones
SIMILAR = 1 / 3  # from here on an element counts as changed, not as replaced by another
LEAF_CHARS = 400  # as much of a long string counts for its similarity, at either end
MARGIN_CHARS = 200  # as far a volatile value may reach beyond the part of it that varies

Kind = Literal["changed", "added", "removed"]
_Place = tuple[tuple[Key, ...], ...]  # the keys down to a value, anew inside each JSON text
_Pair = tuple[_Place, Any, Any]
_Anchor = tuple[int, int]  # a row and a column: indexes of the live and of the taped list
_Chain = tuple[int, int, "_Chain | None"]

_CONTAINERS = frozenset({dict, list})
_WORD = re.compile(r"\w+")
_BLOB = re.compile(
    r"data:[\w.+-]+/[^,\s]{1,99},"
    r"|(?=[^A-Z]{0,99}[A-Z])(?=\D{0,99}\d)[A-Za-z0-9+/_=\r\n-]+\Z"
)


class _Missing(enum.Enum):
    MISSING = enum.auto()

    def __repr__(self) -> str:
        return self.name


MISSING = _Missing.MISSING


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which a live body and a taped one differ.

    `added` is what only the live body has, `removed` what only the tape has; the other side is
    MISSING. Indexes in `path` are the live body's, those of what was removed the tape's. `inner`
    is the path inside a string that holds JSON on both sides. A list whose elements only changed
    places is one difference with `reordered` set.
    """

    path: str
    kind: Kind
    live: Any
    taped: Any
    inner: str | None = None
    reordered: bool = False

    @property
    def where(self) -> str:
        """The whole path for display: `$.arguments → $.city`."""
        return self.path if self.inner is None else f"{self.path} → {self.inner}"


Difference.__module__ = "cassette_kit"


def differences(live: Any, taped: Any, *, limit: int = 20) -> list[Difference]:
    """The first `limit` differences of two decoded bodies, in document order; none if equal.

    Key order does not count, array order does. Numbers are equal when their exact values are;
    `true` is not 1, null is not missing.
    """
    return list(itertools.islice(_differences(live, taped), limit))


def _differences(live: Any, taped: Any) -> Iterator[Difference]:
    subtrees = _Subtrees(live, taped)
    pending: list[_Pair] = [] if subtrees.same(live, taped) else [(((),), live, taped)]
    while pending:
        place, ours, theirs = pending.pop()
        expand = _EXPANSIONS.get(type(ours)) if type(ours) is type(theirs) else None
        below = expand and expand(place, ours, theirs, subtrees)
        if below is None:
            yield _difference(place, ours, theirs)
        else:
            pending.extend(reversed(below))


def _difference(place: _Place, live: Any, taped: Any) -> Difference:
    path, *inner = map(path_text, place)
    kind: Kind = "added" if taped is MISSING else "removed" if live is MISSING else "changed"
    reordered = type(live) is type(taped) is list  # any other two lists were looked into
    return Difference(path, kind, live, taped, " → ".join(inner) or None, reordered)


class _Subtrees:
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
        containers = [tree] if type(tree) in _CONTAINERS else []
        for node in containers:  # grows while it is read: parents before children
            children = node.values() if type(node) is dict else node
            containers += [child for child in children if type(child) in _CONTAINERS]
        for node in reversed(containers):
            self._by_id[id(node)] = self._by_content.setdefault(self._content(node), object())

    def _content(self, node: Any) -> object:
        values = node.values() if type(node) is dict else node
        keys = map(self._by_id.get, map(id, values), values)
        return frozenset(zip(node, keys, strict=True)) if type(node) is dict else tuple(keys)


def _members(
    place: _Place, live: dict[str, Any], taped: dict[str, Any], subtrees: _Subtrees
) -> list[_Pair]:
    keys = [*live, *(key for key in taped if key not in live)]
    pairs = [(key, live.get(key, MISSING), taped.get(key, MISSING)) for key in keys]
    return [(_at(place, key), a, b) for key, a, b in pairs if not subtrees.same(a, b)]


def _elements(
    place: _Place, live: list[Any], taped: list[Any], subtrees: _Subtrees
) -> list[_Pair] | None:
    ours, theirs = list(map(subtrees.key, live)), list(map(subtrees.key, taped))
    if len(ours) == len(theirs) and Counter(ours) == Counter(theirs):
        return None
    return [
        (_at(place, index), a, b)
        for rows, columns in _unequal_runs(ours, theirs)
        for index, a, b in _paired(live, taped, rows, columns)
        if not subtrees.same(a, b)
    ]


def _inside(place: _Place, live: str, taped: str, subtrees: _Subtrees) -> list[_Pair] | None:
    ours, theirs = _container(live), _container(taped)
    if ours is None or type(ours) is not type(theirs):
        return None
    subtrees.add(ours)
    subtrees.add(theirs)
    return None if subtrees.same(ours, theirs) else [((*place, ()), ours, theirs)]


_EXPANSIONS: dict[type, Callable[[_Place, Any, Any, _Subtrees], list[_Pair] | None]] = {
    dict: _members,
    list: _elements,
    str: _inside,
}


def _at(place: _Place, key: Key) -> _Place:
    return (*place[:-1], (*place[-1], key))


def _container(text: str) -> Any:
    try:
        tree = parse_json(text.encode())
    except ValueError:
        return None
    return tree if type(tree) in _CONTAINERS else None


def _unequal_runs(ours: list[object], theirs: list[object]) -> Iterator[tuple[range, range]]:
    """The indexes between the elements that two lists have in common."""
    head, tail = _common_ends(ours, theirs)
    rows, columns = range(head, len(ours) - tail), range(head, len(theirs) - tail)
    return _between(_common_subsequence(ours, theirs, rows, columns), rows, columns)


def _between(anchors: list[_Anchor], rows: range, columns: range) -> Iterator[tuple[range, range]]:
    row, column = rows.start, columns.start
    for next_row, next_column in [*anchors, (rows.stop, columns.stop)]:
        yield range(row, next_row), range(column, next_column)
        row, column = next_row + 1, next_column + 1


def _common_subsequence(
    ours: list[object], theirs: list[object], rows: range, columns: range
) -> list[_Anchor]:
    """The longest one, found as Hunt and Szymanski do; empty if too many elements are repeated."""
    places: dict[object, list[int]] = defaultdict(list)
    for column in reversed(columns):
        places[theirs[column]].append(column)
    equal = ((row, column) for row in rows for column in places.get(ours[row], ()))
    matches = list(itertools.islice(equal, MAX_MATCHES + 1))
    if len(matches) > MAX_MATCHES:
        return []
    ends: list[int] = []  # the lowest column at which a chain of each length can end
    chains: list[_Chain] = []
    for row, column in matches:
        length = bisect_left(ends, column)
        ends[length : length + 1] = [column]
        chains[length : length + 1] = [(row, column, chains[length - 1] if length else None)]
    return _links(chains[-1]) if chains else []


def _similar_pairs(live: list[Any], taped: list[Any], rows: range, columns: range) -> list[_Anchor]:
    """The pairs, in the order of both lists, whose similarities add up to the most."""
    if len(rows) * len(columns) > MAX_PAIRS:
        return list(zip(rows, columns, strict=False))
    if len(rows) * len(columns) < 2:
        return []
    ours = {row: fingerprint(live[row]) for row in rows}
    theirs = {column: fingerprint(taped[column]) for column in columns}
    best: dict[_Anchor, tuple[float, _Chain | None]] = defaultdict(lambda: (0.0, None))
    for row, column in itertools.product(rows, columns):
        options = [best[row - 1, column], best[row, column - 1]]
        score = similarity(ours[row], theirs[column])
        if score >= SIMILAR and type(live[row]) is type(taped[column]):
            total, chain = best[row - 1, column - 1]
            options.append((total + score, (row, column, chain)))
        best[row, column] = max(options, key=itemgetter(0))
    return _links(best[rows[-1], columns[-1]][1])


def _links(chain: _Chain | None) -> list[_Anchor]:
    links: list[_Anchor] = []
    while chain:
        row, column, chain = chain
        links.append((row, column))
    return links[::-1]


def _paired(
    live: list[Any], taped: list[Any], rows: range, columns: range
) -> Iterator[tuple[int, Any, Any]]:
    """Similar elements; of what lies between, as many as on the other side; the rest alone."""
    anchors = _similar_pairs(live, taped, rows, columns)
    between = _between(anchors, rows, columns)
    for (ours, theirs), anchor in itertools.zip_longest(between, anchors):
        pairs = list(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else []
        if not pairs:
            yield from ((column, MISSING, taped[column]) for column in theirs)
            yield from ((row, live[row], MISSING) for row in ours)
        for row, column in [*pairs, anchor] if anchor else pairs:
            yield row, live[row], taped[column]


def _common_start(one: Sequence[object], other: Sequence[object]) -> int:
    """How many elements or characters two sequences begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_ends(one: Sequence[object], other: Sequence[object]) -> tuple[int, int]:
    head = _common_start(one, other)
    return head, _common_start(one[head:][::-1], other[head:][::-1])


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


_HEX = "[0-9a-fA-F]"
_ALONE = "(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SECONDS = r":[0-6]\d(?:[.,]\d+)?"
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)"

KINDS: Mapping[str, re.Pattern[str]] = {
    "uuid": re.compile(_ALONE.format(f"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}")),
    "iso-time": re.compile(
        rf"(?<![\w-]){_DATE}(?:[T ]{_CLOCK}(?:{_SECONDS})?{_ZONE}?)?(?![\w-])"
        rf"|(?<![\w:.-]){_CLOCK}{_SECONDS}{_ZONE}?(?![\w:-])",
        re.ASCII,
    ),
    "epoch": re.compile(
        r"(?<![0-9A-Za-z.])1[5-9][0-9]{8}(?:[0-9]{3}){0,3}(?:\.[0-9]+)?(?![0-9A-Za-z]|\.[0-9])"
    ),
    "hex": re.compile(_ALONE.format(f"{_HEX}{{8,}}")),
}
"""What `normalise` knows by name, each kind found anywhere in a text.

A date inside a name is none (`model-2024-08-06`). Epochs are seconds from 2017 to 2033, or those in
milli-, micro- or nanoseconds. Hex has eight digits or more.
"""

_VOLATILE = {
    **KINDS,
    "hex": re.compile(_ALONE.format(f"(?=[0-9]*[a-fA-F]){_HEX}{{8,}}")),  # more than a number
    "temp-path": re.compile(
        r"(?<![\w.])(?:/private)?/(?:tmp|var/tmp|var/folders)/[^\s\"'<>|;,)]+"
        r"|\b[A-Za-z]:[\\/](?:[^\s\"'<>|]+[\\/])?(?:Temp|TEMP|tmp)[\\/][^\s\"'<>|;,)]+"
    ),
    "repr-address": re.compile(rf"\b0x{_HEX}{{6,16}}\b"),
}


def volatile_kind(live: Any, taped: Any) -> str | None:
    """The kind of value that is all by which two strings or two numbers differ, if there is one.

    A name from KINDS, `temp-path` or `repr-address`.
    """
    types = {type(live), type(taped)}
    if not (types <= {int, float} or types == {str}) or live == taped:
        return None
    ours, theirs = _varying_parts(str(live), str(taped))
    for kind, pattern in _VOLATILE.items():
        if pattern.sub("\0", ours) == pattern.sub("\0", theirs):
            return kind
    return None


def _varying_parts(live: str, taped: str) -> tuple[str, str]:
    head, tail = _common_ends(live, taped)
    start, end = max(0, head - MARGIN_CHARS), max(0, tail - MARGIN_CHARS)
    return live[start : len(live) - end], taped[start : len(taped) - end]


def render(difference: Difference, *, width: int = 72) -> tuple[str, str]:
    """The live and the taped value for display, a line of at most `width` characters each.

    Two long strings are cut to what surrounds their first difference, at the same place. Base64 is
    named, not shown; control characters are escaped, so that a terminal is safe.
    """
    live, taped = difference.live, difference.taped
    if isinstance(live, str) and isinstance(taped, str) and not (_blob(live) or _blob(taped)):
        return _side_by_side(live, taped, width)
    return _shown(live, width), _shown(taped, width)


def _side_by_side(live: str, taped: str, width: int) -> tuple[str, str]:
    head, start = _common_start(live, taped), 0
    if not (_fits(live, width) and _fits(taped, width)):
        start = max(0, head - width // 3)
        while len(escaped(live[start:head])) > width // 3:
            start += 1
    mark = _quotation_mark(live[start : start + width] + taped[start : start + width])
    return _quoted(live, start, width, mark), _quoted(taped, start, width, mark)


def _fits(text: str, width: int) -> bool:
    return len(text) <= width and len(escaped(text, quote="'")) <= width - 2


def _quotation_mark(text: str) -> str:
    return '"' if "'" in text and '"' not in text else "'"


def _quoted(text: str, start: int, width: int, mark: str) -> str:
    """What there is room for of a string from `start` on."""
    lead = "…" if start else ""
    pieces = [escaped(char, quote=mark) for char in text[start : start + width]]
    body = lead + "".join(pieces)
    if len(body) > width - 2 or start + width < len(text):
        ends = list(itertools.accumulate(map(len, pieces), initial=len(lead)))
        body = lead + "".join(pieces[: bisect_right(ends, width - 3) - 1]) + "…"
    return f"{mark}{body}{mark}"


def _shown(value: Any, width: int) -> str:
    if isinstance(value, str):
        return _blob(value) or _quoted(value, 0, width, _quotation_mark(value[:width]))
    if isinstance(value, dict | list):
        return _overview(value, width)
    text = "(missing)" if value is MISSING else json.dumps(value)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _overview(value: dict[str, Any] | list[Any], width: int) -> str:
    if isinstance(value, dict):
        brackets, members = "{}", itertools.islice(value.items(), width)
        parts = [f"{_quoted(key, 0, 26, '')}: {_brief(member)}" for key, member in members]
    else:
        brackets, parts = "[]", [_brief(element) for element in value[:width]]
    ends = list(itertools.accumulate((len(part) + 2 for part in parts), initial=0))
    if len(parts) < len(value) or ends[-1] > width:
        del parts[max(0, bisect_right(ends, width - len(f"[… {len(value)} more]")) - 1) :]
        parts.append(f"… {len(value) - len(parts)} more")
    return brackets[0] + ", ".join(parts) + brackets[1]


def _brief(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return "{…}" if isinstance(value, dict) else "[…]"
    return _shown(value, 24)


def _blob(text: str) -> str:
    """What a long base64 text or data URL is called; empty for any other text."""
    if len(text) < 128 or not _BLOB.match(text):
        return ""
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    size = f"{len(text) / 1e6:.1f} MB" if len(text) >= 1e6 else f"{len(text) / 1e3:.1f} kB"
    return f"<base64, {size}, sha256 {digest}…>"

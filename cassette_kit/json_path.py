"""The paths of the options `ignore`, `normalise` and `unordered`, over decoded JSON.

A path is `$` and then any of `.name`, `['odd key']`, `[0]`, `[-1]`, `.*` or `[*]`; two dots,
`..name`, reach every depth. No slices, no filters. Trees are plain values as a JSON parser
returns them; they are never changed, and a result shares what did not change with its source.

Strategy: paths are matched as Shift-And matches text. A state is a bit per segment, "all before
this one have matched", so that one step is a few operations on integers and several paths share
one walk. Nothing recurses: depth is bounded by memory alone.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_kit.errors import CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Key = str | int

_NAME = re.compile(r"[^\W\d]\w*")
_SEGMENT = re.compile(
    rf"""
    (?: (?P<deep>\.\.) (?!\.) | \. (?![.\[]) | (?=\[) )
    (?: (?P<name>{_NAME.pattern})
      | (?P<star>\*)
      | \[ (?: (?P<any>\*)
             | (?P<index>0|-?[1-9][0-9]{{0,14}})
             | (?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") ) \] )
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPECTED = {
    "[": "expected [*], [0], [-1] or ['key']",
    ".": "expected a name or * after the dot; any other key is written ['odd key']",
}
_NEXT = "expected '.', '..' or '['; a key with other characters is written ['odd key']"
_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_REMOVED = object()


class Segment(NamedTuple):
    """One step of a path. `key` is a member's name, an element's index, or None for all of them."""

    key: Key | None
    deep: bool = False

    def __str__(self) -> str:
        dots = ".." if self.deep else ""
        if self.key is None:
            return f"{dots}*" if self.deep else "[*]"
        if isinstance(self.key, int):
            return f"{dots}[{self.key}]"
        if _NAME.fullmatch(self.key):
            return f"{dots or '.'}{self.key}"
        quoted = escaped(self.key, quote="'")
        return f"{dots}['{quoted}']"


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; `str()` gives its canonical text, which `parse` reads back."""

    segments: tuple[Segment, ...]

    def __str__(self) -> str:
        return "$" + "".join(map(str, self.segments))


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Path:
    """Read a path.

    Raises:
        CassetteOptionError: bad syntax; points at the character.

    Source: the names, indexes and escapes of RFC 9535, sections 2.3 and 2.5.
    """
    if not text.startswith("$"):
        raise _syntax_error(text, 0, "a path begins with $")
    segments, at = [], 1
    while at < len(text):
        match = _SEGMENT.match(text, at)
        if match is None:
            raise _syntax_error(text, at, _EXPECTED.get(text[at], _NEXT))
        segments.append(Segment(_selector(match), match["deep"] is not None))
        at = match.end()
    return Path(tuple(segments))


def path_text(keys: Iterable[Key]) -> str:
    """The path of one place: `("messages", 1, "content")` is `$.messages[1].content`."""
    return str(Path(tuple(map(Segment, keys))))


def find(tree: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """Each place that a path matches, in document order, as its own path and its value."""
    visits = _visits(tree, (path,))
    for visit in visits:
        if visit.matched:
            yield path_text(_keys(visit, visits)), visit.value


def transform(tree: Any, path: Path, fn: Callable[[Any], Any]) -> Any:
    """The tree with `fn` applied to each value that a path matches, inner matches first."""
    return _rebuilt(tree, (path,), fn)


def without(tree: Any, paths: Iterable[Path]) -> Any:
    """The tree without what the paths match; all of them mean places in the given tree.

    Without its root a tree is None.
    """
    left = _rebuilt(tree, tuple(paths), lambda _: _REMOVED)
    return None if left is _REMOVED else left


def escaped(text: str, *, quote: str = "") -> str:
    """Text with backslashes, `quote` and all that is not printable written as JSON escapes."""
    if text.isprintable() and "\\" not in text and not (quote and quote in text):
        return text
    return "".join(f"\\{char}" if char == quote else _escape(char) for char in text)


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _selector(match: re.Match[str]) -> Key | None:
    if match["index"]:
        return int(match["index"])
    return _unquoted(match) if match["quoted"] else match["name"]


def _unquoted(match: re.Match[str]) -> str:
    swapped = {"\\'": "'", '"': '\\"'}
    body = _QUOTES.sub(lambda found: swapped.get(found[0], found[0]), match["quoted"][1:-1])
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        raise _syntax_error(match.string, match.start("quoted"), "not a JSON escape") from None


def _syntax_error(text: str, at: int, reason: str) -> CassetteOptionError:
    shown = str if text.isprintable() else escaped
    caret = " " * len(shown(text[:at])) + "^"
    return CassetteOptionError(
        f"bad JSON path, character {at + 1}: {reason}\n  {shown(text)}\n  {caret}"
    )


@dataclass(frozen=True, slots=True)
class _Automaton:
    start: int
    accept: int
    deep: int
    anything: int
    named: dict[Key, int]

    def children(self, value: Any, states: int) -> Iterator[tuple[Key, Any, int]]:
        """The children that lie on a match, or above one, with the states reached there."""
        named, anything, deep, accept = self.named, self.anything, self.deep, self.accept
        size = len(value)
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            by_key = named.get(key, 0)
            if isinstance(key, int):
                by_key |= named.get(key - size, 0)
            reached = (states & (by_key | anything)) << 1 | states & deep
            if reached & accept or (reached and isinstance(child, dict | list)):
                yield key, child, reached


@functools.lru_cache(maxsize=256)
def _automaton(paths: tuple[Path, ...]) -> _Automaton:
    start = accept = deep = anything = 0
    named: dict[Key, int] = {}
    bit = 1
    for path in paths:
        start |= bit
        for segment in path.segments:
            deep |= bit * segment.deep
            if segment.key is None:
                anything |= bit
            else:
                named[segment.key] = named.get(segment.key, 0) | bit
            bit <<= 1
        accept |= bit
        bit <<= 1
    return _Automaton(start, accept, deep, anything, named)


class _Visit(NamedTuple):
    parent: int
    key: Key
    value: Any
    matched: bool


def _visits(tree: Any, paths: tuple[Path, ...]) -> list[_Visit]:
    """Every place on the way to a match, parents before children, in document order."""
    automaton = _automaton(paths)
    visits: list[_Visit] = []
    pending: list[tuple[int, Key, Any, int]] = [(-1, "$", tree, automaton.start)]
    while pending:
        parent, key, value, states = pending.pop()
        here = len(visits)
        visits.append(_Visit(parent, key, value, bool(states & automaton.accept)))
        if isinstance(value, dict | list):
            below = [(here, *child) for child in automaton.children(value, states)]
            pending.extend(reversed(below))
    return visits


def _keys(visit: _Visit, visits: list[_Visit]) -> list[Key]:
    keys: list[Key] = []
    while visit.parent >= 0:
        keys.append(visit.key)
        visit = visits[visit.parent]
    return keys[::-1]


def _rebuilt(tree: Any, paths: tuple[Path, ...], fn: Callable[[Any], Any]) -> Any:
    visits = _visits(tree, paths)
    copies: dict[int, Any] = {}
    for here in range(len(visits) - 1, 0, -1):  # last element first, so that indexes stay right
        parent, key, value, matched = visits[here]
        new = copies.pop(here, value)
        new = fn(new) if matched else new
        if new is value:
            continue
        if parent not in copies:
            copies[parent] = visits[parent].value.copy()
        if new is _REMOVED:
            del copies[parent][key]
        else:
            copies[parent][key] = new
    new = copies.get(0, tree)
    return fn(new) if visits[0].matched else new

"""The options that change what counts as equal, in the form that matchers use."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from cassette_kit import json_path
from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.errors import CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cassette_kit.json_path import Path

EVERYWHERE = "*"
IGNORED = "<ignored>"  # told from a text that reads the same by its identity
_GAP = object()
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """How two requests are seen before they are compared; what is stored stays as it is.

    `query_in_any_order`: the matcher `query` was asked for, so `url` leaves the query alone.
    `recorded_headers` are the names, in lower case, that a recording may hold. `ignore` and
    `unordered` are paths in a body; `normalise` pairs a path with the pattern whose finds are
    replaced there by a placeholder.
    """

    query_in_any_order: bool = False
    recorded_headers: frozenset[str] = frozenset()
    ignore: tuple[Path, ...] = ()
    normalise: tuple[tuple[Path, re.Pattern[str], str], ...] = ()
    unordered: tuple[Path, ...] = ()

    @property
    def change_bodies(self) -> bool:
        return bool(self.ignore or self.normalise or self.unordered)

    def applied(self, tree: Any) -> Any:
        """A body as it is compared."""
        tree = self._normalised(tree)
        tree = json_path.without(tree, self.ignore) if self.ignore else tree
        for path in self.unordered:
            tree = json_path.transform(tree, path, _sorted)
        return tree

    def facing(self, live: Any, taped: Any) -> tuple[Any, Any]:
        """Two bodies as they are compared, but with every place of the live one where it was.

        What is ignored stands as IGNORED, and of an unordered list the taped elements stand in the
        order of the live ones.
        """
        ours, theirs = self._marked(live), self._marked(taped)
        for path in self.unordered:
            theirs = _in_order_of(ours, theirs, path)
        return ours, theirs

    def _normalised(self, tree: Any) -> Any:
        for path, pattern, placeholder in self.normalise:
            tree = json_path.transform(tree, path, partial(_replaced, pattern, placeholder))
        return tree

    def _marked(self, tree: Any) -> Any:
        tree = self._normalised(tree)
        for path in self.ignore:
            tree = json_path.transform(tree, path, lambda _: IGNORED)
        return tree


def parse_paths(option: str, texts: Iterable[str]) -> tuple[Path, ...]:
    """The JSON paths of an option.

    Raises:
        CassetteOptionError: one cannot be read; says where.
    """
    return tuple(_path(option, text) for text in texts)


def parse_normalise(
    option: str, kinds: Mapping[str, str | re.Pattern[str]]
) -> tuple[tuple[Path, re.Pattern[str], str], ...]:
    """The option `normalise`: a JSON path or `"*"` to a kind or a regular expression.

    Raises:
        CassetteOptionError: a path or an expression cannot be read.
    """
    from cassette_kit.differences import KINDS  # costly, and seldom asked for

    found = []
    for where, what in kinds.items():
        paths = ["$", "$..*"] if where == EVERYWHERE else [where]
        kind = what if isinstance(what, str) and what in KINDS else None
        pattern = KINDS[kind] if kind else _pattern(option, where, what, KINDS)
        placeholder = f"<{kind or 'normalised'}>"
        found += [(_path(option, path), pattern, placeholder) for path in paths]
    return tuple(found)


def _path(option: str, text: object) -> Path:
    if not isinstance(text, str):
        raise CassetteOptionError(f"{option}: expected a JSON path, found {text!r}")
    try:
        return json_path.parse(text)
    except CassetteOptionError as error:
        raise CassetteOptionError(f"{option}: {error}") from None


def _pattern(option: str, where: str, what: object, kinds: Iterable[str]) -> re.Pattern[str]:
    try:
        return _compiled(what, kinds)
    except (re.error, TypeError, ValueError) as error:
        raise CassetteOptionError(
            f"{option}: {where!r} to {what!r}, expected one of {', '.join(kinds)} or a regular "
            f"expression ({error})"
        ) from None


def _compiled(what: object, kinds: Iterable[str]) -> re.Pattern[str]:
    """Any word is a pattern that matches itself; one that is almost a kind was meant to be it."""
    if isinstance(what, str):
        import difflib  # own patterns are rare

        word = what.lower().replace("_", "-") if _WORD.fullmatch(what) else ""
        meant = difflib.get_close_matches(word, kinds, n=1, cutoff=0.75)
        if meant:
            raise ValueError(f"did you mean {meant[0]!r}?")
        return re.compile(what)
    if isinstance(what, re.Pattern) and isinstance(what.pattern, str):
        return what
    raise TypeError(f"a {type(what).__name__} is neither")


def _replaced(pattern: re.Pattern[str], placeholder: str, value: Any) -> Any:
    """Finds within a text, or a whole number, give way to the placeholder."""
    if isinstance(value, str):
        return pattern.sub(lambda _: placeholder, value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return placeholder if is_number and pattern.fullmatch(str(value)) else value


def _sorted(value: Any) -> Any:
    return sorted(value, key=_order_key) if isinstance(value, list) else value


def _order_key(element: Any) -> bytes:
    """Equal for equal elements; what is nested too deeply stays in its order."""
    try:
        return canonical_json(element)
    except NotJSONError:
        return b""


def _in_order_of(live: Any, taped: Any, path: Path) -> Any:
    for place, ours in json_path.find(live, path):
        at = json_path.parse(place)
        for _, theirs in json_path.find(taped, at):
            if isinstance(ours, list) and isinstance(theirs, list):
                taped = json_path.transform(taped, at, partial(_ordered, ours))
    return taped


def _ordered(live: list[Any], taped: list[Any]) -> list[Any]:
    """The taped elements, each where its equal stands; the others fill the gaps."""
    waiting: dict[bytes, deque[Any]] = defaultdict(deque)
    for element in taped:
        waiting[_order_key(element)].append(element)
    equals = [found.popleft() if (found := waiting[_order_key(x)]) else _GAP for x in live]
    others = chain.from_iterable(waiting.values())
    filled = [next(others, _GAP) if element is _GAP else element for element in equals]
    return [element for element in (*filled, *others) if element is not _GAP]

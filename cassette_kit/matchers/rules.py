"""The options that change what counts as equal, in the form that matchers use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cassette_kit import json_path
from cassette_kit.canonical import canonical_json
from cassette_kit.errors import CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cassette_kit.json_path import Path

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Rules:
    """How two requests are seen before they are compared; what is stored stays as it is.

    `query_in_any_order`: the matcher `query` was asked for, so `url` leaves the query alone.
    `recorded_headers` are the names, in lower case, that a recording may hold. `ignore` and
    `unordered` are paths in a JSON body; `normalise` pairs a path with the pattern whose finds are
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
        """A JSON body as it is compared."""
        tree = json_path.without(tree, self.ignore) if self.ignore else tree
        for path, pattern, placeholder in self.normalise:
            tree = json_path.transform(tree, path, partial(_normalised, pattern, placeholder))
        for path in self.unordered:
            tree = json_path.transform(tree, path, _sorted)
        return tree


def parse_paths(option: str, texts: Iterable[str]) -> tuple[Path, ...]:
    """The JSON paths of an option.

    Raises:
        CassetteOptionError: one cannot be read; says where.
    """
    return tuple(_path(option, text) for text in texts)


def parse_normalise(
    option: str, kinds: Mapping[str, str]
) -> tuple[tuple[Path, re.Pattern[str], str], ...]:
    """The option `normalise`: a JSON path or `"*"` to a kind or a regular expression.

    Raises:
        CassetteOptionError: a path or an expression cannot be read.
    """
    from cassette_kit.differences import KINDS  # costly, and seldom asked for

    found = []
    for where, what in kinds.items():
        everywhere = where == EVERYWHERE
        paths = ["$", "$..*"] if everywhere else [where]
        pattern = KINDS[what] if what in KINDS else _pattern(option, where, what, KINDS)
        placeholder = f"<{what}>" if what in KINDS else "<normalised>"
        found += [(_path(option, path), pattern, placeholder) for path in paths]
    return tuple(found)


def _path(option: str, text: str) -> Path:
    try:
        return json_path.parse(text)
    except CassetteOptionError as error:
        raise CassetteOptionError(f"{option}: {error}") from None


def _pattern(option: str, where: str, text: str, kinds: Iterable[str]) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, TypeError) as error:
        raise CassetteOptionError(
            f"{option}: {where!r} to {text!r}, expected one of {', '.join(kinds)} or a regular "
            f"expression ({error})"
        ) from None


def _normalised(pattern: re.Pattern[str], placeholder: str, value: Any) -> Any:
    """Finds within a text, or a whole number, give way to the placeholder."""
    if isinstance(value, str):
        return pattern.sub(lambda _: placeholder, value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return placeholder if is_number and pattern.fullmatch(str(value)) else value


def _sorted(value: Any) -> Any:
    return sorted(value, key=canonical_json) if isinstance(value, list) else value

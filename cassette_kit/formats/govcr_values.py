"""The values of a version-2 cassette as go-vcr writes them, each behind `key:`.

Names and values that come in one request after the other are looked at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import scalars
from cassette_kit.formats.durations import format_duration
from cassette_kit.formats.govcr_fields import Kind
from cassette_kit.formats.key_order import sorted_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cassette_kit.formats.layout import Layout
    from cassette_kit.model import Headers


def _write_text(value: str, column: int, layout: Layout) -> str:
    return _scalar(value, parent=column, indent=layout.inside(column))


def _write_data(value: bytes, column: int, layout: Layout) -> str:
    return scalars.scalar(value, parent=column, indent=layout.inside(column))


def _write_number(value: int, column: int, layout: Layout) -> str:
    return f" {value:d}\n"


def _write_boolean(value: bool, column: int, layout: Layout) -> str:
    return " true\n" if value else " false\n"


def _write_duration(value: int, column: int, layout: Layout) -> str:
    try:
        return f" {format_duration(value)}\n"
    except ValueError as error:
        reason = f"a duration of {value} ns does not fit a cassette: {error}"
        raise CassetteSaveError(reason) from error


def _write_list(values: Sequence[str], column: int, layout: Layout) -> str:
    if not values:
        return " []\n"
    dash = column + layout.sequence_indent
    items = (_scalar(value, parent=dash, indent=dash + 2) for value in values)
    return "\n" + "".join(f"{' ' * dash}-{item}" for item in items)


def _write_multimap(values: Headers, column: int, layout: Layout) -> str:
    pairs = tuple(values.multi_items())
    return _lists(pairs, column, layout) if pairs else " {}\n"


@lru_cache(maxsize=64)
def _lists(pairs: tuple[tuple[str, str], ...], column: int, layout: Layout) -> str:
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    inner = layout.inside(column)
    return "\n" + "".join(
        f"{' ' * inner}{_key(name, column=inner, indent=layout.inside(inner))}"
        f"{_write_list(lists[name], inner, layout)}"
        for name in _in_order(*lists)
    )


_scalar = lru_cache(maxsize=1024)(scalars.scalar)
_key = lru_cache(maxsize=512)(scalars.key)


@lru_cache(maxsize=128)
def _in_order(*names: str) -> list[str]:
    return sorted_keys(names)


WRITERS: dict[Kind, Callable[[Any, int, Layout], str]] = {
    Kind.TEXT: _write_text,
    Kind.DATA: _write_data,
    Kind.INTEGER: _write_number,
    Kind.BOOLEAN: _write_boolean,
    Kind.DURATION: _write_duration,
    Kind.TEXTS: _write_list,
    Kind.MULTIMAP: _write_multimap,
}
"""Takes a value, the column of its key and the layout; gives what follows `key:`."""

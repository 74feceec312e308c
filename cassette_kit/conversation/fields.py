"""Fields of JSON that may hold anything: what is not of the type it should be counts as absent."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Json: TypeAlias = dict[str, Any]

_DEEPEST = 100


def parsed(text: bytes | str) -> Any:
    """The value of a JSON text, with `1.0` and big integers as they are.

    None where it is no JSON, holds a number that no double can (`NaN`, `1e400`), or is nested over
    a hundred levels deep, so that all who walk the value may recurse.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    try:
        value = _DECODER.decode(decoded.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    brackets = decoded.count("[") + decoded.count("{")
    return None if brackets > _DEEPEST and is_deep(value) else value


def is_deep(value: object) -> bool:
    """Whether a JSON value is nested over a hundred levels deep: too far for those who recurse."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [item for each in level for item in _items(each)]
        if not level:
            return False
    return True


def well_formed(value: Any) -> Any:
    """The value with halves of a surrogate pair joined, and U+FFFD for one without its other."""
    if isinstance(value, str):
        return _well_formed_text(value)
    if isinstance(value, list):
        return [well_formed(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(name): well_formed(item) for name, item in value.items()}
    return value


def json_text(value: object) -> str:
    """A JSON value on one line; a text is taken to be JSON already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[Json]:
    """The objects in a list."""
    return [item for item in sequence(value) if isinstance(item, dict)]


def string(value: object) -> str:
    return value if isinstance(value, str) else ""


def kind_of(value: object) -> str:
    """The `type` of an object."""
    return string(mapping(value).get("type"))


def amount(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        return float(value)
    return None


def count(value: object) -> int | None:
    """A whole number; some providers write `12.0`."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def total(*values: object) -> int | None:
    """The sum of the counts among the values; None if there is none."""
    counts = [number for value in values if (number := count(value)) is not None]
    return sum(counts) if counts else None


def joined(fragments: Iterable[Json], name: str) -> str:
    """The texts of one field, put together."""
    return "".join(string(fragment.get(name)) for fragment in fragments)


def last(fragments: list[Json], name: str) -> Any:
    """What a field held last, where it held something."""
    held = (fragment[name] for fragment in reversed(fragments) if fragment.get(name) is not None)
    return next(held, None)


def by_index(fragments: Iterable[Json], name: str = "index") -> list[list[Json]]:
    """The fragments of the same index together, in the order of their indices."""
    groups: dict[int, list[Json]] = {}
    for fragment in fragments:
        groups.setdefault(count(fragment.get(name)) or 0, []).append(fragment)
    return [groups[index] for index in sorted(groups)]


def other_fields(value: Json, *told: str) -> tuple[tuple[str, object], ...]:
    """The fields that were not told of."""
    return tuple((name, item) for name, item in value.items() if name not in told)


def _well_formed_text(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _items(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else sequence(value)


def _finite(literal: str) -> float:
    value = float(literal)
    return value if math.isfinite(value) else _refuse(literal)


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is beyond JSON")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)

"""What redaction did to an interaction, by place: names and counts, never a value."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_kit.json_path import Path, Segment
from cassette_kit.redactors.json_spans import Array, Object, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cassette_kit.json_path import Key
    from cassette_kit.model import Headers, Interaction
    from cassette_kit.redactors.json_spans import Value

Action = Literal["dropped", "replaced"]
Named = tuple[str, Action]

_MAX_DEPTH = 64  # a path ends there: who reads further, and comparing takes time at each level
_PARAMETER = re.compile("[?&#]")


class Change(NamedTuple):
    """A part such as "request headers", and in it a header, a parameter or a JSON path.

    Indexes of a path are `[*]`; `places` says how many it stands for. `name` is empty where
    a part has no names.
    """

    part: str
    name: str
    action: Action
    places: int


def changes(old: Interaction, new: Interaction) -> list[Change]:
    """Where `new`, the redacted form of `old`, differs from it."""
    return [
        Change(f"{side} {part}", name, action, count)
        for side in ("request", "response")
        for part, named in _PARTS.items()
        for (name, action), count in _counted(getattr(old, side), getattr(new, side), part, named)
    ]


def _counted(
    old: object, new: object, part: str, named: Callable[..., Iterator[Named]]
) -> list[tuple[Named, int]]:
    before, after = getattr(old, part, None), getattr(new, part, None)
    return [] if before == after else list(Counter(named(before, after)).items())


def _in_url(old: str, new: str) -> Iterator[Named]:
    """The parameters that changed; a name comes from the new text, as it may have held a secret."""
    before, after = _PARAMETER.split(old), _PARAMETER.split(new)
    if len(before) != len(after):
        yield "", "replaced"
        return
    for number, (was, now) in enumerate(zip(before, after, strict=True)):
        if was != now:
            yield now.partition("=")[0] if number and "=" in now else "", "replaced"


def _in_pairs(old: Headers, new: Headers) -> Iterator[Named]:
    written = {name.lower(): name for name, _ in old.multi_items()}
    for name in old:
        if name not in new:
            yield from ((written[name], "dropped") for _ in old.get_list(name))
        else:
            pairs = zip(old.get_list(name), new.get_list(name), strict=True)
            yield from ((written[name], "replaced") for was, now in pairs if was != now)


def _in_body(old: bytes, new: bytes) -> Iterator[Named]:
    before, after = list(documents(old)), list(documents(new))
    found: list[str] = []
    if len(before) == len(after):
        for was, now in zip(before, after, strict=True):
            found += _paths(was, now, old, new)
    yield from ((path, "replaced") for path in found or [""])


def _paths(old: Value, new: Value, before: bytes, after: bytes) -> Iterator[str]:
    """The places at which two documents of one shape differ, found without recursion."""
    pending: list[tuple[tuple[Key, ...], Value, Value]] = [((), old, new)]
    while pending:
        keys, was, now = pending.pop()
        if before[was.start : was.end] == after[now.start : now.end]:
            continue
        below = _below(was, now) if len(keys) < _MAX_DEPTH else None
        if below is None:
            yield _folded(keys)
        else:
            pending += [((*keys, key), one, other) for key, one, other in reversed(below)]


def _below(old: Value, new: Value) -> list[tuple[Key, Value, Value]] | None:
    """The pairs of children, or None where there are none to compare."""
    if isinstance(old, Object) and isinstance(new, Object) and len(old) == len(new):
        pairs = zip(old.values(), new.items(), strict=True)
        return [(key, was, now) for was, (key, now) in pairs]
    if isinstance(old, Array) and isinstance(new, Array) and len(old) == len(new):
        both = enumerate(zip(old, new, strict=True))
        return [(number, was, now) for number, (was, now) in both]
    return None


def _folded(keys: tuple[Key, ...]) -> str:
    """`$.messages[*].content` for the place `$.messages[7].content`."""
    return str(Path(tuple(Segment(key if isinstance(key, str) else None) for key in keys)))


_PARTS: Mapping[str, Callable[..., Iterator[Named]]] = {
    "url": _in_url,
    "host": _in_url,
    "request_uri": _in_url,
    "headers": _in_pairs,
    "trailer": _in_pairs,
    "form": _in_pairs,
    "body": _in_body,
}

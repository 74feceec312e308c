"""Values that change from run to run by nature: ids, clocks, paths, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.differences.common import common_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

MARGIN_CHARS = 200  # as far a volatile value may reach beyond the part of it that varies

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

TEMP_PATH = re.compile(
    r"(?<![\w.])(?:/private)?/(?:tmp|var/tmp|var/folders)/[^\s\"'<>|;,)]+"
    r"|\b[A-Za-z]:[\\/](?:[^\s\"'<>|]+[\\/])?(?:Temp|TEMP|tmp)[\\/][^\s\"'<>|;,)]+"
)

_VOLATILE = {
    **KINDS,
    "hex": re.compile(_ALONE.format(f"(?=[0-9]*[a-fA-F]){_HEX}{{8,}}")),  # more than a number
    "temp-path": TEMP_PATH,
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


def volatile_kinds(live: Any, taped: Any) -> list[str]:
    """The kinds of values that are together all by which two strings or two numbers differ."""
    kind = volatile_kind(live, taped)
    if kind is not None or type(live) is not str or type(taped) is not str:
        return [kind] if kind else []
    ours, theirs = _varying_parts(live, taped)
    kinds = []
    for kind, pattern in _VOLATILE.items():
        if pattern.findall(ours) != pattern.findall(theirs):
            kinds.append(kind)
        ours, theirs = pattern.sub(f"\0{kind}", ours), pattern.sub(f"\0{kind}", theirs)
    return kinds if ours == theirs else []


def is_volatile(value: Any) -> bool:
    """Whether a text or number is, from end to end, a value that changes by nature."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return False
    return any(pattern.fullmatch(str(value)) for pattern in _VOLATILE.values())


def _varying_parts(live: str, taped: str) -> tuple[str, str]:
    head, tail = common_ends(live, taped)
    start, end = max(0, head - MARGIN_CHARS), max(0, tail - MARGIN_CHARS)
    return live[start : len(live) - end], taped[start : len(taped) - end]

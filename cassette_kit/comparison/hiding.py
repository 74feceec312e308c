"""Values that no two recordings share: the ids that servers give out, dates, clocks.

Told by the name of a field, or by the value alone where two texts differ in nothing else. What a
model says or passes to a tool is never among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.canonical import canonical_json
from cassette_kit.differences import KINDS, TEMP_PATH, volatile_kinds

if TYPE_CHECKING:
    from cassette_kit.comparison.change import Aspect
    from cassette_kit.differences import Difference

MIN_ID_CHARS = 8  # shorter ones are names and numbers that somebody chose

_ID_NAME = r"(?:\w*_)?ids?|\w+I[dD]s?|\w*(?:fingerprint|[sS]ignature|obfuscation|encrypted_content)"
_TIME_NAME = re.compile(r"(?:\w*_)?(?:duration|time|latency|ms)|\w+(?:Duration|Time|Latency|Ms)")
_IS_ID_NAME = re.compile(_ID_NAME)
_LAST_NAME = re.compile(r"(\w+)(?:\[\d+\])*\Z")
_ID = re.compile(rf"\S{{{MIN_ID_CHARS},}}")
_ID_MEMBER = re.compile(rf'("(?:{_ID_NAME})":)"(?:[^"\\\s]|\\.){{{MIN_ID_CHARS},}}"')


def hidden_as(difference: Difference) -> Aspect | None:
    """The aspect that a difference of two bodies belongs to, or None if it is one to tell."""
    values = difference.live, difference.taped
    name = "" if difference.inner else _last_name(difference.path)
    if _IS_ID_NAME.fullmatch(name) and all(map(_is_id, values)):
        return "ids"
    if _TIME_NAME.fullmatch(name) and all(map(_is_number, values)):
        return "times"
    return "ids" if volatile_kinds(*values) else None


def without_ids(tree: Any) -> str:
    """The canonical text of a body with its ids and dates masked: rough, to pair by.

    Raises:
        NotJSONError: nested too deeply.
    """
    text = _ID_MEMBER.sub(r"\1<id>", canonical_json(tree).decode())
    for pattern in (*KINDS.values(), TEMP_PATH):
        text = pattern.sub("<id>", text)
    return text


def _last_name(path: str) -> str:
    found = _LAST_NAME.search(path)
    return found[1] if found else ""


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

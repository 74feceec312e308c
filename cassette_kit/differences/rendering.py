"""A difference for display: one line a side, safe for any terminal."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from cassette_kit.differences.common import common_start
from cassette_kit.differences.difference import MISSING
from cassette_kit.json_path import escaped

if TYPE_CHECKING:
    from cassette_kit.differences.difference import Difference

_BLOB = re.compile(
    r"data:[\w.+-]+/[^,\s]{1,99},"
    r"|(?=[^A-Z]{0,99}[A-Z])(?=\D{0,99}\d)[A-Za-z0-9+/_=\r\n-]+\Z"
)


def render(difference: Difference, *, width: int = 72) -> tuple[str, str]:
    """The live and the taped value for display, a line of at most `width` characters each.

    Two long strings are cut to what surrounds their first difference, at the same place. Base64 is
    named, not shown; control characters are escaped, so that a terminal is safe.
    """
    live, taped = difference.live, difference.taped
    if difference.reordered:
        return _in_order(live, taped, width)
    if isinstance(live, str) and isinstance(taped, str) and not (_blob(live) or _blob(taped)):
        return _side_by_side(live, taped, width)
    return _shown(live, width), _shown(taped, width)


def _in_order(live: list[Any], taped: list[Any], width: int) -> tuple[str, str]:
    """The elements by name, from the first one on that has another place."""
    head = common_start(live, taped)
    alike = f"{head} alike, then " if head else ""
    ours, theirs = ([_name(element) for element in side[head:]] for side in (live, taped))
    width -= len(alike)
    return alike + _overview(ours, width), alike + _overview(theirs, width)


def _name(element: Any) -> Any:
    """What an element or a member of it is called; the element itself if it has no name."""
    members = element.values() if isinstance(element, dict) else ()
    levels = [level for level in (element, *members) if isinstance(level, dict)]
    return next((level[key] for level in levels if (key := _name_key(level))), element)


def _name_key(members: dict[str, Any]) -> str:
    return next((key for key in ("name", "id") if isinstance(members.get(key), str)), "")


def _side_by_side(live: str, taped: str, width: int) -> tuple[str, str]:
    head, start = common_start(live, taped), 0
    if not (_fits(live, width) and _fits(taped, width)):
        start = max(0, head - width // 3)
        while len(escaped(live[start:head])) > width // 3:
            start += 1
    ours, theirs = live[start : start + width], taped[start : start + width]
    mark = _quotation_mark(ours + theirs)
    spelt = normalize("NFKC", ours) == normalize("NFKC", theirs)
    return _quoted(live, start, width, mark, spelt), _quoted(taped, start, width, mark, spelt)


def _fits(text: str, width: int) -> bool:
    return len(text) <= width and len(escaped(text, quote="'")) <= width - 2


def _quotation_mark(text: str) -> str:
    return '"' if "'" in text and '"' not in text else "'"


def _quoted(text: str, start: int, width: int, mark: str, spelt: bool = False) -> str:
    """What there is room for of a string from `start` on; `spelt` out where two look the same."""
    lead = "…" if start else ""
    pieces = [
        json.dumps(char)[1:-1] if spelt and not char.isascii() else escaped(char, quote=mark)
        for char in text[start : start + width]
    ]
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
    text = _plain(value)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return _summary("binary", value)
    if value is None or isinstance(value, int | float):
        return json.dumps(value)
    return "(missing)" if value is MISSING else escaped(repr(value))


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
    if isinstance(value, list) and value:
        return "[…]"
    if isinstance(value, dict) and value:
        key = _name_key(value)
        return f"{{{key}: {_shown(value[key], 24)}, …}}" if key and len(value) > 1 else "{…}"
    return _shown(value, 24)


def _blob(text: str) -> str:
    """What a long base64 text or data URL is called; empty for any other text."""
    if len(text) < 128 or not _BLOB.match(text):
        return ""
    return _summary("base64", text.encode())


def _summary(kind: str, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()[:8]
    size = f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e6 else f"{len(data) / 1e3:.1f} kB"
    return f"<{kind}, {size}, sha256 {digest}…>"

"""Rules that would settle what differs, as text to paste among the options of a cassette.

For values that change by nature (ids, clocks, temporary paths, addresses) and for lists in another
order; each is tried on both bodies first. An ordinary change is a matter for a new recording.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cassette_kit import json_path
from cassette_kit.differences import KINDS, MISSING, TEMP_PATH, is_volatile, volatile_kinds
from cassette_kit.explain.places import body_differences
from cassette_kit.explain.situation import BodyMismatch
from cassette_kit.matchers.body import TreeMismatch
from cassette_kit.matchers.rules import EVERYWHERE, Rules, parse_normalise, parse_paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cassette_kit.differences import Difference
    from cassette_kit.explain.situation import Near

MAX_PATHS = 3  # of one kind; where more are needed, the kind is normalised everywhere
MAX_CHARS = 300

_ADDRESS = "0x[0-9a-fA-F]+"
_ROOT = re.compile(
    r"(?:/private)?/(?:tmp|var/tmp|var/folders)/|[A-Za-z]:.*?[\\/](?:Temp|TEMP|tmp)[\\/]"
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Options to add. `settles`: nothing else differs, so that the recording answers then."""

    ignore: Sequence[str] = ()
    normalise: Mapping[str, str] = field(default_factory=dict)
    unordered: Sequence[str] = ()
    settles: bool = False

    @property
    def options(self) -> list[str]:
        """The names of the options that have something to add."""
        return [name for name in ("ignore", "normalise", "unordered") if getattr(self, name)]

    def text(self, present: Rules) -> str:
        """Keyword arguments, with what is `present` already, as an option replaces its like."""
        values = {
            "ignore": _list([*map(str, present.ignore), *self.ignore]),
            "normalise": _mapping({**_given(present), **self.normalise}),
            "unordered": _list([*map(str, present.unordered), *self.unordered]),
        }
        return ", ".join(f"{name}={values[name]}" for name in self.options)


def suggestion(near: Near, present: Rules) -> Suggestion | None:
    """Rules for the volatile values by which a recording differs; None if there are none."""
    places = [one.difference for one in near.differences if isinstance(one, BodyMismatch)]
    found = _collected(places, taken=_given(present))
    if not found.options:
        return None
    bodies = [one for one in near.mismatches if isinstance(one, TreeMismatch)]
    if len(bodies) == len(near.mismatches) and all(_settles(found, body) for body in bodies):
        found = replace(found, settles=True)
    else:
        found = replace(found, unordered=())  # another order is settled by the new recording
    return found if found.options and len(found.text(present)) <= MAX_CHARS else None


def _collected(differences: Sequence[Difference], taken: Mapping[str, str]) -> Suggestion:
    paths: dict[tuple[str, str], list[str]] = defaultdict(list)
    for difference in differences:
        for rule in _rules(difference):
            paths[rule].append(difference.path)
    kinds = {kind: where for (option, kind), where in paths.items() if option == "normalise"}
    return Suggestion(
        ignore=paths["ignore", ""],
        normalise=_normalise(kinds, taken),
        unordered=_general(paths["unordered", ""]),
    )


def _rules(difference: Difference) -> list[tuple[str, str]]:
    """The options that settle a difference, if any do, with what `normalise` takes."""
    live, taped, whole = difference.live, difference.taped, difference.inner is None
    if difference.reordered:
        return [("unordered", "")] if whole and not _is_conversation(live) else []
    kinds = volatile_kinds(live, taped)
    has_names = bool(kinds) and KINDS.keys() >= set(kinds)
    if whole and not has_names and all(x is MISSING or is_volatile(x) for x in (live, taped)):
        return [("ignore", "")]
    values = [_value(kind, f"{live}\n{taped}") for kind in kinds]
    return [("normalise", value) for value in reversed(values)]  # the strictest one last


def _is_conversation(elements: Sequence[Any]) -> bool:
    return any(isinstance(element, dict) and "role" in element for element in elements)


def _value(kind: str, text: str) -> str:
    """A kind by its name, or a pattern that finds such values in `text`."""
    if kind in KINDS:
        return kind
    if kind == "repr-address":
        return _ADDRESS
    found = (_ROOT.match(path) for path in TEMP_PATH.findall(text))
    roots = sorted({re.escape(root[0]) for root in found if root})
    return rf"{roots[0]}\S+" if len(roots) == 1 else rf"(?:{'|'.join(roots)})\S+"


def _normalise(kinds: Mapping[str, list[str]], taken: Mapping[str, str]) -> dict[str, str]:
    """Each kind at its places, or everywhere if those are many or have a rule already.

    A text that holds values of two kinds has one at its path and the other one everywhere.
    """
    rules: dict[str, str] = {}
    for kind, where in kinds.items():
        used = rules.keys() | taken.keys()
        choices = (_general(where), [EVERYWHERE])
        free = (places for places in choices if not used.intersection(places))
        places = next((places for places in free if len(places) <= MAX_PATHS), [])
        rules.update(dict.fromkeys(places, kind))
    return rules


def _general(paths: Sequence[str]) -> list[str]:
    """The paths, those that differ in their indexes alone as one."""
    alike: dict[str, list[str]] = defaultdict(list)
    for path in dict.fromkeys(paths):
        alike[_any_index(path)].append(path)
    return [pattern if len(same) > 1 else same[0] for pattern, same in alike.items()]


def _any_index(path: str) -> str:
    segments = json_path.parse(path).segments
    anywhere = (s._replace(key=None) if isinstance(s.key, int) else s for s in segments)
    return str(json_path.Path(tuple(anywhere)))


def _settles(found: Suggestion, body: TreeMismatch) -> bool:
    rules = Rules(
        ignore=parse_paths("ignore", found.ignore),
        normalise=parse_normalise("normalise", found.normalise),
        unordered=parse_paths("unordered", found.unordered),
    )
    live, taped = rules.facing(body.live, body.taped)
    return next(body_differences(live, taped), None) is None


def _given(present: Rules) -> dict[str, str]:
    """The option `normalise` as it was written."""
    given: dict[str, str] = {}
    for path, pattern, placeholder in present.normalise:
        kind = placeholder.strip("<>")
        where = EVERYWHERE if str(path) == "$..*" else str(path)
        given[where] = kind if KINDS.get(kind) is pattern else pattern.pattern
    if EVERYWHERE in given and given.get("$") == given[EVERYWHERE]:
        del given["$"]
    return given


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_literal, dict.fromkeys(texts)))}]"


def _mapping(texts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in texts.items())}}}"


def _literal(text: str) -> str:
    """The text as a Python literal, with as few backslashes as can be."""
    if "\\" in text and '"' not in text and text.isprintable() and not text.endswith("\\"):
        return f'r"{text}"'
    return json.dumps(text, ensure_ascii=False)

"""A comparison as plain JSON data, for programs."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation.fields import is_deep
from cassette_kit.differences import MISSING

if TYPE_CHECKING:
    from cassette_kit.comparison.change import Change, Comparison, Pair
    from cassette_kit.model import Interaction


def document(comparison: Comparison) -> dict[str, Any]:
    """Everything that a comparison found. A side that lacks something has no member for it."""
    return {
        "is_same": comparison.is_same,
        "changed": [_pair(comparison, pair) for pair in comparison.changed],
        "removed": [_interaction(comparison.before, place) for place in comparison.removed],
        "added": [_interaction(comparison.after, place) for place in comparison.added],
        "is_reordered": comparison.is_reordered,
        "hidden": dict(comparison.hidden),
    }


def _pair(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    return {
        "before": _interaction(comparison.before, pair.before),
        "after": _interaction(comparison.after, pair.after),
        "changes": list(map(_change, pair.changes)),
        "is_cut": pair.is_cut,
    }


def _interaction(interactions: tuple[Interaction, ...], place: int) -> dict[str, Any]:
    request = interactions[place].request
    return {"interaction": place, "method": request.method, "url": request.url}


def _change(change: Change) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    present = {name: _plain(value) for name, value in sides.items() if value is not MISSING}
    return {"section": change.section, "where": change.where, **present}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    return {"too_deep": True} if is_deep(value) else value

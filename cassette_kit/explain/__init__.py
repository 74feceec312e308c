"""Why a request has no answer: the nearest recording, where it differs, what to do.

Pure: nothing is read or written; what lies beside a missing file is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit.explain import wording
from cassette_kit.explain.advice import file_steps, next_steps
from cassette_kit.explain.notes import notes
from cassette_kit.explain.places import near
from cassette_kit.explain.ranking import ranked
from cassette_kit.explain.reasons import REASONS, reason_of
from cassette_kit.explain.situation import BodyMismatch, Near, Situation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.errors import Reason
    from cassette_kit.model import Interaction, Mismatch

__all__ = ["REASONS", "BodyMismatch", "Explanation", "Situation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A miss as data and as text; the attributes are those of `CassetteMiss`."""

    text: str
    reason: Reason
    nearest: Interaction | None
    differences: tuple[Mismatch, ...]
    next_steps: tuple[str, ...]


def explain(
    situation: Situation,
    *,
    cassette: str,
    rerecord: str,
    called: str | None = None,
    neighbours: Sequence[str] = (),
) -> Explanation:
    """Find the recording that comes nearest, where it differs, and what to do about it.

    `cassette` is the file as a user would name it, `neighbours` are the files that lie there if it
    is missing; `rerecord` is what a user types to record anew, `called` the line of code that made
    the call.
    """
    found = _near(situation)
    nearest = found[0] if found else None
    reason = reason_of(situation, nearest)
    if situation.goes_live:
        steps: tuple[str, ...] = ()
    elif nearest is None:
        steps = file_steps(cassette, neighbours, rerecord)
    else:
        steps = next_steps(reason, nearest, situation, rerecord)
    lines = [
        wording.first_line(situation.live),
        wording.state(situation, cassette),
        *(wording.nearest_lines(nearest) if nearest else []),
        *(wording.also_line(other) for other in found[1:] if other.differences),
        *map(wording.note_line, notes(reason, nearest, situation)),
        *wording.next_lines(steps),
        *wording.called_lines(called),
    ]
    return Explanation(
        text="\n".join(lines),
        reason=reason,
        nearest=situation.taped[nearest.number] if nearest else None,
        differences=tuple(nearest.differences) if nearest else (),
        next_steps=steps,
    )


def _near(situation: Situation) -> list[Near]:
    """The nearest recording, then those that come as near; none without recordings."""
    every = range(len(situation.taped))
    if not situation.equal:
        return [near(number, situation) for number in ranked(situation, every)]
    unplayed = ranked(situation, [n for n in every if n not in situation.played])
    return [near(number, situation) for number in (situation.equal[-1], *unplayed[:1])]

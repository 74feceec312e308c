"""A comparison as lines to read: each changed pair, what only one side has, and a summary."""

from __future__ import annotations

import operator
from itertools import dropwhile
from typing import TYPE_CHECKING

from cassette_kit.comparison.changes import times
from cassette_kit.comparison.repeats import Repeats
from cassette_kit.comparison.wording import (
    Line,
    Sign,
    Span,
    change_lines,
    place,
    side_lines,
    spans,
)
from cassette_kit.conversation.heard import Heard
from cassette_kit.conversation.printable import one_line
from cassette_kit.conversation.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from cassette_kit.comparison.change import Aspect, Comparison, Pair, Places
    from cassette_kit.model import Interaction

MAX_LINES = 60  # of a change, or of an interaction that only one side has

_ASPECTS: Mapping[Aspect, tuple[str, str]] = {
    "ids": ("id or date", "ids and dates"),
    "times": ("time", "times"),
    "headers": ("header", "headers"),
}


def report(comparison: Comparison) -> Iterator[Line]:
    """Every changed pair, then what only one side has, then a summary."""
    repeats = Repeats(comparison.changed)
    for run in repeats.runs(comparison.changed):
        yield from _run(run, repeats) if len(run) > 1 else _pair(comparison, run[0], repeats)
    yield from _alone("-", "removed", comparison.before, comparison.removed)
    yield from _alone("+", "added", comparison.after, comparison.added)
    yield from summary(comparison)


def _pair(comparison: Comparison, pair: Pair, repeats: Repeats) -> Iterator[Line]:
    """What changed; requests repeat the turns before them, so what was told is not told again."""
    yield _heading(_named(pair.places), comparison.after[pair.after])
    for change in pair.changes:
        if origin := repeats.origin(change, pair):
            yield place(change), Span(f"  as in {_named(origin)}", "note")
        else:
            yield from _shortened(change_lines(change))
    if pair.is_cut:
        yield (Span("  and more", "note"),)
    yield ()


def _run(run: Sequence[Pair], repeats: Repeats) -> Iterator[Line]:
    """Pairs in which nothing is new, as a long conversation has them by the dozen."""
    first, last = run[0].places, run[-1].places
    ours, theirs = (f"#{start} to #{end}" for start, end in zip(first, last, strict=True))
    lead = ours if first.before == first.after else f"{ours} of A → {theirs} of B"
    changes = "change" if all(len(pair.changes) == 1 for pair in run) else "changes"
    origins = ", ".join(map(_named, repeats.origins(run[0])))
    yield Span(lead, "heading"), Span(f": the same {changes} as in {origins}", "note")
    yield ()


def _named(at: Places) -> str:
    """A pair by its places, and whose they are if they differ."""
    is_moved = at.before != at.after
    return f"#{at.before} of A → #{at.after} of B" if is_moved else f"#{at.before}"


def _heading(lead: str, interaction: Interaction) -> Line:
    request = interaction.request
    return (Span(one_line(f"{lead} {request.method} {request.url}"), "heading"),)


def _alone(
    sign: Sign, word: str, interactions: Sequence[Interaction], places: Collection[int]
) -> Iterator[Line]:
    """What they say, without the turns that an interaction of the same side has said before."""
    heard = Heard()
    for number, interaction in enumerate(interactions if places else ()):
        told = [line.text for line in transcript(interaction, heard=heard)]
        if number in places:
            yield _heading(f"{sign} #{number} {word}:", interaction)
            yield from _shortened(side_lines(sign, dropwhile(operator.not_, told[1:])))
            yield ()
        else:
            heard.above = None


def _shortened(lines: Iterable[Line]) -> Iterator[Line]:
    lines = list(lines)
    yield from lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        yield (Span(f"    … {len(lines) - MAX_LINES:,} more lines", "note"),)


def summary(comparison: Comparison) -> Iterator[Line]:
    """How much is the same, what was left out, and how long it took."""
    changed = comparison.changed
    counts = {
        "same": len(comparison.pairs) - len(changed),
        "changed": len(changed),
        "added": len(comparison.added),
        "removed": len(comparison.removed),
    }
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    order = ", in another order" if comparison.is_reordered else ""
    yield (Span((told or "no interactions") + order, "heading"),)
    if comparison.hidden:
        yield (Span(_hidden(comparison.hidden), "note"),)
    took = _total_ms(comparison.before), _total_ms(comparison.after)
    if comparison.pairs and round(took[0]) != round(took[1]):
        yield (Span(f"time: {spans(*took)}", "note"),)


def _hidden(counts: Mapping[Aspect, int]) -> str:
    names = [aspect for aspect in _ASPECTS if aspect in counts]
    words = (f"{counts[name]:,} {_ASPECTS[name][counts[name] > 1]}" for name in names)
    return f"not shown: {', '.join(words)} (--show {','.join(names)})"


def _total_ms(interactions: Iterable[Interaction]) -> float:
    return sum(sum(times(one.response).values()) for one in interactions)

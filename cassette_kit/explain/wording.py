"""The text of a miss: one screen, safe for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassette_kit.differences import MISSING, Difference, render
from cassette_kit.explain.places import MAX_DIFFERENCES
from cassette_kit.explain.situation import BodyMismatch
from cassette_kit.json_path import escaped
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.explain.situation import Near, Situation
    from cassette_kit.model import Mismatch, Request

WIDTH = 100  # columns; commands and rules to paste are never cut
MAX_URL = 160
SHOWN = 3  # differences with their values

_INDENT = " " * 12


def first_line(live: Request) -> str:
    """The words by which a miss is known."""
    asked = f"{_clipped(live.method, 20)} {_clipped(live.url, MAX_URL)}"
    return f"no recorded interaction answers {asked}"


def state(situation: Situation, cassette: str) -> str:
    """The file, how much of it is used up, and the mode."""
    mode = f"mode {situation.mode.name}"
    if not situation.mode.plays:
        return f"  cassette  {cassette}: nothing is played in {mode}"
    if not situation.file_exists:
        return f"  cassette  {cassette}: no such file, {mode}"
    total = counted(len(situation.taped), "interaction")
    played = f", {len(situation.played)} already played" if situation.played else ""
    return f"  cassette  {cassette}: {total}{played}, {mode}"


def nearest_lines(near: Near) -> list[str]:
    """Where the nearest recording differs: the first places with their values."""
    if not near.differences:
        return [f"  nearest   #{near.number} is equal, but was played already"]
    played = ", played already," if near.played else ""
    lines = _lines(f"  nearest   #{near.number}{played} differs at", near.differences[0])
    shown = min(SHOWN, near.decisive)
    for mismatch in near.differences[1:shown]:
        lines += _lines(f"{_INDENT}and at", mismatch)
    hidden = near.differences[shown:]
    return [*lines, f"{_INDENT}and at {_more(near, hidden)}"] if hidden else lines


def also_line(near: Near) -> str:
    """A recording that comes almost as near."""
    first, *others = near.differences
    lead = f"  also      #{near.number} differs at "
    more = f", and at {_more(near, others)}" if others else ""
    return f"{lead}{_where(first, WIDTH - len(lead) - len(more))}{more}"


def note_line(note: str) -> str:
    return _clipped(f"  note      {note}", WIDTH)


def called_lines(called: str | None) -> list[str]:
    return [f"  called    {escaped(called)}"] if called else []


def next_lines(steps: Sequence[str]) -> list[str]:
    """One line if there is room."""
    line = f"  next      {', or '.join(steps)}"
    if len(line) <= WIDTH or len(steps) < 2:
        return [line] if steps else []
    return [f"  next      {steps[0]}", *(f"{_INDENT}or {step}" for step in steps[1:])]


def _lines(lead: str, mismatch: Mismatch) -> list[str]:
    live, taped = _values(mismatch)
    where = _where(mismatch, WIDTH - len(lead) - 1)
    return [f"{lead} {where}", f"{_INDENT}  live  {live}", f"{_INDENT}  tape  {taped}"]


def _where(mismatch: Mismatch, width: int) -> str:
    """A path has its escapes already, and is pasted as it stands."""
    is_path = isinstance(mismatch, BodyMismatch)
    return _cut(mismatch.where, width) if is_path else _clipped(mismatch.where, width)


def _values(mismatch: Mismatch) -> tuple[str, str]:
    if isinstance(mismatch, BodyMismatch):
        return render(mismatch.difference)
    live, taped = map(_plain, (mismatch.live, mismatch.taped))
    return render(Difference("$", "changed", live, taped))


def _plain(value: object) -> Any:
    """Bytes as text where they are text; None stands for what is not there."""
    if not isinstance(value, bytes):
        return MISSING if value is None else value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _more(near: Near, hidden: Sequence[Mismatch]) -> str:
    at_least = "at least " if len(near.differences) >= MAX_DIFFERENCES else ""
    return at_least + counted(len(hidden), "more place")


def _clipped(text: str, width: int) -> str:
    return _cut(escaped(text), width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"

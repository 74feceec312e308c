"""What was measured as Markdown: ratios, their spread, and the times behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from bench.measuring import Result

UNITS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


@dataclass(frozen=True, slots=True)
class Section:
    """The results of a family: `about` says what the sides do, `x_axis` what a chart shows."""

    name: str
    title: str
    about: str
    results: Sequence[Result]
    x_axis: str | None = None

    @classmethod
    def of(cls, name: str, family: ModuleType, results: Sequence[Result]) -> Section:
        """With the words of the family's docstring."""
        title, _, about = (family.__doc__ or "").partition("\n")
        return cls(name, title, about.strip(), results, getattr(family, "X_AXIS", None))


def markdown(sections: Sequence[Section], *, made_on: Mapping[str, str]) -> str:
    """A page; `made_on` says on what machine and with which versions."""
    parts = [
        "# Results\n",
        "Made by `make bench`; [README.md](README.md) says how to read this.\n",
        "\n".join(f"- {name}: {value}" for name, value in made_on.items()) + "\n",
        "\n".join(summary(sections)) + "\n",
    ]
    for section in sections:
        parts += [f"## {section.title}\n", section.about + "\n"]
        if section.x_axis:
            parts.append(f"![{section.title}](charts/{section.name}.svg)\n")
        parts += ["\n".join(lines(section.results)) + "\n" for lines in (ratios, times)]
    return "\n".join(parts)


def summary(sections: Sequence[Section]) -> Iterator[str]:
    """How many goals were met, and which were not."""
    judged = [
        (f"{section.title}, {result.row.what}, {side}", result.ratio(side), goal)
        for section in sections
        for result in section.results
        for side, goal in result.row.goals.items()
    ]
    missed = [one for one in judged if one[1] > one[2]]
    yield f"{len(judged) - len(missed)} of {len(judged)} goals are met.{' Not met:' * bool(missed)}"
    yield ""
    yield from (f"- {what}: {ratio:.4g}, goal {goal:g}" for what, ratio, goal in missed)


def ratios(found: Sequence[Result]) -> Iterator[str]:
    first, *others = sides(found)
    has_goals = any(result.row.goals for result in found)
    yield from header(["", f"{first} = 1", *others, *["goal"] * has_goals])
    for result in found:
        cells = [ratio_cell(result, side) for side in others] + [goal(result)] * has_goals
        yield line([result.row.what, amount(result.median(first), result), *cells])


def ratio_cell(result: Result, side: str) -> str:
    if side not in result.taken:
        return ""
    least, most = result.spread(side)
    return f"{number(result.ratio(side))} ({number(least)} to {number(most)})"


def goal(result: Result) -> str:
    limits = set(result.row.goals.values())
    return ", ".join(f"≤ {limit:g}" for limit in limits)


def times(found: Sequence[Result]) -> Iterator[str]:
    """The measures themselves, out of the way."""
    names = sides(found)
    yield f"<details><summary>Minimum / median of {rounds(found)} rounds</summary>\n"
    yield from header(["", *names])
    for result in found:
        yield line([result.row.what, *(time_cell(result, side) for side in names)])
    yield "\n</details>"


def time_cell(result: Result, side: str) -> str:
    if side not in result.taken:
        return ""
    return f"{amount(result.minimum(side), result)} / {amount(result.median(side), result)}"


def rounds(found: Sequence[Result]) -> str:
    counts = {len(taken) for result in found for taken in result.taken.values()}
    return " to ".join(map(str, sorted({min(counts), max(counts)})))


def sides(found: Sequence[Result]) -> list[str]:
    """The sides of all rows, in the order in which they come."""
    return list(dict.fromkeys(side for result in found for side in result.taken))


def header(cells: Sequence[str]) -> Iterator[str]:
    yield line(cells)
    yield "|" + "---|" * len(cells)


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def terminal(name: str, result: Result) -> str:
    """A row for the eye that waits."""
    first, *others = result.row.sides
    found = [f"{side} {number(result.ratio(side))}{goal_of(result, side)}" for side in others]
    head = f"{name}: {result.row.what}; {first} = 1, {amount(result.median(first), result)}"
    return "\n".join([head, *(f"    {one}" for one in found)])


def goal_of(result: Result, side: str) -> str:
    limit = result.row.goals.get(side)
    if limit is None:
        return ""
    return f"  (goal {limit:g}{', met' if result.ratio(side) <= limit else ''})"


def amount(value: float, result: Result) -> str:
    units = UNITS[result.row.unit]
    size, unit = next((one for one in units if value >= one[0]), units[-1])
    return f"{number(value / size)} {unit}"


def number(value: float) -> str:
    """Three digits that count, and never an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.4f}"

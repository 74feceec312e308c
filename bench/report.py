"""What was measured as Markdown: ratios, their spread, and the times behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.families import FAMILIES, about, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.measuring import Result

    Results = Mapping[str, Sequence[Result]]

UNITS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


def markdown(results: Results, *, made_on: Mapping[str, str], charts: Iterable[str] = ()) -> str:
    """A page; `made_on` says on what machine and with which versions, `charts` names drawings."""
    drawn = set(charts)
    parts = [
        "# Results\n",
        "Made by `make bench`; [README.md](README.md) says how to read this.\n",
        "\n".join(f"- {name}: {value}" for name, value in made_on.items()) + "\n",
        "\n".join(summary(results)) + "\n",
    ]
    for name, found in results.items():
        parts += [f"## {title(FAMILIES[name])}\n", about(FAMILIES[name]) + "\n"]
        if name in drawn:
            parts.append(f"![{title(FAMILIES[name])}](charts/{name}.svg)\n")
        parts += ["\n".join(ratios(found)) + "\n", "\n".join(times(found)) + "\n"]
    return "\n".join(parts)


def summary(results: Results) -> Iterator[str]:
    """How many goals were met, and which were not."""
    judged = [
        (f"{title(FAMILIES[name])}, {result.row.what}, {side}", result.ratio(side), goal)
        for name, found in results.items()
        for result in found
        for side, goal in result.row.goals.items()
    ]
    missed = [one for one in judged if one[1] > one[2]]
    yield f"{len(judged) - len(missed)} of {len(judged)} goals are met.{' Not met:' * bool(missed)}"
    yield ""
    yield from (f"- {what}: {number(ratio)}, goal {goal:g}" for what, ratio, goal in missed)


def ratios(found: Sequence[Result]) -> Iterator[str]:
    first, *others = sides(found)
    yield from header(["", f"{first} = 1", *others, "goal"])
    for result in found:
        cells = [ratio_cell(result, side) for side in others]
        yield line([result.row.what, amount(result.median(first), result), *cells, goal(result)])


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

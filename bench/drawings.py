"""Which results are drawn: those of families whose rows have a place on an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.charts import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measuring import Result
    from bench.report import Section

    Points = list[tuple[float, float]]

POWERS = {9: "G", 6: "M", 3: "k"}


def drawings(sections: Sequence[Section]) -> dict[str, str]:
    """SVG by the name of the section."""
    return {
        section.name: chart(
            section.title,
            lines(section.results),
            x_label=section.x_axis,
            x_text=count_text,
            y_text=time_text,
        )
        for section in sections
        if section.x_axis
    }


def lines(found: Sequence[Result]) -> dict[str, Points]:
    """Medians over x: a line for each side, or for each name that rows give as theirs."""
    drawn: dict[str, Points] = {}
    for result in found:
        row = result.row
        assert row.x is not None
        *_, last = row.sides
        named = {row.line: last} if row.line else {side: side for side in row.sides}
        for name, side in named.items():
            drawn.setdefault(name, []).append((row.x, result.median(side)))
    return drawn


def count_text(value: float) -> str:
    """1000 as `1 k`."""
    power = next((power for power in POWERS if value >= 10**power), 0)
    return f"{value / 10**power:g}{' ' * bool(power)}{POWERS.get(power, '')}"


def time_text(seconds: float) -> str:
    size, unit = next(
        (one for one in ((1, "s"), (1e-3, "ms")) if seconds >= one[0] * 0.999), (1e-6, "µs")
    )
    return f"{seconds / size:g} {unit}"

"""Lines over two logarithmic axes as SVG, on white by day and on near-black by night."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 44, 50
LABEL_GAP = 16
OURS = "cassette_kit"
DAY = ("#b35900", "#6e40c9", "#0a7d4f", "#a4133c", "#57606a", "#7d6608")
NIGHT = ("#ffa657", "#d2a8ff", "#56d39b", "#ff7b93", "#9da7b1", "#e3c75f")
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.ground { fill: #ffffff } .grid { stroke: #d8dee4 } .line { fill: none; stroke-width: 1.8 }
.ours { stroke: #0550ae; fill: #0550ae; stroke-width: 3.2 }
""".strip()
BY_NIGHT = """
text { fill: #e6edf3 } .ground { fill: #0d1117 } .grid { stroke: #30363d }
.ours { stroke: #79c0ff; fill: #79c0ff }
""".strip()


class Axis(NamedTuple):
    """Whole decades on a stretch of pixels."""

    first: int
    last: int
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (log10(value) - self.first) / (self.last - self.first)
        return self.start + share * (self.end - self.start)

    def decades(self) -> Iterator[float]:
        return (10.0**power for power in range(self.first, self.last + 1))


def chart(
    title: str,
    lines: Mapping[str, Points],
    *,
    x_label: str,
    x_text: Callable[[float], str],
    y_text: Callable[[float], str],
) -> str:
    """A drawing of lines by name, each a sequence of x and y above 0."""
    xs = axis((x for points in lines.values() for x, _ in points), LEFT, WIDTH - RIGHT)
    ys = axis((y for points in lines.values() for _, y in points), HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{style(list(lines))}\n</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        text(LEFT, 26, title, "title"),
        *grid(xs, ys, x_text, y_text),
        text((xs.start + xs.end) / 2, HEIGHT - 10, x_label, anchor="middle"),
        *drawn(lines, xs, ys),
        "</svg>\n",
    ]
    return "\n".join(parts)


def axis(values: Iterable[float], start: float, end: float) -> Axis:
    found = list(values)
    first = floor(log10(min(found)))
    return Axis(first, max(first + 1, ceil(log10(max(found)))), start, end)


def style(names: list[str]) -> str:
    others = [name for name in names if name != OURS]
    day, night = (
        " ".join(
            f".{css(name)} {{ stroke: {color}; fill: {color} }}"
            for name, color in zip(others, colors, strict=False)
        )
        for colors in (DAY, NIGHT)
    )
    return (
        f"{STYLE}\n{day}\n@media (prefers-color-scheme: dark) {{\n{BY_NIGHT}\n{night}\n}}\n"
        "polyline { fill: none !important } text[class] { stroke: none }"
    )


def css(name: str) -> str:
    """A class for a line."""
    return "ours" if name == OURS else "s-" + "".join(c if c.isalnum() else "-" for c in name)


def grid(
    xs: Axis, ys: Axis, x_text: Callable[[float], str], y_text: Callable[[float], str]
) -> Iterator[str]:
    for x in xs.decades():
        at = xs.at(x)
        yield segment(at, ys.start, at, ys.end)
        yield text(at, ys.start + 18, x_text(x), anchor="middle")
    for y in ys.decades():
        at = ys.at(y)
        yield segment(xs.start, at, xs.end, at)
        yield text(xs.start - 8, at + 4, y_text(y), anchor="end")


def segment(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, kind: str = "", *, anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def drawn(lines: Mapping[str, Points], xs: Axis, ys: Axis) -> Iterator[str]:
    """The lines, with dots where they were measured, and their names at their ends."""
    for name, points in lines.items():
        places = [(xs.at(x), ys.at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline class="line {css(name)}" points="{path}"/>'
        yield from (
            f'<circle class="{css(name)}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places
        )
    ends = {name: ys.at(points[-1][1]) for name, points in lines.items()}
    for name, y in apart(ends).items():
        yield text(xs.end + 10, y + 4, name, css(name))


def apart(places: Mapping[str, float]) -> dict[str, float]:
    """Places of labels from above to below, moved down where they would lie on each other."""
    ordered = sorted(places, key=lambda name: places[name])
    found = dict(places)
    for above, below in pairwise(ordered):
        found[below] = max(found[below], found[above] + LABEL_GAP)
    return found

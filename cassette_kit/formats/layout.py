"""How a version-2 file is indented, and what it leaves out: two numbers, a flag, the line ends.

go-yaml puts the keys of a map at the next multiple of its indent step, the items of a list a
fixed number of columns to the right of the key that holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit.formats.yaml_nodes import Mapping, Node

if TYPE_CHECKING:
    from collections.abc import Collection

_STEPS = range(2, 10)  # a block scalar's header has one digit for the step


@dataclass(frozen=True, slots=True)
class Layout:
    """`step` and `sequence_indent` in columns; `keeps_empty` writes `body: ""`, `form: {}`…"""

    step: int = 2
    sequence_indent: int = 0
    keeps_empty: bool = False
    newline: str = "\n"

    def inside(self, column: int) -> int:
        """The column of what is nested in a map at `column`."""
        return self.step * (column // self.step + 1)


NEW_FILE = Layout()


def detect(
    text: str, interaction: Mapping, *, sequence_indent: int, omittable: Collection[str]
) -> Layout:
    """The layout of a file, told from its first interaction."""
    request = interaction.get("request")
    names = set(request.names()) if isinstance(request, Mapping) else set()
    return Layout(
        step=_step(text, request, sequence_indent),
        sequence_indent=sequence_indent,
        keeps_empty=names.issuperset(omittable),
        newline=newline_of(text),
    )


def newline_of(text: str) -> str:
    """The line end of the first line."""
    return "\r\n" if text[: text.find("\n") + 1].endswith("\r\n") else "\n"


def _step(text: str, request: Node | None, sequence_indent: int) -> int:
    keys = _key_column(text, request)
    headers = request.get("headers") if isinstance(request, Mapping) else None
    names = _key_column(text, headers)
    if keys is None:
        return NEW_FILE.step
    if names is not None and names - keys in _STEPS:
        return names - keys
    likely_ones = (sequence_indent, sequence_indent + 2)
    steps = sorted(_STEPS, key=lambda step: step not in likely_ones)
    fitting = (step for step in steps if Layout(step).inside(sequence_indent + 2) == keys)
    return next(fitting, NEW_FILE.step)


def _key_column(text: str, node: Node | None) -> int | None:
    if not isinstance(node, Mapping) or node.flow or not node.pairs:
        return None
    start = node.pairs[0][0].start
    return start - (text.rfind("\n", 0, start) + 1)

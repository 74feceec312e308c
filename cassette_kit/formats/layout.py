"""How a version-2 file is indented, and what it leaves out: two numbers, a flag, the line ends.

go-yaml puts the keys of a map at the next multiple of its indent step, the items of a list a
fixed number of columns to the right of the key that holds them.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    *, sequence_indent: int, keys: int | None, names: int | None, keeps_empty: bool, newline: str
) -> Layout:
    """The layout of a file, told from its first request.

    `keys` is the column of the request's keys, `names` that of its header names; None where there
    are none in lines of their own.
    """
    step = _step(sequence_indent, keys, names)
    return Layout(step, sequence_indent, keeps_empty, newline)


def newline_of(text: str) -> str:
    """The line end of the first line."""
    return "\r\n" if text[: text.find("\n") + 1].endswith("\r\n") else "\n"


def _step(sequence_indent: int, keys: int | None, names: int | None) -> int:
    if keys is None:
        return NEW_FILE.step
    if names is not None and names - keys in _STEPS:
        return names - keys
    likely_ones = (sequence_indent, sequence_indent + 2)
    steps = sorted(_STEPS, key=lambda step: step not in likely_ones)
    fitting = (step for step in steps if Layout(step).inside(sequence_indent + 2) == keys)
    return next(fitting, NEW_FILE.step)

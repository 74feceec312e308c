"""Which line of the user's own code made a call."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from traceback import walk_stack
from typing import NamedTuple

_PACKAGE = str(Path(__file__).parents[1])
_INSTALLED = {"site-packages", "dist-packages"}


class CallSite(NamedTuple):
    """A line of code; `function` is qualified, as in `Agent.ask`."""

    path: Path
    line: int
    function: str


def call_site() -> CallSite | None:
    """The innermost line on the stack that is of no library; None if there is none.

    Libraries are this package, the standard library and what is installed in `site-packages`.
    """
    return next(
        (
            CallSite(Path(frame.f_code.co_filename), line, frame.f_code.co_qualname)
            for frame, line in walk_stack(sys._getframe(1))
            if _is_users(frame.f_code.co_filename)
        ),
        None,
    )


def _is_users(file: str) -> bool:
    """Code without a file, as `exec` runs it, is called `<string>`."""
    libraries = (_PACKAGE, *map(sysconfig.get_path, ("stdlib", "platstdlib")))
    return not file.startswith(("<", *libraries)) and _INSTALLED.isdisjoint(Path(file).parts)

"""One place at which two bodies differ."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["changed", "added", "removed"]


class _Missing(enum.Enum):
    MISSING = enum.auto()

    def __repr__(self) -> str:
        return self.name


MISSING = _Missing.MISSING


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which a live body and a taped one differ.

    `added` is what only the live body has, `removed` what only the tape has; the other side is
    MISSING. Indexes in `path` are the live body's, those of what was removed the tape's. `inner`
    is the path inside a string that holds JSON on both sides. A list whose elements only changed
    places is one difference with `reordered` set.
    """

    path: str
    kind: Kind
    live: Any
    taped: Any
    inner: str | None = None
    reordered: bool = False

    @property
    def where(self) -> str:
        """The whole path for display: `$.arguments → $.city`."""
        return self.path if self.inner is None else f"{self.path} → {self.inner}"


Difference.__module__ = "cassette_kit"

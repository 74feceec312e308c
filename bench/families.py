"""All that is measured: a module for each kind of row, whose docstring says what its sides do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import (
    by_count,
    by_size,
    calls,
    differing,
    loading,
    making,
    matching,
    memory,
    missing,
    opening,
    position,
    recording,
    saving,
    suites,
    unused,
)

if TYPE_CHECKING:
    from types import ModuleType

FAMILIES: dict[str, ModuleType] = {
    "opening": opening,
    "by_count": by_count,
    "by_size": by_size,
    "loading": loading,
    "memory": memory,
    "position": position,
    "calls": calls,
    "making": making,
    "suites": suites,
    "unused": unused,
    "saving": saving,
    "recording": recording,
    "matching": matching,
    "missing": missing,
    "differing": differing,
}

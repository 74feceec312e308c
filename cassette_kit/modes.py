"""Record modes, as a table of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Mode:
    """What a mode does.

    `plays`: recordings of an existing file answer. `records_new_file`: without a file, calls go
    live and are recorded. `records_misses`: with a file, a call without a recording goes live and
    is added. `replaces`: what is recorded takes the place of the file. `off`: nothing is read or
    written.
    """

    name: str
    plays: bool = False
    records_new_file: bool = False
    records_misses: bool = False
    replaces: bool = False
    off: bool = False

    def goes_live(self, *, file_exists: bool) -> bool:
        """Whether a call without a recording leaves for the real API."""
        return self.off or (self.records_misses if file_exists else self.records_new_file)


_TABLE = (
    Mode("replay", plays=True),
    Mode("once", plays=True, records_new_file=True),
    Mode("new_episodes", plays=True, records_new_file=True, records_misses=True),
    Mode("rewrite", records_new_file=True, records_misses=True, replaces=True),
    Mode("off", off=True),
)

MODES: Mapping[str, Mode] = {mode.name: mode for mode in _TABLE}

ALIASES: Mapping[str, str] = {"none": "replay", "all": "rewrite"}

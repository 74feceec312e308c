"""What a tape did, for reports."""

from __future__ import annotations

from typing import Literal, NamedTuple

FileState = Literal["new", "changed", "not accepted"] | None


class Outcome(NamedTuple):
    """What one tape did: how many requests were played, recorded, missed or passed on untouched.

    `file` says what became of the file if anything was recorded; "not accepted" means that the
    recordings are in the journal of a test that failed.
    """

    cassette: str
    mode: str
    played: int
    recorded: int
    missed: int
    passed: int
    unplayed: int
    file: FileState
    notices: tuple[str, ...]

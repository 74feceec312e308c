"""The recording of one cassette file: under a lock, in a journal, into the file in one step.

Strategy: each finished interaction goes to `<file>.part` and is on disk when `append` returns. The
journal appears with its first interaction in it and goes when the file holds them all, so a process
that dies in between leaves all that it had finished.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.errors import CassetteError, CassetteSaveError
from cassette_kit.model import Cassette
from cassette_kit.store import disk
from cassette_kit.store.lock import LockedError, locked
from cassette_kit.store.part import (
    Part,
    entry,
    fingerprint,
    heading,
    parsed,
    part_path,
    part_text,
    read_part,
)
from cassette_kit.store.read_back import check_reads_back, contents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cassette_kit.model import Interaction

__all__ = [
    "Accepted",
    "Journal",
    "LockedError",
    "Part",
    "accept",
    "part_path",
    "read_part",
]


class Journal:
    """Takes the interactions of one recording. Not thread-safe: the recorder locks.

    `base` is what the file holds, None where there is none; `left_over` the journal of a recording
    that was not accepted. It stays until this one has an interaction of its own.

    Raises:
        LockedError: somebody else is recording this file.
        CassetteError: the file is there and cannot be read, so it is not touched.
    """

    def __init__(self, path: Path, *, replaces: bool) -> None:
        self.path = disk.behind_link(path)
        self.replaces = replaces
        self._part = part_path(self.path)
        self._is_begun = False
        self._is_released = False
        with ExitStack() as held:
            held.enter_context(
                locked(
                    self.path,
                    advice="give each test its own cassette, or record without running in parallel",
                )
            )
            self._data = disk.read(self.path)
            self.base = _cassette(self._data, self.path)
            self._heading = heading(self.path, self._data, replaces=replaces)
            self.left_over = self._part if self._part.exists() else None
            self._held = held.pop_all()

    def append(self, interaction: Interaction, place: int, check: Callable[[bytes], None]) -> None:
        """Put a finished interaction on disk; `check` is given its text before, and may raise.

        Raises:
            CassetteSaveError: the disk refused, or the recording is over.
        """
        if self._is_released:
            raise CassetteSaveError(f"{self.path}: not recorded, the recording is over")
        text = entry(interaction, place)
        check(text)
        if self._is_begun:
            disk.append(self._part, text)
        else:
            first = self._heading + text
            disk.replace(self._part, first, temporary=_temporary(self.path), like=self.path)
            self._is_begun = True

    def commit(self, interactions: Sequence[Interaction], check: Callable[[bytes], None]) -> None:
        """Put the recording into the file, in request order, and end the journal.

        What the file holds is read once more; `check` is given the whole text before it is written,
        and may raise.

        Raises:
            CassetteSaveError: the file was not replaced; the journal stays.
        """
        try:
            _save(self.path, self._base_now(), interactions, replaces=self.replaces, check=check)
            with suppress(CassetteSaveError):  # what stays does no harm: `accept` will see it
                self.discard()
        finally:
            self.release()

    def text(self) -> bytes:
        """What this recording has journalled so far."""
        return (disk.read(self._part) or b"") if self._is_begun else b""

    def discard(self) -> None:
        """Remove what this recording has journalled.

        Raises:
            CassetteSaveError: the disk refused; it is still there.
        """
        if self._is_begun:
            disk.remove(self._part)
            self._is_begun = False

    def release(self) -> None:
        """Let go of the lock; what was journalled stays."""
        self._is_released = True
        self._held.close()

    def _base_now(self) -> Cassette | None:
        """The file as it is, which somebody without the lock (an editor, git) may have changed."""
        try:
            data = disk.read(self.path)
            return self.base if data == self._data else _cassette(data, self.path)
        except CassetteError as error:
            raise CassetteSaveError(f"not written, the file has changed: {error}") from error


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a journal: it `was_saved` before if the file held all of it already."""

    part: Part
    was_saved: bool


def accept(path: Path, check: Callable[[Path, bytes], None]) -> Accepted:
    """Take the journal that a recording has left into its cassette, and remove it.

    What it appends goes behind what the file holds now. `check` is given the text of the journal
    and the text to be written, each with its path, and may raise.

    Raises:
        LockedError: the recording is still going on.
        CassetteError: there is no journal, or it or the cassette cannot be read.
        CassetteSaveError: the cassette was not written; the journal stays.
    """
    path = disk.behind_link(path)
    part_text(path)  # says so where there is none, before a folder is made for the lock
    with locked(path, advice="accept what it records when it has ended"):
        accepted = _accept(path, check)
        disk.remove(part_path(path))
    return accepted


def _accept(path: Path, check: Callable[[Path, bytes], None]) -> Accepted:
    file, text = part_path(path), part_text(path)
    check(file, text)
    part = parsed(text, origin=str(file))
    if not part.interactions:
        raise CassetteError(f"{file}: no interaction in it is whole")
    data = disk.read(path)
    base = _cassette(data, path)
    was_saved = fingerprint(data) != part.base and _is_saved(part, base)
    if not was_saved:
        _save(path, base, part.interactions, replaces=part.replaces, check=partial(check, path))
    return Accepted(part, was_saved)


def _is_saved(part: Part, base: Cassette | None) -> bool:
    """Whether the recording was killed when the file had it already and the journal stood yet."""
    held, recorded = contents(base), contents(Cassette(part.interactions))
    return held == recorded if part.replaces else held[-len(recorded) :] == recorded


def _save(
    path: Path,
    base: Cassette | None,
    interactions: Sequence[Interaction],
    *,
    replaces: bool,
    check: Callable[[bytes], None],
) -> None:
    """Write recorded interactions in the place of a cassette, or behind what it holds."""
    old = base or Cassette()
    kept = () if replaces else old.interactions
    cassette = replace(old, interactions=(*kept, *interactions))
    data = formats.dumps(cassette)
    check(data)
    check_reads_back(data, cassette, path)
    disk.replace(path, data, temporary=_temporary(path))


def _cassette(data: bytes | None, path: Path) -> Cassette | None:
    return None if data is None else formats.loads(data, origin=str(path))


def _temporary(path: Path) -> Path:
    """A name that the holder of the lock has to itself; the next one clears what a kill left."""
    return path.with_name(f"{path.name}.tmp")

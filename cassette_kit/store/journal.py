"""The recording of one cassette file: under a lock, in a journal, into the file in one step.

Strategy: `<file>.part` holds one whole version-2 document for each finished interaction, behind a
comment with its place in the order of requests. A process that dies leaves at most a torn last
document; all others are given back. `<file>.lock` is held by the operating system, so it is free as
soon as its process is gone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit import formats, store
from cassette_kit.errors import CassetteError, CassetteFormatError, CassetteSaveError
from cassette_kit.model import Cassette
from cassette_kit.store import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from filelock import BaseFileLock

    from cassette_kit.model import Interaction

_HEAD = "# Recorded, but not accepted. `cassette-kit accept {name}` does that.\n"
_ENTRY = re.compile(rb"^# part: place (\d+), (append|replace)\n", re.MULTILINE)


class LockedError(CassetteSaveError):
    """Another process, or another tape of this one, is recording the same file."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a journal holds: whether it replaces the file, and its interactions in request order.

    `torn` says that the last one was cut off, by a kill in the middle of a write.
    """

    replaces: bool
    interactions: tuple[Interaction, ...]
    torn: bool


class Journal:
    """Takes the interactions of one recording. Not thread-safe: the recorder locks.

    Raises:
        LockedError: somebody else is recording this file.
        CassetteError: the file is there and cannot be read, so it is not touched.
    """

    def __init__(self, path: Path, *, replaces: bool) -> None:
        self.path = path
        self.replaces = replaces
        self._lock = _locked(path)
        self._descriptor: int | None = None
        try:
            self.base = store.load_if_exists(path)
            self.left_over = part_path(path) if part_path(path).exists() else None
        except BaseException:
            self._unlock()
            raise

    def append(self, interaction: Interaction, place: int, check: Callable[[bytes], None]) -> None:
        """Put a finished interaction on disk; `check` is given its text before, and may raise.

        Raises:
            CassetteSaveError: the disk refused.
        """
        how = "replace" if self.replaces else "append"
        entry = f"# part: place {place}, {how}\n".encode() + formats.dumps(Cassette((interaction,)))
        check(entry)
        try:
            if self._descriptor is None:
                self._descriptor = self._created()
            disk.append(self._descriptor, entry)
        except OSError as error:
            path = part_path(self.path)
            raise CassetteSaveError(f"{path}: an interaction was not written: {error}") from error

    def commit(self, interactions: Sequence[Interaction], check: Callable[[bytes], None]) -> None:
        """Put the recording into the file, in request order, and end the journal.

        `check` is given the whole text before it is written, and may raise.

        Raises:
            CassetteSaveError: the file was not replaced; the journal stays.
        """
        try:
            save(self.path, self.base, interactions, replaces=self.replaces, check=check)
            self.discard()
        finally:
            self.release()

    def text(self) -> bytes:
        """What this recording has journalled so far."""
        return b"" if self._descriptor is None else part_path(self.path).read_bytes()

    def discard(self) -> None:
        """Remove the journal that this recording has written, if it has."""
        if self._descriptor is not None:
            part_path(self.path).unlink(missing_ok=True)

    def release(self) -> None:
        """Let go of journal and lock; what was journalled stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._unlock()

    def _created(self) -> int:
        path = part_path(self.path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
        disk.append(descriptor, _HEAD.format(name=self.path.name).encode())
        disk.sync_folder(path.parent)
        return descriptor

    def _unlock(self) -> None:
        if self._lock.is_locked:
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()


def save(
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
    _check_reads_back(data, cassette, path)
    disk.replace(path, data)


def accept(path: Path, check: Callable[[bytes], None]) -> int:
    """Take a journal that was left into its cassette; how many interactions that were.

    Raises:
        CassetteError: there is no journal, or it cannot be read.
        CassetteSaveError: the cassette was not written; the journal stays.
    """
    journal = Journal(path, replaces=False)
    try:
        part = read_part(path)
        save(path, journal.base, part.interactions, replaces=part.replaces, check=check)
        part_path(path).unlink()
    finally:
        journal.release()
    return len(part.interactions)


def read_part(path: Path) -> Part:
    """What the journal of a cassette holds.

    Raises:
        CassetteError: there is none, or nothing in it can be read.
    """
    file = part_path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CassetteError(f"{file}: cannot be read: {error.strerror}") from error
    heads = list(_ENTRY.finditer(data))
    ends = [head.start() for head in heads[1:]] + [len(data)]
    found = [
        (int(head[1]), _entry(data[head.end() : end], file))
        for head, end in zip(heads, ends, strict=True)
    ]
    whole = sorted((entry for entry in found if entry[1]), key=lambda entry: entry[0])
    interactions = tuple(interaction for _, one in whole for interaction in one)
    replaces = bool(heads) and heads[0][2] == b"replace"
    return Part(replaces, interactions, torn=len(whole) < len(found))


def part_path(path: Path) -> Path:
    """`<file>.part`."""
    return path.with_name(f"{path.name}.part")


def _entry(data: bytes, file: Path) -> tuple[Interaction, ...]:
    try:
        return formats.loads(data, origin=str(file)).interactions
    except CassetteFormatError:
        return ()


def _locked(path: Path) -> BaseFileLock:
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"{path}: somebody else is recording this file just now; give each test its own "
            "cassette, or record without running in parallel"
        ) from None
    except OSError as error:
        raise CassetteSaveError(f"{path}: cannot be recorded here: {error}") from error
    return lock


def _check_reads_back(data: bytes, cassette: Cassette, path: Path) -> None:
    """A file that would say something else than what was recorded is not written."""
    read = formats.loads(data, origin=str(path)).interactions
    same = [(one.request, one.response) for one in read] == [
        (one.request, one.response) for one in cassette.interactions
    ]
    if not same:
        raise CassetteSaveError(f"{path}: not written: it would not read back as it was recorded")

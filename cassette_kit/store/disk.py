"""Reads that tell "not there" from "cannot be read"; writes that happened or changed nothing.

Windows: files are opened in binary mode, and none is open while it is renamed or removed.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteError, CassetteSaveError

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINARY = getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_MORE = os.O_WRONLY | os.O_APPEND | _BINARY


def read(path: Path) -> bytes | None:
    """The bytes of a file, None where there is no file.

    Raises:
        CassetteError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {reason(error)}") from error


def replace(
    path: Path, data: bytes, *, temporary: Path | None = None, like: Path | None = None
) -> None:
    """Put `data` in the place of a file in one step, on disk before it is visible.

    A file that holds these bytes already is left alone. `temporary` is a name of the caller's own,
    so that what a kill leaves under it is gone the next time; by default it is one that nobody has.
    `like` is the file whose permissions the new one gets, by default the one that it replaces.

    Raises:
        CassetteSaveError: the disk refused, or the path is a folder, a device or a pipe; what was
            there is as it was.
    """
    name = temporary or path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        if path.exists() and not path.is_file():
            raise CassetteSaveError(f"{path}: not written: this is no file")
        if path.exists() and path.read_bytes() == data:
            return
        make_folders(path.parent)
        _replace(path, data, name, _permissions(like or path))
    except OSError as error:
        raise CassetteSaveError(f"{path}: not written: {reason(error)}") from error


def append(path: Path, data: bytes) -> None:
    """Write behind what a file holds; it is on disk when this returns.

    Raises:
        CassetteSaveError: the disk refused; a part of the data may be there.
    """
    try:
        _write(os.open(path, _MORE), data)
    except OSError as error:
        raise CassetteSaveError(f"{path}: not written: {reason(error)}") from error


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        CassetteSaveError: the disk refused; it is still there.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CassetteSaveError(f"{path}: not removed: {reason(error)}") from error


def behind_link(path: Path) -> Path:
    """The file itself, by an absolute path: all who write it must meet at the same names."""
    path = path.absolute()
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


def make_folders(folder: Path) -> Sequence[Path]:
    """Make a folder with its parents; those that were not there, the innermost first."""
    missing = list(takewhile(lambda one: not one.exists(), (folder, *folder.parents)))
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders, the innermost first, up to one that holds something."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def reason(error: OSError) -> str:
    """What the operating system says, without the path."""
    return error.strerror or str(error)


def _permissions(path: Path) -> int | None:
    try:
        return path.stat().st_mode & 0o7777
    except FileNotFoundError:
        return None


def _replace(path: Path, data: bytes, temporary: Path, permissions: int | None) -> None:
    temporary.unlink(missing_ok=True)
    try:
        _write(os.open(temporary, _NEW, 0o666 if permissions is None else permissions), data)
        if permissions is not None and _permissions(temporary) != permissions:
            temporary.chmod(permissions)  # the umask has taken some away
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write(descriptor: int, data: bytes) -> None:
    """Write everything, wait until it is on disk, and close."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Let a rename outlast a power cut. It has happened by now, and Windows and some file systems
    cannot do this, so that a refusal is no failure of the write."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

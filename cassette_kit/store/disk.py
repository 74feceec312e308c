"""Writes that are on disk when they return, or have changed nothing."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteSaveError

if TYPE_CHECKING:
    from collections.abc import Iterator


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file in one step, on disk before it is visible.

    A file that holds these bytes already is left alone. A symbolic link stays one; the file behind
    it is replaced, with its permissions kept.

    Raises:
        CassetteSaveError: the disk refused; the old file is as it was.
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened(temporary, os.O_CREAT | os.O_TRUNC) as descriptor:
            append(descriptor, data)
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CassetteSaveError(f"{path}: not written: {error}") from error


@contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor for writing, closed at the end."""
    descriptor = os.open(path, os.O_WRONLY | flags, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def append(descriptor: int, data: bytes) -> None:
    """Write all of `data` and wait until it is on disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry durable. Windows cannot open a folder and needs no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

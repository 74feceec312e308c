"""The only module that opens cassette files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.errors import CassetteError, CassetteSaveError

if TYPE_CHECKING:
    from cassette_kit.model import Cassette


def load(path: str | os.PathLike[str]) -> Cassette:
    """Read a cassette file.

    Raises:
        CassetteError: the file is missing or cannot be read.
        CassetteFormatError: it is not a readable version-2 cassette; names line and key.
    """
    cassette = load_if_exists(path)
    if cassette is None:
        raise CassetteError(f"{os.fspath(path)}: no such cassette")
    return cassette


def load_if_exists(path: str | os.PathLike[str]) -> Cassette | None:
    """Like `load`, but None where there is no file."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CassetteError(f"{os.fspath(path)}: cannot be read: {error.strerror}") from error
    return formats.loads(data, origin=os.fspath(path))


def dump(cassette: Cassette, path: str | os.PathLike[str]) -> None:
    """Write a cassette file in one step; a file that already holds these bytes is left alone.

    Raises:
        CassetteSaveError: it could not be written; what was there before still is.
    """
    replace(Path(path), formats.dumps(cassette))


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file in one step, on disk before it is visible.

    A symbolic link stays one; the file behind it is replaced, with its permissions kept.

    Raises:
        CassetteSaveError: the disk refused; the old file is as it was.
    """
    path = Path(os.path.realpath(path))
    if path.is_file() and path.read_bytes() == data:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CassetteSaveError(f"{path}: not written, the old file is intact: {error}") from error
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows cannot open a folder and needs no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

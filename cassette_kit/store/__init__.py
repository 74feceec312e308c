"""The only package that opens cassette files: read, lock, journal, write-then-rename."""

from __future__ import annotations

import glob
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.errors import CassetteError
from cassette_kit.store import disk

if TYPE_CHECKING:
    from cassette_kit.formats import Reads
    from cassette_kit.formats.opening import Opened
    from cassette_kit.model import Cassette


def load(path: str | os.PathLike[str]) -> Cassette:
    """Read a cassette file, or what a journal, `<file>.part`, holds so far.

    Raises:
        CassetteError: the file is missing or cannot be read.
        CassetteFormatError: it is not a readable version-2 cassette; names line and key.
    """
    from cassette_kit.store import part  # replay reads no journals

    return read(Path(path), part.loads)


def read(path: Path, loads: Reads[Cassette]) -> Cassette:
    """Read a file with `loads`, which raises what it is asked to refuse.

    Raises:
        CassetteError: the file is missing or cannot be read.
    """
    data = disk.read(path)
    if data is None:
        raise CassetteError(f"{path}: no such cassette")
    return loads(data, origin=shown(path))


def open_if_exists(path: str | os.PathLike[str]) -> Opened | None:
    """A cassette for replay, which builds responses when asked; None where there is no file.

    Raises:
        CassetteError: the file cannot be read.
        CassetteFormatError: it is not a readable version-2 cassette, or a journal.
    """
    data = disk.read(Path(path))
    return None if data is None else formats.opened(data, origin=shown(Path(path)))


def dump(cassette: Cassette, path: str | os.PathLike[str]) -> None:
    """Write a cassette file in one step; a file that already holds these bytes is left alone.

    A symbolic link stays one, the file behind it is replaced. Permissions are kept.

    Raises:
        CassetteSaveError: it could not be written; what was there before still is.
    """
    disk.replace(disk.behind_link(Path(path)), formats.dumps(cassette))


def neighbours(path: Path) -> list[str]:
    """What lies where a missing cassette should, or files of its name in folders beside its own."""
    folder = path.parent
    with suppress(OSError):
        beside = folder.parent.glob(f"*/{glob.escape(path.name)}")
        return [shown(found) for found in (folder.iterdir() if folder.is_dir() else beside)]
    return []


def shown(path: Path) -> str:
    """The path as a user would type it: relative where it is below the working directory."""
    return os.fspath(path).removeprefix(os.path.join(os.getcwd(), ""))

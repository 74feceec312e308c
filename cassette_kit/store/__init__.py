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
    from cassette_kit.formats.opening import Opened
    from cassette_kit.model import Cassette


def load(path: str | os.PathLike[str]) -> Cassette:
    """Read a cassette file, or what a journal, `<file>.part`, holds so far.

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
    from cassette_kit.store import part  # replay reads no journals

    data, origin = disk.read(Path(path)), shown(Path(path))
    if data is None:
        return None
    return part.cassette(data, origin=origin) or formats.loads(data, origin=origin)


def open_if_exists(path: str | os.PathLike[str]) -> Opened | None:
    """The same for replay: refuses journals, too, and builds responses when asked."""
    data = disk.read(Path(path))
    if data is None:
        return None
    if b"#" in data[:4]:
        from cassette_kit.store import part  # few files begin with a comment

        part.refuse(Path(path), data)
    return formats.opened(data, origin=shown(Path(path)))


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

"""Where a page goes: a file that was made here or is not there yet; a pipe or a device."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteError
from cassette_kit.store import disk
from cassette_kit.viewer.document import BEGINNING

if TYPE_CHECKING:
    from typing import BinaryIO

STDOUT = Path("-")
_OPEN_FILE = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")
_HEAD_BYTES = 4096
_HOME = re.compile(rb'\n<meta name="cassette-kit-index" content="([^"]*)">\n')


def put(target: Path, html: str) -> None:
    """Put a page in the place of an older one; what `passes_on` gets it as it is.

    Raises:
        CassetteError: a file is there that is no such page, or the disk refuses.
    """
    if passes_on(target):
        _pour(target, html.encode())
    else:
        refuse_others(target)
        disk.replace(disk.behind_link(target), html.encode())


def passes_on(target: Path) -> bool:
    """Whether this is `-`, a pipe or a device, or stands for a file that is open already: nothing
    of that kind may be read, or replaced by a file."""
    if target == STDOUT or _OPEN_FILE.fullmatch(str(target)):
        return True
    return target.exists() and not (target.is_file() or target.is_dir())


def refuse_others(target: Path) -> None:
    """Raise CassetteError for a file that does not begin as the pages do that are made here."""
    if _head(target, len(BEGINNING)) not in (None, BEGINNING):
        raise CassetteError(f"{target}: not written, the file there is no page of cassette-kit")


def home(page: Path) -> str | None:
    """The address of the index that a page belongs to; None for what is no page, or alone."""
    head = _head(page, _HEAD_BYTES) or b""
    found = _HOME.search(head) if head.startswith(BEGINNING) else None
    return found[1].decode("ascii", "replace") if found else None


def _head(path: Path, length: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(length)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {disk.reason(error)}") from error


def _pour(target: Path, data: bytes) -> None:
    """Write behind what is there: it may be a file that a shell has opened."""
    if target == STDOUT:
        _write_all(sys.stdout.buffer, data)
        return
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_APPEND), "wb") as stream:
            _write_all(stream, data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CassetteError(f"{target}: not written: {disk.reason(error)}") from error


def _write_all(stream: BinaryIO, data: bytes) -> None:
    """An unbuffered stdout takes as much as it likes; only the next write tells that it broke."""
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()

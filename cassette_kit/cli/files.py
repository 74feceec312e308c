"""Which cassettes PATHS name, for every command that takes files and folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cassette_kit.cli.output import shown
from cassette_kit.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".yaml", ".yml")
_HEAD_BYTES = 4096
_BEGINNING = b"---\nversion: 2\ninteractions:"
_CONFLICT = re.compile(rb"\A<<<<<<< [^\n]*\n")


class NamedPath(click.Path):
    """A path, but not the empty one that an unset variable leaves: it means this very folder.

    Whether it can be read shows when it is: that is no wrong call.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(readable=False, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty name", param, ctx)
        return super().convert(value, param, ctx)


def cassettes(paths: Iterable[Path]) -> list[Path]:
    """The cassette files that `paths` name: files as they are, folders searched; each once.

    The order is that of `paths`, below a folder that of names. Hidden folders are passed over, and
    so are YAML files of a folder that do not begin as a cassette does: stderr tells of them. What
    is not there or cannot be read is among them, folders too, so that whoever reads it tells of it.
    """
    return list(dict.fromkeys(file for path in paths for file in _named(path)))


def refuse_others(file: Path) -> None:
    """Raise CassetteError for a file that is there and is no cassette."""
    if file.is_file() and not _begins_as_cassette(file):
        raise CassetteError(f"{file}: not a cassette")


def _named(path: Path) -> list[Path]:
    return _found(path) if path.is_dir() else [path]


def _found(folder: Path) -> list[Path]:
    found = []
    for file in sorted(_yaml_files(folder)):
        if _begins_as_cassette(file):
            found.append(file)
        else:
            click.echo(f"{shown(file)}: not a cassette, passed over", err=True)
    if not found:
        click.echo(f"{shown(folder)}: no cassettes in there", err=True)
    return found


def _yaml_files(folder: Path) -> Iterator[Path]:
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = (Path(parent, name) for name in names if name.endswith(SUFFIXES))
        yield from (file for file in files if file.is_file() or _leads_nowhere(file))
    yield from (Path(error.filename) for error in unreadable)


def _leads_nowhere(file: Path) -> bool:
    return file.is_symlink() and not file.exists()


def _begins_as_cassette(file: Path) -> bool:
    """Whether a file is one to read. One that was cut off in its first lines, that a merge left in
    conflict, or that cannot be read, is: an error will say so."""
    from cassette_kit.formats import FORMATS

    try:
        with file.open("rb") as opened:
            head = _CONFLICT.sub(b"", opened.read(_HEAD_BYTES))
    except OSError:
        return True
    is_cut_off = _BEGINNING.startswith(head.strip())
    return is_cut_off or any(row.sniff(head) for row in FORMATS.values())

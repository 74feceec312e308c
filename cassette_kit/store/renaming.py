"""Cassettes under other names, with the journals that may lie beside them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteError, CassetteSaveError
from cassette_kit.store import disk, neighbours, shown
from cassette_kit.store.lock import locked
from cassette_kit.store.part import part_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def rename(
    cassettes: Sequence[tuple[Path, Path]], *, is_dry: bool = False
) -> list[tuple[Path, Path]]:
    """Move cassettes and their journals, and say which files that were; a dry run moves none.

    Folders are made as needed, and removed where they are left empty.

    Raises:
        LockedError: somebody is recording one of them.
        CassetteError: there is nothing of an old name.
        CassetteSaveError: there is something of a new name, which stays, or the disk refused. Of
            several cassettes those before it have moved if the disk did.
    """
    moves = _all_moves(cassettes)
    if is_dry:
        return moves
    with ExitStack() as held:
        for path in chain.from_iterable(cassettes):
            advice = "rename it when the recording has ended"
            held.enter_context(locked(path.absolute(), advice=advice))
        moves = _all_moves(cassettes)
        for source, target in moves:
            _move(source, target)
        for old, new in cassettes:
            _retitle(part_path(new), old.name, new.name)
    for old, _ in cassettes:
        disk.remove_empty([old.parent])
    return moves


def _all_moves(cassettes: Sequence[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    return [move for old, new in cassettes for move in _moves(old, new)]


def _moves(old: Path, new: Path) -> list[tuple[Path, Path]]:
    pairs = [(old, new), (part_path(old), part_path(new))]
    moves = [(source, target) for source, target in pairs if os.path.isfile(source)]
    if not moves:
        raise CassetteError(f"{old}: no such cassette{_others(old)}")
    for _, target in pairs:
        if os.path.lexists(target):
            raise CassetteSaveError(f"{target}: is there already; nothing was renamed")
    if old.is_symlink():
        raise CassetteSaveError(f"{old}: a link, which may not lead there from another folder")
    return moves


def _others(path: Path) -> str:
    """The files beside it whose names are closest, for a message."""
    import difflib  # a wrong name is rare

    beside = [name for name in neighbours(path) if name.endswith((path.suffix, ".part"))]
    near = difflib.get_close_matches(shown(path), beside, n=5, cutoff=0)
    more = f" and {len(beside) - len(near)} more" if len(beside) > len(near) else ""
    return f"; there are {', '.join(near)}{more}" if near else ""


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError as error:
        reason = disk.reason(error)
        raise CassetteSaveError(f"{source}: not renamed to {target}: {reason}") from error


def _retitle(part: Path, old: str, new: str) -> None:
    """Let a journal's first line name the cassette that it lies beside."""
    title, end, rest = (disk.read(part) or b"").partition(b"\n")
    stem = title.removesuffix(os.fsencode(old))
    if stem != title:
        disk.replace(part, b"".join((stem, os.fsencode(new), end, rest)))

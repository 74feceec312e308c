"""Cassette files on disk: what a read can tell apart, and writes that happen as a whole."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from tapes import interaction

import cassette_kit as ck
from cassette_kit import store
from cassette_kit.store import disk
from cassette_kit.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CASSETTE = ck.Cassette((interaction(),))
OTHER = ck.Cassette((interaction(b'{"q":2}'),))
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


# --- faults of the disk, here and in test_journal -------------------------------------------------

FAULTS = {
    "open": ("open", errno.ENOSPC, False),
    "write": ("write", errno.ENOSPC, False),
    "short write": ("write", errno.ENOSPC, True),
    "fsync": ("fsync", errno.EIO, False),
    "replace": ("replace", errno.EIO, False),
}
"""The function that fails, with what, and whether a part of the data is written before."""


class Fault:
    """Makes a call of one of the operating system's functions fail, for files below a folder.

    `is_due` until it has failed. Descriptors of other files, and of sockets, are left alone.
    """

    def __init__(self, name: str, at_call: int, folder: Path) -> None:
        self._name, self._code, self._is_short = FAULTS[name]
        self._left = at_call
        self._folder = str(folder)
        self._descriptors: set[int] = set()
        self.is_due = True

    @contextlib.contextmanager
    def injected(self) -> Iterator[None]:
        """The fault happens inside the block."""
        with contextlib.ExitStack() as patches:
            for name in ("open", "write", "fsync", "replace"):
                patches.enter_context(mock.patch.object(os, name, self._wrapped(name)))
            yield

    def _wrapped(self, name: str) -> Any:
        original = getattr(os, name)

        def call(target: Any, *args: Any, **kwargs: Any) -> Any:
            if name == self._name and self._is_ours(target) and self._is_now():
                if self._is_short:
                    original(target, args[0][: len(args[0]) // 2])
                raise OSError(self._code, os.strerror(self._code), str(target))
            result = original(target, *args, **kwargs)
            if name == "open":
                (self._descriptors.add if self._is_ours(target) else self._descriptors.discard)(
                    result
                )
            return result

        return call

    def _is_ours(self, target: Any) -> bool:
        if isinstance(target, int):
            return target in self._descriptors
        return os.fspath(target).startswith(self._folder)

    def _is_now(self) -> bool:
        self._left -= 1
        if self._left == -1:
            self.is_due = False
        return self._left == -1


@pytest.fixture(name="unprivileged")
def _unprivileged() -> Iterator[Path]:
    """A folder of a user whom permissions bind; root would pass every test of them."""
    with tempfile.TemporaryDirectory() as name:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.seteuid(0)
            Path(name).chmod(0o700)


# --- reading --------------------------------------------------------------------------------------


def test_nothing_there(tmp_path: Path) -> None:
    """A missing file is an error for `load`, and None where it may be missing."""
    with pytest.raises(ck.CassetteError, match=r"x\.yaml: no such cassette"):
        ck.load(tmp_path / "x.yaml")
    assert store.open_if_exists(tmp_path / "no" / "x.yaml") is None


@pytest.mark.parametrize("load", [ck.load, store.open_if_exists])
def test_what_cannot_be_read_is_not_missing(tmp_path: Path, load: Any) -> None:
    """A folder, a path through a file, a loop of links and a name too long are errors, for a
    recording would go into their place."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, tmp_path / "file" / "x.yaml", tmp_path / "loop", tmp_path / ("x" * 300)):
        with pytest.raises(ck.CassetteError, match="cannot be read"):
            load(path)


@posix
def test_no_permission_to_read(unprivileged: Path) -> None:
    """A file that may not be read is neither missing nor replaced."""
    path = unprivileged / "x.yaml"
    ck.dump(CASSETTE, path)
    path.chmod(0)
    with pytest.raises(ck.CassetteError, match=r"x\.yaml: cannot be read: Permission denied"):
        store.open_if_exists(path)
    with pytest.raises(ck.CassetteSaveError, match=r"x\.yaml: not written: Permission denied"):
        ck.dump(OTHER, path)
    path.chmod(0o600)
    assert ck.load(path) == CASSETTE


# --- writing --------------------------------------------------------------------------------------


def test_dump_and_load(tmp_path: Path) -> None:
    """What is dumped is loaded again; missing folders are made and nothing else is left there."""
    path = tmp_path / "a" / "b" / "x.yaml"
    ck.dump(CASSETTE, path)
    assert ck.load(str(path)) == CASSETTE
    assert [file.name for file in path.parent.iterdir()] == ["x.yaml"]


def test_unchanged(tmp_path: Path) -> None:
    """A file that holds the bytes already is not touched: no new time, no new inode."""
    path = tmp_path / "x.yaml"
    ck.dump(CASSETTE, path)
    os.utime(path, ns=(1, 1))
    inode = path.stat().st_ino
    ck.dump(ck.load(path), path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (inode, 1)
    ck.dump(OTHER, path)
    assert path.stat().st_ino != inode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444])
def test_permissions(tmp_path: Path, mode: int) -> None:
    """A replaced file keeps its permissions, also those that the umask would take away; a new one
    gets what the umask leaves."""
    path = tmp_path / "x.yaml"
    old = os.umask(0o027)
    try:
        ck.dump(CASSETTE, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(mode)
        ck.dump(OTHER, path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert ck.load(path) == OTHER


@posix
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link(tmp_path: Path, is_there: bool) -> None:
    """A symbolic link stays one; the file behind it is written, in its own folder."""
    target = tmp_path / "real" / "x.yaml"
    link = tmp_path / "x.yaml"
    if is_there:
        ck.dump(CASSETTE, target)
    link.symlink_to("real/x.yaml")
    ck.dump(OTHER, link)
    assert link.readlink() == Path("real/x.yaml")
    assert ck.load(target) == OTHER
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["real", "x.yaml", "x.yaml"]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """A folder is not replaced, and nothing is left in it or beside it."""
    path = tmp_path / "x.yaml"
    path.mkdir()
    with pytest.raises(ck.CassetteSaveError, match=r"x\.yaml: not written"):
        ck.dump(CASSETTE, path)
    assert list(tmp_path.rglob("*")) == [path]


def test_long_names(tmp_path: Path) -> None:
    """A name as long as the file system takes is written; a longer one is an error that says so."""
    ck.dump(CASSETTE, tmp_path / f"{'x' * 250}.yaml")
    with pytest.raises(ck.CassetteSaveError, match="not written: "):
        ck.dump(CASSETTE, tmp_path / f"{'x' * 251}.yaml")
    assert len(list(tmp_path.iterdir())) == 1


@posix
def test_a_folder_that_may_not_be_written(unprivileged: Path) -> None:
    """The error names file and reason; what is unchanged needs no permission."""
    path = unprivileged / "x.yaml"
    ck.dump(CASSETTE, path)
    unprivileged.chmod(0o500)
    ck.dump(CASSETTE, path)
    for name in ("x.yaml", "y.yaml", "new/y.yaml"):
        with pytest.raises(ck.CassetteSaveError, match="not written: Permission denied"):
            ck.dump(OTHER, unprivileged / name)
    assert ck.load(path) == CASSETTE
    with pytest.raises(ck.CassetteSaveError, match="cannot be written here: Permission denied"):
        Journal(path, replaces=True)
    assert list(unprivileged.iterdir()) == [path]


def test_a_value_that_no_file_holds(tmp_path: Path) -> None:
    """What cannot be written is found before the file is touched."""
    path = tmp_path / "x.yaml"
    ck.dump(CASSETTE, path)
    with pytest.raises(ck.CassetteSaveError):
        ck.dump(ck.Cassette((interaction(status="200 \ud800"),)), path)
    assert ck.load(path) == CASSETTE


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault(tmp_path: Path, fault: str) -> None:
    """Whichever call fails, the old file is as it was and alone; the next attempt succeeds."""
    for at_call in itertools.count():
        path = tmp_path / str(at_call) / "x.yaml"
        ck.dump(CASSETTE, path)
        old = path.read_bytes()
        failing = Fault(fault, at_call, tmp_path)
        error = None
        with failing.injected():
            try:
                ck.dump(OTHER, path)
            except ck.CassetteSaveError as caught:
                error = caught
        assert (path.read_bytes() == old) is bool(error)
        assert error is None or str(error).startswith(f"{path}: not written: ")
        assert list(path.parent.iterdir()) == [path]
        ck.dump(OTHER, path)
        assert ck.load(path) == OTHER
        if failing.is_due:
            break
    assert at_call >= 1


def test_short_writes(tmp_path: Path) -> None:
    """A system that takes a few bytes at a time gets them all."""
    write = os.write
    with mock.patch.object(os, "write", lambda to, data: write(to, data[:7])):
        ck.dump(CASSETTE, tmp_path / "x.yaml")
    assert ck.load(tmp_path / "x.yaml") == CASSETTE


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a write leaves the old file and nothing else."""
    path = tmp_path / "x.yaml"
    ck.dump(CASSETTE, path)
    with mock.patch.object(os, "fsync", side_effect=KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            ck.dump(OTHER, path)
    assert list(tmp_path.iterdir()) == [path]
    assert ck.load(path) == CASSETTE


def test_a_temporary_file_is_never_followed(tmp_path: Path) -> None:
    """A link under the name of the temporary file does not lead the write elsewhere."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (tmp_path / "x.tmp").symlink_to(victim)
    disk.replace(tmp_path / "x.yaml", b"new", temporary=tmp_path / "x.tmp")
    assert victim.read_bytes() == b"untouched"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["victim", "x.yaml"]


@posix
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_neither_read_nor_replaced(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    """Root would put a file in the place of /dev/null; a pipe would be waited for, for ever."""
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(ck.CassetteSaveError, match=r"x\.yaml: not written: this is no file"):
        ck.dump(CASSETTE, path)
    assert not path.is_file()
    assert [file.name for file in tmp_path.iterdir()] == ["x.yaml"]

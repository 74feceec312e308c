"""The right to record a cassette file; the operating system takes it back when a process dies.

Needs filelock 3.30: some versions before remove the lock file themselves, a second time, when it
may be somebody else's.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteSaveError
from cassette_kit.store import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filelock import BaseFileLock

_TRIES = 10


class LockedError(CassetteSaveError):
    """Another process, or another tape of this one, is recording the same file."""


@contextmanager
def locked(path: Path, *, advice: str) -> Iterator[None]:
    """Hold `<file>.lock` while the block runs; the folder is made where there is none.

    Nothing is left of it: the lock file goes, and so do the folders if nothing came into them.

    Raises:
        LockedError: somebody else holds it; ends with the `advice`.
        CassetteSaveError: no file can be made there.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(f"{path}.lock", thread_local=False)
    with ExitStack() as held:
        try:
            _acquire(lock, path.parent, held)
        except Timeout:
            raise LockedError(
                f"{path}: somebody is recording or changing this file just now; {advice}"
            ) from None
        except OSError as error:
            raise CassetteSaveError(
                f"{path}: cannot be written here: {disk.reason(error)}"
            ) from error
        yield


def _acquire(lock: BaseFileLock, folder: Path, held: ExitStack) -> None:
    """Another recording that ends empty may take the folder away before the lock is in it."""
    tries = 0
    while not lock.is_locked:
        try:
            held.callback(disk.remove_empty, disk.make_folders(folder))
            lock.acquire(blocking=False)
        except (FileNotFoundError, FileExistsError):
            tries += 1
            if tries == _TRIES:
                raise
    held.callback(_release, lock)


def _release(lock: BaseFileLock) -> None:
    """Remove the lock file while it is held. Whoever has opened it by then finds that it has no
    name any more and starts anew; filelock sees to that. Windows removes no open file, so there
    filelock does it."""
    with suppress(OSError):
        Path(lock.lock_file).unlink()
    lock.release()

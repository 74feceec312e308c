"""Changes to a cassette that is there: read, changed, checked and replaced while it is locked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.store import disk, read
from cassette_kit.store.lock import locked
from cassette_kit.store.read_back import check_reads_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cassette_kit.model import Cassette


@dataclass(frozen=True, slots=True)
class Revision:
    """A file under revision: what it holds, and the way to replace it."""

    path: Path
    cassette: Cassette
    is_dry: bool

    def text(self, changed: Cassette) -> bytes:
        """The bytes of the file that would hold `changed`.

        Raises:
            CassetteSaveError: they would not read back as they should.
        """
        data = formats.dumps(changed)
        check_reads_back(data, changed, self.path)
        return data

    def write(self, data: bytes) -> None:
        """Replace the file in one step; a dry run writes nothing.

        Raises:
            CassetteSaveError: the disk refused; the file is as it was.
        """
        if not self.is_dry:
            path = disk.behind_link(self.path)
            disk.replace(path, data, temporary=path.with_name(f"{path.name}.tmp"))


@contextmanager
def revision(path: Path, *, is_dry: bool = False) -> Iterator[Revision]:
    """Read a cassette to change it; nobody records it meanwhile. A dry run needs no lock.

    Raises:
        LockedError: somebody is recording it.
        CassetteError: it is not there, is a journal, or cannot be read.
    """
    cassette = read(
        path, formats.loads
    )  # fails where there is none, before a folder is made for the lock
    if is_dry:
        yield Revision(path, cassette, is_dry)
        return
    with locked(disk.behind_link(path), advice="change it when the recording has ended"):
        yield Revision(path, read(path, formats.loads), is_dry)

"""The files of a check: what is read of each, what lies beside it, and its rewriting."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cassette_kit.checks import Acceptance, Finding, Subject

_OF_JOURNALS = ("secret",)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What every file is checked for; `committed_at` says when git last saw it change.

    Recordings made before `not_before` are stale.
    """

    codes: Sequence[str]
    accepted: Sequence[Acceptance]
    not_before: datetime | None = None
    committed_at: Mapping[Path, datetime] = field(default_factory=dict)

    def findings(self, file: Path, *, fix: bool) -> list[Finding]:
        """What is wrong with a file; with `fix` what still is after it was rewritten."""
        found = self._found(file)
        if fix and any(finding.code == "not-canonical" for finding in found):
            output.each([file], _rewrite)
            found = self._found(file)
        return found

    def _found(self, file: Path) -> list[Finding]:
        from cassette_kit.checks import check

        subject = self._subject(file)
        found = check(subject, codes=self.codes, accepted=self.accepted)
        if subject.has_journal:
            codes = [code for code in self.codes if code in _OF_JOURNALS]
            found += check(_journal(file), codes=codes, accepted=self.accepted)
        return found

    def _subject(self, file: Path) -> Subject:
        from cassette_kit.checks import Subject, read
        from cassette_kit.store import disk
        from cassette_kit.store.part import part_path

        name, has_journal = file.as_posix(), os.path.exists(part_path(file))
        try:
            data = disk.read(file)
        except CassetteError as error:
            return Subject(name, error=error, has_journal=has_journal)
        if data is None:
            missing = None if has_journal else CassetteError(f"{name}: no such cassette")
            return Subject(name, error=missing, has_journal=has_journal)
        return read(
            name,
            data,
            committed_at=self.committed_at.get(file),
            has_journal=has_journal,
            not_before=self.not_before,
        )


def _journal(file: Path) -> Subject:
    """The recording beside a file; of one that cannot be read `left-over` says enough."""
    from cassette_kit.checks import Subject
    from cassette_kit.model import Cassette
    from cassette_kit.store import disk, part

    path = part.part_path(file)
    data, cassette = b"", Cassette()
    with suppress(CassetteError):
        data = disk.read(path) or b""
        cassette = Cassette(part.parsed(data, origin=str(path)).interactions)
    return Subject(path.as_posix(), data, cassette, is_journal=True)


def named(paths: Sequence[Path]) -> list[Path]:
    """The cassettes that the paths name, or that have a journal which they name or hold."""
    from cassette_kit.store.part import cassette_path, waiting

    meant = (path if path.is_dir() else cassette_path(path) for path in paths)
    left = (file for path in paths if path.is_dir() for file in waiting(path))
    return list(dict.fromkeys([*files.cassettes(meant), *left]))


def _rewrite(file: Path) -> None:
    """Write a file as a recording is written, if it says the same then."""
    from cassette_kit import formats
    from cassette_kit.checks.formatting import rewritten
    from cassette_kit.store.revision import revision

    with revision(file) as revised:
        revised.write(rewritten(formats.dumps(revised.cassette), origin=str(file)))
    click.echo(f"{output.shown(file)}: rewritten", err=True)

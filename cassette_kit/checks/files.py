"""What is to be said of a file as a whole."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from cassette_kit.checks.finding import Flaw
from cassette_kit.errors import CassetteFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.subject import Subject


def unreadable(subject: Subject) -> Iterator[Flaw]:
    """A file that no test can play: cut off, no cassette, of another version."""
    error = subject.error
    if isinstance(error, CassetteFormatError):
        message = error.reason if error.key is None else f"{error.key}: {error.reason}"
        yield Flaw(message, error.line)
    elif error is not None:
        yield Flaw(str(error))


def left_over(subject: Subject) -> Iterator[Flaw]:
    """A recording beside the file that nobody has accepted."""
    if subject.has_journal:
        part = f"{subject.name.rpartition('/')[2]}.part"
        yield Flaw(
            f"{part} beside it holds the recording of a test that failed; "
            f"`{shlex.join(['cassette-kit', 'accept', subject.name])}` takes it over, or remove it"
        )

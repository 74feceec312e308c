"""What can be wrong with a cassette that is committed. A row of CHECKS is a code and its check.

Values and bytes in, findings out: who reads the files and asks version control is the caller.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.checks import answers, files, formatting, secrets, streams
from cassette_kit.checks.finding import Finding
from cassette_kit.checks.subject import Subject, read
from cassette_kit.conversation.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from cassette_kit.checks.finding import Flaw, Severity

__all__ = ["CHECKS", "Acceptance", "Check", "Finding", "Subject", "check", "read"]


class Check(NamedTuple):
    """A check with the weight of what it finds."""

    severity: Severity
    flaws: Callable[[Subject], Iterable[Flaw]]


CHECKS: Mapping[str, Check] = {
    "unreadable": Check("error", files.unreadable),
    "secret": Check("error", secrets.secret),
    "truncated": Check("error", streams.truncated),
    "broken-frame": Check("error", streams.broken_frame),
    "invalid-json": Check("error", streams.invalid_json),
    "stream-sizes": Check("warning", streams.stream_sizes),
    "duplicate": Check("warning", answers.duplicate),
    "error-status": Check("warning", answers.error_status),
    "left-over": Check("warning", files.left_over),
    "not-canonical": Check("warning", formatting.not_canonical),
    "stale": Check("warning", answers.stale),
}


class Acceptance(NamedTuple):
    """A code that is accepted in files whose path fits a pattern; `*` crosses folders.

    `./tests/*` and `tests/*` are one pattern.
    """

    code: str
    pattern: str = "*"

    def covers(self, code: str, name: str) -> bool:
        return self.code == code and fnmatchcase(normpath(name), normpath(self.pattern))


def check(
    subject: Subject, *, codes: Collection[str] = tuple(CHECKS), accepted: Iterable[Acceptance] = ()
) -> list[Finding]:
    """What is wrong with a file, by line; of the `codes` those that are not `accepted` in it."""
    wanted = [code for code in codes if not any(one.covers(code, subject.name) for one in accepted)]
    found = (finding for code in wanted for finding in _findings(subject, code))
    return sorted(found, key=lambda finding: finding.line or 0)


def _findings(subject: Subject, code: str) -> Iterator[Finding]:
    severity, flaws = CHECKS[code]
    for flaw in flaws(subject):
        yield Finding(
            subject.name, code, severity, one_line(flaw.message), flaw.line, flaw.interaction
        )

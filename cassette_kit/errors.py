"""Every exception class of the package.

    Exception
    └── CassetteError              loading, saving, options
        ├── CassetteFormatError    a file that is not a readable version-2 cassette
        ├── CassetteOptionError    an option that does not exist or cannot be used here
        └── CassetteSaveError      a recording that was not written; the old file is untouched
    BaseException
    └── CassetteAlarm              what a test must not swallow; enters the tape's ledger
        ├── CassetteMiss           a request that no recording answers
        ├── CassetteTruncated      reading on where a recording was cut short
        ├── CassetteBlocked        what would leave the machine, or belongs to no tape
        └── CassetteUnplayed       recordings that nothing asked for, where `unplayed="fail"`
    Warning
    └── CassetteWarning            the same, where `unplayed="warn"`

The alarms are no `Exception`: the SDKs of LLM providers retry and hide those ("Connection error.").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.model import Interaction, Mismatch, Request


Reason = Literal[
    "mode",
    "no file",
    "empty",
    "played",
    "host",
    "url",
    "method",
    "query",
    "headers",
    "body",
    "matcher",
]
"""Why no recording answers; of several differences the first in this order."""


class CassetteError(Exception):
    """Base of every error in loading, saving or configuring a cassette."""

    __module__ = "cassette_kit"


class CassetteFormatError(CassetteError):
    """A file that cannot be read as a version-2 cassette.

    `origin` names the file or `<bytes>`; `line` is 1-based, `key` the path of the offending value
    (`interactions[0].response.code`); both are None where they cannot be told.
    """

    __module__ = "cassette_kit"

    def __init__(
        self, reason: str, *, origin: str, line: int | None = None, key: str | None = None
    ) -> None:
        where = origin if line is None else f"{origin}, line {line}"
        super().__init__(f"{where}: {reason}" if key is None else f"{where}: {key}: {reason}")
        self.reason = reason
        self.origin = origin
        self.line = line
        self.key = key


class CassetteOptionError(CassetteError):
    """An option that does not exist, has a wrong value or contradicts another one."""

    __module__ = "cassette_kit"


class CassetteSaveError(CassetteError):
    """A recording that was not written; what was on disk before is still there."""

    __module__ = "cassette_kit"


class CassetteAlarm(BaseException):
    """Base of what a test must not swallow. No `Exception`, so that no SDK retries or hides it."""

    __module__ = "cassette_kit"


class CassetteMiss(CassetteAlarm):
    """A request that no recording answers.

    `request` is the live request, `nearest` the recording that comes closest, or None;
    `differences` say where that one differs, those in a body with the JSON path as `path`.
    `reason` is one word; docs/misses.md explains each. `next_steps` are ways to mend it, the best
    first, as text to type or to paste.
    """

    __module__ = "cassette_kit"

    def __init__(
        self,
        message: str,
        *,
        request: Request,
        reason: Reason,
        nearest: Interaction | None = None,
        differences: Sequence[Mismatch] = (),
        next_steps: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.request = request
        self.reason = reason
        self.nearest = nearest
        self.differences = tuple(differences)
        self.next_steps = tuple(next_steps)


class CassetteTruncated(CassetteAlarm):
    """The caller reads on where a recording was closed early, so the rest is unknown."""

    __module__ = "cassette_kit"


class CassetteUnplayed(CassetteAlarm):
    """Recordings were left over, and the option `unplayed` is "fail"."""

    __module__ = "cassette_kit"


class CassetteWarning(UserWarning):
    """Recordings were left over, and the option `unplayed` is "warn"."""

    __module__ = "cassette_kit"


class CassetteBlocked(CassetteAlarm):
    """A connection that was about to leave the machine, or a call that belongs to no tape."""

    __module__ = "cassette_kit"

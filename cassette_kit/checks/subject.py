"""The file that is checked, and where in it things stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cassette_kit import formats
from cassette_kit.checks.finding import Flaw
from cassette_kit.errors import CassetteError, CassetteFormatError
from cassette_kit.formats.line_numbers import LineNumbers
from cassette_kit.model import Cassette

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Subject:
    """A file as its bytes and as what they say; `cassette` is empty where that cannot be told.

    `committed_at` is when version control last saw it change, `has_journal` whether a recording
    that was not accepted lies beside it, `is_journal` whether it is one itself. Recordings made
    before `not_before` are stale.
    """

    name: str
    data: bytes = b""
    cassette: Cassette = field(default_factory=Cassette)
    error: CassetteError | None = None
    committed_at: datetime | None = None
    has_journal: bool = False
    is_journal: bool = False
    not_before: datetime | None = None

    def flaw(self, message: str, number: int, *keys: str) -> Flaw:
        """A flaw of an interaction, at the line of the innermost of these keys.

        It has none where an odd file (merge keys, say) leaves no place for it.
        """
        return Flaw(message, self.lines.key_line(number, *keys), number)

    @cached_property
    def lines(self) -> LineNumbers:
        return LineNumbers(self.data)


def read(name: str, data: bytes, **known: Any) -> Subject:
    """A file's bytes as the subject of checks; `known` are further fields of it."""
    try:
        cassette = formats.loads(data, origin=name)
    except CassetteFormatError as error:
        return Subject(name, data, error=error, **known)
    return Subject(name, data, cassette, **known)

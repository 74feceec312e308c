"""What a check says about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


class Flaw(NamedTuple):
    """What is wrong and what to do about it, without secrets.

    `line` is 1-based, `interaction` the rank in the file, from 0; None where the file as a whole is
    meant or there is no telling.
    """

    message: str
    line: int | None = None
    interaction: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw of one file under the code of the check that found it; `message` is one safe line."""

    file: str
    code: str
    severity: Severity
    message: str
    line: int | None = None
    interaction: int | None = None

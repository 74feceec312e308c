"""Cassette formats: bytes to a Cassette and back. The format is told by content, never by name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from cassette_kit.errors import CassetteFormatError
from cassette_kit.formats import govcr
from cassette_kit.formats.foreign import foreign_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.formats.opening import Opened
    from cassette_kit.model import Cassette

JOURNAL_TITLE = b"# Recorded by cassette_kit, not accepted yet; `cassette-kit accept` does that: "
"""How the first line of a journal begins. A reader of cassettes would see its first recording."""

_HEAD_BYTES = 4096
Result_co = TypeVar("Result_co", covariant=True)


class Reads(Protocol[Result_co]):
    def __call__(self, data: bytes, *, origin: str) -> Result_co: ...


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is told by its first bytes, read (at once, or for replay) and written."""

    sniff: Callable[[bytes], bool]
    loads: Reads[Cassette]
    opened: Reads[Opened]
    dumps: Callable[[Cassette], bytes]


FORMATS: dict[str, Format] = {
    "govcr": Format(govcr.sniff, govcr.loads, govcr.opened, govcr.dumps),
}
_DEFAULT = FORMATS["govcr"]


def loads(data: bytes, *, origin: str = "<bytes>") -> Cassette:
    """Read a cassette; `origin` names the file in errors.

    Raises:
        CassetteFormatError: no format that is supported, a journal, or a file that its format
            forbids.
    """
    return _format_of(data, origin).loads(data, origin=origin)


def opened(data: bytes, *, origin: str) -> Opened:
    """Read a cassette for replay: all of it is checked, and much of it built when it is asked for.

    Raises:
        CassetteFormatError: as `loads` does.
    """
    return _format_of(data, origin).opened(data, origin=origin)


def is_journal(data: bytes) -> bool:
    """Whether a text is that of `<file>.part`, which holds a document for each recording."""
    return data.removeprefix(codecs.BOM_UTF8).startswith(JOURNAL_TITLE)


def dumps(cassette: Cassette) -> bytes:
    """Write a cassette in the format that it came from, version 2 for a new one.

    Raises:
        CassetteSaveError: a value that no file of that format can hold.
    """
    name = getattr(cassette.source, "format", None)
    return FORMATS.get(name or "", _DEFAULT).dumps(cassette)


def _format_of(data: bytes, origin: str) -> Format:
    """The format that knows such bytes, else the default one, whose reader says what is wrong."""
    head = data[:_HEAD_BYTES]
    named = foreign_format(head)
    if named is not None:
        reason = f"this is {named}, expected a version-2 cassette; delete it and record it again"
        raise CassetteFormatError(reason, origin=origin, line=1)
    if is_journal(head):
        reason = f"a recording that is not accepted yet; `cassette-kit accept {origin}` takes it"
        raise CassetteFormatError(reason, origin=origin, line=1)
    return next((row for row in FORMATS.values() if row.sniff(head)), _DEFAULT)

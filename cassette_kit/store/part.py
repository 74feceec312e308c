"""What a journal says: the text of `<file>.part`, without the writing of it.

Strategy: below two lines of heading stands one whole version-2 document for each interaction,
between a line with its place in the order of requests and a line that closes it. What a kill or a
full disk cut off is not closed. Lines may be edited by hand; nothing counts bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.errors import CassetteError
from cassette_kit.formats import JOURNAL_TITLE
from cassette_kit.model import Cassette
from cassette_kit.store import disk

if TYPE_CHECKING:
    from pathlib import Path

    from cassette_kit.model import Interaction

_SUFFIX = ".part"
_HEAD_BYTES = 256
_BASE = re.compile(rb"^# (replaces|appends to) ([0-9a-f]{64}|nothing)\r?\n", re.MULTILINE)
_OPENING = re.compile(rb"^# place (\d{1,9})\r?\n", re.MULTILINE)
_CLOSING = b"# end of place %s"


@dataclass(frozen=True, slots=True)
class Part:
    """What a journal holds: `interactions` in request order, and how many were `torn`.

    They take the place of the file's, or come behind them; `base` is the fingerprint of the file
    when the recording began.
    """

    replaces: bool
    base: str
    interactions: tuple[Interaction, ...]
    torn: int


def part_path(path: Path) -> Path:
    """`<file>.part`."""
    return path.with_name(f"{path.name}{_SUFFIX}")


def heading(path: Path, base: bytes | None, *, replaces: bool) -> bytes:
    """The first lines of a journal; `base` is what the file holds, None where there is none."""
    how = "replaces" if replaces else "appends to"
    return b"%s%s\n# %s %s\n" % (
        JOURNAL_TITLE,
        os.fsencode(path.name),
        how.encode(),
        fingerprint(base).encode(),
    )


def entry(interaction: Interaction, place: int) -> bytes:
    """The text of an interaction; the break before it closes the line of one that was torn."""
    number = b"%d" % place
    document = formats.dumps(Cassette((interaction,)))
    return b"\n# place %s\n%s%s\n" % (number, document, _CLOSING % number)


def fingerprint(base: bytes | None) -> str:
    """What tells a file from a later state of it."""
    return "nothing" if base is None else hashlib.sha256(base).hexdigest()


def read_part(path: Path) -> Part:
    """What the journal of a cassette holds.

    Raises:
        CassetteError: there is none, or it cannot be read.
    """
    return parsed(part_text(path), origin=str(part_path(path)))


def part_text(path: Path) -> bytes:
    """The text of a cassette's journal. Raises CassetteError where there is none."""
    file = part_path(path)
    data = disk.read(file)
    if data is None:
        raise CassetteError(f"{path}: nothing to accept, there is no {file.name}")
    return data


def waiting(path: Path) -> list[Path]:
    """The cassettes that somebody means who names one, its journal, or a folder that is searched.

    What others call `.part` in a folder does not count.
    """
    if os.path.isdir(path):
        return [cassette_path(file) for file in sorted(path.rglob(f"*{_SUFFIX}")) if _is_ours(file)]
    return [cassette_path(path)]


def loads(data: bytes, *, origin: str) -> Cassette:
    """Read a cassette's text, or as one what a journal's holds.

    Raises:
        CassetteError: as `parsed`, or as `formats.loads`.
    """
    if formats.is_journal(data):
        return Cassette(parsed(data, origin=origin).interactions)
    return formats.loads(data, origin=origin)


def parsed(data: bytes, *, origin: str) -> Part:
    """A journal's text as what it holds.

    Raises:
        CassetteError: it is no journal.
        CassetteFormatError: an interaction is whole and cannot be read, as after a bad edit.
    """
    base = _BASE.search(data)
    if not formats.is_journal(data) or base is None:
        raise CassetteError(f"{origin}: not a recording of cassette_kit")
    found: dict[int, tuple[Interaction, ...]] = {}
    torn = 0
    _, *pieces = _OPENING.split(data)
    for number, text in zip(pieces[::2], pieces[1::2], strict=True):
        document, closing, rest = text.rpartition(_CLOSING % number)
        torn += not closing or bool(rest.strip())
        if closing:
            place = f"{origin}, place {int(number)}"
            found[int(number)] = formats.loads(document, origin=place).interactions
    interactions = tuple(chain.from_iterable(found[place] for place in sorted(found)))
    return Part(base[1] == b"replaces", base[2].decode(), interactions, torn)


def cassette_path(path: Path) -> Path:
    """The cassette that a journal is of; any other path as it is."""
    return path.with_suffix("") if path.suffix == _SUFFIX else path


def _is_ours(file: Path) -> bool:
    """Whether a file begins as journals do; one that cannot be read may be ours."""
    try:
        with file.open("rb") as opened:
            return formats.is_journal(opened.read(_HEAD_BYTES))
    except OSError:
        return not os.path.isdir(file)

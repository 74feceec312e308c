"""The version-2 cassette format, as go-vcr v3 and v4 read and write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.formats import govcr_scanner
from cassette_kit.formats.opening import Opened

if TYPE_CHECKING:
    from cassette_kit.model import Cassette

_FIRST_KEY = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|[#%][^\n]*\n|---(?=\s))*\{?\s*[\"']?(?:version|interactions)[\"']?\s*:"
)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so may be in this format: its first key is one of the two."""
    return _FIRST_KEY.match(head) is not None


def loads(data: bytes, *, origin: str = "<bytes>") -> Cassette:
    """Read a version-2 cassette.

    Go durations ("460.6ms") become integer nanoseconds; keys the model lacks are kept and written
    back. Only the first document of a file is read. `origin` names the file in errors.

    Raises:
        CassetteFormatError: cut off, not YAML, another version, a value of the wrong type, or past
            the limits that keep a hostile file harmless; names line and key.

    Source: the version-2 format, docs/format.md section 2.
    """
    return govcr_scanner.loaded(data) or _read(data, origin)


def opened(data: bytes, *, origin: str) -> Opened:
    """The same for replay: refuses what `loads` refuses, and builds responses when asked.

    Raises:
        CassetteFormatError: see `loads`.
    """
    scanned = govcr_scanner.opened(data)
    return Opened.of(_read(data, origin)) if scanned is None else scanned


def dumps(cassette: Cassette) -> bytes:
    """Write a version-2 cassette.

    Where nothing changed since `loads`, the bytes are those that were loaded. Otherwise unchanged
    interactions keep their text, ids are renumbered, and what is new or changed is written as
    go-vcr writes it, in the layout of the file (indent 2 for a new one).

    Raises:
        CassetteSaveError: a value that no file can hold, such as half a surrogate pair.

    Source: the version-2 format, docs/format.md section 3.
    """
    from cassette_kit.formats import govcr_writer  # replay writes nothing

    return govcr_writer.write(cassette)


def _read(data: bytes, origin: str) -> Cassette:
    from cassette_kit.formats import govcr_reader  # brings in YAML, which most files need not have

    return govcr_reader.read(data, origin)

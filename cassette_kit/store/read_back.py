"""The last look at a text before it becomes a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.errors import CassetteError, CassetteSaveError

if TYPE_CHECKING:
    from pathlib import Path

    from cassette_kit.model import Cassette, Request, Response


def check_reads_back(data: bytes, cassette: Cassette, path: Path) -> None:
    """Refuse a text that would say something else than the cassette that it was made from.

    Raises:
        CassetteSaveError: it cannot be read, or a request or response in it differs.
    """
    try:
        read = formats.loads(data, origin=str(path))
    except CassetteError as error:
        raise CassetteSaveError(f"not written, it would not read back: {error}") from error
    if contents(read) != contents(cassette):
        raise CassetteSaveError(f"{path}: not written, it would not read back the same")


def contents(cassette: Cassette | None) -> list[tuple[Request, Response]]:
    """What must come back from a file: everything but numbers and unknown keys."""
    interactions = () if cassette is None else cassette.interactions
    return [(interaction.request, interaction.response) for interaction in interactions]

"""`cassette-kit textconv`: a cassette as text for `git diff`, whatever the file is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files
from cassette_kit.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.model import Cassette


@click.command()
@click.argument("file", type=files.NamedPath(exists=True, dir_okay=False, path_type=Path))
def textconv(file: Path) -> None:
    """Print a cassette as git compares it.

    The conversation as text that depends on nothing but the recording. What is no cassette, as a
    file in the middle of a merge, is printed as it is. `cassette-kit git-setup` tells git to use
    this.

    Exit code 0: printed; 2: a wrong call.

    \b
    Example:
      cassette-kit textconv tests/cassettes/test_chat/test_hello.yaml
    """
    click.echo(_converted(file.read_bytes()), nl=False)


def _converted(data: bytes) -> bytes:
    from cassette_kit.store import part

    try:
        cassette = part.loads(data, origin="")
    except CassetteError:
        return data
    return "".join(f"{line}\n" for line in _lines(cassette)).encode()


def _lines(cassette: Cassette) -> Iterator[str]:
    from cassette_kit.conversation.heard import Heard
    from cassette_kit.conversation.transcript import transcript

    heard = Heard()
    for number, interaction in enumerate(cassette.interactions):
        if number:
            yield ""
        yield from (line.text for line in transcript(interaction, heard=heard, is_whole=True))

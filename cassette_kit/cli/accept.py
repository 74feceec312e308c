"""`cassette-kit accept`: recordings that were left over go into their cassettes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteSaveError
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from cassette_kit.store.journal import Accepted


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.pass_context
def accept(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Take left-over recordings into their cassettes.

    A test that failed or was killed while it recorded leaves a .part file beside its cassette.
    PATHS are cassettes, .part files, or folders, which are searched. A recording that holds a
    secret, or that is still going on, is refused.

    Exit code 0: done, or nothing to accept in a folder; 1: a recording was not accepted, or one
    that was named is not there; 2: a wrong call.

    \b
    Example:
      cassette-kit accept tests/cassettes
      cassette-kit accept tests/cassettes/test_chat/test_hello.yaml
    """
    from cassette_kit.store.part import waiting

    ok = True
    for path in paths:
        cassettes = waiting(path)
        if not cassettes:
            output.print_text(f"{output.shown(path)}: nothing to accept")
        ok &= output.each(cassettes, _accept)
    ctx.exit(int(not ok))


def _accept(path: Path) -> None:
    from cassette_kit.store.journal import accept

    done = accept(path, _check)
    output.print_text(f"{output.shown(path)}: {_said(done)}")


def _check(path: Path, text: bytes) -> None:
    from cassette_kit.redactors.secrets import find_secrets

    hits = find_secrets(text)
    if hits:
        places = "".join(f"\n  {hit}" for hit in hits)
        raise CassetteSaveError(f"{path}: not accepted, there are secrets in it:{places}")


def _said(done: Accepted) -> str:
    part = done.part
    count = counted(len(part.interactions), "interaction")
    torn = counted(part.torn, "interaction")
    if done.was_saved:
        said = f"held {count} already"
    else:
        said = f"replaced by {count}" if part.replaces else f"{count} added"
    lost = f"; {torn} more had been cut off and could not be given back"
    return said + (lost if part.torn else "")

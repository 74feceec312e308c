"""`cassette-kit accept`: recordings that were left over go into their cassettes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.errors import CassetteError, CassetteSaveError

if TYPE_CHECKING:
    from cassette_kit.store.journal import Accepted


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def accept(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Take left-over recordings into their cassettes.

    A test that failed or was killed while it recorded leaves a .part file beside its cassette.
    PATHS are cassettes, .part files, or folders, which are searched. A recording that holds a
    secret, or that is still going on, is refused.

    \b
    Example:
      cassette-kit accept tests/cassettes
    """
    from cassette_kit.store.part import waiting

    failed = False
    for path in paths:
        cassettes = waiting(path)
        if not cassettes:
            click.echo(f"{click.format_filename(path)}: nothing to accept")
        for cassette in cassettes:
            failed |= not _accepted(cassette)
    ctx.exit(int(failed))


def _accepted(path: Path) -> bool:
    from cassette_kit.store.journal import accept

    try:
        done = accept(path, _check)
    except CassetteError as error:
        click.echo(f"Error: {error}", err=True)
        return False
    click.echo(f"{click.format_filename(path)}: {_said(done)}")
    return True


def _check(path: Path, text: bytes) -> None:
    from cassette_kit.redactors.secrets import find_secrets

    hits = find_secrets(text)
    if hits:
        places = "".join(f"\n  {hit}" for hit in hits)
        raise CassetteSaveError(f"{path}: not accepted, there are secrets in it:{places}")


def _said(done: Accepted) -> str:
    part = done.part
    count = _counted(len(part.interactions))
    torn = f"; {_counted(part.torn)} more had been cut off and could not be given back"
    if done.was_saved:
        said = f"held {count} already"
    else:
        said = f"replaced by {count}" if part.replaces else f"{count} added"
    return said + (torn if part.torn else "")


def _counted(number: int) -> str:
    return f"{number} interaction{'s' * (number != 1)}"

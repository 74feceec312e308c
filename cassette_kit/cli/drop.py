"""`cassette-kit drop`, and what it shares with `keep`."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cassette_kit.model import Interaction

_DECORATORS: Sequence[Callable[..., Any]] = (
    click.argument("file", type=files.NamedPath(path_type=Path)),
    click.argument("numbers", metavar="[N]...", nargs=-1),
    click.option(
        "--host",
        "hosts",
        metavar="HOST[:PORT]",
        multiple=True,
        help="Those of this host. May repeat.",
    ),
    click.option(
        "--status",
        "statuses",
        metavar="CODE",
        multiple=True,
        help="Those with this status: 429, 5xx. May repeat.",
    ),
    click.option("--dry-run", "is_dry", is_flag=True, help="Say what would go, and write nothing."),
)


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options that say which interactions are meant."""
    return reduce(lambda wrapped, decorator: decorator(wrapped), reversed(_DECORATORS), command)


@click.command()
@selecting
def drop(file: Path, **meant: Any) -> None:
    """Remove interactions from a cassette.

    N are numbers from 0, as `show` and misses count them, and ranges: 0,2-4. With several
    conditions all must hold. Those that stay are written as they stood, but for their ids.

    Exit code 0: done; 1: nothing could be removed; 2: a wrong call.

    \b
    Example:
      cassette-kit drop tests/cassettes/test_retry.yaml 0,2-4
      cassette-kit drop --status 5xx tests/cassettes/test_retry.yaml
    """
    remove(file, keeps=False, **meant)


def remove(file: Path, *, keeps: bool, is_dry: bool, **meant: Sequence[str]) -> None:
    """Take the interactions that are meant out of a file, or with `keeps` all others."""
    from cassette_kit.selection import selection
    from cassette_kit.store.revision import revision

    chosen = selection(**meant)
    with revision(file, is_dry=is_dry) as held:
        numbers = chosen.of(held.cassette, origin=str(file))
        if not numbers:
            raise CassetteError(f"{file}: {chosen.nothing_in(held.cassette)}")
        interactions = list(enumerate(held.cassette.interactions))
        left = [one for number, one in interactions if (number in numbers) == keeps]
        if not left:
            raise CassetteError(f"{file}: nothing would be left; remove the file instead")
        held.write(held.text(replace(held.cassette, interactions=tuple(left))))
    gone = [(number, one) for number, one in interactions if (number in numbers) != keeps]
    _report(file, gone, len(interactions), is_dry=is_dry)


def _report(
    file: Path, gone: Sequence[tuple[int, Interaction]], total: int, *, is_dry: bool
) -> None:
    from cassette_kit.conversation.printable import one_line

    done = "would be dropped" if is_dry else "dropped"
    count = counted(total, "interaction")
    output.print_text(f"{output.shown(file)}: {len(gone):,} of {count} {done}", "bold")
    for number, one in gone:
        status = one.response.status or one.response.status_code
        output.print_text(one_line(f"  #{number} {one.request.method} {one.request.url} {status}"))

"""`cassette-kit show`: what cassettes hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError
from cassette_kit.quantities import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.cli.views import View
    from cassette_kit.model import Cassette


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option(
    "-n",
    "--interaction",
    "numbers",
    metavar="N",
    multiple=True,
    help="Show these alone, as `#N` in a miss counts them, from 0: 3, or 0,2-4. May repeat.",
)
@click.option(
    "--all",
    "repeats",
    is_flag=True,
    help="Show all of each exchange: also what one before had, and what defines the tools.",
)
@click.option("--headers", "has_headers", is_flag=True, help="The recorded headers, too.")
@click.option("--events", "view", flag_value="events", help="The events of each stream in time.")
@click.option("--raw", "view", flag_value="raw", help="The bodies as they are.")
@click.option("--json", "as_json", is_flag=True, help="All of this for programs.")
@click.pass_context
def show(
    ctx: click.Context,
    paths: tuple[Path, ...],
    *,
    numbers: tuple[str, ...],
    repeats: bool,
    has_headers: bool,
    view: str | None,
    as_json: bool,
) -> None:
    """Show what cassettes hold.

    Each exchange with its times and sizes, and as a chat: what was asked, what was answered, which
    tools were called. A request that repeats the turns before it is shown from its new turn on.
    PATHS are files, or folders, which are searched; of several files, those that have none of the
    interactions N are passed over.

    Exit code 0: shown; 1: a file cannot be read, or none has such an interaction; 2: a wrong call.

    \b
    Example:
      cassette-kit show tests/cassettes/test_agent/test_weather.yaml
      cassette-kit show --events -n 1 tests/cassettes/test_agent/test_weather.yaml
      cassette-kit show --headers tests/cassettes/test_agent/test_retry.yaml
      cassette-kit show --json tests/cassettes | jq '.[].interactions[].model'
    """
    from cassette_kit import store
    from cassette_kit.cli.views import VIEWS
    from cassette_kit.selection import Selection, selection

    meant = selection(numbers) if numbers else Selection()
    is_whole = repeats or bool(numbers)
    found = files.cassettes(paths)
    shown: list[Path] = []
    texts: list[str] = []

    def tell(path: Path) -> None:
        cassette = store.load(path)
        is_alone = len(found) == 1
        chosen = meant.of(cassette, origin=str(path)) if is_alone else meant.among(cassette)
        if numbers and not chosen:
            return
        shown.append(path)
        if as_json:
            texts.append(_json(path, cassette, chosen))
        else:
            _print(path, cassette, chosen, VIEWS[view], is_whole=is_whole, has_headers=has_headers)

    ok = output.each(output.tracked(found, prints=not as_json), tell)
    if as_json:
        output.print_json_list(texts)
    if ok and found and not shown:
        raise CassetteError(f"none of {len(found):,} cassettes has an interaction of {meant}")
    ctx.exit(int(not ok))


def _print(
    path: Path,
    cassette: Cassette,
    chosen: Iterable[int],
    view: View,
    *,
    is_whole: bool,
    has_headers: bool,
) -> None:
    from cassette_kit.cli.views import headers, overview
    from cassette_kit.conversation import exchange
    from cassette_kit.conversation.heard import Heard

    count = counted(len(cassette.interactions), "interaction")
    output.print_text(f"{output.shown(path)}: {count}, {size(path.stat().st_size)}", "bold")
    heard = None if is_whole else Heard()
    for number in sorted(chosen):
        interaction = cassette.interactions[number]
        output.print_text("")
        said = exchange(interaction)
        output.print_lines([overview(number, interaction, said)])
        if has_headers:
            output.print_lines(headers(interaction))
        output.print_lines(view.lines(interaction, said, heard), view.layout)
    output.print_text("")


def _json(path: Path, cassette: Cassette, chosen: Iterable[int]) -> str:
    from cassette_kit.cli import values

    told = [values.interaction(number, cassette.interactions[number]) for number in sorted(chosen)]
    return output.json_text({"file": str(path), "interactions": told})

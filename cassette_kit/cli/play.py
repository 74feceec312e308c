"""`cassette-kit play`: every recorded request, sent to its own cassette."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError

if TYPE_CHECKING:
    from cassette_kit.options import Options


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option(
    "--pace",
    default="instant",
    metavar="PACE",
    help="'recorded' waits as the server did, 4 is four times faster. Default: instant.",
)
@click.pass_context
def play(ctx: click.Context, paths: tuple[Path, ...], pace: str) -> None:
    """Play cassettes to themselves.

    Every recorded request goes through an httpx client in replay, and its answer is printed while
    it streams: a smoke test for cassettes. Nothing goes live, and no settings count. PATHS are
    files, or folders, which are searched.

    Exit code 0: all were played; 1: one was not answered, or not to its end; 2: a wrong call.

    \b
    Example:
      cassette-kit play tests/cassettes
      cassette-kit play --pace recorded tests/cassettes/test_agent/test_weather.yaml
    """
    from cassette_kit.options import Settings, resolve

    # Neither the project's settings nor CASSETTE_MODE count: what is played here goes nowhere.
    settings = Settings("--pace", {"mode": "replay", "intercept": False, "pace": pace})
    options = resolve([settings], environ={})
    found = output.tracked(files.cassettes(paths), "Playing", prints=True)
    ok = output.each(found, lambda path: _play(path, options))
    ctx.exit(int(not ok))


def _play(path: Path, options: Options) -> None:
    from cassette_kit.cli.playing import played

    if not path.exists():  # a tape without a file is an empty one
        raise CassetteError(f"{path}: no such cassette")
    name = output.shown(path)
    output.print_text(name, "bold")
    ends = Counter({"played": 0})
    ends.update(played(path, options))
    told = ", ".join(f"{count:,} {end}" for end, count in ends.items())
    output.print_text("")
    if len(ends) > 1:
        raise CassetteError(f"{path}: {told}")
    output.print_text(f"{name}: {told}")

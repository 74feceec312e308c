"""`cassette-kit list`: the cassettes of a folder, one a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output

if TYPE_CHECKING:
    from datetime import datetime

    from cassette_kit.cli.facts import Entry


@click.command("list")
@click.argument("paths", nargs=-1, type=files.NamedPath(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
@click.pass_context
def listing(ctx: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """List cassettes in a table.

    Size, interactions, models, hosts, age and the test that has recorded each, where it is known.
    PATHS are files, or folders, which are searched; by default this folder. The age is that of the
    oldest response by its Date header; where none has one, of the last commit that changed the
    file, as in `check --max-age`; where git does not know the file, of the file. The test is told
    where the cassette has its default name and the module beside it has a test of that name.

    Exit code 0: listed; 1: a file cannot be read; 2: a wrong call.

    \b
    Example:
      cassette-kit list tests
      cassette-kit list --json | jq -r '.[] | select(.bytes > 1e6) | .file'
    """
    from cassette_kit.cli.history import last_commits

    found: list[Entry] = []
    cassettes = files.cassettes(paths or [Path()])
    committed_at = last_commits(cassettes)

    def read(path: Path) -> None:
        found.append(_entry(path, committed_at.get(path)))

    ok = output.each(output.tracked(cassettes), read)
    if as_json:
        output.print_json(list(map(_values, found)))
    else:
        output.print_table(list(map(_row, found)), right=("size", "interactions"))
    ctx.exit(int(not ok))


def _entry(path: Path, committed_at: datetime | None) -> Entry:
    from cassette_kit import store
    from cassette_kit.cli.facts import entry

    return entry(path, store.load(path), committed_at)


def _values(one: Entry) -> dict[str, object]:
    from dataclasses import asdict

    told = asdict(one) | {"recorded": one.recorded.isoformat(timespec="seconds")}
    return {"file": str(told.pop("path")), **told}


def _row(one: Entry) -> dict[str, str]:
    from datetime import UTC, datetime

    from cassette_kit.cli import facts
    from cassette_kit.conversation.printable import one_line
    from cassette_kit.quantities import size

    row = {
        "cassette": click.format_filename(one.path),
        "size": size(one.bytes),
        "interactions": f"{one.interactions:,}",
        "models": ", ".join(one.models),
        "hosts": ", ".join(one.hosts),
        "age": facts.age(datetime.now(UTC) - one.recorded),
        "test": one.test,
    }
    return {name: one_line(text) for name, text in row.items()}

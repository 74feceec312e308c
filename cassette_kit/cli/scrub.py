"""`cassette-kit scrub`: takes secrets out of cassettes that were recorded without redaction."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteSaveError
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cassette_kit.model import Cassette
    from cassette_kit.redactors import Redactor
    from cassette_kit.redactors.changes import Change
    from cassette_kit.redactors.scrubbing import Left, Scrubbed


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option(
    "--redact",
    "rules",
    metavar="RULE",
    multiple=True,
    help="A further rule, as in the option `redact`: field:NAME, $.json.path, pattern:REGEX…",
)
@click.option(
    "--keep-header", "kept", metavar="NAME", multiple=True, help="A further header to keep."
)
@click.option(
    "--dry-run",
    "--check",
    "is_dry",
    is_flag=True,
    help="Write nothing; exit code 1 if something would change.",
)
@click.option("--json", "as_json", is_flag=True, help="Say it for programs.")
@click.pass_context
def scrub(
    ctx: click.Context,
    paths: tuple[Path, ...],
    *,
    rules: tuple[str, ...],
    kept: tuple[str, ...],
    is_dry: bool,
    as_json: bool,
) -> None:
    """Take secrets out of cassettes.

    Applies to files what is applied to recordings: headers are kept by list, secret values become
    REDACTED. Rules are the built-in ones, those of [tool.cassette_kit] in pyproject.toml, and those
    given here. A file in which a secret would still stand is left as it is, and so is every
    interaction in which there is nothing to redact. PATHS are files, or folders, which are
    searched.

    Exit code 0: done; 1: a file could not be cleaned, or --check found something; 2: a wrong call.

    \b
    Example:
      cassette-kit scrub tests/cassettes
      cassette-kit scrub --check --redact field:patient_id tests/cassettes
    """
    typed = _Typed(rules, kept)
    redactor = typed.redactor()
    found = files.cassettes(paths)
    results: dict[Path, Scrubbed] = {}

    def clean(path: Path) -> None:
        results[path] = _scrubbed(path, redactor, typed, is_dry=is_dry)

    ok = output.each(output.tracked(found, "Scrubbing"), clean)
    changed = {path: result for path, result in results.items() if result.changed}
    if as_json:
        output.print_json([_facts(*named) for named in results.items()])
    else:
        _report(changed, len(found), is_dry=is_dry)
    _tell_idle(redactor.names[len(redactor.names) - len(rules) :], results.values())
    ctx.exit(int(not ok or (is_dry and bool(changed))))


class _Typed(NamedTuple):
    """What the command line says besides the settings of the project."""

    rules: tuple[str, ...]
    kept: tuple[str, ...]

    def redactor(self, more: Sequence[str] = ()) -> Redactor:
        """One that goes by both, and by further rules."""
        from cassette_kit.configuration import project_options
        from cassette_kit.redactors import Redactor

        project = project_options()
        rules = (*project.redact, *self.rules, *more)
        return Redactor(rules, keep_headers=(*project.keep_headers, *self.kept))


def _scrubbed(path: Path, redactor: Redactor, typed: _Typed, *, is_dry: bool) -> Scrubbed:
    from cassette_kit.redactors.scrubbing import scrubbed, secrets_left
    from cassette_kit.store.revision import revision

    with revision(path, is_dry=is_dry) as file:
        result = scrubbed(file.cassette, redactor)
        text = file.text(result.cassette)
        left = secrets_left(text, file.cassette, result.known)
        if left:
            raise CassetteSaveError("\n".join(_refusal(path, file.cassette, left, typed)))
        file.write(text)
    return result


def _refusal(path: Path, cassette: Cassette, left: list[Left], typed: _Typed) -> Iterator[str]:
    """What would be left, and the command that takes it out, or what else there is to do."""
    from cassette_kit.redactors.remedies import by_hand, remedy, scrub_command

    cure = remedy(cassette, typed.redactor)
    yield f"{path}: not changed, there would be secrets left:"
    for one in left:
        yield f"  {one}" if cure.reaches(one) else f"  {one}; {by_hand(str(path), cure)}"
    if any(map(cure.reaches, left)):
        command = scrub_command(str(path), (*typed.rules, *cure.rules), typed.kept)
        yield f"  to take out what rules reach: `{command}`"


def _report(changed: dict[Path, Scrubbed], total: int, *, is_dry: bool) -> None:
    for path, result in changed.items():
        count = counted(len(result.cassette.interactions), "interaction")
        output.print_text(f"{output.shown(path)}: {len(result.changed)} of {count}", "bold")
        for number, changes in result.changed.items():
            output.print_text(f"  #{number} {_called(result, number)}")
            for line in _lines(changes):
                output.print_text(f"    {line}")
    done = "would be scrubbed" if is_dry else "scrubbed"
    output.print_text(f"{len(changed):,} of {counted(total, 'cassette')} {done}")


def _called(result: Scrubbed, number: int) -> str:
    from cassette_kit.conversation.printable import one_line

    request = result.cassette.interactions[number].request
    return one_line(f"{request.method} {request.url}")


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    """`request headers: Authorization, Cookie (2) dropped`."""
    from cassette_kit.conversation.printable import one_line

    for (part, action), group in groupby(changes, lambda one: (one.part, one.action)):
        names = ", ".join(filter(None, map(_name, group)))
        yield one_line(f"{part}: {names} {action}" if names else f"{part}: {action}")


def _name(change: Change) -> str:
    is_one = change.places == 1 or not change.name
    return change.name if is_one else f"{change.name} ({change.places:,})"


def _facts(path: Path, result: Scrubbed) -> dict[str, Any]:
    interactions = [
        {
            "interaction": number,
            "request": _called(result, number),
            "changes": [change._asdict() for change in changes],
        }
        for number, changes in result.changed.items()
    ]
    return {"file": str(path), "changed": bool(interactions), "interactions": interactions}


def _tell_idle(names: Sequence[str], results: Any) -> None:
    """A rule that was typed wrong finds nothing."""
    for name in names:
        if not any(result.hits[name] for result in results):
            click.echo(f"nothing to redact was found by {name}", err=True)

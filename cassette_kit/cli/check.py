"""`cassette-kit check`: whether cassettes are whole, free of secrets, and as they were recorded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cassette_kit.cli import files, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.checks import Acceptance, Finding

_DAYS = re.compile(r"([0-9]{1,5})d")


def _codes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_known(code) for code in values)


def _acceptances(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[Acceptance, ...]:
    from cassette_kit.checks import Acceptance

    for value in values:
        if value.startswith(":"):
            raise click.BadParameter(f"{value!r} has no pattern before the colon.")
    parts = (value.rpartition(":") for value in values)
    return tuple(Acceptance(_known(code), pattern or "*") for pattern, _, code in parts)


def _known(code: str) -> str:
    from cassette_kit.checks import CHECKS

    if code not in CHECKS:
        raise click.BadParameter(f"{code!r} is no code; there are {', '.join(CHECKS)}.")
    return code


def _completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The codes that go on from what was typed, behind the pattern where there is one."""
    from cassette_kit.checks import CHECKS

    pattern, colon, begun = incomplete.rpartition(":")
    return [f"{pattern}{colon}{code}" for code in CHECKS if code.startswith(begun)]


def _age(ctx: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    days = _DAYS.fullmatch(value or "")
    if value is not None and days is None:
        raise click.BadParameter(f"{value!r} is no number of days such as 90d.")
    return timedelta(days=int(days[1])) if days else None


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option(
    "--select",
    metavar="CODE",
    multiple=True,
    callback=_codes,
    shell_complete=_completed,
    help="Look for this only.",
)
@click.option(
    "--ignore",
    metavar="[PATTERN:]CODE",
    multiple=True,
    callback=_acceptances,
    shell_complete=_completed,
    help="Accept this; with a pattern in files whose path fits: 'tests/errors/*:error-status'.",
)
@click.option("--max-age", metavar="DAYS", callback=_age, help="Find older recordings, as in 90d.")
@click.option("--fix", is_flag=True, help="Rewrite files that are not canonical.")
@click.option(
    "--format",
    "report",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as annotations of a GitHub workflow.",
)
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    *,
    select: tuple[str, ...],
    ignore: tuple[Acceptance, ...],
    max_age: timedelta | None,
    fix: bool,
    report: str,
) -> None:
    """Check cassettes, before a commit or in CI.

    Secrets, streams that were cut off, broken bodies, recorded errors, edits by hand and the like
    are told with line and code. PATHS are cassettes, or folders, which are searched.

    Exit code 0: nothing was found; 1: something was; 2: a wrong call.

    \b
    Example:
      cassette-kit check tests/cassettes
      cassette-kit check --max-age 90d --format github tests/cassettes
    """
    from cassette_kit.checks import CHECKS
    from cassette_kit.cli.history import last_commits
    from cassette_kit.cli.inspection import Inspection, named

    cassettes = named(paths)
    committed_at = {} if max_age is None else last_commits(cassettes)
    not_before = None if max_age is None else datetime.now(UTC) - max_age
    inspection = Inspection(select or tuple(CHECKS), ignore, not_before, committed_at)
    tracked = output.tracked(cassettes, "Checking")
    findings = [finding for file in tracked for finding in inspection.findings(file, fix=fix)]
    _print(findings, len(cassettes), report)
    ctx.exit(int(bool(findings)))


def _print(findings: Sequence[Finding], checked: int, report: str) -> None:
    from cassette_kit.checks.reports import REPORTS

    output.substitute_unprintable()
    for text, style in REPORTS[report](findings, checked):
        has_command = "`" in text  # which could not be pasted if it were broken into lines
        is_prose = report == "text" and not has_command
        output.print_text(text, style, "wrapped" if is_prose else "as it is")

"""`cassette-kit grep`: searches what cassettes hold."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError, CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cassette_kit.json_path import Path as JsonPath
    from cassette_kit.search import Hit

_FOUND, _NOT_FOUND, _FAILED = range(3)
_NARROWEST = 40


@click.command()
@click.argument("pattern")
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option("-i", "--ignore-case", is_flag=True, help="Upper and lower case are alike.")
@click.option("-F", "--fixed-strings", is_flag=True, help="PATTERN is text, no expression.")
@click.option("--path", metavar="JSONPATH", help="Search the values at a JSON path alone.")
@click.option("-l", "--files-with-matches", "files", is_flag=True, help="Names of files only.")
@click.option("-c", "--count", "count", is_flag=True, help="The number of lines by file.")
@click.option("--json", "json", is_flag=True, help="The lines for programs.")
@click.pass_context
def grep(
    ctx: click.Context,
    /,
    pattern: str,
    paths: tuple[Path, ...],
    *,
    ignore_case: bool,
    fixed_strings: bool,
    path: str | None,
    **forms: bool,
) -> None:
    """Search URLs, status lines, headers and bodies of cassettes.

    PATTERN is a regular expression of Python. JSON is searched by its values, without escapes, and
    the answer of a stream as a whole too, so that a word is found that came in several events.
    With --path, '' as PATTERN prints every value. PATHS are files, or folders, which are searched.

    Prints FILE:LINE: #INTERACTION WHERE: TEXT, on a terminal cut around what was found.

    Exit code 0: found; 1: not found; 2: a wrong call, or a file that cannot be read.

    \b
    Example:
      cassette-kit grep 'temperature in \\w+' tests/cassettes
      cassette-kit grep --path '$.messages[*].content' -F 'Hello.' tests
      cassette-kit grep --path '$.model' '' tests/cassettes/test_chat
    """
    form = next((name for name in _PRINT if forms.get(name)), "lines")
    found: dict[Path, list[_Found]] = {}

    def search(file: Path) -> None:
        found[file] = _search(file, expression, json_path)
        _PRINT[form](file, found[file])

    try:
        expression = _expression(pattern, ignore_case=ignore_case, is_text=fixed_strings)
        json_path = _json_path(path)
        ok = output.each(files.cassettes(paths), search)
    except CassetteError as error:
        output.print_error(error)
        ok = False
    if form == "json":
        output.print_json([_facts(file, one) for file, some in found.items() for one in some])
    ctx.exit(_FAILED if not ok else _FOUND if any(found.values()) else _NOT_FOUND)


class _Found(NamedTuple):
    line: int
    hit: Hit


def _expression(pattern: str, *, ignore_case: bool, is_text: bool) -> re.Pattern[str]:
    try:
        return re.compile(re.escape(pattern) if is_text else pattern, re.I if ignore_case else 0)
    except re.error as error:
        raise CassetteOptionError(f"{pattern!r} is no regular expression: {error}") from error


def _json_path(text: str | None) -> JsonPath | None:
    from cassette_kit.json_path import parse

    return None if text is None else parse(text)


def _search(file: Path, pattern: re.Pattern[str], path: JsonPath | None) -> list[_Found]:
    from cassette_kit import store
    from cassette_kit.formats.line_numbers import LineNumbers
    from cassette_kit.search import hits, values

    cassette = store.load(file)
    numbers = LineNumbers.of(cassette)
    return [
        _Found(numbers.line(hit.line.place), hit)
        for number, interaction in enumerate(cassette.interactions)
        for hit in (
            values(interaction, number, path, pattern)
            if path
            else hits(interaction, number, pattern)
        )
    ]


def _print_lines(file: Path, found: Sequence[_Found]) -> None:
    from rich.text import Text

    from cassette_kit.search import excerpt

    console = output.console()
    for line, hit in found:
        head = f"{output.shown(file)}:{line}: #{hit.line.place.number} {_where(hit)}: "
        room = max(_NARROWEST, console.width - len(head)) if sys.stdout.isatty() else None
        text = Text(head, style="dim")
        for piece, is_match in excerpt(hit, room):
            text.append(piece, style="bold red not dim" if is_match else "not dim")
        console.print(text, soft_wrap=True)


def _print_file(file: Path, found: Sequence[_Found]) -> None:
    if found:
        output.print_text(output.shown(file))


def _print_count(file: Path, found: Sequence[_Found]) -> None:
    output.print_text(f"{output.shown(file)}:{len(found)}")


_PRINT: Mapping[str, Callable[[Path, Sequence[_Found]], None]] = {
    "json": lambda file, found: None,
    "files": _print_file,
    "count": _print_count,
    "lines": _print_lines,
}
"""By the name of the option; of several that are given the first counts."""


def _where(hit: Hit) -> str:
    from cassette_kit.conversation.printable import one_line

    return one_line(f"{hit.line.where} {hit.line.path}".rstrip())


def _facts(file: Path, found: _Found) -> dict[str, Any]:
    line, matches, value = found.hit
    return {
        "file": str(file),
        "line": found.line,
        "interaction": line.place.number,
        "where": line.where,
        "path": line.path or None,
        "text": line.text,
        "matches": matches,
        "value": value,
    }

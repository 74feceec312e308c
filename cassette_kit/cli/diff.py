"""`cassette-kit diff`: what changed between two recordings of the same test."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast, get_args

import click

from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.text import Text

    from cassette_kit.comparison import Aspect, Comparison
    from cassette_kit.comparison.wording import Line, Span
    from cassette_kit.model import Cassette

ALL = "all"
SAME, DIFFERENT, TROUBLE = 0, 1, 2  # exit codes, those of diff and grep
STYLES = {
    "heading": "bold",
    "place": "cyan",
    "removed": "red",
    "added": "green",
    "context": "dim",
    "note": "dim italic",
}

_File = files.NamedPath(exists=True, path_type=Path)


class Files(NamedTuple):
    """Two files to compare, and the name that both have; None for one that is not there."""

    name: str
    before: Path | None
    after: Path | None

    @property
    def only(self) -> str:
        return "" if self.before and self.after else f": only in {'B' if self.after else 'A'}"

    @property
    def letter(self) -> str:
        """What has become of it, as `git diff --name-status` has it."""
        return "A" if self.before is None else "D" if self.after is None else "M"


Result = tuple[Files, "Comparison | None"]
"""A comparison, or none where a file cannot be read."""


def _aspects(ctx: click.Context, param: click.Parameter, value: str) -> frozenset[Aspect]:
    """The names in `--show`, with commas between them."""
    from cassette_kit.comparison import Aspect

    known = get_args(Aspect)
    names = frozenset(filter(None, value.split(",")))
    if unknown := sorted(names - {ALL, *known}):
        raise click.BadParameter(f"{unknown[0]!r}, expected {', '.join(known)} or {ALL}")
    return cast("frozenset[Aspect]", frozenset(known) if ALL in names else names)


def _completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names that go on from what was typed, behind the last comma."""
    from cassette_kit.comparison import Aspect

    told, comma, begun = incomplete.rpartition(",")
    left = [name for name in (*get_args(Aspect), ALL) if name not in told.split(",")]
    return [f"{told}{comma}{name}" for name in left if name.startswith(begun)]


@click.command()
@click.argument("before", metavar="A", type=_File)
@click.argument("after", metavar="B", type=_File)
@click.option(
    "--show",
    metavar="ids,times,headers|all",
    default="",
    callback=_aspects,
    shell_complete=_completed,
    help="Tell of these changes too.",
)
@click.option("--brief", "-q", is_flag=True, help="The names of files that differ, and no more.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
@click.pass_context
def diff(
    ctx: click.Context,
    before: Path,
    after: Path,
    *,
    show: frozenset[Aspect],
    brief: bool,
    as_json: bool,
) -> None:
    """Tell what changed from the recording A to the recording B.

    Requests by their JSON, answers by what they say, streamed or not; whatever the order of the
    interactions. What changes in every recording is counted and not told: ids and dates, times,
    headers. Of two folders the files of the same name are compared.

    Exit code 0: the same; 1: different; 2: a wrong call, or a file that cannot be read.

    \b
    Example:
      cassette-kit diff old/test_agent.yaml tests/cassettes/test_agent.yaml
      cassette-kit diff --show times old tests/cassettes
      cassette-kit diff --brief old tests/cassettes
    """
    if brief and as_json:
        raise click.UsageError("--brief and --json exclude each other")
    try:
        pairs = _pairs(before, after)
    except CassetteError as error:
        output.print_error(error)
        ctx.exit(TROUBLE)
    tell = _tell_folders if before.is_dir() else _tell_files
    tell = _tell_json if as_json else _tell_names if brief else tell
    found = tell(_compared(pair, show) for pair in pairs)
    ctx.exit(max((_code(result) for result in found), default=SAME))


def _pairs(before: Path, after: Path) -> list[Files]:
    """The files themselves, or those of two folders by their paths in there."""
    if before.is_dir() != after.is_dir():
        raise CassetteError(f"{before} and {after}: expected two files or two folders")
    if not before.is_dir():
        return [Files(output.shown(after), before, after)]
    ours, theirs = _by_name(before), _by_name(after)
    names = sorted({*ours, *theirs})
    return [Files(output.shown(name), ours.get(name), theirs.get(name)) for name in names]


def _by_name(folder: Path) -> dict[Path, Path]:
    return {path.relative_to(folder): path for path in files.cassettes([folder])}


def _compared(pair: Files, show: frozenset[Aspect]) -> Result:
    """Two files; one that is not there has no interactions."""
    from cassette_kit.comparison import compare

    try:
        return pair, compare(_loaded(pair.before), _loaded(pair.after), show=show)
    except CassetteError as error:
        output.print_error(error)
        return pair, None


def _loaded(path: Path | None) -> Cassette:
    from cassette_kit import store
    from cassette_kit.model import Cassette

    return store.load(path) if path else Cassette()


def _code(result: Result) -> int:
    pair, comparison = result
    if comparison is None:
        return TROUBLE
    is_same = comparison.is_same and pair.before and pair.after
    return SAME if is_same else DIFFERENT


def _tell_files(results: Iterable[Result]) -> Iterator[Result]:
    from cassette_kit.comparison.report import report

    for pair, comparison in results:
        if comparison:
            _print(report(comparison))
        yield pair, comparison


def _tell_folders(results: Iterable[Result]) -> Iterator[Result]:
    """The files that differ, each under its name, and how many there are of each kind."""
    from cassette_kit.comparison.report import report

    counts: Counter[int] = Counter()
    for result in results:
        pair, comparison = result
        code = _code(result)
        counts[code] += 1
        if comparison and code == DIFFERENT:
            _print([_heading(f"{pair.name}{pair.only}"), *report(comparison), ()])
        yield result
    words = {SAME: "the same", DIFFERENT: "different", TROUBLE: "unreadable"}
    told = [f"{counts[code]:,} {word}" for code, word in words.items() if counts[code]]
    total = counted(counts.total(), "file")
    _print([_heading(f"{total}: {', '.join(told) or 'nothing to compare'}")])


def _tell_names(results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        if _code(result) == DIFFERENT:
            output.print_text(f"{result[0].letter} {result[0].name}", layout="as it is")
        yield result


def _tell_json(results: Iterable[Result]) -> Iterator[Result]:
    from cassette_kit.comparison.document import document

    found = list(results)
    told = [{"file": pair.name, **document(comparison)} for pair, comparison in found if comparison]
    is_same = all(_code(result) == SAME for result in found)
    output.print_json({"is_same": is_same, "files": told})
    return iter(found)


def _heading(text: str) -> Line:
    from cassette_kit.comparison.wording import Span

    return (Span(text, "heading"),)


def _print(lines: Iterable[Line]) -> None:
    """Print lines; on a terminal in colours, and wrapped beside their signs."""
    console = output.console()
    for line in lines:
        for piece in _wrapped(line, console):
            console.print(piece, soft_wrap=True)


def _wrapped(line: Line, console: Console) -> Iterator[Text]:
    from rich.text import Text

    is_signed = bool(line) and not line[0].text.strip(" -+…")
    lead = _text(line[:1] if is_signed else ())
    body = _text(line[1:] if is_signed else line)
    width = console.width - len(lead) if sys.stdout.isatty() else sys.maxsize
    for piece in body.wrap(console, width) or [Text()]:
        yield lead + piece
        lead = Text(" " * len(lead))


def _text(spans: Iterable[Span]) -> Text:
    from rich.text import Text

    return Text.assemble(*((span.text, _style(span)) for span in spans), tab_size=4)


def _style(span: Span) -> str:
    style = STYLES.get(span.style, "")
    return f"{style} reverse" if span.is_changed else style

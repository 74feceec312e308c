"""How commands print: styles and wrapping on terminals alone, and nothing that these obey."""

from __future__ import annotations

import codecs
import functools
import io
import json
import os
import stat
import sys
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from cassette_kit.cli.views import Layout
    from cassette_kit.conversation.transcript import Kind, Line

Item = TypeVar("Item")

STYLES: Mapping[Kind, str] = {
    "title": "reverse",
    "heading": "bold",
    "settings": "dim",
    "note": "dim italic",
    "system": "magenta",
    "user": "green",
    "assistant": "cyan",
    "tool": "yellow",
    "thinking": "dim",
    "tool call": "yellow",
    "tool result": "yellow",
    "usage": "dim",
    "error": "red",
}
_SPOKEN = frozenset({"system", "user", "assistant", "tool", "tool call", "tool result"})


def shown(path: Path) -> str:
    """A path for a message: what is no text, or no part of a line, is spelt out."""
    from cassette_kit.conversation.printable import one_line

    return one_line(click.format_filename(path))


def print_lines(lines: Iterable[Line], layout: Layout = "wrapped") -> None:
    """Print lines: in colours, and laid out for its width, where stdout is a terminal."""
    for kind, text in lines:
        is_spoken = kind in _SPOKEN and text.startswith(" ")
        print_text(text, "" if is_spoken else STYLES.get(kind, ""), layout)


def print_text(text: str, style: str = "", layout: Layout = "wrapped") -> None:
    """Print one line; its style shows where colours do."""
    terminal = console()
    if not terminal.is_terminal:
        print(text)
        return
    lay_out = _LAYOUTS[layout] if sys.stdout.isatty() else _as_it_is
    for piece in lay_out(text, terminal):
        terminal.out(piece, style=style or None, highlight=False)


def print_table(rows: Sequence[Mapping[str, str]], *, right: Collection[str] = ()) -> None:
    """Print rows as a table headed by their keys; a column that holds nothing is left out.

    On a terminal that is too narrow each row becomes a line of its own and one of what it holds.
    """
    if not rows:
        return
    from rich.cells import cell_len

    names = [name for name in rows[0] if any(row[name] for row in rows)]
    head, *lines = _columns(rows, names, right)
    if sys.stdout.isatty() and max(map(cell_len, lines)) > console().width:
        for title, *others in ([(name, row[name]) for name in names] for row in rows):
            print_text(title[1], "bold")
            print_text("  " + ", ".join(f"{name} {text}" for name, text in others if text))
        return
    print_text(head, "bold", "as it is")
    for line in lines:
        print_text(line, layout="as it is")


def json_text(value: object) -> str:
    """A value for programs, laid out; characters that are not seen stand there as escapes.

    So do all beyond ASCII where stdout is not UTF-8, which JSON is.
    """
    from cassette_kit.conversation.printable import visible

    is_utf8 = codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    return visible(json.dumps(value, ensure_ascii=not is_utf8, indent=2))


def print_json(value: object) -> None:
    """Print a value for programs."""
    click.echo(json_text(value))


def print_json_list(texts: Sequence[str]) -> None:
    """Print a JSON list of values that are text already."""
    click.echo("\n".join(["[", ",\n".join(texts), "]"] if texts else ["[]"]))


def tracked(
    items: Sequence[Item], what: str = "Reading", *, prints: bool = False
) -> Iterable[Item]:
    """The items, with a bar on stderr while they are worked on, if it is a terminal.

    Work that `prints` has one only where stdout is a file: what it prints on the terminal shows
    that it goes on, and so does the pager or filter behind a pipe, which a bar would disturb.
    """
    if len(items) < 2 or not sys.stderr.isatty() or (prints and not _prints_to_file()):
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, what, console=Console(stderr=True), transient=True)


def _prints_to_file() -> bool:
    return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)


def each(items: Iterable[Item], do: Callable[[Item], None]) -> bool:
    """Do something with every item; whether all went well.

    An error of the package is told on stderr and does not keep the other items back.
    """
    from cassette_kit.errors import CassetteError

    failed = False
    for item in items:
        try:
            do(item)
        except CassetteError as error:
            print_error(error)
            failed = True
    return not failed


def print_error(error: Exception) -> None:
    """Tell of an error in the form that click has for its own."""
    from cassette_kit.conversation.printable import visible

    click.echo(f"Error: {visible(str(error))}", err=True)


def substitute_unprintable() -> None:
    """Print the escape of a character that the encoding of stdout lacks, rather than fail."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def console() -> Console:
    """The console of this moment's stdout, for what is printed in more than one style a line."""
    return _console_of(sys.stdout)


@functools.lru_cache(maxsize=1)
def _console_of(file: object) -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def _columns(
    rows: Sequence[Mapping[str, str]], names: Sequence[str], right: Collection[str]
) -> Iterator[str]:
    from rich.cells import cell_len

    table = [dict(zip(names, names, strict=True)), *rows]
    wide = {name: max(cell_len(row[name]) for row in table) for name in names}
    for row in table:
        blanks = {name: " " * (wide[name] - cell_len(row[name])) for name in names}
        cells = (
            blanks[name] + row[name] if name in right else row[name] + blanks[name]
            for name in names
        )
        yield "  ".join(cells).rstrip()


def _as_it_is(text: str, terminal: Console) -> list[str]:
    return [text]


def _wrapped(text: str, terminal: Console) -> list[str]:
    """The text in lines as wide as the terminal, each with the indentation of the first."""
    from rich.text import Text

    body = text.lstrip(" ")
    indent = " " * min(len(text) - len(body), terminal.width // 2)
    pieces = Text(body, tab_size=4).wrap(terminal, terminal.width - len(indent))
    return [f"{indent}{piece.plain.rstrip()}" for piece in pieces] or [""]


def _clipped(text: str, terminal: Console) -> list[str]:
    """As much of the text as fits on one line."""
    from rich.cells import cell_len, set_cell_size

    fits = cell_len(text) <= terminal.width
    return [text if fits else f"{set_cell_size(text, terminal.width - 1)}…"]


_LAYOUTS: Mapping[Layout, Callable[[str, Console], list[str]]] = {
    "wrapped": _wrapped,
    "clipped": _clipped,
    "as it is": _as_it_is,
}

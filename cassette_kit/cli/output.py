"""How commands print: styles and wrapping on terminals alone, and nothing that these obey."""

from __future__ import annotations

import functools
import io
import json
import sys
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from cassette_kit.cli.views import Layout
    from cassette_kit.conversation.transcript import Kind, Line

Item = TypeVar("Item")

_UNWRAPPED = 100_000  # columns of a table that nobody looks at on a terminal
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
    from cassette_kit.conversation.transcript import one_line

    return one_line(click.format_filename(path))


def counted(number: int, noun: str) -> str:
    """A number of things: `1 cassette`, `2,000 cassettes`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def print_lines(lines: Iterable[Line], layout: Layout = "wrapped") -> None:
    """Print lines: in colours, and laid out for its width, where stdout is a terminal."""
    for kind, text in lines:
        is_spoken = kind in _SPOKEN and text.startswith(" ")
        print_text(text, "" if is_spoken else STYLES.get(kind, ""), layout)


def print_text(text: str, style: str = "", layout: Layout = "wrapped") -> None:
    """Print one line; its style shows where colours do."""
    console = _console()
    lay_out = _LAYOUTS[layout] if sys.stdout.isatty() else _as_it_is
    for piece in lay_out(text, console):
        console.out(piece, style=style or None, highlight=False)


def print_table(table: Table) -> None:
    """Print a table, on a terminal in the width that there is."""
    console = _console()
    console.print(table, width=None if sys.stdout.isatty() else _UNWRAPPED)


def json_text(value: object) -> str:
    """A value for programs, laid out; characters that are not seen stand there as escapes."""
    from cassette_kit.conversation.transcript import visible

    return visible(json.dumps(value, ensure_ascii=False, indent=2))


def print_json(value: object) -> None:
    """Print a value for programs."""
    click.echo(json_text(value))


def print_json_list(texts: Sequence[str]) -> None:
    """Print a JSON list of values that are text already."""
    click.echo("\n".join(["[", ",\n".join(texts), "]"] if texts else ["[]"]))


def tracked(items: Sequence[Item], what: str = "Reading") -> Iterable[Item]:
    """The items, with a bar on stderr while they are worked on, if it is a terminal."""
    if len(items) < 2 or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, what, console=Console(stderr=True), transient=True)


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
    from cassette_kit.conversation.transcript import visible

    click.echo(f"Error: {visible(str(error))}", err=True)


def substitute_unprintable() -> None:
    """Print the escape of a character that the encoding of stdout lacks, rather than fail."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@functools.lru_cache(maxsize=1)
def _console_of(file: object) -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def _console() -> Console:
    """The console of this moment's stdout."""
    return _console_of(sys.stdout)


def _as_it_is(text: str, console: Console) -> list[str]:
    return [text]


def _wrapped(text: str, console: Console) -> list[str]:
    """The text in lines as wide as the terminal, each with the indentation of the first."""
    from rich.text import Text

    body = text.lstrip(" ")
    indent = " " * min(len(text) - len(body), console.width // 2)
    pieces = Text(body, tab_size=4).wrap(console, console.width - len(indent))
    return [f"{indent}{piece.plain.rstrip()}" for piece in pieces] or [""]


def _clipped(text: str, console: Console) -> list[str]:
    """As much of the text as fits on one line."""
    from rich.cells import cell_len, set_cell_size

    fits = cell_len(text) <= console.width
    return [text if fits else f"{set_cell_size(text, console.width - 1)}…"]


_LAYOUTS: Mapping[Layout, Callable[[str, Console], list[str]]] = {
    "wrapped": _wrapped,
    "clipped": _clipped,
    "as it is": _as_it_is,
}

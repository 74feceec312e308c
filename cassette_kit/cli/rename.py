"""`cassette-kit rename`: a cassette follows its test."""

from __future__ import annotations

from pathlib import Path

import click

from cassette_kit import ambient
from cassette_kit.cli import files, output

_TEST = ".py::"


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would move, and move nothing.")
def rename(old: str, new: str, *, is_dry: bool) -> None:
    """Rename a cassette, or that of a test.

    OLD and NEW are files, or tests as pytest names them: then the files are those in which these
    tests keep their cassettes by default. A recording that was not accepted yet moves along.
    Nothing is overwritten.

    Exit code 0: done; 1: nothing was renamed; 2: a wrong call.

    \b
    Example:
      cassette-kit rename tests/test_chat.py::test_a tests/test_chat.py::test_b
      cassette-kit rename tests/cassettes/old.yaml tests/cassettes/new.yaml
    """
    from cassette_kit.store import renaming

    done = "would become" if is_dry else "is now"
    was, becomes = _cassette(old), _cassette(new)
    files.refuse_others(was)
    for source, target in renaming.rename(was, becomes, is_dry=is_dry):
        output.print_text(f"{output.shown(source)} {done} {output.shown(target)}")


def _cassette(text: str) -> Path:
    """A file as it is named, or the one of a test."""
    if _TEST not in text:
        return _file(Path(text))
    from cassette_kit.pytest_plugin import paths

    name, bracket, parameters = text.partition("[")
    file, *parts = name.split("::")
    module = Path(file)
    folder = ambient.configured_folder() or module.parent / "cassettes"
    test = ".".join(parts) + bracket + parameters
    return paths.with_suffix(folder / paths.cassette_name(module.stem, test))


def _file(path: Path) -> Path:
    if path.suffix == ".py":
        raise click.UsageError(
            f"{path}: name its tests as pytest does ({path}::test_a); the cassettes of a whole "
            f"module are a folder, {path.parent / 'cassettes' / path.stem}, which `git mv` moves"
        )
    if path.suffix not in files.SUFFIXES:
        raise click.UsageError(f"{str(path)!r}: expected the name of a .yaml file, or of a test")
    return path

"""`cassette-kit rename`: cassettes follow their tests."""

from __future__ import annotations

from pathlib import Path

import click

from cassette_kit import ambient
from cassette_kit.cli import files, output
from cassette_kit.errors import CassetteError

_TEST = ".py::"


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would move, and move nothing.")
def rename(old: str, new: str, *, is_dry: bool) -> None:
    """Rename a cassette, that of a test, or those of a test module.

    OLD and NEW are files, or tests or test modules as pytest names them: then the files are those
    in which these tests keep their cassettes by default. A recording that was not accepted yet
    moves along. Nothing is overwritten.

    Exit code 0: done; 1: nothing was renamed; 2: a wrong call.

    \b
    Example:
      cassette-kit rename tests/test_chat.py::test_a tests/test_chat.py::test_b
      cassette-kit rename tests/test_chat.py tests/test_agent.py
      cassette-kit rename tests/cassettes/old.yaml tests/cassettes/new.yaml
    """
    from cassette_kit.store import renaming

    if _is_module(old):
        pairs = _modules(Path(old), Path(new))
    else:
        pairs = [(_cassette(old), _cassette(new))]
    for was, _ in pairs:
        files.refuse_others(was)
    done = "would become" if is_dry else "is now"
    for source, target in renaming.rename(pairs, is_dry=is_dry):
        output.print_text(f"{output.shown(source)} {done} {output.shown(target)}")


def _is_module(text: str) -> bool:
    return text.endswith(".py")


def _modules(old: Path, new: Path) -> list[tuple[Path, Path]]:
    """The cassettes of one test module, each with where the other has it."""
    from cassette_kit.store.part import waiting

    if not _is_module(new.name):
        raise click.UsageError(f"{str(new)!r}: expected a test module, as the first is one")
    source, target = _folder(old), _folder(new)
    if not source.is_dir():
        raise CassetteError(f"{source}: no such folder, where the cassettes of {old} would be")
    found = dict.fromkeys([*files.cassettes([source]), *waiting(source)])
    return [(file, target / file.relative_to(source)) for file in found]


def _folder(module: Path) -> Path:
    """Where the tests of a module keep their cassettes."""
    from cassette_kit.pytest_plugin import paths

    folder = ambient.configured_folder() or module.parent / "cassettes"
    return folder / paths.safe_name(module.stem)


def _cassette(text: str) -> Path:
    """A file as it is named, or the one of a test."""
    if _TEST not in text:
        if not text.endswith(files.SUFFIXES):
            raise click.UsageError(f"{text!r}: expected the name of a .yaml file, or of a test")
        return Path(text)
    from cassette_kit.pytest_plugin import paths

    name, bracket, parameters = text.partition("[")
    file, *parts = name.split("::")
    test = ".".join(parts) + bracket + parameters
    if not parts[-1]:
        raise click.UsageError(f"{text!r}: expected the name of a test")
    return paths.with_suffix(_folder(Path(file)) / paths.safe_name(test))

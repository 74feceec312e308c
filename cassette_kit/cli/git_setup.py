"""`cassette-kit git-setup`: git shows a changed cassette as the changed conversation."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

from cassette_kit import ambient
from cassette_kit.cli import output
from cassette_kit.errors import CassetteError

DRIVER = "cassette"
KEY = f"diff.{DRIVER}.textconv"
FOLDER = "cassettes"  # the default, beside the tests
PATTERN = f"**/{FOLDER}/**/*.yaml"
_GLOB_CHARACTERS = str.maketrans({char: f"\\{char}" for char in "\\*?["})


class Setup(NamedTuple):
    """What is to be written: patterns in a file of attributes, and a value of git's settings."""

    attributes: Path
    patterns: list[str]
    scope: str
    command: str

    @property
    def lines(self) -> list[str]:
        return [f"{pattern} diff={DRIVER}" for pattern in self.patterns]

    @property
    def configure(self) -> list[str]:
        return ["git", "config", self.scope, KEY, self.command]

    @property
    def undo(self) -> list[str]:
        return ["git", "config", self.scope, "--remove-section", f"diff.{DRIVER}"]


@click.command("git-setup")
@click.option(
    "--global", "is_global", is_flag=True, help="In the files of this user, for every repository."
)
@click.option("--print", "only_prints", is_flag=True, help="Only print what would be done.")
def git_setup(is_global: bool, only_prints: bool) -> None:
    """Let git show cassettes as conversations.

    After it `git diff`, `git log -p` and `git show` tell what was asked and answered;
    `--no-textconv` shows the bytes. It adds a line to .gitattributes, which goes to everybody who
    has the repository, and a setting to the configuration of this clone. Doing it twice is no harm.

    Exit code 0: done; 1: no repository, or nothing can be written there; 2: a wrong call.

    \b
    Example:
      cassette-kit git-setup
      cassette-kit git-setup --print
    """
    setup = _for_user() if is_global else _for_repository()
    if only_prints:
        _print(setup)
        return
    missing = _missing(setup)
    _append(setup.attributes, missing)
    _git(*setup.configure[1:])
    _tell(setup, missing)


def _for_repository() -> Setup:
    try:
        top = Path(_git("rev-parse", "--show-toplevel")).resolve()
    except CassetteError as error:
        raise CassetteError(f"{error}; --global is for every repository") from error
    return Setup(top / ".gitattributes", [PATTERN, *_configured(top)], "--local", _command())


def _for_user() -> Setup:
    named = _git("config", "--global", "--type=path", "--default=", "core.attributesFile")
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    attributes = Path(named) if named else home / "git" / "attributes"
    return Setup(attributes, [PATTERN], "--global", _command())


def _configured(top: Path) -> list[str]:
    """The pattern for the project's `cassette_dir`, if PATTERN does not cover it."""
    configured = ambient.configured_folder()
    path = configured and configured.resolve()
    if path is None or not path.is_relative_to(top) or FOLDER in path.relative_to(top).parts:
        return []
    return [_pattern(path.relative_to(top))]


def _pattern(folder: Path) -> str:
    """What is below a folder of the repository, as .gitattributes spells it."""
    names = (name.translate(_GLOB_CHARACTERS) for name in folder.parts)
    pattern = "/".join(("", *names, "**/*.yaml"))
    if not any(char.isspace() for char in pattern):
        return pattern
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _command() -> str:
    """What git runs, whatever environment is active. If it fails git gets the file as it is, as
    git would otherwise end in an error."""
    program = shutil.which("cassette-kit", path=Path(sys.executable).parent)
    words = [program] if program else [sys.executable, "-P", "-m", "cassette_kit"]
    return f'f() {{ {shlex.join([*words, "textconv"])} "$1" || cat "$1"; }}; f'


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=True,
        )
    except FileNotFoundError:
        raise CassetteError("git is not installed, or not on the PATH") from None
    except subprocess.CalledProcessError as error:
        raise CassetteError(f"git {arguments[0]}: {error.stderr.strip()}") from None
    return done.stdout.removesuffix("\n")


def _missing(setup: Setup) -> list[str]:
    """The lines that the file of attributes does not have yet."""
    from cassette_kit.store import disk

    if setup.attributes.is_symlink() and setup.scope == "--local":
        raise CassetteError(f"{setup.attributes}: a link, which git does not follow")
    present = disk.read(setup.attributes) or b""
    known = {b" ".join(line.split()) for line in present.splitlines()}
    return [line for line in setup.lines if os.fsencode(line) not in known]


def _append(attributes: Path, lines: list[str]) -> None:
    if not lines:
        return
    try:
        attributes.parent.mkdir(parents=True, exist_ok=True)
        with attributes.open("a+b") as file:
            file.seek(0)
            present = file.read()
            end = b"\r\n" if b"\r\n" in present else b"\n"
            gap = end if present and not present.endswith(b"\n") else b""
            file.write(gap + b"".join(os.fsencode(line) + end for line in lines))
    except OSError as error:
        raise CassetteError(f"{attributes}: cannot be written: {error.strerror}") from error


def _print(setup: Setup) -> None:
    click.echo(f"# in {output.shown(setup.attributes)}")
    for line in setup.lines:
        click.echo(line)
    click.echo("# in a shell")
    click.echo(shlex.join(setup.configure))


def _tell(setup: Setup, added: list[str]) -> None:
    for line in setup.lines:
        did = "added" if line in added else "has already"
        click.echo(f"{output.shown(setup.attributes)}: {did} {line}")
    click.echo(f"git config {setup.scope}: {KEY} is {setup.command}")
    click.echo("git diff, git log -p and git show now tell what cassettes say.")
    click.echo(f"To undo: {shlex.join(setup.undo)}, and take the line out again.")

"""`cassette-kit accept`: what it says, where, and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import pytest
from click.testing import CliRunner
from tapes import interaction

import cassette_kit as ck
from cassette_kit.cli import COMMANDS, main
from cassette_kit.errors import CassetteOptionError
from cassette_kit.store.journal import Journal, part_path

if TYPE_CHECKING:
    from click.testing import Result

KEY = "sk-proj-9fJ2kQz7XvB4nM8wLr5TcY1hGd6PsA3eUoKi0ZbN"


def run(*arguments: object) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def left(path: Path, *bodies: bytes, replaces: bool = False, torn: bool = False) -> Path:
    """A cassette's journal, as a killed recording leaves it."""
    journal = Journal(path, replaces=replaces)
    for place, body in enumerate(bodies):
        journal.append(interaction(body), place, lambda text: None)
    journal.release()
    if torn:
        with part_path(path).open("ab") as part:
            part.write(b"\n# place 7\n---\nversion: 2\n")
    return path


def bodies(path: Path) -> list[bytes]:
    return [one.request.body for one in ck.load(path).interactions]


def test_each_way_to_name_a_recording(tmp_path: Path) -> None:
    """A cassette, its journal and a folder above it mean the same recording."""
    for path in (tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "deep" / "er" / "c.yaml"):
        left(path, b"1")
    result = run("accept", tmp_path / "a.yaml", tmp_path / "b.yaml.part", tmp_path / "deep")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{tmp_path}/a.yaml: 1 interaction added",
        f"{tmp_path}/b.yaml: 1 interaction added",
        f"{tmp_path}/deep/er/c.yaml: 1 interaction added",
    ]
    assert result.stderr == ""
    assert [bodies(path) for path in sorted(tmp_path.rglob("*.yaml"))] == [[b"1"]] * 3
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ({}, "2 interactions added"),
        ({"replaces": True}, "replaced by 2 interactions"),
        (
            {"torn": True},
            "2 interactions added; 1 interaction more had been cut off and could not be given back",
        ),
    ],
    ids=["append", "replace", "torn"],
)
def test_what_it_says(tmp_path: Path, recorded: dict[str, bool], said: str) -> None:
    """How many came back, whether in the place of others, and what was torn."""
    path = tmp_path / "x.yaml"
    ck.dump(ck.Cassette((interaction(b"0"),)), path)
    left(path, b"1", b"2", **recorded)
    result = run("accept", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: {said}\n")
    assert bodies(path) == [b"0", b"1", b"2"][bool(recorded.get("replaces")) :]


def test_what_was_saved(tmp_path: Path) -> None:
    """A journal whose recording the cassette has already is removed, and that is what is said."""
    path = left(tmp_path / "x.yaml", b"1")
    part = part_path(path).read_bytes()
    run("accept", path)
    part_path(path).write_bytes(part)
    result = run("accept", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: held 1 interaction already\n")
    assert bodies(path) == [b"1"]


def test_nothing_to_accept(tmp_path: Path) -> None:
    """A folder without recordings is fine; a cassette without one was named by mistake. What others
    call `.part` is left alone."""
    (tmp_path / "film.part").write_bytes(b"half of it")
    (tmp_path / "folder.part").mkdir()
    result = run("accept", tmp_path)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}: nothing to accept\n")
    result = run("accept", tmp_path / "x.yaml")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"Error: {tmp_path}/x.yaml: nothing to accept, there is no x.yaml.part"
    ]
    result = run("accept", tmp_path / "film.part")
    assert result.stderr == f"Error: {tmp_path}/film.part: not a recording of cassette_kit\n"


def test_one_that_fails(tmp_path: Path) -> None:
    """A recording that cannot be accepted does not keep the others back, but ends in code 1."""
    (tmp_path / "b.yaml").write_bytes(b"---\nversion: 2\n")
    for name in ("a", "c"):
        left(tmp_path / f"{name}.yaml", b"1")
    part_path(tmp_path / "b.yaml").write_bytes((tmp_path / "a.yaml.part").read_bytes())
    result = run("accept", tmp_path)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {tmp_path}/b.yaml, line ")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "a.yaml",
        "b.yaml",
        "b.yaml.part",
        "c.yaml",
    ]


def test_a_secret(tmp_path: Path) -> None:
    """A key in the recording stops it, told by line and rule and not printed; so does one that the
    cassette holds already."""
    body = b'{"note":"%s"}' % KEY.encode()
    path = left(tmp_path / "x.yaml", b"1", body)
    result = run("accept", path)
    (line,) = [
        number
        for number, text in enumerate(part_path(path).read_text().splitlines(), 1)
        if KEY in text
    ]
    first, second = result.stderr.splitlines()
    assert first == f"Error: {path}.part: not accepted, there are secrets in it:"
    assert second.startswith(f"  line {line}: OpenAI key; redact=[")
    assert (result.exit_code, path.exists()) == (1, False)
    assert KEY not in result.output

    ck.dump(ck.Cassette((interaction(body),)), path)
    left(path, b"1")
    old = path.read_bytes()
    result = run("accept", path)
    assert result.stderr.startswith(f"Error: {path}: not accepted, there are secrets in it:\n")
    assert (result.exit_code, path.read_bytes()) == (1, old)
    assert part_path(path).exists()


def test_while_it_is_recorded(tmp_path: Path) -> None:
    """A recording that goes on is not taken from under its recorder."""
    path = tmp_path / "x.yaml"
    journal = Journal(path, replaces=False)
    journal.append(interaction(b"1"), 0, lambda text: None)
    result = run("accept", path)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {path}: somebody is recording or changing this file just now; "
        "accept what it records when it has ended\n"
    )
    journal.commit([interaction(b"1")], lambda text: None)
    assert bodies(path) == [b"1"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A file name that is not UTF-8 is accepted and printed, as well as that can be done."""
    path = left(tmp_path / "caf\udce9.yaml", b"1")
    result = run("accept", tmp_path)
    assert (result.exit_code, bodies(path)) == (0, [b"1"])
    assert "caf\ufffd.yaml: 1 interaction added" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str) -> None:
    """Every command of the table is there, says its exit codes and shows how it is called."""
    assert f"  {command} " in run("--help").stdout
    said = run(command, "--help").stdout
    assert "Exit code 0: " in said
    assert "2: a wrong call" in " ".join(said.split())
    assert "Example:" in said
    assert f"\n    cassette-kit {command} " in said


@click.command()
@click.option("--wrongly", is_flag=True)
def failing(*, wrongly: bool) -> None:
    """A command of another module, for the next test."""
    raise (CassetteOptionError if wrongly else ck.CassetteError)("x.yaml: no such cassette")


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["--wrongly"], 2)])
def test_an_error_of_the_package(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever command raises it, it is one line and code 1; of an option or a setting, code 2."""
    monkeypatch.setitem(cast("dict[str, str]", COMMANDS), "failing", f"{__name__}:failing")
    result = run("failing", *arguments)
    assert (result.exit_code, result.stderr) == (code, "Error: x.yaml: no such cassette\n")


@pytest.mark.parametrize("arguments", [["accept"], ["acept", "x"], ["accept", "--no-such"]])
def test_usage(arguments: list[str]) -> None:
    """A wrong call is code 2 and tells how it is meant."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_as_a_program(tmp_path: Path) -> None:
    """`python -m cassette_kit` is the command; errors are one line, without a traceback."""
    path = left(tmp_path / "x.yaml", b"1")
    program = [sys.executable, "-m", "cassette_kit", "accept", path.name, "y.yaml"]
    done = subprocess.run(
        program,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(ck.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "x.yaml: 1 interaction added\n")
    assert done.stderr == (
        f"Error: {tmp_path}/y.yaml: nothing to accept, there is no y.yaml.part\n"
    )
    assert bodies(path) == [b"1"]

"""Which cassettes the paths of a command name."""

from __future__ import annotations

import codecs
import errno
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tapes import interaction

import cassette_kit as ck
from cassette_kit.cli import COMMANDS, main
from cassette_kit.cli.files import cassettes
from cassette_kit.store.part import entry, heading, part_path

FOREIGN = b"services:\n  web: {image: nginx}\n"


def cassette(path: Path) -> Path:
    ck.dump(ck.Cassette((interaction(),)), path)
    return path


def journal(path: Path) -> Path:
    """A recording of two calls that was not accepted."""
    one, two = interaction(b"1"), interaction(b"2")
    part = part_path(path)
    part.write_bytes(heading(path, None, replaces=True) + entry(one, 0) + entry(two, 1))
    return part


def test_files_and_folders(tmp_path: Path) -> None:
    """Folders are searched to the bottom, sorted; the order of the paths themselves is kept."""
    names = ("b.yaml", "a.yml", "deep/er/c.yaml", "z.yaml")
    b, a, c, z = (cassette(tmp_path / "folder" / name) for name in names)
    named = cassette(tmp_path / "named.txt")
    assert cassettes([named, tmp_path / "folder"]) == [named, a, b, c, z]
    assert cassettes([tmp_path / "folder", named]) == [a, b, c, z, named]


@pytest.mark.parametrize("above", [0, 2])
def test_a_file_in_conflict(above: int, tmp_path: Path) -> None:
    """A merge that was not resolved must not pass for a file of some other kind."""
    path = cassette(tmp_path / "a.yaml")
    lines = path.read_text().splitlines(keepends=True)
    side = lines[above : above + 3]
    marked = ["<<<<<<< HEAD\n", *side, "=======\n", *side, ">>>>>>> other\n"]
    path.write_text("".join([*lines[:above], *marked, *lines[above + 3 :]]))
    assert cassettes([tmp_path]) == [path]
    with pytest.raises(ck.CassetteFormatError, match=rf"line {above + 1}: a merge left a conflict"):
        ck.load(path)


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"git-setup", "rename"}))
def test_an_empty_name(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is not set would have this very folder scrubbed."""
    cassette(tmp_path / "a.yaml")
    monkeypatch.chdir(tmp_path)
    before = ["x"] if command == "grep" else ["a.yaml"] if command == "diff" else []
    result = CliRunner().invoke(main, [command, *before, ""])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "an empty name" in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]


def test_each_once(tmp_path: Path) -> None:
    """A file that is named, and lies in a folder that is named, is worked on once."""
    first, second = cassette(tmp_path / "a.yaml"), cassette(tmp_path / "b.yaml")
    assert cassettes([second, tmp_path, second]) == [second, first]


def test_what_lies_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Journals, locks, hidden folders, folders that are called like files, and pipes are no
    cassettes, and there is nothing to say about them."""
    path = cassette(tmp_path / "a.yaml")
    cassette(tmp_path / ".venv" / "b.yaml")
    (tmp_path / "a.yaml.part").write_bytes(path.read_bytes())
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert cassettes([tmp_path]) == [path]
    assert capsys.readouterr().err == ""


def test_other_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """YAML that is no cassette is passed over where a folder was named, and said so; a file that
    was named itself is what somebody means."""
    path = cassette(tmp_path / "a.yaml")
    other = tmp_path / "compose.yaml"
    other.write_bytes(FOREIGN)
    assert cassettes([tmp_path]) == [path]
    assert capsys.readouterr().err == f"{other}: not a cassette, passed over\n"
    assert cassettes([other]) == [other]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("data", [b"", b"---\n", b"---\nvers", b"---\nversion: 2\ninteractions:"])
def test_cut_off_early(tmp_path: Path, data: bytes) -> None:
    """A cassette that was cut off in its first lines is no other YAML: reading it must fail."""
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    assert cassettes([tmp_path]) == [path]


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without cassettes is no error, but may be the wrong one."""
    assert cassettes([tmp_path]) == []
    assert capsys.readouterr().err == f"{tmp_path}: no cassettes in there\n"


@pytest.mark.parametrize("command", ["show", "list", "grep x", "check", "scrub", "play"])
def test_nothing_there(tmp_path: Path, command: str) -> None:
    """A path that does not exist is told, and keeps no other back."""
    (word, *others), there = command.split(), cassette(tmp_path / "there.yaml")
    result = CliRunner().invoke(main, [word, *others, str(tmp_path / "x.yaml"), str(there)])
    assert result.exit_code == (2 if word == "grep" else 1)
    assert "x.yaml: no such cassette" in result.output
    assert re.search(r"there\.yaml|of 2 cassettes|2 cassettes checked", result.output)


@pytest.mark.parametrize("command", ["show", "list", "grep -l ''", "diff {0}"])
def test_a_journal_is_read(tmp_path: Path, command: str) -> None:
    """Who wonders whether to accept a recording sees all of it: each has a document of its own."""
    part = journal(tmp_path / "x.yaml")
    result = CliRunner().invoke(main, [*shlex.split(command.format(part)), str(part)])
    assert result.exit_code == 0
    assert ck.load(part) == ck.Cassette((interaction(b"1"), interaction(b"2")))
    assert re.search(r"2 interactions|x\.yaml\.part|2 same", result.output)


@pytest.mark.parametrize("command", ["scrub", "drop {0} 0", "keep {0} 0", "play"])
def test_a_journal_is_its_recorders(tmp_path: Path, command: str) -> None:
    """What would change it, or play it, refuses, and says what takes it over."""
    part = journal(tmp_path / "x.yaml")
    text = part.read_bytes()
    words = command.format(part).split()
    result = CliRunner().invoke(main, words if "{" in command else [*words, str(part)])
    assert result.exit_code == 1
    assert result.stderr.endswith(f"`cassette-kit accept {part}` takes it\n")
    assert part.read_bytes() == text


@pytest.mark.parametrize("command", ["check --fix", "scrub", "play"])
def test_a_journal_under_another_name(tmp_path: Path, command: str) -> None:
    """What a file is, is told by its content: through a link the recording itself would change."""
    part, link = journal(tmp_path / "x.yaml"), tmp_path / "link.yaml"
    link.symlink_to(part.name)
    text = part.read_bytes()
    assert CliRunner().invoke(main, [*command.split(), str(link)]).exit_code == 1
    assert part.read_bytes() == text
    with pytest.raises(ck.CassetteError, match="not accepted yet"):
        ck.use_cassette(link, mode="replay").__enter__()


def test_a_journal_that_an_editor_has_saved(tmp_path: Path) -> None:
    """A byte order mark hides none of its recordings, and git sees all of them."""
    part = journal(tmp_path / "x.yaml")
    part.write_bytes(codecs.BOM_UTF8 + part.read_bytes())
    assert len(ck.load(part).interactions) == 2
    assert CliRunner().invoke(main, ["textconv", str(part)]).stdout.count("POST ") == 2
    assert CliRunner().invoke(main, ["accept", str(tmp_path)]).exit_code == 0
    assert len(ck.load(tmp_path / "x.yaml").interactions) == 2


@pytest.mark.parametrize("command", ["check", "accept", "show"])
def test_a_file_with_no_name_but_its_suffix(tmp_path: Path, command: str) -> None:
    """A file called `.part` is missing like any other."""
    result = CliRunner().invoke(main, [command, str(tmp_path / ".part")])
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)


def test_the_cassette_of_a_journal_is_checked(tmp_path: Path) -> None:
    """To name a journal is to name what lies beside it."""
    part = journal(tmp_path / "x.yaml")
    result = CliRunner().invoke(main, ["check", str(part)])
    assert (result.exit_code, "left-over" in result.stdout) == (1, True)


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read is among the cassettes, so that whoever reads them says why: nothing is
    passed over in silence or keeps others back. (Root reads everything, hence the patches.)"""
    path = cassette(tmp_path / "closed" / "a.yaml")

    def refuse(name: object, *args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", os.fspath(name))  # type: ignore[call-overload]

    def refuse_closed(name: str) -> object:
        return refuse(name) if name == os.fspath(path.parent) else scandir(name)

    scandir, other, link = os.scandir, cassette(tmp_path / "b.yaml"), tmp_path / "link.yaml"
    link.symlink_to("nowhere.yaml")
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse_closed)
        assert cassettes([tmp_path]) == [other, path.parent, link]
    link.unlink()
    other.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        assert cassettes([tmp_path]) == [path]


def test_names_that_terminals_obey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The name of a file is data of a pull request, too."""
    (tmp_path / "\x1b[2J.yaml").write_bytes(FOREIGN)
    cassettes([tmp_path])
    assert "/\\u001b[2J.yaml: not a cassette" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "told"),
    [("&-", "output: it is closed"), ("/dev/full", f"output: {os.strerror(errno.ENOSPC)}")],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nowhere_to_print(target: str, told: str, unbuffered: str, tmp_path: Path) -> None:
    """A full disk, or no output at all, gave a traceback."""
    if target.startswith("/") and not os.path.exists(target):
        pytest.skip(f"there is no {target}")
    program = f"{sys.executable} -m cassette_kit show {cassette(tmp_path / 'a.yaml')} >{target}"
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        ["sh", "-c", program], capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (1, f"Error: {told}\n")

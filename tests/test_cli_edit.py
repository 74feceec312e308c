"""`cassette-kit drop`, `keep` and `rename`: what stays, stays to the byte."""

from __future__ import annotations

import errno
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cassette_files import SEEDS
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import interaction, written

import cassette_kit as ck
from cassette_kit.cli import main
from cassette_kit.pytest_plugin import paths
from cassette_kit.selection import selection
from cassette_kit.store.journal import Journal, part_path

if TYPE_CHECKING:
    from click.testing import Result

ENVIRON = {"PYTHONPATH": str(Path(ck.__file__).parents[1]), "PATH": os.environ["PATH"]}


def run(*arguments: object) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(name="tape")
def _tape(tmp_path: Path) -> Path:
    """429, 429, 200 from one host, then 200 from another."""
    return written(
        tmp_path,
        [
            interaction(b"0", code=429, status="429 Too Many Requests"),
            interaction(b"1", code=429, status=""),
            interaction(b"2"),
            interaction(b"3", url="https://Telemetry.example.com:8443/v1"),
        ],
    )


def bodies(path: Path) -> str:
    """The requests that a file holds, one character each."""
    return "".join(one.request.body.decode() for one in ck.load(path).interactions)


@pytest.mark.parametrize(
    ("meant", "chosen"),
    [
        (["0"], "0"),
        (["0,2-3"], "023"),
        (["1", "3"], "13"),
        (["0-0,0"], "0"),
        (["--status", "429"], "01"),
        (["--status", "4XX"], "01"),
        (["--status", "2xx", "--host", "api.example.com"], "2"),
        (["--host", "telemetry.example.com"], "3"),
        (["--host", "Telemetry.Example.com:8443"], "3"),
        (["--host", "https://telemetry.example.com:8443/v1"], "3"),
        (["--host", "api.example.com:443"], "012"),
        (["1-2", "--status", "429"], "1"),
        (["--status", "200", "--status", "429", "0-2"], "012"),
    ],
)
def test_what_is_meant(tape: Path, meant: list[str], chosen: str) -> None:
    """`drop` takes it out and `keep` takes out the rest; a dry run says so and writes nothing."""
    old = tape.read_bytes()
    dry = run("drop", "--dry-run", tape, *meant)
    assert (dry.exit_code, tape.read_bytes()) == (0, old)
    assert dry.stdout.startswith(f"{tape}: {len(chosen)} of 4 interactions would be dropped\n")
    assert run("drop", tape, *meant).exit_code == 0
    assert bodies(tape) == "".join(sorted(set("0123") - set(chosen)))
    tape.write_bytes(old)
    assert run("keep", tape, *meant).exit_code == 0
    assert bodies(tape) == chosen


def test_what_it_says(tape: Path) -> None:
    """What goes is named as it stood, with its status if the file has its text."""
    assert run("drop", tape, "0-1").stdout == (
        f"{tape}: 2 of 4 interactions dropped\n"
        "  #0 POST https://api.example.com/v1/chat 429 Too Many Requests\n"
        "  #1 POST https://api.example.com/v1/chat 429\n"
    )


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_the_rest_stays_to_the_byte(seed: Path, tmp_path: Path) -> None:
    """Of a real file, formatted by hand or not, only the number of what stays changes."""
    path = tmp_path / "x.yaml"
    text = seed.read_text()
    head, *parts = re.split(r"(?m)^(?= *- id: \d+$)", text)
    path.write_text(text)
    assert len(parts) > 1
    assert run("drop", path, "0").exit_code == 0
    left = [
        re.sub(r"id: \d+", f"id: {number}", part, count=1) for number, part in enumerate(parts[1:])
    ]
    assert path.read_text() == head + "".join(left)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["4"], 1, "no interaction #4; the last one is #3"),
        (["0-999999999"], 1, "no interaction #999999999; the last one is #3"),
        (
            ["--status", "500"],
            1,
            "no interaction has status 500; there is 429 from api.example.com, "
            "200 from api.example.com, 200 from telemetry.example.com\n",
        ),
        (
            ["0", "2-3", "--host", "a.b:80", "--host", "[::1]", "--status", "5xx"],
            1,
            "no interaction has number 0 or 2-3 and host a.b:80 or [::1] and status 5xx; there is",
        ),
        (["--host", "telemetry.example.com:443"], 1, "200 from telemetry.example.com:8443\n"),
        (["--host", "a:b"], 2, "'a:b' is no host"),
        (["--host", "[::1"], 2, "'[::1' is no host"),
        (["--host", ""], 2, "'' is no host"),
        (["0-3"], 1, "nothing would be left; remove the file instead"),
        ([], 2, "no interactions were named"),
        (["one"], 2, "'one' is no number of an interaction"),
        (["3-1"], 2, "'3-1' ends before it begins"),
        (["--status", "9"], 2, "'9' is no status"),
    ],
)
def test_what_cannot_be_dropped(tape: Path, arguments: list[str], code: int, said: str) -> None:
    """A number that is not there is more likely a mistake than a wish; nothing changes."""
    old = tape.read_bytes()
    result = run("drop", tape, *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert tape.read_bytes() == old


def test_files_that_cannot_be_edited(tape: Path, tmp_path: Path) -> None:
    """One that is recorded, none, an empty one, and one that is no cassette."""
    journal = Journal(tape, replaces=False)
    assert "somebody is recording or changing this file just now" in run("drop", tape, "0").stderr
    journal.release()
    assert run("keep", tmp_path / "no.yaml", "0").stderr.endswith("no.yaml: no such cassette\n")
    empty, broken = tmp_path / "empty.yaml", tmp_path / "broken.yaml"
    empty.write_bytes(ck.dumps(ck.Cassette()))
    broken.write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n")
    assert "no interaction #0; there are none" in run("drop", empty, "0").stderr
    result = run("drop", broken, "0")
    assert (result.exit_code, result.stderr.count("line 4: ")) == (1, 1)


def test_a_url_that_is_none(tmp_path: Path) -> None:
    """A host that cannot be told is no host, and what is printed of it is harmless."""
    path = written(tmp_path, [interaction(url="http://[\x1b[2J"), interaction(b"1")])
    assert run("keep", "--host", "api.example.com", path).exit_code == 0
    assert bodies(path) == "1"


def test_hosts_as_urls_have_them(tmp_path: Path) -> None:
    """An address is found with its port, without it, and if it is of version 6."""
    path = written(
        tmp_path,
        [
            interaction(b"0", url="http://127.0.0.1:8765/v1"),
            interaction(b"1", url="http://[::1]:8765/v1"),
            interaction(b"2", url="no url"),
        ],
    )
    for host, number in (("127.0.0.1:8765", 0), ("[::1]:8765", 1), ("::1", 1)):
        assert f"  #{number} POST" in run("drop", "--dry-run", "--host", host, path).stdout
    result = run("drop", "--host", "127.0.0.1:80", path)
    assert result.stderr.endswith(
        "there is 200 from 127.0.0.1:8765, 200 from [::1]:8765, 200 from no host\n"
    )


def test_an_error_that_stays_short(tmp_path: Path) -> None:
    """Of a file with many hosts some are named, and how many more there are."""
    urls = (f"https://{number}.example.com" for number in range(20))
    path = written(tmp_path, [interaction(url=url) for url in urls])
    assert run("drop", "--status", "404", path).stderr.endswith("7.example.com and 12 more\n")


NUMBERS = st.integers(0, 11)


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted), min_size=1))
def test_ranges(ranges: list[list[int]]) -> None:
    """Both ends of every range count, however ranges overlap."""
    text = ",".join(f"{first}-{last}" if first < last else f"{first}" for first, last in ranges)
    cassette = ck.Cassette(tuple(interaction(b"%d" % number) for number in range(12)))
    assert selection([text]).of(cassette, origin="x") == {
        number for first, last in ranges for number in range(first, last + 1)
    }


# --- rename ---------------------------------------------------------------------------------------


def test_rename(tape: Path, tmp_path: Path) -> None:
    """File and journal move to a folder that is made for them; an empty folder is not left."""
    old, new = tmp_path / "a" / "old.yaml", tmp_path / "b" / "c" / "new.yaml"
    old.parent.mkdir()
    tape.rename(old)
    journal = Journal(old, replaces=False)
    journal.append(interaction(b"4"), 0, lambda text: None)
    journal.release()
    data = old.read_bytes()
    dry = run("rename", "--dry-run", old, new)
    assert dry.stdout.splitlines() == [
        f"{old} would become {new}",
        f"{old}.part would become {new}.part",
    ]
    assert not new.parent.parent.exists()
    result = run("rename", old, new)
    assert result.stdout.splitlines() == [f"{old} is now {new}", f"{old}.part is now {new}.part"]
    assert new.read_bytes() == data
    assert sorted(file.name for file in new.parent.iterdir()) == ["new.yaml", "new.yaml.part"]
    assert not old.parent.exists()
    title, *_ = part_path(new).read_text().splitlines()
    assert title.endswith("that: new.yaml")
    assert run("accept", new).exit_code == 0
    assert bodies(new) == "01234"


def test_rename_of_a_journal_alone(tmp_path: Path) -> None:
    """The first recording of a test that failed has no file yet."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    journal = Journal(old, replaces=False)
    journal.append(interaction(b"0"), 0, lambda text: None)
    journal.release()
    assert run("rename", old, new).exit_code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["new.yaml.part"]


def test_what_is_not_renamed(tape: Path, tmp_path: Path) -> None:
    """Nothing is overwritten, not even a journal alone; a file that is not there is told with those
    beside it; links and files under recording stay."""
    new, link = tmp_path / "new.yaml", tmp_path / "link.yaml"
    old = tape.read_bytes()
    part_path(new).write_bytes(b"")
    link.symlink_to(tape.name)
    missing = run("rename", tmp_path / "tapes.yaml", new)
    assert "tapes.yaml: no such cassette; there are " in missing.stderr
    assert "tape.yaml" in missing.stderr
    for result in (
        run("rename", tape, new),
        run("rename", tape, tape),
        run("rename", link, tmp_path / "x.yaml"),
        run("rename", tape, tape / "z.yaml"),
    ):
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
    journal = Journal(tape, replaces=False)
    assert "somebody is recording" in run("rename", tape, tmp_path / "x.yaml").stderr
    journal.release()
    assert tape.read_bytes() == old
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "link.yaml",
        "new.yaml.part",
        "tape.yaml",
    ]


def test_what_is_no_cassette_is_not_renamed(tape: Path, tmp_path: Path) -> None:
    """A server would become a cassette, and a cassette a file that nothing finds."""
    server, other = tmp_path / "server.yaml", tmp_path / "x.yaml"
    server.write_text("services: {}\n")
    for name in (tmp_path / "x", "", tmp_path / "test_x.py", tmp_path / "test_x.py::"):
        assert run("rename", tape, name).exit_code == 2
    assert run("rename", tmp_path, other).exit_code == 2
    assert run("rename", server, other).stderr == f"Error: {server}: not a cassette\n"
    assert {file.name for file in tmp_path.iterdir()} == {tape.name, server.name}


def test_rename_of_a_module(tape: Path, tmp_path: Path) -> None:
    """All cassettes of a module go with it, those that no test had accepted yet, too; its source
    is somebody else's to move."""
    module, renamed = tmp_path / "test_chat.py", tmp_path / "test_agent.py"
    old, new = (tmp_path / "cassettes" / name for name in ("test_chat", "test_agent"))
    module.touch()
    old.mkdir(parents=True)
    for name in ("test_a.yaml", "TestB.test_c[x].yaml"):
        (old / name).write_bytes(tape.read_bytes())
    journal = Journal(old / "test_d.yaml", replaces=False)
    journal.append(interaction(b"0"), 0, lambda text: None)
    journal.release()
    before = {file.name for file in old.iterdir()}
    assert len(run("rename", "--dry-run", module, renamed).stdout.splitlines()) == 3
    assert {file.name for file in old.iterdir()} == before
    result = run("rename", module, renamed)
    assert result.exit_code == 0
    assert f"{old}/test_a.yaml is now {new}/test_a.yaml\n" in result.stdout
    assert {file.name for file in new.iterdir()} == before
    assert not old.exists()
    assert module.exists()
    assert not renamed.exists()


def test_a_module_that_cannot_be_renamed(tape: Path, tmp_path: Path) -> None:
    """One name that is taken keeps all others back: half a module would be found by no test."""
    module, other = tmp_path / "test_a.py", tmp_path / "test_b.py"
    assert "test_a: no such folder" in run("rename", module, other).stderr
    assert run("rename", module, tmp_path / "x.yaml").exit_code == 2
    for name in ("test_a/test_x.yaml", "test_a/test_y.yaml", "test_b/test_y.yaml"):
        path = tmp_path / "cassettes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tape.read_bytes())
    result = run("rename", module, other)
    assert result.exit_code == 1
    assert "test_b/test_y.yaml: is there already; nothing was renamed" in result.stderr
    assert (tmp_path / "cassettes" / "test_a" / "test_x.yaml").exists()


def test_the_closest_names_come_first(tape: Path, tmp_path: Path) -> None:
    """A slip is found at a glance, in a folder of hundreds, too."""
    for name in ("a.yaml", "b.yaml", "c.yaml", "d.yaml", "tapes.yaml", "notes.txt"):
        (tmp_path / name).touch()
    stderr = run("rename", tmp_path / "tapess.yaml", tmp_path / "x.yaml").stderr
    others = stderr.partition("there are ")[2].strip()
    assert [Path(name).name for name in others.split(", ")[:2]] == ["tapes.yaml", "tape.yaml"]
    assert others.endswith(" and 1 more")


def test_a_disk_that_refuses(tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays, and so does nothing else."""

    def refused(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "rename", refused)
    result = run("rename", tape, tape.parent / "new" / "x.yaml")
    assert result.exit_code == 1
    assert result.stderr.endswith(f"x.yaml: {os.strerror(errno.EXDEV)}\n")
    assert list(tape.parent.iterdir()) == [tape]


@pytest.mark.parametrize("folder", [None, "tapes"])
@pytest.mark.parametrize("test", ["test_b", "TestB::test_b[x-1]", "test_b[a::b/c]"])
def test_rename_of_a_test(folder: str | None, test: str, tmp_path: Path) -> None:
    """A test's file goes where the plugin looks for that of the renamed test."""
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.cassette_kit]\ncassette_dir = "{folder}"\n' if folder else "[project]\n"
    )
    (tmp_path / "tests").mkdir()
    base = tmp_path / (folder or "tests/cassettes")
    old = paths.with_suffix(base / paths.cassette_name("test_a", "test_a"))
    ck.dump(ck.Cassette((interaction(b"7"),)), old)
    command = ["rename", "tests/test_a.py::test_a", f"tests/test_b.py::{test}"]
    done = subprocess.run(
        [sys.executable, "-m", "cassette_kit", *command],
        cwd=tmp_path,
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = {"test_b": "test_b", "TestB::test_b[x-1]": "TestB.test_b[x-1]"}
    name = names.get(test, "test_b[a::b/c]")
    assert bodies(paths.with_suffix(base / paths.cassette_name("test_b", name))) == "7"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A wrong `cassette_dir` is told."""
    (tmp_path / "pyproject.toml").write_text("[tool.cassette_kit]\ncassette_dir = 3\n")
    program = [sys.executable, "-m", "cassette_kit", "rename", "a.py::a", "a.py::b"]
    done = subprocess.run(
        program, cwd=tmp_path, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "Error: [tool.cassette_kit]: cassette_dir=3, expected a path\n"


# --- the page -------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[1] / "docs"
SESSION = re.compile(r"^```console\n\$ cassette-kit (.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@pytest.mark.parametrize("session", SESSION.findall((DOCS / "repair.md").read_text()))
def test_the_page(session: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command that docs/repair.md shows prints what stands below it."""
    command, expected = session
    monkeypatch.chdir(DOCS)
    assert run(*shlex.split(command)).stdout == expected

"""`cassette-kit list`: the cassettes of a folder, for people and for programs."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from repositories import git, repository
from tapes import interaction
from terminals import on_a_pipe, on_a_terminal

import cassette_kit as ck
from cassette_kit import quantities
from cassette_kit.cli import facts, main
from cassette_kit.pytest_plugin.paths import safe_name

if TYPE_CHECKING:
    from click.testing import Result

CHAT = "https://api.openai.com/v1/chat/completions"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["list", *map(str, arguments)])


def asked(model: str, url: str = CHAT, *, ago: timedelta | None = None) -> ck.Interaction:
    """A chat with a model, answered so long ago."""
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    date = () if ago is None else (("Date", format_datetime(datetime.now(UTC) - ago, usegmt=True)),)
    headers = ck.Headers([("Content-Type", "application/json"), *date])
    return interaction(json.dumps(body).encode(), b"{}", url=url, headers=headers)


def cassette(path: Path, *interactions: ck.Interaction) -> Path:
    ck.dump(ck.Cassette(interactions), path)
    return path


def test_a_table(tmp_path: Path) -> None:
    """One line a file: size, interactions, models and hosts without repetition, age, test."""
    cassette(
        tmp_path / "cassettes" / "test_chat" / "test_hi.yaml",
        asked("m-2", ago=timedelta(days=3, hours=1)),
        asked("m-1", "http://127.0.0.1:11434/v1/chat/completions", ago=timedelta(hours=1)),
        asked("m-2"),
    )
    cassette(tmp_path / "cassettes" / "short.yaml", asked("m-1", ago=timedelta(days=800)))
    (tmp_path / "test_chat.py").write_text("def test_hi(): pass\n")
    result = run(tmp_path)
    head, short, hi = (line.split("  ") for line in result.stdout.splitlines())
    assert [cell.strip() for cell in head if cell] == [
        "cassette",
        "size",
        "interactions",
        "models",
        "hosts",
        "age",
        "test",
    ]
    assert [cell.strip() for cell in short if cell][2:] == [
        "1",
        "m-1",
        "api.openai.com",
        "2 years",
    ]
    assert [cell.strip() for cell in hi if cell][2:] == [
        "3",
        "m-1, m-2",
        "127.0.0.1, api.openai.com",
        "3 days",
        f"{tmp_path}/test_chat.py::test_hi",
    ]


def test_json(tmp_path: Path) -> None:
    """The same for programs: bytes as numbers, the date of the oldest response, lists as such."""
    ago = timedelta(days=40)
    path = cassette(tmp_path / "a.yaml", asked("m"), asked("m", ago=ago))
    (told,) = json.loads(run("--json", tmp_path).stdout)
    recorded = datetime.fromisoformat(told.pop("recorded"))
    assert timedelta() <= datetime.now(UTC) - ago - recorded < timedelta(minutes=1)
    assert told == {
        "file": str(path),
        "bytes": path.stat().st_size,
        "interactions": 2,
        "models": ["m"],
        "hosts": ["api.openai.com"],
        "is_dated": True,
        "test": "",
    }


@pytest.mark.parametrize("date", ["", "soon", "Mon, 99 Jan 2026 00:00:00 GMT", "\x00", "-1"])
def test_no_date(tmp_path: Path, date: str) -> None:
    """Without a date that can be read, the age is that of the file, where git does not know it."""
    headers = ck.Headers([("Content-Type", "application/json"), ("Date", date)])
    path = cassette(tmp_path / "a.yaml", interaction(headers=headers))
    os.utime(path, (0, 86400))
    (told,) = json.loads(run("--json", path).stdout)
    assert (told["recorded"], told["is_dated"]) == ("1970-01-02T00:00:00+00:00", False)


def test_dates_of_commits(tmp_path: Path) -> None:
    """After a clone every file is new, and git knows better; what it does not know is as old as
    the file, and a Date header counts more than either."""
    folder = repository(tmp_path / "repository")
    dated = cassette(folder / "dated.yaml", asked("m", ago=timedelta(days=3)))
    git(folder, "add", dated.name)
    git(folder, "commit", "-m", "3")
    told = {Path(one["file"]).name: one for one in json.loads(run("--json", folder).stdout)}
    days = {name: one["recorded"][:10] for name, one in told.items()}
    assert days["a b.yaml"] == "2020-01-02"
    assert days["changed.yaml"] == "2025-06-01"
    assert days["new.yaml"] == f"{datetime.now(UTC):%Y-%m-%d}"
    assert days["dated.yaml"] == f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    assert [name for name, one in told.items() if one["is_dated"]] == ["dated.yaml"]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (-1, "today"),
        (0.9, "today"),
        (1, "1 day"),
        (59, "59 days"),
        (60, "2 months"),
        (729, "24 months"),
        (730, "2 years"),
        (4000, "10 years"),
    ],
)
def test_age(days: float, told: str) -> None:
    """In the largest unit of which two have passed; a clock that was wrong is no error."""
    assert facts.age(timedelta(days=days)) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (33_100_000, "33.1 MB")],
)
def test_size(count: int, told: str) -> None:
    """In SI units, as the sizes of files are given in."""
    assert quantities.size(count) == told


@pytest.mark.parametrize(
    ("ms", "told"), [(0.2, "0 ms"), (389.4, "389 ms"), (1968, "1.97 s"), (65_200, "65.2 s")]
)
def test_duration(ms: float, told: str) -> None:
    """Milliseconds below a second, seconds above."""
    assert quantities.duration(ms) == told


MODULE = r"""
def test_a(): return "\d"

class TestA(Base):
    async def test_b(self): pass
    class TestB:
        def test_c(self): pass

raise SystemExit  # it is read, not imported
"""


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("test_a", "test_a"),
        ("TestA.test_b", "TestA::test_b"),
        ("TestA.TestB.test_c[1.5-x]", "TestA::TestB::test_c[1.5-x]"),
        (safe_name("test_a[x/y]"), None),
    ],
)
def test_whose(tmp_path: Path, name: str, test: str | None) -> None:
    """The default name tells the test; one that had to be changed for the file system does not."""
    (tmp_path / "test_m.py").write_text(MODULE)
    path = tmp_path / "cassettes" / "test_m" / f"{name}.yaml"
    assert facts.test(path) == (f"{tmp_path}/test_m.py::{test}" if test else "")
    assert facts.test(tmp_path / "cassettes" / "test_gone" / f"{name}.yaml") == ""
    assert facts.test(Path("/x.yaml")) == ""


@pytest.mark.parametrize("name", ["test_gone", "TestGone.test_b", "TestA.test_gone", "a", "[x]"])
def test_tests_that_are_not_there(tmp_path: Path, name: str) -> None:
    """A cassette whose test was renamed or removed, or that never was a test's, names none."""
    (tmp_path / "test_m.py").write_text(MODULE)
    assert facts.test(tmp_path / "cassettes" / "test_m" / f"{name}.yaml") == ""


@pytest.mark.parametrize("source", [b"def test_a(:", b"\0", b"\xff", b"(" * 9_000, b"-" * 99_999])
def test_modules_that_cannot_be_read(tmp_path: Path, source: bytes) -> None:
    """What is no Python, or too deep to be read, has no tests, and the list is there."""
    (tmp_path / "test_m.py").write_bytes(source)
    assert facts.test(tmp_path / "cassettes" / "test_m" / "test_a.yaml") == ""


def test_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path it is this folder that is listed."""
    cassette(tmp_path / "a.yaml", asked("m"))
    monkeypatch.chdir(tmp_path)
    assert run().stdout.splitlines()[1].startswith("a.yaml ")


def test_no_urls(tmp_path: Path) -> None:
    """A URL without a host, or that is none, stands for itself."""
    path = cassette(tmp_path / "a.yaml", interaction(url="/v1"), interaction(url="http://[x"))
    (told,) = json.loads(run("--json", path).stdout)
    assert told["hosts"] == ["/v1", "http://[x"]


def test_nothing(tmp_path: Path) -> None:
    """No cassettes, no table; programs get an empty list."""
    assert run(tmp_path).stdout == ""
    result = run("--json", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "[]\n")


def test_one_that_cannot_be_read(tmp_path: Path) -> None:
    """A broken file is told with its line, and ends in code 1; the others are listed."""
    (tmp_path / "a.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n  request: 7\n")
    cassette(tmp_path / "b.yaml", asked("m"))
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/a.yaml, line 5: ")
    assert f"{tmp_path}/b.yaml" in result.stdout


def test_what_terminals_obey(tmp_path: Path) -> None:
    """Names of files, models and hosts are data of a pull request."""
    evil = "\x1b[2J\u202e"
    cassette(tmp_path / "a\x1b[2J.yaml", asked(evil, f"https://{evil}/"))
    for result in (run(tmp_path), run("--json", tmp_path)):
        assert result.exit_code == 0
        assert not {"\x1b", "\u202e"} & set(result.output)
        assert "a\\u001b[2J.yaml" in result.stdout


def test_pipes_and_terminals(tmp_path: Path) -> None:
    """A pipe gets one line a file, whatever its width; a narrow terminal whole names, and below
    them what else there is."""
    path = cassette(tmp_path / f"{'long' * 10}.yaml", asked("m" * 40))
    assert len(on_a_pipe("list", path, COLUMNS="20").stdout.splitlines()) == 2
    narrow = on_a_terminal(len(str(path)), "list", path, NO_COLOR="1")
    assert f"{path}\x1b[0m\n  size " in narrow
    wide = on_a_terminal(500, "list", path, NO_COLOR="1")
    assert wide.splitlines()[1].startswith(f"{path}  ")


def test_names_of_two_columns_a_character(tmp_path: Path) -> None:
    """A table is as wide as it looks, so that Chinese names are not folded by the terminal."""
    path = cassette(tmp_path / f"{'長' * 40}.yaml", asked("m"))
    wide = len(on_a_pipe("list", path).stdout.splitlines()[1])
    assert "\n  size " in on_a_terminal(wide + 10, "list", path, NO_COLOR="1")
    assert "\n  size " not in on_a_terminal(wide + 40, "list", path, NO_COLOR="1")


def test_progress(tmp_path: Path) -> None:
    """A terminal sees that something goes on, and a pipe does not."""
    for name in "ab":
        cassette(tmp_path / f"{name}.yaml", asked("m"))
    assert "Reading" in on_a_terminal(80, "list", tmp_path)
    assert on_a_pipe("list", tmp_path).stderr == ""

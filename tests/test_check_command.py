"""`cassette-kit check`: what it prints, its exit codes, its options, and git."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from repositories import repository as committed
from repositories import taped
from tapes import interaction
from terminals import on_a_terminal

import cassette_kit as ck
from cassette_kit.checks import CHECKS
from cassette_kit.cli import main
from cassette_kit.cli.history import last_commits
from cassette_kit.store.journal import Journal

if TYPE_CHECKING:
    from click.testing import Result

TESTS = Path(__file__).parent
ROOT = TESTS.parent
GOLDEN = TESTS / "golden" / "check"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def codes(result: Result) -> list[str]:
    """The codes of a report in JSON."""
    return [finding["code"] for finding in json.loads(result.stdout)["findings"]]


def program(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, where no pytest states its settings."""
    return subprocess.run(
        [sys.executable, "-m", "cassette_kit", "check", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("form", "golden"),
    [("text", "report.txt"), ("json", "report.json"), ("github", "annotations.txt")],
)
def test_each_report(form: str, golden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people, programs and GitHub get for every file of tests/broken."""
    monkeypatch.chdir(TESTS)
    result = run("broken", "--format", form)
    assert result.exit_code == 1
    assert result.stdout == (GOLDEN / golden).read_text()


@pytest.mark.parametrize("defect", sorted((TESTS / "broken").glob("not-canonical-*")), ids=str)
def test_the_command_that_rewrites(defect: Path, tmp_path: Path) -> None:
    """The finding's command does what it says, pasted into a shell, whatever the file's name is."""
    path = tmp_path / "it's; a $(file).yaml"
    shutil.copy(defect, path)
    (finding,) = json.loads(run(path, "--format", "json").stdout)["findings"]
    _, command, _ = finding["message"].split("`")
    name, *arguments = shlex.split(command)
    result = CliRunner().invoke(main, arguments)
    assert name == "cassette-kit"
    if "take its comments out, then" in finding["message"]:
        assert "its comments would be lost" in result.stderr
    else:
        assert (result.exit_code, run(path).exit_code) == (0, 0)


def test_commands_on_a_narrow_terminal() -> None:
    """A command is one line however long it is, so that it can be copied; prose is wrapped."""
    printed = on_a_terminal(40, "check", *(TESTS / "broken").glob("secret-in-body.yaml"))
    assert re.search("`cassette-kit scrub --redact '[^\n]*' [^\n]*secret-in-body.yaml`", printed)
    printed = on_a_terminal(40, "check", *(TESTS / "broken").glob("error-status-429.yaml"))
    assert "or\n    ignore this code for tests of errors\n" in printed


def test_nothing_found(tmp_path: Path) -> None:
    """A sound folder is code 0."""
    for name in ("a.yaml", "b.yml"):
        taped(tmp_path / name)
    result = run(tmp_path)
    assert (result.exit_code, result.stdout) == (0, "2 cassettes checked, nothing found\n")
    assert (result.stderr, run(tmp_path / "a.yaml").exit_code) == ("", 0)


def test_wrong_calls(tmp_path: Path) -> None:
    """They are code 2, and say what there is."""
    path = taped(tmp_path / "x.yaml")
    for arguments in ((), (path, "--format", "xml"), (path, "--max-age", "3 weeks")):
        assert run(*arguments).exit_code == 2
    for option in ("--select", "--ignore"):
        result = run(path, option, "secrets")
        assert result.exit_code == 2
        assert f"'secrets' is no code; there are {', '.join(CHECKS)}." in result.stderr
    assert run(path, "--ignore", "*.yaml:").exit_code == 2
    assert run(path, "--ignore", ":secret").exit_code == 2  # of a variable that is not set


def test_options(tmp_path: Path) -> None:
    """Codes are selected, and accepted for all files or for some."""
    (tmp_path / "errors").mkdir()
    sound, wrong = taped(tmp_path / "a.yaml"), taped(tmp_path / "errors" / "b.yaml", code=500)
    assert codes(run(tmp_path, "--format", "json")) == ["error-status"]
    assert run(tmp_path, "--select", "secret", "--select", "duplicate").exit_code == 0
    assert run(tmp_path, "--ignore", "error-status").exit_code == 0
    assert run(tmp_path, "--ignore", "*/errors/*:error-status").exit_code == 0
    assert run(sound, wrong, "--ignore", "*/a.yaml:error-status").exit_code == 1


def test_journals(tmp_path: Path) -> None:
    """One beside a cassette, and one whose cassette never came to be; others' .part files are
    theirs."""
    for name in ("a.yaml", "b.yaml"):
        journal = Journal(tmp_path / name, replaces=False)
        journal.append(interaction(), 0, lambda text: None)
        journal.release()
    taped(tmp_path / "a.yaml")
    (tmp_path / "film.part").write_bytes(b"half of it")
    result = run(tmp_path, "--format", "json")
    assert codes(result) == ["left-over", "left-over"]
    assert codes(run(tmp_path / "a.yaml", "--format", "json")) == ["left-over"]


@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize("has_file", [True, False])
def test_secrets_in_journals(tmp_path: Path, *, has_file: bool, is_whole: bool) -> None:
    """A recording that nobody accepted may be committed as well: it is searched for keys and for
    the credentials that it carries, and named itself; one that was spoilt is searched for keys."""
    key = "sk-proj-9fJ2kQz7XvB4nM8wLr5TcY1hGd6PsA3eUoKi0ZbN"
    path = tmp_path / "a.yaml"
    if has_file:
        taped(path)
    journal = Journal(path, replaces=False)
    cookie = ck.Headers({"Content-Type": "application/json", "Set-Cookie": "sid=Zq81-Kx9Lm4Tw7"})
    journal.append(interaction(headers=cookie), 0, lambda text: None)
    journal.append(interaction(answer=b'{"key":"%s"}' % key.encode()), 1, lambda text: None)
    journal.release()
    part = tmp_path / "a.yaml.part"
    if not is_whole:
        part.write_bytes(
            part.read_bytes().replace(b"# replaces", b"# ").replace(b"# appends", b"#")
        )
    lines = part.read_text().splitlines()
    printed = run(tmp_path, "--select", "secret", "--format", "json").stdout
    findings = json.loads(printed)["findings"]
    told = [(one["file"], lines[one["line"] - 1].strip()) for one in findings]
    cookies = [(str(part), "- sid=Zq81-Kx9Lm4Tw7")] if is_whole else []
    assert told == [*cookies, (str(part), f'body: \'{{"key":"{key}"}}\'')]
    assert all("edit it out, or remove the file" in one["message"] for one in findings)
    assert run(tmp_path, "--select", "secret", "--ignore", "*.part:secret").exit_code == 0
    assert run(tmp_path, "--select", "truncated").exit_code == 0


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder in a file's place, one that is missing, one of another tool."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "har.yaml").write_bytes(b'{"log": {}}\n')
    result = run(tmp_path / "har.yaml")
    assert (result.exit_code, "HAR file" in result.stdout) == (1, True)
    result = run(tmp_path / "none.yaml")
    assert (result.exit_code, "none.yaml: no such cassette\n" in result.stdout) == (1, True)


def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there and cannot be read is a finding, and the others are checked."""
    bad, wrong = taped(tmp_path / "a.yaml"), taped(tmp_path / "b.yaml", code=500)
    read = Path.read_bytes

    def failing(path: Path) -> bytes:
        if path == bad:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", failing)
    result = run(bad, wrong, "--format", "json")
    assert codes(result) == ["unreadable", "error-status"]
    assert "cannot be read: Permission denied" in result.stdout


def test_a_hostile_name(tmp_path: Path) -> None:
    """A file's name is a stranger's too; no report prints its control characters."""
    path = tmp_path / "a\x1b[31m,b:\n\u202e\udce9.yaml"
    taped(path, code=500)
    for form in ("text", "github", "json"):
        printed = run(tmp_path, "--format", form).stdout
        assert "error-status" in printed
        assert printed.replace("\n", "").isprintable()


def test_as_a_program(tmp_path: Path) -> None:
    """Whatever the encoding of the terminal: the report is printed, without a traceback."""
    path = taped(tmp_path / "é\u4e2d.yaml", code=500)
    done = program(tmp_path, path.name, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "\\xe9\\u4e2d.yaml\n" in done.stdout


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Path:
    return committed(tmp_path / "repository")


def test_last_commits(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last commit that changed each file, from whatever folder it is asked."""
    files = sorted(repository.rglob("*.yaml"))
    days = {file.name: f"{time:%Y-%m-%d}" for file, time in last_commits(files).items()}
    assert days == {
        "a b.yaml": "2020-01-02",
        "changed.yaml": "2025-06-01",
        "\x01\u202e.yaml": "2020-01-02",
    }
    monkeypatch.chdir(repository / "deep")
    (time,) = last_commits([Path("a b.yaml")]).values()
    assert time == datetime(2020, 1, 2, 12, tzinfo=UTC)
    (time,) = last_commits([Path("../changed.yaml")]).values()
    assert time.year == 2025


def test_age_by_commits(repository: Path) -> None:
    """A file whose responses have no date is as old as its last commit."""
    result = run(repository, "--max-age", "1d", "--format", "json")
    found = json.loads(result.stdout)["findings"]
    assert [Path(one["file"]).name for one in found] == [
        "\x01\u202e.yaml",
        "changed.yaml",
        "a b.yaml",
    ]
    assert {(one["code"], one["line"], one["interaction"]) for one in found} == {("stale", 1, None)}
    assert "2025-06-01" in found[1]["message"]
    assert run(repository, "--max-age", "20000d").exit_code == 0


def test_age_without_git(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository, or no git: nothing is said, and nothing fails."""
    plain = tmp_path / "plain"
    plain.mkdir()
    taped(plain / "x.yaml")
    assert run(plain, "--max-age", "1d").exit_code == 0
    assert last_commits([]) == {}
    monkeypatch.setenv("PATH", str(plain))
    assert run(repository, "--max-age", "1d").exit_code == 0


def test_age_by_date(tmp_path: Path) -> None:
    """Ninety days from now, told by the response itself."""
    for days, expected in ((89, 0), (91, 1)):
        date = datetime.now(UTC) - timedelta(days=days)
        headers = {"Content-Type": "application/json", "Date": f"{date:%a, %d %b %Y %H:%M:%S} GMT"}
        path = taped(tmp_path / f"{days}.yaml", headers=ck.Headers(headers))
        assert run(path, "--max-age", "90d").exit_code == expected


HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def test_hooks_run(tmp_path: Path) -> None:
    """What pre-commit calls with the names of changed files: one finds, the other mends."""
    (tmp_path / "cassettes").mkdir()
    path = tmp_path / "cassettes" / "x.yaml"
    shutil.copy(TESTS / "broken" / "not-canonical-quotes.yaml", path)
    for hook, expected in (
        ("cassette-kit-check", 1),
        ("cassette-kit-fix", 0),
        ("cassette-kit-check", 0),
    ):
        program, command, *arguments = HOOKS[hook]["entry"].split()
        assert (program, command) == ("cassette-kit", "check")
        assert run(*arguments, path).exit_code == expected


@pytest.mark.parametrize("hook", HOOKS)
def test_hooks_are_given_cassettes(hook: str) -> None:
    """The files of a folder `cassettes`, wherever it is, and no others."""
    pattern = re.compile(HOOKS[hook]["files"])
    assert HOOKS[hook]["types"] == ["yaml"]
    for name in ("cassettes/x.yaml", "tests/cassettes/test_chat/test_hello.yaml"):
        assert pattern.search(name)
    for name in ("x.yaml", "tests/mycassettes/x.yaml", "tests/cassettes.yaml"):
        assert not pattern.search(name)


def test_the_manifest() -> None:
    """pre-commit itself takes it."""
    client = pytest.importorskip("pre_commit.clientlib")
    assert [hook["id"] for hook in client.load_manifest(ROOT / ".pre-commit-hooks.yaml")] == list(
        HOOKS
    )


PAGE = (ROOT / "docs" / "check.md").read_text()
SESSION = re.compile(r"^```console\n\$ cassette-kit check (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
SAID = re.compile(r"^```text\n((?:.*\n)*?)```$", re.MULTILINE)


def test_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/check.md shows is what is printed, and it explains every code."""
    monkeypatch.chdir(ROOT / "docs")
    sessions = SESSION.findall(PAGE)
    assert [run(*command.split()).stdout for command, _ in sessions] == [out for _, out in sessions]
    for said in SAID.findall(PAGE):
        assert said in (GOLDEN / "report.txt").read_text()
    assert re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", PAGE, re.MULTILINE) == [
        (code, row.severity) for code, row in CHECKS.items()
    ]

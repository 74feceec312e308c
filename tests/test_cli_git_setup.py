"""`cassette-kit git-setup`, and what real git then shows of cassettes."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tapes import interaction

import cassette_kit as ck
from cassette_kit.cli import main

LINE = "**/cassettes/**/*.yaml diff=cassette"
NAME = "tests/cassettes/Zürich und Łódź/a test.yaml"
ROOT = Path(__file__).parents[1]
GIT_PAGE = ROOT / "docs" / "git.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, so that no setting of this machine's user is read or written."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(home)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = T\n\temail = t@example.com\n"
        "[init]\n\tdefaultBranch = main\n[core]\n\tquotePath = false\n"
    )
    return home


@pytest.fixture
def repository(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one cassette in it."""
    top = tmp_path / "re po"
    top.mkdir()
    monkeypatch.chdir(top)
    git("init", "-q")
    record(top / NAME, "Say hello.", "Hello!")
    commit("first")
    return top


def git(*arguments: str, code: int = 0, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", *arguments], capture_output=True, input=stdin.encode(), check=False
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"not found" not in done.stderr
    return done.stdout.decode()


def commit(message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", message)


def chat(question: str, answer: str) -> ck.Interaction:
    """One exchange, streamed, with ids that look like a server's."""
    ident = f"chatcmpl-{zlib.crc32((question + answer).encode()):024d}"
    events = [
        f'data: {{"id":"{ident}","object":"chat.completion.chunk","model":"gpt-5","choices":'
        f'[{{"index":0,"delta":{{"content":"{word}"}},"finish_reason":null}}]}}\n\n'
        for word in re.findall(r"\S+ ?", answer)
    ]
    body = "".join([*events, "data: [DONE]\n\n"]).encode()
    asked = f'{{"model":"gpt-5","messages":[{{"role":"user","content":"{question}"}}]}}'.encode()
    url = "https://api.openai.com/v1/chat/completions"
    sse = ck.Headers([("Content-Type", "text/event-stream")])
    return interaction(asked, body, url=url, headers=sse)


def record(path: Path, *words: str) -> None:
    """A cassette of questions and answers, by turns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    turns = zip(words[::2], words[1::2], strict=True)
    ck.dump(ck.Cassette(tuple(chat(*turn) for turn in turns)), path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["git-setup", *arguments])


def set_up(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def changed_lines(text: str) -> list[str]:
    """The changed lines of a diff, without those that name the files."""
    signs = ("-", "+")
    return [
        line
        for line in text.splitlines()
        if line.startswith(signs) and not line.startswith(("---", "+++"))
    ]


def test_a_changed_answer(repository: Path) -> None:
    """git diff shows the changed words of a stream and no events, as the docs say."""
    set_up()
    record(repository / NAME, "Say hello.", "Hello there!")
    text = git("diff")
    assert f"+++ b/{NAME}" in text
    (shown,) = re.findall(r"^```diff\n(.*?)^```$", GIT_PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert re.sub(r" +$", "", text, flags=re.MULTILINE).endswith(shown)
    assert changed_lines(text) == ["-  Hello!", "+  Hello there!"]
    commit("second")
    assert changed_lines(git("show")).count("+  Hello there!") == 1
    assert "+  Hello there!" in git("log", "-p")


def test_bytes_stay_within_reach(repository: Path) -> None:
    """--no-textconv, patches and staging in parts work on the file itself, byte for byte."""
    set_up()
    commit("set up")
    record(repository / NAME, "Say hello.", "Hello there!")
    raw = git("diff", "--no-textconv")
    assert "chat.completion.chunk" in raw
    git("add", "-p", stdin="y\n")
    assert git("diff", "--name-only", "--cached") == f"{NAME}\n"
    new = (repository / NAME).read_bytes()
    git("commit", "-q", "-m", "second")
    patch = git("format-patch", "--stdout", "-1")
    assert "chat.completion.chunk" in patch
    git("reset", "-q", "--hard", "HEAD~1")
    git("am", "-q", stdin=patch)
    assert (repository / NAME).read_bytes() == new


def test_new_renamed_deleted(repository: Path) -> None:
    """A file that has one side only is shown as the conversation, a renamed one by its changes."""
    set_up()
    other = repository / "tests" / "cassettes" / "new.yaml"
    record(other, "Who?", "Me.")
    git("add", "-N", ".")
    assert "+  Me." in changed_lines(git("diff"))
    commit("second")
    record(other, "Who?", "Me.", "Why?", "So.")
    other.rename(other.with_name("renamed.yaml"))
    git("add", "-A")
    text = git("diff", "--cached", "-M20")
    assert "rename to tests/cassettes/renamed.yaml" in text
    assert "+  So." in changed_lines(text)
    assert "+  Me." not in changed_lines(text)
    commit("third")
    (repository / NAME).unlink()
    assert "-  Hello!" in changed_lines(git("diff"))


def test_a_new_recording_of_the_same(repository: Path) -> None:
    """Where only ids and times are new, there is nothing to read."""
    set_up()
    commit("set up")
    path = repository / NAME
    cassette = ck.load(path)
    (one,) = cassette.interactions
    body = one.response.body.replace(b"chatcmpl-", b"chatcmpl-9")
    slow = replace(one.response, body=body, duration_ns=10**9)
    ck.dump(replace(cassette, interactions=(replace(one, response=slow),)), path)
    assert changed_lines(git("diff")) == []
    assert changed_lines(git("diff", "--no-textconv")) != []


def test_a_binary_body(repository: Path) -> None:
    """Bytes that are no text are named by their size, and never reach the terminal."""
    set_up()
    image = ck.Headers([("Content-Type", "image/png")])
    pixels = b"\x89PNG\r\n\x1a\n\x00\xff"
    one = interaction(b"", pixels, url="https://example.com/a.png", method="GET", headers=image)
    ck.dump(ck.Cassette((one,)), repository / "tests" / "cassettes" / "image.yaml")
    git("add", "-N", ".")
    text = git("diff")
    assert "GET https://example.com/a.png" in text
    assert "+  <10 bytes of image/png>" in changed_lines(text)


def test_in_the_middle_of_a_merge(repository: Path) -> None:
    """A file with conflict markers is shown as it is, and git goes on to the next one."""
    set_up()
    commit("set up")
    for branch, answer in (("theirs", "Hi."), ("ours", "Hey.")):
        git("checkout", "-q", "-b", branch, "main")
        record(repository / NAME, "Say hello.", answer)
        commit(answer)
    git("merge", "theirs", code=1)
    text = git("diff")
    assert "<<<<<<< HEAD" in text
    assert ">>>>>>> theirs" in text


def test_a_program_that_is_gone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that was removed must not end `git diff` in an error."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    set_up()
    record(repository / NAME, "Say hello.", "Hello there!")
    assert "chat.completion.chunk" in subprocess.check_output(
        ["git", "diff"], stderr=subprocess.DEVNULL, text=True
    )


def test_what_it_writes(repository: Path) -> None:
    """One line of attributes, one setting of this clone; what was done and how to undo it."""
    said = set_up()
    attributes = repository / ".gitattributes"
    assert attributes.read_text() == f"{LINE}\n"
    value = git("config", "--local", "diff.cassette.textconv").strip()
    assert "textconv" in value
    assert f"{attributes}: added {LINE}" in said
    assert value in said
    assert "To undo: git config --local --remove-section diff.cassette" in said
    git("config", "--local", "--remove-section", "diff.cassette")
    assert git("config", "--local", "diff.cassette.textconv", code=1) == ""


def test_twice(repository: Path) -> None:
    """The second time adds nothing, and says that it was there."""
    set_up()
    before = (repository / ".gitattributes").read_bytes(), (repository / ".git/config").read_bytes()
    assert f"has already {LINE}" in set_up()
    assert before == (
        (repository / ".gitattributes").read_bytes(),
        (repository / ".git/config").read_bytes(),
    )


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (b"*.png binary\n", b"*.png binary\n" + LINE.encode() + b"\n"),
        (b"*.png binary", b"*.png binary\n" + LINE.encode() + b"\n"),
        (b"a\r\n", b"a\r\n" + LINE.encode() + b"\r\n"),
        (b"\xff -text\n", b"\xff -text\n" + LINE.encode() + b"\n"),
        (LINE.replace(" ", "\t  ").encode(), LINE.replace(" ", "\t  ").encode()),
    ],
    ids=["more", "no line end", "CRLF", "no text", "there"],
)
def test_other_attributes_stay(repository: Path, present: bytes, expected: bytes) -> None:
    """The lines of others are kept to the byte, and the new one is a line of its own."""
    (repository / ".gitattributes").write_bytes(present)
    set_up()
    assert (repository / ".gitattributes").read_bytes() == expected


@pytest.mark.parametrize(
    ("folder", "lines"),
    [
        ("fixtures/tapes", [LINE, "/sub/fixtures/tapes/**/*.yaml diff=cassette"]),
        ("odd [x] name", [LINE, '"/sub/odd \\\\[x] name/**/*.yaml" diff=cassette']),
        ("..", [LINE, "/**/*.yaml diff=cassette"]),
        ("tests/cassettes", [LINE]),
        ("../../outside", [LINE]),
    ],
)
def test_the_configured_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch, folder: str, lines: list[str]
) -> None:
    """`cassette_dir` gets a pattern of its own where the usual one does not reach; git agrees."""
    project = repository / "sub"
    project.mkdir()
    (project / "pyproject.toml").write_text(f"[tool.cassette_kit]\ncassette_dir = '{folder}'\n")
    monkeypatch.chdir(project)
    set_up()
    assert (repository / ".gitattributes").read_text().splitlines() == lines
    inside = (project / folder / "deep" / "x.yaml").resolve()
    if inside.is_relative_to(repository.resolve()):
        assert git("check-attr", "diff", str(inside)).endswith("diff: cassette\n")


def test_print(repository: Path) -> None:
    """--print writes nothing; typed into a shell, what it prints does the same."""
    config = (repository / ".git/config").read_bytes()
    said = set_up("--print").splitlines()
    assert said[:3] == [f"# in {repository}/.gitattributes", LINE, "# in a shell"]
    assert not (repository / ".gitattributes").exists()
    assert (repository / ".git/config").read_bytes() == config
    subprocess.run(["sh", "-c", said[3]], check=True)
    by_hand = (repository / ".git/config").read_bytes()
    set_up()
    assert (repository / ".git/config").read_bytes() == by_hand


def test_for_every_repository(home: Path, repository: Path) -> None:
    """--global writes into the user's files alone, wherever it is called."""
    said = set_up("--global")
    assert (home / ".config" / "git" / "attributes").read_text() == f"{LINE}\n"
    assert not (repository / ".gitattributes").exists()
    assert "--global" in said
    record(repository / NAME, "Say hello.", "Hello there!")
    assert changed_lines(git("diff")) == ["-  Hello!", "+  Hello there!"]


def test_the_users_own_file_of_attributes(home: Path) -> None:
    """`core.attributesFile` is the one that git reads then."""
    git("config", "--global", "core.attributesFile", "~/attributes")
    set_up("--global")
    assert (home / "attributes").read_text() == f"{LINE}\n"


def refused(*arguments: str, code: int = 1) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    return result.stderr


def test_outside_of_a_repository(home: Path) -> None:
    """Nothing is written, and the error says what could be done."""
    said = refused()
    assert "not a git repository" in said
    assert "--global" in said
    assert sorted(file.name for file in home.iterdir()) == [".gitconfig"]


def test_without_git(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git is told so."""
    monkeypatch.setenv("PATH", str(home))
    assert "git is not installed" in refused()


def test_a_link(repository: Path) -> None:
    """git follows no linked .gitattributes, nor may an append: it could lead anywhere."""
    target = repository.parent / "target"
    target.write_text("mine\n")
    (repository / ".gitattributes").symlink_to(target)
    assert "a link, which git does not follow" in refused()
    assert target.read_text() == "mine\n"


def test_files_that_cannot_be_used(repository: Path) -> None:
    """A folder of that name, or a pyproject.toml that cannot be read, ends in one line."""
    project = repository / "pyproject.toml"
    project.write_text("[tool.cassette_kit\n")
    assert "pyproject.toml: " in refused(code=2)
    project.unlink()
    (repository / ".gitattributes").mkdir()
    assert ".gitattributes: cannot be read: " in refused()


def test_where_nothing_can_be_written(home: Path) -> None:
    """A folder that cannot be made ends in one line."""
    (home / ".config").write_text("a file")
    assert "attributes: cannot be " in refused("--global")

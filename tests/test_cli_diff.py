"""`cassette-kit diff`: what it says of two recordings, and its exit codes.

tests/golden/diff holds recordings of one test, `before.yaml` and others, each with what is said of
the two in `NAME.txt`. To renew one, after a look at what has changed, in that folder:
`cassette-kit diff before.yaml NAME.yaml > NAME.txt`.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tapes import SSE, interaction
from terminals import on_a_pipe, on_a_terminal

import cassette_kit as ck
from cassette_kit.cli import main

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "diff"
GIT_PAGE = ROOT / "docs" / "git.md"
CASSETTES = [*(ROOT / "cassettes").glob("*.yaml"), *(ROOT / "tests/cassettes").rglob("*.yaml")]
SAME = {"recorded-anew", "other-order", "other-chunks", "slower"}
NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["diff", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def written(path: Path, *interactions: ck.Interaction) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ck.dump(ck.Cassette(interactions), path)
    return path


def test_the_pairs_are_there() -> None:
    """A recording without its text, or the other way round, would test nothing."""
    assert sorted(path.stem for path in GOLDEN.glob("*.yaml")) == sorted([*NAMES, "before"])
    assert len(NAMES) == 8


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says(name: str) -> None:
    """Changed words, arguments and calls are told; ids, dates, times, order and cutting are not."""
    result = run(GOLDEN / "before.yaml", GOLDEN / f"{name}.yaml")
    assert result.stdout == (GOLDEN / f"{name}.txt").read_text()
    assert (result.exit_code, result.stderr) == (0 if name in SAME else 1, "")


def test_what_the_docs_show() -> None:
    """The page shows what is really said."""
    (block,) = re.findall(r"^```text\n(.*?)^```$", GIT_PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert block == (GOLDEN / "changed-answer.txt").read_text()


def test_on_a_terminal() -> None:
    """Changed words are marked, and long lines go on beside their sign, within the width."""
    files = GOLDEN / "before.yaml", GOLDEN / "changed-answer.yaml"
    text = on_a_terminal(60, "diff", *files)
    assert "\x1b[7;31mmost \x1b[0m" in text
    assert "\x1b[7;32mnearly all \x1b[0m" in text
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, lines)) <= 60
    start = lines.index("    - Take a hat and enough water, and plan to be inside ") + 1
    assert lines[start] == "      between noon and four. The museums are open until "


def test_coloured_on_a_pipe() -> None:
    """`FORCE_COLOR` colours a pipe and folds nothing: a line is a line to `grep` and `less -R`."""
    files = GOLDEN / "before.yaml", GOLDEN / "changed-answer.yaml"
    text = on_a_pipe("diff", *files, FORCE_COLOR="1", COLUMNS="60").stdout
    assert "\x1b[7;31m" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == (GOLDEN / "changed-answer.txt").read_text()


@pytest.mark.parametrize(
    ("show", "told"),
    [
        ("times", {"time to the headers", "time to the end"}),
        ("headers", {"header answer date", "header answer x-request-id"}),
        (
            "ids",
            {
                "request $.messages[0].content",
                "request $.messages[2].tool_calls[0].id",
                "request $.messages[3].tool_call_id",
            },
        ),
    ],
)
def test_what_is_shown_on_request(show: str, told: set[str]) -> None:
    """Each aspect that is left out can be asked for, is then a difference, and says which it is."""
    result = run("--show", show, GOLDEN / "before.yaml", GOLDEN / "recorded-anew.yaml")
    changes = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    places = {line.split("  ")[0] for line in changes if not line.startswith(("-", "+"))}
    assert (places, result.exit_code) == (told, 1)
    assert f"{show} (" not in result.stdout.split("not shown: ")[1]


def test_everything(tmp_path: Path) -> None:
    """`--show all` is all three; nothing is left out then."""
    result = run("--show", "all", GOLDEN / "before.yaml", GOLDEN / "recorded-anew.yaml")
    for place in ("time to the end", "header answer date", "request $.messages[3].tool_call_id"):
        assert place in result.stdout
    assert "not shown" not in result.stdout


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_and_itself(path: Path) -> None:
    """Nothing differs, whatever is looked at."""
    result = run("--show", "all", path, path)
    count = len(ck.load(path).interactions)
    assert (result.stdout, result.exit_code) == (f"{count} same\n", 0)


def test_for_programs() -> None:
    """--json holds all changes with both values; what one side lacks is no member."""
    result = run("--json", GOLDEN / "before.yaml", GOLDEN / "other-argument.yaml")
    document: dict[str, Any] = json.loads(result.stdout)
    (told,) = document["files"]
    assert document["is_same"] is told["is_same"] is False
    assert result.exit_code == 1
    first, second = told["changed"]
    assert first["before"]["interaction"] == first["after"]["interaction"] == 0
    assert first["after"]["url"] == "https://api.openai.com/v1/chat/completions"
    assert {
        "section": "answer",
        "where": "tool_calls[0] weather $.days",
        "before": 1,
        "after": 2,
    } in first["changes"]
    assert [change["section"] for change in second["changes"]] == ["request", "request"]
    assert (told["added"], told["removed"], told["is_reordered"]) == ([], [], False)
    assert set(told["hidden"]) == {"ids", "times", "headers"}


def test_for_programs_an_added_call() -> None:
    """An interaction of one side only is told by its place, method and URL."""
    result = run("--json", GOLDEN / "before.yaml", GOLDEN / "added-call.yaml")
    (told,) = json.loads(result.stdout)["files"]
    assert [one["interaction"] for one in told["added"]] == [3]
    assert (told["changed"], told["removed"]) == ([], [])


def test_two_folders(tmp_path: Path) -> None:
    """Files of the same name below two folders are compared; a file of one side is a difference."""
    one, other = interaction(b'{"q":1}'), interaction(b'{"q":2}')
    for folder in ("a", "b"):
        written(tmp_path / folder / "deep" / "same.yaml", one)
    written(tmp_path / "a" / "changed.yaml", one)
    written(tmp_path / "b" / "changed.yaml", other)
    written(tmp_path / "a" / "old.yaml", one)
    written(tmp_path / "b" / "new.yaml", one)
    result = run(tmp_path / "a", tmp_path / "b")
    lines = result.stdout.splitlines()
    assert [line for line in lines if ".yaml" in line] == [
        "changed.yaml",
        "new.yaml: only in B",
        "old.yaml: only in A",
    ]
    assert lines[-1] == "4 files: 1 the same, 3 different"
    assert result.exit_code == 1
    shutil.rmtree(tmp_path / "b")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    same = run(tmp_path / "a", tmp_path / "b")
    assert (same.stdout, same.exit_code) == ("3 files: 3 the same\n", 0)


def test_names_only(tmp_path: Path) -> None:
    """--brief prints the files that differ, one a line with the letter of `git --name-status`, and
    nothing else, so that the names can be passed on; codes stay."""
    one, other = interaction(b'{"q":1}'), interaction(b'{"q":2}')
    for folder in ("a", "b"):
        written(tmp_path / folder / "same.yaml", one)
    written(tmp_path / "a" / "deep" / "changed.yaml", one)
    written(tmp_path / "b" / "deep" / "changed.yaml", other)
    written(tmp_path / "a" / "old.yaml", one)
    written(tmp_path / "b" / "new.yaml", one)
    a, b = tmp_path / "a", tmp_path / "b"
    result = run("--brief", a, b)
    assert (result.stdout, result.exit_code) == (
        "M deep/changed.yaml\nA new.yaml\nD old.yaml\n",
        1,
    )
    assert run("-q", b, a).stdout == "M deep/changed.yaml\nD new.yaml\nA old.yaml\n"
    same = run("--brief", a, a)
    assert (same.stdout, same.exit_code) == ("", 0)
    file = run("--brief", GOLDEN / "before.yaml", GOLDEN / "changed-answer.yaml")
    assert (file.stdout, file.exit_code) == (f"M {GOLDEN / 'changed-answer.yaml'}\n", 1)
    (b / "same.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n  request: 7\n")
    torn = run("--brief", a, b)
    assert (torn.exit_code, torn.stdout) == (2, result.stdout)
    assert "same.yaml" in torn.stderr


def test_names_that_differ_in_what_is_shown() -> None:
    """What `--show` adds counts for the names, too."""
    files = GOLDEN / "before.yaml", GOLDEN / "recorded-anew.yaml"
    assert run("--brief", *files).stdout == ""
    assert run("--brief", "--show", "times", *files).stdout.startswith("M ")


def test_an_empty_file_that_is_only_on_one_side(tmp_path: Path) -> None:
    """A cassette without interactions is still a file more than there was."""
    for folder in ("a", "b"):
        written(tmp_path / folder / "x.yaml", interaction())
    (tmp_path / "b" / "empty.yaml").write_bytes(b"---\nversion: 2\ninteractions: []\n")
    result = run(tmp_path / "a", tmp_path / "b")
    assert "empty.yaml: only in B" in result.stdout
    assert result.exit_code == 1


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is code 2, as an error is no difference; the other files are compared all the same."""
    for folder in ("a", "b"):
        written(tmp_path / folder / "good.yaml", interaction())
        written(tmp_path / folder / "torn.yaml", interaction())
    torn = tmp_path / "b" / "torn.yaml"
    torn.write_bytes(torn.read_bytes()[:-30])
    result = run(tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {torn}, line ")
    assert result.stdout == "2 files: 1 the same, 1 unreadable\n"
    alone = run(tmp_path / "a" / "torn.yaml", torn)
    assert (alone.exit_code, alone.stdout) == (2, "")
    as_json = run("--json", tmp_path / "a", tmp_path / "b")
    document = json.loads(as_json.stdout)
    assert (document["is_same"], as_json.exit_code) == (False, 2)
    assert [told["file"] for told in document["files"]] == ["good.yaml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["before.yaml"], "Missing argument 'B'"),
        (["--brief", "--json", "before.yaml", "before.yaml"], "exclude each other"),
        (["before.yaml", "no.yaml"], "'no.yaml' does not exist"),
        (["before.yaml", "."], "expected two files or two folders"),
        (["--show", "id", "before.yaml", "before.yaml"], "'id', expected ids, times, headers or"),
    ],
)
def test_wrong_calls(monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    """They are code 2, and say what was expected."""
    monkeypatch.chdir(GOLDEN)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    """Control characters in bodies, URLs, keys, header values and file names are shown as such."""
    bad = "\x1b]0;owned\x07\u202e\x9b31m"
    body = json.dumps({bad: bad, "m": [bad, {bad: [bad]}]}).encode()
    one = interaction(body, bad.encode(), headers=SSE)
    evil = ck.Headers([*SSE.multi_items(), (f"X-{bad}", bad)])
    two = interaction(body.replace(b"31m", b"32m"), bad.encode() + b"x", headers=evil)
    extra = interaction(bad.encode(), bad.encode(), url=f"https://e.com/{bad}", method="GET" + bad)
    for folder, others in (("a", (one,)), ("b", (two, extra))):
        written(tmp_path / folder / f"{bad.replace('/', '')}.yaml", *others)
    for arguments in ((), ("--json",)):
        result = run("--show", "all", *arguments, tmp_path / "a", tmp_path / "b")
        assert result.exit_code == 1
        for char in "\x1b\x07\u202e\x9b":
            assert char not in result.output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("word", "word "),
        ("caf\u00e9", "cafe\u0301"),
        ("a\u00a0b", "a b"),
    ],
    ids=["blank at the end", "composed", "no-break space"],
)
def test_texts_that_look_the_same(tmp_path: Path, before: str, after: str) -> None:
    """A difference that cannot be seen is spelt out: its two lines never look alike."""
    paths = [
        written(tmp_path / f"{name}.yaml", interaction(json.dumps({"q": text}).encode()))
        for name, text in (("a", before), ("b", after))
    ]
    lines = run(*paths).stdout.splitlines()
    removed, added = (next(one for one in lines if one.startswith(f"    {sign}")) for sign in "-+")
    assert removed[6:] != added[6:]
    assert removed.isascii() or added.isascii()
    assert removed.endswith(("'", '"'))


def test_a_long_change_is_cut(tmp_path: Path) -> None:
    """A page of changes stays a page; --json has all of it."""
    long = "\n".join(map(str, range(5_000)))
    path = written(tmp_path / "long.yaml", interaction(b"", long.encode(), headers=SSE))
    empty = written(tmp_path / "empty.yaml", interaction(b"", b"", headers=SSE))
    shown = run(empty, path).stdout.splitlines()
    assert len(shown) < 100
    assert any("more lines" in line for line in shown)
    (told,) = json.loads(run("--json", empty, path).stdout)["files"]
    assert told["changed"][0]["changes"][0]["after"] == long


def test_times_as_people_say_them(tmp_path: Path) -> None:
    """Milliseconds below a second, seconds from there, and the change with its sign."""
    one = interaction(duration_ns=684_112_000)
    two = replace(one, response=replace(one.response, duration_ns=1_500_000_000))
    paths = written(tmp_path / "a.yaml", one), written(tmp_path / "b.yaml", two)
    slower = run("--show", "times", *paths).stdout
    assert "  time to the headers  684 ms → 1.50 s (+816 ms)\n" in slower
    faster = run("--show", "times", *reversed(paths)).stdout
    assert "  time to the headers  1.50 s → 684 ms (-816 ms)\n" in faster

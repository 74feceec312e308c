"""`cassette-kit textconv`: a cassette as text that git can compare, other files as they are."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tapes import SSE, interaction

import cassette_kit as ck
from cassette_kit.cli import main
from cassette_kit.model import Stream

ROOT = Path(__file__).parents[1]
CASSETTES = [
    *sorted((ROOT / "cassettes").glob("*.yaml")),
    *sorted((ROOT / "tests" / "cassettes").rglob("*.yaml")),
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["textconv", *map(str, arguments)])


def converted(cassette: ck.Cassette, path: Path) -> str:
    ck.dump(cassette, path)
    result = run(path)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.name)
def test_every_cassette(path: Path) -> None:
    """Real recordings become text: each request by its method and URL, and nothing that a terminal
    would obey."""
    result = run(path)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    for one in ck.load(path).interactions:
        assert f"{one.request.method} {one.request.url}" in lines
    assert not any(char < " " and char not in "\n\t" for char in result.stdout)


def test_what_no_diff_should_show(tmp_path: Path) -> None:
    """Times, the name of the file and the place of an interaction in it leave the text as it is."""
    first = interaction(b'{"q":1}', b"data: a\n\n", headers=SSE, duration_ns=5)
    slow = replace(first.response, duration_ns=9, stream=Stream("complete", ((7, 9),)))
    late = replace(first, id=7, response=slow)
    one = converted(ck.Cassette((first,)), tmp_path / "a.yaml")
    assert converted(ck.Cassette((late,)), tmp_path / "other name.yaml") == one


def test_an_added_exchange_is_an_addition(tmp_path: Path) -> None:
    """An interaction at the end leaves the lines before it alone, and stands apart from them."""
    first, second = interaction(b'{"q":1}'), interaction(b'{"q":2}')
    one = converted(ck.Cassette((first,)), tmp_path / "a.yaml")
    both = converted(ck.Cassette((first, second)), tmp_path / "b.yaml")
    assert both.startswith(f"{one}\nPOST ")


def half_merged(cassette: bytes) -> bytes:
    ours, theirs = cassette, cassette.replace(b"200", b"201")
    return b"<<<<<<< ours\n%s=======\n%s>>>>>>> theirs\n" % (ours, theirs)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"name: no cassette\n",
        b"interactions: []\nversion: 1\n",
        b"\x00\xff\xfe binary \x1b[31m",
        b"---\nversion: 2\ninteractions:\n- id: 0\n  request:\n    meth",
        half_merged((ROOT / "cassettes" / "openrouter-kimi-k2.yaml").read_bytes()),
    ],
    ids=["empty", "yaml", "vcrpy", "binary", "cut off", "half merged"],
)
def test_other_files_are_printed_as_they_are(tmp_path: Path, data: bytes) -> None:
    """An error here would end `git diff` and `git log -p` for the whole repository."""
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    result = run(path)
    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, data, "")


def test_control_characters_are_shown(tmp_path: Path) -> None:
    """What a cassette says cannot reach the terminal as an order; git passes it through."""
    said = b'{"q":"\\u001b[31m \\u202e"}'
    text = converted(ck.Cassette((interaction(said, b"\x1b]0;title\x07"),)), tmp_path / "x.yaml")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text


def test_a_missing_file(tmp_path: Path) -> None:
    """Called by hand with a wrong name it is a wrong call, code 2."""
    result = run(tmp_path / "no.yaml")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_light(tmp_path: Path) -> None:
    """git starts it for each side of each file: it loads neither YAML nor rich nor a client."""
    ck.dump(ck.Cassette((interaction(),)), tmp_path / "x.yaml")
    program = (
        "import sys; from cassette_kit.cli import main;"
        "main(['textconv', 'x.yaml'], standalone_mode=False);"
        "heavy = ('yaml', 'httpx', 'rich', 'asyncio', 'filelock', 'pytest', 'http.client');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"

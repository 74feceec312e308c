"""`cassette-kit show`: what it prints, for people and for programs.

`tests/golden/show` holds what it prints of real cassettes, and is reviewed like code. After a
change of the output, write it anew and look at the difference:

    python tests/test_cli_show.py
    git diff tests/golden/show
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tapes import SSE, interaction, written
from terminals import ENVIRON, PROGRAM, on_a_pipe, on_a_terminal

import cassette_kit as ck
from cassette_kit.cli import main

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "show"
SHOWN = sorted([*ROOT.glob("cassettes/*.yaml"), *ROOT.glob("tests/cassettes/sdks/*.yaml")])
SGR = re.compile(r"\x1b\[[0-9;]*m")
CHAT = ROOT / "cassettes" / "multi_tool_streaming_kimi-k2.yaml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["show", *map(str, arguments)])


def golden(cassette: Path) -> Path:
    return GOLDEN / f"{cassette.stem}.txt"


def printed(cassette: Path) -> str:
    """What is printed of a cassette, under the name that it has in the repository."""
    result = run(cassette)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.replace(f"{ROOT}{os.sep}", "").replace(os.sep, "/")


@pytest.mark.parametrize("cassette", SHOWN, ids=lambda path: path.stem)
def test_golden(cassette: Path) -> None:
    """Every API and every seed is shown as it was when somebody looked at it."""
    assert printed(cassette) == golden(cassette).read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    """A file of a cassette that is gone would never fail again."""
    assert sorted(GOLDEN.iterdir()) == sorted(map(golden, SHOWN))


def test_one_of_them() -> None:
    """`-n` counts from 0 as misses do, and shows a turn whole that follows others."""
    whole, second = run(CHAT).stdout, run("-n", 1, CHAT).stdout
    assert "(settings and 3 messages as before)" in whole
    assert [line for line in second.splitlines() if line.startswith("#")] == [
        line for line in whole.splitlines() if line.startswith("#1")
    ]
    assert "as before" not in second
    assert "Add and multiply the number 2 and 3" in second


def test_one_that_is_not_there() -> None:
    """A number too many is an error that says how many there are."""
    result = run("-n", 2, CHAT)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {CHAT}: no interaction #2; the last one is #1\n"


def test_one_that_some_files_have(tmp_path: Path) -> None:
    """Of several files those without it are passed over; that none has it is an error."""
    for name, count in (("short", 1), ("long", 3)):
        many = tuple(interaction(b"%d" % number) for number in range(count))
        ck.dump(ck.Cassette(many), tmp_path / f"{name}.yaml")
    result = run("-n", 1, tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line[:2] for line in result.stdout.splitlines() if line.startswith("#")] == ["#1"]
    assert "short.yaml" not in result.stdout
    (file,) = json.loads(run("--json", "-n", 1, tmp_path).stdout)
    assert file["file"].endswith("long.yaml")
    assert len(json.loads(run("--json", "-n", "0,2", tmp_path).stdout)) == 2
    for how in ((), ("--json",)):
        none = run(*how, "-n", "7-8", tmp_path)
        assert none.exit_code == 1
        assert none.stderr == "Error: none of 2 cassettes has an interaction of number 7-8\n"


@pytest.mark.parametrize("number", ["-1", "x", "1-0"])
def test_what_is_no_number(number: str) -> None:
    """It is a wrong call, before any file is shown."""
    result = run("-n", number, CHAT)
    assert (result.exit_code, result.stdout) == (2, "")
    assert number in result.stderr


def test_several_of_them() -> None:
    """Numbers and ranges are those of `drop` and `keep`."""
    titles = [line for line in run(CHAT).stdout.splitlines() if line.startswith("#")]
    for numbers in (["-n", "0-1"], ["-n", "1,0"], ["-n", 1, "-n", 0]):
        lines = run(*numbers, CHAT).stdout.splitlines()
        assert [line for line in lines if line.startswith("#")] == titles


def test_all() -> None:
    """`--all` prints also what an exchange before had."""
    assert run(CHAT).stdout.count("Add and multiply the number 2 and 3") == 1
    result = run("--all", CHAT)
    assert result.stdout.count("Add and multiply the number 2 and 3") == 2
    assert "as before" not in result.stdout


def test_events(tmp_path: Path) -> None:
    """Each event with its arrival, its size and what it says."""
    body = b"event: ping\ndata: {}\n\ndata: 2\n\n: quiet\n\n"
    stream = ck.Stream("complete", ((10, 22), (1200, 18)))
    path = written(tmp_path, [interaction(answer=body, headers=SSE, stream=stream)])
    assert run("--events", path).stdout.splitlines()[3:-1] == [
        "POST https://api.example.com/v1/chat",
        "       10 ms       22 B  ping     {}",
        "    1,210 ms        9 B  message  2",
        "    1,210 ms        9 B  comment  : quiet",
    ]


def test_binary_events() -> None:
    """Of a binary frame the JSON in it is shown, not the lengths and checksums around."""
    path = ROOT / "tests" / "cassettes" / "dialects" / "bedrock-converse.yaml"
    lines = run("--events", "-n", 0, path).stdout.splitlines()
    assert lines[4].split()[-2:] == ["messageStart", '{"role":"assistant","p":"abcdefg"}']
    assert "\\u0000" not in "".join(lines)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"answer": b"data: 1\n\ndata: 2\n\n", "headers": SSE}, "(times were not recorded)"),
        ({"answer": b"{}"}, "(no stream, the body came whole)"),
    ],
    ids=["untimed", "whole"],
)
def test_no_times(tmp_path: Path, answer: dict[str, object], said: str) -> None:
    """Where there are no times or no events, that is said, and nothing is made up."""
    path = written(tmp_path, [interaction(**answer)])  # type: ignore[arg-type]
    assert said in run("--events", path).stdout


def test_headers(tmp_path: Path) -> None:
    """Where a redirection leads and how long to wait is told on request, above any view; names
    that occur twice do so, and a side without headers says that it has none."""
    fields = [("Location", "https://e.com/b"), ("Retry-After", "7"), ("X-A", "1"), ("X-A", "\x1b")]
    one = interaction(b"q", b"", code=307, status="307 Temporary Redirect")
    response = replace(
        one.response, headers=ck.Headers(fields), trailer=ck.Headers([("Grpc-Status", "0")])
    )
    request = replace(one.request, headers=ck.Headers([]))
    path = written(tmp_path, [replace(one, request=request, response=response)])
    expected = [
        "request headers: none recorded",
        "response headers",
        "  Location: https://e.com/b",
        "  Retry-After: 7",
        "  X-A: 1",
        "  X-A: \\u001b",
        "response trailer",
        "  Grpc-Status: 0",
        "",
        "POST https://api.example.com/v1/chat",
    ]
    for how in ((), ("--raw",), ("--events",)):
        assert run("--headers", *how, path).stdout.splitlines()[3:13] == expected
        assert "Retry-After" not in run(*how, path).stdout
    ((told,),) = (file["interactions"] for file in json.loads(run("--json", path).stdout))
    assert told["response_headers"] == [list(pair) for pair in fields]
    assert told["request_headers"] == []


def test_raw(tmp_path: Path) -> None:
    """Bodies as they are, neither laid out nor indented; what is not text is spelt out."""
    path = written(
        tmp_path, [interaction(b'{"b": 1,\n"a":2}', b"data: \xff\x1b\r\n\r\n", headers=SSE)]
    )
    assert run("--raw", path).stdout.splitlines()[3:] == [
        "POST https://api.example.com/v1/chat",
        "",
        "(request, 15 bytes)",
        '{"b": 1,',
        '"a":2}',
        "",
        "(response, 12 bytes)",
        "data: \\xff\\u001b\\r",
        "\\r",
        "",
        "",
    ]


def test_json(tmp_path: Path) -> None:
    """All of it for programs: a list of files, times in milliseconds, parts with their types."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}).encode()
    reply = {"model": "m-1", "choices": [{"index": 0, "message": {"content": "Hé\u202e"}}]}
    one = interaction(
        body,
        json.dumps(reply).encode(),
        url="https://api.openai.com/v1/chat/completions",
        duration_ns=1_500_000,
    )
    result = run("--json", written(tmp_path, [one]))
    ((file,),) = [json.loads(result.stdout)]
    (told,) = file["interactions"]
    assert result.exit_code == 0
    assert file["file"] == str(tmp_path / "tape.yaml")
    assert told["interaction"] == 0
    assert (told["method"], told["status"], told["end"]) == ("POST", 200, None)
    assert (told["model"], told["duration_ms"], told["total_ms"]) == ("m-1", 1.5, None)
    assert told["request_bytes"] == len(body)
    assert told["request_body"] == body.decode()
    assert told["asked"]["messages"] == [
        {"role": "user", "called": "", "parts": [{"type": "text", "text": "Hi"}]}
    ]
    assert told["answered"]["messages"][0]["parts"] == [{"type": "text", "text": "Hé\u202e"}]
    assert "\u202e" not in result.stdout
    assert "é" in result.stdout


def test_json_of_every_dialect() -> None:
    """Pictures, calls, results and events of every API have a form for programs."""
    result = run("--json", ROOT / "tests" / "cassettes")
    interactions = [one for file in json.loads(result.stdout) for one in file["interactions"]]
    parts = [
        part
        for one in interactions
        for message in one["asked"]["messages"] + one["answered"]["messages"]
        for part in message["parts"]
    ]
    types = {"text", "thinking", "media", "tool_call", "tool_result"}
    assert types <= {part["type"] for part in parts}
    assert any(event["offset_ms"] for one in interactions for event in one["events"])


def test_json_of_nothing(tmp_path: Path) -> None:
    """A folder without cassettes is an empty list to a program."""
    assert json.loads(run("--json", tmp_path).stdout) == []


@pytest.mark.parametrize("how", [(), ("--json",), ("--raw",)])
def test_one_that_cannot_be_read(tmp_path: Path, how: tuple[str, ...]) -> None:
    """A broken file is told with its line and ends in code 1; the others are shown all the same."""
    (tmp_path / "a.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n  request: 7\n")
    ck.dump(ck.Cassette((interaction(),)), tmp_path / "b.yaml")
    result = run(*how, tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/a.yaml, line 5: ")
    assert "b.yaml" in result.stdout


def test_what_terminals_obey(tmp_path: Path) -> None:
    """No field of a cassette reaches the terminal with its control characters."""
    evil = "\x1b]0;owned\x07\u202e"
    one = interaction(
        evil.encode(),
        json.dumps({"a": evil}).encode(),
        url=f"https://e.com/{evil}",
        method=f"GET{evil}",
        status=f"200 {evil}",
    )
    path = written(tmp_path, [one])
    for how in ((), ("--all",), ("--events",), ("--raw",), ("--json",)):
        output = run(*how, path).output
        assert not {"\x1b", "\x07", "\u202e"} & set(output)
        assert "\\u001b]0;owned" in output


def test_pipes_are_plain() -> None:
    """A pipe gets neither colours nor folded lines; `FORCE_COLOR` colours it, folding nothing."""
    plain = on_a_pipe("show", CHAT, COLUMNS="20")
    assert plain.stdout == run(CHAT).stdout
    forced = on_a_pipe("show", CHAT, FORCE_COLOR="1", COLUMNS="20").stdout
    assert "\x1b[" in forced
    assert forced.count("\n") == plain.stdout.count("\n")


def test_a_pipe_that_closes() -> None:
    """`| head` has seen enough: nothing is printed about it."""
    command = [*PROGRAM, "show", str(ROOT / "tests" / "cassettes")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRON, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_encoding_without_the_characters(tmp_path: Path) -> None:
    """Where stdout is ASCII, the rest is printed as escapes."""
    path = written(tmp_path, [interaction(b"caf\xc3\xa9", b"\xe2\x98\x80")])
    result = on_a_pipe("show", path, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (result.returncode, result.stderr) == (0, "")
    assert "  caf\\xe9\n" in result.stdout
    assert "  \\u2600\n" in result.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "koi8-r"])
def test_json_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """JSON is JSON wherever stdout is not UTF-8: in ASCII, with JSON's own escapes."""
    said = "K\u00f6ln \u20ac \U0001f600"
    path = written(tmp_path, [interaction(said.encode())])
    result = on_a_pipe("show", "--json", path, PYTHONIOENCODING=encoding)
    assert result.stdout.isascii()
    ((told,),) = (file["interactions"] for file in json.loads(result.stdout))
    assert told["request_body"] == said


def test_a_terminal(tmp_path: Path) -> None:
    """A terminal gets colours, and long lines folded below their own indentation."""
    path = written(tmp_path, [interaction(b'{"q": "%s"}' % b" ".join([b"word"] * 20))])
    coloured = on_a_terminal(40, "show", path)
    plain = on_a_terminal(40, "show", path, NO_COLOR="1")
    assert "\x1b[1mPOST" in coloured
    assert "\x1b[3" not in plain
    assert "\n    word word word word word word word\n    word" in coloured
    assert max(map(len, SGR.sub("", coloured).splitlines())) <= 40


def test_progress(tmp_path: Path) -> None:
    """Who sends a folder to a file sees that something goes on; on a terminal the output itself
    shows it, and the screen of a pager is left alone."""
    for name in "ab":
        ck.dump(ck.Cassette((interaction(),)), tmp_path / f"{name}.yaml")
    with (tmp_path / "out.txt").open("wb") as file:
        assert "Reading" in on_a_terminal(80, "show", tmp_path, stdout=file.fileno())
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as pager:
        assert pager.stdin is not None
        assert on_a_terminal(80, "show", tmp_path, stdout=pager.stdin.fileno()) == ""
    assert "Reading" not in on_a_terminal(80, "show", tmp_path)
    assert "Reading" in on_a_terminal(80, "show", "--json", tmp_path)


def test_events_on_a_terminal(tmp_path: Path) -> None:
    """An event is one line there, cut where the terminal ends."""
    path = written(tmp_path, [interaction(answer=b"data: %s\n\n" % (b"x" * 99), headers=SSE)])
    lines = SGR.sub("", on_a_terminal(60, "show", "--events", path)).splitlines()
    (event,) = [line for line in lines if "xxx" in line]
    assert (len(event), event[-2:]) == (60, "x…")


@pytest.mark.skipif(os.name == "nt", reason="no named pipes")
def test_an_interrupt(tmp_path: Path) -> None:
    """Ctrl-C ends a command without a word, in the code that shells have for it."""
    endless = tmp_path / "endless.yaml"
    os.mkfifo(endless)
    command = [*PROGRAM, "show", str(endless)]
    with subprocess.Popen(command, env=ENVIRON, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        with endless.open("wb"):  # waits until the command has opened the other side
            process.send_signal(signal.SIGINT)
            assert process.stderr.read() == b""
    assert process.returncode == 130


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for path in SHOWN:
        golden(path).write_text(printed(path), "utf-8")

"""`cassette-kit play`: whether a cassette answers its own requests, to the end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tapes import JSON, SSE, interaction, written
from terminals import on_a_pipe

import cassette_kit as ck
from cassette_kit.cli import main

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[1]
CHAT = "https://api.openai.com/v1/chat/completions"
ASKED = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}).encode()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["play", *map(str, arguments)])


def delta(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}}
    return b"data: %s\n\n" % json.dumps({"model": "m", "choices": [choice]}).encode()


def streamed(*texts: str, **response: Any) -> ck.Interaction:
    """A chat completion that came as a stream of these texts."""
    body = b"".join(map(delta, texts))
    return interaction(ASKED, body, url=CHAT, headers=SSE, **response)


def test_every_cassette_of_the_repository() -> None:
    """What was recorded through a client is answered through one, whatever the API."""
    folders = [ROOT / name for name in ("cassettes", "docs", "examples", "tests/cassettes")]
    result = run(*folders)
    assert (result.exit_code, result.stderr) == (0, "")
    ends = [line for line in result.stdout.splitlines() if line.endswith(" played")]
    assert len(ends) == sum(len(list(folder.rglob("*.yaml"))) for folder in folders)


def test_the_text_of_a_stream(tmp_path: Path) -> None:
    """The visible text comes as it was streamed, in one piece and below its label."""
    result = run(written(tmp_path, [streamed("Hel", "lo\nyou", "!")]))
    assert result.stdout.splitlines() == [
        f"{tmp_path}/tape.yaml",
        "",
        "#0",
        f"POST {CHAT}",
        "200 OK",
        "",
        "assistant",
        "  Hello",
        "  you!",
        "",
        f"{tmp_path}/tape.yaml: 1 played",
    ]


def test_an_answer_that_came_whole(tmp_path: Path) -> None:
    """A body without a stream is shown as its text, laid out where it is JSON."""
    result = run(written(tmp_path, [interaction()]))
    assert result.stdout.splitlines()[5:-2] == ["", "answer", "  {", '    "a": 1', "  }"]


def test_tool_calls_of_a_stream() -> None:
    """What is no text is told when the stream is over, and its text not a second time."""
    result = run(ROOT / "cassettes" / "multi_tool_streaming_kimi-k2.yaml")
    assert result.stdout.count("I'll add and multiply 2 and 3 for you.") == 1
    assert result.stdout.index("for you.") < result.stdout.index("tool call: add")


def test_equal_recordings(tmp_path: Path) -> None:
    """Recordings of one request are played in order, each once."""
    answers = [interaction(code=429, status="429 Slow"), interaction(code=200)]
    result = run(written(tmp_path, [*answers, *answers]))
    statuses = [line for line in result.stdout.splitlines() if line[:3] in ("429", "200")]
    assert statuses == ["429 Slow", "200 OK"] * 2
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("one", "told", "text"),
    [
        (streamed("Hel", stream=ck.Stream("client_closed")), "cut off", "ends here: its caller"),
        (streamed("Hel", stream=ck.Stream("upstream_error")), "broken", "broke this stream here"),
        (interaction(url="http://[::1/"), "broken", "Invalid"),
        (interaction(url="https://a.b/ü ?x"), "missed", "no recorded interaction answers"),
        (
            interaction(answer=b"\x1f\x8bnope", headers=ck.Headers({"Content-Encoding": "gzip"})),
            "broken",
            "Error -3 while decompressing",
        ),
        (
            ck.Interaction(ck.Request("GET", CHAT, ck.Headers({"Ä": "1"})), ck.Response(200)),
            "broken",
            "KeyError: ",
        ),
    ],
    ids=["client closed", "upstream error", "no URL", "a URL no client sends", "gzip", "header"],
)
def test_what_does_not_end_well(tmp_path: Path, one: ck.Interaction, told: str, text: str) -> None:
    """Each ends in code 1 with its reason, and does not keep the others from being played."""
    path = written(tmp_path, [one, interaction(b"after")])
    result = run(path)
    assert result.exit_code == 1
    assert text in result.stdout
    assert result.stderr == f"Error: {path}: 1 played, 1 {told}\n"


def test_advice_that_helps(tmp_path: Path) -> None:
    """Whatever the mode, nothing is recorded here: the test that made the recording is named, if
    it can be told."""
    cut = streamed("Hel", stream=ck.Stream("client_closed"))
    command = "record again the test that made it: pytest --cassette-mode=rewrite"
    for one in (cut, interaction(url="https://a.b/ü ?x")):
        assert f"  next      {command}\n" in run(written(tmp_path, [one])).stdout
    (tmp_path / "test_chat.py").write_text("def test_hi(cassette): ...\n")
    folder = tmp_path / "cassettes" / "test_chat"
    folder.mkdir(parents=True)
    ck.dump(ck.Cassette((cut,)), folder / "test_hi.yaml")
    told = run(folder / "test_hi.yaml")
    assert f"{command} {tmp_path}/test_chat.py::test_hi\n" in told.stdout
    assert "CASSETTE_MODE" not in told.stdout


def test_frames_that_no_client_of_aws_takes(tmp_path: Path) -> None:
    """Frames with a wrong checksum are no answer, though httpx hands them on."""
    path = ROOT / "tests" / "cassettes" / "dialects" / "bedrock-converse.yaml"
    one = ck.load(path).interactions[0]
    body = bytearray(one.response.body)
    body[-1] ^= 1
    broken = replace(one, response=replace(one.response, body=bytes(body)))
    result = run(written(tmp_path, [broken]))
    assert (result.exit_code, result.stderr.split(": ")[-1]) == (1, "0 played, 1 broken\n")
    assert "of the body: its checksum is wrong; record it again\n" in result.stdout
    assert run(written(tmp_path, [one])).exit_code == 0


def test_text_before_the_end(tmp_path: Path) -> None:
    """What came before a stream broke has been printed."""
    path = written(tmp_path, [streamed("Hel", "lo", stream=ck.Stream("upstream_error"))])
    assert "\n  Hello\nRemoteProtocolError: " in run(path).stdout


def test_one_file_of_several(tmp_path: Path) -> None:
    """A file that cannot be read does not keep the others back."""
    (tmp_path / "a.yaml").write_bytes(b"---\nversion: 2\n")
    path = written(tmp_path, [interaction()])
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/a.yaml")
    assert result.stdout.endswith(f"{path}: 1 played\n")


def test_an_empty_cassette(tmp_path: Path) -> None:
    """A cassette without interactions has nothing that could go wrong."""
    result = run(written(tmp_path, []))
    assert result.exit_code == 0
    assert result.stdout.endswith("tape.yaml: 0 played\n")


def test_nothing_around_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No mode of the environment and no setting of the project makes it record or go live, and a
    file that is played stays as it is."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cassette_kit]\nmode = "rewrite"\nallow_hosts = ["*.openai.com"]\nmatch = ["url"]\n'
    )
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, [streamed("Hi")])
    before = path.read_bytes()
    for environ in ({"CASSETTE_MODE": "rewrite"}, {"CASSETTE_MODE": "off"}, {"CI": "1"}):
        result = on_a_pipe("play", path, HTTPS_PROXY="http://127.0.0.1:9", **environ)
        assert (result.returncode, result.stderr) == (0, "")
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [tmp_path / "pyproject.toml", path]


@pytest.mark.parametrize("pace", ["0", "fast", "-1"])
def test_a_wrong_pace(pace: str) -> None:
    """A wrong call is code 2, before anything is played."""
    result = run("--pace", pace, ROOT / "cassettes")
    assert result.exit_code == 2
    assert f"--pace: pace={pace!r}, expected" in result.stderr
    assert result.stdout == ""


def test_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded delays are kept, or divided by the factor; by default nothing waits."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    sizes = ((250, len(delta("a"))), (500, len(delta("b"))))
    one = streamed("a", "b", stream=ck.Stream("complete", sizes), duration_ns=10**9)
    path = written(tmp_path, [one])
    run(path)
    assert waits == []
    run("--pace", "recorded", path)
    assert waits == [1.0, 0.25, 0.5]
    waits.clear()
    run("--pace", "2", path)
    assert waits == [0.5, 0.125, 0.25]


def test_what_terminals_obey(tmp_path: Path) -> None:
    """Text is made visible also where it is printed piece by piece."""
    evil = "\x1b[2J\u202e"
    result = run(written(tmp_path, [streamed("a", evil, "b")]))
    assert "  a\\u001b[2J\\u202eb\n" in result.stdout
    assert not {"\x1b", "\u202e"} & set(result.output)


def test_a_text_in_json(tmp_path: Path) -> None:
    """The answer of a chat that was not streamed is its text, not its JSON."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello!"}}
    body = json.dumps({"choices": [choice]}).encode()
    result = run(written(tmp_path, [interaction(ASKED, body, url=CHAT, headers=JSON)]))
    assert result.stdout.splitlines()[5:-2] == ["", "assistant", "  Hello!"]

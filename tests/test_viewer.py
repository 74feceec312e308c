"""What a page is made of, and the command that writes it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from cassette_files import SEEDS
from click.testing import CliRunner, Result
from conversations import SSE, interaction, sse
from hypothesis import given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.cli import main
from cassette_kit.comparison import compare
from cassette_kit.conversation import (
    Answered,
    Event,
    Media,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    events,
    exchange,
)
from cassette_kit.model import Request, Response, Stream
from cassette_kit.summary import summary
from cassette_kit.viewer import write_site
from cassette_kit.viewer.bodies import event_text, own_cassettes, plain_request, plain_response
from cassette_kit.viewer.data import address, page_data
from cassette_kit.viewer.document import BEGINNING, script_json
from cassette_kit.viewer.messages import MessageTable, plain_message
from cassette_kit.viewer.outcomes import outcomes
from cassette_kit.viewer.pairs import Pair, pairs
from cassette_kit.viewer.timing import Timing, timing
from cassette_kit.viewer.tokens import answer_tokens, first_call
from cassette_kit.viewer.turns import Turn, Turns

DIALECTS = Path(__file__).parent / "cassettes" / "dialects"
URL = "https://api.example.com/v1/chat/completions"


def run(*arguments: object, cwd: Path | None = None) -> Result:
    return CliRunner().invoke(main, ["view", *map(str, arguments)])


def arrived(*events: tuple[int | None, str]) -> list[Event]:
    return [Event("", b"x", text, at) for at, text in events]


def test_timing() -> None:
    """The first token counts from the sending; the rate from the first event with text to the last;
    a wait of five times the usual one is a gap."""
    events = arrived((60, ""), (100, "a"), (120, "b"), (140, ""), (900, "c"), (920, "d"))
    assert timing(500_000_000, events) == Timing(
        headers_ms=500,
        first_token_ms=600,
        total_ms=1420,
        events_per_second=3 / 0.82,
        gaps=((4, 760),),
    )


def test_stated_tokens() -> None:
    """Tokens that are stated make the rate, up to the last event: an event may hold several."""
    events = arrived((60, ""), (100, "a b"), (400, "c d"), (500, ""))
    told = timing(0, events, tokens=9)
    assert (told.tokens_per_second, told.events_per_second) == (8 / 0.4, None)
    for tokens in (0, 1, -5):
        told = timing(0, events, tokens=tokens)
        assert (told.tokens_per_second, told.events_per_second) == (None, 1 / 0.3)


@pytest.mark.parametrize(
    ("usage", "thinks", "expected"),
    [
        (None, False, None),
        (Usage(5), False, None),
        (Usage(5, 7), False, 7),
        (Usage(5, 7, reasoning_tokens=4), True, 3),
        (Usage(5, 7), True, None),
    ],
)
def test_tokens_of_an_answer(usage: Usage | None, thinks: bool, expected: int | None) -> None:
    """Those of thinking come before the first that is seen: where they cannot be told apart, the
    rate of the others is unknown."""
    parts = (Thinking("hm"), Text("a")) if thinks else (Text("a"),)
    assert answer_tokens(Answered(messages=(Message("assistant", parts),), usage=usage)) == expected


def test_the_first_token_of_a_call() -> None:
    """An answer that only calls a tool begins with the event that names it."""
    function = {"name": "add", "arguments": ""}
    deltas: list[dict[str, object]] = [
        {"role": "assistant"},
        {"reasoning_content": "hm"},
        {"tool_calls": [{"index": 0, "id": "c", "function": function}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
    ]
    pieces = list(sse([{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]))
    stream = Stream("complete", tuple((100, len(piece)) for piece in pieces))
    for kept, first in [(4, 940), (2, None)]:
        body = b"".join(pieces[:kept])
        stream = Stream("complete", tuple((100, len(piece)) for piece in pieces[:kept]))
        one = interaction(URL, {"messages": []}, body, content_type=SSE, stream=stream)
        data: Any = page_data(("x", ck.Cassette((one,))))
        assert data["sides"][0]["interactions"][0]["timing"]["first_token_ms"] == first


@pytest.mark.parametrize("path", sorted(DIALECTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_first_calls_of_every_dialect(path: Path) -> None:
    """A stream that is cut where a call begins holds it, and one that is cut before does not."""
    for one in ck.load(path).interactions:
        answered = exchange(one).answered
        silent = [replace(event, text="") for event in events(one)]
        calls = [
            part
            for message in answered.messages
            for part in message.parts
            if isinstance(part, ToolCall)
        ]
        first = first_call(one, answered, silent)
        assert (first is not None) == bool(calls and silent)
        if first is not None:
            assert calls[0].name.encode() in event_text(silent[first]).encode()
            assert first_call(one, answered, silent[:first]) is None
            assert first_call(one, answered, events(one)) in (first, None)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Timing(1)),
        (arrived((None, "a"), (None, "b")), Timing(1)),
        (arrived((5, "a"), (None, "b")), Timing(1)),
        (arrived((0, "")), Timing(1, None, 1)),
        (arrived((7, "a")), Timing(1, 8, 8)),
        (arrived((7, "a"), (7, "b")), Timing(1, 8, 8)),
        (arrived((0, "a"), (99, "b")), Timing(1, 1, 100, events_per_second=1000 / 99)),
    ],
    ids=["none", "no times", "half of them", "no text", "one", "at once", "too short for a gap"],
)
def test_timing_of_little(events: list[Event], expected: Timing) -> None:
    """What cannot be known is None: nobody divides by a time of nothing."""
    assert timing(1_000_000, events) == expected


def test_turns() -> None:
    """A turn continues the latest of those that share most of its beginning, answers included."""
    turns = Turns()
    for turn in (Turn([1, 2], [3]), Turn([1, 9], [4]), Turn([1, 2], [5])):
        turns.add(turn)
    assert turns.before(Turn([1, 2, 3, 7], [])) == 0
    assert turns.before(Turn([1, 2, 6], [])) == 2
    assert turns.before(Turn([1, 9, 4], [])) == 1
    assert turns.before(Turn([1, 8], [])) == 2
    assert turns.before(Turn([8, 1], [])) is None
    assert turns.new_messages(Turn([1, 2, 3, 7, 2], [])) == [3]
    assert turns.new_messages(Turn([8, 1], [])) == [0, 1]


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many are the same at the beginning of both."""
    pairs = zip(one, other, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


numbers = st.lists(st.integers(0, 3), max_size=5)


@given(st.lists(st.builds(Turn, numbers, numbers), max_size=8), st.builds(Turn, numbers, numbers))
@settings(deadline=None)
def test_turns_by_definition(earlier: list[Turn], turn: Turn) -> None:
    """The tree finds what comparing with each turn would."""
    turns = Turns()
    for one in earlier:
        turns.add(one)
    shared = [common(one.said, turn.asked) for one in earlier]
    best = [at for at, length in enumerate(shared) if length and length == max(shared)]
    assert turns.before(turn) == (best[-1] if best else None)


def test_messages_are_kept_once() -> None:
    """A message that a turn repeats costs its number; ids, thinking and the layout of arguments
    make another message, but say the same."""
    table = MessageTable()
    hi = Message("user", (Text("hi"),))
    called = Message("assistant", (Thinking("hm"), ToolCall("add", '{"a": 1}', "x")))
    echoed = Message("assistant", (Text(""), ToolCall("add", '{"a":1}', "y")))
    other = Message("assistant", (ToolCall("add", '{"a":2}', "y"),))
    assert table.places([hi, called, hi]) == [0, 1, 0]
    assert table.places([hi, echoed, other]) == [0, 2, 3]
    assert table.said([0, 1, 2]) == (0, 1, 1)
    assert table.said([3]) == (3,)
    assert len(table.messages) == 4


def test_parts() -> None:
    """Each kind of part is plain data; an SVG is no image, and neither is what only says so."""
    parts: tuple[Any, ...] = (
        Text("a"),
        Media("Image/PNG", b"\x89PNG\r\n\x1a\n"),
        Media("image/png", b"no picture"),
        Media("image/svg+xml", b"<svg/>"),
        Media("image/png", url="https://example.com/x.png"),
        ToolResult("id", (Text("r"),), is_error=True),
        Unknown({"a": float("nan"), "b": "\ud800"}),
    )
    text, png, other, svg, remote, result, unknown = plain_message(Message("user", parts))["parts"]  # type: ignore[misc]
    assert text == {"kind": "text", "text": "a"}
    assert png["image"] == "data:image/png;base64,iVBORw0KGgo="
    assert (other["image"], other["type"], other["bytes"]) == ("", "image/png", 10)
    assert (svg["image"], svg["bytes"], remote["image"]) == ("", 6, "")
    assert (result["error"], result["parts"]) == (True, [{"kind": "text", "text": "r"}])
    assert unknown["text"] == '{"a": NaN, "b": "\ud800"}'


@pytest.mark.parametrize("value", ["[" * 100_000 + "]" * 100_000, "1" * 5000])
def test_values_beyond_json(value: str) -> None:
    """A setting nested without end, or an integer without end, keeps no page from being written."""
    asked = f'{{"model": "m", "messages": [], "seed": {value}}}'.encode()
    one = interaction(URL, asked, b'{"choices": [{"message": {"content": "hi"}}]}')
    script_json(page_data(("x", ck.Cassette((one,)))))


def test_bodies() -> None:
    """Text stays text; what is none, or what a shell would cut, is base64."""
    assert plain_request(Request("GET", "u", body="ü".encode()))["body"] == {"size": 2, "text": "ü"}
    for body, encoded in [(b"\xff", "/w=="), (b"a\0", "YQA=")]:
        assert plain_request(Request("GET", "u", body=body))["body"] == {
            "size": len(body),
            "base64": encoded,
        }


def test_a_body_is_not_held_twice() -> None:
    """Where its events say all of a body, it is left out; one with more to it is kept."""
    whole = Response(200, body=b"data: 1\n\ndata: 2\n\n")
    events = [Event("", b"data: 1\n\n"), Event("", b"data: 2\n\n")]
    assert plain_response(whole, events)["body"] == {"size": 18}
    assert plain_response(whole, events[:1])["body"] == {"size": 18, "text": whole.body.decode()}
    assert plain_response(Response(200, body=b"\xff"), [Event("", b"\xff")])["body"] == {
        "size": 1,
        "base64": "/w==",
    }


def steps(act: Callable[[], object]) -> int:
    """How many lines of Python run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def test_work_grows_with_the_interactions() -> None:
    """Twice as many make twice the work: no interaction looks at all others."""

    def work(length: int) -> int:
        turns = tuple(interaction(URL, {"messages": [], "n": at}, b"{}") for at in range(length))
        loaded = ck.loads(ck.dumps(ck.Cassette(turns)))
        return steps(lambda: page_data(("x", loaded)))

    assert work(200) - work(100) == pytest.approx(work(100) - work(0), rel=0.01)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_an_interaction_as_a_cassette(path: Path) -> None:
    """It reads back as it was, and its text is that of its file."""
    cassette = ck.load(path)
    for alone, one in zip(own_cassettes(cassette), cassette.interactions, strict=True):
        (read,) = ck.loads(alone.encode()).interactions
        assert (read.request, read.response, read.id) == (one.request, one.response, 0)
        body = alone.partition("interactions:\n")[2].partition("\n")[2]
        assert body.rstrip() in path.read_text()


@pytest.mark.parametrize("name", ["bedrock-invoke", "bedrock-converse"])
def test_frames_are_readable(name: str) -> None:
    """A binary frame shows the JSON in it, unpacked, and its headers."""
    from cassette_kit.conversation import events

    one = ck.load(DIALECTS / f"{name}.yaml").interactions[0]
    for event in events(one):
        first, _, headers = event_text(event).partition("\n\n")
        assert isinstance(json.loads(first), dict)
        assert "bytes" not in json.loads(first)
        assert ":event-type: " in headers


texts = st.text(st.characters(exclude_categories=()))  # lone surrogates, too


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
@settings(deadline=None)
def test_the_data_of_a_script(value: object) -> None:
    """Any text comes back as it was, and none of it can end the script element."""
    text = script_json(value)
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)
    text.encode()


def ask(body: bytes, url: str = URL) -> ck.Interaction:
    return ck.Interaction(Request("POST", url, body=body), Response(200))


def test_pairs() -> None:
    """The page and `diff` agree on what belongs together; the rest stands alone, in order."""
    left = [ask(b'{"a":1}'), ask(b'{"a":2}'), ask(b"[7, 8]", "https://h/x"), ask(b"\xff")]
    right = [ask(b'{"a":3}'), ask(b"\xff"), ask(b'{ "a": 1.0 }'), ask(b"{}", "https://h/y")]
    diff = compare(ck.Cassette(tuple(left)), ck.Cassette(tuple(right)))
    assert {(pair.before, pair.after) for pair in diff.pairs} == {(0, 2), (1, 0), (3, 1)}
    alike = {"same_request": True, "same_answer": True}
    assert pairs(left, right) == [
        Pair(0, 2, **alike),
        Pair(1, 0, same_answer=True),
        Pair(2, None),
        Pair(3, 1, **alike),
        Pair(None, 3),
    ]
    assert pairs(left, left) == [Pair(at, at, **alike) for at in range(4)]


def test_repeated_requests_are_paired_in_order() -> None:
    """429, 429, 200 stays in that order."""
    paired = pairs([ask(b"1")] * 3, [ask(b"1")] * 2)
    assert [pair[:2] for pair in paired] == [(0, 0), (1, 1), (2, None)]


def test_page_data_is_json() -> None:
    """What an exchange states beyond what JSON or JavaScript can hold is left out or text."""
    usage = {"prompt_tokens": 10**40, "completion_tokens": 5, "cost": 0.5}
    answer = {"choices": [{"message": {"content": "\ud800"}}], "usage": usage}
    body = json.dumps(answer).encode()
    one = interaction(URL, {"messages": [], "seed": 10**30}, body)
    data: Any = page_data(("x", ck.Cassette((one,))))
    (shown,) = data["sides"][0]["interactions"]
    assert json.loads(script_json(data)) == json.loads(json.dumps(data))
    assert shown["answered"]["input"] is None
    assert shown["answered"]["output"] == 5
    assert ("seed", str(10**30)) in shown["asked"]["settings"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h.example:8/a/b?c=d#e", ("h.example:8", "/a/b?c=d")),
        ("https://h", ("h", "https://h")),
        ("http://[", ("", "http://[")),
        ("file://h/etc", ("", "file://h/etc")),
        ("javascript:x", ("", "javascript:x")),
        ("", ("", "")),
    ],
)
def test_address(url: str, expected: tuple[str, str]) -> None:
    """Any text is an address of some kind."""
    assert address(url) == expected


def test_summary() -> None:
    """Models and hosts once, tokens added up; where nobody tells them there are none."""
    told = summary(ck.load(DIALECTS / "openai-chat.yaml"))
    assert (told.interactions, told.hosts) == (2, ("api.example.com",))
    assert (told.input_tokens, told.output_tokens) == (420, 96)
    assert summary(ck.Cassette((ask(b""),)))[1:] == (
        (),
        ("api.example.com",),
        None,
        None,
        None,
    )


def test_outcomes() -> None:
    """Each status counts, an error within an answer is one; failures come first, and what took
    longest is told to its last byte."""
    chunks = ((100, 1), (200, 1))
    ends = [
        interaction(URL, {}, b"{}", status="429 Too Many Requests"),
        interaction(URL, {"messages": []}, {"error": {"message": "overloaded"}}),
        interaction(URL, {}, b"{}", stream=Stream("complete", chunks)),
        interaction(URL, {}, b"{}"),
    ]
    told = outcomes(ck.Cassette((*ends, ends[0])))
    assert told == (
        (("200 with an error", True, 1), ("429", True, 2), ("200", False, 2)),
        640 + 300,
    )
    assert told.failures == 3
    assert outcomes(ck.Cassette(())) == ((), 0)


def test_the_time_of_chunks_that_are_not_those_of_the_body() -> None:
    """A body that was edited did not arrive in the chunks beside it: only the time to the headers
    is known, as for the page of its cassette."""
    edited = interaction(URL, {}, b"{}", stream=Stream("complete", ((100, 1), (200, 7))))
    assert outcomes(ck.Cassette((edited,))).longest_ms == 640


class Elements(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("arguments", [1, 2, "folder"])
def test_one_file_loads_nothing(arguments: object, tmp_path: Path) -> None:
    """No page names another file or host but the index, which links to the pages beside it."""
    paths = [SEEDS[0].parent] if arguments == "folder" else SEEDS[: int(str(arguments))]
    output = tmp_path / "out" / "x.html"
    result = run(*paths, "-o", output)
    assert (result.exit_code, result.stdout) == (0, f"wrote {output}\n")
    tags = Elements(output.read_text()).tags
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert not [tag for tag, attributes in tags if "src" in attributes or tag in ("link", "base")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    pages = [f"x-pages/{path.name}.html" for path in SEEDS]
    assert links == (pages if arguments == "folder" else ["#main"])
    policy = next(a["content"] for _, a in tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_names_of_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name a page is called like its cassette, in the working directory; a folder that is
    there takes it; the pages of a folder keep its structure."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    deep = tmp_path / "tapes" / "a b" / "ü#?.yaml"
    deep.parent.mkdir(parents=True)
    deep.write_bytes(SEEDS[0].read_bytes())
    name = SEEDS[0].name
    assert run(SEEDS[0]).stdout == f"wrote {name}.html\n"
    assert run(SEEDS[0], "-o", "there").stdout == f"wrote there/{name}.html\n"
    assert run(SEEDS[0], SEEDS[1]).stdout == f"wrote {name}-{SEEDS[1].name}.html\n"
    assert run("tapes").stdout == "wrote tapes-pages/index.html\n"
    assert run("tapes", "-o", "out").stdout == "wrote out/index.html\n"
    assert (tmp_path / "out" / "a b" / "ü#?.yaml.html").exists()
    index = (tmp_path / "out" / "index.html").read_text()
    assert 'href="a%20b/%C3%BC%23%3F.yaml.html"' in index
    assert ">a b/ü#?.yaml<" in index


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and characters that a terminal obeys, are spelt out in the page and
    on the terminal; the link leads to the file all the same."""
    (tmp_path / "x").mkdir()
    path = tmp_path / "x" / "caf\udce9\x1b[31m.yaml"
    path.write_bytes(SEEDS[0].read_bytes())
    result = run(tmp_path / "x", "-o", tmp_path / "pages")
    assert (result.exit_code, result.stderr) == (0, "")
    index = (tmp_path / "pages" / "index.html").read_text()
    assert 'href="caf%E9%1B%5B31m.yaml.html"' in index
    assert ">caf\\udce9\\u001b[31m.yaml<" in index
    result = run(path, "-o", tmp_path / "pages")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout


def test_titles_tell_no_paths(tmp_path: Path) -> None:
    """A page that is sent to somebody does not say where its maker's files are."""
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_bytes(SEEDS[0].read_bytes())
    run(tmp_path / "old" / "x.yaml", tmp_path / "new" / "x.yaml", "-o", tmp_path / "two.html")
    html = (tmp_path / "two.html").read_text()
    assert "<title>old/x.yaml and new/x.yaml</title>" in html
    assert str(tmp_path) not in html


@pytest.mark.parametrize(
    ("left", "right", "names"),
    [
        ("a/x.yaml", "a/y.yaml", ["x.yaml", "y.yaml"]),
        ("a/x.yaml", "b/x.yaml", ["a/x.yaml", "b/x.yaml"]),
        ("before/c/x.yaml", "after/c/x.yaml", ["before/c/x.yaml", "after/c/x.yaml"]),
        ("1/b/c/../x.yaml", "./2/b/x.yaml", ["1/b/x.yaml", "2/b/x.yaml"]),
        ("a/x.yaml", "a/x.yaml", ["x.yaml", "x.yaml"]),
    ],
)
def test_names_of_two(
    left: str, right: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cassettes are told apart in the title and in the page's name, by no more of their paths
    than it takes."""
    monkeypatch.chdir(tmp_path)
    for name in (left, right):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(os.path.normpath(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(SEEDS[0].read_bytes())
    page = "-".join(names).replace("/", "-") + ".html"
    assert run(left, right).stdout == f"wrote {page}\n"
    assert f"<title>{' and '.join(names)}</title>" in Path(page).read_text()


def test_other_files_stay(tmp_path: Path) -> None:
    """A slip of the hand does not replace a cassette by its page; an old page is replaced."""
    path = tmp_path / "x.yaml"
    path.write_bytes(SEEDS[0].read_bytes())
    result = run(path, "-o", path)
    assert result.exit_code == 1
    assert (
        result.stderr == f"Error: {path}: not written, the file there is no page of cassette-kit\n"
    )
    assert path.read_bytes() == SEEDS[0].read_bytes()
    for _ in range(2):
        assert run(path, "-o", tmp_path / "x.html").exit_code == 0


def test_an_empty_file_stays(tmp_path: Path) -> None:
    """A file that somebody has only made is no page either; a link stays one."""
    path = tmp_path / "x.html"
    path.touch()
    result = run(SEEDS[0], "-o", path)
    assert result.exit_code == 1
    assert "the file there is no page of cassette-kit" in result.stderr
    assert path.read_bytes() == b""
    path.unlink()
    path.symlink_to("behind.html")
    assert run(SEEDS[0], "-o", path).exit_code == 0
    assert path.is_symlink()
    assert (tmp_path / "behind.html").read_bytes().startswith(BEGINNING)


MAIN = "from cassette_kit.cli import main; main()"


def test_a_page_to_stdout(tmp_path: Path) -> None:
    """`-o -` and `/dev/stdout` give the page and not a word more: into a pipe, which ends for a
    reader that ends, and behind what a shell's `>>` keeps."""
    run(SEEDS[0], "-o", tmp_path / "x.html")
    html = (tmp_path / "x.html").read_text()
    for out in ("-", "/dev/stdout", "/dev/fd/1"):
        done = program(MAIN, "view", SEEDS[0], "-o", out)
        assert (done.returncode, done.stdout, done.stderr) == (0, html, "")
    call = [sys.executable, "-c", MAIN, "view", str(SEEDS[0]), "-o", "/dev/stdout"]
    for mode, kept in [("w", ""), ("a", "before\n")]:
        file = tmp_path / "redirected"
        file.write_text("before\n")
        with file.open(mode) as redirected:
            subprocess.run(call, stdout=redirected, check=True)
        assert file.read_text() == kept + html
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("out", ["-", "/dev/stdout"])
def test_a_reader_that_has_seen_enough(out: str, unbuffered: str, tmp_path: Path) -> None:
    """A page that was not taken whole is a failure without words, as of any program in a pipe."""
    ck.dump(ck.Cassette((ask(b"x" * 300_000),)), tmp_path / "x.yaml")
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    call = [sys.executable, "-c", MAIN, "view", str(tmp_path / "x.yaml"), "-o", out]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as one:
        assert one.stdout
        assert one.stderr
        assert one.stdout.read(15) == b"<!doctype html>"
        one.stdout.close()
        assert (one.wait(), one.stderr.read()) == (1, b"")


def test_a_pipe_and_a_device(tmp_path: Path) -> None:
    """A FIFO gets the page, a device stays a device, and neither is read first."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(fifo.read_bytes)
        result = run(SEEDS[0], "-o", fifo)
        assert (result.exit_code, result.output) == (0, "")
        assert read.result().startswith(BEGINNING)
    assert fifo.is_fifo()
    null = tmp_path / "null"
    try:
        os.mknod(null, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        null.write_bytes(b"")
    except OSError:
        pytest.skip("devices cannot be made or used here")
    result = run(SEEDS[0], "-o", null)
    assert (result.exit_code, result.output) == (0, "")
    assert null.is_char_device()


@pytest.mark.parametrize("call", [[SEEDS[0], "--open"], [SEEDS[0].parent]], ids=["open", "folder"])
def test_what_stdout_cannot_take(call: list[object]) -> None:
    """A browser opens no pipe, and the pages of a folder are no one file."""
    result = run(*call, "-o", "-")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "one page goes there, and no browser reads it" in result.stderr


def test_a_device_that_is_full(tmp_path: Path) -> None:
    """What a device refuses is said in a line."""
    full = tmp_path / "full"
    try:
        os.mknod(full, stat.S_IFCHR | 0o600, os.makedev(1, 7))
        os.close(os.open(full, os.O_WRONLY))
    except OSError:
        pytest.skip("devices cannot be made or used here")
    result = run(SEEDS[0], "-o", full)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {full}: not written: No space left on device\n"


def test_one_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder's index shows it with its error and lists the others; the command ends with 1."""
    (tmp_path / "a.yaml").write_bytes(SEEDS[0].read_bytes())
    (tmp_path / "b.yaml").write_bytes(SEEDS[0].read_bytes()[:-9])
    result = run(tmp_path, "-o", tmp_path / "pages")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/b.yaml")
    assert "cut off" in result.stderr
    index = (tmp_path / "pages" / "index.html").read_text()
    assert 'href="a.yaml.html"' in index
    assert "cut off" in index
    assert not (tmp_path / "pages" / "b.yaml.html").exists()


def test_what_leads_nowhere(tmp_path: Path) -> None:
    """A dangling link and one that goes round are told of, in the index, too, as are folders that
    nobody may read; the others get their pages."""
    tapes = tmp_path / "tapes"
    tapes.mkdir()
    (tapes / "a.yaml").write_bytes(SEEDS[0].read_bytes())
    (tapes / "dangling.yaml").symlink_to("none.yaml")
    (tapes / "loop.yaml").symlink_to("loop.yaml")
    result = run(tapes, "-o", tmp_path / "pages")
    assert (result.exit_code, result.stdout) == (1, f"wrote {tmp_path}/pages/index.html\n")
    told = [line.partition(f"Error: {tapes}/")[2] for line in result.stderr.splitlines()]
    assert [line.partition(":")[0] for line in told] == ["dangling.yaml", "loop.yaml"]
    index = (tmp_path / "pages" / "index.html").read_text()
    assert all(text in index for text in ("no such cassette", "symbolic links", "a.yaml.html"))
    site = write_site(tmp_path / "other", [tapes], root=tapes)
    assert [str(error) for error in site.errors] == [f"{tapes}: cannot be read: Is a directory"]


def test_an_index_of_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside `all.html` lies one folder, called after it, with all pages; they lead back."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tapes" / "deep" / "x.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(SEEDS[0].read_bytes())
    assert run("tapes", "-o", "all.html").stdout == "wrote all.html\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["all-pages", "all.html", "tapes"]
    assert 'href="all-pages/deep/x.yaml.html"' in (tmp_path / "all.html").read_text()
    page = tmp_path / "all-pages" / "deep" / "x.yaml.html"
    assert 'href="../../all.html"' in page.read_text()


def test_pages_of_cassettes_that_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are removed with their folder; pages that were never in this index, and what is no page,
    stay where they are."""
    monkeypatch.chdir(tmp_path)
    paths = [tmp_path / "tapes" / name for name in ("a.yaml", "b/c.yaml", "d.yaml")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SEEDS[0].read_bytes())
    run("tapes", "-o", "out")
    run(paths[0], "-o", "out/alone.yaml.html")
    run("tapes", "-o", "out/deeper")
    (tmp_path / "out" / "other.yaml.html").write_text("<!doctype html>")
    paths[1].unlink()
    paths[2].write_bytes(SEEDS[0].read_bytes()[:-9])
    result = run("tapes", "-o", "out")
    assert result.stdout == (
        "removed out/d.yaml.html: its cassette is gone, or cannot be read\n"
        "removed out/b/c.yaml.html: its cassette is gone, or cannot be read\n"
        "wrote out/index.html\n"
    )
    left = (path for path in (tmp_path / "out").rglob("*"))
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in left) == [
        "a.yaml.html",
        "alone.yaml.html",
        "deeper",
        "deeper/a.yaml.html",
        "deeper/b",
        "deeper/b/c.yaml.html",
        "deeper/d.yaml.html",
        "deeper/index.html",
        "index.html",
        "other.yaml.html",
    ]


def test_a_recording_that_is_not_accepted(tmp_path: Path) -> None:
    """What a failed test has recorded makes a page if it is asked for, and is in no index."""
    for name in ("x.yaml", "x.yaml.part", "y.yaml.part"):
        (tmp_path / name).write_bytes(SEEDS[0].read_bytes())
    assert run(tmp_path / "y.yaml.part", "-o", tmp_path / "part.html").exit_code == 0
    assert run(tmp_path, "-o", tmp_path / "all").exit_code == 0
    pages = sorted(page.name for page in (tmp_path / "all").iterdir())
    assert pages == ["index.html", "x.yaml.html"]


def test_wrong_places_for_a_folder(tmp_path: Path) -> None:
    """A cassette stays one, an index that is none stays, and nothing is written beside it; a folder
    without cassettes makes no index."""
    tapes = tmp_path / "tapes"
    tapes.mkdir()
    result = run(tapes, "-o", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{tapes}: no cassettes in there\n"
    path = tapes / "x.yaml"
    path.write_bytes(SEEDS[0].read_bytes())
    result = run(tapes, "-o", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: {path}: not written: for a folder, name another folder, or an index that ends in"
        " .html\n"
    )
    (tmp_path / "all.html").write_text("mine")
    result = run(tapes, "-o", tmp_path / "all.html")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no page of cassette-kit" in result.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["all.html", "tapes"]


@pytest.mark.parametrize(
    ("names", "code", "said"),
    [
        (["none.yaml"], 1, "none.yaml: no such cassette"),
        (["a", "b", "c"], 2, "give one cassette, two cassettes or one folder"),
        ([".", "a"], 2, "give one cassette, two cassettes or one folder"),
        ([], 2, "Usage: "),
    ],
)
def test_wrong_calls(
    names: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be shown is said in a line."""
    monkeypatch.chdir(tmp_path)
    result = run(*names)
    assert result.exit_code == code
    assert said in result.stderr


def program(code: str, *arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={"PYTHONPATH": str(Path(ck.__file__).parents[1]), "PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_jinja2(tmp_path: Path) -> None:
    """The extra that is missing is named, as it is typed."""
    code = "import sys; sys.modules['jinja2'] = None; from cassette_kit.cli import main; main()"
    done = program(code, "view", SEEDS[0], "-o", tmp_path / "x.html")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: the page needs Jinja2, which is not installed: pip install 'cassette_kit[view]'\n"
    )
    assert not (tmp_path / "x.html").exists()


def test_open(tmp_path: Path) -> None:
    """`--open` hands the page to the browser of the environment."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    code = "from cassette_kit.cli import main; main()"
    page = tmp_path / "a b.html"
    done = program(code, "view", SEEDS[0], "-o", page, "--open", BROWSER=f"{browser} %s")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "opened").read_text().strip() == page.as_uri()


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from([SSE, "", "image/png"]))
@settings(deadline=None, max_examples=60)
def test_any_bytes_make_a_page(request: bytes, answer: bytes, content_type: str) -> None:
    """No body keeps a page from being written."""
    one = interaction(URL, request, answer, content_type=content_type)
    script_json(page_data(("x", ck.Cassette((one, one))), ("y", ck.Cassette((one,)))))


def test_hostile_times() -> None:
    """Times beyond all reason stay numbers."""
    pieces = list(sse([{"choices": []}] * 2))
    sizes = tuple((10**17, len(piece)) for piece in pieces)
    one = interaction(
        URL, {"messages": []}, b"".join(pieces), content_type=SSE, stream=Stream("complete", sizes)
    )
    data: Any = page_data(("x", ck.Cassette((one,))))
    assert data["sides"][0]["interactions"][0]["timing"]["total_ms"] == pytest.approx(2e17)

"""`cassette-kit grep`: what is in a cassette is found, once, and under the right line."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cassette_files import SEEDS
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import JSON, SSE, interaction, written

import cassette_kit as ck
from cassette_kit.cli import main
from cassette_kit.formats.line_numbers import LineNumbers, Place
from cassette_kit.search import Hit, Line, excerpt, hits

if TYPE_CHECKING:
    from click.testing import Result

CHAT = "https://api.openai.com/v1/chat/completions"


def run(*arguments: object) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, ["grep", *map(str, arguments)])


def streamed(*deltas: str) -> bytes:
    """A chat completion that comes in these pieces."""
    chunks = [{"choices": [{"index": 0, "delta": {"content": delta}}]} for delta in deltas]
    lines = [json.dumps({"object": "chat.completion.chunk"} | chunk) for chunk in chunks]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


def asked(*messages: str) -> bytes:
    told = [{"role": "user", "content": message} for message in messages]
    return json.dumps({"model": "gpt-5", "messages": told}).encode()


@pytest.fixture(name="tape")
def _tape(tmp_path: Path) -> Path:
    """One call whose answer comes in pieces, one that fails, in lines of known numbers."""
    return written(
        tmp_path,
        [
            interaction(
                asked("Where is\nFlorence?", "In die Straße"),
                streamed("It is in Flo", "rence, ", "Italy"),
                url=CHAT,
                headers=SSE,
            ),
            interaction(
                b'{"q": "Lucca"}',
                b'{\n  "error": {\n    "message": "no Lucca today"\n  }\n}\n',
                url=f"{CHAT}?city=Lucca",
                code=400,
                status="400 Bad Request",
                headers=ck.Headers([*JSON.multi_items(), ("X-City", "Lucca"), ("X-City", "Pisa")]),
            ),
        ],
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (
            "Florence",
            [
                "#0 request body $.messages[0].content: Florence?",
                "#0 response text: It is in Florence, Italy",
            ],
        ),
        ("Straße", ["#0 request body $.messages[1].content: In die Straße"]),
        ("Italy", ["#0 response event 2 $.choices[0].delta.content: Italy"]),
        ('"q": "L', ['#1 request body: {"q": "Lucca"}']),
        ("DONE", ["#0 response body: data: [DONE]"]),
        (
            "Lucca",
            [
                f"#1 request url: POST {CHAT}?city=Lucca",
                "#1 request body $.q: Lucca",
                "#1 response header: X-City: Lucca",
                "#1 response body $.error.message: no Lucca today",
            ],
        ),
        ("X-City: P", ["#1 response header: X-City: Pisa"]),
        ("^400", ["#1 response status: 400 Bad Request"]),
        ("^200 OK$", ["#0 response status: 200 OK"]),
        ("^Flor.nce.$", ["#0 request body $.messages[0].content: Florence?"]),
    ],
)
def test_what_is_found(tape: Path, pattern: str, expected: list[str]) -> None:
    """Decoded values under their path, other text as it stands, a word in two events as one; in
    the line of the file in which it stands."""
    result = run(pattern, tape)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.removeprefix(f"{tape}:").partition(": ") for line in result.stdout.splitlines()]
    assert [text for _, _, text in lines] == expected
    file = tape.read_text().splitlines()
    for number, _, text in lines:
        if not re.search("response text|Straße", text):
            assert text.rpartition(": ")[2].strip("POST ?") in file[int(number) - 1]


@pytest.mark.parametrize(
    ("status", "text"),
    [("429 Too Many Requests", "429 Too Many Requests"), ("Too Many", "429 Too Many"), ("", "429")],
)
def test_a_status(tmp_path: Path, status: str, text: str) -> None:
    """It is found by its code and by its words, wherever a file has them."""
    path = written(tmp_path, [interaction(code=429, status=status)])
    key = "status:" if status else "code:"
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.strip().startswith(key))
    for pattern in ("429", *status.split()):
        found = f"{path}:{number}: #0 response status: {text}\n"
        assert run(pattern, path).stdout == found


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_lines_of_real_files(seed: Path) -> None:
    """Every word of every part is in the line that is told, whatever the file's layout."""
    cassette = ck.load(seed)
    numbers, lines = LineNumbers.of(cassette), seed.read_text().split("\n")
    found = 0
    for number, one in enumerate(cassette.interactions):
        for hit in hits(one, number, re.compile("[A-Za-z]{5,}")):
            if not re.match("response (text|thinking|tool)", hit.line.where):
                assert hit.texts[-1] in lines[numbers.line(hit.line.place) - 1]
                found += 1
    assert found > 20


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_places_of_lines(seed: Path) -> None:
    """The part that is told of a line has that line; no line is of an interaction further up."""
    numbers = LineNumbers(seed.read_bytes())
    places = [numbers.place(line) for line in range(1, seed.read_text().count("\n") + 1)]
    assert places[:2] == [None, None]
    for line, place in enumerate(places, 1):
        if place and place.key == "body":
            assert line - numbers.line(place) in (-1, 0)  # the key's own line counts as its first
    known = [place.number for place in places if place]
    assert known == sorted(known)


def test_a_file_in_flow_style(tmp_path: Path) -> None:
    """A part is told under the line it stands in, wherever its line breaks are."""
    text = (
        "---\nversion: 2\ninteractions: [{id: 0, request: {url: 'https://a.example/', method: GET},"
        " response: {body: hello, code: 200, duration: 1s}}]\n"
    )
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert run("hello", path).stdout == f"{path}:3: #0 response body: hello\n"
    assert LineNumbers(text.encode()).place(2) is None


def test_options(tape: Path, tmp_path: Path) -> None:
    """Case, plain text, names of files, counts."""
    other = tmp_path / "z.yaml"
    other.write_bytes(ck.dumps(ck.Cassette((interaction(),))))
    assert run("-i", "ITALY", tape).exit_code == 0
    assert run("ITALY", tape).exit_code == 1
    assert run("-F", "Florence?", tape).exit_code == 0
    assert run("-F", "Flor.nce", tape).exit_code == 1
    assert run("-l", "Lucca", tmp_path).stdout == f"{tape}\n"
    assert run("-c", "Lucca", tmp_path).stdout == f"{tape}:4\n{other}:0\n"
    for both in (["-lc"], ["-cl"], ["-l", "-c"]):
        assert run(*both, "Lucca", tmp_path).stdout == f"{tape}\n"
    for form in ("-l", "-c"):
        assert json.loads(run("--json", form, "Lucca", tmp_path).stdout)[0]["interaction"] == 1


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("$.model", "", [(0, "request body", "$.model", "gpt-5")]),
        (
            "$.messages[*].content",
            "Flor",
            [(0, "request body", "$.messages[0].content", "Where is\\nFlorence?")],
        ),
        (
            "$.choices[0].delta",
            "Ital",
            [(0, "response event 2", "$.choices[0].delta", '{"content": "Italy"}')],
        ),
        ("$..message", "", [(1, "response body", "$.error.message", "no Lucca today")]),
        ("$.nothing", "", []),
    ],
)
def test_a_json_path(
    tape: Path, path: str, pattern: str, expected: list[tuple[int, str, str, str]]
) -> None:
    """Values of requests, answers and events; the empty pattern prints every one, whole."""
    result = run("--path", path, pattern, tape)
    assert result.exit_code == (0 if expected else 1)
    lines = [line.partition(": ")[2] for line in result.stdout.splitlines()]
    assert lines == [f"#{number} {where} {at}: {text}" for number, where, at, text in expected]


def test_values_in_other_streams(tmp_path: Path) -> None:
    """NDJSON lines are documents too."""
    path = written(
        tmp_path,
        [
            interaction(
                answer=b'{"n": 1}\n{"n": 12345678901234567890}\n',
                headers=ck.Headers([("Content-Type", "application/x-ndjson")]),
            )
        ],
    )
    result = run("--json", "--path", "$.n", "", path)
    facts = json.loads(result.stdout)
    assert [one["value"] for one in facts] == [1, 12345678901234567890]
    assert facts[1]["line"] == facts[0]["line"] + 1


def test_json(tape: Path) -> None:
    """Programs get the whole line, and where in it the matches are."""
    assert json.loads(run("--json", "o L", tape).stdout) == [
        {
            "file": str(tape),
            "line": next(
                number
                for number, line in enumerate(tape.read_text().splitlines(), 1)
                if "no Lucca" in line
            ),
            "interaction": 1,
            "where": "response body",
            "path": "$.error.message",
            "text": "no Lucca today",
            "matches": [[1, 4]],
            "value": None,
        }
    ]
    assert json.loads(run("--json", "nowhere", tape).stdout) == []


def test_what_an_answer_is_made_of(tmp_path: Path) -> None:
    """Thoughts and the arguments of tools come in pieces, too."""
    call = {"index": 0, "id": "c1", "function": {"name": "weather", "arguments": '{"city": "Flo'}}
    deltas = [
        {"reasoning": "They think of Flo"},
        {"reasoning": "rence."},
        {"tool_calls": [call]},
        {"tool_calls": [{"index": 0, "function": {"arguments": 'rence"}'}}]},
    ]
    chunks = [{"object": "chat.completion.chunk", "choices": [{"delta": d}]} for d in deltas]
    answer = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()
    path = written(tmp_path, [interaction(asked("?"), answer, url=CHAT, headers=SSE)])
    lines = [line.partition(": ")[2] for line in run("Florence", path).stdout.splitlines()]
    assert lines == [
        "#0 response thinking: They think of Florence.",
        '#0 response tool call weather: {"city": "Florence"}',
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["[", "."], "'[' is no regular expression: "),
        (["--path", "model", "x", "."], "bad JSON path, character 1"),
        (["x", "no-such-file"], "no-such-file: no such cassette"),
    ],
)
def test_what_cannot_be_done(arguments: list[str], said: str) -> None:
    """Code 2, so that it is not taken for "not found"."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert run(*arguments[:-1]).exit_code == 2


def test_a_file_that_cannot_be_read(tape: Path, tmp_path: Path) -> None:
    """It is told with its line, the others are searched, and the code is 2."""
    (tmp_path / "a.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n")
    result = run("Italy", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {tmp_path}/a.yaml, line 4: ")
    assert result.stdout.startswith(f"{tape}:")


def test_hostile_text(tmp_path: Path) -> None:
    """Nothing that a terminal obeys is printed, be it in a value, a name or a URL; neither depth
    nor halves of characters stop the search."""
    deep = b'{"a":' * 5000 + b'"needle"' + b"}" * 5000
    odd = b'{"\\u001b[2J": "needle \\u202e \\u001b]0;x \\ud800"}'
    url = "https://api.example.com/needle\x1b[31m"
    path = written(
        tmp_path, [interaction(odd, deep, url=url), interaction(b"\xff\x00needle", b"[1, 2")]
    )
    result = run("needle", path)
    assert result.exit_code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", result.stdout)
    assert "#0 request body $['\\u001b[2J']: needle \\u202e \\u001b]0;x \ufffd" in result.stdout
    assert len(result.stdout.splitlines()) == 4
    assert run("--path", "$..a", "", path).exit_code == 1


def test_excerpts() -> None:
    """A long line is cut around its first match; what is cut off is marked; all is harmless."""
    text = "a" * 100 + "\x1b" + "needle" + "z" * 100
    line = Line(Place(0), "request body", text)
    pieces = list(excerpt(Hit(line, ((101, 107), (205, 206))), 30))
    shown = "…" + "a" * 9 + "\\u001b" + "needle" + "z" * 14 + "…"
    assert "".join(piece for piece, _ in pieces) == shown
    assert [piece for piece, is_match in pieces if is_match] == ["needle"]
    whole = list(excerpt(Hit(line, ((101, 107), (205, 206))), None))
    assert [piece for piece, is_match in whole if is_match] == ["needle", "z"]
    assert len("".join(piece for piece, _ in whole)) == len(text) + 5
    end = "".join(piece for piece, _ in excerpt(Hit(line, ((205, 206),)), 30))
    assert end == "…" + "z" * 30


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_a_text_in_any_pieces(text: str, cuts: list[int]) -> None:
    """However a stream cuts what it says, the whole of it is found."""
    answer = f"before {text} after"
    ends = sorted({0, len(answer), *(min(cut, len(answer)) for cut in cuts)})
    pieces = [answer[start:end] for start, end in pairwise(ends)]
    one = interaction(asked("?"), streamed(*pieces), url=CHAT, headers=SSE)
    found = list(hits(one, 0, re.compile(re.escape(f"{text} after"))))
    assert [hit for hit in found if hit.line.where.startswith("response")]


BODIES = st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())
TYPES = ["application/json", "text/event-stream", "application/x-ndjson", "image/png", ""]


@settings(deadline=None, max_examples=150)
@given(st.lists(BODIES, max_size=3), BODIES, st.sampled_from(TYPES))
def test_whatever_a_body_is(pieces: list[bytes], sent: bytes, kind: str) -> None:
    """No body stops the search, and what is told of it is in it."""
    body = b"".join(b"data: %b\n\n" % piece for piece in pieces) or sent
    headers = ck.Headers([("Content-Type", kind)])
    one = interaction(sent, body, url=CHAT, headers=headers)
    cassette = ck.loads(ck.dumps(ck.Cassette((one,))))
    numbers = LineNumbers.of(cassette)
    for hit in hits(cassette.interactions[0], 0, re.compile(r"\S")):
        assert numbers.line(hit.line.place) > 3
        assert all(len(text) == 1 for text in hit.texts)
        assert not re.search("[\x00-\x1f]", "".join(piece for piece, _ in excerpt(hit, 20)))

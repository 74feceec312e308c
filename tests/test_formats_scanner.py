"""The scanner declines a file, or reads in it exactly what the event reader does."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cassette_files import SEEDS, file_text, one
from cassette_values import NEW, all_changed, appended, with_interactions
from hypothesis import given, settings
from hypothesis import strategies as st
from test_formats_roundtrip import INTEGERS, STREAMS, in_layout_of
from test_formats_writer import LAYOUTS

import cassette_kit as ck
from cassette_kit import Cassette, CassetteFormatError, formats
from cassette_kit.formats import dumps, govcr_reader, govcr_scanner, yaml_tree
from cassette_kit.model import Headers, Interaction, Request, Response, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://api.example/"
ROOT = Path(__file__).parent.parent
IN_REPOSITORY = sorted(ROOT.rglob("cassettes/**/*.yaml"))

# What bodies and headers are made of; no raw break but LF, which only the event reader reads.
LETTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\u2028\u2029\ufeff")
PIECES = st.sampled_from([*"ab01 :#-?'/.,&*!|>%@`{}[]~<=é€", *'"\\\t', "''", ": ", " #"])
WORDS = st.sampled_from(["", "null", "~", "true", "yes", "1_000", "1:30", "0x1F", "2001-12-14"])
WORDS |= st.sampled_from([".inf", "<<", "=", "---", "...", "\\u0041", "\\U0001F600", "\\\\n"])
LINES = WORDS | st.lists(PIECES, max_size=12).map("".join) | st.text(LETTERS, max_size=12)
TEXTS = st.lists(LINES, max_size=5).map("\n".join) | st.lists(LINES, max_size=5).map("\r\n".join)
BODIES = st.binary(max_size=80) | TEXTS.map(str.encode) | TEXTS.map(lambda text: text.encode() * 40)
NAMES = st.text("abcXYZ012-_.[]y", min_size=1, max_size=8) | st.sampled_from(["null", "~", "no"])
HEADERS = st.lists(st.tuples(NAMES, LINES), max_size=4).map(Headers)
REQUESTS = st.builds(
    Request,
    method=LINES,
    url=LINES,
    headers=HEADERS,
    body=BODIES,
    proto=LINES,
    proto_major=st.integers(-9, 9),
    content_length=st.integers(-(10**18) + 1, 10**18 - 1),
    transfer_encoding=st.lists(LINES, max_size=2).map(tuple),
    trailer=HEADERS,
    host=LINES,
    remote_addr=LINES,
    form=HEADERS,
)
RESPONSES = st.builds(
    Response,
    status_code=st.integers(0, 999),
    headers=HEADERS,
    body=BODIES,
    status=LINES,
    duration_ns=INTEGERS,
    transfer_encoding=st.lists(LINES, max_size=2).map(tuple),
    trailer=HEADERS,
    uncompressed=st.booleans(),
    stream=st.none() | STREAMS,
)
INTERACTIONS = st.lists(st.builds(Interaction, REQUESTS, RESPONSES), min_size=1, max_size=3)
CASSETTES = INTERACTIONS.map(lambda interactions: Cassette(tuple(interactions)))
TARGETS = [None, *(text for text, _ in LAYOUTS.values())]


def both(data: bytes) -> tuple[Cassette, Cassette] | None:
    """What the two readers make of a file, which must be the same; None if the scanner declines."""
    scanned, opened = govcr_scanner.loaded(data), govcr_scanner.opened(data)
    assert (scanned is None) == (opened is None)
    if scanned is None or opened is None:
        return None
    expected = govcr_reader.read(data, "x.yaml")
    assert scanned == expected
    assert repr(scanned) == repr(expected), "the order of header names"
    assert tuple(opened.requests) == tuple(one.request for one in expected.interactions)
    assert tuple(opened.interactions) == expected.interactions
    return scanned, expected


def is_read(data: bytes) -> bool:
    """Whether the scanner takes a file. If so, what is written back must agree as well."""
    found = both(data)
    if found is None:
        return False
    for ours, theirs in zip(*map(edits, found), strict=True):
        assert dumps(ours) == dumps(theirs)
    return True


def edits(cassette: Cassette) -> Iterator[Cassette]:
    """The cassette as it is, changed, with more, in another order, and with less in it."""
    interactions = cassette.interactions
    yield cassette
    yield all_changed(cassette)
    yield appended(cassette, NEW)
    yield with_interactions(cassette, NEW, *reversed(interactions))
    yield with_interactions(cassette, *interactions[1:])


@settings(deadline=None, max_examples=150)
@given(CASSETTES, st.sampled_from(TARGETS))
def test_what_writers_give_is_read(cassette: Cassette, target: str | None) -> None:
    """In every layout and scalar style: the event reader takes ten times as long."""
    assert is_read(dumps(in_layout_of(target, cassette)))


@pytest.mark.parametrize("path", IN_REPOSITORY, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_cassettes_of_this_repository_mean_the_same_to_both(path: Path) -> None:
    """Real ones of four providers, recorded by other tools, among them."""
    assert is_read(path.read_bytes()) or path not in SEEDS


def written(layout: str, *interactions: Interaction) -> bytes:
    return dumps(in_layout_of(LAYOUTS[layout][0], Cassette(interactions)))


REQUEST = Request(
    "POST",
    "https://api.example/v1?q=é",
    Headers([("Accept", "a/b"), ("X-Odd", "it's: odd # not"), ("X-Odd", "")]),
    b'{"a": "it\'s"}',
    transfer_encoding=("chunked",),
    form=Headers([("messages[0]", "- x")]),
    trailer=Headers([("X-T", "~")]),
)
BODIES_OF_EVERY_STYLE = (
    b"",
    b"plain: no",
    b"it's",
    "data: one\n\ndata: é\n\n".encode(),
    b"two\nlines",
    b"  indented\n\nlines\n",
    b'{"a": "\\"b\\\\"}\r\n\r\n',
    'emoji \U0001f600 \\U0001F600 \x1b[0m "\x85\u00a0"\ud7ff'.encode(),
    b"\xff\x00",
    b"\xff" * 100,
)
EVERY_STYLE = Cassette(
    tuple(
        Interaction(
            REQUEST,
            Response(
                200,
                Headers([("Content-Type", "text/event-stream")]),
                body,
                status="200 OK",
                duration_ns=1_968_063_083,
                uncompressed=number % 2 == 0,
                stream=NEW.response.stream if number % 3 else None,
            ),
        )
        for number, body in enumerate(BODIES_OF_EVERY_STYLE)
    )
)
BASES = [dumps(in_layout_of(target, EVERY_STYLE)) for target in TARGETS]
BASES += [path.read_bytes() for path in IN_REPOSITORY if path.stat().st_size < 8_000]
BASES += [one()]

VALUES = (
    r"""
 | a | a  b | a' | a" | -a | ?a | :a | a:b | a#b | ,a | ]a | %a | @a | `a | é | a<TAB>b | -- | ~a
- a | ? a | : a | a: b | a: | a # b | - | ? | : | --- | ... | , | ] | &a b | *a | !x y | !!str y
~ | null | Null | NULL | << | true | yes | 1 | 01 | -1 | -0 | +1 | 1_0 | 0x1 | 1.0 | 1e3
2001-12-14 | 99999999999999999999 | 999999999999999999 | 1s | 1 s | -1.5ms | 1d | 1.5µs
1h1m1s | s | .s | 0 | 9999999999999h | 1.5s # c | {} | [] | [a] | {a: b} | > | >- | | | |- | |2
|2- | !!null | !!binary | !!binary YQ== | !!binary YQ | !!binary "YQ==" | !!binary null | !!binary |
!!binary YQ== # c
'' | ' | 'a' | 'it''s' | 'it's' | 'a' 'b' | ''' | '''' | 'a' # c | 'a<TAB>b' | 'a | 'é' | '"' | '\\'
"" | " | "a" | "a"b" | "a" "b" | "a" # c | "a<TAB>b" | "a | "é" | "'" | "\\" | "\" | "\\\" | "a\\"
"\q" | "\/" | "\'" | "\ " | "\x41\e\0\a\b\t\n\v\f\r\N\_\L\P" | "\\x41" | "\x4" | "\x4\\1" | "\u00e9"
"\ud83d\ude00" | "é\ud83d\ude00" | "\uD83D" | "\\ud83d" | "é\\ud83d" | "\\\ud83d\ude00" | "\u00zz"
"\U0001F600" | "\\U0001F600" | "\\\U0001F600\\\\U\U0001f600" | "\U00110000" | "\U0000D83D" | "\U"
"\U0001F600 \\U00000041" | "\\U00000041 \U0001F600"
"\U0000D83D\U0000DE00" | "\U+001F600" | "\U00000022" | "\Ua\x41" | "\U0001F600\ud83d\ude00\e"
{end: complete, chunks: []} | {end: client_closed, chunks: [[1, 2], [3, 4]]}
{end: complete, chunks: [[1, 2]] } | {end: complete, chunks: [[01, 2]]} | {end: x, chunks: []}
{chunks: [], end: complete} | {end: complete, chunks: [[1,2]]} | {end: complete, chunks: [[1, 2], ]}
{end: complete, chunks: [1]}
""".replace("<TAB>", "\t")
    .replace("\n", " | ")
    .split(" | ")
)


@pytest.mark.parametrize("layout", "AB")
def test_any_value_in_any_line_means_the_same_to_both(layout: str) -> None:
    """Every rule of the scanner is one that YAML has, or it declines."""
    lines = written(layout, EVERY_STYLE.interactions[4]).decode().split("\n")
    accepted = 0
    for number, line in enumerate(lines):
        stem = next((line[: line.index(sign) + 1] for sign in (": ", "- ") if sign in line), line)
        for value in VALUES:
            changed = [*lines[:number], f"{stem} {value}", *lines[number + 1 :]]
            accepted += both("\n".join(changed).encode()) is not None
    assert accepted > 300


TOKENS = [
    b"\n",
    b"- ",
    b": ",
    b"#",
    b"&a ",
    b"*a",
    b"!!binary ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"|",
    b">",
]
TOKENS += [b"'", b'"', b"\\", b"\t", b"\r", b"\x00", b"\xff", b"---\n", b"...\n", b"%", b"  ", b" "]
TOKENS += ["\u2028".encode(), "\x85".encode(), "\ufeff".encode(), "\U0001f600".encode(), b"x: y\n"]


@settings(deadline=None, max_examples=600)
@given(st.data())
def test_damaged_files_mean_the_same_to_both(data: st.DataObject) -> None:
    """Bytes changed, taken out and put in; lines doubled, moved, shifted and ended otherwise."""
    damaged = data.draw(st.sampled_from(BASES))
    for _ in range(data.draw(st.integers(1, 2))):
        damaged = data.draw(st.sampled_from(DAMAGES))(damaged, data.draw)
    is_read(damaged)


def token_put_in(text: bytes, draw: Any) -> bytes:
    start = draw(st.integers(0, len(text)))
    end = start + draw(st.sampled_from([0, 0, 1, 2, 5, 40]))
    return text[:start] + draw(st.sampled_from(TOKENS)) + text[end:]


def byte_changed(text: bytes, draw: Any) -> bytes:
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.binary(max_size=1)) + text[at + 1 :]


def line_doubled(text: bytes, draw: Any) -> bytes:
    lines = text.split(b"\n")
    lines.insert(draw(at_one_of(lines)), lines[draw(at_one_of(lines))])
    return b"\n".join(lines)


def line_moved(text: bytes, draw: Any) -> bytes:
    lines = text.split(b"\n")
    line = lines.pop(draw(at_one_of(lines)))
    lines.insert(draw(st.integers(0, len(lines))), line)
    return b"\n".join(lines)


def line_shifted(text: bytes, draw: Any) -> bytes:
    lines = text.split(b"\n")
    at, by = draw(at_one_of(lines)), draw(st.sampled_from([-4, -2, -1, 1, 2, 4]))
    lines[at] = b" " * by + lines[at] if by > 0 else lines[at][-by:]
    return b"\n".join(lines)


def line_ended(text: bytes, draw: Any) -> bytes:
    lines = text.split(b"\n")
    lines[draw(at_one_of(lines))] += draw(st.sampled_from([*TOKENS, b" # x", b":", b" \n"]))
    return b"\n".join(lines)


def at_one_of(lines: list[bytes]) -> Any:
    return st.integers(0, len(lines) - 1)


DAMAGES = [token_put_in, byte_changed, line_doubled, line_moved, line_shifted, line_ended]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(one().replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + one(), id="BOM"),
        pytest.param(one() + b"---\nversion: 2\n", id="second document"),
        pytest.param(one() + b"...\n", id="end of the document"),
        pytest.param(one() + b"x-note: a\n", id="unknown key of the file"),
        pytest.param(one(extra={"x-note": "a"}), id="unknown key of an interaction"),
        pytest.param(one(response={"x-note": "a"}), id="unknown key of a response"),
        pytest.param(one(request={"host": "a"}), id="keys in another order"),
        pytest.param(b"# a note\n" + one(), id="comment"),
        pytest.param(one().replace(b"version: 2\n", b""), id="no version"),
        pytest.param(one(response={"body": "&a x", "status": "*a"}), id="alias"),
        pytest.param(one(response={"body": "!x y"}), id="tag"),
        pytest.param(one(response={"body": ">\n      folded"}), id="folded"),
        pytest.param(one(response={"body": '"a\\\n      b"'}), id="quoted over lines"),
        pytest.param(one(response={"body": "'a\u2028b'"}), id="another break"),
        pytest.param(one(response={"body": "{}"}), id="flow style"),
        pytest.param(file_text(tail="\n").encode(), id="blank line"),
    ],
)
def test_what_no_writer_gives_is_left_to_the_event_reader(data: bytes) -> None:
    """The scanner does not guess."""
    assert govcr_scanner.loaded(data) is None
    assert govcr_scanner.opened(data) is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_opening_for_replay_refuses_what_loading_refuses(layout: str) -> None:
    """A file that is cut off fails when it is opened, not in the middle of a test."""
    data = written(layout, *EVERY_STYLE.interactions[3:5])
    for end in range(0, len(data), 3):
        errors = [refusal(read, data[:end]) for read in (formats.loads, formats.opened)]
        assert errors[0] == errors[1]
        assert "cut off?" in errors[0]


@pytest.mark.parametrize(
    "body", ["'a'b'", '"\\q"', '"a', "!!binary YQ", "!!binary |\n      ?", "a: b"]
)
def test_a_body_that_cannot_be_decoded_is_found_on_opening(body: str) -> None:
    """Though it is decoded later."""
    data = one(response={"body": body})
    assert refusal(formats.opened, data) == refusal(formats.loads, data) != ""


@pytest.mark.parametrize("data", [b"", b'{"log": {}}', one()[:-1], one().replace(b": 2", b": 3")])
def test_opening_names_what_is_wrong_with_a_file_as_loading_does(data: bytes) -> None:
    """Another tool's file, an empty one, one that is cut off, another version."""
    assert refusal(formats.opened, data) == refusal(formats.loads, data) != ""


def refusal(read: Any, data: bytes) -> str:
    try:
        read(data, origin="x.yaml")
    except CassetteFormatError as error:
        return str(error)
    return ""


def test_the_number_of_values_is_limited_as_in_the_event_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limit itself takes seconds to reach, so a smaller one stands in for it."""
    sizes = tuple((1, 0) for _ in range(400))
    response = Response(200, stream=Stream("complete", sizes))
    data = dumps(Cassette((Interaction(Request("GET", "u"), response),)))
    assert govcr_scanner.loaded(data)
    for module in (govcr_scanner, yaml_tree):
        monkeypatch.setattr(module, "MAX_NODES", 1000)
    assert "more than 1,000 values" in refusal(formats.loads, data)
    assert "more than 1,000 values" in refusal(formats.opened, data)


def test_an_interaction_is_built_once_and_when_asked_for() -> None:
    """Bodies that a test never asks for take no memory beyond the file itself."""
    body = b"data: x\n\n" * 20_000
    interaction = Interaction(REQUEST, Response(200, body=body))
    data = dumps(Cassette((interaction,) * 20))
    tracemalloc.start()
    try:
        opened = formats.opened(data, origin="x.yaml")
        assert tracemalloc.get_traced_memory()[0] < len(body)
        assert len(opened.interactions) == 20
        assert opened.interactions[3].response.body == body
        assert tracemalloc.get_traced_memory()[0] < 2 * len(body)
    finally:
        tracemalloc.stop()
    assert opened.interactions[3] is opened.interactions[-17]
    assert list(opened.interactions[2:4]) == [opened.interactions[2], opened.interactions[3]]
    with pytest.raises(IndexError):
        opened.interactions[20]


def test_a_tape_builds_what_it_plays(tmp_path: Path) -> None:
    """Of a large cassette a test takes the file and the answers that it gets, not all of them."""
    body = b"data: %b\n\n" % (b"x" * 50_000) * 20
    path = tmp_path / "x.yaml"
    interactions = [
        Interaction(Request("GET", f"{URL}{n}"), Response(200, body=body)) for n in "ab"
    ]
    ck.dump(Cassette((*interactions * 10,)), path)
    tracemalloc.start()
    try:
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            with httpx.Client(transport=tape.transport(httpx)) as client:
                assert client.get(f"{URL}b").content == body
            assert tracemalloc.get_traced_memory()[0] < path.stat().st_size + 8 * len(body)
        assert tape.outcome().unplayed == 19
    finally:
        tracemalloc.stop()
    assert [one.request for one in tape.played] == [interactions[1].request]
    assert len(tape.unplayed) == 19


def test_a_regular_file_needs_no_yaml() -> None:
    """Its import takes longer than the reading of most cassettes."""
    program = (
        "import sys, cassette_kit as ck; "
        f"ck.dumps(ck.load({str(SEEDS[0])!r})); print('yaml' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "False"

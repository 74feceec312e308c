"""Bodies are cut where a server cut them, however they arrive, and read as clients read them."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from splits import every_split

from cassette_kit import CassetteOptionError, chunking
from cassette_kit.chunking import ServerSentEvent

SSE = "text/event-stream"
JSON = "application/json"
NDJSON = "application/x-ndjson"
AWS = "application/vnd.amazon.eventstream"
CASSETTES = Path(__file__).parent.parent / "cassettes"


def aws_frame(headers: bytes, payload: bytes) -> bytes:
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    frame = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return frame + struct.pack(">I", zlib.crc32(frame))


PLAIN_FRAME = aws_frame(b"", b'{"x":1}')
NEWLINE_FRAME = aws_frame(b"\x05:type\x07\x00\x01a", b"one\n\ntwo\n\n")
EMPTY_FRAME = aws_frame(b"", b"")

# Each body as the list of its pieces, under a content type that it is really sent with.
CASES = {
    "sse-lf": (SSE, [b'data: {"a":1}\n\n', b"data: [DONE]\n\n"]),
    "sse-crlf": (SSE, [b"data: 1\r\n\r\n", b"event: x\r\ndata: 2\r\n\r\n"]),
    "sse-cr": (SSE, [b"data: 1\r\r", b"data: 2\r\r"]),
    "sse-mixed-breaks": (SSE, [b"data: 1\r\n\n", b"data: 2\n\r\n", b"data: 3\r\r\n"]),
    "sse-comment": (SSE, [b": PROCESSING\n\n", b": PROCESSING\n\n", b"data: 1\n\n"]),
    "sse-comment-in-event": (SSE, [b": first\ndata: 1\n\n", b"data: 2\n\n"]),
    "sse-extra-blank-lines": (SSE, [b"\ndata: 1\n\n", b"\n\ndata: 2\n\n", b"\n"]),
    "sse-only-blank-lines": (SSE, [b"\n\r\n\n\r"]),
    "sse-bare-tail": (SSE, [b"data: 1\n\n", b"data: 2"]),
    "sse-json-error-tail": (SSE, [b"data: 1\n\n", b'{"error":{"code":502}}\n']),
    "sse-type-over-json": (SSE, [b'{\n  "error": {\n    "code": 400\n  }\n}\n']),
    "sse-charset": ("Text/Event-Stream; charset=utf-8", [b"data: 1\n\n", b"data: 2\n\n"]),
    "sse-bom": (SSE, [b"\xef\xbb\xbfdata: 1\n\n", b"data: 2\n\n"]),
    "sse-undeclared": ("", [b"event: a\ndata: 1\n\n", b"data: 2\n\n"]),
    "sse-undeclared-comment": ("", [b": PROCESSING\n\n", b"data: 2\n\n"]),
    "sse-as-json": (JSON, [b"data: 1\n\n", b"data: 2\n\n"]),
    "ndjson": (NDJSON, [b'{"a":1}\n', b'{"a":2}\r\n', b'{"a":3}']),
    "ndjson-blank-lines": (NDJSON, [b'{"a":1}\n', b'\n \n{"a":2}\n', b"\n"]),
    "ndjson-as-json": (JSON, [b'{"done":false}\n', b'{"done":false}\n', b'{"done":true}\n']),
    "ndjson-as-json-cut": (JSON, [b'{"done":false}\n', b'{"do']),
    "ndjson-as-json-charset": ("application/json; charset=utf-8", [b"{}\n", b"{}\n"]),
    "json": (JSON, [b'{"a": "x\\n\\ny"}']),
    "json-with-breaks-after": (JSON, [b'{"a": 1}\n\n\n']),
    "json-pretty": (JSON, [b'{\n  "a": [\n    1,\n    2\n  ]\n}\n']),
    "json-pretty-array": (JSON, [b'[\n  {"a": 1},\n  {"a": 2}\n]\n']),
    "json-brace-on-own-line": (JSON, [b'{"a": {\n"b": 1}\n}\n']),
    "json-scalar-lines": (JSON, [b"1\n2\n"]),
    "json-problem": ("application/problem+json", [b"{}\n", b"{}\n"]),
    "padded": (JSON, [b"\n         \n"] * 3 + [b'{"a":1}']),
    "padded-crlf": (JSON, [b"\r\n  \r\n", b"\r\n  \r\n", b'{"a":1}\n']),
    "padded-cr": (JSON, [b"\r \r", b"\r\t\r", b"[]"]),
    "padded-pretty": (JSON, [b"\n \n", b'\n {\n  "a": 1\n}']),
    "padded-only": (JSON, [b"\n   \n", b"\n   "]),
    "padded-undeclared": ("", [b"\n   \n", b"{}"]),
    "empty-lines-are-no-padding": (JSON, [b'\n\n\n{"a":1}']),
    "padded-after-a-stray-break": (JSON, [b"\n\n  \n", b'{"a":1}']),
    "padded-ndjson": (JSON, [b"\n   \n", b"{}\n", b"{}\n"]),
    "array-stream": (JSON, [b'[{\n  "a": 1\n}\n', b',\r\n{\n  "a": 2\n}\n', b',\r\n{"a": 3}\n]\n']),
    "array-stream-compact": (JSON, [b'[{"a":1}\n', b',\n{"a":2}]']),
    "array-stream-cut": (JSON, [b"[{}\n", b",\r\n", b",\r\n{"]),
    "array-of-one": (JSON, [b'[{\n  "a": 1\n}\n]\n']),
    "aws": (AWS, [PLAIN_FRAME, EMPTY_FRAME, NEWLINE_FRAME]),
    "aws-cut": (AWS, [PLAIN_FRAME, NEWLINE_FRAME[:-1]]),
    "aws-cut-in-length": (AWS, [PLAIN_FRAME, b"\0\0\0"]),
    "aws-length-too-small": (AWS, [PLAIN_FRAME, b"\0\0\0\x0f\0\0\0\0" + PLAIN_FRAME]),
    "aws-headers-too-long": (AWS, [PLAIN_FRAME, struct.pack(">II", 20, 5) + PLAIN_FRAME]),
    "aws-not-frames": (AWS, [b'{"message":"denied"}']),
    "text": ("text/plain", [b"data: 1\n\ndata: 2\n\n"]),
    "binary": ("audio/mpeg", [b"\n  \n{}\n{}\n"]),
    "empty-sse": (SSE, []),
    "empty-json": (JSON, []),
    "empty": ("text/plain", []),
}
cases = pytest.mark.parametrize(("content_type", "pieces"), CASES.values(), ids=CASES)

CONTENT_TYPES = st.sampled_from([SSE, JSON, NDJSON, AWS, "", "text/plain"])
# What the rules look at, and just enough else.
TOKENS = st.sampled_from(
    [bytes([byte]) for byte in b"\r\n\t :,{}[]1\0\xc3\xa9"]
    + b'\r\n|  |""|{"a":1}|data|data: x|event: e|event:|id: 7|id|id: \0|retry: 50|retry: x'.split(
        b"|"
    )
    + [b"\xef\xbb\xbf", b"\0\0\0\x10", PLAIN_FRAME, EMPTY_FRAME]
)
BODIES = st.lists(TOKENS, max_size=30).map(b"".join)


@cases
def test_a_body_is_cut_where_its_server_cut_it(content_type: str, pieces: list[bytes]) -> None:
    """A client that replays a stream sees the chunks of the wire and not others."""
    assert chunking.split(b"".join(pieces), content_type) == pieces


@cases
def test_pieces_do_not_depend_on_how_the_body_arrives(
    content_type: str, pieces: list[bytes]
) -> None:
    """What the network does to a body must not change its cut: not within a CRLF, not anywhere."""
    body = b"".join(pieces)
    for portions in every_split(body):
        assert pushed(portions, content_type) == pieces


def test_json_too_deep_to_parse_is_one_piece() -> None:
    """A hostile body must not end in a RecursionError."""
    body = b'{"a":' * 100_000 + b"\n{}"
    assert chunking.split(body, JSON) == [body]


@given(body=BODIES, content_type=CONTENT_TYPES, cuts=st.lists(st.integers(0, 100), max_size=8))
@settings(deadline=None, max_examples=2000)
def test_any_body_in_any_portions_gives_the_pieces_of_the_whole(
    body: bytes, content_type: str, cuts: list[int]
) -> None:
    """No byte is lost or doubled, no piece is empty, and the portions leave no trace."""
    places = [0, *sorted(cuts), len(body)]
    portions = [body[start:end] for start, end in pairwise(places)]
    pieces = chunking.split(body, content_type)
    assert b"".join(pieces) == body
    assert all(pieces)
    assert pushed(portions, content_type) == pieces
    assert pushed([body[at : at + 1] for at in range(len(body))], content_type) == pieces


@pytest.mark.parametrize(
    ("content_type", "pieces"),
    [
        (SSE, [b"data: 1\n\n", b": c\r\n\r\n", b"data: 2\n\n"]),
        (NDJSON, [b"{}\n", b"{}\r\n"]),
        (JSON, [b"\n   \n", b"\n   \n"]),
        (AWS, [PLAIN_FRAME, EMPTY_FRAME]),
    ],
)
def test_a_unit_is_passed_on_as_soon_as_it_is_complete(
    content_type: str, pieces: list[bytes]
) -> None:
    """A cutter that waited for the next unit would hold up a live stream by one event."""
    cutter = chunking.cutter(content_type)
    assert [cutter.push(piece) for piece in pieces] == [[piece] for piece in pieces]
    assert cutter.finish() == []


def test_recorded_cassettes_are_cut_by_event_and_by_padding() -> None:
    """Bodies of real recordings, whose units can be counted by their blank lines."""
    for path in CASSETTES.glob("*.yaml"):
        for interaction in yaml.safe_load(path.read_bytes())["interactions"]:
            response = interaction["response"]
            body = response["body"].encode()
            pieces = chunking.split(body, response["headers"]["Content-Type"][0])
            separator = b"\n\n" if body.startswith(b"data") else b"\n         \n"
            assert len(pieces) == body.count(separator) + (not body.endswith(separator))
            assert all(piece.count(separator) <= 1 for piece in pieces)


@given(body=BODIES)
@settings(deadline=None, max_examples=1000)
@example(body=b"a\r\n\r")
@example(body=b"\n\n\na\n\n\n")
def test_event_stream_cuts_agree_with_a_reading_byte_by_byte(body: bytes) -> None:
    """The regular expressions find the blank lines that a plain line reader finds."""
    assert chunking.split(body, SSE) == slow_event_pieces(body)


@given(body=BODIES)
@settings(deadline=None, max_examples=1000)
@example(body=b"\xef\xbb\xbfdata: 1\n\ndata: 2")
def test_events_agree_with_the_algorithm_of_the_standard(body: bytes) -> None:
    """Fields, ids and types mean what the WHATWG steps make of them, one line after the other."""
    assert chunking.sse_events(body) == slow_events(body)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        # The four examples of the standard's section 9.2.6.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [ServerSentEvent("YHOO\n+2\n10")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third",
            [
                ServerSentEvent("first event", id="1"),
                ServerSentEvent("second event"),
                ServerSentEvent(" third"),  # a browser drops it, an SDK delivers it
            ],
        ),
        (
            b"data\n\ndata\ndata\n\ndata:",
            [ServerSentEvent(""), ServerSentEvent("\n"), ServerSentEvent("")],
        ),
        (b"data:test\n\ndata: test\n\n", [ServerSentEvent("test")] * 2),
        # What providers send.
        (b"event: ping\r\ndata: {}\r\n\r\n", [ServerSentEvent("{}", event="ping")]),
        (b"retry: 3000\nid: 7\ndata: a\n\n", [ServerSentEvent("a", id="7", retry=3000)]),
        (b"id: 7\n\ndata: a\n\ndata: b\n\n", [ServerSentEvent(x, id="7") for x in "ab"]),
        (b": PROCESSING\n\n: PROCESSING\n\n", []),
        (b'data: 1\n\n{"error":{"code":502}}', [ServerSentEvent("1")]),
        (b'{"error": "data: 1"}\n\n', []),
        (b"data: \xc3\n\n", [ServerSentEvent("\N{REPLACEMENT CHARACTER}")]),
        (b"data: a\x0b\xc2\x85\xe2\x80\xa8b\n\n", [ServerSentEvent("a\x0b\x85\u2028b")]),
        (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", [ServerSentEvent("a")]),
        ("retry: \u0663\ndata: a\n\n".encode(), [ServerSentEvent("a")]),
        (b"", []),
    ],
)
def test_events_are_what_a_client_sees(body: bytes, events: list[ServerSentEvent]) -> None:
    """Assertions in a user's test on `response.events()` rest on these."""
    assert chunking.sse_events(body) == events


def test_an_event_is_a_value_with_json_data() -> None:
    """Users parse `data`, compare events and find the class by its public name."""
    event = ServerSentEvent('{"a": 1}')
    assert event.json() == {"a": 1}
    assert type(event).__module__ == "cassette_kit"
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.data = ""  # type: ignore[misc]
    with pytest.raises(ValueError, match="Expecting value"):
        ServerSentEvent("[DONE]").json()


@pytest.mark.parametrize(
    ("how", "pieces"),
    [
        ("recorded", [b"data: \xc3\xa9\n\n", b"data: 2\n\n"]),
        ("events", [b"data: \xc3\xa9\n\n", b"data: 2\n\n"]),
        ("whole", [b"data: \xc3\xa9\n\ndata: 2\n\n"]),
        ("bytes:7", [b"data: \xc3", b"\xa9\n\ndata", b": 2\n\n"]),
        ("bytes:007", [b"data: \xc3", b"\xa9\n\ndata", b": 2\n\n"]),
        ("bytes:19", [b"data: \xc3\xa9\n\ndata: 2\n\n"]),
        ("bytes:999999999999999999", [b"data: \xc3\xa9\n\ndata: 2\n\n"]),
    ],
)
def test_a_body_can_be_cut_otherwise(how: str, pieces: list[bytes]) -> None:
    """Each value of the option `chunks` gives the cut that it names."""
    assert chunking.recut(b"".join(pieces), SSE, how) == pieces
    assert chunking.recut(b"", SSE, how) == []


def test_a_seed_names_its_cut_for_ever() -> None:
    """A test that failed under `random:42` must fail so again on another machine.

    random.Random(42).random() gives 0.6394…, 0.0250…, 0.2750… wherever Python runs.
    """
    sizes = [1 + int(draw**3 * 256) for draw in (0.6394267985, 0.0250107552, 0.2750293184)]
    pieces = chunking.recut(bytes(1000), SSE, "random:42")
    assert [len(piece) for piece in pieces[:3]] == sizes
    assert chunking.recut(bytes(1000), SSE, "random:42") == pieces
    assert chunking.recut(bytes(1000), SSE, "random:43") != pieces


@given(body=st.binary(max_size=2000), seed=st.integers(0, 10**18 - 1))
@settings(deadline=None)
def test_random_cuts_keep_every_byte(body: bytes, seed: int) -> None:
    """A body in random pieces is still that body, in pieces of 1 to 256 bytes."""
    pieces = chunking.recut(body, "", f"random:{seed}")
    assert b"".join(pieces) == body
    assert all(1 <= len(piece) <= 256 for piece in pieces)


def test_some_seed_cuts_within_a_character() -> None:
    """Decoders break within characters, so random cuts have to fall there."""
    body = "é".encode() * 200
    pieces = [piece for seed in range(5) for piece in chunking.recut(body, SSE, f"random:{seed}")]
    assert any(piece.startswith(b"\xa9") for piece in pieces)


@pytest.mark.parametrize(
    "how",
    [
        *("", "event", "Events", "events:", "whole:1", "bytes", "bytes:", "bytes:0", "bytes:-1"),
        *("bytes:1.5", "bytes:1k", "bytes:\u0663", "bytes:1\n", "bytes: 1", "bytes:" + "1" * 5000),
        *("random", "random:", "random:x", "random:-1"),
    ],
)
def test_an_unknown_cut_is_refused_with_what_is_allowed(how: str) -> None:
    """A misspelt option must not silently mean another one."""
    for refuse in (chunking.check_how, lambda how: chunking.recut(b"x", SSE, how)):
        with pytest.raises(CassetteOptionError, match="'bytes:N'") as caught:
            refuse(how)
        assert repr(how) in str(caught.value)


@pytest.mark.parametrize("how", ["recorded", "events", "whole", "bytes:1", "random:0"])
def test_every_cut_that_exists_passes_the_check(how: str) -> None:
    """The validator of options and `recut` agree."""
    chunking.check_how(how)


LONG = b"x" * 5_000
FINISHED = {
    "chat-completions": (SSE, b'data: {"choices":[]}\n\ndata: [DONE]\n\n'),
    "chat-completions-crlf": (SSE, b'data: {"choices":[]}\r\n\r\ndata: [DONE]\r\n\r\n'),
    "chat-completions-bare": (SSE, b'data: {"choices":[]}\n\ndata: [DONE]'),
    "anthropic": (SSE, b'event: message_stop\ndata: {"type":"message_stop"}\n\n'),
    "anthropic-no-name": (SSE, b'data: {"type":"message_stop"}\n\n'),
    "anthropic-error": (SSE, b'event: error\ndata: {"type":"error","error":{}}\n\n'),
    "responses-completed": (SSE, b'event: response.completed\ndata: {"response":"%b"}\n\n' % LONG),
    "responses-failed": (SSE, b'data: {"type":"response.failed"}\n\n'),
    "responses-incomplete": (SSE, b'data: {"type":"response.incomplete"}\n\n'),
    "text-error": (SSE, b"event: error\ndata: overloaded\n\n"),
    "cohere": (SSE, b'event: message-end\ndata: {"type":"message-end","delta":{}}\n\n'),
    "gemini": (SSE, b'data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n'),
    "json-error-as-sse": (SSE, b'{"error":{"code":400}}'),
    "ollama": (NDJSON, b'{"done":false}\n{"done":true}\n'),
    "ollama-as-json": (JSON, b'{"done":false}\n{"done":true}\n'),
    "document": (JSON, b'{\n  "a": 1\n}\n'),
    "padded-document": (JSON, b'\n   \n\n   \n{"a": 1}'),
    "array-stream": (JSON, b'[{"a":1}\n,\r\n{"a":2}\n]\n'),
    "undeclared": ("", b"data: 1\n\ndata: [DONE]\n\n"),
}


@pytest.mark.parametrize(("content_type", "body"), FINISHED.values(), ids=FINISHED)
def test_a_stream_is_over_after_its_last_event_and_not_before(
    content_type: str, body: bytes
) -> None:
    """Marked complete too early, a cut recording passes for a whole one; too late, the reverse."""
    assert chunking.is_finished(body, content_type)
    for end in range(len(body.rstrip())):
        assert not chunking.is_finished(body[:end], content_type)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (SSE, b'data: {"choices":[{"finish_reason":"stop"}]}\n\n'),  # [DONE] is to come
        (SSE, b'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n'),
        (SSE, b'event: content_block_stop\ndata: {"type":"content_block_stop"}\n\n'),
        (SSE, b'event: message_stop\ndata: {"type"'),
        (SSE, b"event: error\ndata: overl"),
        (SSE, b"data: [DONE]\n\ndata: 1\n\n"),
        (SSE, b'data: {"candidates":[{"finishReason":"STOP"},{}]}\n\n'),
        (SSE, b'data: {"candidates":[]}\n\n'),
        (SSE, b'data: {"type":["error"]}\n\n'),
        (SSE, b'data: ["message_stop"]\n\n'),
        (SSE, b""),
        (NDJSON, b'{"done":true}\n{"done":false}\n'),
        (NDJSON, b'{"done":"true"}\n'),
        (NDJSON, b""),
        (JSON, b"12"),
        (JSON, b'{"done":false}\n'),
        (JSON, b'[{"a":1}\n,\r\n{"a":2}\n'),
        (JSON, b"[" * 100_000),
        (JSON, b"\n   \n"),
        (AWS, PLAIN_FRAME),
        ("text/plain", b"data: [DONE]\n\n"),
    ],
)
def test_what_is_not_known_to_end_a_stream_does_not(content_type: str, body: bytes) -> None:
    """In doubt a stream that its caller left counts as cut short."""
    assert not chunking.is_finished(body, content_type)


def test_what_follows_the_last_event_does_not_count() -> None:
    """A keep-alive comment after `[DONE]`, however many, leaves the stream over."""
    comments = b": keep-alive\n\n" * 2000
    assert chunking.is_finished(b"data: [DONE]\n\n" + comments, SSE)
    assert not chunking.is_finished(b"data: 1\n\n" + comments, SSE)
    assert not chunking.is_finished(comments, SSE)


class ObservedBytes(bytes):
    """Bytes that note how much of them is looked at."""

    def __init__(self, _data: bytes) -> None:
        self.most = 0

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        part = super().__getitem__(place)
        self.most = max(self.most, len(part))
        return part


@pytest.mark.parametrize("last_bytes", [10, 5_000, 20_000])
def test_the_end_of_a_long_stream_is_read_from_its_end(last_bytes: int) -> None:
    """Asked after each event, a cost that grew with the body would make recording quadratic."""
    last = b'data: {"type":"message_stop","x":"%b"}\n\n' % (b"x" * last_bytes)
    body = ObservedBytes(b'data: {"type":"content_block_delta"}\n\n' * 50_000 + last)
    assert chunking.is_finished(body, SSE)
    assert body.most < 4096 + 2 * len(last)


def pushed(portions: list[bytes], content_type: str) -> list[bytes]:
    cutter = chunking.cutter(content_type)
    pieces = [piece for portion in portions for piece in cutter.push(portion)]
    return pieces + cutter.finish()


def slow_lines(body: bytes) -> list[tuple[bytes, bytes]]:
    """Each line's text and its end, read one byte at a time."""
    lines = []
    text = b""
    place = 0
    while place < len(body):
        end = b"\r\n" if body[place : place + 2] == b"\r\n" else body[place : place + 1]
        place += len(end)
        if end in (b"\r\n", b"\r", b"\n"):
            lines.append((text, end))
            text = b""
        else:
            text += end
    return [*lines, (text, b"")]


def slow_event_pieces(body: bytes) -> list[bytes]:
    """A piece ends with the first blank line after a line that is not blank."""
    pieces = []
    piece = b""
    for text, end in slow_lines(body):
        is_over = text == b"" and piece.strip(b"\r\n") != b""
        piece += text + end
        if is_over and end:
            pieces.append(piece)
            piece = b""
    return pieces + [piece] * (piece != b"")


def slow_events(body: bytes) -> list[ServerSentEvent]:
    """The standard's steps, with a blank line added at the end for the sake of a bare tail."""
    events = []
    data, event_type, last_id, retry = "", "", "", None
    for raw, _ in [*slow_lines(body.removeprefix(b"\xef\xbb\xbf")), (b"", b"")]:
        line = raw.decode(errors="replace")
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if line == "":
            if data:
                events.append(ServerSentEvent(data[:-1], event_type or "message", last_id, retry))
            data, event_type, retry = "", "", None
        elif name == "event":
            event_type = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            retry = int(value)
    return events

"""What a live exchange becomes in a file: sizes and times, ends, and the fields that Go states."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from provider import ENCODERS
from splits import every_split

from cassette_kit.capture import Answer, Capture, UndecodableError
from cassette_kit.model import Headers, Interaction, Request, Response, StreamEnd

MS = 1_000_000
SENT_AT, ANSWERED_AT = 7 * MS, 20 * MS
TEXT = b'data: {"text": "Z\xc3\xbcrich"}\n\n' * 3
SSE = ("Content-Type", "text/event-stream")
GZIP = ("Content-Encoding", "gzip")
LENGTH = ("Content-Length", str(len(TEXT)))


def answer(*headers: tuple[str, str], status: int = 200, **fields: Any) -> Answer:
    fields = {"reason": "OK", "http_version": "HTTP/1.1", **fields}
    return Answer(status, headers=Headers(headers), **fields)


def captured(
    head: Answer,
    *pieces: bytes | tuple[float, bytes],
    end: StreamEnd | None = "complete",
    request: Request | None = None,
) -> Interaction:
    """An exchange whose pieces came as stated, each with the milliseconds since the headers."""
    capture = Capture(0, request or Request("POST", "http://h/v1"), SENT_AT)
    capture.answered(head, ANSWERED_AT)
    for piece in pieces:
        after_ms, data = piece if isinstance(piece, tuple) else (0, piece)
        capture.push(data, ANSWERED_AT + int(after_ms * MS))
    if end is not None:
        capture.ended(end)
    interaction = capture.interaction()
    assert interaction is not None
    return interaction


def response(*args: Any, **kwargs: Any) -> Response:
    return captured(*args, **kwargs).response


def encoded(coding: str | None, pieces: list[bytes]) -> list[bytes]:
    """Each piece as a server sends it that flushes its encoder after every one."""
    encoder = ENCODERS[coding]()
    return [*map(encoder.push, pieces), encoder.finish()]


def test_chunks_are_delays_and_sizes() -> None:
    """A delay counts from the piece before, the first from the headers, in whole milliseconds."""
    got = response(answer(SSE), (412.9, b"a" * 211), (445.9, b"b" * 180), (445.95, b"c"))
    assert got.stream is not None
    assert got.stream.chunks == ((412, 211), (33, 180), (0, 1))
    assert got.duration_ns == ANSWERED_AT - SENT_AT


def test_fractions_of_milliseconds_are_not_lost() -> None:
    """A thousand tokens 0.6 ms apart take 600 ms on replay too, not none."""
    pieces = [(0.6 * number, b"x") for number in range(1, 1001)]
    stream = response(answer(), *pieces).stream
    assert stream is not None
    assert sum(delay_ms for delay_ms, _ in stream.chunks) == 600


def test_a_piece_that_decodes_to_nothing_is_no_chunk() -> None:
    """The bytes of gzip's header arrive alone; their delay belongs to the text that follows."""
    body = gzip.compress(b"hello")
    got = response(answer(GZIP), (5, body[:10]), (30, body[10:]))
    assert got.stream is not None
    assert (got.body, got.stream.chunks) == (b"hello", ((30, 5),))


@settings(deadline=None)
@given(
    coding=st.sampled_from([*ENCODERS]),
    pieces=st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    gaps_ms=st.lists(st.integers(0, 900), min_size=9, max_size=9),
)
def test_sizes_and_times_are_those_of_the_decoded_pieces(
    coding: str | None, pieces: list[bytes], gaps_ms: list[int]
) -> None:
    """What the server flushed together is one chunk, at the moment at which it came."""
    wire = encoded(coding, pieces)
    moments = [sum(gaps_ms[: number + 1]) for number in range(len(wire))]
    headers = [("Content-Encoding", coding)] if coding else []
    got = response(answer(*headers), *zip(moments, wire, strict=True))
    assert got.stream is not None
    assert got.body == b"".join(pieces)
    assert list(got.stream.chunks) == list(
        zip(gaps_ms, [len(piece) for piece in pieces], strict=False)
    )


@pytest.mark.parametrize("coding", [name for name in ENCODERS if name])
def test_a_body_is_decoded_however_it_is_cut(coding: str) -> None:
    """Network portions end anywhere; what is stored does not depend on it, and sizes add up."""
    wire = b"".join(encoded(coding, [TEXT]))
    for pieces in every_split(wire):
        got = response(answer(("Content-Encoding", coding)), *pieces)
        assert got.stream is not None
        assert got.body == TEXT
        assert sum(size for _, size in got.stream.chunks) == len(TEXT)


COMPRESSED = gzip.compress(TEXT)
SDK_LEFT_AT_DONE = b'data: {"n":1}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    ("head", "pieces", "said", "end"),
    [
        (answer(SSE), [TEXT], "complete", "complete"),
        (answer(SSE), [], "complete", "complete"),
        (answer(SSE), [TEXT], "upstream_error", "upstream_error"),
        (answer(SSE), [TEXT], None, "client_closed"),
        (answer(SSE), [SDK_LEFT_AT_DONE], None, "complete"),
        (answer(SSE), [SDK_LEFT_AT_DONE], "upstream_error", "upstream_error"),
        (answer(LENGTH), [TEXT], None, "complete"),
        (answer(LENGTH), [TEXT[:-1]], None, "client_closed"),
        (answer(("Content-Length", "0")), [], None, "complete"),
        (answer(("Content-Length", "many")), [TEXT], None, "client_closed"),
        (answer(("Content-Type", "application/json")), [b'{"a":1}'], None, "complete"),
        (answer(("Content-Type", "application/json")), [b'{"a":'], None, "client_closed"),
        (answer(SSE, status=204), [], None, "complete"),
        (answer(SSE, status=304), [], None, "complete"),
        (
            answer(GZIP, ("Content-Length", str(len(COMPRESSED)))),
            [COMPRESSED],
            None,
            "complete",
        ),
        (answer(GZIP, SSE), [COMPRESSED[:30]], None, "client_closed"),
    ],
)
def test_how_a_body_ended(
    head: Answer, pieces: list[bytes], said: StreamEnd | None, end: StreamEnd
) -> None:
    """What an SDK leaves after the last event is complete; what anybody leaves before is not."""
    got = response(head, *pieces, end=said)
    assert got.stream is not None
    assert got.stream.end == end


@pytest.mark.parametrize("status", [200, 304])
def test_the_answer_to_head_is_complete_without_its_length(status: int) -> None:
    """HEAD states the length of a body that never comes."""
    head = answer(("Content-Length", "99"), GZIP, status=status)
    got = response(head, end=None, request=Request("HEAD", "http://h/"))
    assert got.stream is not None
    assert got.stream.end == "complete"
    assert (got.content_length, got.uncompressed, got.body) == (99, False, b"")
    assert got.headers["content-encoding"] == "gzip"


def test_the_first_end_counts() -> None:
    """An error while closing does not turn a finished stream into a broken one."""
    capture = Capture(0, Request("GET", "http://h/"), SENT_AT)
    capture.answered(answer(), ANSWERED_AT)
    capture.ended("complete")
    capture.ended("upstream_error")
    assert capture.end == "complete"


def test_without_a_response_there_is_nothing_to_record() -> None:
    """A connection that was refused leaves no interaction."""
    capture = Capture(0, Request("GET", "http://h/"), SENT_AT)
    assert capture.end == "client_closed"
    assert capture.interaction() is None


@pytest.mark.parametrize(
    ("coding", "pieces", "reason"),
    [
        ("gzip", [b"not gzip"], "corrupt gzip data"),
        ("gzip", [b"not gzip", b" at all"], "corrupt gzip data"),
        ("gzip", [gzip.compress(TEXT)[:-4]], "gzip data ends early"),
        ("exi", [b"\x80"], "content-encoding 'exi' cannot be decoded here"),
    ],
)
def test_what_cannot_be_decoded_is_not_recorded(
    coding: str, pieces: list[bytes], reason: str
) -> None:
    """Bytes in which no secret can be seen, and which Go would take for text, stay out of files."""
    with pytest.raises(UndecodableError, match=reason):
        response(answer(("Content-Encoding", coding)), *pieces)


@pytest.mark.parametrize(
    ("head", "pieces", "fields"),
    [
        (
            answer(LENGTH),
            [TEXT],
            {"content_length": len(TEXT), "transfer_encoding": (), "uncompressed": False},
        ),
        (
            answer(("Transfer-Encoding", "chunked")),
            [TEXT],
            {"content_length": -1, "transfer_encoding": ("chunked",), "uncompressed": False},
        ),
        (answer(("Transfer-Encoding", "chunked"), LENGTH), [TEXT], {"content_length": -1}),
        (answer(("Connection", "close")), [TEXT], {"content_length": -1}),
        (answer(("Content-Length", "0")), [], {"content_length": 0}),
        (answer(status=204, reason="No Content"), [], {"content_length": 0}),
        (answer(("Content-Length", "99"), status=304), [], {"content_length": 0}),
        (
            answer(GZIP, ("Content-Length", str(len(COMPRESSED)))),
            [COMPRESSED],
            {"content_length": -1, "uncompressed": True, "body": TEXT},
        ),
        (
            answer(GZIP),
            [gzip.compress(b"")],
            {"content_length": -1, "uncompressed": True, "body": b""},
        ),
        (
            answer(("Content-Encoding", "identity"), LENGTH),
            [TEXT],
            {"content_length": len(TEXT), "uncompressed": False},
        ),
        (
            answer(http_version="HTTP/1.0"),
            [TEXT],
            {"proto": "HTTP/1.0", "proto_major": 1, "proto_minor": 0},
        ),
        (
            answer(http_version="HTTP/2", reason="", status=429),
            [TEXT],
            {
                "proto": "HTTP/2.0",
                "proto_major": 2,
                "proto_minor": 0,
                "content_length": -1,
                "status": "429 Too Many Requests",
            },
        ),
        (answer(http_version="HTTP/2", reason="", status=529), [], {"status": "529"}),
        (answer(reason="Fine", status=200), [], {"status": "200 Fine"}),
        (answer(reason="", status=200), [], {"status": "200"}),
    ],
)
def test_the_fields_of_a_response(head: Answer, pieces: list[bytes], fields: Any) -> None:
    """A Go program reads the file: lengths, versions and status lines are those that Go states."""
    got = response(head, *pieces)
    assert {name: getattr(got, name) for name in fields} == fields


def test_a_decoded_body_loses_the_headers_of_its_encoding() -> None:
    """`Content-Encoding` over a plain body breaks every SDK; other headers keep their order."""
    headers = [GZIP, ("x-tag", "a"), ("Content-Length", "9"), ("X-TAG", "b"), ("x-o_s-v2", "c")]
    got = response(answer(*headers), COMPRESSED)
    assert got.headers.multi_items() == [("X-Tag", "a"), ("X-Tag", "b"), ("X-O_s-V2", "c")]


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (
            Request("POST", "https://me:pw@h.example:8443/v1?a=1&b=#top", body=b"{}"),
            {
                "url": "https://me:pw@h.example:8443/v1?a=1&b=",
                "host": "h.example:8443",
                "content_length": 2,
                "transfer_encoding": (),
                "form": Headers([("a", "1"), ("b", "")]),
            },
        ),
        (
            Request("POST", "http://h/", Headers([("transfer-encoding", "chunked")]), b"{}"),
            {"content_length": -1, "transfer_encoding": ("chunked",)},
        ),
        (
            Request(
                "POST",
                "http://h/?a=2",
                Headers([("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]),
                b"a=1&c=x+y%21",
            ),
            {"form": Headers([("a", "1"), ("a", "2"), ("c", "x y!")])},
        ),
        (
            Request("GET", "http://h/", Headers([("x-stainless-os", "L"), ("HOST", "h")])),
            {
                "headers": Headers([("X-Stainless-Os", "L"), ("Host", "h")]),
                "content_length": 0,
                "form": Headers(),
                "proto": "HTTP/1.1",
            },
        ),
    ],
    ids=["url", "chunked", "form", "headers"],
)
def test_the_fields_of_a_request(request_: Request, fields: Any) -> None:
    """The request side as Go's client would have stated it."""
    got = captured(answer(), request=request_).request
    assert {name: getattr(got, name) for name in fields} == fields
    assert got.body == request_.body

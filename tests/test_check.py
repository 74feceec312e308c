"""What is found in cassettes with a planted defect, and that nothing is found in sound ones."""

from __future__ import annotations

import base64
import dataclasses
import json
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cassette_files import SEEDS, one
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import interaction

import cassette_kit as ck
from cassette_kit.checks import CHECKS, Acceptance, Finding, Subject, check, read
from cassette_kit.checks.formatting import rewritten
from cassette_kit.checks.reports import REPORTS
from cassette_kit.model import Stream

ROOT = Path(__file__).parents[1]
BROKEN = sorted((ROOT / "tests" / "broken").glob("*.yaml"))
SOUND = sorted(
    file
    for folder in ("cassettes", "docs", "examples", "tests/cassettes")
    for file in (ROOT / folder).rglob("*.yaml")
)
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "sk-proj-9fJ2kQz7XvB4nM8wLr5TcY1hGd6PsA3eUoKi0ZbN"
SSE = "text/event-stream"

PLANTED: dict[str, tuple[int | None, str]] = {
    "broken-frame-contradiction": (1, "    body: !!binary"),
    "broken-frame-cut": (1, "    body: !!binary"),
    "broken-frame-lengths": (1, "    body: !!binary"),
    "broken-frame-payload": (1, "    body: !!binary"),
    "duplicate-merged": (2, "- id: 2"),
    "error-status-429": (2, "    code: 429"),
    "error-status-after-success": (1, "    code: 529"),
    "error-status-anthropic": (1, "    body: |+"),
    "error-status-bedrock": (1, "    body: !!binary"),
    "error-status-chat": (1, "    body: |+"),
    "error-status-cohere": (1, "    body: |+"),
    "error-status-event": (1, "    body: |+"),
    "error-status-openrouter": (1, "    body: |+"),
    "error-status-responses": (1, "    body: |+"),
    "invalid-json-empty": (1, '    body: ""'),
    "invalid-json-event": (1, "    body: |+"),
    "invalid-json-line": (1, "    body: |"),
    "invalid-json-problem": (1, "    body: <html>"),
    "invalid-json-request": (1, "        body: '{"),
    "invalid-json-response": (1, "    body: '{"),
    "not-canonical-anchor": (0, "    url: &url"),
    "not-canonical-beginning": (None, "version: 2"),
    "not-canonical-blank-line": (0, ""),
    "not-canonical-comment": (1, "    code: 200 # really"),
    "not-canonical-duration": (1, "    duration: 0.212s"),
    "not-canonical-ids": (1, "- id: 7"),
    "not-canonical-indent": (1, "        - application/json"),
    "not-canonical-key-order": (0, "    method: POST"),
    "not-canonical-line-ends": (1, "    code: 200\r"),
    "not-canonical-quotes": (1, '    body: "{'),
    "not-canonical-stream": (1, "    x-stream: {"),
    "secret-in-binary": (1, "    body: !!binary"),
    "secret-in-body": (1, "    body: '{"),
    "secret-in-header": (1, "              - __cf_bm="),
    "secret-in-url": (1, "    url: https"),
    "stale-date": (1, "      Date:"),
    "stream-sizes-form": (1, "    x-stream: {end: finished"),
    "stream-sizes-sum": (1, "    x-stream: {"),
    "truncated-anthropic": (1, "        body: |+"),
    "truncated-chat-without-done": (1, "      body: |+"),
    "truncated-chat": (1, "    body: |+"),
    "truncated-client-closed": (1, "    x-stream: {end: client_closed"),
    "truncated-cohere": (1, "    body: |+"),
    "truncated-converse": (1, "    body: !!binary"),
    "truncated-gemini": (1, '    body: "data'),
    "truncated-in-a-line": (1, "    body: |-"),
    "truncated-in-an-event": (1, "    body: |-"),
    "truncated-ollama": (1, "    body: |"),
    "truncated-responses": (1, "    body: |+"),
    "truncated-upstream-error": (1, "        x-stream: {end: upstream_error"),
    "unreadable-conflict": (None, "<<<<<<< ours"),
    "unreadable-cut-off": (None, "    status: 200"),
    "unreadable-key-twice": (None, "    method: GET"),
    "unreadable-other-version": (None, "version: 1"),
}
"""For each file of tests/broken the interaction and the beginning of the line of its defect."""

UNFIT = {}


def found(*interactions: ck.Interaction) -> list[str]:
    """The codes of what is found in a cassette of these interactions."""
    return codes(ck.dumps(ck.Cassette(interactions)))


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in check(read("x.yaml", data))]


def answered(body: bytes, content_type: str, **response: Any) -> ck.Interaction:
    headers = ck.Headers({"Content-Type": content_type} if content_type else {})
    return interaction(answer=body, headers=headers, **response)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_planted_defect(path: Path) -> None:
    """It is found under its code, at its line and in its interaction, and nothing else is."""
    data = path.read_bytes()
    (finding,) = check(read(path.name, data, not_before=NOT_BEFORE))
    number, line = PLANTED[path.stem]
    assert path.stem.startswith(finding.code)
    assert finding.interaction == number
    assert finding.line is not None
    stands = data.decode().split("\n")[finding.line - 1]
    assert stands.startswith(line)
    assert bool(stands) == bool(line)


def test_every_check_has_a_broken_file() -> None:
    """A check without a file that it finds something in may find nothing at all."""
    without = {code for code in CHECKS if not any(file.stem.startswith(code) for file in BROKEN)}
    assert without == {"left-over"}
    assert [file.stem for file in BROKEN] == list(PLANTED)


@pytest.mark.parametrize("path", SOUND, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_false_alarm(path: Path) -> None:
    """Real cassettes are sound, also the one that a formatter has been over."""
    assert codes(path.read_bytes()) == []


@pytest.mark.parametrize("path", SOUND, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_stream_that_is_cut_is_noticed(path: Path) -> None:
    """Without the last event of its answer, each stream of a known API is truncated."""
    for recorded in ck.load(path).interactions:
        pieces = recorded.response.pieces
        is_stream = recorded.response.headers["content-type"].startswith((SSE, "application/x-nd"))
        if len(pieces) > 1 and is_stream:
            left = dataclasses.replace(recorded.response, body=b"".join(pieces[:-1]), stream=None)
            assert "truncated" in found(dataclasses.replace(recorded, response=left))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"data: hello\n\ndata: you\n\n", SSE),
        (b'data: {"delta": "a"}\n\n', SSE),
        (b'data: {"type": "transcript.text.delta"}\n\n', SSE),
        (
            b'data: {"candidates": [{"finishReason": "STOP"}]}\n\ndata: {"usageMetadata": {}}\n\n',
            SSE,
        ),
        (b': PROCESSING\n\ndata: {"object": "chat.completion.chunk"}\n\ndata: [DONE]\n\n', SSE),
        (b"", SSE),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        (b'{"done": false}\n{"done": true}\n', "application/json"),
        (b'\n         \n\n         \n{"a": 1}', "application/json"),
        (b'[{"a": 1}\n,\n{"a": 2}]', "application/json; charset=utf-8"),
        (b'data: {"a": 1}\n\n', "application/json"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json"),
        (b"[" * 100_000 + b"]" * 100_000 + b"\n{}\n", "application/x-ndjson"),
        (b'data: {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601}}\n\n', SSE),
        (b'data: {"error": null}\n\n', SSE),
        (b'data: {"error": {"code": 502}}\n\ndata: {"a": 1}\n\n', SSE),
        (b'data: {"a": 1}\n\ndata: half {\n\ndata: {"a": 2}\n\n', SSE),
        (b'data: {"object": "text_completion", "n": NaN}\n\ndata: [DONE]\n\n', SSE),
        (b'data: {"object": "text_completion", "t": "\\ud800"}\n\ndata: [DONE]\n\n', SSE),
        (b'data: {"object":\ndata: "text_completion"}\n\ndata: [DONE]\n\n', SSE),
        (b'data: {"object": "text_completion"}\r\n\r\ndata:\r\n\r\ndata: [DONE]\r\n\r\n', SSE),
        (b"", "application/vnd.amazon.eventstream"),
        (b"<html>", "text/html"),
        (b"{", "text/plain"),
        (b"{", ""),
    ],
)
def test_nothing_is_claimed(body: bytes, content_type: str) -> None:
    """Of APIs that are not known, of errors that end a stream, of what stands in for JSON."""
    assert found(answered(body, content_type)) == []


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'data: {"a": 1}\n\ndata: {"a": \n\n', SSE, "truncated"),
        (b'data: {"done": false}', SSE, "truncated"),
        (b'{"done": false}\n{"done": false}\n', "application/json", "truncated"),
        (b'data: {"object": "text_completion"}\n\n', "application/json", "truncated"),
        (b'data: {"a": 1}\n\ndata: {"error": {"code": 502}}\n\n', SSE, "error-status"),
        (b'data: {"a": 1}\n\n{"error": {"code": 502}}', SSE, "error-status"),
        (b'{"error": "bad"}', SSE, "error-status"),
        (b'data: {"type": "error", "code": "server_error"}\n\n', SSE, "error-status"),
        (b'{"done": false}\n{"error": "no memory"}\n', "application/x-ndjson", "error-status"),
        (b"", "application/json", "invalid-json"),
        (b" \n", "application/x-ndjson", "invalid-json"),
        (
            b'data: {"object": f\n\ndata: {"object": "text_completion"}\n\ndata: [DONE]\n\n',
            "",
            "invalid-json",
        ),
        (
            b'data: {"object": "text_completion"\r\r'
            b'data: {"object": "text_completion"}\r\rdata: [DONE]\r\r',
            SSE,
            "invalid-json",
        ),
        (b"\xff", "application/json", "invalid-json"),
        (b"{'a': 1}", "application/json", "invalid-json"),
        (b'[{"a": 1}\n,\n{"a": 2}', "application/json", "invalid-json"),
        (b'{\n"a": 1\n', "application/json", "invalid-json"),
        (b"{", "application/vnd.api+json", "invalid-json"),
        (b'{"a": 1}\n{"a": \n{"a": 3}\n', "application/json", "invalid-json"),
    ],
)
def test_a_broken_body(body: bytes, content_type: str, code: str) -> None:
    """What a client could not read is found, whatever shape it is in."""
    assert found(answered(body, content_type)) == [code]


def test_streams_that_their_recording_calls_cut() -> None:
    """A half body is one finding; an error that an SDK did not read before it tried again is
    none."""
    left = Stream("client_closed", ((1, 4),))
    assert found(answered(b'{"a"', "application/json", stream=left)) == ["truncated"]
    unread = answered(b"", "application/json", code=429, stream=Stream("client_closed"))
    assert found(unread, interaction()) == []
    broken = dataclasses.replace(unread.response, stream=Stream("upstream_error"))
    assert found(dataclasses.replace(unread, response=broken), interaction()) == ["truncated"]


def test_a_compressed_request() -> None:
    """What a client compressed itself is stored so; it is no broken JSON."""
    assert found(interaction(body=b"\x1f\x8b\x08" + b"\xff" * 20)) == []


@given(st.lists(st.binary(max_size=30), max_size=4), st.data())
@settings(deadline=None, max_examples=60)
def test_frames(payloads: list[bytes], data: st.DataObject) -> None:
    """Whole frames hold; with any byte changed, or cut anywhere within one, they do not."""
    kind = EVENTS
    body = b"".join(map(frame_of, payloads))
    assert found(answered(body, kind)) == []
    if body:
        at = data.draw(st.integers(0, len(body) - 1))
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert found(answered(changed, kind)) == ["broken-frame"]
        ends = {sum(len(frame_of(one)) for one in payloads[:n]) for n in range(len(payloads))}
        assert found(answered(body[:at], kind)) == ([] if at in ends else ["broken-frame"])
        left = Stream("client_closed", ((1, at),) if at else ())
        assert found(answered(body[:at], kind, stream=left)) == ["truncated"]


def test_requests_that_are_repeated() -> None:
    """429, 429, 200 is a retry, and a question that was asked twice has two answers; only what
    took the same time to the nanosecond is the same recording."""
    limited = answered(b'{"e":1}', "application/json", code=429, duration_ns=51)
    again = dataclasses.replace(
        limited, response=dataclasses.replace(limited.response, duration_ns=52)
    )
    good = interaction(duration_ns=53)
    later = interaction(duration_ns=54)
    assert found(limited, again, good) == []
    assert found(good, later) == []
    assert found(good, later, good) == ["duplicate"]
    assert found(good, interaction(body=b'{ "q" : 1.0 }', duration_ns=53)) == ["duplicate"]
    assert found(good, interaction(body=b'{"q":2}', duration_ns=53)) == []
    assert found(interaction(), interaction()) == []  # times were taken out


def test_errors() -> None:
    """The last answer to a request counts, for each request by itself."""
    error = answered(b"{}", "application/json", code=500)
    other = interaction(body=b'{"q":2}')
    assert found(error, other) == ["error-status"]
    assert found(interaction(), error) == ["error-status"]
    assert found(error, other, interaction()) == []


def test_an_error_in_a_stream_that_was_tried_again() -> None:
    """A stream that ended in an error is mended by the next answer to the same request."""
    error = answered(b'event: error\ndata: {"type": "error", "error": {"type": "e"}}\n\n', SSE)
    assert found(error) == ["error-status"]
    assert found(error, interaction()) == []
    assert found(interaction(), error) == ["error-status"]


@pytest.mark.parametrize(
    ("method", "code"),
    [("HEAD", 200), ("DELETE", 200), ("POST", 202), ("POST", 204), ("GET", 304), ("PUT", 200)],
)
def test_answers_without_a_body(method: str, code: int) -> None:
    """Where none is due, nothing is missed."""
    assert found(interaction(answer=b"", method=method, code=code)) == []


EVENTS = "application/vnd.amazon.eventstream"


def frame_of(payload: bytes, **headers: str) -> bytes:
    """An AWS frame with headers of text: `event_type` is `:event-type`."""
    named = b"".join(
        bytes([len(name) + 1])
        + f":{name.replace('_', '-')}".encode()
        + b"\x07"
        + struct.pack(">H", len(value))
        + value.encode()
        for name, value in headers.items()
    )
    lengths = struct.pack(">II", 16 + len(named) + len(payload), len(named))
    head = lengths + struct.pack(">I", zlib.crc32(lengths)) + named + payload
    return head + struct.pack(">I", zlib.crc32(head))


def wrapped(event: object) -> bytes:
    """A frame of InvokeModelWithResponseStream."""
    encoded = base64.b64encode(json.dumps(event).encode()).decode()
    return frame_of(json.dumps({"bytes": encoded}).encode(), event_type="chunk")


STOPPED = frame_of(b'{"message": "slow down"}', message_type="exception", exception_type="e")
CONVERSE = [
    frame_of(b"{}", event_type=name)
    for name in ("messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
]
INVOKED = [wrapped({"type": name}) for name in ("message_start", "message_delta", "message_stop")]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (CONVERSE, []),
        (CONVERSE[:4], []),
        (CONVERSE[:3], ["truncated"]),
        (CONVERSE[:1], ["truncated"]),
        ([*CONVERSE[:2], STOPPED], ["error-status"]),
        (INVOKED, []),
        (INVOKED[:2], ["truncated"]),
        ([wrapped({"outputText": "a"})], []),
        ([wrapped({"object": "chat.completion.chunk"})], []),
        ([frame_of(b"{}", event_type="somethingElse")], []),
    ],
)
def test_ends_of_bedrock(frames: list[bytes], expected: list[str]) -> None:
    """Converse ends with `messageStop`, what it wraps as it ends elsewhere; of other models
    nothing is known."""
    assert found(answered(b"".join(frames), EVENTS)) == expected


def test_credentials_of_the_exchange() -> None:
    """A value without a shape of its own is told by where it stands, and found in other places;
    dummies and what was redacted are none. No message holds it."""
    value = "Zq81-Kx9Lm4Tw7"
    for header, before in (("Set-Cookie", "id="), ("X-Api-Key", ""), ("Authorization", "Bearer ")):
        for shown, expected in ((value, ["secret"]), ("REDACTED", []), ("test-key", [])):
            kept = ck.Headers({"Content-Type": "application/json", header: before + shown})
            assert found(interaction(headers=kept)) == expected
    echo = interaction(
        answer=b'{"error":"no key: %s"}' % value.encode(), url=f"https://h/?key={value}"
    )
    findings = check(read("x.yaml", ck.dumps(ck.Cassette((interaction(), echo)))))
    assert [(finding.code, finding.interaction) for finding in findings] == [("secret", 1)] * 2
    assert value not in str(findings)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Zq81-Kx9Lm4Tw7", ""),
        ("Zq81%2DKx9Lm4Tw7", ", escaped"),
        (base64.b64encode(b"Zq81-Kx9Lm4Tw7").decode(), ", base64"),
    ],
)
def test_encodings_of_a_credential(shown: str, said: str) -> None:
    """A message says how it stands there, where a search for the value would not find it."""
    keyed = interaction(headers=ck.Headers({"X-Api-Key": "Zq81-Kx9Lm4Tw7"}))
    echo = interaction(answer=b'{"error":"no key: %s"}' % shown.encode())
    _, finding = check(read("x.yaml", ck.dumps(ck.Cassette((keyed, echo)))))
    assert finding.message.startswith(f"a credential that the exchange carries{said}; revoke it")


def test_a_secret_in_a_file_that_cannot_be_read() -> None:
    """It is told all the same: the file may be in a commit already."""
    data = one(response={"body": KEY})[:-1]
    assert codes(data) == ["unreadable", "secret"] or codes(data) == ["secret", "unreadable"]
    (finding,) = check(read("x.yaml", data), codes=["secret"])
    assert finding.message == "OpenAI key; revoke it, and edit it out, or remove the file"


DATED = "Thu, 31 Dec 2025 23:59:59 GMT"


@pytest.mark.parametrize(
    ("date", "committed_at", "expected"),
    [
        (DATED, None, ["stale"]),
        ("Thu, 01 Jan 2026 00:00:00 GMT", None, []),
        ("Thu, 01 Jan 2026 00:00:00 GMT", datetime(2020, 1, 1, tzinfo=UTC), []),
        (DATED, datetime(2026, 5, 1, tzinfo=UTC), ["stale"]),
        (None, datetime(2025, 12, 31, tzinfo=UTC), ["stale"]),
        (None, datetime(2026, 1, 1, tzinfo=UTC), []),
        (None, None, []),
        ("Thu, 31 Dec 2025 23:59:59", None, ["stale"]),
        ("Thu, 99 Dec 99999 23:59:59 GMT", None, []),
        ("yesterday", datetime(2025, 1, 1, tzinfo=UTC), ["stale"]),
    ],
)
def test_age(date: str | None, committed_at: datetime | None, expected: list[str]) -> None:
    """The response's date counts; without one the commit's; without both nothing is said."""
    headers = ck.Headers({"Content-Type": "application/json"} | ({"Date": date} if date else {}))
    data = ck.dumps(ck.Cassette((interaction(headers=headers),)))
    subject = read("x.yaml", data, committed_at=committed_at, not_before=NOT_BEFORE)
    assert [finding.code for finding in check(subject)] == expected
    assert check(dataclasses.replace(subject, not_before=None)) == []


def test_what_lies_beside_a_file() -> None:
    """A journal is named, whether its cassette is there or not."""
    (finding,) = check(Subject("a/x.yaml", has_journal=True))
    assert (finding.code, finding.line, finding.severity) == ("left-over", None, "warning")
    assert finding.message.startswith("x.yaml.part beside it ")
    assert "; `cassette-kit accept a/x.yaml` takes it over" in finding.message


def test_selection() -> None:
    """Codes are chosen by name, and accepted in files whose path fits."""
    subject = read("tests/errors/x.yaml", ck.dumps(ck.Cassette((interaction(code=500),))))
    assert [finding.code for finding in check(subject)] == ["error-status"]
    assert check(subject, codes=["secret"]) == []
    assert check(subject, accepted=[Acceptance("error-status")]) == []
    assert check(subject, accepted=[Acceptance("error-status", "tests/err*")]) == []
    assert check(subject, accepted=[Acceptance("error-status", "errors/*")]) != []
    assert check(subject, accepted=[Acceptance("secret", "*")]) != []


@pytest.mark.parametrize("pattern", ["./tests/*", "tests//errors/*", "tests/../tests/e*/*"])
@pytest.mark.parametrize("name", ["tests/errors/x.yaml", "./tests/errors/x.yaml"])
def test_spellings_of_a_path(pattern: str, name: str) -> None:
    """Pattern and path are compared by what they mean, as both are typed in a shell."""
    subject = read(name, ck.dumps(ck.Cassette((interaction(code=500),))))
    assert check(subject, accepted=[Acceptance("error-status", pattern)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "{version: 2, interactions: [{id: 0, request: {url: u, method: GET},"
        " response: {code: 500, duration: 0s}}]}\n",
        "---\nbase: &b\n  interactions: [{request: {url: u, method: GET},"
        " response: {code: 500, duration: 0s}}]\nversion: 2\n<<: *b\n",
        "---\nversion: 2\ninteractions:\n- &a\n  request: {url: u, method: GET}\n"
        "  response: &r {code: 500, duration: 1s}\n- {<<: *a, id: 3}\n- *a\n",
        "---\nversion: 2\ninteractions:\n- request: {url: u, method: GET}\n"
        "  response: {<<: {code: 500}, duration: 1s}\n",
    ],
    ids=["flow", "merged list", "aliases", "merged code"],
)
def test_odd_files(text: str) -> None:
    """Files that no writer makes are read, so they are checked; each finding has a line of them."""
    findings = check(read("x.yaml", text.encode()))
    assert "not-canonical" in [finding.code for finding in findings]
    assert all(1 <= (finding.line or 1) <= text.count("\n") for finding in findings)


HOSTILE = "\x1b]0;owned\x07 \u202egpj.exe \u2028\ud800"


def test_nothing_reaches_the_terminal() -> None:
    """Names of keys and files are a cassette's; they come out as escapes."""
    data = ck.dumps(ck.Cassette((interaction(code=500),)))
    findings = check(read(f"a{HOSTILE}.yaml", data))
    findings += check(read(f"{HOSTILE}", b'---\n"\\e[31m\\u202E": 1\n"\\e[31m\\u202E": 1\n'))
    assert [finding.code for finding in findings] == ["error-status", "unreadable"]
    for report in REPORTS.values():
        printed = "".join(line.text for line in report(findings, 1))
        assert printed.replace("\n", "").isprintable()


def test_annotations() -> None:
    """GitHub reads a line up to `::`; what would end a property or the line is escaped."""
    finding = Finding("a,b:c%.yaml", "secret", "error", "50% :: of\r\nit, all", 3, 0)
    line, summary = REPORTS["github"]([finding], 1)
    assert line.text == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,title=secret::#0: 50%25 :: of%0D%0Ait, all"
    )
    assert not summary.text.startswith("::")
    line, _ = REPORTS["github"]([Finding("x", "left-over", "warning", "m")], 1)
    assert line.text == "::warning file=x,title=left-over::m"


def test_json_report() -> None:
    """Programs get every field, null where there is none."""
    (line,) = REPORTS["json"]([Finding("é.yaml", "left-over", "warning", "m")], 7)
    assert json.loads(line.text) == {
        "checked": 7,
        "findings": [
            {
                "file": "é.yaml",
                "code": "left-over",
                "severity": "warning",
                "message": "m",
                "line": None,
                "interaction": None,
            }
        ],
    }
    assert line.text.isascii()


FILES = [file.read_bytes() for file in (*BROKEN, *SOUND) if file.stat().st_size < 8_000]
PIECES = st.binary(max_size=4) | st.sampled_from(
    [
        b"{",
        b"- ",
        b"\n",
        b"#",
        b"&a ",
        b"*a",
        b"<<: ",
        b"http://[::1",
        b"99" * 30,
        b"!!binary ",
        b"|",
    ]
)


@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES)))
@settings(deadline=None, max_examples=150)
def test_whatever_a_file_holds(data: bytes, edits: list[tuple[float, int, bytes]]) -> None:
    """No edit makes a check or a report fail."""
    for place, size, piece in edits:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + size :]
    findings = check(read("x.yaml", data, not_before=NOT_BEFORE))
    for report in REPORTS.values():
        assert list(report(findings, 1))


def test_the_seeds_are_there() -> None:
    """Tests over no files say nothing."""
    assert len(SEEDS) == 5
    assert len(SOUND) > 15
    assert rewritten(SEEDS[0].read_bytes(), origin="x") == SEEDS[0].read_bytes()

"""Streams under the recorder: passed on as they come, kept as they came, and how each one ended."""

from __future__ import annotations

import gzip
import itertools
import re
import time
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import yaml
from live import OUR_SETTINGS, WAYS, Client, Way, rest, step
from provider import UNANSWERED, Answer, Gate, Http2Provider, Provider, openai_chat_sse

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.anyio,
    # A stream that its caller leaves is ended by the event loop; trio warns of each.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EVENTS = [b'data: {"n":1}\n\n', b": ping\n\n", "data: Zürich\n\n".encode(), b"data: [DONE]\n\n"]
BODY = b"".join(EVENTS)
CODINGS: list[Any] = [None, "gzip", "deflate", "br", "zstd"]


@pytest.fixture(name="way", params=WAYS, ids=str)
def _way(request: pytest.FixtureRequest) -> Way:
    way: Way = request.param
    return way


@pytest.fixture(name="anyio_backend")
def _backend(way: Way) -> str:
    return way.backend


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUR_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture(name="provider")
def _provider(server: Provider) -> Iterator[Provider]:
    yield server
    server.clear()


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "tape.yaml"


class Clock:
    """The clock by which recorder and provider tell when a piece comes and goes."""

    def __init__(self) -> None:
        self.now_ns = 10**12

    def __call__(self) -> int:
        return self.now_ns

    def pass_ms(self, milliseconds: int) -> None:
        self.now_ns += milliseconds * 10**6


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic_ns", clock)
    return clock


def record(path: Path, **options: Any) -> ck.use_cassette:
    return ck.use_cassette(path, mode="once", **options)


def replay(path: Path, **options: Any) -> ck.use_cassette:
    return ck.use_cassette(path, mode="replay", **options)


def responses(path: Path) -> list[ck.Response]:
    return [interaction.response for interaction in ck.load(path).interactions]


def ends(path: Path) -> list[str]:
    return [response.stream.end if response.stream else "" for response in responses(path)]


def pieces_of(response: ck.Response) -> list[bytes]:
    return [chunk.data for chunk in response.chunks]


def inside(path: Path) -> list[str]:
    """What is in the cassette's folder, if there is one."""
    return sorted(file.name for file in path.parent.glob("*"))


async def opened(client: Client, provider: Provider) -> tuple[Any, Any]:
    """A stream's response, and its pieces as they come from the wire."""
    response = await client.send("POST", f"{provider.url}/v1", json={"q": 1}, stream=True)
    return response, client.raw(response)


# --- passed on as it comes ------------------------------------------------------------------------


@pytest.mark.parametrize("coding", CODINGS)
async def test_the_first_token_arrives_before_the_last_is_sent(
    path: Path, way: Way, provider: Provider, coding: Any
) -> None:
    """A recorder that collects a stream first would make every agent look dead."""
    held = Gate()
    provider.script(Answer.sse(EVENTS, pauses={1: held}, content_encoding=coding))
    with record(path):
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            first = await step(pieces)
            await held.reached.wait_async()
            assert [sent.part for sent in provider.sent] == ["headers", "piece"]
            assert (first == EVENTS[0]) is (coding is None)
            assert response.headers.get("content-encoding") == coding
            held.open()
            await rest(pieces)
    assert [pieces_of(response) for response in responses(path)] == [EVENTS]


async def test_arrival_times_are_kept(
    path: Path, way: Way, provider: Provider, clock: Clock
) -> None:
    """Replay at the recorded pace is only as true as these: they equal those of the sender."""

    class Slow(Gate):
        async def passed(self) -> None:
            clock.pass_ms(1968)

    gates = [Gate(f"piece {number}") for number in range(4)]
    provider.script(Answer.sse(EVENTS, before_headers=Slow(), pauses=dict(enumerate(gates))))
    with record(path):
        async with way.client() as client:
            _, pieces = await opened(client, provider)
            for gate, wait_ms, event in zip(gates, (412, 0, 33, 5), EVENTS, strict=True):
                await gate.reached.wait_async()
                clock.pass_ms(wait_ms)
                gate.open()
                assert await step(pieces) == event
            assert await rest(pieces) == []
    [response] = responses(path)
    assert response.duration_ns == 1968 * 10**6
    assert provider.delays_ms() == [412, 0, 33, 5]
    assert "    x-stream: {end: complete, chunks: [[412, 15], [0, 8], [33, 15], [5, 14]]}\n" in (
        path.read_text()
    )


async def test_a_piece_that_decodes_to_nothing_is_no_chunk(
    path: Path, way: Way, provider: Provider, clock: Clock
) -> None:
    """The text came later; its delay would belong to a chunk that nobody can see."""
    body, held = gzip.compress(b"hello"), Gate()
    headers = [("Content-Encoding", "gzip")]
    provider.script(Answer(200, [body[:10], body[10:]], headers=headers, pauses={1: held}))
    with record(path):
        async with way.client() as client:
            _, pieces = await opened(client, provider)
            assert await step(pieces) == body[:10]
            await held.reached.wait_async()
            clock.pass_ms(30)
            held.open()
            await rest(pieces)
    assert responses(path)[0].chunks == (ck.Chunk(b"hello", 30),)


async def test_saving_does_not_hold_the_caller_up(path: Path, way: Way, provider: Provider) -> None:
    """By the time that a stream is written, its connection is free and `elapsed` is taken."""
    found: list[Any] = []

    def look(interaction: ck.Interaction) -> ck.Interaction:
        found.append((response.elapsed, client.trace[-1], response.is_closed))
        return interaction

    provider.script(Answer.sse(EVENTS))
    with record(path, before_record=look):
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            await rest(pieces)
    assert found == [(response.elapsed, "http11.response_closed.complete", True)]


# --- what the file says ---------------------------------------------------------------------------

OK = {"code": 200, "status": "200 OK"}
CHUNKED = {"content_length": -1, "transfer_encoding": ["chunked"]}


@pytest.mark.parametrize(
    ("method", "answer", "said"),
    [
        ("GET", Answer.json([b"{}"]), {**OK, "content_length": 2, "body": "{}"}),
        ("GET", Answer.sse(EVENTS), {**OK, **CHUNKED, "body": BODY.decode()}),
        ("GET", Answer(200, EVENTS, framing="close"), {**OK, "content_length": -1}),
        (
            "GET",
            Answer(200, EVENTS, framing="length", content_encoding="gzip"),
            {**OK, "content_length": -1, "uncompressed": True, "body": BODY.decode()},
        ),
        (
            "GET",
            Answer(200, EVENTS, content_encoding="br", trailers=[("X-Sum", "1")]),
            {**OK, **CHUNKED, "uncompressed": True, "body": BODY.decode()},
        ),
        ("HEAD", Answer(200, EVENTS, framing="length"), {**OK, "content_length": 52, "body": ""}),
        (
            "GET",
            Answer(204),
            {"code": 204, "status": "204 No Content", "content_length": 0, "body": ""},
        ),
        (
            "GET",
            Answer(304),
            {"code": 304, "status": "304 Not Modified", "content_length": 0, "body": ""},
        ),
        ("POST", Answer(200, framing="length"), {**OK, "content_length": 0, "body": ""}),
        ("GET", Answer(529, [b"x"], framing="length"), {"code": 529, "status": "529"}),
        ("GET", Answer(200, [b"x"], reason="Fine"), {**CHUNKED, "status": "200 Fine"}),
        ("GET", Answer(200, [b"\xff\x00"]), {**OK, **CHUNKED, "body": b"\xff\x00"}),
        (
            "GET",
            Answer.json([b"x"], headers=[("retry-AFTER", "1"), ("Server", "x"), ("X", "1")]),
            {"headers": {"Content-Type": ["application/json"], "Retry-After": ["1"]}},
        ),
    ],
)
async def test_a_response_in_the_file(
    *, path: Path, way: Way, provider: Provider, method: str, answer: Answer, said: Any
) -> None:
    """A Go program replays the file. PyYAML reads it here: no reader of ours makes up for it."""
    provider.script(answer)
    with record(path):
        async with way.client() as client:
            await client.send(method, provider.url)
    [stored] = yaml.safe_load(path.read_bytes())["interactions"]
    response = stored["response"]
    assert {name: response[name] for name in said} == said
    assert ("uncompressed" in response) is (answer.content_encoding is not None)
    assert ("transfer_encoding" in response) is ("transfer_encoding" in said)
    assert list(response)[-2:] == ["x-stream", "duration"]
    assert response["x-stream"]["end"] == "complete"
    assert response["proto"] == "HTTP/1.1"
    assert re.fullmatch(r"[\d.]+(ms|µs)", response["duration"])


@pytest.mark.parametrize("coding", CODINGS)
async def test_http2(path: Path, way: Way, coding: Any) -> None:
    """HTTP/2 has no reason phrase and no framing; to Go it is HTTP/2.0, to a client HTTP/2."""
    pytest.importorskip("h2")
    pytest.importorskip("trustme")
    with Http2Provider() as provider:
        provider.script(Answer.sse(EVENTS, content_encoding=coding))
        with record(path):
            async with way.client(http2=True, verify=provider.client_tls) as client:
                live, pieces = await opened(client, provider)
                await rest(pieces)
        with replay(path):
            async with way.client() as client:
                again, pieces = await opened(client, provider)
                assert b"".join(await rest(pieces)) == BODY
    assert live.http_version == again.http_version == "HTTP/2"
    assert live.reason_phrase == again.reason_phrase == "OK"
    [stored] = yaml.safe_load(path.read_bytes())["interactions"]
    said = {"proto": "HTTP/2.0", "proto_major": 2, "proto_minor": 0, "status": "200 OK"}
    assert said.items() <= stored["response"].items()
    assert stored["response"]["content_length"] == -1


@pytest.mark.parametrize(
    "answer",
    [
        Answer.sse(EVENTS),
        Answer.sse(EVENTS, content_encoding="br", reason="Fine"),
        Answer.json([b'{"a": [1]}'], headers=[("x-should-retry", "false")]),
        Answer(200, [b"\xff\x00" * 100], framing="close", content_encoding="deflate"),
        Answer(500, [b"no"], framing="length", reason=""),
        Answer(204),
        Answer(200, framing="length"),
    ],
)
async def test_replay_shows_what_was_live(
    path: Path, way: Way, provider: Provider, answer: Answer
) -> None:
    """The same call, recorded and played, gives a program the same."""

    async def shown() -> Any:
        async with way.client() as client:
            response = await client.send("GET", provider.url)
            head = response.status_code, response.reason_phrase, response.http_version
            return *head, response.content, response.text, response.headers.get("content-type")

    provider.script(answer)
    with record(path):
        live = await shown()
    with replay(path):
        assert await shown() == live
    assert len(provider.requests) == 1


# --- requests -------------------------------------------------------------------------------------


async def test_request_bodies(path: Path, way: Way, provider: Provider, tmp_path: Path) -> None:
    """Each body is kept as the server got it, and found again, whatever it was made from."""
    (tmp_path / "file").write_bytes(bytes(range(256)))

    def parts() -> Iterator[bytes]:
        yield from EVENTS

    async def parts_async() -> AsyncIterator[bytes]:
        for part in EVENTS:
            yield part

    async def send(client: Client, **request: Any) -> None:
        await client.send("POST", provider.url, **request)

    async def send_all() -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=limit"}
        async with way.client() as client:
            await send(client, content=parts_async() if way.is_async else parts())
            await send(client, content=b"\xff\x00")
            await send(client, data={"a": "ü", "b": ""})
            await send(client, files={"file": ("a.bin", b"\xff\x00")}, headers=headers)
            with (tmp_path / "file").open("rb") as file:
                await send(client, files={"file": file}, headers=headers)
            if not way.is_async:
                with (tmp_path / "file").open("rb") as file:
                    await send(client, content=file)

    provider.script(*[Answer(204)] * 6)
    with record(path):
        await send_all()
    taped = [interaction.request for interaction in ck.load(path).interactions]
    assert [request.body for request in taped] == [sent.body for sent in provider.requests]
    assert [request.content_length for request in taped] == [
        -1 if sent.framing == "chunked" else len(sent.body) for sent in provider.requests
    ]
    assert taped[0].transfer_encoding == ("chunked",)
    assert taped[2].form.multi_items() == [("a", "ü"), ("b", "")]
    with replay(path) as tape:
        await send_all()
    assert len(tape.played) == len(taped)


async def test_redirects_and_retries(path: Path, way: Way, provider: Provider) -> None:
    """Each hop and each attempt is an interaction of its own, in order."""

    async def codes() -> list[list[int]]:
        async with way.client(follow_redirects=True, base_url=provider.url) as client:
            sent = [await client.send("POST", f"/{to}", json={}) for to in "accc"]
            return [[each.status_code for each in [*last.history, last]] for last in sent]

    provider.on("/a", Answer.redirect("/b", status=303))
    provider.on("/b", Answer.json([b"{}"]))
    provider.on("/c", Answer.rate_limited(), Answer.rate_limited(), Answer.json([b"{}"]))
    with record(path):
        live = await codes()
    assert live == [[303, 200], [429], [429], [200]]
    taped = ck.load(path).interactions
    assert [
        (one.request.method, one.request.url[-2:], one.response.status_code) for one in taped
    ] == [
        ("POST", "/a", 303),
        ("GET", "/b", 200),
        ("POST", "/c", 429),
        ("POST", "/c", 429),
        ("POST", "/c", 200),
    ]
    with replay(path):
        assert await codes() == live


async def test_the_file_is_in_the_order_of_requests(
    path: Path, way: Way, provider: Provider
) -> None:
    """Answers that end in another order would make every new recording a large diff."""
    gates = [Gate(f"answer {number}") for number in range(3)]
    for number, gate in enumerate(gates):
        provider.on(f"/{number}", Answer.sse([b"%d" % number], pauses={1: gate}))
    with record(path) as tape:
        async with way.client() as client, anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(way.alongside, client.client.get, f"{provider.url}/{number}")
                await provider.requests.wait_async(number + 1)
            for done, number in enumerate((2, 0, 1), start=1):
                await gates[number].reached.wait_async()
                gates[number].open()
                while len(tape.recorded) < done:
                    await anyio.lowlevel.checkpoint()
    assert [response.body for response in responses(path)] == [b"0", b"1", b"2"]
    assert [one.response.body for one in tape.recorded] == [b"0", b"1", b"2"]


# --- how a stream ended ---------------------------------------------------------------------------


async def test_a_stream_without_end(path: Path, way: Way, provider: Provider) -> None:
    """Each event arrives at once; what came until the caller left is kept, and marked as cut."""
    gates = [Gate(f"event {number}") for number in range(1, 10)]
    provider.script(Answer.sse(itertools.cycle(EVENTS[:3]), pauses=dict(enumerate(gates, start=1))))
    with record(path):
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            for gate, event in zip(gates, EVENTS[:3], strict=False):
                assert await step(pieces) == event
                gate.open()
            await client.close(response)
            assert await provider.disconnects.wait_async() == 0
    assert ends(path) == ["client_closed"]
    assert pieces_of(responses(path)[0]) == EVENTS[:3]


async def test_a_time_out_within_a_stream(path: Path, way: Way, provider: Provider) -> None:
    """The caller's own limit: it gets its error, and what came is kept as left by the caller."""
    provider.script(Answer.sse(EVENTS, pauses={2: Gate()}))
    with record(path):
        async with way.client(timeout=0.05) as client:
            response, pieces = await opened(client, provider)
            assert [await step(pieces), await step(pieces)] == EVENTS[:2]
            with pytest.raises(way.family.ReadTimeout):
                await step(pieces)
            await client.close(response)
    assert ends(path) == ["client_closed"]
    assert pieces_of(responses(path)[0]) == EVENTS[:2]


@pytest.mark.parametrize("way", [way for way in WAYS if way.is_async], ids=str)
async def test_a_cancelled_task(path: Path, way: Way, provider: Provider) -> None:
    """A task that is cancelled in the middle of a stream ends at once, and the stream with it."""
    provider.script(Answer.sse(EVENTS, pauses={1: Gate()}))
    arrived = anyio.Event()

    async def listen() -> None:
        async with way.client() as client:
            async with client.client.stream("POST", provider.url, json={}) as response:
                async for _ in response.aiter_raw():
                    arrived.set()

    with record(path):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await arrived.wait()
            tasks.cancel_scope.cancel()
        assert await provider.disconnects.wait_async() == 0
    assert ends(path) == ["client_closed"]
    assert pieces_of(responses(path)[0]) == EVENTS[:1]


CHAT = openai_chat_sse(["Hi"])


@pytest.mark.parametrize(
    ("answer", "taken", "end"),
    [
        (Answer.sse(EVENTS), 4, "complete"),
        (Answer.sse(EVENTS, content_encoding="gzip"), 4, "complete"),
        (Answer.sse(CHAT), len(CHAT), "complete"),
        (Answer.sse(CHAT), len(CHAT) - 1, "client_closed"),
        (Answer(200, EVENTS, framing="length"), 4, "complete"),
        (Answer(200, EVENTS, framing="length"), 3, "client_closed"),
        (Answer(200, EVENTS, framing="length", content_encoding="br"), 5, "complete"),
        (Answer(200, EVENTS, framing="length", content_encoding="br"), 4, "client_closed"),
        (Answer(200, EVENTS, headers=[("Content-Type", "text/plain")]), 4, "client_closed"),
        (Answer.sse(EVENTS), 0, "client_closed"),
        (Answer(204), 0, "complete"),
    ],
)
async def test_a_stream_that_its_caller_closes(
    *, path: Path, way: Way, provider: Provider, answer: Answer, taken: int, end: str
) -> None:
    """Complete where the last event or the length was seen (SDKs close there), else cut.

    The server holds everything after `taken` pieces back; one more is the tail of an encoding.
    """
    sizes = [len(part.encoded) for part in answer.steps(bodyless=answer.status == 204)]
    held = Gate()
    provider.script(replace(answer, pauses={taken: held}))
    with record(path):
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            received = 0
            while received < sum(sizes[1 : 1 + taken]):
                received += len(await step(pieces))
            await client.close(response)
            held.open()
    assert ends(path) == [end]


async def test_reading_past_the_end_of_a_stream_that_was_cut(
    path: Path, way: Way, provider: Provider
) -> None:
    """A caller that now reads on must not take the cut for the end, nor swallow the alarm."""
    held = Gate()
    provider.script(Answer.sse(EVENTS, pauses={2: held}))
    with record(path):
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            assert [await step(pieces), await step(pieces)] == EVENTS[:2]
            await client.close(response)
            held.open()
    with replay(path) as tape:
        async with way.client() as client:
            response, pieces = await opened(client, provider)
            assert [await step(pieces), await step(pieces)] == EVENTS[:2]
            await client.close(response)
    assert tape.misses == []
    with pytest.raises(ck.CassetteTruncated, match="closed the stream early"):
        with replay(path) as tape:
            async with way.client() as client:
                _, pieces = await opened(client, provider)
                with pytest.raises(ck.CassetteTruncated):
                    await rest(pieces)
    assert [type(alarm).__name__ for alarm in tape.misses] == ["CassetteTruncated"]


@pytest.mark.parametrize(
    ("drop", "error"), [("close", "RemoteProtocolError"), ("reset", "ReadError")]
)
@pytest.mark.parametrize("record_errors", [False, True])
async def test_a_stream_that_the_upstream_breaks(
    *, path: Path, way: Way, provider: Provider, drop: Any, error: str, record_errors: bool
) -> None:
    """The caller gets the error. Only on request is it kept, and then it comes again on replay."""
    provider.script(Answer.sse(EVENTS, drop=drop, drop_after=2), Answer.json([b"{}"]))
    with record(path, record_errors=record_errors):
        async with way.client() as client:
            _, pieces = await opened(client, provider)
            assert [await step(pieces), await step(pieces)] == EVENTS[:2]
            with pytest.raises(getattr(way.family, error)):
                await step(pieces)
            await client.send("GET", provider.url)
    assert ends(path) == ["upstream_error", "complete"][not record_errors :]
    if record_errors:
        with replay(path):
            async with way.client() as client:
                _, pieces = await opened(client, provider)
                assert [await step(pieces), await step(pieces)] == EVENTS[:2]
                with pytest.raises(way.family.RemoteProtocolError):
                    await step(pieces)


@pytest.mark.parametrize("record_errors", [False, True])
async def test_a_call_without_a_response_leaves_nothing(
    path: Path, way: Way, provider: Provider, record_errors: bool
) -> None:
    """Neither a file that cannot be replayed nor one without interactions."""
    provider.script(Answer(drop_after=UNANSWERED))
    with record(path, record_errors=record_errors) as tape:
        async with way.client() as client:
            with pytest.raises(way.family.RemoteProtocolError):
                await client.send("GET", provider.url)
    assert (tape.recorded, len(tape.requests)) == ([], 1)
    assert inside(path) == []


@pytest.mark.parametrize("taken", [2, 4])
async def test_a_test_that_fails_in_the_middle_of_a_stream(
    path: Path, way: Way, provider: Provider, taken: int
) -> None:
    """Its recordings are not lost, but do not become the cassette either."""
    held = Gate()
    provider.script(Answer.json([b"{}"]), Answer.sse(EVENTS, pauses={taken: held}))
    with pytest.raises(ZeroDivisionError):
        with record(path) as tape:
            async with way.client() as client:
                await client.send("GET", provider.url)
                response, pieces = await opened(client, provider)
                for _ in range(taken):
                    await step(pieces)
                try:
                    raise ZeroDivisionError
                finally:
                    await client.close(response)
                    held.open()
    assert inside(path) == ["tape.yaml.part"]
    assert (BODY if taken == 4 else b"".join(EVENTS[:2])) == tape.recorded[1].response.body
    assert [f"cassette-kit accept {path}" in notice for notice in tape.notices] == [True]


async def test_a_test_that_fails_and_leaves_its_stream_open(
    path: Path, way: Way, provider: Provider
) -> None:
    """What had come by then is in the journal."""
    held = Gate()
    provider.script(Answer.sse(EVENTS, pauses={2: held}))
    async with way.client() as client:
        with pytest.raises(ZeroDivisionError):
            with record(path) as tape:
                _, pieces = await opened(client, provider)
                assert [await step(pieces), await step(pieces)] == EVENTS[:2]
                raise ZeroDivisionError
        held.open()
        assert await rest(pieces) == EVENTS[2:]
    assert inside(path) == ["tape.yaml.part"]
    assert [pieces_of(one.response) for one in tape.recorded] == [EVENTS[:2]]


async def test_a_stream_that_outlives_its_tape(path: Path, way: Way, provider: Provider) -> None:
    """It is kept as far as it came; the caller reads on as if nothing had been."""
    held = Gate()
    provider.script(Answer.sse(EVENTS, pauses={2: held}))
    async with way.client() as client:
        with record(path):
            _, pieces = await opened(client, provider)
            assert [await step(pieces), await step(pieces)] == EVENTS[:2]
        held.open()
        assert await rest(pieces) == EVENTS[2:]
    assert ends(path) == ["client_closed"]
    assert pieces_of(responses(path)[0]) == EVENTS[:2]


async def test_a_body_that_cannot_be_decoded(path: Path, way: Way, provider: Provider) -> None:
    """The caller gets what it would get; the file is not written, and the error says why."""
    provider.script(Answer(200, EVENTS, headers=[("Content-Encoding", "gzip")]))
    with pytest.raises(ck.CassetteSaveError, match=r"was not recorded: .* corrupt gzip data"):
        with record(path):
            async with way.client() as client:
                _, pieces = await opened(client, provider)
                assert await rest(pieces) == EVENTS
    assert inside(path) == []


# --- played back ----------------------------------------------------------------------------------


@pytest.fixture(name="slept")
def _slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for, in place of waiting."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(time, "sleep", asked.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    return asked


@pytest.mark.parametrize(("pace", "factor"), [("recorded", 1), (4, 0.25), ("instant", 0)])
async def test_the_recorded_pace(
    *,
    path: Path,
    way: Way,
    provider: Provider,
    clock: Clock,
    slept: list[float],
    pace: Any,
    factor: float,
) -> None:
    """The waits are those that were recorded: before the headers, then before each piece; on the
    loop where there is one, in the thread of the call where there is none."""

    class Slow(Gate):
        async def passed(self) -> None:
            clock.pass_ms(1500)

    gates = [Gate(f"piece {number}") for number in range(4)]
    provider.script(Answer.sse(EVENTS, before_headers=Slow(), pauses=dict(enumerate(gates))))
    with record(path):
        async with way.client() as client:
            _, pieces = await opened(client, provider)
            for gate, wait_ms in zip(gates, (400, 0, 32, 8), strict=True):
                await gate.reached.wait_async()
                clock.pass_ms(wait_ms)
                gate.open()
                await step(pieces)
            await rest(pieces)
    assert slept == []
    with replay(path, pace=pace):
        async with way.client() as client:
            request = client.client.build_request("POST", f"{provider.url}/v1", json={"q": 1})
            response = await way.alongside(client.client.send, request)
    assert response.content == BODY
    waits = [seconds * factor for seconds in (1.5, 0.4, 0.032, 0.008)] if factor else []
    assert slept == pytest.approx(waits)


@pytest.mark.parametrize(
    ("chunks", "pieces", "end"),
    [
        ("recorded", [BODY[:20], BODY[20:21], BODY[21:]], "complete"),
        ("events", EVENTS, "complete"),
        ("whole", [BODY], "complete"),
        ("bytes:7", [BODY[at : at + 7] for at in range(0, len(BODY), 7)], "complete"),
        ("random:3", None, "complete"),
        ("whole", [BODY], "client_closed"),
        ("random:3", None, "client_closed"),
        ("recorded", [BODY[:20], BODY[20:21], BODY[21:]], "upstream_error"),
        ("bytes:7", [BODY[at : at + 7] for at in range(0, len(BODY), 7)], "upstream_error"),
    ],
)
async def test_other_cuts(
    *,
    path: Path,
    way: Way,
    provider: Provider,
    chunks: str,
    pieces: list[bytes] | None,
    end: str,
) -> None:
    """However it is cut, a body has all its bytes, and ends as it was recorded to end."""
    held, sent = Gate("end"), [BODY[:20], BODY[20:21], BODY[21:]]
    ending = {"drop_after": 3} if end == "upstream_error" else {}
    kind = [("Content-Type", "text/event-stream" if end == "complete" else "text/plain")]
    provider.script(Answer(200, sent, headers=kind, pauses={3: held}, **ending))
    error = {
        "client_closed": ck.CassetteTruncated,
        "upstream_error": way.family.RemoteProtocolError,
    }.get(end)
    with record(path, record_errors=True):
        async with way.client() as client:
            response, live = await opened(client, provider)
            assert [await step(live) for _ in sent] == sent
            held.open()
            if end == "client_closed":
                await client.close(response)
            else:
                with pytest.raises(error) if error else nullcontext():
                    await rest(live)
    assert ends(path) == [end]
    again: list[bytes] = []
    with pytest.raises(error) if error else nullcontext():
        with replay(path, chunks=chunks):
            async with way.client() as client:
                _, played = await opened(client, provider)
                while piece := await step(played):
                    again.append(piece)
    assert b"".join(again) == BODY
    assert again == (pieces or again)

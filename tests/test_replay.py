"""What a client receives from a tape: pieces, headers, endings; through both families."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from tapes import CALLERS, SSE, URL, Caller, interaction, written

import cassette_kit as ck

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture(params=CALLERS, name="call")
def any_caller(request: pytest.FixtureRequest) -> Caller:
    return CALLERS[request.param]


EVENTS = [
    b'data: {"n":1}\n\n',
    b": keep-alive\n\n",
    b"event: x\r\ndata: 2\r\n\r\n",
    b"data: [DONE]\n\n",
]
PADDED = [b"\n         \n", b"\n         \n", b'{"a": [1]}']


@pytest.mark.parametrize(
    ("headers", "pieces"),
    [
        (SSE, EVENTS),
        (ck.Headers([("Content-Type", "application/json")]), PADDED),
        (ck.Headers([("Content-Type", "application/x-ndjson")]), [b'{"a":1}\n', b'{"b":2}\n']),
        (ck.Headers(), [b"\x00\xff binary"]),
        (SSE, []),
    ],
    ids=["sse", "padded", "ndjson", "binary", "empty"],
)
async def test_pieces(
    tmp_path: Path, call: Caller, headers: ck.Headers, pieces: list[bytes]
) -> None:
    """The caller receives the pieces a server would have sent, and nothing else."""
    path = written(tmp_path, [interaction(answer=b"".join(pieces), headers=headers)])
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:
        response, received = await call(tape, "POST", URL, json={"q": 1})
    assert received == pieces
    assert type(response) is call.family.Response


async def test_recorded_sizes(tmp_path: Path, call: Caller) -> None:
    """Recorded chunk sizes win over events, also where they cut through one."""
    stream = ck.Stream("complete", ((5, 3), (0, 11)))
    answer = interaction(answer=b"data: 1\n\ndata:", headers=SSE, stream=stream)
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        _, received = await call(tape, "POST", URL, json={"q": 1})
    assert received == [b"dat", b"a: 1\n\ndata:"]
    assert [chunk.delay_ms for chunk in tape.played[0].response.chunks] == [5, 0]


async def test_sizes_that_do_not_add_up(tmp_path: Path, call: Caller) -> None:
    """An edited body makes recorded sizes worthless: it is cut where a server would."""
    stream = ck.Stream("complete", ((5, 3),))
    answer = interaction(answer=b"data: 1\n\ndata: 2\n\n", headers=SSE, stream=stream)
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        _, received = await call(tape, "POST", URL, json={"q": 1})
    assert received == [b"data: 1\n\n", b"data: 2\n\n"]


@pytest.mark.parametrize(
    ("chunks", "pieces"),
    [
        ("events", [b"data: 1\n\n", b"data: 2\n\n"]),
        ("whole", [b"data: 1\n\ndata: 2\n\n"]),
        ("bytes:7", [b"data: 1", b"\n\ndata:", b" 2\n\n"]),
    ],
)
async def test_other_cuts(tmp_path: Path, call: Caller, chunks: str, pieces: list[bytes]) -> None:
    """The option `chunks` cuts anew, to try a client's decoder."""
    path = written(tmp_path, [interaction(answer=b"data: 1\n\ndata: 2\n\n", headers=SSE)])
    options: dict[str, Any] = {"mode": "replay", "intercept": False, "chunks": chunks}
    with ck.use_cassette(path, **options) as tape:
        _, received = await call(tape, "POST", URL, json={"q": 1})
    assert received == pieces


async def test_the_wire(tmp_path: Path, call: Caller) -> None:
    """Status, reason, version and repeated headers are those of the recording."""
    headers = ck.Headers([("X-Tag", "a"), ("X-Tag", "b"), ("Content-Type", "application/json")])
    answer = interaction(
        code=418,
        status="418 I'm a teapot",
        headers=headers,
        proto="HTTP/2.0",
        proto_major=2,
        proto_minor=0,
    )
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        response, _ = await call(tape, "POST", URL, json={"q": 1})
    assert (response.status_code, response.reason_phrase) == (418, "I'm a teapot")
    assert response.http_version == "HTTP/2"
    assert response.headers.get_list("x-tag") == ["a", "b"]


@pytest.mark.parametrize("uncompressed", [True, False])
async def test_a_decoded_body_is_not_decoded_again(
    tmp_path: Path, call: Caller, uncompressed: bool
) -> None:
    """`content-encoding` on a body that is plain breaks every SDK; it goes with its length."""
    headers = ck.Headers([("Content-Encoding", "gzip"), ("Content-Length", "99")])
    answer = interaction(answer=b"plain", headers=headers, uncompressed=uncompressed)
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        response, received = await call(tape, "POST", URL, json={"q": 1})
    assert received == [b"plain"]
    assert "content-encoding" not in response.headers
    assert "content-length" not in response.headers


async def test_a_compressed_body_keeps_its_header(tmp_path: Path, call: Caller) -> None:
    """A file of another tool may hold the compressed bytes: header and body stay consistent."""
    import gzip

    body = gzip.compress(b"hello")
    answer = interaction(answer=body, headers=ck.Headers([("Content-Encoding", "gzip")]))
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        response, received = await call(tape, "POST", URL, json={"q": 1})
    assert response.headers["content-encoding"] == "gzip"
    assert b"".join(received) == body


@pytest.mark.parametrize(("pace", "added"), [("instant", True), (1000, False)])
async def test_retry_after_costs_nothing(
    tmp_path: Path, call: Caller, pace: Any, added: bool
) -> None:
    """A replayed 429 must not make the SDK sleep for its twenty recorded seconds."""
    headers = ck.Headers([("Retry-After", "20")])
    answer = interaction(code=429, status="429 Too Many Requests", headers=headers)
    path = written(tmp_path, [answer])
    with ck.use_cassette(path, mode="replay", intercept=False, pace=pace) as tape:
        response, _ = await call(tape, "POST", URL, json={"q": 1})
    assert response.headers.get("retry-after-ms") == ("1" if added else None)
    assert response.headers["retry-after"] == "20"


async def test_a_broken_recording_breaks_again(tmp_path: Path, call: Caller) -> None:
    """What the upstream broke ends in the family's own error, after the recorded pieces."""
    answer = interaction(
        answer=b"data: 1\n\n", headers=SSE, stream=ck.Stream("upstream_error", ((0, 9),))
    )
    with ck.use_cassette(written(tmp_path, [answer]), mode="replay", intercept=False) as tape:
        with pytest.raises(call.family.RemoteProtocolError):
            await call(tape, "POST", URL, json={"q": 1})
    assert tape.misses == []


async def test_a_shortened_recording_is_not_complete(tmp_path: Path, call: Caller) -> None:
    """Reading past the point where the recording's caller closed is an alarm, not an early end."""
    answer = interaction(
        answer=b"data: 1\n\n", headers=SSE, stream=ck.Stream("client_closed", ((0, 9),))
    )
    path = written(tmp_path, [answer])
    with pytest.raises(ck.CassetteTruncated, match="closed the stream early"):
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            await call(tape, "POST", URL, json={"q": 1})
    assert [type(alarm).__name__ for alarm in tape.misses] == ["CassetteTruncated"]


async def test_each_recording_answers_once_and_in_order(tmp_path: Path, call: Caller) -> None:
    """429, 429, 200 for one and the same request play back so; the fourth call is a miss."""
    codes = [(429, "429 Too Many Requests"), (429, "429 Too Many Requests"), (200, "200 OK")]
    bodies = [b'{"q":1}', b'{ "q": 1.0 }', b'{"q":1e0}']
    answers = [interaction(b, code=c, status=s) for b, (c, s) in zip(bodies, codes, strict=True)]
    path = written(tmp_path, answers)
    with pytest.raises(ck.CassetteMiss) as caught:
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            got = [(await call(tape, "POST", URL, content=bodies[2]))[0] for _ in codes]
            assert [response.status_code for response in got] == [429, 429, 200]
            await call(tape, "POST", URL, content=bodies[2])
    lines = str(caught.value).splitlines()
    assert lines[:3] == [
        f"no recorded interaction answers POST {URL}",
        f"  cassette  {path}: 3 interactions, 3 already played, mode replay",
        "  nearest   #2 is equal, but was played already",
    ]
    test = "tests/test_replay.py::test_each_recording_answers_once_and_in_order"
    assert lines[3].startswith(f"  next      pytest --cassette-mode=rewrite '{test}[")
    assert lines[4] == "            or repeats=True"
    assert re.fullmatch(r"  called    tests/tapes\.py:\d+ in Caller\.__call__", lines[5])
    assert len(lines) == 6


async def test_repeats(tmp_path: Path, call: Caller) -> None:
    """With `repeats`, the last equal recording answers again once all are used up."""
    answers = [interaction(answer=answer) for answer in (b"1", b"2")]
    path = written(tmp_path, answers)
    with ck.use_cassette(path, mode="replay", intercept=False, repeats=True) as tape:
        received = [(await call(tape, "POST", URL, json={"q": 1}))[1] for _ in range(4)]
    assert received == [[b"1"], [b"2"], [b"2"], [b"2"]]
    assert len(tape.played) == 2


async def test_a_request_body_from_an_iterator(tmp_path: Path, call: Caller) -> None:
    """A streamed request body is matched like any other."""
    if call.is_async:

        async def parts() -> Any:
            for part in (b'{"q"', b":1}"):
                yield part

        content: Any = parts()
    else:
        content = iter((b'{"q"', b":1}"))
    path = written(tmp_path, [interaction()])
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:
        _, received = await call(tape, "POST", URL, content=content)
    assert received == [b'{"a":1}']
    assert tape.last_request.body == b'{"q":1}'


async def test_urls(tmp_path: Path, call: Caller) -> None:
    """Fragments, the host's case and a default port do not count; the query's order does."""
    path = written(tmp_path, [interaction(url="https://API.example.com:443/v1?a=1&b=2")])
    with ck.use_cassette(path, mode="replay", intercept=False, repeats=True) as tape:
        await call(tape, "POST", "https://api.example.com/v1?a=1&b=2#stream", json={"q": 1})
        with tape.expect_miss() as caught:
            await call(tape, "POST", "https://api.example.com/v1?b=2&a=1", json={"q": 1})
        with tape.expect_miss():
            await call(tape, "POST", "https://api.example.com:8443/v1?a=1&b=2", json={"q": 1})
    assert caught.value.differences[0].where == "url"
    assert tape.misses == []


async def test_match_by_choice(tmp_path: Path, call: Caller) -> None:
    """`query` ignores the order of parameters; a callable gives its own reason."""

    def same_tenant(live: ck.Request, taped: ck.Request) -> ck.Mismatch | None:
        ours, theirs = live.headers.get("x-tenant"), taped.headers.get("x-tenant")
        return None if ours == theirs else ck.Mismatch("tenant", ours, theirs)

    path = written(tmp_path, [interaction(url="https://api.example.com/v1?a=1&b=2")])
    match = ["method", "url", "query", "body", same_tenant]
    url = "https://api.example.com/v1?b=2&a=1"
    with ck.use_cassette(path, mode="replay", intercept=False, match=match) as tape:
        with tape.expect_miss() as caught:
            await call(tape, "POST", url, json={"q": 1}, headers={"x-tenant": "7"})
        await call(tape, "POST", url, json={"q": 1})
    assert caught.value.differences == (ck.Mismatch("tenant", "7", None),)


async def test_pace(tmp_path: Path, call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded waits are slept, divided by the factor: first the headers', then each chunk's."""
    import time

    import anyio

    slept: list[float] = []

    async def sleep_async(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(anyio, "sleep", sleep_async)
    stream = ck.Stream("complete", ((200, 3), (100, 11)))
    answer = interaction(
        answer=b"data: 1\n\ndata:", headers=SSE, stream=stream, duration_ns=1_000_000_000
    )
    path = written(tmp_path, [answer])
    with ck.use_cassette(path, mode="replay", intercept=False, pace=4) as tape:
        await call(tape, "POST", URL, json={"q": 1})
    assert slept == [0.25, 0.05, 0.025]


async def test_no_file(tmp_path: Path, call: Caller) -> None:
    """In replay a missing file is no error until the first request, which says how to record."""
    path = tmp_path / "absent.yaml"
    with ck.use_cassette(path, mode="replay", intercept=False):
        pass
    with pytest.raises(ck.CassetteMiss, match="no such file, mode replay"):
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            await call(tape, "POST", URL, json={"q": 1})
    assert not path.exists()


async def test_a_swallowed_miss_surfaces(tmp_path: Path, call: Caller) -> None:
    """A test that catches everything does not turn green: the block ends in the miss."""
    path = written(tmp_path, [interaction()])
    with pytest.raises(ck.CassetteMiss):
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            with contextlib.suppress(BaseException):
                await call(tape, "POST", URL, json={"q": 2})


def test_expecting_a_miss_that_does_not_come(tmp_path: Path) -> None:
    """`expect_miss` asserts: no miss is a failure."""
    with ck.use_cassette(
        written(tmp_path, [interaction()]), mode="replay", intercept=False
    ) as tape:
        with pytest.raises(AssertionError, match="a miss was expected"), tape.expect_miss():
            pass


async def test_many_tasks(tmp_path: Path, call: Caller) -> None:
    """Interleaved tasks use up every recording exactly once."""
    import anyio

    answers = [interaction(answer=str(n).encode()) for n in range(50)]
    received: list[bytes] = []
    path = written(tmp_path, answers)
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:

        async def one() -> None:
            _, pieces = await call(tape, "POST", URL, json={"q": 1})
            received.extend(pieces)

        async with anyio.create_task_group() as tasks:
            for _ in answers:
                tasks.start_soon(one)
    assert sorted(received, key=int) == [str(n).encode() for n in range(50)]


def test_many_threads(tmp_path: Path) -> None:
    """Threads at once use up every recording exactly once."""
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    path = written(tmp_path, [interaction(answer=str(n).encode()) for n in range(200)])
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:
        client = httpx.Client(transport=tape.transport(httpx))
        with ThreadPoolExecutor(8) as pool:
            texts = list(pool.map(lambda _: client.post(URL, json={"q": 1}).text, range(200)))
    assert sorted(map(int, texts)) == list(range(200))
    assert len({id(played) for played in tape.played}) == 200


async def test_a_closed_tape_answers_nobody(tmp_path: Path, call: Caller) -> None:
    """A client that outlives the block neither plays on nor goes live."""
    with ck.use_cassette(
        written(tmp_path, [interaction()]), mode="replay", intercept=False
    ) as tape:
        pass
    with pytest.raises(ck.CassetteBlocked, match="came after its tape was closed"):
        await call(tape, "POST", URL, json={"q": 1})
    assert tape.requests == []


def test_a_change_of_folder_does_not_move_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is that of the moment at which the block was entered."""
    written(tmp_path, [interaction()])
    monkeypatch.chdir(tmp_path)
    with ck.use_cassette("tape.yaml", mode="replay", intercept=False) as tape:
        monkeypatch.chdir("/")
        assert tape.path == tmp_path / "tape.yaml"

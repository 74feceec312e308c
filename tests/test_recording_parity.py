"""Recording changes nothing: the same calls, with and without the recorder, show the same.

What a scenario returns is compared: errors with their causes, what went over the wire and on which
connection, and each step that the client's connections took.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from anyio import lowlevel
from live import OUR_SETTINGS, WAYS, Way, rest, step
from provider import UNANSWERED, Answer, Gate, Http2Provider, Provider

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

HELLO = [b"Hel", b"lo ", b"world"]
JSON = ("Content-Type", "application/json")
Scenario = "Callable[[Way, Provider], Awaitable[Any]]"


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


@pytest.fixture(name="provider", scope="module")
def _provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def shown(response: Any) -> dict[str, Any]:
    """What a response shows of itself."""
    return {
        "status": (response.status_code, response.reason_phrase, response.http_version),
        "headers": response.headers.raw,
        "extensions": sorted(response.extensions),
        "bytes": response.num_bytes_downloaded,
        "state": (response.is_closed, response.is_stream_consumed),
        "history": [(old.status_code, old.content) for old in response.history],
        "cookies": dict(response.cookies),
    }


async def outcome(call: Awaitable[Any]) -> Any:
    """What comes back, or the error with all that led to it."""
    try:
        response = await call
    except Exception as error:
        return [*causes(error)]
    return {**shown(response), "content": response.content, "elapsed": bool(response.elapsed)}


def causes(error: BaseException | None) -> Iterator[tuple[str, str, Any]]:
    while error is not None:
        request = getattr(error, "_request", None)
        kind = f"{type(error).__module__}.{type(error).__name__}"
        text = re.sub("scope [0-9a-f]+", "scope", str(error))  # anyio names it by its address
        yield kind, text, request and (request.method, str(request.url))
        error = error.__cause__ or error.__context__


# --- scenarios: each scripts the provider, calls, and returns what it saw -------------------------


async def whole_bodies(way: Way, provider: Provider) -> Any:
    """Several answers over one connection."""
    provider.script(
        Answer.json([b'{"a":1}']),
        Answer(201, HELLO, trailers=[("X-Sum", "1")]),
        Answer(200, HELLO, framing="close"),
        Answer(500, [b"no"], framing="length", reason="Oh No"),
        Answer(404, [b"no"], reason=""),
    )
    async with way.client() as client:
        codes = [await outcome(client.send("GET", provider.url)) for _ in range(5)]
        return codes, client.trace


async def bodiless(way: Way, provider: Provider) -> Any:
    """HEAD, 204, 304 and a length of zero."""
    provider.script(
        Answer(200, HELLO, framing="length"),
        Answer(204),
        Answer(304, headers=[("ETag", '"1"')]),
        Answer(200, framing="length"),
        Answer(200, HELLO, content_encoding="gzip"),
    )
    async with way.client() as client:
        methods = ["HEAD", "GET", "GET", "GET", "HEAD"]
        return [await outcome(client.send(method, provider.url)) for method in methods]


async def encodings(way: Way, provider: Provider) -> Any:
    """The caller gets the encoded bytes and their headers, and decodes them itself."""
    codings: list[Any] = ["gzip", "deflate", "br", "zstd"]
    provider.script(*(Answer(200, HELLO, content_encoding=coding) for coding in codings))
    seen = []
    async with way.client() as client:
        for coding in codings:
            response = await client.send("GET", provider.url, stream=True)
            pieces = await rest(client.raw(response))
            assert response.headers["content-encoding"] == coding
            assert HELLO[0] not in pieces
            seen.append((pieces, shown(response)))
    return seen


async def a_refused_connection(way: Way, provider: Provider) -> Any:
    """Nobody listens."""
    async with way.client() as client:
        seen = await outcome(client.send("GET", "http://127.0.0.1:9/"))
        assert seen[0][0].endswith("ConnectError")
        return seen, client.trace


async def an_unknown_scheme(way: Way, provider: Provider) -> Any:
    """An error that the client finds by itself."""
    async with way.client() as client:
        seen = await outcome(client.send("GET", "ftp://127.0.0.1/"))
        assert seen[0][0].endswith("UnsupportedProtocol")
        return seen, client.trace


async def slow_headers(way: Way, provider: Provider) -> Any:
    """A read time-out before the answer."""
    provider.script(Answer(before_headers=Gate("headers")))
    async with way.client() as client:
        seen = await outcome(client.send("GET", provider.url, timeout=0.05))
        assert seen[0][0].endswith("ReadTimeout")
        return seen, client.trace


async def a_slow_body(way: Way, provider: Provider) -> Any:
    """A read time-out within the body; what came before has reached the caller."""
    provider.script(Answer(200, HELLO, pauses={2: Gate("body")}))
    async with way.client() as client:
        response = await client.send("GET", provider.url, stream=True, timeout=0.05)
        pieces = client.raw(response)
        assert [await step(pieces), await step(pieces)] == HELLO[:2]
        seen = await outcome(step(pieces))
        assert seen[0][0].endswith("ReadTimeout")
        await client.close(response)
        return seen, shown(response), client.trace


async def broken_streams(way: Way, provider: Provider) -> Any:
    """The upstream goes: before a byte, within a body, by FIN, by RST, short of its length."""
    provider.script(
        Answer(200, HELLO, drop_after=UNANSWERED),
        Answer(200, HELLO, drop_after=UNANSWERED, drop="reset"),
        Answer(200, HELLO, drop_after=1),
        Answer(200, HELLO, drop_after=1, drop="reset"),
        Answer(200, HELLO, framing="length", drop_after=2),
        Answer(200, HELLO, headers=[("Content-Length", "99")], framing="close"),
    )
    async with way.client() as client:
        seen = [await outcome(client.send("GET", provider.url)) for _ in range(6)]
        kinds = [error[0][0].rpartition(".")[2] for error in seen]
        assert kinds == [
            "RemoteProtocolError",
            "ReadError",
            "RemoteProtocolError",
            "ReadError",
            "RemoteProtocolError",
            "RemoteProtocolError",
        ]
        return seen, client.trace


async def a_false_encoding(way: Way, provider: Provider) -> Any:
    """A body that is not what its content-encoding says."""
    provider.script(Answer(200, HELLO, headers=[("Content-Encoding", "gzip")]))
    async with way.client() as client:
        seen = await outcome(client.send("GET", provider.url))
        assert seen[0][0].endswith("DecodingError")
        return seen, client.trace


async def misuse(way: Way, provider: Provider) -> Any:
    """A second look at a body that was streamed, and one at a closed response."""
    provider.script(Answer(200, HELLO), Answer(200, HELLO))
    async with way.client() as client:
        response = await client.send("GET", provider.url, stream=True)
        await rest(client.raw(response))
        consumed = await outcome(rest(client.raw(response)))
        response = await client.send("GET", provider.url, stream=True)
        await client.close(response)
        closed = await outcome(rest(client.raw(response)))
        assert consumed[0][0].endswith("StreamConsumed")
        assert closed[0][0].endswith("StreamClosed")
        return consumed, closed, client.trace


async def redirects(way: Way, provider: Provider) -> Any:
    """Followed, not followed, and one too many."""
    provider.script(
        Answer(302, [b"over there"], headers=[("Location", "/b")]),
        Answer.redirect("/c", status=307),
        Answer.json([b"{}"]),
        Answer.redirect("/d"),
        *[Answer.redirect("/loop")] * 4,
    )
    async with way.client(follow_redirects=True, max_redirects=2) as client:
        followed = await outcome(client.send("POST", f"{provider.url}/a", json={"q": 1}))
        client.client.follow_redirects = False
        response = await client.send("GET", provider.url)
        left = shown(response), str(response.next_request.url)
        client.client.follow_redirects = True
        many = await outcome(client.send("GET", provider.url))
        assert [code for code, _ in followed["history"]] == [302, 307]
        assert many[0][0].endswith("TooManyRedirects")
        return followed, left, many, client.trace


async def a_body_that_can_be_sent_once(way: Way, provider: Provider) -> Any:
    """A redirect asks for it again."""

    def parts() -> Iterator[bytes]:
        yield from HELLO

    async def parts_async() -> AsyncIterator[bytes]:
        for part in HELLO:
            yield part

    provider.script(Answer.redirect("/b"), Answer(204))
    async with way.client(follow_redirects=True) as client:
        content = parts_async() if way.is_async else parts()
        seen = await outcome(client.send("POST", provider.url, content=content))
        assert seen[0][0].endswith("StreamConsumed")
        return seen


async def request_bodies(way: Way, provider: Provider) -> Any:
    """Binary, multipart, form, chunks: the wire carries what it would carry."""
    provider.script(*[Answer(204)] * 4)
    boundary = {"Content-Type": "multipart/form-data; boundary=limit"}
    files = {"file": ("a.bin", bytes(range(256)), "application/octet-stream")}
    async with way.client() as client:
        await client.send("POST", provider.url, content=bytes(range(256)))
        await client.send("PUT", provider.url, files=files, data={"a": "1"}, headers=boundary)
        await client.send("POST", provider.url, data={"a": "ü"})
        await client.send("POST", provider.url, json={"q": "ü"}, headers={"X-B": "1"})
        return client.trace


async def retries(way: Way, provider: Provider) -> Any:
    """Twice too much, then the answer."""
    provider.script(Answer.rate_limited(), Answer.rate_limited(), Answer.json([b"{}"]))
    async with way.client() as client:
        seen = [await outcome(client.send("POST", provider.url, json={})) for _ in range(3)]
        assert [each["status"][0] for each in seen] == [429, 429, 200]
        return seen, client.trace


async def hooks(way: Way, provider: Provider) -> Any:
    """Event hooks see the same in the same order, and what they raise arrives."""
    provider.script(Answer.redirect("/b"), Answer.json([b"{}"]), Answer(500, HELLO))
    seen: list[Any] = []

    def on_request(request: Any) -> None:
        seen.append((request.method, request.url.path, hasattr(request, "_content")))

    def on_response(response: Any) -> None:
        seen.append(shown(response))
        if response.status_code == 500:
            response.raise_for_status()

    async def on_request_async(request: Any) -> None:
        on_request(request)

    async def on_response_async(response: Any) -> None:
        on_response(response)

    event_hooks = {
        "request": [on_request_async if way.is_async else on_request],
        "response": [on_response_async if way.is_async else on_response],
    }
    async with way.client(event_hooks=event_hooks, follow_redirects=True) as client:
        await client.send("GET", f"{provider.url}/a")
        failed = await outcome(client.send("GET", f"{provider.url}/c"))
        assert failed[0][0].endswith("HTTPStatusError")
        return seen, failed, client.trace


async def an_auth_flow(way: Way, provider: Provider) -> Any:
    """A challenge whose body is read, then the answer to it."""

    class Challenge(way.family.Auth):  # type: ignore[misc, name-defined]
        requires_request_body = requires_response_body = True

        def auth_flow(self, request: Any) -> Iterator[Any]:
            response = yield request
            if response.status_code == 401:
                request.headers["X-Answer"] = response.text + request.content.decode()
                yield request

    provider.script(Answer(401, [b"nonce"]), Answer.json([b"{}"]))
    async with way.client() as client:
        seen = await outcome(client.send("POST", provider.url, content=b"!", auth=Challenge()))
        assert provider.requests[-1].header("x-answer") == "nonce!"
        assert seen["history"] == [(401, b"nonce")]
        return seen, client.trace


async def cookies(way: Way, provider: Provider) -> Any:
    """Set by one answer, sent with the next request."""
    jar = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]
    provider.script(Answer(200, HELLO, headers=jar), Answer(204))
    async with way.client() as client:
        seen = [await outcome(client.send("GET", provider.url)) for _ in range(2)]
        assert provider.requests[-1].header("cookie") == "a=1; b=2"
        return seen, dict(client.client.cookies)


async def a_full_pool(way: Way, provider: Provider) -> Any:
    """The only connection is taken until the stream that has it is closed."""
    provider.script(Answer(200, HELLO), Answer(200, HELLO))
    limits, timeout = way.family.Limits(max_connections=1), way.family.Timeout(5, pool=0.05)
    async with way.client(limits=limits, timeout=timeout) as client:
        response = await client.send("GET", provider.url, stream=True)
        full = await outcome(client.send("GET", provider.url))
        assert full[0][0].endswith("PoolTimeout")
        await client.close(response)
        return full, await outcome(client.send("GET", provider.url)), client.trace


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def a_dropped_iterator(way: Way, provider: Provider) -> Any:
    """Who drops the iterator of a body gives the connection back, though the response is open."""
    provider.script(Answer(200, HELLO), Answer(200, HELLO))
    limits = way.family.Limits(max_connections=1)
    async with way.client(limits=limits) as client:
        response = await client.send("GET", provider.url, stream=True)
        pieces = client.raw(response)
        await step(pieces)
        if way.is_async:
            await pieces.aclose()
        else:
            pieces.close()
        del pieces
        again = await outcome(client.send("GET", provider.url))
        return shown(response), again, client.trace


async def an_early_close(way: Way, provider: Provider) -> Any:
    """The connection of a stream that is left cannot be used again."""
    provider.script(Answer(200, itertools.repeat(b"ping")), Answer(204))
    async with way.client() as client:
        response = await client.send("GET", provider.url, stream=True)
        pieces = client.raw(response)
        await step(pieces)
        await client.close(response)
        await outcome(client.send("GET", provider.url))
        return shown(response) | {"bytes": None}, client.trace


SCENARIOS = [
    whole_bodies,
    bodiless,
    encodings,
    a_refused_connection,
    an_unknown_scheme,
    slow_headers,
    a_slow_body,
    broken_streams,
    a_false_encoding,
    misuse,
    redirects,
    a_body_that_can_be_sent_once,
    request_bodies,
    retries,
    hooks,
    an_auth_flow,
    cookies,
    a_full_pool,
    a_dropped_iterator,
    an_early_close,
]


def received(provider: Provider) -> list[Any]:
    """What the server saw; connections by their order, not their number."""
    connections = list(dict.fromkeys(request.connection for request in provider.requests))
    return [
        (r.method, r.target, r.headers, r.body, r.framing, connections.index(r.connection))
        for r in provider.requests
    ]


async def seen_in(way: Way, provider: Provider, scenario: Any) -> tuple[Any, list[Any]]:
    provider.clear()
    facts = await scenario(way, provider)
    for _ in range(20):  # generators that were dropped are ended by the event loop
        await lowlevel.checkpoint()
    return facts, received(provider)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_nothing_changes(tmp_path: Path, way: Way, provider: Provider, scenario: Any) -> None:
    """A test that records sees what production sees, or it tests something else."""
    plain = await seen_in(way, provider, scenario)
    unrecorded = pytest.raises(ck.CassetteSaveError, match="corrupt gzip")
    with unrecorded if scenario is a_false_encoding else contextlib.nullcontext():
        with ck.use_cassette(tmp_path / "tape.yaml", mode="once"):
            recorded = await seen_in(way, provider, scenario)
    assert recorded == plain


@pytest.mark.parametrize("way", [WAYS[5]], ids=str)
async def test_no_generator_of_ours_is_left_to_the_event_loop(
    tmp_path: Path, way: Way, provider: Provider
) -> None:
    """httpx2 ends the generators below its own one by one; trio warns of those it must end."""

    async def dropped() -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            await seen_in(way, provider, a_dropped_iterator)
            gc.collect()
        found = [re.search("Async generator '(.*?)'", str(one.message)) for one in caught]
        return sorted(name[1] for name in found if name)

    plain = await dropped()
    with ck.use_cassette(tmp_path / "tape.yaml", mode="once"):
        recorded = await dropped()
    assert recorded == plain != []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_nothing_changes_over_http2(tmp_path: Path, way: Way) -> None:
    """Streams of one connection, one of which the upstream resets."""
    pytest.importorskip("h2")
    pytest.importorskip("trustme")

    async def seen(provider: Http2Provider) -> Any:
        provider.clear()
        provider.script(
            Answer.sse(HELLO, content_encoding="gzip", trailers=[("X-Sum", "1")]),
            Answer.json(HELLO, status=429),
            Answer(200, HELLO, drop_after=1, drop="reset"),
            Answer(204),
        )
        async with way.client(http2=True, verify=provider.client_tls) as client:
            facts = [await outcome(client.send("POST", provider.url, json={})) for _ in range(4)]
        assert facts[0]["status"] == (200, "OK", "HTTP/2")
        assert facts[2][0][0].endswith("RemoteProtocolError")
        return facts, client.trace, received(provider)

    with Http2Provider() as provider:
        plain = await seen(provider)
        with ck.use_cassette(tmp_path / "tape.yaml", mode="once") as tape:
            assert await seen(provider) == plain
    assert [one.response.status_code for one in tape.recorded] == [200, 429, 204]

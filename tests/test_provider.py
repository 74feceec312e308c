"""The scripted provider keeps its word: bytes, moments, endings, and what it says it received."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import groq
import httpx
import httpx2
import openai
import pytest
import tapes
from provider import (
    UNANSWERED,
    Answer,
    Gate,
    Http2Provider,
    Log,
    Provider,
    anthropic_json,
    anthropic_sse,
    groq_sse,
    openai_chat_json,
    openai_chat_sse,
    openai_tool_call_sse,
)

from cassette_kit import decoding

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

HELLO = [b"Hel", b"lo"]
CHUNKED_HELLO = b"3\r\nHel\r\n2\r\nlo\r\n0\r\n"
FOREVER = itertools.repeat(b": ping\n\n")
ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(name="provider")
def _provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(name="http2")
def _http2() -> Iterator[Http2Provider]:
    pytest.importorskip("h2")
    pytest.importorskip("trustme")
    with Http2Provider() as provider:
        yield provider


def connected(provider: Provider) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(provider.url.rpartition(":")[2])), timeout=10)


def exchanged(provider: Provider, request: bytes) -> bytes:
    """All that a connection carries back until the server closes it."""
    with connected(provider) as peer:
        peer.sendall(request)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def get(method: str = "GET") -> bytes:
    return f"{method} / HTTP/1.1\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("answer", "wire"),
    [
        (
            Answer(200, HELLO),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED_HELLO + b"\r\n",
        ),
        (
            Answer(200, HELLO, trailers=[("X-Sum", "1")]),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + CHUNKED_HELLO
            + b"X-Sum: 1\r\n\r\n",
        ),
        (
            Answer(201, HELLO, framing="length", headers=[("a", "1"), ("a", "2")]),
            b"HTTP/1.1 201 Created\r\na: 1\r\na: 2\r\nContent-Length: 5\r\n\r\nHello",
        ),
        (
            Answer(200, HELLO, framing="length", headers=[("content-length", "9")]),
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nHello",
        ),
        (
            Answer(529, HELLO, framing="close", reason="Overloaded"),
            b"HTTP/1.1 529 Overloaded\r\nConnection: close\r\n\r\nHello",
        ),
        (Answer(529, framing="length"), b"HTTP/1.1 529 \r\nContent-Length: 0\r\n\r\n"),
        (Answer(204), b"HTTP/1.1 204 No Content\r\n\r\n"),
        (
            Answer(304, content_encoding="gzip"),
            b"HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n",
        ),
        (
            Answer.redirect("/b", status=302),
            b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            Answer(200, HELLO, drop_after=1),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nHel\r\n",
        ),
        (
            Answer(200, HELLO, drop_after=2),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nHel\r\n2\r\nlo\r\n",
        ),
        (Answer(200, HELLO, drop_after=UNANSWERED), b""),
    ],
)
def test_every_byte_is_as_scripted(provider: Provider, answer: Answer, wire: bytes) -> None:
    """A test that counts on a framing would see another one."""
    provider.script(answer)
    assert exchanged(provider, get()) == wire


def test_head_has_the_headers_of_get_and_no_body(provider: Provider) -> None:
    """A client would take the body for the next response."""
    provider.script(Answer(200, HELLO, framing="length"))
    assert exchanged(provider, get("HEAD")) == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def test_requests_are_kept_as_they_came(provider: Provider) -> None:
    """Case and order of headers, target and body would be lost to the tests of what is sent."""
    provider.script(Answer(204), Answer(204))
    exchanged(
        provider,
        b"POST /v1/x?b=1&a=2 HTTP/1.1\r\nX-b: 1\r\nHOST: h\r\nX-B:2\r\nTransfer-Encoding: chunked"
        b"\r\n\r\n3;x=y\r\n\r\n0\r\n2\r\n\r\n\r\n0\r\nT: 1\r\n\r\n"
        b"PUT / HTTP/1.1\r\nconnection: close\r\nContent-Length: 2\r\n\r\n{}",
    )
    upload, put = provider.requests
    assert (upload.method, upload.target) == ("POST", "/v1/x?b=1&a=2")
    assert upload.headers[:3] == [("X-b", "1"), ("HOST", "h"), ("X-B", "2")]
    assert (upload.framing, upload.body) == ("chunked", b"\r\n0\r\n")
    assert (put.framing, put.json(), put.connection) == ("length", {}, 0)


def test_requests_may_come_before_the_answer_to_the_last(provider: Provider) -> None:
    """The byte that was read to notice a client's leaving would be lost, or come back twice."""
    provider.script(*[Answer(204)] * 3)
    ask = b"GET / HTTP/1.1\r\n\r\n"
    with connected(provider) as peer:
        peer.sendall(ask * 2)
        provider.sent.wait(4)
        peer.sendall(ask)
        provider.sent.wait(6)
    assert [request.method for request in provider.requests] == ["GET"] * 3


async def test_a_gate_holds_the_rest_back(provider: Provider) -> None:
    """A test could not tell a stream that is passed on from one that is collected first."""
    held = Gate()
    provider.script(Answer(200, HELLO, pauses={1: held}))
    async with httpx.AsyncClient() as client, client.stream("GET", provider.url) as response:
        pieces = response.aiter_raw()
        assert await anext(pieces) == b"Hel"
        await held.reached.wait_async()
        assert [sent.part for sent in provider.sent] == ["headers", "piece"]
        held.open()
        assert [piece async for piece in pieces] == [b"lo"]
    assert [sent.data for sent in provider.sent] == [b"", *HELLO, b""]


def test_a_gate_can_hold_the_headers_and_the_end(provider: Provider) -> None:
    """Slow headers, and a caller that is done before the body is, could not be tested."""
    headers, end = Gate("headers"), Gate("end")
    provider.script(Answer(200, HELLO, before_headers=headers, pauses={2: end}))
    with ThreadPoolExecutor() as pool:
        response = pool.submit(urlopen, provider.url)
        headers.reached.wait()
        assert provider.sent == []
        headers.open()
        with response.result() as body:
            assert body.read(5) == b"Hello"
            end.reached.wait()
    assert provider.disconnects.wait() == 0


def test_delays_are_real_and_known(provider: Provider) -> None:
    """Recorded delays would be compared against something else than what happened."""
    provider.script(Answer(200, HELLO, pauses={0: 5, 1: 20, 2: 30}))
    httpx.get(provider.url)
    first, second = provider.delays_ms()
    assert first >= 5
    assert second >= 20


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_each_encoded_piece_can_be_decoded_when_it_arrives(provider: Provider, coding: Any) -> None:
    """The encoder would keep the first tokens until the last one."""
    held = Gate()
    provider.script(Answer(200, HELLO, pauses={1: held}, content_encoding=coding))
    with httpx.stream("GET", provider.url) as response:
        decoder = decoding.decoder(response.headers["content-encoding"])
        assert decoder is not None
        pieces = response.iter_raw()
        assert decoder.push(next(pieces)) == b"Hel"
        held.open()
        assert decoder.push(b"".join(pieces)) + decoder.finish() == b"lo"


def test_the_length_of_an_encoded_body_is_that_of_its_bytes(provider: Provider) -> None:
    """The client would wait for more, or stop early."""
    provider.script(Answer(200, HELLO, framing="length", content_encoding="gzip"))
    assert httpx.get(provider.url).content == b"Hello"


@pytest.mark.parametrize(
    ("drop", "after", "error"),
    [
        ("close", 1, httpx.RemoteProtocolError),
        ("reset", 1, httpx.ReadError),
        ("close", UNANSWERED, httpx.RemoteProtocolError),
        ("reset", UNANSWERED, httpx.ReadError),
    ],
)
def test_a_dropped_connection_is_an_error_of_the_upstream(
    provider: Provider, drop: Any, after: int, error: type[Exception]
) -> None:
    """A recorder's handling of broken streams would be tested on a clean end."""
    provider.script(Answer(200, HELLO, drop=drop, drop_after=after))
    with pytest.raises(error):
        httpx.get(provider.url)
    assert provider.disconnects == []


@pytest.mark.parametrize("pauses", [0, 5, {1: Gate()}])
def test_a_client_that_leaves_is_noticed(provider: Provider, pauses: Any) -> None:
    """While it writes, sleeps or stands at a gate, the server would go on for nobody."""
    provider.script(Answer.json(openai_chat_json("Hi")), Answer.sse(FOREVER, pauses=pauses))
    with httpx.Client() as client:
        client.get(provider.url)
        with client.stream("GET", provider.url) as response:
            next(response.iter_raw())
        assert provider.disconnects.wait() == 1


def test_answers_go_by_path_then_by_order(provider: Provider) -> None:
    """Tests with several endpoints would depend on which request comes first."""
    provider.script(Answer(201), Answer(202))
    provider.on("/b", Answer(203))
    with httpx.Client(base_url=provider.url) as client:
        codes = [client.get(path).status_code for path in ("/a", "/b?q=1", "/b", "/a")]
    assert codes == [201, 203, 202, 418]
    assert [request.connection for request in provider.requests] == [0, 0, 0, 0]


def test_redirects_lead_on(provider: Provider) -> None:
    """A 307 has to repeat the body at the new place."""
    provider.on("/a", Answer.redirect("/b"))
    provider.on("/b", Answer(204))
    httpx.post(provider.url + "/a", json={}, follow_redirects=True)
    assert [(kept.target, kept.body) for kept in provider.requests] == [
        ("/a", b"{}"),
        ("/b", b"{}"),
    ]


def test_waiting_in_vain_says_for_what() -> None:
    """A hanging suite tells nobody what it waits for."""
    with pytest.raises(TimeoutError, match=r"waited 0\.01 s for 2 requests, there are 0"):
        Log("requests").wait(2, limit_s=0.01)


def test_a_gate_that_nobody_opens_ends_the_answer_and_is_reported() -> None:
    """The client would hang, or the test would show the client's error only."""
    with pytest.raises(ExceptionGroup) as caught, Provider() as provider:
        provider.script(Answer(before_headers=Gate("gate 7", limit_s=0.01)))
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(provider.url)
    assert "'gate 7' was not opened within 0.01 s" in str(caught.value.exceptions[0])


def test_a_failed_test_keeps_its_error_and_leaves_nothing_behind() -> None:
    """Threads, sockets or a second error would bury what went wrong."""
    with pytest.raises(ZeroDivisionError) as caught, httpx.Client() as client:
        with Provider() as provider:
            provider.script(
                Answer(before_headers=Gate("gate 8", limit_s=0.01)),
                Answer.sse(FOREVER, pauses={3: Gate()}),
            )
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(provider.url)
            with client.stream("GET", provider.url):
                1 / 0  # noqa: B018
    assert "gate 8" in caught.value.__notes__[0]
    assert not [thread for thread in threading.enumerate() if thread.name == "provider"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(provider.url)


def test_clear_hangs_up_and_forgets(provider: Provider) -> None:
    """One test's script and requests would be the next one's."""
    provider.script(Answer.sse(FOREVER, pauses={1: Gate()}), Answer(204))
    provider.on("/x", Answer(204))
    with httpx.stream("GET", provider.url) as response:
        provider.clear()
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    assert (provider.requests, provider.sent, provider.disconnects) == ([], [], [])
    assert httpx.get(provider.url + "/x").status_code == 418


@pytest.mark.parametrize(
    "mistake",
    [
        {"pieces": b"Hello"},
        {"pieces": FOREVER, "framing": "length"},
        {"trailers": [("a", "b")], "framing": "length"},
    ],
)
def test_answers_that_cannot_be_sent_are_refused(mistake: Any) -> None:
    """The mistake would show as a hanging client."""
    with pytest.raises((TypeError, ValueError)):
        Answer(**mistake)


@pytest.mark.parametrize(("sdk", "pieces"), [(openai, openai_chat_sse), (groq, groq_sse)])
def test_chat_streams_are_read_by_their_sdks(provider: Provider, sdk: Any, pieces: Any) -> None:
    """The dialect would not be the provider's; a 429 before it is retried as in real life."""
    provider.script(Answer.rate_limited(), Answer.sse(pieces(["Hé", "llo"])))
    name = sdk.__name__.capitalize().replace("ai", "AI")
    with getattr(sdk, name)(base_url=provider.url, api_key="k") as client:
        chunks = list(client.chat.completions.create(**ASK, stream=True))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(text or "" for text in texts) == "Héllo"
    usage = chunks[-1].usage if sdk is openai else chunks[-1].x_groq.usage
    assert usage.total_tokens == 5
    assert len(provider.requests) == 2


def test_whole_answers_and_tool_calls_are_read_by_openai(provider: Provider) -> None:
    """The dialect would not be OpenAI's."""
    provider.on(
        "/chat/completions",
        Answer.json(openai_chat_json("Hello")),
        Answer.sse(openai_tool_call_sse("weather", ['{"city":', '"Rome"}'])),
    )
    with openai.OpenAI(base_url=provider.url, api_key="k") as client:
        assert client.chat.completions.create(**ASK).choices[0].message.content == "Hello"
        with client.chat.completions.stream(**ASK) as stream:
            choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    called = choice.message.tool_calls[0]
    assert (called.id, called.function.name) == ("call_0", "weather")
    assert called.function.arguments == '{"city":"Rome"}'


def test_messages_are_read_by_anthropic(provider: Provider) -> None:
    """The dialect would not be Anthropic's."""
    anthropic = pytest.importorskip("anthropic")
    provider.on(
        "/v1/messages",
        Answer.json(anthropic_json("Hello")),
        Answer.sse(anthropic_sse(["Hel", "lo"])),
    )
    with anthropic.Anthropic(base_url=provider.url, api_key="k") as client:
        whole = client.messages.create(**ASK, max_tokens=9)
        with client.messages.stream(**ASK, max_tokens=9) as stream:
            streamed = stream.get_final_message()
    for message in (whole, streamed):
        assert [block.text for block in message.content] == ["Hello"]
        assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 2)


@pytest.mark.parametrize("family", tapes.FAMILIES)
def test_http2_streams_piece_by_piece(http2: Http2Provider, family: Any) -> None:
    """The same script would mean something else over HTTP/2."""
    held = Gate()
    http2.script(Answer(200, HELLO, pauses={1: held}, trailers=[("x-sum", "1")]))
    with family.Client(http2=True, verify=http2.client_tls) as client:
        with client.stream("POST", http2.url + "/a?b", json={}) as response:
            pieces = response.iter_raw()
            assert next(pieces) == b"Hel"
            held.open()
            assert b"".join(pieces) == b"lo"
    assert response.http_version == "HTTP/2"
    (received,) = http2.requests
    assert (received.method, received.target, received.body) == ("POST", "/a?b", b"{}")
    assert received.header("host") == http2.url.removeprefix("https://")


@contextlib.contextmanager
def asked(http2: Http2Provider) -> Iterator[tuple[Any, ssl.SSLSocket]]:
    """The state and the socket of a bare client that has asked for a body on stream 1."""
    from h2.connection import H2Connection

    state = H2Connection()
    state.initiate_connection()
    pseudo = {":method": "GET", ":scheme": "https", ":authority": "127.0.0.1", ":path": "/"}
    state.send_headers(1, list(pseudo.items()), end_stream=True)
    with http2.client_tls.wrap_socket(connected(http2), server_hostname="127.0.0.1") as peer:
        peer.sendall(state.data_to_send())
        yield state, peer


def received_bytes(state: Any, data: bytes) -> int:
    return sum(len(event.data) for event in state.receive_data(data) if hasattr(event, "data"))


def test_http2_waits_for_the_window(http2: Http2Provider) -> None:
    """A body above the client's window would break the connection, or never end."""
    http2.script(Answer(200, [b"x" * 100_000]))
    with asked(http2) as (state, peer):
        window = 65_535
        while window:
            window -= received_bytes(state, peer.recv(65_536))
        state.increment_flow_control_window(100_000)
        state.increment_flow_control_window(100_000, stream_id=1)
        rest = 100_000 - 65_535
        while rest:
            peer.sendall(state.data_to_send())
            rest -= received_bytes(state, peer.recv(65_536))


@pytest.mark.parametrize(
    "leave", [lambda state: state.reset_stream(1), lambda state: state.close_connection()]
)
def test_http2_notices_a_polite_leave(http2: Http2Provider, leave: Any) -> None:
    """An answer to a stream that was reset would go on until the connection ends."""
    gate = Gate()
    http2.script(Answer(200, HELLO, pauses={1: gate}))
    with asked(http2) as (state, peer):
        gate.reached.wait()
        leave(state)
        peer.sendall(state.data_to_send())
        assert http2.disconnects.wait() == 0


def test_http2_streams_are_independent(http2: Http2Provider) -> None:
    """A reset stream would take the others on its connection with it."""
    held = Gate()
    http2.on("/held", Answer(200, HELLO, pauses={1: held}))
    http2.on("/reset", Answer(200, HELLO, drop="reset", drop_after=1))
    with httpx.Client(http2=True, verify=http2.client_tls) as client:
        with client.stream("GET", http2.url + "/held") as response:
            with pytest.raises(httpx.RemoteProtocolError, match="StreamReset"):
                client.get(http2.url + "/reset")
            held.open()
            assert response.read() == b"Hello"
    assert [request.connection for request in http2.requests] == [0, 0]
    assert http2.disconnects == []


@pytest.mark.parametrize("pauses", [0, {1: Gate()}])
def test_http2_clients_that_leave_are_noticed(http2: Http2Provider, pauses: Any) -> None:
    """An endless answer would go on for nobody."""
    http2.script(Answer.sse(FOREVER, pauses=pauses))
    with httpx2.Client(http2=True, verify=http2.client_tls) as client:
        with client.stream("GET", http2.url) as response:
            next(response.iter_raw())
    assert http2.disconnects.wait() == 0


def test_http2_connections_can_be_dropped(http2: Http2Provider) -> None:
    """A broken connection would look like a broken stream."""
    http2.script(Answer(200, HELLO, drop_after=1))
    with httpx.Client(http2=True, verify=http2.client_tls) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
            client.get(http2.url)

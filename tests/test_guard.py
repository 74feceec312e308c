"""Nothing leaves the machine while a policy objects, whatever client begins it.

Below the guard stand a resolver and sockets that record what reaches them and refuse it, so that no
test here can pass for want of a network.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import importlib.util
import inspect
import itertools
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from types import FunctionType
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider import Answer, Provider

from cassette_kit.clients import guard
from cassette_kit.clients.guard import Attempt

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")

NAME, ADDRESS = "api.example.com", "203.0.113.7"


class Refusal(BaseException):
    """What the policy of these tests objects with."""


class Refuse:
    """A policy that objects to everything, or to what `objects` says, and keeps the attempts."""

    def __init__(self, objects=lambda attempt: True):
        self.attempts = []
        self.objects = objects

    def __call__(self, attempt):
        self.attempts.append(attempt)
        return Refusal(attempt) if self.objects(attempt) else None


def is_loopback(host):
    return host in {None, "", "localhost", "0.0.0.0"} or host.startswith("127.") or host == "::1"


@pytest.fixture
def below(monkeypatch):
    """What reached the resolver and the sockets below the guard and was not for this machine."""
    reached = []
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def getaddrinfo(host, *args, **kwargs):
        host = host.decode() if isinstance(host, bytes) else host
        if is_loopback(host) or host == ADDRESS or kwargs.get("flags", 0) & socket.AI_NUMERICHOST:
            return look_up(host, *args, **kwargs)
        if len(args) > 4 and args[4] & socket.AI_NUMERICHOST:
            return look_up(host, *args, **kwargs)
        reached.append(("getaddrinfo", host))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ADDRESS, args[0]))]

    def refuse(name):
        def call(*args, **kwargs):
            reached.append((name, args[-1]))
            raise OSError(f"{name} reached the bottom")

        return call

    def connecting(sock, address):
        if isinstance(address, str) or is_loopback(address[0]):
            return connect(sock, address)
        return refuse("connect")(address)

    if importlib.util.find_spec("aiohttp"):  # it would take c-ares where that is installed
        threaded = importlib.import_module("aiohttp").ThreadedResolver
        monkeypatch.setattr("aiohttp.connector.DefaultResolver", threaded)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    for name in ("connect_ex", "sendto", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, refuse(name))
    for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
        monkeypatch.setattr(socket, name, refuse(name))
    return reached


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def policy(below):
    refuse = Refuse()
    with guard.closed(refuse):
        yield refuse


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


@pytest.fixture(autouse=True, scope="module")
def imported():
    """Tests import their client before a tape opens; some libraries are covered only then."""
    for name in ("aiohappyeyeballs", "aiohttp", "anyio", "trio"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


# One row per kind of client: what it asks for, and the name that the guard gives it.


def get_httpx(url, module="httpx"):
    pytest.importorskip(module).Client().get(url)


async def get_httpx_async(url, module="httpx"):
    async with pytest.importorskip(module).AsyncClient() as client:
        await client.get(url)


def get_own_transport(url):
    httpx, httpcore = pytest.importorskip("httpx"), pytest.importorskip("httpcore")

    class Own(httpx.BaseTransport):
        def handle_request(self, request):
            with httpcore.ConnectionPool() as pool:
                pool.request(request.method, str(request.url))

    httpx.Client(transport=Own()).get(url)


async def get_own_transport_async(url):
    httpx, httpcore = pytest.importorskip("httpx"), pytest.importorskip("httpcore")

    class Own(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            async with httpcore.AsyncConnectionPool() as pool:
                await pool.request(request.method, str(request.url))

    async with httpx.AsyncClient(transport=Own()) as client:
        await client.get(url)


def get_requests(url):
    pytest.importorskip("requests").get(url)


def get_urllib(url):
    import urllib.request

    urllib.request.build_opener().open(url)


def get_http_client(url):
    import http.client

    http.client.HTTPConnection(host_of(url)).request("GET", "/")


async def get_aiohttp(url):
    aiohttp = pytest.importorskip("aiohttp")
    async with aiohttp.ClientSession(trust_env=True) as session:
        await session.get(url)


async def get_streams(url):
    await asyncio.open_connection(host_of(url), 80)


async def get_streams_in_a_race(url):
    await asyncio.open_connection(host_of(url), 80, happy_eyeballs_delay=0.1)


async def get_openai(url):
    pytest.importorskip("aiohttp")
    openai = pytest.importorskip("openai")
    async with openai.DefaultAioHttpClient() as client:
        sdk = openai.AsyncOpenAI(api_key="-", base_url=url, http_client=client, max_retries=0)
        await sdk.models.list()


async def get_google_genai(url):
    pytest.importorskip("aiohttp")
    genai = pytest.importorskip("google.genai")
    options = genai.types.HttpOptions(base_url=url)
    client = genai.Client(api_key="-", http_options=options).aio
    try:
        await client.models.generate_content(model="m", contents="hello")
    finally:
        await client.aclose()


def host_of(url):
    return url.split("/")[2]


OPENAI, GOOGLE = "openai over aiohttp", "google-genai over aiohttp"
# kind of client: what it does, and the name that the guard gives it
CLIENTS = {
    "httpx": (get_httpx, "httpx"),
    "httpx async": (get_httpx_async, "httpx"),
    "httpx2": (functools.partial(get_httpx, module="httpx2"), "httpx2"),
    "httpx2 async": (functools.partial(get_httpx_async, module="httpx2"), "httpx2"),
    "own transport": (get_own_transport, "httpx (own transport)"),
    "own transport async": (get_own_transport_async, "httpx (own transport)"),
    "requests": (get_requests, "requests"),
    "urllib": (get_urllib, "urllib"),
    "http.client": (get_http_client, "http.client"),
    "aiohttp": (get_aiohttp, "aiohttp"),
    "asyncio streams": (get_streams, "asyncio streams"),
    "asyncio streams in a race": (get_streams_in_a_race, "asyncio streams"),
    "openai over aiohttp": (get_openai, OPENAI),
    "google-genai over aiohttp": (get_google_genai, GOOGLE),
}
# google-genai sleeps for seconds when a connection fails, as it does here below the guard.
PASSING = [kind for kind in CLIENTS if kind != GOOGLE]
PASSING_ASYNC = [kind for kind in PASSING if inspect.iscoroutinefunction(CLIENTS[kind][0])]


def run(call, *args):
    result = call(*args)
    return asyncio.run(result) if asyncio.iscoroutine(result) else result


@pytest.mark.parametrize("host", [NAME, ADDRESS])
@pytest.mark.parametrize("kind", CLIENTS)
def test_every_kind_of_client_gets_the_objection_itself(kind, host, below):
    """A client would reach the network, or turn the objection into an error of its own."""
    call, client = CLIENTS[kind]
    refuse = Refuse()
    with guard.closed(refuse), pytest.raises(Refusal):
        run(call, f"http://{host}/v1")
    assert below == []
    assert [(a.host, a.port) for a in refuse.attempts] == [(host, 80)]
    assert refuse.attempts[0].client == client


@pytest.mark.parametrize("host", [NAME, ADDRESS])
@pytest.mark.parametrize("module", ["httpx", "httpx2"])
def test_httpx_on_trio_gets_the_objection_itself(module, host, below, policy):
    """trio looks names up in threads and connects in a nursery, which wraps what it raises."""
    trio = pytest.importorskip("trio")
    with guard.closed(policy), pytest.raises(Refusal):
        trio.run(get_httpx_async, f"http://{host}/v1", module)
    assert below == []
    assert policy.attempts[0].client == module


@pytest.mark.parametrize("host", [NAME, ADDRESS])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_gets_the_objection_itself(backend, host, below):
    """anyio connects in a task group, which would hand the caller an exception group."""
    anyio = pytest.importorskip("anyio")
    pytest.importorskip(backend)
    with guard.closed(Refuse()), pytest.raises(Refusal):
        anyio.run(anyio.connect_tcp, host, 443, backend=backend)
    assert below == []


@pytest.mark.parametrize("host", [NAME, ADDRESS])
def test_trio_gets_the_objection_itself(host, below):
    """As anyio's."""
    trio = pytest.importorskip("trio")
    with guard.closed(Refuse()), pytest.raises(Refusal):
        trio.run(trio.open_tcp_stream, host, 443)
    assert below == []


def udp():
    return socket.socket(type=socket.SOCK_DGRAM)


LOOK_UPS = {
    "getaddrinfo": lambda: socket.getaddrinfo(NAME, 443),
    "getaddrinfo, bytes": lambda: socket.getaddrinfo(NAME.encode(), "443"),
    "gethostbyname": lambda: socket.gethostbyname(NAME),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex(NAME),
    "gethostbyaddr": lambda: socket.gethostbyaddr(ADDRESS),
    "getnameinfo": lambda: socket.getnameinfo((ADDRESS, 443), 0),
    "getfqdn": lambda: socket.getfqdn(NAME),
    "create_connection": lambda: socket.create_connection((NAME, 443)),
}
CONNECTIONS = {
    "connect": lambda sock: sock.connect((ADDRESS, 443)),
    "connect_ex": lambda sock: sock.connect_ex((ADDRESS, 443)),
    "connect by name": lambda sock: sock.connect((NAME, 443)),
    "tls": lambda sock: (
        ssl.create_default_context().wrap_socket(sock, server_hostname=NAME).connect((ADDRESS, 443))
    ),
}
DATAGRAMS = {
    "connect": lambda sock: sock.connect((ADDRESS, 53)),
    "sendto": lambda sock: sock.sendto(b"-", (ADDRESS, 53)),
    "sendto with flags": lambda sock: sock.sendto(b"-", 0, (ADDRESS, 53)),
    "sendmsg": lambda sock: sock.sendmsg([b"-"], [], 0, (ADDRESS, 53)),
}


@pytest.mark.parametrize("call", LOOK_UPS.values(), ids=LOOK_UPS)
def test_names_are_not_looked_up(call, below, policy):
    """A look-up tells the network which host a test would have called."""
    with pytest.raises(Refusal):
        call()
    assert below == []
    assert policy.attempts[0].operation == "look-up"


@pytest.mark.parametrize(
    ("operation", "kind", "call"),
    [("connection", socket.SOCK_STREAM, call) for call in CONNECTIONS.values()]
    + [("datagram", socket.SOCK_DGRAM, call) for call in DATAGRAMS.values()],
    ids=[*CONNECTIONS, *(f"datagram: {name}" for name in DATAGRAMS)],
)
def test_sockets_do_not_leave(operation, kind, call, below, policy):
    """A numeric address needs no look-up, so only the socket itself can stop it."""
    with socket.socket(type=kind) as sock, pytest.raises(Refusal):
        call(sock)
    assert below == []
    assert policy.attempts[0].operation == operation


async def loop_getaddrinfo(loop):
    await loop.getaddrinfo(NAME, 443)


async def loop_getnameinfo(loop):
    await loop.getnameinfo((ADDRESS, 443))


async def loop_create_connection(loop):
    await loop.create_connection(protocol_factory=asyncio.Protocol, host=ADDRESS, port=443)


async def loop_create_datagram_endpoint(loop):
    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(ADDRESS, 53))


async def loop_sock_connect(loop):
    with socket.socket() as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, (ADDRESS, 443))


async def loop_sock_sendto(loop):
    with udp() as sock:
        sock.setblocking(False)
        await loop.sock_sendto(sock, b"-", (ADDRESS, 53))


LOOP_CALLS = [
    loop_getaddrinfo,
    loop_getnameinfo,
    loop_create_connection,
    loop_create_datagram_endpoint,
    loop_sock_connect,
    loop_sock_sendto,
]


@pytest.mark.parametrize("call", LOOP_CALLS)
@pytest.mark.parametrize("loop_type", ["asyncio", "uvloop"])
def test_event_loops_do_not_leave(call, loop_type, below, policy):
    """uvloop resolves and connects in C, below Python's sockets."""
    if loop_type == "uvloop" and call is loop_sock_sendto:
        pytest.skip("uvloop has no sock_sendto")
    factory = getattr(pytest.importorskip(loop_type), "new_event_loop")  # noqa: B009

    async def main():
        await call(asyncio.get_running_loop())

    with guard.closed(policy), asyncio.Runner(loop_factory=factory) as runner:
        with pytest.raises(Refusal):
            runner.run(main())
    assert below == []


@pytest.mark.parametrize("call", LOOP_CALLS)
def test_a_loop_of_another_make_is_covered(call, below):
    """A loop written in C hides its methods in a base class that cannot be patched."""

    async def leave(loop, *args, **kwargs):
        below.append(call)

    class InC:
        create_connection = create_datagram_endpoint = sock_connect = sock_sendto = leave
        getaddrinfo = getnameinfo = leave

    class Loop(InC, asyncio.AbstractEventLoop):
        pass

    with guard.closed(Refuse()), pytest.raises(Refusal):
        asyncio.run(call(Loop()))
    assert below == []
    assert not vars(Loop).keys() & vars(InC).keys() - {"__module__", "__doc__"}


def test_a_loop_class_that_arrives_late_is_covered_when_a_loop_starts(below):
    """uvloop is often imported by what a test calls, after its tape was opened."""
    with guard.closed(Refuse()):

        class Loop(asyncio.AbstractEventLoop):
            async def create_connection(self, protocol_factory, host=None, port=None):
                below.append(("create_connection", host))

        async def main():
            await Loop().create_connection(asyncio.Protocol, NAME, 443)

        with pytest.raises(Refusal):
            asyncio.run(main())
    assert below == []


def test_aiohttp_over_c_ares_is_stopped_before_it_asks(monkeypatch, below):
    """c-ares sends its questions past Python's sockets."""
    resolver_class = pytest.importorskip("aiohttp").AsyncResolver

    async def resolve(resolver, host, port=0, family=socket.AF_INET):
        below.append(("c-ares", host))
        return [{"host": ADDRESS}]

    monkeypatch.setattr(resolver_class, "resolve", resolve)
    resolver = resolver_class.__new__(resolver_class)  # making one takes aiodns
    with guard.closed(Refuse()), pytest.raises(Refusal):
        asyncio.run(resolver.resolve(NAME, 443))
    assert below == []
    allow = Refuse(lambda attempt: NAME not in {attempt.host, *attempt.names})
    with guard.closed(allow), socket.socket() as sock, pytest.raises(OSError, match="the bottom"):
        asyncio.run(resolver.resolve(NAME, 443))
        sock.connect((ADDRESS, 443))
    assert below == [("c-ares", NAME), ("connect", (ADDRESS, 443))]


def test_aiohttp_sends_nothing_over_a_connection_from_before(provider):
    """A kept connection needs no look-up and no socket, so nothing further down could stop it."""
    aiohttp = pytest.importorskip("aiohttp")
    url = provider.url.replace("127.0.0.1", NAME)
    provider.script(*[Answer(204)] * 2)

    class Loopback(aiohttp.abc.AbstractResolver):
        async def resolve(self, host, port=0, family=socket.AF_INET):
            kind = {"family": socket.AF_INET, "proto": 0, "flags": 0}
            return [{"hostname": host, "host": "127.0.0.1", "port": port, **kind}]

        async def close(self):
            pass

    async def main():
        connector = aiohttp.TCPConnector(resolver=Loopback())
        async with aiohttp.ClientSession(connector=connector) as session:
            await session.get(url)
            with guard.closed(Refuse()), pytest.raises(Refusal):
                await session.get(url)
            await session.get(url)

    asyncio.run(main())
    assert [request.connection for request in provider.requests] == [0, 0]


def test_addresses_found_before_the_guard_closed_are_stopped_in_a_race(below):
    """aiohttp's race of connections drops what its tasks raise and fails with an IndexError."""
    happy = pytest.importorskip("aiohappyeyeballs")
    infos = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 443)) for host in (ADDRESS, "192.0.2.1")
    ]
    with guard.closed(Refuse()), pytest.raises(Refusal):
        asyncio.run(happy.start_connection(infos, happy_eyeballs_delay=0.1))
    assert below == []


# Where an exception cannot surface, the policy has seen the attempt: that is what a ledger is for.


def test_a_task_that_nobody_awaits_still_asks(below, policy):
    """The exception stays in the task, so nothing but the policy could tell of it."""

    async def main():
        task = asyncio.create_task(get_streams(f"http://{NAME}/"))
        await asyncio.wait([task])
        return task.exception()

    assert isinstance(asyncio.run(main()), Refusal)
    assert len(policy.attempts) == 1
    assert below == []


def test_an_unconnected_datagram_transport_loses_its_connection(below, policy):
    """asyncio takes the objection for a broken socket; the datagram must not leave all the same."""

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)
        lost = loop.create_future()

        class Protocol(asyncio.DatagramProtocol):
            def connection_lost(self, error):
                lost.set_result(error)

        transport, _ = await loop.create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
        transport.sendto(b"-", (ADDRESS, 53))
        return await lost

    assert isinstance(asyncio.run(main()), Refusal)
    assert len(policy.attempts) == 1
    assert below == []


# What stays open.


@pytest.fixture
def echo_port():
    class Echo(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def echo(sock):
    with sock:
        sock.sendall(b"hello\n")
        return sock.makefile().readline()


async def echo_async(streams):
    reader, writer = await streams
    writer.write(b"hello\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line.decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_servers_on_loopback_answer(host, echo_port, policy):
    """Databases and servers under test would be cut off."""
    assert echo(socket.create_connection((host, echo_port))) == "hello\n"
    assert asyncio.run(echo_async(asyncio.open_connection(host, echo_port))) == "hello\n"
    assert policy.attempts == []


def test_unix_sockets_answer(tmp_path, policy):
    """So would what listens on a path."""
    path = os.path.relpath(tmp_path / "s")  # a socket's path may not be long

    async def main():
        async def answer(reader, writer):
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_unix_server(answer, path)
        async with server:
            asked = await echo_async(asyncio.open_unix_connection(path))
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(path)
            return asked, await asyncio.to_thread(echo, sock)

    assert asyncio.run(main()) == ("hello\n", "hello\n")
    assert policy.attempts == []


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost",
        "LocalHost.",
        b"localhost",
        "app.localhost",
        "ip6-localhost",
        "127.0.0.1",
        "127.8.9.10",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "::",
        socket.gethostname(),
        socket.gethostname().upper(),
    ],
)
def test_the_machine_itself_is_never_asked_about(host, monkeypatch):
    """A test's own server would count as the network."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [])
    monkeypatch.setattr(socket.socket, "connect", lambda *args: None)
    refuse = Refuse()
    with guard.closed(refuse), socket.socket() as sock:
        socket.getaddrinfo(host, 80)
        sock.connect((host, 80))
    assert refuse.attempts == []


@pytest.mark.parametrize(
    "host",
    ["localhost.example.com", "notlocalhost", "128.0.0.1", "::2", "::ffff:10.0.0.1", "10.0.0.1"],
)
def test_what_only_looks_local_is_asked_about(host, below, policy):
    """A prefix or suffix comparison would let it through."""
    with socket.socket() as sock, pytest.raises(Refusal):
        sock.connect((host, 80))
    assert below == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(address=st.ip_addresses())
def test_an_address_is_local_exactly_if_it_is_loopback_or_unspecified(address, below, policy):
    """Some range would be taken for the machine, or cut off from itself."""
    policy.attempts.clear()
    mapped = getattr(address, "ipv4_mapped", None) or address
    with socket.socket() as sock:
        with contextlib.suppress(Refusal, OSError):
            sock.connect_ex((str(address), 80))
    assert bool(policy.attempts) is not (mapped.is_loopback or mapped.is_unspecified)


def test_a_numeric_host_is_no_look_up(policy, below):
    """Clients resolve addresses too, to the same address, without asking anybody."""
    assert socket.getaddrinfo(ADDRESS, 443, type=socket.SOCK_STREAM)[0][4] == (ADDRESS, 443)
    assert policy.attempts == []


def test_a_question_that_allows_no_look_up_is_none(policy, below):
    """trio asks whether each name is numeric, and expects an error if it is not."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(NAME, 443, flags=socket.AI_NUMERICHOST)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(NAME, 443, 0, 0, 0, socket.AI_NUMERICHOST)
    assert policy.attempts == []


def test_an_address_can_be_written_out_without_a_look_up(monkeypatch):
    """Clients turn addresses into text this way, at each connection."""
    monkeypatch.setattr(socket, "getnameinfo", lambda address, flags: address)
    with guard.closed(Refuse()):
        assert socket.getnameinfo((ADDRESS, 80), socket.NI_NUMERICHOST) == (ADDRESS, 80)


def test_the_address_of_the_machines_own_name_is_the_machine(monkeypatch):
    """A server under test that listens on the host's name would be cut off."""
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ADDRESS, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: infos)
    monkeypatch.setattr(socket.socket, "connect", lambda *args: None)
    refuse = Refuse()
    with guard.closed(refuse), socket.socket() as sock:
        socket.getaddrinfo(socket.gethostname(), 80)
        sock.connect((ADDRESS, 80))
    assert refuse.attempts == []


def test_wrong_calls_fail_as_ever():
    """The guard would hide a mistake in the program behind one of its own."""
    with guard.closed(Refuse()), udp() as sock:
        with pytest.raises(TypeError, match="must be tuple"):
            sock.connect("127.0.0.1:80")
        with pytest.raises(TypeError):
            sock.sendto(b"-")


# Proxies that the environment names.


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("proxy", "address"),
    [
        ("http://127.0.0.1:8118", ("127.0.0.1", 8118)),
        ("127.0.0.1:8118", ("127.0.0.1", 8118)),
        ("http://user:secret@localhost:8118/", ("127.0.0.1", 8118)),
        ("http://127.0.0.1:8118", ("localhost", 8118)),
        ("http://localhost:8118", ("::1", 8118)),
        ("http://127.0.0.1", ("127.0.0.1", 80)),
        ("https://127.0.0.1", ("127.0.0.1", 443)),
        ("socks5h://127.0.0.1", ("127.0.0.1", 1080)),
    ],
)
def test_a_proxy_on_loopback_leaves_the_machine(variable, proxy, address, policy, monkeypatch):
    """Whatever a client sends to it goes on to the network."""
    monkeypatch.setenv(variable, proxy)
    with socket.socket() as sock, pytest.raises(Refusal):
        sock.connect(address)
    assert policy.attempts == [Attempt(*address, "connection", proxy=True)]


def test_the_rest_of_loopback_stays_open_beside_a_proxy(echo_port, policy, monkeypatch):
    """The port tells a proxy from a server under test."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{echo_port + 1}")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:no-port")
    assert echo(socket.create_connection(("127.0.0.1", echo_port))) == "hello\n"
    assert policy.attempts == []


def test_a_proxy_elsewhere_is_told_by_its_name(below, monkeypatch):
    """A client connects to the proxy's address, which the environment does not hold."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{NAME.upper()}:3128")
    allow = Refuse(lambda attempt: False)
    with guard.closed(allow), pytest.raises(OSError, match="reached the bottom"):
        socket.create_connection((NAME, 3128))
    assert [(a.host, a.proxy) for a in allow.attempts] == [(NAME, True), (ADDRESS, True)]


@pytest.mark.parametrize("proxy_host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("kind", ["httpx", "httpx async", "requests", "urllib", "aiohttp"])
def test_clients_that_read_the_environment_are_stopped_at_the_proxy(
    kind, proxy_host, echo_port, policy, monkeypatch
):
    """With a proxy no client looks the API's name up: it only connects to loopback."""
    monkeypatch.setenv("http_proxy", f"http://{proxy_host}:{echo_port}")
    call, client = CLIENTS[kind]
    with pytest.raises(Refusal):
        run(call, f"http://{NAME}/v1")
    attempt = policy.attempts[0]
    assert (attempt.host, attempt.port, attempt.proxy) == (proxy_host, echo_port, True)
    assert attempt.client == client


# Who decides.


def test_a_policy_may_let_pass(below):
    """An allowed host could not be reached, or be told from others once it is an address."""
    allow = Refuse(lambda attempt: NAME not in {attempt.host, *attempt.names})
    with guard.closed(allow), pytest.raises(OSError, match="reached the bottom"):
        socket.create_connection((NAME, 443))
    assert below == [("getaddrinfo", NAME), ("connect", (ADDRESS, 443))]
    assert [(a.operation, a.host, a.names) for a in allow.attempts] == [
        ("look-up", NAME, frozenset()),
        ("connection", ADDRESS, frozenset({NAME})),
    ]


@pytest.mark.parametrize("kind", PASSING)
def test_an_allowed_host_is_reached_by_every_kind_of_client(kind, below):
    """The connection goes to an address, which must be known for the allowed name's."""
    call, _ = CLIENTS[kind]
    allow = Refuse(lambda attempt: NAME not in {attempt.host, *attempt.names})
    with guard.closed(allow), contextlib.suppress(Exception):
        run(call, f"http://{NAME}/v1")
    assert below[:2] == [("getaddrinfo", NAME), ("connect", (ADDRESS, 80))]


def test_what_was_looked_up_is_forgotten_when_the_guard_opens(below):
    """A later test would inherit an allowed address."""
    with guard.closed(Refuse(lambda attempt: False)):
        socket.getaddrinfo(NAME, 443)
    refuse = Refuse()
    with guard.closed(refuse), socket.socket() as sock, pytest.raises(Refusal):
        sock.connect((ADDRESS, 443))
    assert refuse.attempts[0].names == frozenset()


def test_one_objection_among_several_policies_is_enough(below):
    """A second tape that may record would open the network for the first."""
    for policies in itertools.permutations([Refuse(), Refuse(lambda attempt: False)]):
        for policy in policies:
            guard.acquire(policy)
        with pytest.raises(Refusal):
            socket.getaddrinfo(NAME, 443)
        for policy in policies:
            guard.release(policy)
    assert below == []


OPEN = contextvars.ContextVar("OPEN", default=False)


async def opened(call, *args):
    OPEN.set(True)
    return await call(*args)


async def both(call, *args):
    """The call from a context that may leave, and at the same time from one that may not."""
    tasks = [asyncio.create_task(opened(call, *args)), asyncio.create_task(call(*args))]
    await asyncio.wait(tasks)
    return [task.exception() for task in tasks]


async def in_thread(host):
    await asyncio.to_thread(socket.getaddrinfo, host, 443)


async def in_executor(host):
    await asyncio.get_running_loop().run_in_executor(None, socket.getaddrinfo, host, 443)


async def by_loop(host):
    await asyncio.get_running_loop().getaddrinfo(host, 443)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("call", [in_thread, in_executor, by_loop])
def test_a_look_up_in_a_thread_is_decided_in_its_callers_context(call, debug, below):
    """asyncio's executor runs without the task's context, so its tape would not be known."""
    refuse = Refuse(lambda attempt: not OPEN.get())
    with guard.closed(refuse):
        passed, stopped = asyncio.run(both(call, NAME), debug=debug)
    assert passed is None
    assert isinstance(stopped, Refusal)
    assert below == [("getaddrinfo", NAME)]


@pytest.mark.parametrize("kind", PASSING_ASYNC)
def test_an_async_client_is_decided_in_its_callers_context(kind, below):
    """Some client connects from a task or thread that no longer knows its tape."""
    call, _ = CLIENTS[kind]
    refuse = Refuse(lambda attempt: not OPEN.get())
    with guard.closed(refuse):
        passed, stopped = asyncio.run(both(call, f"http://{NAME}/v1"))
    assert not isinstance(passed, Refusal)
    assert isinstance(stopped, Refusal)
    assert set(below) == {("getaddrinfo", NAME), ("connect", (ADDRESS, 80))}


def test_trio_decides_in_its_callers_context(below):
    """trio's worker threads must carry the context of the task, as they promise."""
    trio = pytest.importorskip("trio")

    async def main():
        OPEN.set(True)
        await trio.open_tcp_stream(NAME, 443)

    refuse = Refuse(lambda attempt: not OPEN.get())
    with guard.closed(refuse), pytest.raises(OSError, match="all attempts"):
        trio.run(main)
    assert below == [("getaddrinfo", NAME), ("connect", (ADDRESS, 443))]


def call_through(modules, function):
    """Call `function` below one frame of each named module, the first outermost."""
    for module in reversed(modules):
        code = (lambda inner: inner()).__code__
        function = functools.partial(FunctionType(code, {"__name__": module}), function)
    return function()


@pytest.mark.parametrize(
    ("modules", "client"),
    [
        (["program"], None),
        (["urllib.request", "http.client"], "urllib"),
        (["requests.sessions", "urllib3.connectionpool", "http.client"], "requests"),
        (["botocore.client", "botocore.httpsession", "urllib3.connection"], "botocore"),
        (["httpx._client", "httpx._transports.default", "httpcore._sync"], "httpx"),
        (["httpx2._client", "program", "httpcore2._sync"], "httpx2 (own transport)"),
        (["openai._client", "httpx2._client", "aiohttp.client"], "openai over aiohttp"),
        (["google.genai.models", "requests.api"], "google-genai over requests"),
        (["litellm.main", "openai._client", "requests.api"], "litellm over requests"),
        (["google.cloud.storage"], None),
        (["openaiclone.main", "requestsx"], None),
        (["anthropic._client", "program"], "anthropic"),
        (["aiohttp.web_protocol", "program"], None),
    ],
)
def test_the_stack_names_the_client(modules, client, policy, below):
    """The error would blame the plumbing, or a library that only looks like a client."""
    with pytest.raises(Refusal):
        call_through(modules, lambda: socket.getaddrinfo(NAME, 443))
    assert policy.attempts[0].client == client


def test_what_cannot_be_stopped_is_named(monkeypatch):
    """gRPC has sockets of its own; a warning is all that a tape can give."""
    for name in guard.bypassers():
        monkeypatch.delitem(sys.modules, name)
    assert guard.bypassers() == []
    monkeypatch.setitem(sys.modules, "grpc", sys)
    monkeypatch.setitem(sys.modules, "curl_cffi", sys)
    assert guard.bypassers() == ["curl_cffi", "grpc"]


# Nothing stays behind.


def places():
    """Every attribute that the guard wraps, as it is now."""
    return {(owner, name): vars(owner).get(name, "inherited") for owner, name, _ in guard._places()}


@pytest.mark.parametrize("closing", list(itertools.permutations(range(3))))
def test_guards_closed_in_any_order_leave_nothing_wrapped(closing):
    """A tape that outlives another would keep or lose the wrappers."""
    before = places()
    policies = [Refuse(), Refuse(), Refuse()]
    for policy in policies:
        guard.acquire(policy)
    assert not before.items() & places().items()
    for index in closing:
        with pytest.raises(Refusal):
            socket.getaddrinfo(NAME, 443)
        guard.release(policies[index])
    assert places() == before
    assert "connect" not in vars(socket.socket)


def test_a_policy_is_counted(below):
    """Two tapes of one registry share a policy; the first to close would open the network."""
    before = places()
    policy = Refuse(lambda attempt: False)
    with guard.closed(policy):
        with guard.closed(policy):
            socket.getaddrinfo(NAME, 443)
        assert len(policy.attempts) == 1  # it is one policy, asked once
        socket.getaddrinfo(NAME, 443)
        assert len(policy.attempts) == 2
    assert places() == before
    with pytest.raises(ValueError, match="not in list"):
        guard.release(policy)


def test_a_foreign_mock_survives_the_guard_and_the_guard_the_mock():
    """Closing in the wrong order would undo a mock, or leave a wrapper in the socket module."""
    before = places()
    fake = mock.Mock(return_value=[])
    policy = Refuse(lambda attempt: attempt.host == NAME)
    guard.acquire(policy)
    with mock.patch("socket.getaddrinfo", fake), mock.patch.object(socket.socket, "connect", fake):
        guard.release(policy)
        assert socket.getaddrinfo(NAME, 443) == []
        assert socket.getaddrinfo is fake
        guard.acquire(policy)
        with pytest.raises(Refusal):
            socket.getaddrinfo(NAME, 443)
    guard.acquire(policy)  # the mock has put back what it had found; this notices
    with pytest.raises(Refusal):
        socket.getaddrinfo(NAME, 443)
    guard.release(policy)
    guard.release(policy)
    assert places() == before
    assert "connect" not in vars(socket.socket)


def test_a_subclass_in_the_place_of_the_socket_class_hides_nothing(monkeypatch, below):
    """Tools that replace `socket.socket` leave sockets of the class itself in use."""

    class Restricted(socket.socket):
        pass

    with socket.socket() as sock:
        monkeypatch.setattr(socket, "socket", Restricted)
        with guard.closed(Refuse()), pytest.raises(Refusal):
            sock.connect((ADDRESS, 443))
        with guard.closed(Refuse()), Restricted() as other, pytest.raises(Refusal):
            other.connect((ADDRESS, 443))
    assert below == []


def test_a_library_that_is_not_there_is_not_fetched(monkeypatch):
    """Opening a tape would import every library that the guard knows."""
    monkeypatch.delitem(sys.modules, "trio", raising=False)
    with guard.closed(Refuse()):
        assert "trio" not in sys.modules


def test_importing_the_guard_imports_no_client():
    """A test suite that uses no tape would pay for every client library."""
    script = "import sys, cassette_kit.clients.guard; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = set(result.stdout.decode().split())
    assert not loaded & {"httpx", "httpx2", "requests", "aiohttp", "anyio", "trio", "http.client"}


def test_closing_the_guard_loads_nothing():
    """Some libraries load their parts at the first look, which is costly for who has no loop."""
    script = (
        "import sys, anyio, httpx, httpx2, cassette_kit.clients.guard as guard;"
        "before = set(sys.modules);"
        "sys.modules.pop('trio', None);"
        "guard.acquire(lambda attempt: None);"
        "print(*set(sys.modules) - before)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert result.stdout.split() == []


@pytest.mark.parametrize("begin", ["before the loop", "in the loop"])
def test_a_sleeping_library_is_covered_once_a_loop_runs(begin):
    """anyio loads `connect_tcp` at its first use, which is when it must be covered."""
    script = f"""
import asyncio, sys, anyio
import cassette_kit.clients.guard as guard

class Refused(BaseException):
    pass

def close():
    guard.acquire(lambda attempt: Refused())

async def main():
    if {begin == "in the loop"}:
        close()
    try:
        await anyio.connect_tcp({ADDRESS!r}, 443)
    except Refused:
        print("refused")

if {begin != "in the loop"}:
    close()
asyncio.run(main())
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert result.stdout.split() == [b"refused"]

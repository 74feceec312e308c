"""Clients of a replaying tape load no certificates until they need them, and then the same ones."""

from __future__ import annotations

import contextlib
import copy
import pickle
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import anthropic
import certifi
import httpx
import httpx2
import openai
import pytest
import trustme
import truststore
from live import OUR_SETTINGS, WAYS, Way
from tapes import FAMILIES, URL, interaction, written

import cassette_kit as ck
from cassette_kit.clients import lazy_tls

pytestmark = pytest.mark.anyio

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
SETTINGS = (*OUR_SETTINGS, *PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
KINDS = [httpx.Client, httpx.AsyncClient, httpx2.Client, httpx2.AsyncClient]
SDKS: list[Any] = [openai.OpenAI, openai.AsyncOpenAI, anthropic.Anthropic, anthropic.AsyncAnthropic]

Replay = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SETTINGS, *map(str.lower, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="replay")
def _replay(tmp_path: Path) -> Replay:
    path = written(tmp_path, [interaction()])
    return lambda **options: ck.use_cassette(path, mode="replay", **options)


@pytest.fixture(name="ca", scope="module")
def _ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(name="ca_file")
def _ca_file(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of certificates that the environment names."""
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@dataclass
class Loads:
    """What contexts have really loaded, or were told to look in."""

    files: list[Any] = field(default_factory=list)
    folders: list[Any] = field(default_factory=list)


@pytest.fixture(name="loads")
def _loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads()
    load = ssl.SSLContext.load_verify_locations

    def spy(context: Any, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        loads.files.extend([] if cafile is None else [cafile])
        loads.folders.extend([] if capath is None else [capath])
        load(context, cafile, capath, cadata)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", spy)
    return loads


def context_of(client: Any) -> Any:
    """The context of a client's default transport."""
    return client._transport._pool._ssl_context


def der(ca: trustme.CA) -> bytes:
    return ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())


def failure(make: Callable[[], Any]) -> tuple[Any, str] | None:
    try:
        make()
    except (OSError, ssl.SSLError) as error:
        return type(error), str(error)
    return None


class TestMaking:
    """What it takes to make a client."""

    @pytest.mark.parametrize("kind", [*KINDS, *SDKS])
    @pytest.mark.parametrize("environment", [{}, {"HTTPS_PROXY": "http://127.0.0.1:9"}])
    def test_nothing_is_loaded(
        self,
        *,
        replay: Replay,
        ca_file: Path,
        loads: Loads,
        monkeypatch: pytest.MonkeyPatch,
        kind: Any,
        environment: dict[str, str],
    ) -> None:
        """A default client made in a replaying tape loads nothing, also for a proxy."""
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        options = {"api_key": "x"} if kind in SDKS else {}
        with replay():
            kind(**options)
            assert loads.files == []
        kind(**options)
        assert len(loads.files) == 1 + len(environment)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_replayed_call(
        self, replay: Replay, ca_file: Path, loads: Loads, kind: Any
    ) -> None:
        """Neither an answer from the tape nor closing the client loads anything."""
        with replay() as tape:
            if "Async" in kind.__name__:
                async with kind() as client:
                    response = await client.post(URL, json={"q": 1})
            else:
                with kind() as client:
                    response = client.post(URL, json={"q": 1})
        assert response.json() == {"a": 1}
        assert len(tape.played) == 1
        assert loads.files == []

    @pytest.mark.parametrize("family", FAMILIES)
    @pytest.mark.parametrize(
        ("first", "plain"),
        [
            ("pass", "context"),
            ("import truststore; truststore.inject_into_ssl()", "context._ctx"),
        ],
    )
    def test_imported_later(
        self, *, ca_file: Path, tmp_path: Path, family: Any, first: str, plain: str
    ) -> None:
        """A family first imported in a tape defers too, also where truststore was there before."""
        program = f"""if True:
            {first}
            import ssl
            import cassette_kit
            with cassette_kit.use_cassette({str(written(tmp_path, []))!r}, mode="replay"):
                import {family.__name__} as family
                context = family.Client()._transport._pool._ssl_context
            print(type({plain}).__name__)
            context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x")
            print(type({plain}).__name__)
        """
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == ["DeferredContext", "SSLContext"]

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("content", [None, b"", b"no certificate"])
    def test_what_cannot_be_loaded(
        self, replay: Replay, ca_file: Path, kind: Any, content: bytes | None
    ) -> None:
        """A file that is missing, or holds no certificate, fails the making as it always did."""
        ca_file.unlink() if content is None else ca_file.write_bytes(content)
        with replay():
            inside = failure(kind)
        assert inside == failure(kind)
        assert content is None or inside is not None


class TestLeftAlone:
    """Contexts that are made as ever."""

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("where", ["after", "recording", "not intercepted"])
    def test_no_replay(
        self, replay: Replay, tmp_path: Path, ca_file: Path, kind: Any, where: str
    ) -> None:
        """A client loads at once where it may go live or no tape takes it over."""
        around = {
            "after": contextlib.nullcontext(),
            "recording": ck.use_cassette(tmp_path / "new.yaml", mode="rewrite"),
            "not intercepted": replay(intercept=False),
        }[where]
        with replay():
            pass
        with around:
            assert type(context_of(kind())) is ssl.SSLContext

    @pytest.mark.filterwarnings("ignore:.*(verify|cert)=.*:DeprecationWarning")
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("named", ["verify=False", "verify=context", "verify=path", "cert"])
    def test_other_settings(
        self,
        *,
        replay: Replay,
        ca: trustme.CA,
        ca_file: Path,
        tmp_path: Path,
        kind: Any,
        named: str,
    ) -> None:
        """Only `verify=True` without `cert` is deferred; a context that was passed stays itself."""
        mine = ssl.create_default_context()
        pem = tmp_path / "client.pem"
        ca.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(pem)
        options: dict[str, Any] = {
            "verify=False": {"verify": False},
            "verify=context": {"verify": mine},
            "verify=path": {"verify": str(ca_file)},
            "cert": {"cert": str(pem)},
        }[named]
        with replay():
            context = context_of(kind(**options))
        assert type(context) is ssl.SSLContext
        assert (context is mine) == (named == "verify=context")

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_folder(
        self, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any
    ) -> None:
        """A folder of certificates costs nothing before a handshake, so it is set at once."""
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        with replay():
            assert type(context_of(kind())) is ssl.SSLContext

    @pytest.mark.parametrize("family", FAMILIES)
    def test_the_public_function(self, replay: Replay, ca_file: Path, family: Any) -> None:
        """`create_ssl_context` as users call it is not touched."""
        with replay():
            assert type(family.create_ssl_context()) is ssl.SSLContext

    @pytest.mark.parametrize("family", FAMILIES)
    def test_nothing_is_left(self, replay: Replay, family: Any) -> None:
        """No patch outlives the tape, and none of `ssl` the making of a client."""
        module = sys.modules[f"{family.__name__}._transports.default"]
        with replay():
            assert module.create_ssl_context is not family.create_ssl_context
            family.Client()
            assert "load_verify_locations" not in vars(ssl.SSLContext)
        assert module.create_ssl_context is family.create_ssl_context

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_version_without_the_function(
        self, replay: Replay, monkeypatch: pytest.MonkeyPatch, family: Any
    ) -> None:
        """Tapes play as ever once a family's transports make their contexts in another way."""
        transport = family.HTTPTransport()
        monkeypatch.delattr(f"{family.__name__}._transports.default.create_ssl_context")
        with replay(), family.Client(transport=transport) as client:
            assert client.post(URL, json={"q": 1}).json() == {"a": 1}


def refusal(call: Callable[..., Any], context: Any) -> str:
    with pytest.raises(TypeError) as caught:
        call(context)
    return str(caught.value)


OTHER_CA = der(trustme.CA())
USES: dict[str, Callable[[Any], Any]] = {
    **{
        name: lambda context, name=name: getattr(context, name)  # type: ignore[misc]
        for name in dir(ssl.create_default_context())
        if not name.startswith("__") and not callable(getattr(ssl.SSLContext, name))
    },
    "get_ca_certs": lambda context: context.get_ca_certs(),
    "cert_store_stats": lambda context: context.cert_store_stats(),
    "get_ciphers": lambda context: context.get_ciphers(),
    "session_stats": lambda context: context.session_stats(),
    "set_alpn_protocols": lambda context: context.set_alpn_protocols(["h2", "http/1.1"]),
    "set_ciphers": lambda context: context.set_ciphers("ECDHE+AESGCM"),
    "load_default_certs": lambda context: context.load_default_certs(),
    "load_verify_locations": lambda context: context.load_verify_locations(cadata=OTHER_CA),
    "wrap_bio": lambda context: context.wrap_bio(
        ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x"
    ).context.cert_store_stats(),
    "wrap_socket": lambda context: wrapped(context).cert_store_stats(),
    "check_hostname = False": lambda context: setattr(context, "check_hostname", False),
    "verify_mode = CERT_OPTIONAL": lambda context: setattr(
        context, "verify_mode", ssl.CERT_OPTIONAL
    ),
    "own = 1": lambda context: setattr(context, "own", 1),
    "vars": lambda context: dict(vars(context)),
    "dir": dir,
    "class": lambda context: context.__class__,
    "copy": lambda context: refusal(copy.copy, context),
    "deepcopy": lambda context: refusal(copy.deepcopy, context),
    "pickle": lambda context: refusal(pickle.dumps, context),
}


def wrapped(context: ssl.SSLContext) -> ssl.SSLContext:
    with socket.socket() as plain, context.wrap_socket(plain, server_hostname="x") as tls:
        return tls.context


def state(context: Any) -> list[Any]:
    """What a context is and holds."""
    return [
        vars(context),
        context.__class__,
        sorted(context.get_ca_certs(binary_form=True)),
        context.check_hostname,
        context.verify_mode,
        context.options,
        context.minimum_version,
        context.keylog_filename,
        context.get_ciphers(),
    ]


class TestFirstUse:
    """A context from the first thing that is done to it."""

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("use", USES.values(), ids=USES)
    def test_like_any_other(
        self,
        *,
        replay: Replay,
        ca_file: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        kind: Any,
        use: Callable[[Any], Any],
    ) -> None:
        """Whatever is read, called or set first: result and context are those made outside."""
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        with replay():
            inside = context_of(kind())
        outside = context_of(kind())
        assert type(inside) is lazy_tls.DeferredContext
        assert use(inside) == use(outside)
        assert state(inside) == state(outside)

    @pytest.mark.parametrize("kind", KINDS)
    def test_still_deferred(self, replay: Replay, loads: Loads, ca_file: Path, kind: Any) -> None:
        """Asking whether it is a context, or keeping it in a set, is no use."""
        with replay():
            context = context_of(kind())
        assert isinstance(context, ssl.SSLContext)
        assert context in {context}
        assert loads.files == []

    @pytest.mark.skipif(
        sys.platform != "linux", reason="httpx2's default is truststore's elsewhere"
    )
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("trust_env", [True, False])
    def test_trust_env(self, replay: Replay, ca_file: Path, kind: Any, trust_env: bool) -> None:
        """Settings of the environment count where the client was told to trust it."""
        with replay():
            inside = context_of(kind(trust_env=trust_env))
        outside = context_of(kind(trust_env=trust_env))
        assert state(inside) == state(outside)

    @pytest.mark.parametrize("family", FAMILIES)
    def test_threads(
        self, replay: Replay, loads: Loads, monkeypatch: pytest.MonkeyPatch, family: Any
    ) -> None:
        """Of threads that come first together, one loads, and all see all certificates."""
        monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
        expected = context_of(family.Client()).cert_store_stats()
        for _ in range(3):
            with replay():
                context = context_of(family.Client())
            loads.files.clear()
            barrier = threading.Barrier(8)
            with ThreadPoolExecutor(8) as pool:
                seen = pool.map(
                    lambda _, barrier=barrier, context=context: (
                        barrier.wait(10),
                        context.cert_store_stats(),
                    )[1],
                    range(8),
                )
                assert list(seen) == [expected] * 8
            assert len(loads.files) == 1


def of_two_files(first: str, second: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=first)
    context.load_verify_locations(second)
    return context


class Own(ssl.SSLContext):
    pass


def of_another_class(first: str, _: str) -> ssl.SSLContext:
    context = Own(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(first)
    return context


MAKERS: list[Callable[[str, str], ssl.SSLContext]] = [
    of_two_files,
    of_another_class,
    lambda first, _: ssl.create_default_context(cafile=first, cadata=OTHER_CA),
    lambda first, _: ssl.create_default_context(cafile=first, capath=str(Path(first).parent)),
    lambda first, _: ssl.create_default_context(cafile=Path(first)),
    lambda first, _: ssl.create_default_context(cafile=first.encode()),
    lambda *_: ssl.create_default_context(cadata=OTHER_CA),
]


class TestOtherVersions:
    """Functions that make contexts in ways that today's packages do not."""

    @pytest.fixture(name="make")
    def _make(self, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
        """Calls a function as that of a package, in a replaying tape."""

        def make(function: Callable[..., Any]) -> Any:
            module: Any = ModuleType("package._transports.default")
            module.create_ssl_context = function
            monkeypatch.setitem(sys.modules, module.__name__, module)
            with replay(), contextlib.ExitStack() as undo:
                for patch in lazy_tls.patches("package"):
                    patch.acquire()
                    undo.callback(patch.release)
                return module.create_ssl_context(verify=True)

        return make

    @pytest.mark.parametrize("maker", MAKERS)
    def test_same_context(
        self, make: Callable[..., Any], loads: Loads, ca_file: Path, tmp_path: Path, maker: Any
    ) -> None:
        """Whatever is loaded, from wherever, is there at the first use."""
        other = tmp_path / "other.pem"
        trustme.CA().cert_pem.write_to_path(other)
        outside = maker(str(ca_file), str(other))
        loaded = Loads(loads.files, loads.folders)
        loads.files, loads.folders = [], []
        inside = make(lambda **_: maker(str(ca_file), str(other)))
        assert state(inside)[1:] == state(outside)[1:]
        assert loads == loaded

    def test_no_context(self, make: Callable[..., Any], ca_file: Path) -> None:
        """An error on the way to a context leaves the next one untouched."""

        def fail(**_: Any) -> None:
            ssl.create_default_context(cafile=str(ca_file))
            raise LookupError

        with pytest.raises(LookupError):
            make(fail)
        assert type(ssl.create_default_context(cafile=str(ca_file))) is ssl.SSLContext

    def test_other_threads(self, make: Callable[..., Any], ca_file: Path) -> None:
        """While one thread makes a client, what another makes for itself loads at once."""
        begun, may_end = threading.Event(), threading.Event()

        def create(**_: Any) -> ssl.SSLContext:
            return ssl.create_default_context(cafile=str(ca_file))

        def slowly(**_: Any) -> ssl.SSLContext:
            begun.set()
            assert may_end.wait(10)
            return create()

        assert type(make(create)) is lazy_tls.DeferredContext
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(make, slowly)
            assert begun.wait(10)
            own = create()
            may_end.set()
            assert type(slow.result()) is lazy_tls.DeferredContext
        assert type(own) is ssl.SSLContext
        assert len(own.get_ca_certs()) == 1

    def test_no_function(self) -> None:
        """A package without transports of that name gets no patch."""
        assert lazy_tls.patches("no_such_package") == []


class TestSettings:
    """What happens between the making of a client and its first use."""

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("change", ["deleted", "replaced", "elsewhere", "moved away from"])
    def test_as_they_were(
        self,
        *,
        replay: Replay,
        ca: trustme.CA,
        ca_file: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        kind: Any,
        change: str,
    ) -> None:
        """Certificates are those that the environment named when the client was made."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", ca_file.name)
        with replay():
            context = context_of(kind())
        if change == "deleted":
            ca_file.unlink()
        elif change == "replaced":
            trustme.CA().cert_pem.write_to_path(ca_file)
        elif change == "elsewhere":
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        else:
            monkeypatch.chdir("/")
        assert context.get_ca_certs(binary_form=True) == [der(ca)]

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_damaged_file(self, replay: Replay, ca_file: Path, kind: Any) -> None:
        """A certificate that cannot be parsed fails every use: none goes on without it."""
        ca_file.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        with replay():
            context = context_of(kind())
        for _ in range(2):
            with pytest.raises(ssl.SSLError):
                context.set_alpn_protocols(["http/1.1"])


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server on loopback whose failed connections are the client's concern."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextlib.contextmanager
def serving(handler: type[Handler]) -> Iterator[int]:
    """The port at which a handler answers."""
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.port
        server.shutdown()
        thread.join()


@pytest.fixture(name="port", scope="module")
def _port(ca: trustme.CA) -> Iterator[int]:
    """Answers with the protocol that ALPN chose; its certificate is for `localhost` alone."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.set_alpn_protocols(["http/1.1"])
    ca.issue_cert("localhost").configure_cert(tls)

    class Secure(Handler):
        def setup(self) -> None:
            self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.request.selected_alpn_protocol().encode())

        def finish(self) -> None:
            super().finish()
            self.request.close()

    with serving(Secure) as port:
        yield port


@pytest.fixture(name="proxy", scope="module")
def _proxy() -> Iterator[str]:
    class Tunnel(Handler):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=pump, args=(upstream, self.connection))
                back.start()
                pump(self.connection, upstream)
                back.join()

    with serving(Tunnel) as port:
        yield f"http://127.0.0.1:{port}"


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(name="way", params=WAYS, ids=str)
def _way(request: pytest.FixtureRequest) -> Way:
    way: Way = request.param
    return way


def mounted(way: Way) -> Any:
    family: Any = way.family
    return (family.AsyncHTTPTransport if way.is_async else family.HTTPTransport)()


async def outcome(client: Any, url: str) -> str:
    """What a server answered, or why the client refused it."""
    try:
        return str((await client.send("GET", url)).text)
    except client.way.family.ConnectError as error:
        return next(reason(error))


def reason(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            yield error.verify_message
        error = error.__cause__ or error.__context__


class TestLive:
    """Clients that were made in a replaying tape and go live."""

    @pytest.fixture
    def anyio_backend(self, way: Way) -> str:
        return way.backend

    @pytest.mark.parametrize("route", ["direct", "mount", "proxy"])
    @pytest.mark.parametrize(
        ("host", "known", "expected"),
        [
            ("localhost", True, "http/1.1"),
            ("localhost", False, "unable to get local issuer certificate"),
            ("127.0.0.1", True, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ],
    )
    async def test_after_the_tape(
        self,
        *,
        replay: Replay,
        way: Way,
        port: int,
        proxy: str,
        ca_file: Path,
        route: str,
        host: str,
        known: bool,
        expected: str,
    ) -> None:
        """They accept and refuse servers exactly as clients made outside."""
        if not known:
            trustme.CA().cert_pem.write_to_path(ca_file)
        for tape in (replay(), contextlib.nullcontext()):
            async with contextlib.AsyncExitStack() as stack:
                with tape:
                    routes = {
                        "mount": {"mounts": {"all://": mounted(way)}},
                        "proxy": {"proxy": proxy},
                    }
                    options = routes.get(route, {})
                    made = way.client(verify=True, trust_env=True, **options)
                    client = await stack.enter_async_context(made)
                assert await outcome(client, f"https://{host}:{port}") == expected

    @pytest.mark.parametrize(
        ("known", "expected"),
        [(True, "http/1.1"), (False, "unable to get local issuer certificate")],
    )
    async def test_with_truststore(
        self,
        *,
        replay: Replay,
        way: Way,
        port: int,
        ca_file: Path,
        monkeypatch: pytest.MonkeyPatch,
        known: bool,
        expected: str,
    ) -> None:
        """Nor does it matter that truststore's context was put in place of the usual one."""
        monkeypatch.setattr(ssl, "SSLContext", truststore.SSLContext)
        if not known:
            trustme.CA().cert_pem.write_to_path(ca_file)
        async with contextlib.AsyncExitStack() as stack:
            with replay():
                made = way.client(verify=True, trust_env=True)
                client = await stack.enter_async_context(made)
            assert await outcome(client, f"https://localhost:{port}") == expected

    async def test_within_the_tape(
        self, replay: Replay, way: Way, port: int, ca_file: Path
    ) -> None:
        """A call that `allow_hosts` lets through verifies as well."""
        with replay(allow_hosts=["localhost", "127.0.0.1"]):
            async with way.client(verify=True, trust_env=True) as client:
                assert await outcome(client, f"https://localhost:{port}") == "http/1.1"
                assert "IP address mismatch" in await outcome(client, f"https://127.0.0.1:{port}")

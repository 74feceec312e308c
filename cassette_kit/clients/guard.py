"""Stops look-ups and connections that leave the machine, in whatever client they begin.

Owns what counts as leaving; who may leave is for the policies that hold the guard closed.

Strategy: Python's sockets are wrapped at the bottom, which every client in pure Python passes.
Where a library connects in tasks or threads of its own, which lose the caller's context or swallow
the exception, the question is put earlier as well, in the caller's task. Libraries are looked for
at each `acquire`, when an event loop starts and on `cover`; one imported after that only passes the
bottom. Code that owns its sockets outside Python cannot be stopped: `bypassers` names it. Nor can
subprocesses, or datagrams of an unconnected transport of uvloop or of Windows' proactor loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import ipaddress
import os
import socket
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from cassette_kit.clients.patching import Function, Patch, tidy

Operation = Literal["look-up", "connection", "datagram"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A look-up, connection or datagram that is about to leave the machine.

    `host` is the name or numeric address as the program gave it, `names` what was looked up to get
    that address. `client` is the library that asked, "openai over aiohttp", where the stack tells.
    `proxy` says that this is a proxy named by the environment, which may be on loopback.
    """

    host: str
    port: int | None
    operation: Operation
    client: str | None = None
    proxy: bool = False
    names: frozenset[str] = frozenset()


Policy = Callable[[Attempt], BaseException | None]


def acquire(policy: Policy) -> None:
    """Ask `policy` about every attempt from now on; the exception that it returns is raised."""
    _open.append(policy)
    cover()


def release(policy: Policy) -> None:
    """Take back one `acquire`; the last one leaves nothing wrapped.

    Raises:
        ValueError: the policy is not open.
    """
    with _lock:
        _open.remove(policy)
        if _open:
            return
        covered = _covered.copy()
        _covered.clear()
        _names.clear()
    for patch in covered:
        patch.release()


@contextmanager
def closed(policy: Policy) -> Iterator[None]:
    """Hold `policy` for the length of a block."""
    acquire(policy)
    try:
        yield
    finally:
        release(policy)


def cover() -> None:
    """Wrap what was imported since the guard was closed, and what somebody has unwrapped."""
    with _lock:
        arrived = [patch for patch in _patches() if patch not in _covered] if _open else []
        _covered.extend(arrived)
    for patch in arrived:
        patch.acquire()
    tidy()


_BYPASSERS = (
    "curl_cffi",
    "grpc",
    "httpr",
    "impit",
    "primp",
    "pycares",
    "pycurl",
    "pyqwest",
    "pyreqwest",
    "rnet",
    "tls_client",
)


def bypassers() -> list[str]:
    """The imported packages that connect past Python's sockets, where no guard can stop them."""
    return [name for name in _BYPASSERS if name in sys.modules]


_lock: Final = threading.Lock()
_open: Final[list[Policy]] = []
_covered: Final[list[Patch]] = []
_names: Final[defaultdict[str, set[str]]] = defaultdict(set)


def _check(target: Target) -> None:
    """Raise what the first objecting policy returns, if the target is off the machine."""
    policies = dict.fromkeys(_open)
    attempt = _attempt(target) if policies else None
    if attempt is None:
        return
    for policy in policies:
        objection = policy(attempt)
        try:
            if objection is not None:
                raise objection
        finally:
            del objection  # it refers to this frame, and the frame would refer to it


def _attempt(target: Target) -> Attempt | None:
    host, port = _text(target.host), _port(target.port)
    names = frozenset(_names.get(host, ()))
    proxy = port is not None and _is_proxy(names | {host}, port)
    if not proxy and (_is_local(host) or _own_name() in names):
        return None
    return Attempt(host, port, target.operation, _client() or target.via, proxy, names)


def _remember(name: str, addresses: Iterable[str]) -> None:
    """Note what a look-up gave, so that a connection can be told by its name."""
    with _lock:
        for address in addresses:
            _names[address].add(name.lower())


# What leaves the machine ---------------------------------------------------------------------

# Source: the hosts files of Debian and Fedora.
_LOCAL_NAMES = {
    "ip6-localhost",
    "ip6-loopback",
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
}
_PROXY_PORTS = {"https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name in _LOCAL_NAMES or name.endswith(".localhost") or name in ("", _own_name()):
        return True
    address = _numeric(name)
    # Connecting to the unspecified address reaches the machine itself.
    return address is not None and (address.is_loopback or address.is_unspecified)


def _numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _own_name() -> str:
    return socket.gethostname().lower()


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "replace")
    return "" if host is None else str(host)


def _port(port: object) -> int | None:
    digits = _text(port)
    return int(digits) if digits.isdecimal() else None


def _is_proxy(hosts: frozenset[str], port: int) -> bool:
    return any(
        port == proxy_port and any(_same_machine(host, proxy) for host in hosts)
        for proxy, proxy_port in _proxies()
    )


def _same_machine(host: str, other: str) -> bool:
    return host.lower() == other.lower() or (_is_local(host) and _is_local(other))


def _proxies() -> Iterator[tuple[str, int]]:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        for value in (os.environ.get(variable, ""), os.environ.get(variable.lower(), "")):
            with suppress(ValueError):  # what no client can read names no proxy
                url = urlsplit(value if "://" in value else f"http://{value}")
                if url.hostname:
                    yield url.hostname, url.port or _PROXY_PORTS.get(url.scheme, 80)


# Who asks ------------------------------------------------------------------------------------

_SDKS = {
    "anthropic": "anthropic",
    "cohere": "cohere",
    "google.genai": "google-genai",
    "groq": "groq",
    "huggingface_hub": "huggingface_hub",
    "litellm": "litellm",
    "mistralai": "mistralai",
    "ollama": "ollama",
    "openai": "openai",
}
_CLIENTS = {
    "aiohttp.client": "aiohttp",
    "aiohttp.connector": "aiohttp",
    "botocore": "botocore",
    "grpc": "grpc",
    "httpx": "httpx (own transport)",
    "httpx._transports.default": "httpx",
    "httpx2": "httpx2 (own transport)",
    "httpx2._transports.default": "httpx2",
    "requests": "requests",
    "tornado.simple_httpclient": "tornado",
    "twisted.web.client": "twisted",
    "websockets": "websockets",
}
_PLUMBING = {
    "anyio._core._sockets": "anyio",
    "asyncio.streams": "asyncio streams",
    "http.client": "http.client",
    "httpcore": "httpcore",
    "httpcore2": "httpcore2",
    "trio._highlevel_open_tcp_stream": "trio",
    "trio._threads": "trio",
    "urllib.request": "urllib",
    "urllib3": "urllib3",
}


def _client() -> str | None:
    """The client library on the stack, and the outermost SDK above it."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_stack(None)]
    client = _first(modules, _CLIENTS) or _first(reversed(modules), _PLUMBING)
    sdk = _first(reversed(modules), _SDKS)
    return f"{sdk} over {client}" if sdk and client else sdk or client


def _first(modules: Iterable[str], table: dict[str, str]) -> str | None:
    return next(filter(None, (_longest_prefix(module, table) for module in modules)), None)


def _longest_prefix(module: str, table: dict[str, str]) -> str | None:
    while module and module not in table:
        module = module.rpartition(".")[0]
    return table.get(module)


# Where it is asked ---------------------------------------------------------------------------


class Target(NamedTuple):
    """Where a wrapped function was told to go; `via` names it if the stack names no client."""

    operation: Operation
    host: object
    port: object = None
    via: str | None = None


Reader = Callable[..., Target | None]
Addresses = Callable[[Any], list[str]]
Maker = Callable[[Function], Function]
Place = tuple[Any, str, Maker]


def _asking(read: Reader, addresses: Addresses | None = None) -> Maker:
    """Wrap a function to ask about what `read` makes of its arguments before it runs.

    `addresses` picks out of the result of a look-up what it gave.
    """

    def make_wrapper(original: Function) -> Function:
        def before(*args: Any, **kwargs: Any) -> Target | None:
            target = read(*args, **kwargs)
            if target is not None:
                _check(target)
            return target

        def after(target: Target | None, result: Any) -> Any:
            if target is not None and addresses is not None:
                _remember(_text(target.host), addresses(result))
            return result

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            target = before(*args, **kwargs)
            return after(target, original(*args, **kwargs))

        async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
            target = before(*args, **kwargs)
            return after(target, await original(*args, **kwargs))

        return async_wrapper if inspect.iscoroutinefunction(original) else wrapper

    return make_wrapper


def _connecting(original: Function) -> Function:
    """Ask, and close a refused socket: `create_connection` does so after an OSError only."""

    def connect(sock: Any, address: Any) -> Any:
        target = _socket_target(sock, address)
        try:
            if target is not None:
                _check(target)
        except BaseException:
            sock.close()
            raise
        return original(sock, address)

    return connect


def _carrying_context(original: Function) -> Function:
    """Give a look-up in the default executor the context of the task that waits for it."""

    def run_in_executor(loop: Any, executor: Any, func: Any, *args: Any) -> Any:
        if executor is None and getattr(func, "__name__", "") in _EXECUTED_LOOK_UPS:
            func = functools.partial(contextvars.copy_context().run, func)
        return original(loop, executor, func, *args)

    return run_in_executor


def _covering(original: Function) -> Function:
    """Cover what was imported late, a uvloop above all, when an event loop starts."""

    def _set_running_loop(loop: Any) -> None:
        cover()
        original(loop)

    return _set_running_loop


def _socket_target(sock: Any, address: Any) -> Target | None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return None
    return _target("connection" if sock.type == socket.SOCK_STREAM else "datagram", address)


def _target(operation: Operation, address: tuple[Any, ...], via: str | None = None) -> Target:
    host, port = (*address, None, None)[:2]
    return Target(operation, host, port, via)


def _look_up(host: Any, port: Any = None, *options: int, flags: int = 0, **_: Any) -> Target | None:
    flags |= options[3] if len(options) > 3 else 0
    if flags & socket.AI_NUMERICHOST or _numeric(_text(host)):
        return None
    return Target("look-up", host, port)


def _reverse_look_up(address: Any, flags: int = 0) -> Target | None:
    return None if flags & socket.NI_NUMERICHOST else Target("look-up", address[0])


def _loop_connection(
    loop: Any, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any
) -> Target:
    return Target("connection", host, port, "asyncio")


def _loop_datagrams(
    loop: Any, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **_: Any
) -> Target | None:
    if not isinstance(remote_addr, tuple):
        return None
    return _target("datagram", remote_addr, "asyncio")


def _info_addresses(infos: Any) -> list[str]:
    return [_text(address[0]) for *_, address in infos]


# Equal makers make equal patches, so each is made once, here.
_SOCKET_METHODS: Final = {
    "connect": _connecting,
    "connect_ex": _asking(_socket_target),
    "sendto": _asking(lambda sock, data, *rest: _socket_target(sock, (None, *rest)[-1])),
    "sendmsg": _asking(
        lambda sock, buffers, ancdata=(), flags=0, address=None: _socket_target(sock, address)
    ),
}
_SOCKET_FUNCTIONS: Final = {
    "getaddrinfo": _asking(_look_up, _info_addresses),
    "gethostbyname": _asking(_look_up, lambda address: [address]),
    "gethostbyname_ex": _asking(_look_up, lambda answer: list(answer[2])),
    "gethostbyaddr": _asking(lambda host: Target("look-up", host)),
    "getnameinfo": _asking(_reverse_look_up),
}
_LOOP_METHODS: Final = {
    "create_connection": _asking(_loop_connection),
    "create_datagram_endpoint": _asking(_loop_datagrams),
    "getaddrinfo": _asking(lambda loop, *args, **kw: _look_up(*args, **kw), _info_addresses),
    "getnameinfo": _asking(lambda loop, *args, **kw: _reverse_look_up(*args, **kw)),
    "run_in_executor": _carrying_context,
    "sock_connect": _asking(lambda loop, sock, address: _socket_target(sock, address)),
    "sock_sendto": _asking(lambda loop, sock, data, address: _socket_target(sock, address)),
}
_LIBRARY_FUNCTIONS: Final = {
    ("aiohappyeyeballs", "", "start_connection"): _asking(
        lambda addr_infos, **_: _target("connection", addr_infos[0][4])
    ),
    ("aiohttp", "AsyncResolver", "resolve"): _asking(
        lambda resolver, host, port=0, family=0: _look_up(host, port),
        lambda results: [result["host"] for result in results],
    ),
    ("anyio", "", "connect_tcp"): _asking(
        lambda remote_host, remote_port, **_: Target(
            "connection", remote_host, remote_port, "anyio"
        )
    ),
    ("trio", "", "open_tcp_stream"): _asking(
        lambda host, port, **_: Target("connection", host, port, "trio")
    ),
}
_EXECUTED_LOOK_UPS: Final = {*_SOCKET_FUNCTIONS, "_getaddrinfo_debug"}


def _patches() -> Iterator[Patch]:
    for owner, name, maker in chain(_socket_places(), _loop_places(), _library_places()):
        yield Patch(owner, name, maker)


def _socket_places() -> Iterator[Place]:
    for name, maker in _SOCKET_METHODS.items():
        yield _socket_class(), name, maker
    for name, maker in _SOCKET_FUNCTIONS.items():
        yield socket, name, maker


def _loop_places() -> Iterator[Place]:
    for module in (asyncio, asyncio.events):
        yield module, "_set_running_loop", _covering
    for loop_class in _subclasses(asyncio.AbstractEventLoop):
        for name, maker in _LOOP_METHODS.items():
            if _brings(loop_class, name):
                yield loop_class, name, maker


def _library_places() -> Iterator[Place]:
    for (module, class_name, name), maker in _LIBRARY_FUNCTIONS.items():
        owner: Any = sys.modules.get(module)
        if class_name:
            owner = getattr(owner, class_name, None)
        if hasattr(owner, name):
            yield owner, name, maker


def _socket_class() -> type:
    """Python's own class, also where a tool has put a subclass of it in its place."""
    return next((c for c in socket.socket.__mro__ if c.__module__ == "socket"), socket.socket)


def _subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _brings(loop_class: type, name: str) -> bool:
    """Whether it defines the method, or has it from outside asyncio's tree, as uvloop does."""
    provider = next(cls for cls in loop_class.__mro__ if name in vars(cls))
    return provider is loop_class or not issubclass(provider, asyncio.AbstractEventLoop)

"""Where the question is put: the functions of sockets, event loops and libraries that go out.

Strategy: Python's sockets are wrapped at the bottom, which every client in pure Python passes.
Where a library connects in tasks or threads of its own, which lose the caller's context and stack
or swallow the exception, the question is put earlier as well, in the caller's task.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from cassette_kit.clients.attempts import Operation, Target, numeric, text
from cassette_kit.clients.questions import Maker, asking, carrying_context, closing_if_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[Any, str, Maker]


def places() -> Iterator[Place]:
    """The owner and name of each function that is there now, and what makes its wrapper."""
    return chain(_socket_places(), _loop_places(), _library_places())


def _socket_places() -> Iterator[Place]:
    for name, maker in _SOCKET_METHODS.items():
        yield _socket_class(), name, maker
    for name, maker in _SOCKET_FUNCTIONS.items():
        yield socket, name, maker


def _loop_places() -> Iterator[Place]:
    for loop_class in _subclasses(asyncio.AbstractEventLoop):
        for name, maker in _LOOP_METHODS.items():
            if _brings(loop_class, name):
                yield loop_class, name, maker


def _library_places() -> Iterator[Place]:
    for (module, class_name, name), maker in _LIBRARY_FUNCTIONS.items():
        owner: Any = sys.modules.get(module)
        if class_name:
            owner = getattr(owner, class_name, None)
        if _is_there(owner, name):
            yield owner, name, maker


def _is_there(owner: Any, name: str) -> bool:
    """Whether an owner has a function that can be called now.

    What a module would load at the first look (anyio does) cannot before an event loop runs, and
    loading it would cost programs that have none 20 ms.
    """
    if isinstance(owner, ModuleType) and name not in vars(owner) and not _loop_may_run():
        return False
    return hasattr(owner, name)


def _loop_may_run() -> bool:
    return asyncio._get_running_loop() is not None or "trio" in sys.modules


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


# What their arguments say --------------------------------------------------------------------


def _socket_target(sock: Any, address: Any) -> Target | None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return None
    return _target("connection" if sock.type == socket.SOCK_STREAM else "datagram", address)


def _target(operation: Operation, address: tuple[Any, ...], via: str | None = None) -> Target:
    host, port = (*address, None, None)[:2]
    return Target(operation, host, port, via)


def _look_up(host: Any, port: Any = None, *options: int, flags: int = 0, **_: Any) -> Target | None:
    flags |= options[3] if len(options) > 3 else 0
    if flags & socket.AI_NUMERICHOST or numeric(text(host)):
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


def _request_connection(connector: Any, request: Any, *_: Any, **__: Any) -> Target:
    url = request.proxy or request.url
    return Target("connection", url.host, url.port, "aiohttp")


def _info_addresses(infos: Any) -> list[str]:
    return [text(address[0]) for *_, address in infos]


# The functions. Equal makers make equal patches, so each is made once, here. -----------------

_SOCKET_METHODS: Final = {
    "connect": closing_if_refused(_socket_target),
    "connect_ex": asking(_socket_target),
    "sendto": asking(lambda sock, data, *rest: _socket_target(sock, (None, *rest)[-1])),
    "sendmsg": asking(
        lambda sock, buffers, ancdata=(), flags=0, address=None: _socket_target(sock, address)
    ),
}
_SOCKET_FUNCTIONS: Final = {
    "getaddrinfo": asking(_look_up, _info_addresses),
    "gethostbyname": asking(_look_up, lambda address: [address]),
    "gethostbyname_ex": asking(_look_up, lambda answer: list(answer[2])),
    "gethostbyaddr": asking(lambda host: Target("look-up", host)),
    "getnameinfo": asking(_reverse_look_up),
}
_LOOP_METHODS: Final = {
    "create_connection": asking(_loop_connection),
    "create_datagram_endpoint": asking(_loop_datagrams),
    "getaddrinfo": asking(lambda loop, *args, **kw: _look_up(*args, **kw), _info_addresses),
    "getnameinfo": asking(lambda loop, *args, **kw: _reverse_look_up(*args, **kw)),
    "run_in_executor": carrying_context(*_SOCKET_FUNCTIONS, "_getaddrinfo_debug"),
    "sock_connect": asking(lambda loop, sock, address: _socket_target(sock, address)),
    "sock_sendto": asking(lambda loop, sock, data, address: _socket_target(sock, address)),
}
_LIBRARY_FUNCTIONS: Final = {
    ("aiohappyeyeballs", "", "start_connection"): asking(
        lambda addr_infos, **_: _target("connection", addr_infos[0][4])
    ),
    ("aiohttp", "AsyncResolver", "resolve"): asking(
        lambda resolver, host, port=0, family=0: _look_up(host, port),
        lambda results: [result["host"] for result in results],
    ),
    ("aiohttp", "TCPConnector", "connect"): asking(_request_connection),
    ("anyio", "", "connect_tcp"): asking(
        lambda remote_host, remote_port, **_: Target(
            "connection", remote_host, remote_port, "anyio"
        )
    ),
    ("trio", "", "open_tcp_stream"): asking(
        lambda host, port, **_: Target("connection", host, port, "trio")
    ),
}

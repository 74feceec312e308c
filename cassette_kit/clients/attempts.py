"""What leaves the machine: look-ups, connections and datagrams to other hosts or to a proxy.

Owns the names behind the addresses that look-ups gave: a connection is made to an address, and its
name is what people allow or forbid. Who may leave is for the policies.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from cassette_kit.clients import callers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


class Target(NamedTuple):
    """Where a function was told to go; `via` names it if the stack names no client."""

    operation: Operation
    host: object
    port: object = None
    via: str | None = None


def attempt(target: Target) -> Attempt | None:
    """What the caller is about to do; None if it stays on the machine."""
    host, port = text(target.host), _port(target.port)
    names = frozenset(_names.get(host, ()))
    proxy = port is not None and _is_proxy(names | {host}, port)
    if not proxy and (_is_local(host) or (names and _own_name() in names)):
        return None
    return Attempt(host, port, target.operation, callers.client() or target.via, proxy, names)


def remember(name: str, addresses: Iterable[str]) -> None:
    """Note what a look-up gave, so that a connection can be told by its name."""
    with _lock:
        for address in addresses:
            _names[address].add(name.lower())


def forget() -> None:
    """Drop what look-ups gave."""
    with _lock:
        _names.clear()


def text(host: object) -> str:
    """A host in whatever form programs give it; empty for None."""
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "replace")
    return "" if host is None else str(host)


def numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host spells out, IPv4 where it is mapped to IPv6; None for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


_lock: Final = threading.Lock()
_names: Final[defaultdict[str, set[str]]] = defaultdict(set)

# Source: the hosts files of Debian and Fedora.
_LOCAL_NAMES: Final = {
    "ip6-localhost",
    "ip6-loopback",
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
}
_PROXY_VARIABLES: Final = (
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
)
_PROXY_PORTS: Final = {
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    return _is_loopback(name) or name == _own_name()


@functools.lru_cache
def _is_loopback(name: str) -> bool:
    if not name or name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    address = numeric(name)
    # Connecting to the unspecified address reaches the machine itself.
    return address is not None and (address.is_loopback or address.is_unspecified)


def _own_name() -> str:
    return socket.gethostname().lower()


def _port(port: object) -> int | None:
    digits = text(port)
    return int(digits) if digits.isdecimal() else None


def _is_proxy(hosts: frozenset[str], port: int) -> bool:
    return any(
        port == proxy_port and any(_same_machine(host, proxy) for host in hosts)
        for proxy, proxy_port in _proxies()
    )


def _same_machine(host: str, other: str) -> bool:
    return host.lower() == other.lower() or (_is_local(host) and _is_local(other))


def _proxies() -> Iterator[tuple[str, int]]:
    values = filter(None, map(os.environ.get, _PROXY_VARIABLES))
    return filter(None, map(_proxy, values))


@functools.lru_cache
def _proxy(value: str) -> tuple[str, int] | None:
    """The host and port of one; None for what no client can read."""
    with suppress(ValueError):
        url = urlsplit(value if "://" in value else f"http://{value}")
        if url.hostname:
            return url.hostname, url.port or _PROXY_PORTS.get(url.scheme, 80)
    return None

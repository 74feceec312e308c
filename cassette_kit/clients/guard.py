"""Stops look-ups and connections that leave the machine, in whatever client they begin.

Owns when the guard is closed and what it covers; `attempts` says what counts as leaving, `places`
where that is noticed, and who may leave is for the policies that hold the guard closed.

Libraries are looked for at each `acquire`, when an event loop starts and on `cover`; one imported
after that only passes the sockets at the bottom. Code that owns its sockets outside Python cannot
be stopped: `bypassers` names it. Nor can subprocesses, or datagrams of an unconnected transport of
uvloop or of Windows' proactor loop.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from cassette_kit.clients import attempts
from cassette_kit.clients.attempts import Attempt
from cassette_kit.clients.patching import Function, Patch, acquire_all, release_all
from cassette_kit.clients.places import Place, places
from cassette_kit.clients.questions import Policy, policies

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Attempt", "Policy", "acquire", "bypassers", "closed", "cover", "release"]


def acquire(policy: Policy) -> None:
    """Ask `policy` about every attempt from now on; the exception that it returns is raised."""
    policies.append(policy)
    cover()


def release(policy: Policy) -> None:
    """Take back one `acquire`; the last one leaves nothing wrapped.

    Raises:
        ValueError: the policy is not open.
    """
    with _lock:
        policies.remove(policy)
        if policies:
            return
        covered = list(_covered)
        _covered.clear()
        attempts.forget()
    release_all(Patch(*place) for place in covered)


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
        arrived = [place for place in _places() if place not in _covered] if policies else []
        _covered.update(arrived)
    acquire_all(Patch(*place) for place in arrived)


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
_covered: Final[set[Place]] = set()


def _places() -> Iterator[Place]:
    yield from places()
    for module in (asyncio, asyncio.events):
        yield module, "_set_running_loop", _covering


def _covering(original: Function) -> Function:
    """Cover what was imported late, a uvloop above all, when an event loop starts."""

    def _set_running_loop(loop: Any) -> None:
        original(loop)
        if loop is not None:  # it starts, and does not end
            cover()

    return _set_running_loop

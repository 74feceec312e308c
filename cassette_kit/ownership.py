"""Whose call it is: which of the open tapes a request or a connection belongs to.

A call belongs to its context's open tape. Where the context has none, or only closed ones (a worker
thread, say), it belongs to the only open tape. If several are open, nobody can tell, and it is
stopped.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from cassette_kit.errors import CassetteBlocked
from cassette_kit.ledger import Ledger, alarm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.errors import CassetteAlarm


class Owner(Protocol):
    """What answers, or stops, the calls of a context: a tape, or a bar where no call is wanted."""

    ledger: Ledger

    @property
    def goes_live(self) -> bool:
        """Whether calls may leave the machine."""

    def passes(self, host: str) -> bool:
        """Whether a request of an HTTP client goes on as if nothing were open."""

    def may_reach(self, host: str) -> bool:
        """Whether a connection to a host may leave the machine all the same."""

    def blocked(self, attempt: Attempt) -> CassetteAlarm:
        """The alarm for a connection that must not leave the machine, already in the ledger."""


_lock = threading.Lock()
_open: list[Owner] = []
_sending: ContextVar[tuple[object, ...]] = ContextVar("cassette_kit_sending", default=())
_entered: ContextVar[tuple[Owner, ...]] = ContextVar("cassette_kit_entered", default=())


def enter(owner: Owner) -> None:
    """Make `owner` the current context's, and one of the open ones."""
    with _lock:
        _open.append(owner)
    _entered.set((*_entered.get(), owner))


def leave(owner: Owner) -> None:
    """Close `owner`, in whatever order and from whatever context."""
    with _lock:
        _open.remove(owner)
    _entered.set(tuple(other for other in _entered.get() if other is not owner))


def entered() -> tuple[Owner, ...]:
    """The open owners that this context entered, the innermost last."""
    return tuple(owner for owner in _entered.get() if owner in _open)


def arrange(owners: Iterable[Owner]) -> None:
    """Let the current context have entered those of these that are open, the innermost last."""
    _entered.set(tuple(owner for owner in owners if owner in _open))


def owner_of(call: str) -> Owner | None:
    """Whose `call` is; None if nothing is open.

    Raises:
        CassetteBlocked: several are open, and this context entered none of them.
    """
    if own := entered():
        return own[-1]
    with _lock:
        candidates = list(_open)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    stopped = alarm(
        CassetteBlocked,
        f"{call} belongs to no cassette: {len(candidates)} are open, and this thread or task was "
        "started without the context of any\n"
        "  next      start the thread with contextvars.copy_context().run(...), or the task inside "
        "the block",
    )
    for candidate in candidates:
        candidate.ledger.enter(stopped)
    raise stopped


@contextmanager
def sending(owner: object) -> Iterator[None]:
    """The block sends a request that `owner` has let go live, and shall not be asked again."""
    token = _sending.set((*_sending.get(), owner))
    try:
        yield
    finally:
        _sending.reset(token)


def is_sending(owner: object) -> bool:
    """Whether this context is inside such a block."""
    return any(other is owner for other in _sending.get())


def any_host_matches(patterns: Iterable[str], host: str) -> bool:
    """Whether a pattern of the option `allow_hosts` (`api.example.com`, `*.example.com`) fits."""
    return any(fnmatchcase(host.lower(), pattern.lower()) for pattern in patterns)

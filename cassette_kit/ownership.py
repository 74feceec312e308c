"""Whose call it is: which of the open tapes a request or a connection belongs to.

A call belongs to its context's open tape. Where the context has none, or only closed ones (a worker
thread, say), it belongs to the only open tape. If several are open, nobody can tell, and it is
stopped.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from cassette_kit.errors import CassetteAlarm, CassetteBlocked

if TYPE_CHECKING:
    from cassette_kit.clients.guard import Attempt


class Owner(Protocol):
    """What answers, or stops, the calls of a context: a tape, or a bar where no call is wanted."""

    @property
    def goes_live(self) -> bool:
        """Whether calls may leave the machine."""

    def allows(self, host: str) -> bool:
        """Whether requests to a host pass through untouched."""

    def blocked(self, attempt: Attempt) -> CassetteAlarm:
        """The alarm for an attempt to leave the machine, entered in the ledger."""

    def enter(self, alarm: CassetteAlarm) -> None:
        """Take an alarm into the ledger."""


_lock = threading.Lock()
_open: list[Owner] = []
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


def own() -> Owner | None:
    """The innermost open owner that this context entered."""
    return next((owner for owner in reversed(_entered.get()) if owner in _open), None)


def owner_of(call: str) -> Owner | None:
    """Whose `call` is; None if nothing is open.

    Raises:
        CassetteBlocked: several are open, and this context entered none of them.
    """
    found = own()
    if found is not None:
        return found
    with _lock:
        candidates = list(_open)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    alarm = CassetteBlocked(
        f"{call} belongs to no cassette: {len(candidates)} are open, and this thread or task was "
        "started without the context of any\n"
        "  next      start the thread with contextvars.copy_context().run(...), or the task inside "
        "the block"
    )
    for candidate in candidates:
        candidate.enter(alarm)
    raise alarm

"""Gives the calls of a context to an owner: its HTTP clients, and the sockets below them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from cassette_kit import ownership
from cassette_kit.clients import guard, interception

if TYPE_CHECKING:
    from cassette_kit.errors import CassetteAlarm


def take_over(owner: ownership.Owner) -> ExitStack:
    """Intercept for `owner`, and close the network unless it may go live.

    Closing what is returned undoes this, in whatever order several owners end.
    """
    with ExitStack() as undo:
        ownership.enter(owner)
        undo.callback(ownership.leave, owner)
        interception.acquire()
        undo.callback(interception.release)
        if not owner.goes_live:
            undo.enter_context(guard.closed(_objection))
        return undo.pop_all()


def _objection(attempt: guard.Attempt) -> CassetteAlarm | None:
    """What stops an attempt to leave the machine; None lets it pass."""
    owner = ownership.owner_of(f"the {attempt.operation} of {attempt.host}")
    if owner is None or owner.goes_live:
        return None
    if any(owner.may_reach(host) for host in (attempt.host, *attempt.names)):
        return None
    return owner.blocked(attempt)

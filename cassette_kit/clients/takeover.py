"""Gives the calls of a context to an owner: its HTTP clients, and the sockets below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit import ownership
from cassette_kit.clients import guard, interception

if TYPE_CHECKING:
    from cassette_kit.errors import CassetteAlarm


def take_over(owner: ownership.Owner) -> None:
    """Intercept for `owner`, and close the network unless it may go live."""
    ownership.enter(owner)
    interception.acquire()
    if not owner.goes_live:
        guard.acquire(_objection)


def let_go(owner: ownership.Owner) -> None:
    """Undo `take_over`, in whatever order several owners end."""
    if not owner.goes_live:
        guard.release(_objection)
    interception.release()
    ownership.leave(owner)


def _objection(attempt: guard.Attempt) -> CassetteAlarm | None:
    """What stops an attempt to leave the machine; None lets it pass."""
    owner = ownership.owner_of(f"the {attempt.operation} of {attempt.host}")
    if owner is None or owner.goes_live:
        return None
    if any(owner.may_reach(host) for host in (attempt.host, *attempt.names)):
        return None
    return owner.blocked(attempt)

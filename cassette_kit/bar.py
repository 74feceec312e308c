"""A stretch of a program in which nothing may leave the machine and no tape answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.clients.takeover import take_over
from cassette_kit.errors import CassetteBlocked
from cassette_kit.ledger import Ledger, alarm
from cassette_kit.messages import blocked_text
from cassette_kit.ownership import any_host_matches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.errors import CassetteAlarm


class Bar:
    """Lets HTTP clients alone and stops at the socket what leaves the machine.

    `reason` says why nothing may leave, `next_step` what to do about it.
    """

    goes_live = False
    lets_some_pass = True

    def __init__(self, reason: str, *, next_step: str, allow_hosts: Sequence[str] = ()) -> None:
        self.ledger = Ledger()
        self._reason = reason
        self._next_step = next_step
        self._allow_hosts = allow_hosts
        self._undo: ExitStack | None = None

    def open(self) -> None:
        """Close the network for this context."""
        self._undo = take_over(self)

    def close(self) -> None:
        """Undo what `open` did, if it was."""
        if self._undo is not None:
            self._undo.close()

    def passes(self, host: str) -> bool:
        """Every request passes: one that leaves the machine is stopped further down."""
        del host
        return True

    def may_reach(self, host: str) -> bool:
        return any_host_matches(self._allow_hosts, host)

    def blocked(self, attempt: Attempt) -> CassetteAlarm:
        text = blocked_text(attempt, because=self._reason, next_step=self._next_step)
        return self.ledger.enter(alarm(CassetteBlocked, text))

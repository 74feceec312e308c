"""What a tape says when something goes wrong. Every alarm is in the ledger before it is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit import ambient, store
from cassette_kit.errors import (
    CassetteBlocked,
    CassetteMiss,
    CassetteTruncated,
    CassetteUnplayed,
)
from cassette_kit.ledger import Ledger, alarm
from cassette_kit.messages import blocked_text, closed_text, truncated_text, undecided_text

if TYPE_CHECKING:
    from pathlib import Path

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.explain import Situation
    from cassette_kit.model import Request
    from cassette_kit.redactors import Redactor


class Alarms:
    """Makes the alarms of the tape over the cassette `path`, which users know by `name`."""

    def __init__(self, path: Path, name: str, redactor: Redactor) -> None:
        self.ledger = Ledger()
        self._path = path
        self._name = name
        self._redactor = redactor

    def miss(self, situation: Situation) -> CassetteMiss:
        """Nothing answers a request; called where it was made, whose line is named."""
        return self.ledger.enter(self.explained(situation, called=_called()))

    def explained(self, situation: Situation, *, called: str | None = None) -> CassetteMiss:
        """The same for a question, which is no alarm yet."""
        from cassette_kit.explain import explain  # costly, and misses are rare
        from cassette_kit.redactors.shapes import masked

        found = explain(
            situation,
            cassette=self._name,
            rerecord=ambient.current().rerecord(),
            called=called,
            neighbours=[] if situation.file_exists else store.neighbours(self._path),
        )
        return alarm(
            CassetteMiss,
            masked(found.text),
            request=situation.live,
            reason=found.reason,
            nearest=found.nearest,
            differences=found.differences,
            next_steps=found.next_steps,
        )

    def truncated(self, request: Request) -> CassetteTruncated:
        """A caller reads past the end of a recording that was closed early."""
        next_step = ambient.current().rerecord()
        text = truncated_text(self._shown(request), cassette=self._name, next_step=next_step)
        return self.ledger.enter(alarm(CassetteTruncated, text))

    def unplayed(self, text: str) -> CassetteUnplayed:
        """Recordings were left over that should not be."""
        return self.ledger.enter(alarm(CassetteUnplayed, text))

    def blocked(self, attempt: Attempt, mode: str) -> CassetteBlocked:
        """A connection would leave the machine."""
        text = blocked_text(
            attempt,
            because=f"{self._name} is open in mode {mode}, so nothing goes live",
            next_step="call through httpx or httpx2, which the cassette answers",
        )
        return self._stopped(text)

    def undecided(self, request: Request, error: Exception) -> CassetteBlocked:
        """A matcher of the caller's own broke, which an SDK would hide."""
        return self._stopped(undecided_text(self._shown(request), error, cassette=self._name))

    def closed(self, request: Request) -> CassetteBlocked:
        """A transport that outlives its tape must neither play nor go live."""
        return self._stopped(closed_text(self._shown(request), cassette=self._name))

    def unrecordable(self, error: Exception) -> CassetteBlocked:
        """The file cannot be recorded, as the error says."""
        return self._stopped(str(error))

    def _stopped(self, text: str) -> CassetteBlocked:
        return self.ledger.enter(alarm(CassetteBlocked, text))

    def _shown(self, request: Request) -> Request:
        return self._redactor.compared(request, headers=False)


def _called() -> str | None:
    from cassette_kit.clients.call_sites import call_site

    site = call_site()
    return site and f"{store.shown(site.path)}:{site.line} in {site.function}"

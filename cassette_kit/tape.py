"""A cassette in use: session, file and clients together, with the ledger of misses."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from cassette_kit import ambient, store
from cassette_kit.errors import (
    CassetteBlocked,
    CassetteMiss,
    CassetteOptionError,
    CassetteTruncated,
)
from cassette_kit.ledger import Ledger, alarm
from cassette_kit.modes import MODES
from cassette_kit.options import Options, Settings, environment, resolve
from cassette_kit.ownership import any_host_matches, blocked_text
from cassette_kit.playback import Playback, playback
from cassette_kit.session import Forward, Miss, Session

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import ModuleType

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.errors import CassetteAlarm
    from cassette_kit.ledger import Caught
    from cassette_kit.model import Interaction, Request


class Tape:
    """A cassette in use. Made by `use_cassette` and by the pytest fixture `cassette`.

    `requests` holds every request that was seen, `recorded` what this tape added. Everything may be
    used from any thread or task.
    """

    __module__ = "cassette_kit"

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.options = options
        self.mode = options.mode
        self.ledger = Ledger()
        self.requests: list[Request] = []
        self.recorded: list[Interaction] = []
        self._rerecord = ambient.current().rerecord
        self._lock = threading.Lock()
        cassette = None if MODES[options.mode].off else store.load_if_exists(path)
        self._session = Session(
            None if cassette is None else cassette.interactions,
            mode=MODES[options.mode],
            match=options.match,
            repeats=options.repeats,
        )

    @property
    def played(self) -> list[Interaction]:
        """Recordings that answered a request, in the order in which they did."""
        with self._lock:
            return self._session.played

    @property
    def unplayed(self) -> list[Interaction]:
        """Recordings that nothing asked for yet, in file order."""
        with self._lock:
            return self._session.unplayed

    @property
    def misses(self) -> list[CassetteAlarm]:
        """The misses and other alarms so far; what `expect_miss` caught is not among them."""
        return self.ledger.alarms

    @property
    def last_request(self) -> Request:
        """The request seen last. Raises LookupError if there was none."""
        if not self.requests:
            raise LookupError(f"{self.path}: no request was made")
        return self.requests[-1]

    @property
    def goes_live(self) -> bool:
        """Whether a request without a recording leaves for the real API."""
        return self._session.goes_live

    def expect_miss(self) -> AbstractContextManager[Caught]:
        """A block in which a miss is expected: it ends the block and leaves the ledger.

        Raises, on leaving the block:
            AssertionError: there was no miss.
        """
        return self.ledger.expect_miss()

    def transport(self, module: ModuleType) -> Any:
        """A transport for clients of `module`, `httpx` or `httpx2`, sync and async in one."""
        from cassette_kit.clients import httpx_family

        return httpx_family.family(module).Transport(self)

    def open(self) -> None:
        """Take over this context's calls, and close the network unless this tape may record."""
        if self.options.intercept:
            from cassette_kit.clients.takeover import take_over

            take_over(self)

    def close(self) -> None:
        """End the use of the cassette and undo what `open` did."""
        if self.options.intercept:
            from cassette_kit.clients.takeover import let_go

            let_go(self)

    def decide(self, request: Request) -> Playback:
        """The answer to a request, for adapters.

        Raises:
            CassetteMiss: no recording answers; it is in the ledger by then.
        """
        with self._lock:
            self.requests.append(request)
            decision = self._session.decide(request)
        if isinstance(decision, Miss):
            raise self.ledger.enter(self._miss(decision))
        if isinstance(decision, Forward):
            raise CassetteOptionError(
                f"{self.path}: mode {self.mode!r} records, which is not built"
            )
        return playback(
            decision.interaction.response, chunks=self.options.chunks, pace=self.options.pace
        )

    def truncated(self, request: Request) -> CassetteTruncated:
        """What a caller gets who reads past the end of a recording that was closed early."""
        text = (
            f"the recording of {request.method} {request.url} ends here: its caller closed the "
            f"stream early\n  cassette  {self.path}\n  next      {self._rerecord}"
        )
        return self.ledger.enter(alarm(CassetteTruncated, text))

    def passes(self, host: str) -> bool:
        """Whether requests to a host go on untouched and unrecorded."""
        return MODES[self.mode].off or self.may_reach(host)

    def may_reach(self, host: str) -> bool:
        """Whether `allow_hosts` names a host."""
        return any_host_matches(self.options.allow_hosts, host)

    def blocked(self, attempt: Attempt) -> CassetteBlocked:
        """The alarm for a connection that would leave the machine."""
        text = blocked_text(
            attempt,
            because=f"{self.path} is open in mode {self.mode}, so nothing goes live",
            next_step="call through httpx or httpx2, which the cassette answers",
        )
        return self.ledger.enter(alarm(CassetteBlocked, text))

    def _miss(self, decision: Miss) -> CassetteMiss:
        explanation = decision.explanation
        return alarm(
            CassetteMiss,
            explanation.text(cassette=str(self.path), next_step=self._rerecord),
            request=explanation.request,
            nearest=explanation.nearest_interaction,
            differences=explanation.differences,
        )


def options_for(call: Settings, *config: Settings) -> Options:
    """The options of a tape: the run's, then the call's, then weaker ones, then the project's.

    Raises:
        CassetteOptionError: see `options.resolve`.
    """
    surroundings = ambient.current()
    command = [
        Settings(name, values, commands=True) for name, values in surroundings.command.items()
    ]
    project = [Settings(name, values) for name, values in surroundings.project.items()]
    return resolve([*command, environment(os.environ), call, *config, *project], os.environ)

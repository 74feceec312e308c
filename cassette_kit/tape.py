"""A cassette in use: session, file and clients as a context manager, with the ledger of misses."""

from __future__ import annotations

import contextlib
import threading
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar

from cassette_kit import ownership, store
from cassette_kit.errors import (
    CassetteAlarm,
    CassetteBlocked,
    CassetteMiss,
    CassetteOptionError,
    CassetteTruncated,
)
from cassette_kit.explain import blocked_text
from cassette_kit.modes import MODES
from cassette_kit.playback import Playback, playback
from cassette_kit.session import Forward, Miss, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.model import Interaction, Request
    from cassette_kit.options import Options


Alarm = TypeVar("Alarm", bound=CassetteAlarm)


class Caught(list[CassetteMiss]):
    """The misses inside an `expect_miss` block."""

    @property
    def value(self) -> CassetteMiss:
        """The first of them."""
        return self[0]


class Tape:
    """A cassette in use. Made by `use_cassette` and by the pytest fixture `cassette`.

    Every method may be called from any thread or task.
    """

    __module__ = "cassette_kit"

    def __init__(self, path: Path, options: Options, *, next_step: str) -> None:
        self.path = path
        self.options = options
        self.mode = options.mode
        self.requests: list[Request] = []
        self.misses: list[CassetteAlarm] = []
        self.recorded: list[Interaction] = []
        self._next_step = next_step
        self._lock = threading.Lock()
        self._expected: list[Caught] = []
        cassette = None if MODES[options.mode].off else store.load_if_exists(path)
        self._session = Session(
            None if cassette is None else cassette.interactions,
            mode=MODES[options.mode],
            match=options.match,
            repeats=options.repeats,
        )
        self.goes_live = self._session.goes_live

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
    def last_request(self) -> Request:
        """The request seen last. Raises LookupError if there was none."""
        if not self.requests:
            raise LookupError(f"{self.path}: no request was made")
        return self.requests[-1]

    def transport(self, module: ModuleType) -> Any:
        """A transport for clients of `module`, `httpx` or `httpx2`, sync and async in one."""
        from cassette_kit.clients import httpx_family

        return httpx_family.family(module).Transport(self)

    def decide(self, request: Request) -> Playback:
        """The answer to a request, for adapters.

        Raises:
            CassetteMiss: no recording answers; it is in the ledger by then.
        """
        with self._lock:
            self.requests.append(request)
            decision = self._session.decide(request)
        if isinstance(decision, Miss):
            raise self._entered(self._miss(decision))
        if isinstance(decision, Forward):
            raise CassetteOptionError(
                f"{self.path}: mode {self.mode!r} records, which is not built"
            )
        return playback(
            decision.interaction.response, chunks=self.options.chunks, pace=self.options.pace
        )

    def truncated(self, request: Request) -> CassetteTruncated:
        """What a caller gets who reads past the end of a recording that was closed early."""
        return self._entered(
            CassetteTruncated(
                f"the recording of {request.method} {request.url} ends here: its caller closed the "
                f"stream early\n  cassette  {self.path}\n  next      {self._next_step}"
            )
        )

    @contextlib.contextmanager
    def expect_miss(self) -> Iterator[Caught]:
        """A miss inside the block is expected: it ends the block and leaves the ledger.

        Raises:
            AssertionError: the block ended without a miss.
        """
        caught = Caught()
        with self._lock:
            self._expected.append(caught)
        try:
            yield caught
        except CassetteMiss as miss:
            if miss not in caught:
                raise
        finally:
            with self._lock:
                self._expected.remove(caught)
        if not caught:
            raise AssertionError(
                f"{self.path}: a miss was expected, and every request was answered"
            )

    def open(self) -> None:
        """Take over this context's calls, and close the network unless this tape may record."""
        if not self.options.intercept:
            return
        from cassette_kit.clients import guard, interception

        ownership.enter(self)
        interception.acquire()
        if not self.goes_live:
            guard.acquire(objection)

    def close(self) -> None:
        """End the use of the cassette and undo what `open` did."""
        if not self.options.intercept:
            return
        from cassette_kit.clients import guard, interception

        if not self.goes_live:
            guard.release(objection)
        interception.release()
        ownership.leave(self)

    def allows(self, host: str) -> bool:
        """Whether requests to a host pass through untouched and unrecorded."""
        return MODES[self.mode].off or any(
            fnmatchcase(host.lower(), pattern.lower()) for pattern in self.options.allow_hosts
        )

    def blocked(self, attempt: Attempt) -> CassetteBlocked:
        """The alarm for a connection that would leave the machine."""
        return self._entered(CassetteBlocked(blocked_text(attempt, str(self.path), self.mode)))

    def enter(self, alarm: CassetteAlarm) -> None:
        """Put an alarm into the ledger, or hand an expected miss to its `expect_miss` block."""
        with self._lock:
            if isinstance(alarm, CassetteMiss) and self._expected:
                self._expected[-1].append(alarm)
            else:
                self.misses.append(alarm)

    def _miss(self, decision: Miss) -> CassetteMiss:
        explanation = decision.explanation
        return CassetteMiss(
            explanation.text(cassette=str(self.path), next_step=self._next_step),
            request=explanation.request,
            nearest=explanation.nearest_interaction,
            differences=explanation.differences,
        )

    def _entered(self, alarm: Alarm) -> Alarm:
        self.enter(alarm)
        return alarm


def objection(attempt: Attempt) -> CassetteAlarm | None:
    """What stops an attempt to leave the machine, for the guard; None lets it pass."""
    owner = ownership.owner_of(f"the {attempt.operation} of {attempt.host}")
    if owner is None or owner.goes_live:
        return None
    if any(owner.allows(host) for host in (attempt.host, *attempt.names)):
        return None
    return owner.blocked(attempt)

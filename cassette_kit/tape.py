"""A cassette in use: session, file and clients together, with the ledger of misses."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cassette_kit import ambient, store
from cassette_kit.alarms import Alarms
from cassette_kit.errors import CassetteError, CassetteMiss, CassetteWarning
from cassette_kit.matchers import Rules
from cassette_kit.messages import unplayed_text
from cassette_kit.modes import MODES
from cassette_kit.outcome import FileState, Outcome
from cassette_kit.ownership import any_host_matches
from cassette_kit.playback import Playback, playback
from cassette_kit.quantities import counted
from cassette_kit.redactors import Redactor
from cassette_kit.session import Forward, Miss, Replay, Session

if TYPE_CHECKING:
    from contextlib import AbstractContextManager, ExitStack
    from types import ModuleType

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.errors import CassetteAlarm, CassetteBlocked, CassetteTruncated
    from cassette_kit.ledger import Caught
    from cassette_kit.model import Interaction, Request
    from cassette_kit.options import Options
    from cassette_kit.recorder import Recorder, Recording
    from cassette_kit.session import Decision


logger = logging.getLogger("cassette_kit")
_named: set[str] = set()


class Tape:
    """A cassette in use. Made by `use_cassette` and by the pytest fixture `cassette`.

    `requests` holds every request that was seen, `notices` what a user should know besides: they
    are logged, too. Everything may be used from any thread or task.
    """

    __module__ = "cassette_kit"

    def __init__(self, path: Path, options: Options) -> None:
        self.path = Path(os.path.abspath(path))  # a later chdir shall not move it
        self.options = options
        self.mode = options.mode
        self.requests: list[Request] = []
        self.notices: list[str] = []
        self._mode = MODES[options.mode]
        self.lets_some_pass = self._mode.off or bool(options.allow_hosts)
        self._name = store.shown(path)
        self._redactor = Redactor(options.redact, keep_headers=options.keep_headers)
        self._alarms = Alarms(self.path, self._name, self._redactor)
        self.ledger = self._alarms.ledger
        self._lock = threading.Lock()
        self._closed = False
        self._passed = 0
        self._file: FileState = None
        self._undo: ExitStack | None = None
        self._recorder: Recorder | None = None
        self._session = self._opened_session()

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
    def recorded(self) -> list[Interaction]:
        """What this tape has recorded so far, in the order of requests, as it goes to the file."""
        return [] if self._recorder is None else self._recorder.recorded

    @property
    def misses(self) -> list[CassetteAlarm]:
        """The misses and other alarms so far; what `expect_miss` caught is not among them."""
        return self.ledger.alarms

    @property
    def last_request(self) -> Request:
        """The request seen last. Raises LookupError if there was none."""
        if not self.requests:
            raise LookupError(f"{self._name}: no request was made")
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
            from cassette_kit.clients.guard import bypassers
            from cassette_kit.clients.takeover import take_over

            self._undo = take_over(self)
            if not self.goes_live:
                self._name_bypassers(bypassers())

    def close(self, *, failed: bool = False) -> None:
        """End the use of the cassette, undo what `open` did, and save what was recorded.

        Where the test `failed`, or an alarm is in the ledger, recordings stay in `<file>.part`.

        Raises:
            CassetteSaveError: they were not saved; the file is as it was.
        """
        if self._undo is not None:
            self._undo.close()
        self._closed = True
        try:
            if self._recorder is not None and (failed or self.misses):
                self._abandon(self._recorder)
            elif self._recorder is not None:
                self._save(self._recorder)
        finally:
            ambient.current().closed(self.outcome())

    def outcome(self) -> Outcome:
        """What this tape has done so far, for reports."""
        return Outcome(
            cassette=self._name,
            mode=self.mode,
            played=self._session.answered,
            recorded=len(self.recorded),
            missed=sum(isinstance(alarm, CassetteMiss) for alarm in self.misses),
            passed=self._passed,
            unplayed=self._session.unplayed_count,
            file=self._file,
            notices=tuple(self.notices),
        )

    def check_unplayed(self) -> None:
        """Speak up about recordings that nothing asked for, as the option `unplayed` says.

        Raises:
            CassetteUnplayed: `unplayed` is "fail", and some were left; it is in the ledger.
        """
        is_asked_for = self.options.unplayed != "ignore" and not self.goes_live
        left = self.unplayed if is_asked_for and not self.misses else []
        if not left:
            return
        text = unplayed_text(left, cassette=self._name, total=len(left) + len(self.played))
        if self.options.unplayed == "fail":
            raise self._alarms.unplayed(text)
        warnings.warn(text, CassetteWarning, stacklevel=3)

    def decide(self, request: Request) -> Playback | Recording:
        """The recorded answer to a request, or what records the live one; for adapters.

        Raises:
            CassetteMiss: no recording answers; it is in the ledger by then.
            CassetteBlocked: the tape is closed, a matcher of the caller's own broke, or the file
                cannot be recorded, because somebody else is doing so.
        """
        with self._lock:
            if self._closed:
                raise self._alarms.closed(request)
            self.requests.append(request)
            decision = self._decision(request)
            if isinstance(decision, Forward) and self._recorder is None:
                decision = self._begun(decision, request)
        if isinstance(decision, Miss):
            raise self._alarms.miss(decision.situation)
        if isinstance(decision, Replay):
            response = decision.interaction.response
            return playback(response, chunks=self.options.chunks, pace=self.options.pace)
        assert self._recorder is not None
        return self._recorder.start(decision.place, request)

    def explain(self, request: Request) -> CassetteMiss | None:
        """Why no recording would answer a request now, or None if one would.

        The miss is not raised and enters no ledger, and nothing counts as played.
        """
        with self._lock:
            situation = self._session.situation(request)
        return None if situation is None else self._alarms.explained(situation)

    def truncated(self, request: Request) -> CassetteTruncated:
        """What a caller gets who reads past the end of a recording that was closed early."""
        return self._alarms.truncated(request)

    def passes(self, host: str) -> bool:
        """Whether a request to a host goes on untouched and unrecorded; counts those that do."""
        passes = self._mode.off or self.may_reach(host)
        self._passed += passes
        return passes

    def may_reach(self, host: str) -> bool:
        """Whether `allow_hosts` names a host."""
        return any_host_matches(self.options.allow_hosts, host)

    def blocked(self, attempt: Attempt) -> CassetteBlocked:
        """The alarm for a connection that would leave the machine."""
        return self._alarms.blocked(attempt, self.mode)

    def _opened_session(self) -> Session:
        opened = None if self._mode.off else store.open_if_exists(self.path)
        return Session(
            None if opened is None else opened.interactions,
            requests=None if opened is None else opened.requests,
            mode=self._mode,
            match=self.options.match,
            rules=Rules(
                ignore=self.options.ignore,
                normalise=self.options.normalise,
                unordered=self.options.unordered,
            ),
            repeats=self.options.repeats,
            redactor=self._redactor,
        )

    def _decision(self, request: Request) -> Decision:
        """An SDK would hide that a matcher of the caller's own broke."""
        try:
            return self._session.decide(request)
        except Exception as error:
            raise self._alarms.undecided(request, error) from error

    def _begun(self, decision: Forward, request: Request) -> Decision:
        """Begin to record. A file that another process has made meanwhile is played instead."""
        from cassette_kit.recorder import Recorder

        replaces = self._mode.replaces
        try:
            recorder = Recorder(self.path, self.options, self._redactor, replaces=replaces)
        except CassetteError as error:
            raise self._alarms.unrecordable(error) from error
        if recorder.file_exists and self._mode.plays and not self._session.file_exists:
            recorder.abandon()
            self._session = self._opened_session()
            again = self._decision(request)
            return self._begun(again, request) if isinstance(again, Forward) else again
        if recorder.left_over:
            self._note(f"{recorder.left_over} was never accepted; this recording replaces it")
        self._recorder = recorder
        return decision

    def _save(self, recorder: Recorder) -> None:
        recorder.save()
        if recorder.recorded:
            self._file = "changed" if recorder.file_exists else "new"
        ends = [one.response.stream.end for one in recorder.recorded if one.response.stream]
        if short := len(ends) - ends.count("complete"):
            self._note(f"{short} of {len(ends)} streams ended early, and will not replay further")
        for rule in recorder.idle_rules:
            self._note(f"the redact rule {rule!r} found nothing in what was recorded")

    def _abandon(self, recorder: Recorder) -> None:
        count = counted(len(recorder.recorded), "recorded interaction")
        part = recorder.abandon()
        if part:
            self._file = "not accepted"
            self._note(
                f"{count} left in {part}; "
                f"`cassette-kit accept {self._name}` takes them, recording again replaces them"
            )

    def _name_bypassers(self, names: list[str]) -> None:
        """Say once in a process what the guard cannot stop."""
        for name in names:
            if name not in _named:
                _named.add(name)
                self._note(f"{name} is imported, and connects where the guard cannot stop it")

    def _note(self, text: str) -> None:
        self.notices.append(text)
        if ambient.current().failure is None:  # under pytest the summary shows them
            logger.warning("%s: %s", self._name, text)

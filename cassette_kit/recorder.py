"""Turns live exchanges into the interactions of a file: captured, redacted, journalled, saved."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from cassette_kit.capture import Capture, UndecodableError
from cassette_kit.errors import CassetteError, CassetteSaveError
from cassette_kit.redactors.secrets import credentials, find_secrets
from cassette_kit.store.journal import Journal, part_path

if TYPE_CHECKING:
    from pathlib import Path

    from cassette_kit.capture import Answer
    from cassette_kit.model import Interaction, Request, StreamEnd
    from cassette_kit.options import Options
    from cassette_kit.redactors import Redactor


class Recording:
    """One exchange under way, for adapters. Cheap until `close`, which writes it."""

    def __init__(self, recorder: Recorder, capture: Capture) -> None:
        self._recorder = recorder
        self._capture = capture

    def answered(self, answer: Answer) -> None:
        """The head of the response has come."""
        self._capture.answered(answer, time.monotonic_ns())

    def push(self, data: bytes) -> None:
        """A piece of the body has come."""
        self._capture.push(data, time.monotonic_ns())

    def ended(self, end: StreamEnd) -> None:
        """The body is over, or the upstream broke it. The first to say so counts."""
        self._capture.ended(end)

    def close(self) -> None:
        """Nothing more will come. A body of which nobody said that it ended was left by its caller;
        without a response nothing is recorded."""
        self._recorder.take(self._capture)


class Recorder:
    """Records one cassette file. Thread-safe.

    Errors while recording do not disturb the caller; the first one is raised by `save`.
    """

    def __init__(self, path: Path, options: Options, redactor: Redactor, *, replaces: bool) -> None:
        self._options = options
        self._redactor = redactor
        self._journal = Journal(path, replaces=replaces)
        self._lock = threading.RLock()
        self._open: list[Capture] = []
        self._taken: list[tuple[int, Interaction]] = []
        self._secrets: set[str] = set()
        self._error: CassetteError | None = None
        self.left_over = self._journal.left_over
        self.hits: Counter[str] = Counter()

    @property
    def file_exists(self) -> bool:
        """Whether there is a file now that the lock is held; another process may have made it."""
        return self._journal.base is not None

    @property
    def recorded(self) -> list[Interaction]:
        """What was recorded so far, in the order of requests."""
        with self._lock:
            return [interaction for _, interaction in sorted(self._taken, key=lambda one: one[0])]

    @property
    def idle_rules(self) -> list[str]:
        """The caller's own redaction rules that have found nothing so far."""
        return [name for name in self._redactor.names if not self.hits[name]]

    def start(self, place: int, request: Request) -> Recording:
        """Begin to record an exchange."""
        capture = Capture(place, request, time.monotonic_ns())
        with self._lock:
            self._open.append(capture)
            self._secrets |= credentials(request)
        return Recording(self, capture)

    def take(self, capture: Capture) -> None:
        """Put an exchange into the journal, once."""
        with self._lock:
            if capture not in self._open:
                return
            self._open.remove(capture)
            try:
                self._keep(capture)
            except CassetteError as error:
                self._error = self._error or error

    def save(self) -> None:
        """Put what was recorded into the file; without any, nothing is written.

        Raises:
            CassetteSaveError: an exchange could not be recorded, a secret would have reached the
                disk, or the disk refused. The file is as it was.
        """
        self._end_open()
        with self._lock:
            if self._error is not None or not self._taken:
                self._journal.release()
            if self._error is not None:
                raise self._error
            if self._taken:
                self._journal.commit(self.recorded, self._check)

    def abandon(self) -> Path | None:
        """Leave what was recorded in the journal, and say where that is."""
        self._end_open()
        with self._lock:
            self._journal.release()
            return part_path(self._journal.path) if self._taken else None

    def _end_open(self) -> None:
        """Streams that nobody closed end here, as their callers left them."""
        for capture in tuple(self._open):
            self.take(capture)

    def _keep(self, capture: Capture) -> None:
        if capture.end == "upstream_error" and not self._options.record_errors:
            return
        try:
            live = capture.interaction()
        except UndecodableError as error:
            raise self._unrecorded(capture.request, str(error)) from error
        if live is None:
            return
        interaction, hits = self._redactor.interaction(live)
        self.hits += hits
        kept = self._filtered(interaction)
        if kept is not None:
            self._learn(credentials(live.request, live.response))
            self._taken.append((capture.place, kept))
            self._journal.append(kept, capture.place, self._check)

    def _learn(self, secrets: frozenset[str]) -> None:
        """Take credentials that were seen; one that the journal holds already takes it away."""
        if not secrets <= self._secrets:
            self._secrets |= secrets
            self._check(self._journal.text())

    def _filtered(self, interaction: Interaction) -> Interaction | None:
        if self._options.before_record is None:
            return interaction
        try:
            return self._options.before_record(interaction)
        except Exception as error:
            raise self._unrecorded(
                interaction.request, f"before_record raised {error!r}"
            ) from error

    def _unrecorded(self, request: Request, reason: str) -> CassetteSaveError:
        shown, _ = self._redactor.request(request)
        return CassetteSaveError(
            f"{self._journal.path}: {shown.method} {shown.url} was not recorded: {reason}"
        )

    def _check(self, text: bytes) -> None:
        """Stop at a secret in a text that is about to be written."""
        hits = find_secrets(text, self._secrets)
        if not hits:
            return
        self._journal.discard()
        places = "".join(f"\n  {hit}" for hit in hits)
        raise CassetteSaveError(
            f"{self._journal.path}: not written, a secret would have reached the disk:{places}"
        )

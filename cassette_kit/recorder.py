"""Turns live exchanges into the interactions of a file: captured, redacted, journalled, saved."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from cassette_kit.capture import Capture, UndecodableError
from cassette_kit.errors import CassetteError, CassetteSaveError
from cassette_kit.model import Interaction
from cassette_kit.redactors.secrets import SecretHit, credentials, find_secrets
from cassette_kit.store.journal import Journal, part_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from pathlib import Path

    from cassette_kit.capture import Answer
    from cassette_kit.model import Request, StreamEnd
    from cassette_kit.options import Options
    from cassette_kit.redactors import Redactor

_SIDE = re.compile(rb"  (request|response):")
_KEY = re.compile(rb"    ([a-z_]+):")


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
        with self._lock, self._errors_kept():
            self._open.append(capture)
            self._learn(credentials(request))
        return Recording(self, capture)

    def take(self, capture: Capture) -> None:
        """Put an exchange into the journal, once."""
        with self._lock:
            if capture in self._open:
                self._open.remove(capture)
                with self._errors_kept():
                    self._keep(capture)

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

    @contextmanager
    def _errors_kept(self) -> Iterator[None]:
        """Whatever goes wrong in the block, the caller's exchange goes on."""
        try:
            yield
        except CassetteError as error:
            self._error = self._error or error
        except Exception as error:
            text = f"{self._journal.path}: not recorded: {_told(error)}"
            self._error = self._error or CassetteSaveError(text)
            self._error.__cause__ = self._error.__cause__ or error

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
            check = partial(self._check_journal, known=self._secrets, of=kept.request)
            self._journal.append(kept, capture.place, check)
            self._taken.append((capture.place, kept))

    def _learn(self, secrets: frozenset[str]) -> None:
        """Take credentials that were seen; one that the journal holds already takes it away."""
        new = secrets - self._secrets
        if not new:
            return
        self._secrets |= new
        try:
            self._check_journal(self._journal.text(), new)
        except CassetteSaveError:
            self._journal.discard()
            self._taken.clear()
            raise

    def _filtered(self, interaction: Interaction) -> Interaction | None:
        if self._options.before_record is None:
            return interaction
        try:
            kept = self._options.before_record(interaction)
        except Exception as error:
            reason = f"before_record raised {_told(error)}"
            raise self._unrecorded(interaction.request, reason) from error
        if isinstance(kept, Interaction | None):
            return kept
        reason = f"before_record returned {type(kept).__name__}, expected Interaction or None"
        raise self._unrecorded(interaction.request, reason)

    def _unrecorded(self, request: Request, reason: str) -> CassetteSaveError:
        return CassetteSaveError(
            f"{self._journal.path}: {self._shown(request)} was not recorded: {reason}"
        )

    def _shown(self, request: Request) -> str:
        """A request as an error names it: by its URL, unless a secret stands in that."""
        shown, _ = self._redactor.request(request)
        is_safe = not find_secrets(shown.url.encode("utf-8", "replace"), self._secrets)
        return f"{shown.method} {shown.url}" if is_safe else f"a {shown.method} request"

    def _check(self, text: bytes) -> None:
        """Stop at a secret in a file that is about to be written."""
        self._stop_at([str(hit) for hit in find_secrets(text, self._secrets)])

    def _check_journal(self, text: bytes, known: Set[str], of: Request | None = None) -> None:
        """Stop at a secret in the exchange `of` a request, or without one in those before.

        Nobody can look up the journal's lines: exchange and key are named instead.
        """
        hits = find_secrets(text, known)
        if hits:
            exchange = self._shown(of) if of else "an exchange before"
            self._stop_at([f"{exchange}, {_with_key(hit, text)}" for hit in hits])

    def _stop_at(self, places: list[str]) -> None:
        if places:
            lines = "".join(f"\n  {place}" for place in dict.fromkeys(places))
            raise CassetteSaveError(
                f"{self._journal.path}: not written, a secret would have reached the disk:{lines}"
            )


def _with_key(hit: SecretHit, text: bytes) -> str:
    """A hit in the journal's text with its key in place of its line: "response body: ..."."""
    above = list(reversed(text.split(b"\n")[: hit.line]))
    side, key = (
        next((found[1].decode() for found in map(pattern.match, above) if found), "")
        for pattern in (_SIDE, _KEY)
    )
    _, _, what = str(hit).partition(": ")
    return f"{side} {key}: {what}"


def _told(error: Exception) -> str:
    """An error without its arguments, which can be a whole body."""
    return f"{type(error).__name__}: {error}"

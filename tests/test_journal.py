"""The recording of a file: one at a time, nothing lost, nothing half-written, nothing left over."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from provider import Answer, Gate, Provider
from tapes import interaction
from test_store import FAULTS, Fault, posix

import cassette_kit as ck
from cassette_kit.store.journal import (
    Accepted,
    Journal,
    LockedError,
    accept,
    part_path,
    read_part,
)
from cassette_kit.store.part import entry, heading, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ANSWER = Answer.json([b'{"a":1}'])
BROKEN = b"---\nversion: 2\ninteractions:\n"


def asking(number: int) -> ck.Interaction:
    return interaction(b'{"q":%d}' % number)


def asked(interactions: Iterable[ck.Interaction]) -> list[int]:
    """The numbers that interactions ask."""
    return [one.request.json()["q"] for one in interactions]


def unchecked(*_: object) -> None:
    """A check that lets everything pass."""


def written(path: Path, *numbers: int) -> bytes:
    """A cassette of these, and its bytes."""
    ck.dump(ck.Cassette(tuple(map(asking, numbers))), path)
    return path.read_bytes()


def left(path: Path, *numbers: int, replaces: bool = False) -> None:
    """A journal of these, as a killed recording leaves it."""
    journal = Journal(path, replaces=replaces)
    for place, number in enumerate(numbers):
        journal.append(asking(number), place, unchecked)
    journal.release()


def accepted(path: Path) -> Accepted:
    return accept(path, unchecked)


def names(folder: Path) -> list[str]:
    """All that lies below a folder."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


@pytest.fixture(autouse=True)
def _outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI nothing would be recorded."""
    for name in ("CI", "CASSETTE_MODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="tape")
def _tape(tmp_path: Path) -> Path:
    return tmp_path / "x.yaml"


@pytest.fixture(name="provider")
def _provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def ask(url: str, number: int) -> Any:
    """One call by a client of its own."""
    with httpx.Client(verify=False, trust_env=False) as client:
        return client.post(url, json={"q": number}).json()


# --- one recording --------------------------------------------------------------------------------


@pytest.mark.parametrize(("replaces", "expected"), [(False, [1, 2, 3, 4]), (True, [3, 4])])
def test_commit(tape: Path, replaces: bool, expected: list[int]) -> None:
    """A recording comes behind what the file holds, or in its place; nothing else stays there."""
    written(tape, 1, 2)
    journal = Journal(tape, replaces=replaces)
    journal.append(asking(4), 1, unchecked)
    journal.append(asking(3), 0, unchecked)
    assert names(tape.parent) == ["x.yaml", "x.yaml.lock", "x.yaml.part"]
    journal.commit([asking(3), asking(4)], unchecked)
    assert asked(ck.load(tape).interactions) == expected
    assert names(tape.parent) == ["x.yaml"]


def test_the_part_is_ahead(tape: Path) -> None:
    """When `append` returns, the interaction can be read from the journal, in request order."""
    journal = Journal(tape, replaces=True)
    for place, number in ((2, 30), (0, 10), (1, 20)):
        journal.append(asking(number), place, unchecked)
        assert number in asked(read_part(tape).interactions)
    part = read_part(tape)
    assert asked(part.interactions) == [10, 20, 30]
    assert (part.replaces, part.torn) == (True, 0)
    assert journal.text() == part_path(tape).read_bytes()
    journal.release()


def test_checked_before_written(tape: Path) -> None:
    """What the check sees is what is written, and what it refuses is written nowhere."""
    old = written(tape, 1)
    seen: list[bytes] = []
    journal = Journal(tape, replaces=False)
    journal.append(asking(2), 0, seen.append)
    assert seen[0] in part_path(tape).read_bytes()

    def refuse(text: bytes) -> None:
        raise ck.CassetteSaveError("refused")

    with pytest.raises(ck.CassetteSaveError, match="refused"):
        journal.append(asking(3), 1, refuse)
    with pytest.raises(ck.CassetteSaveError, match="refused"):
        journal.commit([asking(2)], refuse)
    assert asked(read_part(tape).interactions) == [2]
    assert tape.read_bytes() == old
    assert names(tape.parent) == ["x.yaml", "x.yaml.part"]


def test_nothing_recorded(tmp_path: Path) -> None:
    """Without an interaction there is no file, no folder and no lock; folders that were there
    stay."""
    (tmp_path / "old").mkdir()
    for path in (tmp_path / "new" / "er" / "x.yaml", tmp_path / "old" / "x.yaml"):
        Journal(path, replaces=False).release()
    assert names(tmp_path) == ["old"]


def test_a_call_that_failed(tmp_path: Path, provider: Provider) -> None:
    """The same, told by a tape whose only call got no answer."""
    provider.script(Answer(drop_after=-1))
    with ck.use_cassette(tmp_path / "new" / "x.yaml", mode="once"):
        with pytest.raises(httpx.RemoteProtocolError):
            ask(provider.url, 1)
    assert names(tmp_path) == []


def test_discard(tape: Path) -> None:
    """A discarded journal is gone, one left by another recording is not; a new one can begin."""
    left(tape, 1)
    journal = Journal(tape, replaces=False)
    journal.discard()
    assert asked(read_part(tape).interactions) == [1]
    journal.append(asking(2), 0, unchecked)
    journal.discard()
    assert (journal.text(), part_path(tape).exists()) == (b"", False)
    journal.append(asking(3), 1, unchecked)
    journal.release()
    assert asked(read_part(tape).interactions) == [3]


def test_over(tape: Path) -> None:
    """Once the lock is gone nothing is written: the file may be somebody else's by then."""
    journal = Journal(tape, replaces=False)
    journal.append(asking(1), 0, unchecked)
    journal.commit([asking(1)], unchecked)
    with pytest.raises(ck.CassetteSaveError, match="the recording is over"):
        journal.append(asking(2), 1, unchecked)
    assert names(tape.parent) == ["x.yaml"]


def test_a_changed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its working directory does not take the recording with it."""
    monkeypatch.chdir(tmp_path)
    journal = Journal(Path("x.yaml"), replaces=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    journal.append(asking(1), 0, unchecked)
    journal.commit([asking(1)], unchecked)
    assert names(tmp_path) == ["elsewhere", "x.yaml"]


@posix
def test_a_private_cassette(tape: Path) -> None:
    """The journal of a file that others may not read may not be read by others either."""
    written(tape, 1)
    tape.chmod(0o600)
    journal = Journal(tape, replaces=False)
    journal.append(asking(2), 0, unchecked)
    assert stat.S_IMODE(part_path(tape).stat().st_mode) == 0o600
    journal.commit([asking(2)], unchecked)
    assert stat.S_IMODE(tape.stat().st_mode) == 0o600


# --- the file beside it ---------------------------------------------------------------------------


@pytest.mark.parametrize("replaces", [False, True])
def test_a_file_that_cannot_be_read(tape: Path, replaces: bool) -> None:
    """It is not recorded over, whether it was broken before or while the recording ran."""
    tape.write_bytes(BROKEN)
    with pytest.raises(ck.CassetteFormatError):
        Journal(tape, replaces=replaces)
    assert names(tape.parent) == ["x.yaml"]
    tape.unlink()
    journal = Journal(tape, replaces=replaces)
    journal.append(asking(1), 0, unchecked)
    tape.write_bytes(BROKEN)
    with pytest.raises(ck.CassetteSaveError, match=r"not written, the file has changed: .*x\.yaml"):
        journal.commit([asking(1)], unchecked)
    assert tape.read_bytes() == BROKEN
    assert names(tape.parent) == ["x.yaml", "x.yaml.part"]
    with pytest.raises(ck.CassetteFormatError):
        accepted(tape)
    assert tape.read_bytes() == BROKEN


def test_a_file_that_changed(tape: Path) -> None:
    """What an editor or git has put into the file meanwhile is not lost."""
    written(tape, 1)
    journal = Journal(tape, replaces=False)
    journal.append(asking(3), 0, unchecked)
    written(tape, 1, 2)
    journal.commit([asking(3)], unchecked)
    assert asked(ck.load(tape).interactions) == [1, 2, 3]


def test_what_would_not_read_back(tape: Path) -> None:
    """What a `before_record` has made up, and no reader would take, does not replace a file."""
    old = written(tape, 1)
    for wrong in (
        interaction(stream=ck.Stream("complete", ((-5, 7),))),
        interaction(code=10**100),
    ):
        journal = Journal(tape, replaces=True)
        with pytest.raises(ck.CassetteSaveError, match="not written, it would not read back"):
            journal.commit([wrong], unchecked)
        assert tape.read_bytes() == old


@posix
def test_a_link(tmp_path: Path) -> None:
    """One file under two names is one recording: lock and journal lie beside the file itself."""
    target, link = tmp_path / "real" / "x.yaml", tmp_path / "y.yaml"
    target.parent.mkdir()
    link.symlink_to(target)
    journal = Journal(link, replaces=False)
    with pytest.raises(LockedError):
        Journal(target, replaces=False)
    journal.append(asking(1), 0, unchecked)
    assert names(target.parent) == ["x.yaml.lock", "x.yaml.part"]
    journal.release()
    assert asked(accepted(link).part.interactions) == [1]
    assert link.is_symlink()
    assert names(tmp_path) == ["real", "real/x.yaml", "y.yaml"]


@posix
def test_links_laid_out_beforehand(tape: Path) -> None:
    """A pull request cannot lead a recording elsewhere by links under the names that it uses."""
    victim = tape.parent / "victim"
    victim.write_bytes(b"untouched")
    for suffix in (".part", ".tmp"):
        Path(f"{tape}{suffix}").symlink_to(victim)
    journal = Journal(tape, replaces=False)
    journal.append(asking(1), 0, unchecked)
    journal.commit([asking(1)], unchecked)
    assert victim.read_bytes() == b"untouched"
    assert names(tape.parent) == ["victim", "x.yaml"]


@pytest.mark.parametrize("suffix", ["", ".lock", ".part", ".tmp"])
def test_folders_in_the_way(tape: Path, suffix: str) -> None:
    """A folder under one of the names is an error of the package, and stays."""
    folder = Path(f"{tape}{suffix}")
    folder.mkdir()
    with pytest.raises(ck.CassetteError, match=r"x\.yaml"):
        left(tape, 1)
    assert folder.is_dir()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A file in the place of the cassette's folder is an error of the package too."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ck.CassetteSaveError, match=r"x\.yaml: cannot be written here: "):
        Journal(tmp_path / "file" / "x.yaml", replaces=False)
    assert names(tmp_path) == ["file"]


def test_a_name_too_long_for_its_suffixes(tmp_path: Path) -> None:
    """That is told before the first call goes live, not when the recording is lost."""
    with pytest.raises(ck.CassetteSaveError, match="cannot be written here: File name too long"):
        Journal(tmp_path / f"{'x' * 247}.yaml", replaces=False)


# --- who records ----------------------------------------------------------------------------------


def test_two_tapes(tape: Path, provider: Provider) -> None:
    """While one tape records, another one of the process is stopped at once; nothing is mixed."""
    held = Gate("the second answer")
    provider.script(ANSWER, Answer.json([b'{"a":1}'], before_headers=held))

    def record() -> None:
        with ck.use_cassette(tape, mode="new_episodes"):
            ask(provider.url, 1)
            ask(provider.url, 2)

    with ThreadPoolExecutor() as threads:
        first = threads.submit(record)
        held.reached.wait()
        with pytest.raises(ck.CassetteBlocked, match=r"x\.yaml: somebody is recording or"):
            with ck.use_cassette(tape, mode="new_episodes"):
                ask(provider.url, 3)
        held.open()
        first.result()
    assert len(provider.requests) == 2
    assert asked(ck.load(tape).interactions) == [1, 2]
    assert names(tape.parent) == ["x.yaml"]


def test_threads(tape: Path) -> None:
    """Of many that begin at one moment, one records and all others are told so."""
    barrier = threading.Barrier(8)

    def begin() -> Journal | None:
        barrier.wait(10)
        try:
            return Journal(tape, replaces=False)
        except LockedError:
            return None
        finally:
            barrier.wait(10)

    with ThreadPoolExecutor(8) as threads:
        journals = [done.result() for done in [threads.submit(begin) for _ in range(8)]]
    (journal,) = filter(None, journals)
    journal.release()
    assert names(tape.parent) == []


TAKING_TURNS = """
import sys
from contextlib import suppress
from pathlib import Path
from tapes import interaction
from cassette_kit.store.journal import Journal, LockedError
from cassette_kit.store.lock import locked

def count(folder):
    with locked(folder / "empty" / "x.yaml", advice=""):
        counter = folder / "counter"
        counter.write_text(str(int(counter.read_text()) + 1))
    with suppress(OSError):
        (folder / "empty").rmdir()

def record(folder):
    journal = Journal(folder / "x.yaml", replaces=False)
    one = interaction(b'{"q":1}')
    journal.append(one, 0, len)
    journal.commit([one], len)

turn, folder, turns = globals()[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
while turns:
    try:
        turn(folder)
        turns -= 1
    except LockedError:
        pass
"""


def take_turns(turn: str, folder: Path, turns: int) -> None:
    """Let three processes take a number of turns each, as often as they are refused."""
    folders = [Path(ck.__file__).parents[1], Path(__file__).parent]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    program = [sys.executable, "-c", TAKING_TURNS, turn, str(folder), str(turns)]
    runs = [subprocess.Popen(program, env=env) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]


def test_one_at_a_time(tmp_path: Path) -> None:
    """Two processes never hold the lock at once, although its file comes and goes under them, and
    so does the folder that it is in."""
    (tmp_path / "counter").write_text("0")
    take_turns("count", tmp_path, 150)
    assert (tmp_path / "counter").read_text() == "450"
    assert names(tmp_path) == ["counter"]


def test_processes(tmp_path: Path) -> None:
    """Processes that take turns on one file lose none of each other's recordings."""
    take_turns("record", tmp_path, 10)
    assert len(ck.load(tmp_path / "x.yaml").interactions) == 30
    assert names(tmp_path) == ["x.yaml"]


RECORDING = """
import sys, httpx
import cassette_kit as ck

with ck.use_cassette(sys.argv[1], mode="once"):
    with httpx.Client(verify=False, trust_env=False) as client:
        client.post(sys.argv[2], json={"q": 1})
    print("recorded", flush=True)
    sys.stdin.readline()
"""


def test_two_processes(tape: Path, provider: Provider) -> None:
    """While another process records, a tape of this one is stopped before its call goes live."""
    provider.script(ANSWER, ANSWER)
    other = subprocess.Popen(
        [sys.executable, "-c", RECORDING, tape, provider.url],
        env={**os.environ, "CI": "", "PYTHONPATH": str(Path(ck.__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "recorded\n"
    with pytest.raises(ck.CassetteBlocked, match=r"x\.yaml: somebody is recording or"):
        with ck.use_cassette(tape, mode="once"):
            ask(provider.url, 2)
    with pytest.raises(LockedError, match="accept what it records when it has ended"):
        accepted(tape)
    other.communicate("go on\n", timeout=20)
    assert len(provider.requests) == 1
    assert asked(ck.load(tape).interactions) == [1]
    assert names(tape.parent) == ["x.yaml"]


# --- what a dead process leaves -------------------------------------------------------------------


def test_left_over(tape: Path) -> None:
    """A left-over journal is reported, and stays until the next recording has something itself; the
    lock file and the temporary file of the dead are in nobody's way."""
    left(tape, 1, 2)
    tape.with_name("x.yaml.lock").touch()
    tape.with_name("x.yaml.tmp").write_bytes(b"half a casse")
    journal = Journal(tape, replaces=False)
    assert journal.left_over == part_path(tape)
    assert asked(read_part(tape).interactions) == [1, 2]
    journal.append(asking(3), 0, unchecked)
    assert asked(read_part(tape).interactions) == [3]
    journal.commit([asking(3)], unchecked)
    assert asked(ck.load(tape).interactions) == [3]
    assert names(tape.parent) == ["x.yaml"]
    again = Journal(tape, replaces=False)
    assert again.left_over is None
    again.release()


def test_torn_anywhere() -> None:
    """Cut at any byte, a journal gives back what was whole, and says whether something was not."""
    head = heading(Path("x.yaml"), None, replaces=False)
    first, second = entry(asking(1), 0), entry(asking(2), 1)
    text = head + first + second
    for end in range(len(head + first), len(text)):
        part = parsed(text[:end], origin="x")
        missing = text[end:]
        assert asked(part.interactions) == ([1] if missing.strip() else [1, 2]), missing
        assert part.torn == int(bool(text[len(head + first) : end].strip() and missing.strip()))


@settings(deadline=None, max_examples=60)
@given(st.permutations(range(4)), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_torn_in_the_middle(places: list[int], kept: list[float]) -> None:
    """A full disk tears entries between others; what came whole before and behind is given back,
    in the order of requests."""
    text, whole = heading(Path("x.yaml"), b"", replaces=True), []
    for place, share in zip(places, kept, strict=True):
        own = entry(asking(place), place)
        cut = own[: int(len(own) * share)]
        text += cut
        if not own[len(cut) :].strip():
            whole.append(place)
    assert asked(parsed(text, origin="x").interactions) == sorted(whole)


@pytest.mark.parametrize(
    "text",
    [b"", b"half of a download", heading(Path("x"), None, replaces=True)[:-20], BROKEN],
    ids=["empty", "foreign", "torn heading", "cassette"],
)
def test_no_journal(tape: Path, text: bytes) -> None:
    """A file that only has the name of a journal is neither accepted nor removed."""
    part_path(tape).write_bytes(text)
    with pytest.raises(ck.CassetteError, match=r"x\.yaml\.part: not a recording of cassette_kit"):
        accepted(tape)
    assert part_path(tape).read_bytes() == text
    assert names(tape.parent) == ["x.yaml.part"]


def test_nothing_whole(tape: Path) -> None:
    """A journal of which nothing can be given back does not empty the cassette that it replaces."""
    old = written(tape, 1)
    part_path(tape).write_bytes(heading(tape, old, replaces=True) + entry(asking(2), 0)[:-30])
    with pytest.raises(ck.CassetteError, match="no interaction in it is whole"):
        accepted(tape)
    assert tape.read_bytes() == old


# --- accept ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("replaces", "expected"), [(False, [1, 2, 3]), (True, [2, 3])])
def test_accept(tape: Path, replaces: bool, expected: list[int]) -> None:
    """A journal goes where its recording would have gone, and away."""
    old = written(tape, 1)
    left(tape, 2, 3, replaces=replaces)
    part_path(tape).write_bytes(part_path(tape).read_bytes() + entry(asking(4), 9)[:-30])
    seen: dict[Path, bytes] = {}
    done = accept(tape, seen.__setitem__)
    assert (asked(done.part.interactions), done.part.torn, done.was_saved) == ([2, 3], 1, False)
    assert asked(ck.load(tape).interactions) == expected
    assert tape.read_bytes().startswith(old) is not replaces
    assert names(tape.parent) == ["x.yaml"]
    assert list(seen) == [part_path(tape), tape]
    assert seen[tape] == tape.read_bytes()


def test_accept_without_a_file(tmp_path: Path) -> None:
    """A new cassette is made; where there is no journal nothing is, not even a folder."""
    left(tmp_path / "x.yaml", 1)
    accepted(tmp_path / "x.yaml")
    assert asked(ck.load(tmp_path / "x.yaml").interactions) == [1]
    with pytest.raises(ck.CassetteError, match=r"nothing to accept, there is no y\.yaml\.part"):
        accepted(tmp_path / "new" / "y.yaml")
    assert names(tmp_path) == ["x.yaml"]


def test_accept_behind_a_newer_file(tape: Path) -> None:
    """A file that changed since is not put back: the recording comes behind what it holds now."""
    written(tape, 1)
    left(tape, 3)
    written(tape, 5, 6)
    accepted(tape)
    assert asked(ck.load(tape).interactions) == [5, 6, 3]


@pytest.mark.parametrize("replaces", [False, True])
def test_accept_what_was_saved(tape: Path, replaces: bool) -> None:
    """A kill between the replacement and the removal of the journal does not double anything."""
    written(tape, 1)
    left(tape, 2, 3, replaces=replaces)
    part = part_path(tape).read_bytes()
    accepted(tape)
    saved = tape.read_bytes()
    part_path(tape).write_bytes(part)
    assert accepted(tape).was_saved
    assert tape.read_bytes() == saved
    assert names(tape.parent) == ["x.yaml"]


def test_accept_the_same_again(tape: Path) -> None:
    """A recording equal to the end of its own base is no copy of it, and is added."""
    written(tape, 1, 2)
    left(tape, 2)
    assert not accepted(tape).was_saved
    assert asked(ck.load(tape).interactions) == [1, 2, 2]


def test_accept_what_was_edited(tape: Path) -> None:
    """A journal may be edited by hand, to take out a secret, in an editor that writes CRLF too; a
    bad edit is an error that says where."""
    left(tape, 1, 2)
    part = part_path(tape)
    text = part.read_bytes()
    part.write_bytes(text.replace(b'{"q":1}', b'{"q":77}').replace(b"\n", b"\r\n"))
    accepted(tape)
    assert asked(ck.load(tape).interactions) == [77, 2]
    part.write_bytes(text.replace(b"method", b"methods", 1))
    with pytest.raises(ck.CassetteFormatError, match=r"x\.yaml\.part, place 0, line \d+: "):
        accepted(tape)
    assert part.exists()


def test_accept_refused(tape: Path) -> None:
    """What the check refuses leaves cassette and journal as they were."""
    old = written(tape, 1)
    left(tape, 2)
    for refused in (part_path(tape), tape):

        def check(path: Path, text: bytes, refused: Path = refused) -> None:
            if path == refused:
                raise ck.CassetteSaveError("refused")

        with pytest.raises(ck.CassetteSaveError, match="refused"):
            accept(tape, check)
        assert tape.read_bytes() == old
        assert names(tape.parent) == ["x.yaml", "x.yaml.part"]


# --- every fault of the disk ----------------------------------------------------------------------


def attempt(path: Path, mode: str, provider: Provider) -> tuple[int, BaseException | None]:
    """Three calls on a tape: how many were answered, and how the block ended."""
    provider.clear()
    provider.script(ANSWER, ANSWER, ANSWER)
    answered = 0
    try:
        with ck.use_cassette(path, mode=mode):
            for number in (10, 11, 12):
                ask(provider.url, number)
                answered += 1
    except (ck.CassetteSaveError, ck.CassetteBlocked) as error:
        return answered, error
    return answered, None


@pytest.mark.parametrize("mode", ["once", "new_episodes", "rewrite"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault(tmp_path: Path, provider: Provider, fault: str, mode: str) -> None:
    """Whichever call of the system fails: the caller gets its answers, the user of the tape the
    error, the file is as it was, and beside it is at most a journal. The next attempt succeeds."""
    kept = [1, 2] if mode == "new_episodes" else []
    for at_call in itertools.count():
        folder = tmp_path / str(at_call)
        path = folder / "x.yaml"
        old = None if mode == "once" else written(path, 1, 2)
        failing = Fault(fault, at_call, tmp_path)
        with failing.injected():
            answered, error = attempt(path, mode, provider)
        if error is None:
            assert answered == 3
            assert asked(ck.load(path).interactions) == [*kept, 10, 11, 12]
        else:
            assert_as_it_was(path, old)
            assert_told(error, answered, provider, path)
            assert attempt(path, mode, provider) == (3, None)
        assert names(folder) == ["x.yaml"]
        if failing.is_due:
            break
    assert at_call >= 2


def assert_as_it_was(path: Path, old: bytes | None) -> None:
    """The file, and a journal of which everything can be read but what tore."""
    assert (path.read_bytes() if path.exists() else None) == old
    part = part_path(path)
    if part.exists():
        assert set(asked(read_part(path).interactions)) <= {10, 11, 12}
        assert read_part(path).interactions
    allowed = [file.name for file in (path, part) if file.exists()]
    assert names(path.parent) == allowed


def assert_told(error: BaseException, answered: int, provider: Provider, path: Path) -> None:
    """A file that cannot even be locked is told before anything goes live, all else at the end."""
    assert str(path) in str(error)
    if isinstance(error, ck.CassetteBlocked):
        assert "cannot be written here" in str(error)
        assert (answered, len(provider.requests)) == (0, 0)
    else:
        assert answered == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_accept(tmp_path: Path, fault: str) -> None:
    """What cannot be accepted stays as it is, and can be accepted the next time."""
    for at_call in itertools.count():
        path = tmp_path / str(at_call) / "x.yaml"
        old = written(path, 1)
        left(path, 2)
        failing = Fault(fault, at_call, tmp_path)
        error = None
        with failing.injected():
            try:
                accepted(path)
            except ck.CassetteSaveError as caught:
                error = caught
        if error is not None:
            assert path.read_bytes() == old
            assert names(path.parent) == ["x.yaml", "x.yaml.part"]
            accepted(path)
        assert asked(ck.load(path).interactions) == [1, 2]
        assert names(path.parent) == ["x.yaml"]
        if failing.is_due:
            break
    assert at_call >= 1


@posix
def test_a_journal_that_stays(tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be removed does not make a saved recording an error, and is known as
    saved afterwards."""
    journal = Journal(tape, replaces=False)
    journal.append(asking(1), 0, unchecked)

    unlink = os.unlink

    def refuse(path: Any, **options: Any) -> None:
        if os.fspath(path).endswith(".part"):
            raise PermissionError(1, "Operation not permitted", path)
        unlink(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        journal.commit([asking(1)], unchecked)
        with pytest.raises(ck.CassetteSaveError, match="not removed: Operation not permitted"):
            accepted(tape)
    assert asked(ck.load(tape).interactions) == [1]
    assert accepted(tape).was_saved
    assert names(tape.parent) == ["x.yaml"]

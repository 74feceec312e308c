"""A recording that is killed leaves the old cassette or the new one, and all that it had finished.

The victims are forks of a launcher, which is this file run as a program: they record against a
server in this process, and die by SIGKILL. bench/kill_many.py is the long form.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import httpx
import pytest
from provider import Answer, Provider
from tapes import interaction

import cassette_kit as ck
from cassette_kit.store.journal import accept, part_path, read_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")

MODES = ["once", "new_episodes", "rewrite"]
KEY = "canary-5f0c1f7d9be24b7e8a3d6c2b1a90e4f7"
EXCHANGES = 4
OLD = [-2, -1]
ENOUGH = 10_000
CALLS = ("mkdir", "open", "write", "fsync", "chmod", "replace", "unlink", "rmdir")
WARM = ("filelock", "httpcore", "yaml", "cassette_kit.clients.takeover", "cassette_kit.recorder")


# --- the victim -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """What a victim records, and when it dies.

    `at_call`: before that call of a function that changes files, counted from 0; if `half`, in the
    middle of that write, other calls not counted. `after_lines`: so long after it has said that so
    many exchanges were finished. Neither: it lives.
    """

    path: str
    url: str
    mode: str
    at_call: int | None = None
    half: bool = False
    after_lines: int | None = None
    delay_s: float = 0.0


@dataclass(frozen=True)
class Death:
    """How it ended: the exchanges that it had said were finished, and whether it was killed."""

    finished: list[int]
    killed: bool


def record(order: Order, say: Callable[[int], object]) -> None:
    """Record pairs of exchanges, of which the one that is asked first ends last."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with ck.use_cassette(order.path, mode=order.mode):
        with httpx.Client(headers=headers, verify=False, trust_env=False) as client:
            for number in range(0, EXCHANGES, 2):
                with client.stream("POST", order.url, json={"q": number}) as first:
                    client.post(order.url, json={"q": number + 1})
                    say(number + 1)
                    first.read()
                    say(number)


def arm(at_call: int, half: bool) -> None:
    """Let this process die at a call of a function that changes files."""
    calls = itertools.count()

    def armed(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == at_call:
                if half:
                    original(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return call

    for name in ["write"] if half else CALLS:
        setattr(os, name, armed(getattr(os, name)))


def launched(order: Order) -> Death:
    """Fork a victim, let it record and die, and say how it went."""
    lines, said = os.pipe()
    write = os.write
    victim = os.fork()
    if victim == 0:
        if order.at_call is not None:
            arm(order.at_call, order.half)
        try:
            record(order, lambda number: write(said, b"%d\n" % number))
        except ck.CassetteSaveError:
            os._exit(1)
        os._exit(0)
    os.close(said)
    with open(lines) as reader:
        finished = [int(line) for line in itertools.islice(reader, order.after_lines)]
        if order.after_lines is not None:
            time.sleep(order.delay_s)  # waits for nothing: it makes the moment a random one
            os.kill(victim, signal.SIGKILL)
        finished += map(int, reader)
    _, status = os.waitpid(victim, 0)
    return Death(finished, os.WIFSIGNALED(status))


def launch() -> None:
    """Carry out orders from the standard input, a line each. What a victim would import is here
    before it is forked."""
    for module in WARM:
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(asdict(launched(Order(**json.loads(line))))), flush=True)


# --- the observer ---------------------------------------------------------------------------------


class Launcher:
    """The process that the victims are forked from; importing takes longer than recording."""

    def __enter__(self) -> Self:
        paths = [str(Path(ck.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={
                **os.environ,
                "CI": "",
                "CASSETTE_MODE": "",
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __call__(self, order: Order) -> Death:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return Death(**json.loads(self._process.stdout.readline()))

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)


@dataclass(frozen=True)
class Scene:
    """A cassette in a folder of its own; `once` has to make both."""

    path: Path
    mode: str
    old: bytes | None

    @classmethod
    def set(cls, folder: Path, mode: str) -> Self:
        if mode == "once":
            return cls(folder / "new" / "tape.yaml", mode, None)
        path = folder / "tape.yaml"
        ck.dump(ck.Cassette(tuple(interaction(b'{"q":%d}' % number) for number in OLD)), path)
        return cls(path, mode, path.read_bytes())

    @property
    def kept(self) -> list[int]:
        """What a recording in this mode leaves of the old cassette."""
        return OLD if self.mode == "new_episodes" else []

    @property
    def content(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None

    @property
    def files(self) -> list[Path]:
        folder = self.path.parent
        return sorted(folder.iterdir()) if folder.exists() else []

    def check(self, death: Death) -> Literal["old", "new"]:
        """What must hold once a victim is dead, before and after its journal is accepted."""
        for file in self.files:
            assert KEY.encode() not in file.read_bytes(), file
        if self.content != self.old:
            self._check_new()
            return "new"
        given = asked(read_part(self.path)) if part_path(self.path).exists() else []
        assert given == sorted(given)
        assert set(death.finished) <= set(given)
        assert len(given) <= len(death.finished) + 1
        if given:
            accept(self.path, lambda path, text: None)
            assert asked(ck.load(self.path)) == [*self.kept, *given]
            assert self.files == [self.path]
        return "old"

    def _check_new(self) -> None:
        assert asked(ck.load(self.path)) == [*self.kept, *range(EXCHANGES)]
        if part_path(self.path).exists():
            new = self.content
            assert accept(self.path, lambda path, text: None).was_saved
            assert self.content == new


def asked(holder: Any) -> list[int]:
    """The numbers in the requests of a cassette or journal."""
    return [interaction.request.json()["q"] for interaction in holder.interactions]


@contextlib.contextmanager
def serving() -> Iterator[Provider]:
    """A server that answers whatever victims ask; at /echo with their key."""
    with Provider() as provider:
        provider.on("/", *[Answer.sse([b"data: 1\n\n", b"data: 2\n\n"])] * ENOUGH)
        provider.on("/echo", *[Answer.sse([b"data: ", KEY.encode(), b"\n\n"])] * ENOUGH)
        yield provider


@pytest.fixture(name="provider", scope="module")
def _provider() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture(name="launch", scope="module")
def _launch() -> Iterator[Launcher]:
    with Launcher() as launcher:
        yield launcher


def killed_at_random(
    seed: int, folder: Path, url: str, launch: Launcher
) -> tuple[Scene, Death, Literal["old", "new"]]:
    """One kill at a random moment, checked."""
    chance = random.Random(seed)
    scene = Scene.set(folder, MODES[seed % 3])
    lines, delay_s = chance.randint(0, EXCHANGES), chance.uniform(0, 0.01)
    order = Order(str(scene.path), url, scene.mode, after_lines=lines, delay_s=delay_s)
    death = launch(order)
    return scene, death, scene.check(death)


@pytest.mark.parametrize("seed", range(21))
def test_any_moment(seed: int, tmp_path: Path, provider: Provider, launch: Launcher) -> None:
    """What a victim had finished is in its journal, and its cassette is never half a one."""
    scene, _, _ = killed_at_random(seed, tmp_path, provider.url, launch)
    assert not launch(Order(str(scene.path), provider.url, "rewrite")).killed
    assert asked(ck.load(scene.path)) == list(range(EXCHANGES))
    assert scene.files == [scene.path]


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_every_call(
    mode: str, half: bool, tmp_path: Path, provider: Provider, launch: Launcher
) -> None:
    """The same at each call of the operating system, so that no gap is left to chance."""
    outcomes = set()
    for at_call in itertools.count():
        folder = tmp_path / str(at_call)
        folder.mkdir()
        scene = Scene.set(folder, mode)
        death = launch(Order(str(scene.path), provider.url, mode, at_call=at_call, half=half))
        outcomes.add((scene.check(death), bool(death.finished)))
        if not death.killed:
            break
    assert outcomes == {("old", False), ("old", True), ("new", True)}
    assert scene.files == [scene.path]


@pytest.mark.parametrize("half", [False, True])
def test_an_echoed_key(half: bool, tmp_path: Path, provider: Provider, launch: Launcher) -> None:
    """A key that the upstream sends back is on disk at no moment, nor in what a kill leaves."""
    for at_call in itertools.count():
        folder = tmp_path / str(at_call)
        folder.mkdir()
        scene = Scene.set(folder, "new_episodes")
        order = Order(str(scene.path), f"{provider.url}/echo", scene.mode, at_call, half)
        death = launch(order)
        assert scene.content == scene.old
        for file in scene.files:
            assert KEY.encode() not in file.read_bytes()
        if not death.killed:
            break
    assert death.finished == [1, 0, 3, 2]
    assert scene.files == [scene.path]


if __name__ == "__main__":
    launch()

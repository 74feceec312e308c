"""Whose call it is: tasks, threads, nested and concurrent tapes, in any order of closing."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import socket
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
import scratch
import tapes
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
CLIENT = httpx.Client(verify=False)
NOBODY = r"^POST https://api\.example\.com/v1/chat belongs to no cassette: \d are open"


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert scratch.left_behind() == []


@pytest.fixture(name="tape")
def tape_maker(tmp_path: Path) -> Callable[[str], ck.use_cassette]:
    """Makes blocks whose cassette answers every call with its own name."""

    def tape(name: str) -> ck.use_cassette:
        path = tmp_path / f"{name}.yaml"
        ck.dump(scratch.cassette(name), path)
        return ck.use_cassette(path, mode="replay", repeats=True)

    return tape


def ask(question: int = 1) -> str:
    """The name of the tape that answers."""
    return str(CLIENT.post(tapes.URL, json={"q": question}).json()["a"])


async def ask_async(question: int = 1) -> str:
    async with httpx.AsyncClient(verify=False) as client:
        return str((await client.post(tapes.URL, json={"q": question})).json()["a"])


def in_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns or raises in a new thread, which has no context but its own."""
    outcomes: list[Any] = []

    def run() -> None:
        try:
            outcomes.append(work())
        except BaseException as error:
            outcomes.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(outcomes[0], BaseException):
        raise outcomes[0]
    return outcomes[0]


def test_the_innermost_answers(tape: Any) -> None:
    """A block inside another takes the calls and gives them back at its end."""
    with tape("outer"):
        with tape("inner"):
            assert ask() == "inner"
        assert ask() == "outer"


def test_one_block_twice(tape: Any) -> None:
    """One `use_cassette` entered again, nested or later, is a new tape each time."""
    block = tape("x")
    with block as first, block as second:
        assert first is not second
        assert ask() == "x"
        assert (len(first.requests), len(second.requests)) == (0, 1)
    with block as third:
        assert len(third.unplayed) == 1


async def test_tasks_keep_to_their_own(tape: Any) -> None:
    """Tasks that run at the same time, each in a block of its own, do not mix their calls."""
    answers: dict[str, set[str]] = {}
    all_open = anyio.Event()

    async def work(name: str) -> None:
        async with tape(name):
            if len(answers) == 2:
                all_open.set()
            answers.setdefault(name, set())
            await all_open.wait()
            for _ in range(3):
                answers[name].add(await ask_async())
                await anyio.sleep(0)

    async with anyio.create_task_group() as tasks:
        for name in "abc":
            tasks.start_soon(work, name)
    assert answers == {name: {name} for name in "abc"}


async def test_what_a_block_spawns_is_its_own(tape: Any) -> None:
    """Tasks and `to_thread` inherit the block's tape, also beside another one."""
    answers: list[str] = []

    async def child() -> None:
        answers.append(await ask_async())
        answers.append(await anyio.to_thread.run_sync(ask))

    with tape("other"):
        async with tape("mine"), anyio.create_task_group() as tasks:
            tasks.start_soon(child)
    assert answers == ["mine", "mine"]


def test_a_thread_has_the_only_tape(tape: Any) -> None:
    """A worker thread, which knows no context, gets what it can only mean: the one open tape."""
    with tape("x"):
        assert in_thread(ask) == "x"
        with ThreadPoolExecutor(2) as pool:
            assert set(pool.map(lambda _: ask(), range(4))) == {"x"}


def test_a_thread_beside_several_tapes_is_stopped(tape: Any) -> None:
    """Nobody can tell which tape it means: it says what to do, and no block can swallow it."""
    with pytest.raises(ck.CassetteBlocked):
        with tape("outer") as outer:
            with pytest.raises(ck.CassetteBlocked):
                with tape("inner") as inner:
                    with pytest.raises(ck.CassetteBlocked, match=NOBODY) as stopped:
                        in_thread(ask)
    assert "contextvars.copy_context()" in str(stopped.value)
    assert outer.misses == inner.misses == [stopped.value]
    assert outer.requests == inner.requests == []


def test_a_connection_beside_several_tapes_is_stopped(tape: Any) -> None:
    """At the socket the rule is the same; loopback is nobody's business."""
    with pytest.raises(ck.CassetteBlocked):
        with tape("outer"), tape("inner"):
            with pytest.raises(
                ck.CassetteBlocked, match=r"the look-up of api\.example\.com belongs"
            ):
                in_thread(lambda: socket.create_connection(("api.example.com", 443)))
            with socket.create_server(("127.0.0.1", 0)) as server:
                in_thread(lambda: socket.create_connection(server.getsockname()).close())


def test_a_thread_with_a_copy_of_the_context(tape: Any) -> None:
    """What the message advises works."""
    with tape("outer"):
        outer = contextvars.copy_context()
        with tape("inner"):
            inner = contextvars.copy_context()
            assert in_thread(lambda: outer.run(ask)) == "outer"
            assert in_thread(lambda: inner.run(ask)) == "inner"


def test_a_context_whose_tape_was_closed(tape: Any) -> None:
    """A worker that was made under one tape, such as a pool's, is under the next one later."""
    with tape("first"):
        context = contextvars.copy_context()
        assert context.run(ask) == "first"
    with tape("second"):
        assert context.run(ask) == "second"
    with pytest.raises(httpx.ConnectError):
        context.run(CLIENT.get, "http://127.0.0.1:9/")


async def test_a_task_that_outlives_its_block(tape: Any) -> None:
    """A task goes on after its block as if it had never had one: to the only tape, or out."""
    go, answers = anyio.Event(), []

    async def late() -> None:
        await go.wait()
        answers.append(await ask_async())

    async with anyio.create_task_group() as tasks:
        async with tape("first"):
            tasks.start_soon(late)
            await anyio.sleep(0)
        async with tape("second"):
            go.set()
            while not answers:
                await anyio.sleep(0)
    assert answers == ["second"]


def test_a_block_closed_elsewhere(tape: Any) -> None:
    """A block that is closed in another context than it was opened in is closed all the same."""
    block = tape("x")
    context = contextvars.copy_context()
    context.run(block.__enter__)
    assert ask() == context.run(ask) == "x"
    in_thread(lambda: block.__exit__(None, None, None))
    assert context.run(scratch.left_behind) == []


def test_decorated_functions(tape: Any) -> None:
    """Each call of a decorated function has a tape of its own, also several at a time."""
    decorated = tape("x")(ask_async)

    async def main() -> list[str]:
        return await asyncio.gather(*(decorated() for _ in range(5)))

    assert asyncio.run(main()) == ["x"] * 5


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_block_that_ends_in_an_error(tape: Any, ending: type[BaseException]) -> None:
    """Whatever ends the block closes the tape, and arrives as it is."""
    with pytest.raises(ending):
        with tape("x"):
            raise ending
    assert scratch.left_behind() == []


def test_a_block_that_cannot_be_opened(tmp_path: Path) -> None:
    """A cassette that cannot be read leaves nothing open and nothing patched."""
    path = tmp_path / "broken.yaml"
    path.write_text("version: 2")
    with pytest.raises(ck.CassetteFormatError), ck.use_cassette(path, mode="replay"):
        pass


def test_a_closed_tape_is_let_go_of(tape: Any) -> None:
    """The context that goes on after a block does not keep its cassette in memory."""
    with tape("x") as opened:
        assert ask() == "x"
    closed = weakref.ref(opened)
    del opened
    gc.collect()
    assert closed() is None


PLACES = st.integers(0, 2)
NAMES = st.sampled_from("abcd")


class Contexts(RuleBasedStateMachine):
    """Tapes opened and closed in three contexts, in whatever order, beside a model of them."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.contexts = [contextvars.Context() for _ in range(3)]
        self.entered: list[list[str]] = [[] for _ in self.contexts]
        self.open: dict[str, tuple[ck.use_cassette, ck.Tape]] = {}

    @rule(name=NAMES, where=PLACES)
    def open_tape(self, name: str, where: int) -> None:
        if name in self.open:
            return
        path = self.folder / f"{name}.yaml"
        ck.dump(scratch.cassette(name), path)
        block = ck.use_cassette(path, mode="replay", repeats=True)
        self.open[name] = block, self.contexts[where].run(block.__enter__)
        self.entered[where].append(name)

    @rule(name=NAMES, where=PLACES)
    def close_tape(self, name: str, where: int) -> None:
        if name in self.open:
            self.close(name, self.contexts[where])

    def close(self, name: str, context: contextvars.Context) -> None:
        block, tape = self.open.pop(name)
        tape.misses.clear()  # of the calls that belonged to nobody
        context.run(block.__exit__, None, None, None)
        self.entered = [[other for other in names if other != name] for names in self.entered]

    @rule(source=PLACES, where=PLACES)
    def copy_context(self, source: int, where: int) -> None:
        self.contexts[where] = self.contexts[source].run(contextvars.copy_context)
        self.entered[where] = list(self.entered[source])

    @invariant()
    def every_call_goes_where_the_model_says(self) -> None:
        for context, names in zip(self.contexts, self.entered, strict=True):
            if names or len(self.open) == 1:
                assert context.run(ask) == (names or list(self.open))[-1]
            elif self.open:
                with pytest.raises(ck.CassetteBlocked, match=NOBODY):
                    context.run(ask)
            else:
                assert context.run(scratch.left_behind) == []

    def teardown(self) -> None:
        for name in list(self.open):
            self.close(name, contextvars.Context())
        assert scratch.left_behind() == []


def test_any_order_of_opening_and_closing(tmp_path: Path) -> None:
    """The rule holds in all contexts at all times, and the end leaves nothing patched."""
    Contexts.folder = tmp_path
    run_state_machine_as_test(
        Contexts, settings=settings(max_examples=40, stateful_step_count=15, deadline=None)
    )

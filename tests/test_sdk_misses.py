"""A request without a recording fails the program that made it, whatever stands in between."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anthropic
import anyio
import openai
import pytest
import tenacity
from backends import anyio_backend  # noqa: F401
from google import genai
from sdk_calls import KEY, SDKS, Call, Sdk, ask, ask_async, unreachable, without_settings
from tapes import written

from cassette_kit import (
    CassetteBlocked,
    CassetteMiss,
    Interaction,
    Mismatch,
    Request,
    Response,
    Tape,
    use_cassette,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

pytestmark = pytest.mark.anyio

NOT_RECORDED = "Und in Genf?"


def calls_of(names: Collection[str]) -> pytest.MarkDecorator:
    """Parametrise with the calls, plain and streamed, of the SDKs so named."""
    calls = [(sdk, call) for sdk in SDKS if sdk.name in names for call in sdk.calls]
    ids = [f"{sdk.name}-{'stream' if call.streams else 'plain'}" for sdk, call in calls]
    return pytest.mark.parametrize(("sdk", "call"), calls, ids=ids)


EVERY_CALL = calls_of([sdk.name for sdk in SDKS])


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_settings(monkeypatch)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What reached the network, below whatever a tape puts in its way."""
    return unreachable(monkeypatch)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every sleep that somebody asked for; none is slept."""
    taken: list[Any] = []

    async def nap(*args: Any) -> None:
        taken.append(args)

    monkeypatch.setattr(time, "sleep", lambda *args: taken.append(args))
    monkeypatch.setattr(asyncio, "sleep", nap)
    monkeypatch.setattr(anyio, "sleep", nap)
    return taken


def check_miss(call: Call, error: BaseException, tape: Tape) -> None:
    """The miss came through unharmed, after one attempt."""
    assert isinstance(error, CassetteMiss)
    first_line = str(error).splitlines()[0]
    assert first_line == f"no recorded interaction answers POST {call.url}"
    assert len(tape.requests) == 1
    assert tape.misses == [error]
    assert tape.played == []


@EVERY_CALL
def test_miss(sdk: Sdk, call: Call, naps: list[Any], attempts: list[Any]) -> None:
    """No sync SDK retries a miss, waits for a better time or puts an error of its own over it."""
    with pytest.raises(CassetteMiss) as caught:
        with use_cassette(sdk.cassette, mode="replay") as tape:
            ask(sdk.client(), call, NOT_RECORDED)
    check_miss(call, caught.value, tape)
    assert (naps, attempts) == ([], [])


@EVERY_CALL
async def test_async_miss(sdk: Sdk, call: Call, naps: list[Any], attempts: list[Any]) -> None:
    """No async SDK does either."""
    with pytest.raises(CassetteMiss) as caught:
        async with use_cassette(sdk.cassette, mode="replay") as tape:
            await ask_async(sdk.async_client(), call, NOT_RECORDED)
    check_miss(call, caught.value, tape)
    assert (naps, attempts) == ([], [])


# Ways to use a client ------------------------------------------------------------------------


class Program:
    """A program that asks what was not recorded."""

    def __init__(self, sdk: Sdk, call: Call) -> None:
        self._sdk, self._call = sdk, call

    def ask(self) -> list[Any]:
        return ask(self._sdk.client(), self._call, NOT_RECORDED)

    async def ask_async(self) -> list[Any]:
        return await ask_async(self._sdk.async_client(), self._call, NOT_RECORDED)


def plain(program: Program) -> None:
    program.ask()


def except_exception(program: Program) -> None:
    with suppress(Exception):
        program.ask()


def bare_except(program: Program) -> None:
    try:
        program.ask()
    except:  # noqa: E722
        return


def agent_loop(program: Program) -> None:
    for _ in range(3):
        try:
            program.ask()
        except Exception:
            continue


def retried_by_tenacity(program: Program) -> None:
    tenacity.retry(stop=tenacity.stop_after_attempt(3))(program.ask)()


def thread_pool(program: Program) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(program.ask).result()


def bare_thread(program: Program) -> None:
    thread = threading.Thread(target=program.ask)
    thread.start()
    thread.join()


async def awaited(program: Program) -> None:
    await program.ask_async()


async def wait_for(program: Program) -> None:
    await asyncio.wait_for(program.ask_async(), timeout=60)


async def gather(program: Program) -> None:
    await asyncio.gather(asyncio.sleep(0), program.ask_async())


async def gather_exceptions(program: Program) -> None:
    await asyncio.gather(asyncio.sleep(0), program.ask_async(), return_exceptions=True)


async def task_group(program: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(program.ask_async())


async def anyio_group(program: Program) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(program.ask_async)


async def to_thread(program: Program) -> None:
    await asyncio.to_thread(program.ask)


async def fire_and_forget(program: Program) -> None:
    """The task ends inside the block, and nobody asks how."""
    over = asyncio.Event()
    task = asyncio.create_task(program.ask_async())
    task.add_done_callback(lambda _: over.set())
    await over.wait()


class End(Enum):
    """Where a miss comes to light."""

    RAISED = "out of the program"
    GROUPED = "out of the program, in a BaseExceptionGroup"
    SWALLOWED = "on leaving the block alone"


WAYS: dict[Callable[[Program], Any], End] = {
    plain: End.RAISED,
    except_exception: End.RAISED,
    bare_except: End.SWALLOWED,
    agent_loop: End.RAISED,
    retried_by_tenacity: End.RAISED,
    thread_pool: End.RAISED,
    bare_thread: End.SWALLOWED,
    awaited: End.RAISED,
    wait_for: End.RAISED,
    gather: End.RAISED,
    gather_exceptions: End.SWALLOWED,
    task_group: End.GROUPED,
    anyio_group: End.GROUPED,
    to_thread: End.RAISED,
    fire_and_forget: End.SWALLOWED,
}


# Pytest notices as well that a bare thread died of the miss.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@calls_of(["anthropic", "groq"])  # one of each family; both hide what is an Exception
async def test_way(way: Callable[[Program], Any], sdk: Sdk, call: Call) -> None:
    """A miss surfaces once, as itself: on leaving the block if the program swallowed it."""
    swallowed = False
    with pytest.raises((CassetteMiss, BaseExceptionGroup)) as caught:
        async with use_cassette(sdk.cassette, mode="replay") as tape:
            done = way(Program(sdk, call))
            if inspect.isawaitable(done):
                await done
            swallowed = True
    error: BaseException = caught.value
    surfaced = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else [error]
    assert surfaced == tape.misses
    assert [isinstance(error, CassetteMiss) for error in surfaced] == [True]
    raised = End.RAISED if surfaced == [error] else End.GROUPED
    assert WAYS[way] is (End.SWALLOWED if swallowed else raised)


# What no cassette answers --------------------------------------------------------------------

# Recordings: the name that the text gives the SDK, and a client over aiohttp.
AIOHTTP: dict[str, tuple[str, Callable[[], Any]]] = {
    "openai-chat": (
        "openai",
        lambda: openai.AsyncOpenAI(api_key=KEY, http_client=openai.DefaultAioHttpClient()),
    ),
    "anthropic": (
        "anthropic",
        lambda: anthropic.AsyncAnthropic(api_key=KEY, http_client=anthropic.DefaultAioHttpClient()),
    ),
    "gemini": ("google-genai", lambda: genai.Client(api_key=KEY).aio),
}


# google-genai derives its session from aiohttp's, which aiohttp discourages.
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
@calls_of(AIOHTTP)
async def test_aiohttp(sdk: Sdk, call: Call, naps: list[Any], attempts: list[Any]) -> None:
    """A client over aiohttp is not answered, but stopped at once, and the text names the SDK.

    google-genai's async client goes that way by default where aiohttp is installed.
    """
    name, make_client = AIOHTTP[sdk.name]
    with pytest.raises(CassetteBlocked) as caught:
        async with use_cassette(sdk.cassette, mode="replay") as tape:
            async with make_client() as client:
                await ask_async(client, call)
    first, who, *_ = str(caught.value).splitlines()
    assert first.startswith("blocked a ")
    assert first.endswith(f" that would leave the machine: {urlsplit(call.url).netloc}:443")
    assert who.split(maxsplit=1) == ["client", f"{name} over aiohttp"]
    assert tape.misses == [caught.value]
    assert tape.requests == []
    assert (naps, attempts) == ([], [])


def broken(live: Request, taped: Request) -> Mismatch | None:
    """A matcher that its author did not finish."""
    raise KeyError(taped.headers["x-session"])


def test_a_broken_matcher(tmp_path: Path, naps: list[Any], attempts: list[Any]) -> None:
    """An exception of the caller's own matcher is no "Connection error." of an SDK."""
    sent = Request("POST", "https://api.openai.com/v1/chat/completions")
    path = written(tmp_path, [Interaction(sent, Response(200))])
    with pytest.raises(CassetteBlocked) as caught:
        with use_cassette(path, mode="replay", match=["method", "url", broken]):
            openai.OpenAI(api_key=KEY).chat.completions.create(model="m", messages=[])
    assert str(caught.value).splitlines()[0] == (
        "POST https://api.openai.com/v1/chat/completions could not be matched: "
        "KeyError('x-session')"
    )
    assert isinstance(caught.value.__cause__, KeyError)
    assert (naps, attempts) == ([], [])

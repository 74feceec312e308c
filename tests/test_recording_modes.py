"""Modes against a live server: what plays, what is recorded, what misses, what the file holds."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from live import OUR_SETTINGS, WAYS, Client, Way
from provider import Answer, Gate, Provider
from tapes import JSON

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

RECORDING = ["once", "new_episodes", "rewrite"]


@pytest.fixture(name="way", params=WAYS, ids=str)
def _way(request: pytest.FixtureRequest) -> Way:
    way: Way = request.param
    return way


@pytest.fixture(name="anyio_backend")
def _backend(way: Way) -> str:
    return way.backend


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUR_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture(name="provider")
def _provider(server: Provider) -> Iterator[Provider]:
    """Answers its first request with 1, the next with 2, and so on."""
    server.script(*(Answer.json([b"%d" % number]) for number in range(1, 9)))
    yield server
    server.clear()


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "tape.yaml"


class Caller:
    """Asks questions through one client; a miss is an answer too."""

    def __init__(self, client: Client, provider: Provider) -> None:
        self._client = client
        self._url = provider.url

    async def ask(self, question: int) -> str:
        response = await self._client.send("POST", f"{self._url}/v1", json={"q": question})
        return str(response.text)

    async def tried(self, question: int) -> str:
        try:
            return await self.ask(question)
        except ck.CassetteMiss:
            return "miss"


def taped(provider: Provider, **answers: str) -> ck.Cassette:
    """A cassette that has these answers to the questions `q1`, `q2`, ..."""
    url = f"{provider.url}/v1"
    return ck.Cassette(
        tuple(
            ck.Interaction(
                ck.Request("POST", url, JSON, b'{"q": %d}' % int(question[1:])),
                ck.Response(200, JSON, answer.encode(), status="200 OK"),
                id=number,
            )
            for number, (question, answer) in enumerate(answers.items())
        )
    )


def answers(path: Path) -> list[str] | None:
    """What the file holds, if there is one."""
    if not path.exists():
        return None
    return [one.response.body.decode() for one in ck.load(path).interactions]


def ends_in_a_miss() -> AbstractContextManager[Any]:
    return pytest.raises(ck.CassetteMiss, match="no recorded interaction answers POST")


def inside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("*"))


OLD = "old"
MODES = [
    # mode, file there?, what the known and two unknown questions get, what the file holds then
    ("replay", False, ["miss", "miss", "miss"], None),
    ("replay", True, [OLD, "miss", "miss"], [OLD]),
    ("none", True, [OLD, "miss", "miss"], [OLD]),
    ("once", False, ["1", "2", "3"], ["1", "2", "3"]),
    ("once", True, [OLD, "miss", "miss"], [OLD]),
    ("new_episodes", False, ["1", "2", "3"], ["1", "2", "3"]),
    ("new_episodes", True, [OLD, "1", "2"], [OLD, "1", "2"]),
    ("rewrite", False, ["1", "2", "3"], ["1", "2", "3"]),
    ("rewrite", True, ["1", "2", "3"], ["1", "2", "3"]),
    ("all", True, ["1", "2", "3"], ["1", "2", "3"]),
    ("off", False, ["1", "2", "3"], None),
    ("off", True, ["1", "2", "3"], [OLD]),
]


@pytest.mark.parametrize(("mode", "is_there", "got", "held"), MODES)
@pytest.mark.parametrize("explicit", [False, True], ids=["intercepted", "transport"])
async def test_a_mode(
    *,
    path: Path,
    way: Way,
    provider: Provider,
    explicit: bool,
    mode: str,
    is_there: bool,
    got: list[str],
    held: list[str] | None,
) -> None:
    """One known question and one asked twice: who answers, what is counted, what is kept."""
    if is_there:
        ck.dump(taped(provider, q1=OLD), path)
    before = path.read_bytes() if is_there else None
    with ends_in_a_miss() if "miss" in got else nullcontext():
        with ck.use_cassette(path, mode=mode, intercept=not explicit) as tape:
            options = {"transport": tape.transport(way.family)} if explicit else {}
            async with way.client(**options) as client:
                caller = Caller(client, provider)
                assert [await caller.tried(question) for question in (1, 2, 2)] == got
    live = [answer for answer in got if answer.isdecimal()]
    assert answers(path) == held
    assert len(provider.requests) == len(live)
    assert (len(tape.played), tape.unplayed) == (got.count(OLD), [])
    assert len(tape.misses) == got.count("miss")
    recorded = [one.response.body.decode() for one in tape.recorded]
    assert recorded == ([] if mode == "off" else live)
    if held == [OLD]:
        assert path.read_bytes() == before
    if held is None:
        assert not path.parent.exists()
    else:
        assert inside(path) == ["tape.yaml"]


@pytest.mark.parametrize("mode", ["replay", *RECORDING])
async def test_every_request_is_seen(path: Path, way: Way, provider: Provider, mode: str) -> None:
    """A test may assert on what was sent, whoever answered."""
    ck.dump(taped(provider, q1=OLD), path)
    with ck.use_cassette(path, mode=mode) as tape:
        async with way.client() as client:
            caller = Caller(client, provider)
            await caller.ask(1)
            if mode in ("new_episodes", "rewrite"):
                await caller.ask(2)
            else:
                with tape.expect_miss():
                    await caller.ask(2)
    assert [request.json() for request in tape.requests] == [{"q": 1}, {"q": 2}]
    assert tape.last_request.json() == {"q": 2}


async def test_what_was_recorded_is_not_replayed_in_its_session(
    path: Path, way: Way, provider: Provider
) -> None:
    """Three equal requests are three exchanges: 429, 429, 200 would else be recorded as 429."""
    ck.dump(taped(provider, q1=OLD), path)
    async with way.client() as client:
        caller = Caller(client, provider)
        with ck.use_cassette(path, mode="new_episodes"):
            assert [await caller.ask(1) for _ in range(3)] == [OLD, "1", "2"]
        with ck.use_cassette(path, mode="new_episodes") as tape:
            assert [await caller.ask(1) for _ in range(4)] == [OLD, "1", "2", "3"]
        assert (len(tape.played), len(tape.recorded)) == (3, 1)


async def test_new_episodes_leave_the_old_ones_alone(
    path: Path, way: Way, provider: Provider
) -> None:
    """A review shows an addition and nothing else."""
    ck.dump(taped(provider, q1=OLD), path)
    before = path.read_bytes()
    with ck.use_cassette(path, mode="new_episodes"):
        async with way.client() as client:
            await Caller(client, provider).ask(2)
    assert path.read_bytes().startswith(before)


@pytest.mark.parametrize("mode", ["replay", *RECORDING, "off"])
@pytest.mark.parametrize("is_there", [False, True])
def test_without_a_call_nothing_happens(path: Path, mode: str, is_there: bool) -> None:
    """No file, no folder, no lock; a cassette that is there keeps its bytes."""
    if is_there:
        path.parent.mkdir()
        path.write_bytes(b"---\nversion: 2\ninteractions: [] # by hand\n")
    with ck.use_cassette(path, mode=mode) as tape:
        pass
    assert (tape.requests, tape.recorded, tape.played, tape.misses) == ([], [], [], [])
    assert inside(path) == (["tape.yaml"] if is_there else [])
    assert path.parent.exists() is is_there
    if is_there:
        assert path.read_bytes() == b"---\nversion: 2\ninteractions: [] # by hand\n"


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("mode", RECORDING)
async def test_a_test_that_failed(
    *, path: Path, way: Way, provider: Provider, mode: str, is_there: bool
) -> None:
    """Its recordings wait in the journal; the cassette is as it was."""
    if is_there and mode == "once":
        pytest.skip("nothing is recorded")
    if is_there:
        ck.dump(taped(provider, q1=OLD), path)
    with pytest.raises(ZeroDivisionError):
        with ck.use_cassette(path, mode=mode):
            async with way.client() as client:
                await Caller(client, provider).ask(2)
                raise ZeroDivisionError
    assert answers(path) == ([OLD] if is_there else None)
    assert inside(path) == [*(["tape.yaml"] if is_there else []), "tape.yaml.part"]


async def test_a_swallowed_alarm_is_a_failure(path: Path, way: Way, provider: Provider) -> None:
    """A test that goes on after its alarm has proven nothing: what it recorded must wait."""
    held = Gate()
    provider.on("/cut", Answer.sse([b"data: 1\n\n", b"data: 2\n\n"], pauses={1: held}))
    async with way.client() as client:
        with ck.use_cassette(path, mode="once"):
            url = f"{provider.url}/cut"
            response = await client.send("GET", url, stream=True)
            await client.close(response)
            held.open()
        with pytest.raises(ck.CassetteTruncated):
            with ck.use_cassette(path, mode="new_episodes"):
                with pytest.raises(ck.CassetteTruncated):
                    await client.send("GET", url)
                await Caller(client, provider).ask(1)
    assert answers(path) == [""]
    assert inside(path) == ["tape.yaml", "tape.yaml.part"]


@pytest.mark.parametrize("mode", ["replay", *RECORDING])
def test_a_file_that_cannot_be_read(path: Path, mode: str) -> None:
    """It is neither missing nor replaced, whatever the mode; a merge conflict is no permission."""
    path.parent.mkdir()
    path.write_bytes(b"<<<<<<< ours\n")
    with pytest.raises(ck.CassetteFormatError, match=r"tape\.yaml"):
        with ck.use_cassette(path, mode=mode):
            pass
    assert inside(path) == ["tape.yaml"]
    assert path.read_bytes() == b"<<<<<<< ours\n"


async def test_a_file_that_appears_before_the_first_request(
    path: Path, way: Way, provider: Provider
) -> None:
    """Two runs at once: what the other one has recorded is played, not recorded over."""
    with ck.use_cassette(path, mode="once") as tape:
        ck.dump(taped(provider, q1=OLD), path)
        async with way.client() as client:
            assert await Caller(client, provider).ask(1) == OLD
    assert (len(tape.played), tape.recorded, answers(path)) == (1, [], [OLD])


# --- CI -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [None, *RECORDING, "off"])
async def test_in_ci_nothing_is_recorded(
    path: Path, way: Way, provider: Provider, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the code says, a call without a recording misses and the server stays alone."""
    monkeypatch.setenv("CI", "true")
    with ends_in_a_miss():
        with ck.use_cassette(path, **({"mode": mode} if mode else {})) as tape:
            async with way.client() as client:
                await Caller(client, provider).ask(1)
    assert (tape.mode, provider.requests, path.parent.exists()) == ("replay", [], False)


async def test_in_ci_the_command_to_record_needs_a_permission(
    path: Path, way: Way, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is meant to record says so twice."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("CASSETTE_MODE", "rewrite")
    with pytest.raises(ck.CassetteOptionError, match="CASSETTE_ALLOW_CI_RECORDING=1"):
        with ck.use_cassette(path):
            pass
    monkeypatch.setenv("CASSETTE_ALLOW_CI_RECORDING", "1")
    with ck.use_cassette(path, mode="replay"):
        async with way.client() as client:
            assert await Caller(client, provider).ask(1) == "1"
    assert answers(path) == ["1"]


# --- who records ----------------------------------------------------------------------------------


async def test_a_transport_inside_an_interception_records_once(
    path: Path, way: Way, provider: Provider
) -> None:
    """The tape's own transport ends in one that is intercepted: one exchange, not two."""
    with ck.use_cassette(path, mode="once") as tape:
        async with way.client(transport=tape.transport(way.family)) as client:
            assert await Caller(client, provider).ask(1) == "1"
        async with way.client() as client:
            assert await Caller(client, provider).ask(2) == "2"
    assert answers(path) == ["1", "2"]
    assert len(tape.requests) == len(provider.requests) == 2


async def test_a_transport_of_the_users_own(path: Path, way: Way, provider: Provider) -> None:
    """A subclass that calls its parent is recorded once, with what it has changed."""

    class Plain(way.family.HTTPTransport):  # type: ignore[misc, name-defined]
        def handle_request(self, request: Any) -> Any:
            request.headers["accept"] = "text/own"
            return super().handle_request(request)

    class Async(way.family.AsyncHTTPTransport):  # type: ignore[misc, name-defined]
        async def handle_async_request(self, request: Any) -> Any:
            request.headers["accept"] = "text/own"
            return await super().handle_async_request(request)

    with ck.use_cassette(path, mode="once"):
        async with way.client(transport=Async() if way.is_async else Plain()) as client:
            await Caller(client, provider).ask(1)
    [recorded] = ck.load(path).interactions
    assert recorded.request.headers["accept"] == "text/own"


async def test_without_interception_default_clients_are_let_alone(
    path: Path, way: Way, provider: Provider
) -> None:
    """Only what goes through the tape's transport is the tape's."""
    with ck.use_cassette(path, mode="once", intercept=False) as tape:
        async with way.client() as client:
            await Caller(client, provider).ask(1)
        async with way.client(transport=tape.transport(way.family)) as client:
            await Caller(client, provider).ask(2)
    assert answers(path) == ["2"]
    assert [request.json() for request in tape.requests] == [{"q": 2}]


async def test_two_tapes_at_once(tmp_path: Path, way: Way, provider: Provider) -> None:
    """Each records its own clients' calls, into its own file."""
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    with (
        ck.use_cassette(paths[0], mode="once", intercept=False) as first,
        ck.use_cassette(paths[1], mode="once", intercept=False) as second,
    ):
        for tape in (second, first, second):
            async with way.client(transport=tape.transport(way.family)) as client:
                await Caller(client, provider).ask(1)
    assert [answers(path) for path in paths] == [["2"], ["1", "3"]]


async def test_the_inner_tape_has_the_call(tmp_path: Path, way: Way, provider: Provider) -> None:
    """Nested blocks: a call belongs to the innermost, and is not recorded by the outer one too."""
    paths = [tmp_path / "outer.yaml", tmp_path / "inner.yaml"]
    async with way.client() as client:
        caller = Caller(client, provider)
        with ck.use_cassette(paths[0], mode="once"):
            await caller.ask(1)
            with ck.use_cassette(paths[1], mode="once"):
                await caller.ask(2)
            await caller.ask(3)
    assert [answers(path) for path in paths] == [["1", "3"], ["2"]]


async def test_hosts_that_pass(path: Path, way: Way, provider: Provider) -> None:
    """What `allow_hosts` names is neither played nor recorded, and makes no file."""
    with ck.use_cassette(path, mode="rewrite", allow_hosts=["127.0.0.*"]) as tape:
        async with way.client() as client:
            assert await Caller(client, provider).ask(1) == "1"
    assert (tape.recorded, answers(path)) == ([], None)


def test_threads_without_a_context(path: Path, provider: Provider) -> None:
    """A worker thread that knows nothing of the block records in it, as the only open one."""
    with ck.use_cassette(path, mode="once"), httpx.Client(verify=False) as client:
        url = f"{provider.url}/v1"
        threads = [threading.Thread(target=client.post, args=(url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers(path) or []) == ["1", "2", "3", "4"]


async def test_tasks_at_once(path: Path, way: Way, provider: Provider) -> None:
    """Interleaved exchanges do not mix: each answer stands with its own question."""
    for number in range(20):
        provider.on(f"/{number}", Answer.sse([b"%d" % number] * 3, pauses=1))
    async with way.client() as client:
        with ck.use_cassette(path, mode="once"):
            async with anyio.create_task_group() as tasks:
                for number in range(20):
                    call = client.client.get
                    tasks.start_soon(way.alongside, call, f"{provider.url}/{number}")
    taped = ck.load(path).interactions
    assert len(taped) == 20
    for one in taped:
        number = one.request.url.rpartition("/")[2]
        assert one.response.body.decode() == number * 3


# --- ways of asking -------------------------------------------------------------------------------


async def as_block(path: Path, call: Callable[[], Awaitable[Any]]) -> None:
    with ck.use_cassette(path, mode="once"):
        await call()


async def as_async_block(path: Path, call: Callable[[], Awaitable[Any]]) -> None:
    async with ck.use_cassette(path, mode="once"):
        await call()


async def as_decorator(path: Path, call: Callable[[], Awaitable[Any]]) -> None:
    await ck.use_cassette(path, mode="once")(call)()


async def as_generator(path: Path, call: Callable[[], Awaitable[Any]]) -> None:
    @ck.use_cassette(path, mode="once")
    async def fixture() -> Any:
        yield await call()

    async for _ in fixture():
        pass


@pytest.mark.parametrize("ask", [as_block, as_async_block, as_decorator, as_generator])
async def test_every_way_of_asking_records(
    path: Path, way: Way, provider: Provider, ask: Any
) -> None:
    """Block, async block, decorator and generator save what was recorded when they end."""

    async def call() -> None:
        async with way.client() as client:
            await Caller(client, provider).ask(1)

    await ask(path, call)
    assert answers(path) == ["1"]
    await ask(path, call)
    assert len(provider.requests) == 1

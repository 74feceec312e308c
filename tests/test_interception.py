"""Default clients of httpx and httpx2 are answered, whenever and however they were made."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
import scratch
import tapes

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.anyio
CLOSED_PORT = "http://127.0.0.1:9/"  # discard; nobody listens


@pytest.fixture(params=tapes.FAMILIES, ids=lambda family: family.__name__, name="family")
def any_family(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(name="path")
def cassette_path(tmp_path: Path) -> Path:
    path = tmp_path / "tape.yaml"
    ck.dump(scratch.cassette("x", "y", "z"), path)
    return path


@pytest.fixture(autouse=True)
def _nothing_left() -> Any:
    yield
    assert scratch.left_behind() == []


def answer(response: Any) -> str:
    return str(response.json()["a"])


def test_clients_of_any_age(path: Path, family: Any) -> None:
    """A client from before the block, one from inside it and the module's functions are answered.

    After the block they all connect again.
    """
    before = family.Client(verify=False)
    with ck.use_cassette(path, mode="replay"):
        inside = family.Client(verify=False)
        assert answer(before.post(tapes.URL, json={"q": 1})) == "x"
        assert answer(inside.post(tapes.URL, json={"q": 2})) == "y"
        assert answer(family.post(tapes.URL, json={"q": 3}, verify=False)) == "z"
    for client in (before, inside):
        with pytest.raises(family.ConnectError), closing(client):
            client.get(CLOSED_PORT)


async def test_async_clients_of_any_age(path: Path, family: Any) -> None:
    """The same of async clients."""
    before = family.AsyncClient(verify=False)
    async with ck.use_cassette(path, mode="replay"):
        inside = family.AsyncClient(verify=False)
        assert answer(await before.post(tapes.URL, json={"q": 1})) == "x"
        assert answer(await inside.post(tapes.URL, json={"q": 2})) == "y"
    for client in (before, inside):
        with pytest.raises(family.ConnectError):
            await client.get(CLOSED_PORT)
        await client.aclose()


def own_transport(family: Any) -> Any:
    class Transport(family.HTTPTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return super().handle_request(request)

    return Transport(verify=False)


def wrapping_transport(family: Any) -> Any:
    class Transport(family.BaseTransport):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inner = family.HTTPTransport(verify=False)

        def handle_request(self, request: Any) -> Any:
            return self.inner.handle_request(request)

    return Transport()


CLIENTS: dict[str, Callable[[Any], Any]] = {
    "transport": lambda family: family.Client(transport=family.HTTPTransport(verify=False)),
    "subclass": lambda family: family.Client(transport=own_transport(family)),
    "wrapper": lambda family: family.Client(transport=wrapping_transport(family)),
    "mounts": lambda family: family.Client(
        verify=False, mounts={"https://": family.HTTPTransport(verify=False)}
    ),
    "proxy": lambda family: family.Client(verify=False, proxy="http://proxy.example.com"),
}


@pytest.mark.parametrize("kind", CLIENTS)
def test_transports_of_any_make(path: Path, family: Any, kind: str) -> None:
    """Whatever ends in the family's own transport is answered, and its request seen once."""
    with CLIENTS[kind](family) as client, ck.use_cassette(path, mode="replay") as tape:
        assert answer(client.post(tapes.URL, json={"q": 1})) == "x"
        assert len(tape.requests) == len(tape.played) == 1


@pytest.mark.parametrize("intercept", [True, False])
def test_the_explicit_transport_meets_interception(
    path: Path, family: Any, intercept: bool
) -> None:
    """A tape handles a request once, also where its own transport is used while it intercepts."""
    with ck.use_cassette(path, mode="replay", intercept=intercept) as tape:
        with family.Client(transport=tape.transport(family)) as client:
            assert answer(client.post(tapes.URL, json={"q": 1})) == "x"
        assert len(tape.requests) == len(tape.played) == 1


def test_the_explicit_transport_of_another_tape(tmp_path: Path, path: Path, family: Any) -> None:
    """A transport belongs to its tape, whichever tape the context has."""
    other = tmp_path / "other.yaml"
    ck.dump(scratch.cassette("other"), other)
    with ck.use_cassette(other, mode="replay", intercept=False) as outer:
        with ck.use_cassette(path, mode="replay") as tape:
            with family.Client(transport=outer.transport(family)) as client:
                assert answer(client.post(tapes.URL, json={"q": 1})) == "other"
            assert tape.requests == []


def test_both_families_on_one_tape(path: Path) -> None:
    """One cassette answers both families, in the order in which they ask."""
    with ck.use_cassette(path, mode="replay") as tape:
        assert answer(httpx.post(tapes.URL, json={"q": 2}, verify=False)) == "y"
        assert answer(httpx2.post(tapes.URL, json={"q": 1}, verify=False)) == "x"
    assert [request.json()["q"] for request in tape.requests] == [2, 1]


def program(path: Path, source: str) -> str:
    """What a fresh process prints that has imported neither family."""
    head = f"import sys\nimport cassette_kit as ck\nPATH, URL = {str(path)!r}, {tapes.URL!r}\n"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", head + textwrap.dedent(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
@pytest.mark.parametrize(
    "imported", ["import {0}", "from {0} import Client", "import {0}._client", "import {0}.{0}"]
)
def test_a_family_imported_inside_the_block(path: Path, name: str, imported: str) -> None:
    """A family that is first imported while a tape is open is answered all the same.

    Nothing is imported for that end, and nothing stays: neither patches nor the import hook.
    """
    statement = imported.format(name)
    if statement.endswith(f"{name}.{name}"):
        statement = f"import importlib; importlib.import_module({name!r})"
    printed = program(
        path,
        f"""
        before = sys.meta_path[:]
        with ck.use_cassette(PATH, mode="replay") as tape:
            assert {name!r} not in sys.modules
            {statement}
            family = sys.modules[{name!r}]
            print(family.post(URL, json={{"q": 1}}, verify=False).json()["a"], len(tape.requests))
        assert sys.meta_path == before
        assert "cassette_kit" not in family.HTTPTransport.handle_request.__code__.co_filename
        assert family.__spec__.loader is family.__loader__
        assert type(family.__loader__).__module__ != "cassette_kit.clients.interception"
        """,
    )
    assert printed == "x 1"


def test_a_family_imported_before_the_package(path: Path) -> None:
    """The order of imports between a family and this package does not count."""
    printed = program(
        path,
        """
        import httpx
        client = httpx.Client(verify=False)
        with ck.use_cassette(PATH, mode="replay"):
            print(client.post(URL, json={"q": 1}).json()["a"])
        """,
    )
    assert printed == "x"


@pytest.mark.parametrize("when", ["before", "inside"])
def test_an_alias_is_patched_once(path: Path, when: str) -> None:
    """After `httpx2.alias_httpx()` both names mean one family, whose requests are seen once."""
    alias = "import httpx2; httpx2.alias_httpx(); import httpx"
    printed = program(
        path,
        f"""
        {alias if when == "before" else ""}
        with ck.use_cassette(PATH, mode="replay") as tape:
            {alias if when == "inside" else ""}
            assert httpx.HTTPTransport is httpx2.HTTPTransport
            print(httpx.post(URL, json={{"q": 1}}, verify=False).json()["a"], len(tape.requests))
            print(httpx2.post(URL, json={{"q": 2}}, verify=False).json()["a"], len(tape.requests))
        assert not hasattr(httpx.HTTPTransport.handle_request, "__wrapped__")
        """,
    )
    assert printed == "x 1\ny 2"


ORDERS = [(0, 1), (1, 0)]


@pytest.mark.parametrize("using", ["httpx", "httpcore"])
@pytest.mark.parametrize("opened", ORDERS, ids=["tape first", "respx first"])
@pytest.mark.parametrize("closed", ORDERS, ids=["tape closed first", "respx closed first"])
def test_respx_in_any_order(
    path: Path, using: str, opened: tuple[int, int], closed: tuple[int, int]
) -> None:
    """Whoever opens and closes first, in between both answer and at the end nothing is patched."""
    import httpcore
    import respx

    below = httpcore.ConnectionPool.handle_request, httpx.Client._transport_for_url
    routed = "https://mocked.example.com/"
    router = respx.mock(using=using, assert_all_called=False)
    tape = ck.use_cassette(path, mode="replay", allow_hosts=["mocked.example.com"])
    blocks: list[Any] = [tape, router]
    stacks = [ExitStack(), ExitStack()]
    for number in opened:
        stacks[number].enter_context(blocks[number])
    router.get(routed).respond(text="respx")
    router.post(tapes.URL).pass_through()
    assert httpx.get(routed).text == "respx"
    assert answer(httpx.post(tapes.URL, json={"q": 1})) == "x"
    for number in closed:
        stacks[number].close()
    after = httpcore.ConnectionPool.handle_request, httpx.Client._transport_for_url
    assert after == below


@pytest.mark.parametrize("opened", ORDERS, ids=["tape first", "patch first"])
@pytest.mark.parametrize("closed", ORDERS, ids=["tape closed first", "patch closed first"])
def test_monkeypatch_in_any_order(
    path: Path, family: Any, opened: tuple[int, int], closed: tuple[int, int]
) -> None:
    """Somebody else's patch of the same method is neither lost nor overwritten.

    Where it was put upon ours and outlives it, what it puts back goes at the next call.
    """
    asked: list[str] = []

    class Patched:
        def __enter__(self) -> None:
            self.patch = pytest.MonkeyPatch()
            original = family.HTTPTransport.handle_request

            def handle_request(transport: Any, request: Any) -> Any:
                asked.append(request.url.host)
                return original(transport, request)

            self.patch.setattr(family.HTTPTransport, "handle_request", handle_request)

        def __exit__(self, *error: object) -> None:
            self.patch.undo()

    blocks: list[Any] = [ck.use_cassette(path, mode="replay"), Patched()]
    stacks = [ExitStack(), ExitStack()]
    for number in opened:
        stacks[number].enter_context(blocks[number])
    assert answer(family.post(tapes.URL, json={"q": 1}, verify=False)) == "x"
    assert asked == (["api.example.com"] if opened == (0, 1) else [])
    for number in closed:
        stacks[number].close()
    with pytest.raises(family.ConnectError):
        family.get(CLOSED_PORT, verify=False)


def test_a_decorator_without_parentheses() -> None:
    """The function in the place of the path is told from a path when it is decorated."""
    with pytest.raises(
        ck.CassetteOptionError, match=r'use_cassette\("cassettes/x.yaml"\): no path'
    ):

        @ck.use_cassette  # type: ignore[arg-type]
        def ask() -> None:
            """Never called."""

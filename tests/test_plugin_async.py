"""Async tests and fixtures: whoever runs them, their calls go to the test's own cassette."""

from __future__ import annotations

import textwrap

import pytest
import scratch
import tapes

MISS = f"no recorded interaction answers POST {tapes.URL}"
BACKEND = """
@pytest.fixture(scope="session", autouse=True)
def anyio_backend(): return {!r}
"""

# The mark of a test, that of a fixture, and what else the file needs.
RUNNERS = {
    "asyncio": ("@pytest.mark.asyncio", "@pytest_asyncio.fixture", "import pytest_asyncio"),
    "asyncio, one loop": (
        "@pytest.mark.asyncio(loop_scope='session')",
        "@pytest_asyncio.fixture(loop_scope='session')",
        "import pytest_asyncio",
    ),
    "anyio on asyncio": ("@pytest.mark.anyio", "@pytest.fixture", BACKEND.format("asyncio")),
    "anyio on trio": ("@pytest.mark.anyio", "@pytest.fixture", BACKEND.format("trio")),
    "pytest-trio": ("@pytest.mark.trio", "@pytest_trio.trio_fixture", "import pytest_trio"),
}
# pytest-trio knows no fixtures of wider scope, and sets up the others in the call phase.
WITH_PHASES = [runner for runner in RUNNERS if runner != "pytest-trio"]


def run(
    pytester: pytest.Pytester, runner: str, source: str, **cassettes: list[str]
) -> pytest.RunResult:
    """Run a test file in which TEST and FIXTURE stand for the runner's marks."""
    test, fixture, head = RUNNERS[runner]
    body = textwrap.dedent(source).replace("TEST", test).replace("FIXTURE", fixture)
    scratch.write(pytester, f"{head}\n\n{body}")
    for name, answers in cassettes.items():
        scratch.record(pytester, name, *answers)
    return scratch.run(pytester, "--cassette-mode=replay")


PHASES = """
import anyio

FIXTURE
async def early(cassette):
    yield await ask_async(1)
    assert await ask_async(5) == "tear-down"

FIXTURE
async def value(cassette):
    return await ask_async(2)

TEST
@pytest.mark.cassette("x")
async def test_it(early, value, cassette):
    assert (early, value) == ("set-up", "value")
    assert await ask_async(3) == "call"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask_async, 4, httpx2)
    assert len(cassette.played) == 4

class TestMethods:
    def asked(self, answer): return f"asked: {answer}"

    FIXTURE
    async def early(self, cassette):
        self.answer = self.asked(await ask_async(1))
        yield self
        assert self.asked(await ask_async(3)) == "asked: tear-down"

    TEST
    @pytest.mark.cassette("y")
    async def test_it(self, early):
        assert early.answer == "asked: set-up"
        assert await ask_async(2) == "call"
"""


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_step_has_its_tape(pytester: pytest.Pytester, runner: str) -> None:
    """Set-up, call, spawned tasks and tear-down play the test's cassette, in methods as well."""
    x = ["set-up", "value", "call", "task", "tear-down"]
    result = run(pytester, runner, PHASES, x=x, y=["set-up", "call", "tear-down"])
    result.assert_outcomes(passed=2)


HELD = """
{fixture}
async def wide({backend}):
    with ck.use_cassette({path!r}, mode="replay") as tape:
        assert await ask_async(1) == "own"
        yield tape
        assert await ask_async(2) == "late"

FIXTURE
async def early(cassette):
    yield await ask_async(1)
    assert await ask_async(3) == "tear-down"

TEST
@pytest.mark.cassette("x")
async def test_it(wide, early):
    assert early == "set-up"
    assert await ask_async(2) == "call"

TEST
@pytest.mark.cassette("y")
async def test_early_first(early, wide):
    assert early == "set-up, too"
    assert await ask_async(2) == "call, too"

TEST
async def test_without(wide):
    with wide.expect_miss():
        await ask_async(7)
"""


@pytest.mark.parametrize("runner", WITH_PHASES)
def test_beside_the_tape_of_a_wide_fixture(pytester: pytest.Pytester, runner: str) -> None:
    """A runner's context, which knows the wide fixture's tape alone, does not take its calls."""
    path = pytester.path / "own.yaml"
    scratch.ck.dump(scratch.cassette("own", "late"), path)
    anyio = runner.startswith("anyio")
    fixture = "@pytest.fixture" if anyio else "@pytest_asyncio.fixture"
    loop = "" if anyio else ", loop_scope='session'"
    source = HELD.format(
        fixture=f"{fixture}(scope='session'{loop})",
        backend="anyio_backend" if anyio else "",
        path=str(path),
    )
    x, y = ["set-up", "call", "tear-down"], ["set-up, too", "call, too", "tear-down"]
    run(pytester, runner, source, x=x, y=y).assert_outcomes(passed=3)


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_swallowed_miss(pytester: pytest.Pytester, runner: str) -> None:
    """Async tests cannot swallow a miss either: in a task, in a group, in an `except`."""
    source = """
        import anyio

        pytestmark = pytest.mark.cassette("x")

        TEST
        async def test_raised(): await ask_async(2)

        TEST
        async def test_swallowed():
            with pytest.raises(BaseException):
                await ask_async(2)

        TEST
        async def test_group():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask_async, 2)

        TEST
        async def test_thread():
            with pytest.raises(BaseException):
                await anyio.to_thread.run_sync(ask, 2)
        """
    result = run(pytester, runner, source, x=["x"])
    result.assert_outcomes(failed=4)
    found = scratch.reports(result)
    assert list(found) == ["test_raised", "test_swallowed", "test_group", "test_thread"]
    assert {text.splitlines()[0] for text in found.values()} == {MISS}
    assert {text.count(MISS) for text in found.values()} == {1}


@pytest.mark.parametrize("others", ["", "tasks.start_soon(broken)"], ids=["alone", "with others"])
@pytest.mark.parametrize("runner", WITH_PHASES)
def test_a_miss_in_a_group_spares_the_next_test(
    pytester: pytest.Pytester, runner: str, others: str
) -> None:
    """A runner that a wide fixture keeps alive survives a group with a miss in it.

    anyio's ends with any group that holds no ordinary exceptions alone, and takes all later tests
    with it.
    """
    anyio = runner.startswith("anyio")
    fixture = "@pytest.fixture" if anyio else "@pytest_asyncio.fixture"
    loop = "" if anyio else ", loop_scope='session'"
    source = f"""
        import anyio

        pytestmark = pytest.mark.cassette("x")

        {fixture}(scope="session", autouse=True{loop})
        async def wide({"anyio_backend" if anyio else ""}):
            yield

        async def broken(): raise ValueError("my own")

        FIXTURE
        async def early():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask_async, 7)
                {others}

        TEST
        async def test_early(early): pass

        TEST
        async def test_group():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask_async, 7)
                {others}

        TEST
        async def test_next(): assert await ask_async(1) == "x"
        """
    result = run(pytester, runner, source, x=["x"])
    result.assert_outcomes(passed=1, failed=1, errors=1)
    found = scratch.reports(result)
    assert list(found) == ["ERROR at setup of test_early", "test_group"]
    for text in found.values():
        assert text.count(MISS) in ({1} if not others else {1, 2, 3})
        assert ("my own" in text) is bool(others)


@pytest.mark.parametrize("runner", WITH_PHASES)
@pytest.mark.parametrize("call", ["await ask_async(7)", "pytest.raises(BaseException, ask, 7)"])
def test_a_miss_in_an_async_fixture(pytester: pytest.Pytester, runner: str, call: str) -> None:
    """A miss of an async fixture is an ERROR of its phase, once."""
    source = f"""
        pytestmark = pytest.mark.cassette("x")

        FIXTURE
        async def early():
            {call}

        FIXTURE
        async def late():
            yield
            {call}

        TEST
        async def test_early(early): pass

        TEST
        async def test_late(late): pass
        """
    result = run(pytester, runner, source, x=["x"])
    result.assert_outcomes(passed=1, errors=2)
    found = scratch.reports(result)
    assert sorted(found) == ["ERROR at setup of test_early", "ERROR at teardown of test_late"]
    assert {text.splitlines()[0] for text in found.values()} == {MISS}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_tape_inside_the_test(pytester: pytest.Pytester, runner: str) -> None:
    """A block inside the test takes its calls, and the test's own cassette has them again after."""
    path = pytester.path / "inner.yaml"
    scratch.ck.dump(scratch.cassette("inner"), path)
    source = f"""
        TEST
        @pytest.mark.cassette("x")
        async def test_it():
            assert await ask_async(1) == "outer"
            async with ck.use_cassette({str(path)!r}, mode="replay"):
                assert await ask_async(1) == "inner"
            assert await ask_async(2) == "outer again"
        """
    run(pytester, runner, source, x=["outer", "outer again"]).assert_outcomes(passed=1)


@pytest.mark.parametrize("cassette", ["", "@pytest.mark.cassette('x')"])
def test_the_automatic_mode_of_pytest_asyncio(pytester: pytest.Pytester, cassette: str) -> None:
    """Without any marks on tests and fixtures nothing changes, with or without a cassette."""
    (pytester.path / "pytest.ini").write_text(f"{scratch.INI}asyncio_mode = auto\n")
    source = f"""
        import pytest

        @pytest.fixture
        async def early(request):
            yield await ask_async(1) if request.node.get_closest_marker("cassette") else "early"

        {cassette}
        async def test_it(early): assert early == "early"
        """
    run(pytester, "asyncio", source, x=["early"]).assert_outcomes(passed=1)


@pytest.mark.parametrize("runner", WITH_PHASES)
@pytest.mark.parametrize("marked", [True, False], ids=["cassette", "none"])
def test_wrong_fixtures_are_told_as_without_us(
    pytester: pytest.Pytester, runner: str, marked: bool
) -> None:
    """A fixture that yields twice or raises is the runner's business, and reported as its own."""
    source = f"""
        pytestmark = [{"pytest.mark.cassette('x')" if marked else ""}]

        FIXTURE
        async def twice():
            yield
            yield

        FIXTURE
        async def broken():
            yield
            raise ValueError("tear-down")

        TEST
        async def test_twice(twice): pass

        TEST
        async def test_broken(broken): pass
        """
    result = run(pytester, runner, source)
    result.assert_outcomes(passed=2, errors=2)
    twice, broken = scratch.reports(result).values()
    assert "stop" in twice.partition("\nE ")[2].splitlines()[0]
    assert "E       ValueError: tear-down" in broken
    assert "stretches.py" not in twice + broken


@pytest.mark.parametrize("runner", WITH_PHASES)
def test_a_tape_inside_the_tests_own(pytester: pytest.Pytester, runner: str) -> None:
    """What a plain fixture opens after the test's cassette answers first, in whatever context."""
    source = """
        import cassette_kit as ck

        @pytest.fixture(scope="session", autouse=True)
        def wide():
            with ck.use_cassette("cassettes/wide.yaml", mode="replay", repeats=True): yield

        @pytest.fixture
        def inner(cassette):
            with ck.use_cassette("cassettes/inner.yaml", mode="replay", repeats=True): yield

        SESSION
        async def alive(): yield

        FIXTURE
        async def value(inner): return await ask_async()

        TEST
        @pytest.mark.cassette("own")
        async def test_own(alive): assert await ask_async() == "own"

        TEST
        @pytest.mark.cassette("own")
        async def test_inner(alive, inner, value):
            assert (value, await ask_async()) == ("inner", "inner")
        """
    is_anyio = runner.startswith("anyio")
    kind = "pytest.fixture(" if is_anyio else "pytest_asyncio.fixture(loop_scope='session', "
    source = source.replace("SESSION", f"@{kind}scope='session')")
    cassettes = {name: [name] for name in ("wide", "inner", "own")}
    result = run(pytester, runner, source, **cassettes)
    result.assert_outcomes(passed=2)


def test_a_tape_inside_the_tests_own_in_unittest(pytester: pytest.Pytester) -> None:
    """The context of an async test case is older than every tape of the test."""
    source = """
        import unittest
        import cassette_kit as ck

        @pytest.fixture
        def inner(cassette):
            with ck.use_cassette("cassettes/inner.yaml", mode="replay"): yield

        @pytest.mark.cassette("own")
        @pytest.mark.usefixtures("inner")
        class TestIt(unittest.IsolatedAsyncioTestCase):
            async def test_it(self): assert await ask_async() == "inner"
        """
    run(pytester, "asyncio", source, inner=["inner"], own=["own"]).assert_outcomes(passed=1)

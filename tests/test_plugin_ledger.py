"""What no test can swallow: a miss fails the phase in which it happens, once, and comes first."""

from __future__ import annotations

import re

import pytest
import scratch
import tapes

MISS = f"no recorded interaction answers POST {tapes.URL}"


def summary(result: pytest.RunResult) -> list[str]:
    """The lines of the short summary, with `miss` for what the width cuts somewhere."""
    text = result.stdout.str().partition("short test summary info")[2]
    lines = [line for line in text.splitlines() if re.match("(FAILED|ERROR) ", line)]
    cut = r" - cassette_kit\.CassetteMiss: no rec[a-z ]+\.\.\.$"
    return [re.sub(cut, " - miss", line).rstrip() for line in lines]


def head(report: str) -> str:
    """A report without what was captured during the test."""
    return re.split(r"^-{3,} Captured ", report, flags=re.MULTILINE)[0]


def only_report(result: pytest.RunResult) -> str:
    """The report of the one failure of a run."""
    (report,) = scratch.reports(result).values()
    return head(report)


def replay(pytester: pytest.Pytester, source: str, *answers: str) -> pytest.RunResult:
    """Run a test file whose `test_it` has a cassette with these answers."""
    scratch.write(pytester, source)
    if answers:
        scratch.record(pytester, "test_x/test_it", *answers)
    return scratch.run(pytester, "--cassette-mode=replay")


def test_the_report_of_a_miss(pytester: pytest.Pytester) -> None:
    """A user sees the miss and what to do, and not one line of anybody's source."""
    result = replay(pytester, "def test_it(cassette): ask(2)", "x")
    result.assert_outcomes(failed=1)
    lines = only_report(result).splitlines()
    assert lines[0] == MISS
    words = [line.split()[0] for line in lines[1:]]
    assert words == ["cassette", "nearest", "live", "tape", "next", "called"]
    assert "cassettes/test_x/test_it.yaml: 1 interaction, mode replay" in lines[1]
    assert lines[-2] == "  next      pytest --cassette-mode=rewrite test_x.py::test_it"
    assert re.fullmatch(r"  called    test_x\.py:\d+ in ask", lines[-1])


def test_the_summary_of_a_miss(pytester: pytest.Pytester) -> None:
    """In 80 columns the summary has room for the kind of error and the beginning of its text."""
    result = replay(pytester, "def test_it(cassette): ask(2)", "x")
    (line,) = (line for line in result.outlines if line.startswith("FAILED"))
    assert line.startswith(
        "FAILED test_x.py::test_it - cassette_kit.CassetteMiss: no recorded inter"
    )
    assert len(line) == 80


def test_a_cassette_that_is_not_there(pytester: pytest.Pytester) -> None:
    """In replay a missing file is told at the first request, with the command that records it."""
    lines = only_report(replay(pytester, "def test_it(cassette): ask(1)")).splitlines()
    assert lines[0] == MISS
    assert "no such file, mode replay" in lines[1]
    assert lines[-2] == "  next      pytest --cassette-mode=rewrite test_x.py::test_it"


WAYS = """
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import tenacity

KEPT = []


def test_plain(cassette):
    ask(2)


def test_except_exception(cassette):
    try:
        ask(2)
    except Exception:
        pass


def test_retry_loop(cassette):
    for _ in range(3):
        try:
            return ask(2)
        except Exception:
            pass


def test_tenacity(cassette):
    tenacity.retry(stop=tenacity.stop_after_attempt(3))(ask)(2)


def test_thread_pool(cassette):
    with ThreadPoolExecutor(2) as pool:
        pool.submit(ask, 2)


def test_thread(cassette):
    thread = threading.Thread(target=ask, args=(2,))
    thread.start()
    thread.join()


def test_gather(cassette):
    async def main():
        await asyncio.gather(ask_async(1), ask_async(2))
    asyncio.run(main())


def test_gather_exceptions(cassette):
    async def main():
        await asyncio.gather(ask_async(1), ask_async(2), return_exceptions=True)
    asyncio.run(main())


def test_task_group(cassette):
    async def main():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ask_async(2))
    asyncio.run(main())


def test_anyio_group(cassette):
    async def main():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask_async, 2)
    anyio.run(main)


def test_to_thread(cassette):
    async def main():
        await asyncio.to_thread(ask, 2)
    asyncio.run(main())


def test_fire_and_forget(cassette):
    async def main():
        KEPT.append(asyncio.create_task(ask_async(2)))
        await asyncio.wait(KEPT)
    asyncio.run(main())


def test_bare_except(cassette):
    try:
        ask(2)
    except:
        pass


def test_wait_for(cassette):
    asyncio.run(asyncio.wait_for(ask_async(2), timeout=5))


@pytest.mark.asyncio
async def test_async(cassette):
    await ask_async(2)


def test_pytest_raises(cassette):
    with pytest.raises(ck.CassetteMiss):
        ask(2)


def test_skip(cassette):
    with pytest.raises(BaseException):
        ask(2)
    pytest.skip("the API is not there")


def test_xfail(cassette):
    with pytest.raises(BaseException):
        ask(2)
    pytest.xfail("the API is not there")


def test_exit(cassette):
    with pytest.raises(BaseException):
        ask(2)
    raise SystemExit


def test_raised_again(cassette):
    try:
        ask(2)
    except BaseException as miss:
        raise miss


def test_raised_in_groups(cassette):
    try:
        ask(2)
    except BaseException as miss:
        raise BaseExceptionGroup("all", [BaseExceptionGroup("of them", [miss])])
"""
FAILING = re.findall(r"def (test_\w+)", WAYS)
ADDING = {"test_skip", "test_xfail", "test_exit"}  # whose report holds another error, too


def test_no_test_can_swallow_a_miss(pytester: pytest.Pytester) -> None:
    """In every way of using a client the test is FAILED, in one report, with the miss as its head.

    The first fifteen are those in which users of the SDKs were seen to lose exceptions.
    """
    scratch.write(pytester, WAYS)
    for name in FAILING:
        scratch.record(pytester, f"test_x/{name}", "x")
    result = scratch.run(pytester, subprocess=True)  # which leaves no garbage in this process
    result.assert_outcomes(failed=len(FAILING), warnings=1)
    found = {name: head(text) for name, text in scratch.reports(result).items()}
    assert {name: text.count(MISS) for name, text in found.items()} == dict.fromkeys(FAILING, 1)
    assert {name for name, text in found.items() if not text.startswith(MISS)} == ADDING
    assert summary(result) == [f"FAILED test_x.py::{name} - miss" for name in FAILING]


def test_the_first_of_several(pytester: pytest.Pytester) -> None:
    """Of several misses the first is shown: the later ones follow from it."""
    result = replay(
        pytester,
        """
        def test_it(cassette):
            for question in (7, 8, 9):
                with pytest.raises(BaseException):
                    ask(question)
            assert [miss.request.json()["q"] for miss in cassette.misses] == [7, 8, 9]
        """,
        "x",
    )
    report = only_report(result)
    assert report.startswith(MISS)
    assert report.count(MISS) == 1
    assert "live  7" in report


def test_an_error_of_the_test_after_a_miss(pytester: pytest.Pytester) -> None:
    """A test that fails on the consequence of a miss shows both, and the summary the cause."""
    result = replay(
        pytester,
        """
        def test_it(cassette):
            answer = None
            with pytest.raises(BaseException):
                answer = ask(2)
            assert answer == "x"
        """,
        "x",
    )
    result.assert_outcomes(failed=1)
    report = only_report(result)
    assert report.count(MISS) == 1
    assert "assert None == 'x'" in report
    assert "direct cause" not in report
    assert summary(result) == ["FAILED test_x.py::test_it - miss"]


SETUP = """
@pytest.fixture
def calling(cassette):
    {call}
    yield

def test_it(calling): pass
"""
TEARDOWN = """
@pytest.fixture
def calling(cassette):
    yield
    {call}

def test_it(calling): pass
"""


@pytest.mark.parametrize(("phase", "source"), [("setup", SETUP), ("teardown", TEARDOWN)])
@pytest.mark.parametrize("call", ["ask(2)", "pytest.raises(BaseException, ask, 2)"])
def test_a_miss_in_a_fixture(pytester: pytest.Pytester, phase: str, source: str, call: str) -> None:
    """A miss of a fixture is an ERROR of that phase, once, raised or swallowed."""
    result = replay(pytester, source.format(call=call), "x")
    result.assert_outcomes(passed=1 if phase == "teardown" else 0, errors=1)
    assert list(scratch.reports(result)) == [f"ERROR at {phase} of test_it"]
    assert only_report(result).startswith(MISS)
    assert summary(result) == ["ERROR test_x.py::test_it - miss"]


def test_each_phase_has_its_own_misses(pytester: pytest.Pytester) -> None:
    """A miss is reported in its own phase alone; another one later counts anew."""
    result = replay(
        pytester,
        """
        @pytest.fixture
        def calling(cassette):
            yield
            ask(3)

        def test_once(cassette): ask(2)

        def test_twice(calling): ask(2)
        """,
    )
    result.assert_outcomes(failed=2, errors=1)
    found = scratch.reports(result)
    assert list(found) == ["ERROR at teardown of test_twice", "test_once", "test_twice"]


def test_a_late_miss_of_a_thread(pytester: pytest.Pytester) -> None:
    """A thread that outlives the test's function and misses is told in the tear-down."""
    result = replay(
        pytester,
        """
        import threading

        @pytest.fixture
        def thread(cassette):
            go = threading.Event()
            def work():
                go.wait(5)
                with pytest.raises(BaseException):
                    ask(2)
            thread = threading.Thread(target=work)
            thread.start()
            yield
            go.set()
            thread.join()

        def test_it(thread): pass
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    assert only_report(result).startswith(MISS)


def test_expect_miss(pytester: pytest.Pytester) -> None:
    """`expect_miss` is how a test says that it means the miss, inside the block alone."""
    result = replay(
        pytester,
        """
        def test_it(cassette):
            with cassette.expect_miss() as caught:
                ask(2)
            assert caught.value.request.json() == {"q": 2}
            assert cassette.misses == []
            assert ask(1) == "x"

        def test_only_inside(cassette):
            with cassette.expect_miss():
                ask(2)
            with pytest.raises(BaseException):
                ask(3)
        """,
        "x",
    )
    result.assert_outcomes(passed=1, failed=1)
    assert summary(result) == ["FAILED test_x.py::test_only_inside - miss"]


def test_a_test_that_is_expected_to_fail(pytester: pytest.Pytester) -> None:
    """`xfail` takes a miss for the failure that it expects, unless `raises` names another."""
    result = replay(
        pytester,
        """
        @pytest.mark.xfail
        def test_any(cassette): ask(2)

        @pytest.mark.xfail
        def test_swallowed(cassette): pytest.raises(BaseException, ask, 2)

        @pytest.mark.xfail(raises=ck.CassetteMiss)
        def test_miss(cassette): ask(2)

        @pytest.mark.xfail(raises=ValueError)
        def test_other(cassette): ask(2)

        @pytest.mark.xfail(strict=True)
        def test_none(cassette): pass
        """,
    )
    result.assert_outcomes(xfailed=3, failed=2)
    assert summary(result) == [
        "FAILED test_x.py::test_other - miss",
        "FAILED test_x.py::test_none - [XPASS(strict)]",
    ]


OTHERS = {
    "Truncated": ("httpx.post(URL, json={'q': 1})", "the recording of POST"),
    "Blocked": (
        "__import__('socket').create_connection(('203.0.113.7', 443))",
        "blocked a connection that would leave the machine: 203.0.113.7:443",
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_alarms(pytester: pytest.Pytester, kind: str) -> None:
    """Reading past a recording's end and leaving the machine cannot be swallowed either."""
    call, beginning = OTHERS[kind]
    closed = scratch.ck.Stream("client_closed", ((1, 7),))
    exchange = tapes.interaction(headers=tapes.SSE, stream=closed)
    tapes.written(pytester.mkdir("cassettes"), [exchange])
    result = replay(
        pytester,
        f"""
        @pytest.mark.cassette("tape")
        def test_it():
            with pytest.raises(ck.Cassette{kind}):
                {call}
        """,
    )
    result.assert_outcomes(failed=1)
    assert only_report(result).startswith(beginning)


@pytest.mark.parametrize("ending", ["raise KeyboardInterrupt", "pytest.exit('enough')"])
def test_an_interrupted_run_stops(pytester: pytest.Pytester, ending: str) -> None:
    """Control-C ends the run at once, also in a test that has swallowed a miss."""
    scratch.write(
        pytester,
        f"""
        def test_it(cassette):
            with pytest.raises(BaseException):
                ask(2)
            {ending}

        def test_never(): pass
        """,
    )
    result = scratch.run(pytester, "--cassette-mode=replay", subprocess="Keyboard" in ending)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes()


def test_errors_of_other_fixtures(pytester: pytest.Pytester) -> None:
    """The report of a fixture that fails on its own shows no line of this package."""
    scratch.write(
        pytester,
        """
        @pytest.fixture(scope="module")
        def broken_setup():
            raise RuntimeError("set-up")

        @pytest.fixture
        def broken_teardown(cassette):
            yield
            raise RuntimeError("tear-down")

        def test_setup(broken_setup): pass

        def test_teardown(broken_teardown): assert False
        """,
    )
    result = scratch.run(pytester, "-p", "no:asyncio")
    result.assert_outcomes(failed=1, errors=2)
    assert "pytest_plugin/" not in result.stdout.str()


def test_a_group_of_the_test_alone(pytester: pytest.Pytester) -> None:
    """A group of exceptions without a miss in it is reported as pytest reports groups."""
    result = replay(
        pytester,
        """
        def test_it(cassette): raise ExceptionGroup("mine", [ValueError("one"), KeyError("two")])
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*| ExceptionGroup: mine (2 sub-exceptions)"])


def test_warnings_as_errors(pytester: pytest.Pytester) -> None:
    """With warnings as errors a miss in a thread is still one failure, and still the miss."""
    scratch.write(
        pytester,
        """
        import threading

        def test_it(cassette):
            thread = threading.Thread(target=ask, args=(2,))
            thread.start()
            thread.join()
        """,
    )
    result = scratch.run(pytester, "--cassette-mode=replay", "-Werror")
    result.assert_outcomes(failed=1)
    assert summary(result) == ["FAILED test_x.py::test_it - miss"]


def test_tapes_are_let_go_of(pytester: pytest.Pytester) -> None:
    """A long run must not keep every cassette in memory until its end."""
    scratch.write(
        pytester,
        """
        import gc, weakref

        TAPES = []

        def test_first(cassette): TAPES.append(weakref.ref(cassette))

        def test_second():
            gc.collect()
            assert TAPES[0]() is None
        """,
    )
    scratch.run(pytester).assert_outcomes(passed=2)

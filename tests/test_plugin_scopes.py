"""Fixtures of wider scope than the test: stopped where they call out, at home on their own tape."""

from __future__ import annotations

import textwrap

import pytest
import scratch

SCOPES = ["class", "module", "package", "session"]

# How a fixture comes to run code: `setup` before it gives its value, `teardown` afterwards.
KINDS = {
    "function": """
        @pytest.fixture(scope={scope!r})
        def wide():
        {setup}
        """,
    "generator": """
        @pytest.fixture(scope={scope!r})
        def wide():
        {setup}
            yield {value}
        {teardown}
        """,
    "finalizer": """
        @pytest.fixture(scope={scope!r})
        def wide(request):
            def late():
                pass
        {teardown}
            request.addfinalizer(late)
        {setup}
        """,
    "coroutine": """
        @pytest_asyncio.fixture(scope={scope!r}, loop_scope={scope!r})
        async def wide():
        {setup}
        """,
    "async generator": """
        @pytest_asyncio.fixture(scope={scope!r}, loop_scope={scope!r})
        async def wide():
        {setup}
            yield {value}
        {teardown}
        """,
    "anyio coroutine": """
        @pytest.fixture(scope={scope!r})
        async def wide(anyio_backend):
        {setup}
        """,
    "anyio generator": """
        @pytest.fixture(scope={scope!r})
        async def wide(anyio_backend):
        {setup}
            yield {value}
        {teardown}
        """,
}
KINDS |= {kind.replace("anyio", "trio"): KINDS[kind] for kind in KINDS if "anyio" in kind}
ASYNC = [kind for kind in KINDS if "async" in KINDS[kind]]
BOTH_PHASES = [kind for kind in KINDS if "{teardown}" in KINDS[kind]]
GENERATORS = ["generator", "async generator", "anyio generator", "trio generator"]
ANYIO = """
import pytest_asyncio

@pytest.fixture(scope="session")
def anyio_backend(): return "{backend}"


"""
TEST = """

@pytest.mark.cassette("x")
def test_it(wide): assert ask() == "x"
"""


def wide(
    kind: str,
    scope: str,
    *,
    setup: str = "pass",
    teardown: str = "pass",
    value: str = "",
) -> str:
    """The source of a fixture `wide` that runs these lines."""
    return textwrap.dedent(KINDS[kind]).format(
        scope=scope,
        value=value,
        setup=textwrap.indent(setup, "    "),
        teardown=textwrap.indent(teardown, " " * (8 if kind == "finalizer" else 4)),
    )


def head(kind: str, scope: str) -> str:
    """The source of a fixture `wide` up to its first line, which the caller adds."""
    return wide(kind, scope, setup="{}").partition("    {}")[0]


def call(kind: str, question: int = 2) -> str:
    return f"await ask_async({question})" if kind in ASYNC else f"ask({question})"


def replay(
    pytester: pytest.Pytester, source: str, kind: str = "function", **tapes: list[str]
) -> pytest.RunResult:
    """Run a test file with these cassettes."""
    backend = "trio" if kind.startswith("trio") else "asyncio"
    scratch.write(pytester, ANYIO.format(backend=backend) + textwrap.dedent(source))
    for name, answers in tapes.items():
        scratch.record(pytester, name, *answers)
    return scratch.run(pytester, "--cassette-mode=replay")


def check_blocked(report: str, scope: str, phase: str, name: str = "wide") -> None:
    """Whether a report is that of a stopped fixture: who, when, what to do; and no traceback."""
    first = report.splitlines()[0]
    assert first.startswith("blocked a ")
    assert first.endswith(" that would leave the machine: api.example.com:443")
    assert f"the fixture {name!r} (scope {scope}) calls out during its {phase}" in report
    assert "with cassette_kit.use_cassette(...)" in report
    assert len(report.partition("\n---")[0].splitlines()) == 4


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_call_in_the_setup_is_stopped(pytester: pytest.Pytester, kind: str, scope: str) -> None:
    """The first test's cassette neither answers nor records what later tests rely on, too."""
    result = replay(pytester, wide(kind, scope, setup=call(kind)) + TEST, kind, x=["x", "y"])
    result.assert_outcomes(errors=1)
    ((heading, report),) = scratch.reports(result).items()
    assert heading.startswith("ERROR at setup of test_it")
    check_blocked(report, scope, "set-up")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", BOTH_PHASES)
def test_a_call_in_the_teardown_is_stopped(
    pytester: pytest.Pytester, kind: str, scope: str
) -> None:
    """Nor does the last test's, of what is called when the fixture ends."""
    result = replay(pytester, wide(kind, scope, teardown=call(kind)) + TEST, kind, x=["x", "y"])
    result.assert_outcomes(passed=1, errors=1)
    ((heading, report),) = scratch.reports(result).items()
    assert heading.startswith("ERROR at teardown of test_it")
    check_blocked(report, scope, "tear-down")


@pytest.mark.parametrize("kind", GENERATORS)
def test_a_swallowed_call_is_told_all_the_same(pytester: pytest.Pytester, kind: str) -> None:
    """A fixture that hides that it was stopped is an error of the phase in which it did."""
    hidden = f"try:\n    {call(kind)}\nexcept BaseException:\n    pass"
    result = replay(pytester, wide(kind, "module", setup=hidden, teardown=hidden) + TEST, kind)
    result.assert_outcomes(errors=2)
    for heading, report in scratch.reports(result).items():
        check_blocked(report, "module", "set-up" if "setup" in heading else "tear-down")


def on_own_tape(pytester: pytest.Pytester, kind: str, *more: str) -> str:
    """A block in which a fixture makes a call that its own cassette answers, and further lines."""
    path = pytester.path / "own.yaml"
    scratch.ck.dump(scratch.cassette("own", "later"), path)
    lines = [f"assert {call(kind, 1)} == 'own'", *more]
    head = f"with ck.use_cassette({str(path)!r}, mode='replay') as tape:\n"
    return head + "\n".join(f"    {line}" for line in lines)


@pytest.mark.parametrize("scope", ["class", "session"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_tape_of_its_own(pytester: pytest.Pytester, kind: str, scope: str) -> None:
    """With a tape of its own a fixture calls what it likes, before the test and after it."""
    block = on_own_tape(pytester, kind)
    result = replay(pytester, wide(kind, scope, setup=block, teardown=block) + TEST, kind, x=["x"])
    result.assert_outcomes(passed=1)


HELD = """

@pytest.fixture
def calling(cassette):
    assert ask() == "set-up"
    yield
    assert ask(3) == "tear-down"

class TestAll:
    @pytest.mark.cassette("direct")
    def test_direct(self, wide):
        assert ask() == "direct"
        assert len(wide.played) == 1

    @pytest.mark.cassette("phases")
    def test_phases(self, wide, calling): assert ask(2) == "call"

    @pytest.mark.cassette("asyncio")
    @pytest.mark.asyncio
    async def test_asyncio(self, wide): assert await ask_async() == "asyncio"

    @pytest.mark.cassette("anyio")
    @pytest.mark.anyio
    async def test_anyio(self, wide):
        assert await ask_async() == "anyio"

    def test_alone(self, wide):
        with wide.expect_miss():
            ask(7)

    @pytest.mark.cassette("direct")
    def test_again(self, wide): assert ask() == "direct"
"""
TAPES = {
    "direct": ["direct"],
    "phases": ["set-up", "call", "tear-down"],
    "asyncio": ["asyncio"],
    "anyio": ["anyio"],
}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", GENERATORS)
def test_a_tape_that_stays_open(pytester: pytest.Pytester, kind: str, scope: str) -> None:
    """While a fixture holds its tape open, every test's calls still go to the test's cassette.

    In its tear-down the fixture is on its own tape again, and calls without a cassette go there.
    """
    last = f"assert {call(kind, 2)} == 'later'"
    block = on_own_tape(pytester, kind, "yield tape", last)
    source = head(kind, scope) + textwrap.indent(block, "    ") + HELD
    if kind.startswith("trio"):  # a run of trio's that goes on confuses asyncio's next
        source = source.replace("pytest.mark.asyncio", "pytest.mark.anyio")
    replay(pytester, source, kind, **TAPES).assert_outcomes(passed=6)


MIDDLE = """

def test_own(request, cassette):
    assert ask() == "x"
    tape = request.getfixturevalue("wide")
    assert ask(2) == "y"
    assert len(tape.played) == 1

def test_stopped(request, cassette):
    assert ask() == "x"
    request.getfixturevalue("stopped")

def test_late_cassette(request):
    request.getfixturevalue("wide")
    request.getfixturevalue("cassette")
    assert ask() == "x"

def test_late_cassette_stopped(request):
    request.getfixturevalue("cassette")
    request.getfixturevalue("stopped_too")

@pytest.fixture(scope="session")
def stopped(): ask()

@pytest.fixture(scope="module")
def stopped_too(): ask()

@pytest.fixture
def cassette_name(): return "x"
"""


@pytest.mark.parametrize("kind", GENERATORS)
def test_asked_for_in_the_middle_of_a_test(pytester: pytest.Pytester, kind: str) -> None:
    """`getfixturevalue` inside a test is a set-up like any other: stopped, or on its own tape."""
    block = textwrap.indent(on_own_tape(pytester, kind, "yield tape"), "    ")
    if kind.endswith(" generator"):
        block += "\n\n@pytest.fixture(autouse=True)\ndef _backend(anyio_backend): pass\n"
    result = replay(pytester, head(kind, "session") + block + MIDDLE, kind, x=["x", "y"])
    result.assert_outcomes(passed=2, failed=2)
    found = {name.partition("[")[0]: text for name, text in scratch.reports(result).items()}
    check_blocked(found["test_stopped"], "session", "set-up", "stopped")
    check_blocked(found["test_late_cassette_stopped"], "module", "set-up", "stopped_too")


def test_one_wide_fixture_asks_for_another(pytester: pytest.Pytester) -> None:
    """A fixture stays stopped after the set-up of another one that it asked for inside its own."""
    source = """
        @pytest.fixture(scope="session")
        def other(): pass

        @pytest.fixture(scope="module")
        def wide(request):
            request.getfixturevalue("other")
            ask()
        """
    result = replay(pytester, textwrap.dedent(source) + TEST, x=["x"])
    result.assert_outcomes(errors=1)
    (report,) = scratch.reports(result).values()
    check_blocked(report, "module", "set-up")


def test_autouse(pytester: pytest.Pytester) -> None:
    """A fixture that nobody names is stopped like one that is asked for."""
    source = """
        @pytest.fixture(scope="module", autouse=True)
        def wide(): ask()

        @pytest.mark.cassette("x")
        def test_it(): assert ask() == "x"
        """
    result = replay(pytester, source, x=["x"])
    result.assert_outcomes(errors=1)
    (report,) = scratch.reports(result).values()
    check_blocked(report, "module", "set-up")


# The function, and pytest's name for the fixture that it is.
XUNIT = {
    "setup_module": ("module", "_xunit_setup_module_fixture_test_x"),
    "teardown_module": ("module", "_xunit_setup_module_fixture_test_x"),
    "setup_class": ("class", "_xunit_setup_class_fixture_TestIt"),
    "teardown_class": ("class", "_xunit_setup_class_fixture_TestIt"),
    "setUpClass": ("class", "_unittest_setUpClass_fixture_TestIt"),
    "tearDownClass": ("class", "_unittest_setUpClass_fixture_TestIt"),
}


@pytest.mark.parametrize("function", XUNIT)
def test_xunit_functions(pytester: pytest.Pytester, function: str) -> None:
    """The set-up functions of modules and classes, unittest's too, are fixtures in this respect."""
    scope, name = XUNIT[function]
    own = f"    @classmethod\n    def {function}(cls): ask()\n" if scope == "class" else ""
    result = replay(
        pytester,
        f"import unittest\n"
        f"{'' if own else f'def {function}(): ask()'}\n"
        f"class TestIt({'unittest.TestCase' if 'Class' in function else ''}):\n{own}"
        f"    @pytest.mark.cassette('x')\n"
        f"    def test_it(self): assert ask() == 'x'\n",
        x=["x"],
    )
    late = function.startswith("tear")
    result.assert_outcomes(passed=1 if late else 0, errors=1)
    (report,) = scratch.reports(result).values()
    check_blocked(report, scope, "tear-down" if late else "set-up", name)


def test_between_two_parameters(pytester: pytest.Pytester) -> None:
    """A fixture that is torn down for its next parameter is stopped there, and named."""
    source = """
        @pytest.fixture(scope="module", params=["a", "b"])
        def wide(request):
            yield request.param
            if request.param == "a":
                ask()

        @pytest.mark.cassette("x")
        def test_it(wide): assert ask() == "x"
        """
    (report,) = scratch.reports(replay(pytester, source, x=["x", "x"])).values()
    check_blocked(report, "module", "tear-down")


def test_loopback_is_open(pytester: pytest.Pytester) -> None:
    """A fixture may talk to a server on this machine: a database, the server under test."""
    source = """
@pytest.fixture(scope="session")
def wide():
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        def serve():
            for _ in range(2):
                server.handle_request()
        threading.Thread(target=serve).start()
        url = f"http://localhost:{server.server_port}"
        assert httpx.get(url).status_code == 204
        yield
        assert httpx2.get(url).status_code == 204
"""
    replay(pytester, scratch.SERVER + source + TEST, x=["x"]).assert_outcomes(passed=1)


THREAD = """
class Proxy(Handler):
    def do_GET(self):
        body = ask().encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

@pytest.fixture(scope="session")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()

@pytest.mark.parametrize("n", range(3))
@pytest.mark.cassette(allow_hosts=["127.0.0.1"])
def test_it(server, n): assert httpx.get(server).text == str(n)
"""
LOOP = """
import asyncio

async def handle(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    body = (await ask_async()).encode()
    writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n%s" % (len(body), body))
    writer.close()

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server():
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]

@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("n", range(3))
@pytest.mark.cassette(allow_hosts=["127.0.0.1"])
async def test_it(server, n):
    async with httpx.AsyncClient() as client:
        assert (await client.get(server)).text == str(n)
"""


@pytest.mark.parametrize("source", [scratch.SERVER + THREAD, LOOP], ids=["thread", "loop"])
def test_an_application_that_runs_all_the_time(pytester: pytest.Pytester, source: str) -> None:
    """What a session's server calls while it answers a test is on that test's cassette."""
    tapes = {f"test_x/test_it[{n}]": [str(n)] for n in range(3)}
    replay(pytester, source, **tapes).assert_outcomes(passed=3)


# The marker, and what `cassette_config` says.
SPARED = {
    "marker": ("mode='off'", "{}"),
    "config": ("", "{'mode': 'off'}"),
    "no interception": ("", "{'intercept': False}"),
    "allowed hosts": ("", "{'allow_hosts': ['*.example.com']}"),
}
REACHING = """
import socket

class Reached(Exception): pass

def reach(*args, **kwargs): raise Reached

@pytest.fixture(scope="session", autouse=True)
def resolver():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", reach)
        yield

@pytest.fixture(scope="module")
def wide(): pytest.raises(Reached, ask)

"""


@pytest.mark.parametrize("case", SPARED)
def test_where_the_test_itself_may_call(pytester: pytest.Pytester, case: str) -> None:
    """A test whose own tape lets calls through, wherever that is said, bars no fixture."""
    marker, config = SPARED[case]
    source = f"""
        @pytest.fixture
        def cassette_config(): return {config}

        @pytest.mark.cassette({marker})
        def test_it(wide): pass
        """
    scratch.write(pytester, REACHING + textwrap.dedent(source))
    scratch.record(pytester, "test_x/test_it", "x")
    scratch.run(pytester).assert_outcomes(passed=1)


def test_wide_fixtures_of_other_tests(pytester: pytest.Pytester) -> None:
    """Where no test with a cassette is set up, fixtures call out as they always did."""
    source = """
        def test_first(wide): pass

        @pytest.mark.cassette("x")
        def test_second(wide): assert ask() == "x"
        """
    result = replay(pytester, REACHING + textwrap.dedent(source), x=["x"])
    result.assert_outcomes(passed=2)


def test_a_fixture_below_the_cassette(pytester: pytest.Pytester) -> None:
    """What `cassette_config` rests on is set up before the tape; it is stopped like the others."""
    source = """
        @pytest.fixture(scope="session")
        def wide(): ask()

        @pytest.fixture(scope="session")
        def cassette_config(wide): return {}

        @pytest.mark.cassette("x")
        def test_it(): assert ask() == "x"
        """
    result = replay(pytester, source, x=["x"])
    result.assert_outcomes(errors=1)
    (report,) = scratch.reports(result).values()
    check_blocked(report, "session", "set-up")


@pytest.mark.parametrize("kind", GENERATORS)
def test_two_fixtures_with_tapes(pytester: pytest.Pytester, kind: str) -> None:
    """Several tapes of fixtures and the test's own are each used by their owner, to the last."""
    source = ""
    for name in ("a", "b"):
        path = pytester.path / f"{name}.yaml"
        scratch.ck.dump(scratch.cassette(name, f"{name}, late"), path)
        source += f"""
{head(kind, "session")}
    with ck.use_cassette({str(path)!r}, mode="replay"):
        assert {call(kind, 1)} == {name!r}
        yield
        assert {call(kind, 2)} == "{name}, late"
""".replace("wide", name)
    tests = """

@pytest.mark.cassette("x")
def test_ab(a, b): assert ask() == "x"

@pytest.mark.cassette("x")
def test_ba(b, a): assert ask() == "x"

@pytest.mark.cassette("x")
@pytest.mark.anyio
async def test_async(a, b): assert await ask_async() == "x"
"""
    replay(pytester, source + tests, kind, x=["x"]).assert_outcomes(passed=3)

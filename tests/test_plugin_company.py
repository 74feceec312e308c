"""The plugin in company: other plugins and mocks, unittest, tests without a cassette."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import scratch
import tapes

import cassette_kit as ck

MISS = f"no recorded interaction answers POST {tapes.URL}"


def replay(pytester: pytest.Pytester, source: str, *args: str) -> pytest.RunResult:
    """Run a test file whose cassette `x` answers "x" and "y"."""
    scratch.write(pytester, source)
    scratch.record(pytester, "x", "x", "y")
    return scratch.run(pytester, "--cassette-mode=replay", *args)


# Tests without a cassette -------------------------------------------------------------------------


@pytest.mark.parametrize("args", [[], ["--cassette-mode=replay"], ["--cassette-block-network"]])
def test_a_light_plugin(pytester: pytest.Pytester, args: list[str]) -> None:
    """A run without cassettes must not pay for them: nothing heavy is imported.

    The guard of `--cassette-block-network` needs asyncio, and still no client and no YAML.
    """
    heavy = ["httpx", "httpx2", "yaml", "rich", "click", "msgspec", "filelock", "anyio"]
    if "--cassette-block-network" not in args:
        heavy += ["asyncio", "ssl", "cassette_kit.tape"]
    pytester.makepyfile(
        f"import sys\ndef test_it(): assert [m for m in {heavy} if m in sys.modules] == []"
    )
    program = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    plugins = ["-p", "cassette_kit.pytest_plugin", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [sys.executable, "-c", program, *plugins, *args, str(pytester.path)],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_without_the_plugin(pytester: pytest.Pytester) -> None:
    """`-p no:cassette_kit` takes options and fixture away and leaves `use_cassette` as it is."""
    path = scratch.record(pytester, "x", "x")
    scratch.write(
        pytester,
        f"""
        def test_block():
            with ck.use_cassette({str(path)!r}, mode="replay"):
                assert ask() == "x"

        def test_swallowed():
            with ck.use_cassette({str(path)!r}, mode="replay"):
                with pytest.raises(BaseException):
                    ask(2)

        def test_fixture(cassette): pass
        """,
    )
    result = scratch.run(pytester, "-p", "no:cassette_kit", subprocess=True)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["E *fixture 'cassette' not found"])
    result.stdout.fnmatch_lines(["FAILED *::test_swallowed - cassette_kit.CassetteMiss: no rec*"])
    refused = scratch.run(
        pytester, "-p", "no:cassette_kit", "--cassette-mode=replay", subprocess=True
    )
    assert refused.ret == pytest.ExitCode.USAGE_ERROR


def test_doctests(pytester: pytest.Pytester) -> None:
    """Doctests do not break the run, marked module or not, and may ask for the fixture."""
    scratch.write(
        pytester,
        '''
        pytestmark = pytest.mark.cassette("x")

        def plain():
            """
            >>> 1 + 1
            2
            """

        def asking():
            """
            >>> tape = getfixture("cassette")
            >>> ask()
            'x'
            >>> ask(2)
            'y'
            """

        def test_it(): assert ask() == "x"
        ''',
    )
    scratch.record(pytester, "x", "x", "y")
    scratch.record(pytester, "test_x/test_x.asking", "x", "y")
    for args in ([], ["--cassette-block-network"]):
        result = scratch.run(pytester, "--doctest-modules", *args)
        result.assert_outcomes(passed=3)


def test_items_that_are_not_python(pytester: pytest.Pytester) -> None:
    """Items of other plugins have no fixtures; they are collected and run as without us."""
    (pytester.path / "conftest.py").write_text(
        """
import pytest

def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".txt":
        return File.from_parent(parent, path=file_path)

class File(pytest.File):
    def collect(self):
        yield Item.from_parent(self, name="good")
        yield Item.from_parent(self, name="bad")

class Item(pytest.Item):
    def runtest(self):
        assert self.name == "good"
"""
    )
    (pytester.path / "a.txt").touch()
    (pytester.path / "pytest.ini").write_text(scratch.INI)
    for args in ([], ["--cassette-block-network"]):
        scratch.run(pytester, *args).assert_outcomes(passed=1, failed=1)


# Other ways to run --------------------------------------------------------------------------------


def test_xdist(pytester: pytest.Pytester) -> None:
    """In two workers every test has its cassette, and every miss is one failure with its text."""
    scratch.write(
        pytester,
        """
        pytestmark = pytest.mark.cassette("x")

        @pytest.mark.parametrize("n", range(4))
        def test_plays(n): assert ask() == "x"

        @pytest.mark.parametrize("n", range(4))
        def test_misses(n): ask(7)

        def test_swallows(): pytest.raises(BaseException, ask, 7)
        """,
    )
    scratch.record(pytester, "x", "x")
    result = scratch.run(pytester, "-n2", "--cassette-mode=replay", subprocess=True)
    result.assert_outcomes(passed=4, failed=5)
    assert {text.splitlines()[1] for text in scratch.reports(result).values()} == {MISS}
    result.stdout.fnmatch_lines(["FAILED *::test_swallows - cassette_kit.CassetteMiss: no rec*"])


def test_xdist_refuses_what_one_process_refuses(pytester: pytest.Pytester) -> None:
    """A mode that does not exist ends the run before a worker starts."""
    scratch.write(pytester, "def test_it(cassette): pass")
    result = scratch.run(pytester, "-n2", "--cassette-mode=nonsense", subprocess=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if line] == [
        "ERROR: --cassette-mode: mode='nonsense', expected 'replay' or 'once' or 'new_episodes' or "
        "'rewrite' or 'off'"
    ]


def test_import_mode_importlib(pytester: pytest.Pytester) -> None:
    """With `--import-mode=importlib` modules of one name in two folders keep to their cassettes."""
    for folder in ("a", "b"):
        source = f"def test_it(cassette): assert ask() == {folder!r}"
        scratch.write(pytester, source, f"{folder}/test_x.py")
        path = pytester.path / folder / "cassettes" / "test_x" / "test_it.yaml"
        ck.dump(scratch.cassette(folder), path)
    result = scratch.run(pytester, "--import-mode=importlib", "--cassette-mode=replay")
    result.assert_outcomes(passed=2)


def test_a_test_that_is_run_again(pytester: pytest.Pytester) -> None:
    """A plugin may run a failed test again: what counts for the cassette is the last run."""
    (pytester.path / "conftest.py").write_text(
        """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    runtestprotocol(item, nextitem=nextitem, log=False)
    item._initrequest()
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""
    )
    scratch.write(
        pytester,
        scratch.SERVER
        + """
RUNS = []

def test_it(cassette, url):
    RUNS.append(httpx.get(url).status_code)
    assert RUNS == [204, 204]
""",
    )
    scratch.run(pytester).assert_outcomes(passed=1)
    path = pytester.path / "cassettes" / "test_x" / "test_it.yaml"
    assert len(ck.load(path).interactions) == 1


UNITTEST = """
import unittest

@pytest.mark.cassette("x")
class TestPlain(unittest.TestCase):
    def setUp(self): self.answer = ask()

    def tearDown(self): assert ask(2) == "y"

    def test_it(self):
        self.assertEqual(self.answer, "x")
        with self.subTest("two"):
            self.assertEqual(self.answer, "x")

@pytest.mark.cassette("x")
class TestAsync(unittest.IsolatedAsyncioTestCase):
    def setUp(self): self.answer = ask()

    async def asyncTearDown(self): assert await ask_async(2) == "y"

    async def test_it(self): self.assertEqual(self.answer, "x")

class TestWithoutMarker(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def tape(self, cassette): self.cassette = cassette

    @pytest.mark.cassette("x")
    def test_it(self):
        self.assertEqual(ask(), "x")
        self.assertEqual(len(self.cassette.played), 1)
"""


@pytest.mark.parametrize("held", [False, True], ids=["alone", "beside another tape"])
def test_unittest(pytester: pytest.Pytester, held: bool) -> None:
    """Test cases of unittest play their cassette in set-up, test and tear-down, sync and async."""
    other = pytester.path / "other.yaml"
    ck.dump(scratch.cassette("of another tape"), other)
    holding = f"""
@pytest.fixture(scope="session", autouse=True)
def wide():
    with ck.use_cassette({str(other)!r}, mode="replay"):
        yield
"""
    replay(pytester, UNITTEST + (holding if held else "")).assert_outcomes(passed=3)


@pytest.mark.parametrize("base", ["TestCase", "IsolatedAsyncioTestCase"])
def test_a_miss_in_a_unittest(pytester: pytest.Pytester, base: str) -> None:
    """A miss of a test case is one failure, raised or swallowed, in whatever of its methods."""
    result = replay(
        pytester,
        f"""
        import unittest

        @pytest.mark.cassette("x")
        class TestRaised(unittest.{base}):
            def test_it(self): ask(7)

        @pytest.mark.cassette("x")
        class TestSwallowed(unittest.{base}):
            def test_it(self):
                with self.assertRaises(BaseException):
                    ask(7)

        @pytest.mark.cassette("x")
        class TestSetUp(unittest.{base}):
            def setUp(self): ask(7)
            def test_it(self): pass

        @pytest.mark.cassette("x")
        class TestTearDown(unittest.{base}):
            def tearDown(self): ask(7)
            def test_it(self): pass

        @pytest.mark.cassette("x")
        class TestSubTest(unittest.{base}):
            def test_it(self):
                with self.subTest("one"):
                    ask(7)
        """,
    )
    found = scratch.reports(result)
    assert list(found) == [
        "TestRaised.test_it",
        "TestSwallowed.test_it",
        "TestSetUp.test_it",
        "TestTearDown.test_it",
        "TestSubTest.test_it [one]",
        "TestSubTest.test_it",  # pytest fails a test with a failed subtest, too
    ]
    assert {text.count(MISS) for text in found.values()} == {1}
    result.assert_outcomes(failed=6)


# Other plugins and mocks --------------------------------------------------------------------------

VCR = """
interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: http://vcr.example.com/
  response:
    body: {string: from vcrpy}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize("args", [[], ["--record-mode=none"], ["--block-network"]])
def test_pytest_recording(pytester: pytest.Pytester, args: list[str]) -> None:
    """Both plugins serve their own tests in one run.

    What vcrpy lets pass in a test that has both goes to the client's own transport, since vcrpy
    knows that from its import on: past the tape, and stopped at the socket.
    """
    path = pytester.path / "cassettes" / "test_x" / "test_vcr.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(VCR)
    path.with_name("test_both.yaml").write_text(VCR)
    result = replay(
        pytester,
        """
        import urllib.request

        def fetch():
            with urllib.request.urlopen("http://vcr.example.com/") as response:
                return response.read().decode()

        @pytest.mark.vcr
        def test_vcr(): assert fetch() == "from vcrpy"

        @pytest.mark.cassette("x")
        def test_cassette(): assert ask() == "x"

        @pytest.mark.vcr
        @pytest.mark.cassette("x")
        def test_both(): assert fetch() == "from vcrpy"

        @pytest.mark.vcr(ignore_hosts=["api.example.com"])
        @pytest.mark.cassette("x")
        def test_past_us(): ask()

        @pytest.mark.block_network
        @pytest.mark.cassette("x")
        def test_blocked(): assert ask() == "x"

        @pytest.mark.cassette("x")
        def test_missed(): ask(7)
        """,
        *args,
    )
    result.assert_outcomes(passed=4, failed=2)
    found = scratch.reports(result)
    assert found["test_missed"].startswith(MISS)
    assert found["test_past_us"].startswith("blocked a look-up that would leave the machine")


def test_respx(pytester: pytest.Pytester) -> None:
    """Routes of respx answer for hosts that the tape lets pass; patching httpx, before the tape."""
    replay(
        pytester,
        """
        import respx

        ROUTED = "https://mocked.example.com/"

        @pytest.mark.cassette("x", allow_hosts=["mocked.example.com"])
        def test_allowed():
            with respx.mock:
                respx.get(ROUTED).respond(text="respx")
                assert httpx.get(ROUTED).text == "respx"
                assert ask() == "x"

        @pytest.mark.cassette("x", allow_hosts=["mocked.example.com"])
        def test_fixture(respx_mock):
            respx_mock.get(ROUTED).respond(text="respx")
            assert ask() == "x"
            assert httpx.get(ROUTED).text == "respx"

        @pytest.mark.cassette("x")
        def test_before():
            with respx.mock(using="httpx") as routes:
                routes.get(ROUTED).respond(text="respx")
                routes.post(URL).pass_through()
                assert httpx.get(ROUTED).text == "respx"
                assert ask() == "x"
            assert ask(2) == "y"

        @pytest.mark.cassette("x")
        def test_miss():
            with respx.mock:
                respx.get(ROUTED).respond(text="respx")
                httpx.get(ROUTED)
        """,
    ).assert_outcomes(passed=3, failed=1)


def test_pytest_httpx(pytester: pytest.Pytester) -> None:
    """What `httpx_mock` is told to mock it answers, and the tape the rest, in either order."""
    result = replay(
        pytester,
        """
        OURS = pytest.mark.httpx_mock(should_mock=lambda r: r.url.host != "api.example.com")

        @OURS
        @pytest.mark.cassette("x")
        def test_it(httpx_mock):
            httpx_mock.add_response(text="mocked")
            assert httpx.get("https://mocked.example.com").text == "mocked"
            assert ask() == "x"

        class TestTapeOnTop:
            @pytest.fixture
            def cassette_config(self): return {"allow_hosts": ["mocked.example.com"]}

            @pytest.fixture
            def cassette_name(self): return "x"

            def test_it(self, httpx_mock, request):
                httpx_mock.add_response(text="mocked")
                request.getfixturevalue("cassette")
                assert ask() == "x"
                assert httpx.get("https://mocked.example.com").text == "mocked"

        @OURS
        @pytest.mark.asyncio
        @pytest.mark.cassette("x")
        async def test_async(httpx_mock):
            httpx_mock.add_response(text="mocked")
            async with httpx.AsyncClient() as client:
                assert (await client.get("https://mocked.example.com")).text == "mocked"
            assert await ask_async() == "x"
        """,
    )
    result.assert_outcomes(passed=3)


def test_clients_with_transports_of_their_own(pytester: pytest.Pytester) -> None:
    """Mock, ASGI and WSGI transports answer as without a tape, which sees none of it."""
    replay(
        pytester,
        """
        async def asgi(scope, receive, send):
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": b"asgi"})

        def wsgi(environ, start_response):
            start_response("202 Accepted", [])
            return [b"wsgi"]

        @pytest.mark.asyncio
        @pytest.mark.parametrize("module", [httpx, httpx2])
        async def test_it(cassette, module):
            mock = module.MockTransport(lambda request: module.Response(200, text="mock"))
            for transport, text in ((mock, "mock"), (module.WSGITransport(wsgi), "wsgi")):
                with module.Client(transport=transport) as client:
                    assert client.get("http://app").text == text
            for transport, text in ((mock, "mock"), (module.ASGITransport(asgi), "asgi")):
                async with module.AsyncClient(transport=transport) as client:
                    assert (await client.get("http://app")).text == text
            assert cassette.requests == []
        """,
    ).assert_outcomes(passed=2)

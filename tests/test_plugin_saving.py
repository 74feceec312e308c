"""What becomes of a recording when its test passes, fails, skips, stops, or shares a file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from provider import Answer, Provider
from tapes import interaction

import cassette_kit as ck

ENDINGS = {
    "assert False": "fails",
    "pytest.skip('not today')": "skips",
    "pytest.xfail('known')": "is expected to fail",
    "os.kill(os.getpid(), signal.SIGINT); time.sleep(10)": "is interrupted",
    "pytest.exit('enough')": "ends the run",
    "raise SystemExit(3)": "leaves",
}


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is recorded in CI."""
    for name in ("CI", "CASSETTE_MODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        provider.on("/chat", *(Answer.json([b'{"a": %d}' % n]) for n in range(8)))
        yield provider


@pytest.fixture
def cassette(pytester: pytest.Pytester) -> Path:
    """A cassette of two interactions, as an earlier run has left it."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    path = pytester.path / "cassettes" / "c.yaml"
    ck.dump(ck.Cassette((interaction(b"1"), interaction(b"2"))), path)
    return path


def run(pytester: pytest.Pytester, provider: Provider, source: str, *args: str) -> pytest.RunResult:
    head = f"""
    import os, signal, time
    import httpx, pytest

    def ask(question):
        return httpx.post("{provider.url}/chat", json=question).json()["a"]
    """
    pytester.makepyfile(test_it=textwrap.dedent(head) + textwrap.dedent(source))
    return pytester.runpytest_subprocess(*args)


@pytest.mark.parametrize("ending", ENDINGS, ids=ENDINGS.values())
def test_only_a_test_that_passed_replaces_its_file(
    pytester: pytest.Pytester, provider: Provider, cassette: Path, ending: str
) -> None:
    """Whatever else ends a test, the old cassette stays and the new calls are in the journal."""
    before = cassette.read_bytes()
    source = f"""
    @pytest.mark.cassette("c")
    def test():
        ask("one")
        {ending}
    """
    run(pytester, provider, source, "--cassette-mode=rewrite")
    assert cassette.read_bytes() == before
    assert cassette.with_name("c.yaml.part").exists()


def test_two_tests_rewrite_the_file_that_they_share(
    pytester: pytest.Pytester, provider: Provider, cassette: Path
) -> None:
    """The second adds to what the first has recorded in this run, so both play afterwards."""
    source = """
    @pytest.mark.cassette("c")
    @pytest.mark.parametrize("question", ["one", "two"])
    def test(question):
        assert ask(question) is not None
    """
    run(pytester, provider, source, "--cassette-mode=rewrite").assert_outcomes(passed=2)
    assert [one.request.json() for one in ck.load(cassette).interactions] == ["one", "two"]
    run(pytester, provider, source, "--cassette-mode=replay").assert_outcomes(passed=2)


def test_left_overs_do_not_hide_a_miss(
    pytester: pytest.Pytester, provider: Provider, cassette: Path
) -> None:
    """A miss leaves recordings over, which is no news beside it."""
    source = """
    @pytest.mark.cassette("c", unplayed="fail")
    def test():
        try:
            ask("new")
        except BaseException:
            pass
    """
    result = run(pytester, provider, source, "--cassette-mode=replay")
    result.assert_outcomes(failed=1)
    assert "no recorded interaction answers" in result.stdout.str()
    assert "were not played" not in result.stdout.str()


def test_a_stream_that_was_left_is_noted(
    pytester: pytest.Pytester, provider: Provider, cassette: Path
) -> None:
    """A recording that cannot be read to its end again is mentioned where it is made."""
    provider.on("/stream", Answer.sse([b"data: 1\n\n", b"data: 2\n\n"]))
    source = f"""
    @pytest.mark.cassette("new")
    def test():
        with httpx.stream("GET", "{provider.url}/stream") as response:
            pass
    """
    result = run(pytester, provider, source, "--cassette-mode=once")
    result.assert_outcomes(passed=1)
    assert "1 of 1 streams ended early, and will not replay further" in result.stdout.str()


def test_a_miss_is_noted_on_what_came_after_it(tmp_path: Path) -> None:
    """Outside pytest a block that swallowed a miss and then fails tells of both."""
    with pytest.raises(ZeroDivisionError) as caught:
        with ck.use_cassette(tmp_path / "absent.yaml", mode="replay") as tape:
            with pytest.raises(ck.CassetteMiss):
                tape.decide(ck.Request("GET", "https://api.example.com/"))
            raise ZeroDivisionError
    assert "no recorded interaction answers GET" in caught.value.__notes__[0]


def test_a_miss_shows_no_key(tmp_path: Path) -> None:
    """A key in a prompt must not reach the log of a CI run by way of a miss."""
    key = "sk-proj-Zk3q9XvB7tLw2RmN5cYd8HfJ1pGs4KaQ6eUx0TiVoWbEyMzC"
    ck.dump(ck.Cassette((interaction(b'"old"'),)), tmp_path / "x.yaml")
    with ck.use_cassette(tmp_path / "x.yaml", mode="replay") as tape, tape.expect_miss() as caught:
        tape.decide(
            ck.Request("POST", "https://api.example.com/v1/chat", body=b'"%s"' % key.encode())
        )
    assert key not in str(caught.value)
    assert "REDACTED" in str(caught.value)


def test_the_last_word_on_a_test(
    pytester: pytest.Pytester, provider: Provider, cassette: Path
) -> None:
    """A plugin that tries a failed test again within its report, as pytest-retry, lets it pass."""
    pytester.makeconftest("""
        import pytest

        class Again:
            @pytest.hookimpl(hookwrapper=True)
            def pytest_runtest_makereport(self, item, call):
                outcome = yield
                report = outcome.get_result()
                if report.failed:
                    report.outcome = "passed"

        @pytest.hookimpl(trylast=True)
        def pytest_configure(config):
            config.pluginmanager.register(Again())
    """)
    source = """
    @pytest.mark.cassette("c")
    def test():
        ask("one")
        assert False
    """
    run(pytester, provider, source, "--cassette-mode=rewrite").assert_outcomes(passed=1)
    assert [one.request.json() for one in ck.load(cassette).interactions] == ["one"]
    assert not cassette.with_name("c.yaml.part").exists()


@pytest.mark.parametrize(
    ("ending", "saves"),
    [
        ("", True),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(10)", False),
        ("pytest.exit('enough')", False),
        ("with subtests.test('b'): assert False", False),
    ],
)
def test_subtests(
    pytester: pytest.Pytester, provider: Provider, cassette: Path, ending: str, saves: bool
) -> None:
    """A subtest that passed is no test that did, and one that failed is a failed test."""
    before = cassette.read_bytes()
    source = f"""
    @pytest.mark.cassette("c")
    def test(subtests):
        ask("one")
        with subtests.test("a"): pass
        {ending}
        with subtests.test("c"): pass
    """
    run(pytester, provider, source, "--cassette-mode=rewrite")
    assert (cassette.read_bytes() != before) == saves
    assert cassette.with_name("c.yaml.part").exists() != saves

"""What a run says of its cassettes at the end: in the terminal, as JSON, and of files unused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tapes import interaction

import cassette_kit as ck

TESTS = """
import httpx
import pytest

def ask(question):
    return httpx.post("https://api.example.com/v1/chat", json={"q": question})

@pytest.mark.cassette
def test_plays():
    ask(1)

@pytest.mark.cassette
def test_misses():
    ask(2)

@pytest.mark.cassette("shared")
def test_leaves():
    pass

@pytest.mark.cassette
@pytest.mark.skip
def test_skipped():
    pass

def test_without():
    pass
"""


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under CI pytest prints more and the kit records nothing."""
    for name in ("CI", "BUILD_NUMBER", "CASSETTE_MODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Four cassettes for tests, and one that nothing uses."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(test_it=TESTS)
    names = ["test_it/test_plays", "test_it/test_misses", "test_it/test_skipped", "shared", "old"]
    for name in names:
        path = pytester.path / "cassettes" / f"{name}.yaml"
        ck.dump(ck.Cassette((interaction(),)), path)
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess("--cassette-mode=replay", "-p", "no:randomly", *arguments)


def section(result: pytest.RunResult) -> list[str]:
    """The lines of the section about cassettes."""
    lines = iter(result.outlines)
    for line in lines:
        if line.strip("- ") == "cassettes":
            break
    return [line for line in lines if not line.startswith(("=", "FAILED"))]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_totals(project: pytest.Pytester, workers: list[str]) -> None:
    """One line adds up all tapes, whichever worker ran them."""
    result = run(project, *workers)
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    assert section(result)[0] == ("3 used; requests: 1 played, 0 recorded, 1 missed, 0 gone live")


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_report(project: pytest.Pytester, workers: list[str]) -> None:
    """The JSON report has the same totals, and every tape with its test."""
    run(project, "--cassette-report=report.json", *workers)
    report = json.loads((project.path / "report.json").read_text())
    assert report["totals"] == {
        "cassettes": 3,
        "played": 1,
        "recorded": 0,
        "missed": 1,
        "gone_live": 0,
    }
    by_test = {tape["test"].partition("::")[2]: tape for tape in report["tapes"]}
    assert sorted(by_test) == ["test_leaves", "test_misses", "test_plays"]
    assert by_test["test_leaves"]["unplayed"] == 1
    assert Path(by_test["test_plays"]["cassette"]) == Path("cassettes/test_it/test_plays.yaml")


def test_whose_tape_it_was(pytester: pytest.Pytester) -> None:
    """A tape is the running test's, whatever that does to the environment, and in its hooks too."""
    tape = 'cassette_kit.use_cassette("{}.yaml", mode="replay")'
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest(f"""
        import cassette_kit
        def pytest_runtest_setup(item):
            with {tape.format("hook")}: pass
        """)
    pytester.makepyfile(
        test_it=f"""
        import os
        from unittest import mock
        import cassette_kit

        def test_one():
            with mock.patch.dict(os.environ, clear=True), {tape.format("test")}: pass
        """
    )
    pytester.runpytest_subprocess("--cassette-report=report.json").assert_outcomes(passed=1)
    tapes = json.loads((pytester.path / "report.json").read_text())["tapes"]
    assert {Path(tape["cassette"]).stem: tape["test"] for tape in tapes} == {
        "hook": "test_it.py::test_one",
        "test": "test_it.py::test_one",
    }


def test_nothing_to_say(pytester: pytest.Pytester) -> None:
    """A run without cassettes gets no section."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile("def test_it(): pass")
    assert "cassettes" not in pytester.runpytest_subprocess().stdout.str()


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_orphans(project: pytest.Pytester, workers: list[str]) -> None:
    """The file that no test uses is named; one of a skipped test is not."""
    result = run(project, "--cassette-orphans", *workers)
    assert section(result)[1:] == [f"orphan: {project.path / 'cassettes' / 'old.yaml'}"]


def test_orphans_fail(project: pytest.Pytester) -> None:
    """With `fail` an orphan fails a run whose tests have all passed."""
    (project.path / "cassettes" / "test_it" / "test_misses.yaml").unlink()
    project.makepyfile(test_it=TESTS.replace("ask(2)", "pass"))
    assert run(project).ret == 0
    assert run(project, "--cassette-orphans=fail").ret == 1
    (project.path / "cassettes" / "old.yaml").unlink()
    assert run(project, "--cassette-orphans=fail").ret == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["-k", "plays"], "tests were deselected"),
        (["test_it.py"], "single files or tests were asked for"),
        (["test_it.py::test_plays"], "single files or tests were asked for"),
        (["-x"], "not every collected test was reached"),
        (["-x", "-n", "2", "--maxfail=1", "-k", "plays or misses"], "tests were deselected"),
    ],
)
def test_a_part_of_the_tests_tells_nothing(
    project: pytest.Pytester, arguments: list[str], reason: str
) -> None:
    """Files of tests that were not run are never called orphans."""
    result = run(project, "--cassette-orphans=fail", *arguments)
    lines = section(result)
    assert f"orphans: not told, {reason}" in lines
    assert not [line for line in lines if line.startswith("orphan:")]


@pytest.mark.parametrize(("unplayed", "outcome"), [("fail", "failed"), ("warn", "passed")])
def test_unplayed(pytester: pytest.Pytester, unplayed: str, outcome: str) -> None:
    """A test that leaves recordings over fails or warns, where that was asked for."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        f"import pytest\n\n@pytest.mark.cassette('x', unplayed={unplayed!r})\ndef test_it(): pass"
    )
    ck.dump(ck.Cassette((interaction(),)), pytester.path / "cassettes" / "x.yaml")
    result = pytester.runpytest_subprocess("-W", "default")
    assert result.parseoutcomes()[outcome] == 1
    assert "1 of 1 recordings were not played" in result.stdout.str()


def test_a_failed_test_keeps_its_recordings(pytester: pytest.Pytester) -> None:
    """What a failed test has recorded is not in the cassette, and the report says how to get it."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        """
        import threading
        from http.server import BaseHTTPRequestHandler, HTTPServer

        import httpx
        import pytest

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        @pytest.mark.cassette("x")
        def test_it():
            with HTTPServer(("127.0.0.1", 0), Handler) as server:
                thread = threading.Thread(target=server.handle_request)
                thread.start()
                httpx.get(f"http://127.0.0.1:{server.server_port}/")
                thread.join()
            assert False
        """
    )
    result = pytester.runpytest_subprocess("--cassette-mode=once")
    result.assert_outcomes(failed=1)
    folder = pytester.path / "cassettes"
    assert [path.name for path in folder.iterdir()] == ["x.yaml.part"]
    assert "`cassette-kit accept cassettes/x.yaml` takes them" in result.stdout.str()
    assert section(result)[1] == "not accepted: cassettes/x.yaml"

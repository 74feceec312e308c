"""Run a suite of tests with a cassette each

The processor time of a whole process of pytest, start and end included; what is 1 answers from a
MockTransport with the bodies in memory. Every test makes one JSON call through `client`: one that
all tests share, or one that a fixture makes for each test. All processes load the one plugin that
they use and no other. vcrpy runs under pytest-recording, cassetter under its own plugin; respx and
pytest-httpx are told request and answer in each test. pytest's own count says that all have passed.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import cassette_kit as ck
from bench import cassettes
from bench.measuring import Row
from bench.pytest_runs import pytest_side
from bench.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent

GOAL = 1.5
FILES = "cassettes/test_suite"


class Runner(NamedTuple):
    """`told` is what a test says before its call, `conftest` what the suite needs besides."""

    plugin: str | None
    marker: str = ""
    fixture: str = ""
    told: str = ""
    conftest: str = ""
    transport: str = ""


MATCHING = """
@pytest.fixture(scope="session")
def vcr_config():
    return {config}
"""
ANSWERS = """
from test_suite import ANSWERS

def answer(request):
    body = ANSWERS[request.content]
    return httpx.Response(200, headers={"content-type": "application/json"}, content=body)
"""
RUNNERS = {
    "MockTransport": Runner(
        None, conftest=ANSWERS, transport="transport=httpx.MockTransport(answer)"
    ),
    "cassette_kit": Runner("cassette_kit.pytest_plugin", "@pytest.mark.cassette"),
    "pytest-recording": Runner(
        "pytest_recording.plugin",
        "@pytest.mark.vcr",
        conftest=MATCHING.format(config='{"match_on": ("method", "uri", "body")}'),
    ),
    "cassetter": Runner(
        "cassetter.pytest_plugin",
        "@pytest.mark.vcr",
        conftest=MATCHING.format(
            config='{"match_on": ["method", "uri", "json_body"], "intercept": ["httpx"]}'
        ),
    ),
    "respx": Runner(
        "respx.plugin",
        '@pytest.mark.respx(using="httpx")',
        ", respx_mock",
        "respx_mock.post(URL, json=json.loads(body)).respond(content=ANSWERS[body])",
    ),
    "pytest-httpx": Runner(
        "pytest_httpx",
        "",
        ", httpx_mock",
        "httpx_mock.add_response(url=URL, match_json=json.loads(body), content=ANSWERS[body])",
    ),
}
CONFTEST = """
import httpx
import pytest

@pytest.fixture(scope="{scope}")
def client():
    with httpx.Client({transport}) as client:
        yield client
"""
MODULE = """
import json
import pytest

URL = {url!r}
ANSWERS = {answers!r}

def check(client, body):
    answer = client.post(URL, content=body, headers={{"content-type": "application/json"}})
    assert answer.json() == json.loads(ANSWERS[body])
"""
TEST = """
{marker}
def test_{number}(client{fixture}):
    body = {body!r}
    {told}
    check(client, body)
"""
CLIENTS = {"a shared client": "session", "a client for each test": "function"}


def rows(extent: Extent) -> Iterator[Row]:
    for name, scope in CLIENTS.items():
        with TemporaryDirectory() as folder:
            yield row(name, scope, extent.tests, Path(folder))


def row(name: str, scope: str, count: int, folder: Path) -> Row:
    sides = {}
    installed = (one for one in RUNNERS.items() if one[0] in TOOLS or one[0] != "cassetter")
    for title, runner in installed:
        write_suite(folder / title, title, scope, count)
        plugins = ["-p", runner.plugin] if runner.plugin else []
        sides[title] = pytest_side(folder / title, *plugins)
    expected = {"passed": count}
    return Row(f"{count} tests, {name}", sides, expected, {"cassette_kit": GOAL})


def write_suite(folder: Path, title: str, scope: str, count: int) -> None:
    runner = RUNNERS[title]
    interactions = list(map(cassettes.small, range(count)))
    answers = {one.request.body: one.response.body for one in interactions}
    head = MODULE.format(url=cassettes.URL, answers=answers)
    tests = (
        TEST.format(number=number, body=one.request.body, **runner._asdict())
        for number, one in enumerate(interactions)
    )
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    fixtures = CONFTEST.format(scope=scope, transport=runner.transport)
    (folder / "conftest.py").write_text(fixtures + runner.conftest)
    (folder / "test_suite.py").write_text(head + "".join(tests))
    write_cassettes(folder, title, interactions)


def write_cassettes(folder: Path, title: str, interactions: list[ck.Interaction]) -> None:
    tool = TOOLS.get({"pytest-recording": "vcrpy"}.get(title, title))
    if tool is not None:
        (folder / FILES).mkdir(parents=True)
        for number, one in enumerate(interactions):
            tool.write(folder / FILES / f"test_{number}.yaml", ck.Cassette((one,)))

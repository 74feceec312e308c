"""Projects in scratch folders, on which the tests of the plugin run pytest for real."""

from __future__ import annotations

import os
import socket
import sys
import textwrap
from typing import TYPE_CHECKING
from unittest import mock

import httpcore2
import httpx
import httpx2
import msgspec
import tapes
import yaml

import cassette_kit as ck
import cassette_kit.bar
import cassette_kit.clients.takeover
import cassette_kit.explain
import cassette_kit.recorder
import cassette_kit.using
from cassette_kit import ownership

# A run in this process forgets the modules that it was the first to import. These must not be
# there twice: they have state, or classes that others compare with.
KEPT = (cassette_kit, httpcore2, msgspec, yaml)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

HEAD = f"""
import httpx
import httpx2
import pytest

import cassette_kit as ck

URL = {tapes.URL!r}
CLIENT = httpx.Client(verify=False)


def ask(q=1, client=CLIENT):
    return client.post(URL, json={{"q": q}}).json()["a"]


async def ask_async(q=1, module=httpx):
    async with module.AsyncClient(verify=False) as client:
        return (await client.post(URL, json={{"q": q}})).json()["a"]


"""
SERVER = """
import http.server, socket, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args): pass

@pytest.fixture
def url():
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request).start()
        yield f"http://127.0.0.1:{server.server_port}"

"""

PLACES = {
    "httpx": lambda: httpx.HTTPTransport.handle_request,
    "httpx, async": lambda: httpx.AsyncHTTPTransport.handle_async_request,
    "httpx2": lambda: httpx2.HTTPTransport.handle_request,
    "httpx2, async": lambda: httpx2.AsyncHTTPTransport.handle_async_request,
    "connect": lambda: socket.socket.connect,
    "getaddrinfo": lambda: socket.getaddrinfo,
    "sys.meta_path": lambda: sys.meta_path[0],
}
ORIGINALS = {name: place() for name, place in PLACES.items()}
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
OURS = ("CI", "CASSETTE_MODE", "CASSETTE_ALLOW_CI_RECORDING", "PYTEST_ADDOPTS")


def write(pytester: pytest.Pytester, source: str, file: str = "test_x.py") -> Path:
    """A Python file that begins with `HEAD`, and an ini file if there is none."""
    path = pytester.path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + textwrap.dedent(source))
    ini = pytester.path / "pytest.ini"
    if not ini.exists():
        ini.write_text(INI)
    return path


def record(pytester: pytest.Pytester, name: str, *answers: object) -> Path:
    """A cassette below `cassettes` that answers `ask(1)`, `ask(2)`, ... with these values."""
    path = pytester.path / "cassettes" / f"{name}.yaml"
    ck.dump(cassette(*answers), path)
    return path


def cassette(*answers: object) -> ck.Cassette:
    return ck.Cassette(
        tuple(
            tapes.interaction(b'{"q": %d}' % number, b'{"a": "%s"}' % str(answer).encode())
            for number, answer in enumerate(answers, 1)
        )
    )


def run(
    pytester: pytest.Pytester,
    *args: str,
    env: Mapping[str, str] | None = None,
    subprocess: bool = False,
) -> pytest.RunResult:
    """Run pytest in the scratch folder, with an environment that says nothing but `env`."""
    runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
    said = {name: value for name, value in os.environ.items() if name not in OURS}
    with mock.patch.dict(os.environ, {**said, "COLUMNS": "80", **(env or {})}, clear=True):
        result = runner(*args)
    left = left_behind()
    assert left == [], left
    return result


def left_behind() -> list[str]:
    """What is still taken over: nothing may be, once no tape is open."""
    owner = ownership.owner_of("a call")
    left = [] if owner is None else [repr(owner)]
    return left + [name for name, place in PLACES.items() if place() is not ORIGINALS[name]]


def reports(result: pytest.RunResult) -> dict[str, str]:
    """The report of every failure, by the heading that pytest gives it."""
    found: dict[str, str] = {}
    heading = None
    for line in result.outlines:
        if line.startswith("___") and line.endswith("___"):
            heading = line.strip("_ ")
            found[heading] = ""
        elif line.startswith("===") or line.strip("-") == " cassettes ":
            heading = None
        elif heading is not None:
            found[heading] += f"{line}\n"
    return found

"""Every miss of the gallery says why, where and what to do, as data and on one screen.

`tests/gallery` holds the texts. They are reviewed like code: nothing writes them but a person.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from miss_cases import ANSWERED, GALLERY, OK, RERECORD, Case, request_of, write_cassette

import cassette_kit as ck
from cassette_kit import ambient

TEXTS = Path(__file__).parent / "gallery"
PAGE = Path(__file__).parents[1] / "docs" / "misses.md"
CALLED = re.compile(r"^  called    \S+\.py:\d+ in \S+$", re.MULTILINE)
FILE = "cassettes/test_agent.yaml"
RULE = re.compile(r"(?:ignore|normalise|unordered|match|repeats)=")
PASTED = [
    pytest.param(name, step, id=f"{name}-{step.partition('=')[0]}")
    for name, case in GALLERY.items()
    for step in case.steps
    if RULE.match(step)
]

every_case = pytest.mark.parametrize("name", GALLERY)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the cassettes lie: texts name them relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def any_test() -> Iterator[None]:
    """The advice to record again without the id of the test that runs."""
    ambient.state(replace(ambient.current(), rerecord=lambda: RERECORD))
    yield
    ambient.withdraw()


def use(case: Case, **more: Any) -> ck.use_cassette:
    options = {"intercept": False, "mode": "replay", **case.options, **more}
    return ck.use_cassette(FILE, **options)


def missed(case: Case, **more: Any) -> ck.CassetteMiss:
    with use(case, **more) as tape:
        for call in case.answered:
            call(tape)
        with tape.expect_miss() as caught:
            case.live(tape)
    return caught.value


@pytest.fixture
def case(name: str, folder: Path) -> Case:
    write_cassette(GALLERY[name], folder / FILE)
    return GALLERY[name]


@every_case
def test_a_miss_is_data(case: Case) -> None:
    """Reason, nearest recording, each place with both values, and the next steps."""
    miss = missed(case)
    assert miss.reason == case.reason
    assert {one.where: (one.live, one.taped) for one in miss.differences} == case.differs
    assert [one.where for one in miss.differences] == list(case.differs)
    assert miss.next_steps == tuple(case.steps)
    nearest = None if case.nearest is None else ck.load(FILE).interactions[case.nearest]
    assert miss.nearest == nearest


@every_case
def test_a_path_is_data(case: Case) -> None:
    """A difference in a body that was taken apart has its JSON paths as attributes."""
    for difference in missed(case).differences:
        path, _, inner = difference.where.removeprefix("body ").partition(" → ")
        paths = (path, inner or None) if path.startswith("$") else (None, None)
        assert (getattr(difference, "path", None), getattr(difference, "inner", None)) == paths


@every_case
def test_a_miss_reads_well(name: str, case: Case) -> None:
    """The text is the one that was reviewed."""
    text, count = CALLED.subn("  called    agent.py:14 in ask", f"{missed(case)}\n")
    assert count == 1
    assert text == (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


@every_case
def test_one_screen(name: str) -> None:
    """At most 20 lines of 100 columns, fit for a terminal; the first five are enough to act on."""
    lines = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 20
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith("no recorded interaction answers ")
    assert all(len(line) <= 100 for line in lines if not line.startswith("  cassette"))
    labels = [line.split()[0] for line in lines[1:5]]
    whole = ["cassette", "nearest", "live", "tape"]
    assert labels == whole or "next" in labels


@pytest.mark.parametrize(("name", "step"), PASTED)
def test_pasting_a_rule(case: Case, step: str) -> None:
    """A suggested rule, pasted, makes the same request match; or leaves what is to record anew."""
    rule, then, command = step.partition(", then ")
    options = eval(f"dict({rule})", {})
    if then:
        assert command == RERECORD
        assert missed(case, **options).next_steps == (RERECORD,)
        return
    with use(case, **options) as tape:
        for call in (*case.answered, case.live):
            call(tape)
    assert tape.misses == []


@every_case
def test_recording_again(case: Case) -> None:
    """The last resort helps always: what was recorded from the same call answers it."""
    request = request_of(case.live, Path.cwd())
    ck.dump(ck.Cassette((ck.Interaction(request, OK),)), FILE)
    with use(case) as tape:
        case.live(tape)


def test_letting_a_host_pass(folder: Path) -> None:
    """What `allow_hosts` is suggested for goes on to the server, whether one listens or not."""
    case = GALLERY["server_under_test"]
    write_cassette(case, folder / FILE)
    with use(case, **eval(f"dict({case.steps[0]})", {})) as tape:
        with contextlib.suppress(httpx.HTTPError):
            case.live(tape)
    assert tape.requests == []


@pytest.mark.parametrize("name", ANSWERED)
def test_no_miss(name: str, folder: Path) -> None:
    """What means the same is answered: another key order, spelling of numbers, boundary."""
    recorded, live = ANSWERED[name]
    case = Case(taped=[recorded], live=live, reason="")
    write_cassette(case, folder / FILE)
    with use(case) as tape:
        live(tape)
    assert len(tape.played) == 1


def test_the_gallery_is_whole() -> None:
    """A text without a case is never looked at again."""
    assert {path.stem for path in TEXTS.iterdir()} == set(GALLERY)
    assert len(GALLERY) >= 25


def test_the_page_shows_the_gallery() -> None:
    """What docs/misses.md shows is what is printed."""
    texts = {path.read_text(encoding="utf-8") for path in TEXTS.iterdir()}
    shown = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(shown) >= 6
    assert set(shown) <= texts

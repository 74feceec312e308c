"""The option `unplayed`: what is said of recordings that nothing asked for."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tapes import URL, interaction, written

import cassette_kit as ck


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, [interaction(b'{"q":%d}' % n) for n in range(8)])


def play(path: Path, unplayed: str, *questions: int) -> None:
    options = {"mode": "replay", "intercept": False, "unplayed": unplayed}
    with ck.use_cassette(path, **options) as tape:
        with httpx.Client(transport=tape.transport(httpx)) as client:
            for question in questions:
                client.post(URL, json={"q": question})


def test_fail(path: Path) -> None:
    """Left-over recordings fail the block, which lists the first of them."""
    with pytest.raises(ck.CassetteUnplayed) as caught:
        play(path, "fail", 0, 1)
    lines = str(caught.value).splitlines()
    assert lines[0] == "6 of 8 recordings were not played"
    assert lines[1] == f"  cassette  {path}"
    assert lines[2:] == [f"  unplayed  POST {URL}"] * 5 + ["            and 1 more"]


def test_warn(path: Path) -> None:
    """A warning says the same, where the test shall pass."""
    with pytest.warns(ck.CassetteWarning, match="7 of 8 recordings were not played"):
        play(path, "warn", 0)


@pytest.mark.parametrize(("unplayed", "questions"), [("ignore", [0]), ("fail", range(8))])
def test_nothing_to_say(path: Path, unplayed: str, questions: list[int]) -> None:
    """By default nothing is said, nor where all were played."""
    play(path, unplayed, *questions)


def test_a_failed_block_says_nothing_more(path: Path) -> None:
    """What was left over after a failure is no news."""
    options = {"mode": "replay", "intercept": False, "unplayed": "fail"}
    with pytest.raises(ZeroDivisionError), ck.use_cassette(path, **options):
        raise ZeroDivisionError

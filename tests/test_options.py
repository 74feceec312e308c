"""Options: their checks, which setting wins, what CI changes; and the table of modes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cassette_kit.errors import CassetteOptionError
from cassette_kit.model import Mismatch, Request
from cassette_kit.modes import MODES
from cassette_kit.options import OPTION_NAMES, Options, Settings, environment, in_ci, resolve

CI = {"CI": "true"}


def resolved(**values: Any) -> Options:
    return resolve([Settings("here", values)], {})


def never(live: Request, taped: Request) -> Mismatch | None:
    return None


GOOD = [
    ("mode", "none", "replay"),
    ("mode", "all", "rewrite"),
    ("mode", "new_episodes", "new_episodes"),
    ("match", ["url", never], ("url", never)),
    ("repeats", True, True),
    ("repeats", "true", True),
    ("intercept", "False", False),
    ("unplayed", "fail", "fail"),
    ("pace", "instant", 0.0),
    ("pace", "recorded", 1.0),
    ("pace", 4, 0.25),
    ("pace", "0.5", 2.0),
    ("chunks", "recorded", "recorded"),
    ("chunks", "bytes:7", "bytes:7"),
    ("chunks", "random:3", "random:3"),
    ("keep_headers", ["x-request-id"], ("x-request-id",)),
    ("allow_hosts", (host for host in ["*.example.com"]), ("*.example.com",)),
    ("before_record", None, None),
    ("before_record", len, len),
]
BAD = [
    ("mode", "reply", "'rewrite' or 'off'; did you mean 'replay'"),
    ("mode", 3, "'replay' or 'once'"),
    ("match", "body", "a list of method, url, query, headers, body or callables"),
    ("match", ["query", "header"], "body or callables; did you mean 'headers'"),
    ("match", ["bodies"], "a list of method"),
    ("match", [], "a list of method"),
    ("ignore", "$.a", "a list of texts"),
    ("ignore", ["a.b"], "bad JSON path"),
    ("unordered", [3], "a list of texts"),
    ("normalise", ["uuid"], "a mapping of JSON paths"),
    ("normalise", {"$.a": "("}, "a regular expression"),
    ("normalise", {"a": "uuid"}, "bad JSON path"),
    ("repeats", "yes", "true or false"),
    ("repeats", 1, "true or false"),
    ("unplayed", "error", "'ignore' or 'warn' or 'fail'"),
    ("pace", 0, "a speed such as 4"),
    ("pace", -1, "a speed such as 4"),
    ("pace", True, "a speed such as 4"),
    ("pace", "fast", "a speed such as 4"),
    ("pace", float("inf"), "a speed such as 4"),
    ("chunks", "bytes:0", "bytes"),
    ("chunks", 7, "chunks=7"),
    ("redact", "field:x", "a list"),
    ("before_record", "f", "a function of an interaction"),
    ("allow_hosts", "example.com", "a list of texts"),
]


@pytest.mark.parametrize(("name", "value", "expected"), GOOD)
def test_values(name: str, value: object, expected: object) -> None:
    """Each option takes what its row says, also as text from an ini file."""
    assert getattr(resolved(**{name: value}), name) == expected


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_wrong_values(name: str, value: object, expected: str) -> None:
    """A wrong value is refused with its place, its name and what would do."""
    with pytest.raises(CassetteOptionError, match=re.escape(expected)) as caught:
        resolved(**{name: value})
    assert str(caught.value).startswith("here: ")
    assert name in str(caught.value)


def test_unknown_names() -> None:
    """A misspelt option is not ignored."""
    with pytest.raises(
        CassetteOptionError, match=r"here: no option 'ignores'; did you mean 'ignore'"
    ):
        resolved(ignores=[])
    with pytest.raises(CassetteOptionError, match="options are mode, match"):
        resolved(zzz=1)


def test_the_strongest_setting_wins() -> None:
    """Layers are given strongest first; an option that a layer lacks comes from the next."""
    layers = [Settings("a", {"pace": 2}), Settings("b", {"pace": 4, "repeats": True})]
    options = resolve(layers, {})
    assert (options.pace, options.repeats, options.mode) == (0.5, True, "once")


def test_every_option_can_be_set() -> None:
    """The checks and the dataclass name the same options."""
    with pytest.raises(CassetteOptionError) as caught:
        resolved(zzz=1)
    assert str(caught.value).partition("options are ")[2].split(", ") == list(OPTION_NAMES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("1", True), ("", False), ("0", False), ("false", False), ("False", False)],
)
def test_what_counts_as_ci(value: str, expected: bool) -> None:
    """`CI=false` and `CI=0` are no CI, as people set them to turn it off."""
    assert in_ci({"CI": value}) is expected
    assert in_ci({}) is False


@pytest.mark.parametrize("mode", [None, *MODES])
def test_in_ci_code_replays(mode: str | None) -> None:
    """Whatever code or configuration ask for, CI replays."""
    values = {} if mode is None else {"mode": mode}
    assert resolve([Settings("code", values)], CI).mode == "replay"


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "replay"])
def test_in_ci_a_recording_command_is_an_error(mode: str) -> None:
    """Asked for by hand it is an error, unless the job says that it means it."""
    command = environment({"CASSETTE_MODE": mode})
    with pytest.raises(CassetteOptionError, match="CASSETTE_ALLOW_CI_RECORDING=1"):
        resolve([command], CI)
    assert resolve([command], {**CI, "CASSETTE_ALLOW_CI_RECORDING": "1"}).mode == mode
    assert resolve([command], {}).mode == mode


@pytest.mark.parametrize(
    ("mode", "without_file", "with_file"),
    [
        ("replay", False, False),
        ("once", True, False),
        ("new_episodes", True, True),
        ("rewrite", True, True),
        ("off", True, True),
    ],
)
def test_what_goes_live(mode: str, without_file: bool, with_file: bool) -> None:
    """The table of modes, as the documentation has it."""
    assert MODES[mode].goes_live(file_exists=False) is without_file
    assert MODES[mode].goes_live(file_exists=True) is with_file

"""Options of the plugin: where they may stand, which one wins, and what is refused."""

from __future__ import annotations

import re

import pytest
import scratch

# The strongest first. No two neighbours say the same mode, so that the one that won can be told.
SAID = {
    "command line": "new_episodes",
    "CASSETTE_MODE": "replay",
    "marker": "rewrite",
    "cassette_config": "off",
    "pyproject": "new_episodes",
    "ini": "replay",
}
PLACES = list(SAID)


class Project:
    """A scratch project in which some places say their modes."""

    def __init__(self, pytester: pytest.Pytester, *places: str) -> None:
        self.pytester = pytester
        self.args = [f"--cassette-mode={SAID['command line']}"] if "command line" in places else []
        self.env = {name: SAID[name] for name in places if name == "CASSETTE_MODE"}
        marker = f"@pytest.mark.cassette(mode={SAID['marker']!r})" if "marker" in places else ""
        config = {"mode": SAID["cassette_config"]} if "cassette_config" in places else {}
        scratch.write(
            pytester,
            f"""
            @pytest.fixture
            def cassette_config(): return {config!r}

            {marker}
            def test_it(cassette): print("mode", cassette.mode)
            """,
        )
        if "pyproject" in places:
            table = f'[tool.cassette_kit]\nmode = "{SAID["pyproject"]}"\n'
            (pytester.path / "pyproject.toml").write_text(table)
        if "ini" in places:
            ini = f"{scratch.INI}cassette_mode = {SAID['ini']}\n"
            (pytester.path / "pytest.ini").write_text(ini)

    def run(self, *args: str, **env: str) -> pytest.RunResult:
        return scratch.run(self.pytester, "-s", *self.args, *args, env={**self.env, **env})

    def mode(self, *args: str, **env: str) -> str:
        """The mode of the test's tape."""
        (mode,) = re.findall(r"mode (\w+)$", self.run(*args, **env).stdout.str(), re.MULTILINE)
        return str(mode)


@pytest.mark.parametrize("strongest", range(len(PLACES)), ids=PLACES)
def test_the_stronger_place_wins(pytester: pytest.Pytester, strongest: int) -> None:
    """Of all the places that speak, the first in the documented order is obeyed."""
    assert Project(pytester, *PLACES[strongest:]).mode() == SAID[PLACES[strongest]]


def test_the_default(pytester: pytest.Pytester) -> None:
    """Without any settings the mode is `once`."""
    assert Project(pytester).mode() == "once"


@pytest.mark.parametrize(("alias", "mode"), [("none", "replay"), ("all", "rewrite")])
def test_the_names_of_other_tools(pytester: pytest.Pytester, alias: str, mode: str) -> None:
    """vcrpy's names of modes are understood on the command line and in the environment."""
    assert Project(pytester).mode(f"--cassette-mode={alias}") == mode
    assert Project(pytester).mode(CASSETTE_MODE=alias) == mode


@pytest.mark.parametrize("value", ["true", "1", "yes", "TRUE"])
@pytest.mark.parametrize("place", ["marker", "cassette_config", "pyproject", "ini"])
def test_ci_makes_recording_replay(pytester: pytest.Pytester, place: str, value: str) -> None:
    """In CI a mode that code or configuration asks for acts as replay."""
    assert Project(pytester, place).mode(CI=value) == "replay"


@pytest.mark.parametrize(
    ("value", "mode"), [("true", "replay"), ("", "once"), ("0", "once"), ("false", "once")]
)
def test_the_default_in_ci(pytester: pytest.Pytester, value: str, mode: str) -> None:
    """In CI nothing records unless it is asked for; `CI=0`, `CI=false` and `CI=` are no CI."""
    assert Project(pytester).mode(CI=value) == mode


@pytest.mark.parametrize("mode", ["once", "new_episodes", "rewrite", "off"])
@pytest.mark.parametrize("place", ["--cassette-mode", "CASSETTE_MODE"])
def test_ci_refuses_a_recording_command(pytester: pytest.Pytester, place: str, mode: str) -> None:
    """Who types a recording mode into a CI job is told before a test runs, or means it."""
    project = Project(pytester)
    args = [f"{place}={mode}"] if place.startswith("--") else []
    env = {"CI": "true"} if args else {"CI": "true", place: mode}
    refused = project.run(*args, **env)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stdout.no_fnmatch_line("mode *")
    (line,) = (line for line in refused.errlines if line.startswith("ERROR: "))
    assert line.startswith(f"ERROR: {place}: mode {mode!r} would go live")
    assert "CASSETTE_ALLOW_CI_RECORDING=1" in line
    assert project.mode(*args, **env, CASSETTE_ALLOW_CI_RECORDING="1") == mode


@pytest.mark.parametrize("mode", ["replay", "none"])
def test_ci_takes_the_command_to_replay(pytester: pytest.Pytester, mode: str) -> None:
    """Asking for replay in CI is no error."""
    assert Project(pytester).mode(f"--cassette-mode={mode}", CI="1") == "replay"


@pytest.mark.parametrize("place", ["--cassette-mode", "CASSETTE_MODE"])
def test_a_mode_that_does_not_exist(pytester: pytest.Pytester, place: str) -> None:
    """A typing error on the command line ends the run before any test, naming the origin."""
    project = Project(pytester)
    args = [f"{place}=nonsense"] if place.startswith("--") else []
    result = project.run(*args, **({} if args else {place: "nonsense"}))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if line.startswith("ERROR")] == [
        f"ERROR: {place}: mode='nonsense', expected 'replay' or 'once' or 'new_episodes' or "
        "'rewrite' or 'off'"
    ]
    result.stdout.no_fnmatch_line("mode *")


# What stands in the marker, in `cassette_config` and in pyproject.toml; how the error begins.
WRONG = {
    "marker, name": (
        "ignroe=[]",
        "{}",
        "",
        "@pytest.mark.cassette: no option 'ignroe'; did you mean 'ignore'?",
    ),
    "marker, value": (
        "repeats=2",
        "{}",
        "",
        "@pytest.mark.cassette: repeats=2, expected true or false",
    ),
    "marker, two names": (
        "'a', 'b'",
        "{}",
        "",
        "@pytest.mark.cassette: 'a', 'b' given, expected one name",
    ),
    "marker, no name": (
        "3",
        "{}",
        "",
        "@pytest.mark.cassette: 3 given, expected one name",
    ),
    "config, name": (
        "",
        "{'record_mode': 'none'}",
        "",
        "the fixture cassette_config: no option 'record_mode'; ",
    ),
    "config, value": (
        "",
        "{'ignore': '$.a'}",
        "",
        "the fixture cassette_config: ignore='$.a', expected a list of texts",
    ),
    "config, mode": (
        "",
        "{'mode': 'always'}",
        "",
        "the fixture cassette_config: mode='always', expected 'replay' or",
    ),
    "config, nothing": (
        "",
        "None",
        "",
        "the fixture cassette_config returned None, expected a mapping of options",
    ),
    "pyproject, name": (
        "",
        "{}",
        "colour = 1",
        "[tool.cassette_kit]: no option 'colour'; options are mode, match,",
    ),
    "pyproject, folder": (
        "",
        "{}",
        "cassette_dir = 3",
        "[tool.cassette_kit]: cassette_dir=3, expected a path",
    ),
    "pyproject, value": (
        "",
        "{}",
        "pace = 'fast'",
        "[tool.cassette_kit]: pace='fast', expected 'instant', 'recorded' or a speed",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("wide", ["", "@pytest.fixture(scope='module', autouse=True)"])
def test_wrong_options(pytester: pytest.Pytester, case: str, wide: str) -> None:
    """A wrong option is an error in the set-up: its origin and what is wrong, and nothing else."""
    marker, config, table, beginning = WRONG[case]
    scratch.write(
        pytester,
        f"""
        {wide}
        def early(): pass

        @pytest.fixture
        def cassette_config(): return {config}

        @pytest.mark.cassette({marker})
        def test_it(): pass
        """,
    )
    (pytester.path / "pyproject.toml").write_text(f"[tool.cassette_kit]\n{table}\n")
    result = scratch.run(pytester)
    result.assert_outcomes(errors=1)
    (report,) = scratch.reports(result).values()
    assert report.startswith(beginning)
    assert report.count("\n") == 1


@pytest.mark.parametrize("text", ["colour = 1", "pace = 'fast'"])
def test_wrong_options_of_nobody(pytester: pytest.Pytester, text: str) -> None:
    """A project's wrong options do not disturb runs in which no test has a cassette."""
    scratch.write(pytester, "def test_it(): pass")
    (pytester.path / "pyproject.toml").write_text(f"[tool.cassette_kit]\n{text}\n")
    scratch.run(pytester).assert_outcomes(passed=1)


# As Python, pyproject.toml and the ini file spell it.
OPTIONS = {
    "mode": ("new_episodes", '"new_episodes"', "new_episodes"),
    "match": (["method", "url"], '["method", "url"]', "method url"),
    "ignore": (["$['a b']", "$.c"], "[\"$['a b']\", '$.c']", "\n  $['a b']\n  $.c"),
    "unordered": (["$.tools"], '["$.tools"]', "$.tools"),
    "repeats": (True, "true", "true"),
    "unplayed": ("warn", '"warn"', "warn"),
    "pace": (4, "4", "4"),
    "chunks": ("bytes:3", '"bytes:3"', "bytes:3"),
    "redact": (["$.secret"], '["$.secret"]', "$.secret"),
    "keep_headers": (["x-a", "x-b"], '["x-a", "x-b"]', "x-a x-b"),
    "record_errors": (True, "true", "true"),
    "allow_hosts": (["*.example.com", "b"], '["*.example.com", "b"]', "*.example.com b"),
    "intercept": (False, "false", "false"),
}


@pytest.mark.parametrize("place", ["pyproject.toml", "pytest.ini"])
def test_options_of_the_project(pytester: pytest.Pytester, place: str) -> None:
    """Every option that a file can express means there what it means in a marker."""
    marked = {name: value for name, (value, _, _) in OPTIONS.items()}
    scratch.write(
        pytester,
        f"""
        SEEN = []

        def test_file(cassette): SEEN.append(cassette.options)

        @pytest.mark.cassette(**{marked!r})
        def test_marker(cassette): assert SEEN == [cassette.options]

        def test_default():
            from cassette_kit.options import Options
            default = Options()
            assert not [name for name in {list(marked)}
                        if getattr(SEEN[0], name) == getattr(default, name)]
        """,
    )
    toml = "".join(f"{name} = {text}\n" for name, (_, text, _) in OPTIONS.items())
    ini = "".join(f"cassette_{name} = {text}\n" for name, (_, _, text) in OPTIONS.items())
    (pytester.path / place).write_text(
        f"{scratch.INI}{ini}" if place == "pytest.ini" else f"[tool.cassette_kit]\n{toml}"
    )
    scratch.run(pytester).assert_outcomes(passed=3)


def test_markers_merge(pytester: pytest.Pytester) -> None:
    """Options of module, class and test add up; of two that speak the closest one is obeyed."""
    scratch.write(
        pytester,
        """
        pytestmark = pytest.mark.cassette("of the module", repeats=True, unplayed="warn", pace=2)

        @pytest.mark.cassette("of the class", unplayed="fail", pace=4)
        class TestIt:
            @pytest.mark.cassette(pace=8)
            def test_three(self, cassette):
                assert cassette.path.name == "of the class.yaml"
                assert cassette.options.repeats
                assert cassette.options.unplayed == "fail"
                assert cassette.options.pace == 1 / 8

            def test_two(self, cassette):
                assert cassette.options.pace == 1 / 4

        def test_one(cassette):
            assert cassette.path.name == "of the module.yaml"
            assert cassette.options.pace == 1 / 2

        @pytest.mark.cassette(pace=16)
        @pytest.mark.cassette("the inner one", pace=32)
        def test_two_on_one(cassette):
            assert cassette.path.name == "the inner one.yaml"
            assert cassette.options.pace == 1 / 32
        """,
    )
    scratch.run(pytester, "--cassette-mode=replay").assert_outcomes(passed=4)


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
def test_config_can_be_overridden(pytester: pytest.Pytester, scope: str) -> None:
    """`cassette_config` of a folder, module and class build on each other, whatever their scope."""
    (pytester.path / "conftest.py").write_text(
        f"""
import pytest

@pytest.fixture(scope={scope!r})
def cassette_config(): return {{"repeats": True, "pace": 2}}
"""
    )
    scratch.write(
        pytester,
        """
        def test_folder(cassette):
            assert (cassette.options.repeats, cassette.options.pace) == (True, 1 / 2)

        class TestIt:
            @pytest.fixture
            def cassette_config(self, cassette_config): return {**cassette_config, "pace": 4}

            def test_class(self, cassette):
                assert (cassette.options.repeats, cassette.options.pace) == (True, 1 / 4)

            @pytest.mark.cassette(pace=8)
            def test_marker(self, cassette):
                assert (cassette.options.repeats, cassette.options.pace) == (True, 1 / 8)
        """,
    )
    scratch.run(pytester).assert_outcomes(passed=3)


def test_a_test_has_parameters_for_its_cassette(pytester: pytest.Pytester) -> None:
    """Name and options may come from `parametrize`, as the values of any fixture may."""
    scratch.write(
        pytester,
        """
        @pytest.mark.parametrize("cassette_name", ["a", "b"])
        def test_name(cassette, cassette_name): assert ask() == cassette_name

        @pytest.mark.parametrize("cassette_config", [{"pace": 2}, {"pace": 4}])
        def test_config(cassette, cassette_config):
            assert cassette.options.pace == 1 / cassette_config["pace"]
        """,
    )
    scratch.record(pytester, "a", "a")
    scratch.record(pytester, "b", "b")
    scratch.run(pytester, "--cassette-mode=replay").assert_outcomes(passed=4)


def test_the_marker_alone(pytester: pytest.Pytester) -> None:
    """A marker on test, class or module intercepts without the fixture being asked for."""
    scratch.write(
        pytester,
        """
        @pytest.mark.cassette
        def test_it(): assert ask() == "x"

        @pytest.mark.cassette()
        class TestIt:
            def test_it(self): assert ask() == "y"
        """,
    )
    module = 'pytestmark = pytest.mark.cassette("z")\n\ndef test_it(): assert ask() == "z"'
    scratch.write(pytester, module, "test_y.py")
    for name, answer in {"test_x/test_it": "x", "test_x/TestIt.test_it": "y", "z": "z"}.items():
        scratch.record(pytester, name, answer)
    scratch.run(pytester, "--cassette-mode=replay").assert_outcomes(passed=3)


def test_a_marker_on_one_parameter(pytester: pytest.Pytester) -> None:
    """A marker on one parameter set gives a cassette to that one and to none of its sisters."""
    scratch.write(
        pytester,
        """
        @pytest.mark.parametrize(
            "marked", [False, pytest.param(True, marks=pytest.mark.cassette), False]
        )
        def test_it(marked, request): assert ("cassette" in request.fixturenames) is marked
        """,
    )
    scratch.run(pytester).assert_outcomes(passed=3)


ASKING = {
    "argument": "def test_it(request, cassette):",
    "marker": "@pytest.mark.cassette\ndef test_it(request):",
    "usefixtures": "@pytest.mark.usefixtures('cassette')\ndef test_it(request):",
    "getfixturevalue": "def test_it(request):",
    "another fixture": "@pytest.fixture\ndef mine(cassette): pass\n\ndef test_it(request, mine):",
}
ASKED = """
    tape = request.getfixturevalue("cassette")
    assert isinstance(tape, ck.Tape)
    assert ask() == "x"
    assert len(tape.played) == len(tape.requests) == 1
    assert tape.unplayed == tape.recorded == tape.misses == []
    assert tape.last_request.json() == {"q": 1}
"""


@pytest.mark.parametrize("how", ASKING)
def test_ways_of_asking(pytester: pytest.Pytester, how: str) -> None:
    """The fixture is one and the same, however a test comes by it."""
    scratch.write(pytester, ASKING[how] + ASKED)
    scratch.record(pytester, "test_x/test_it", "x")
    scratch.run(pytester, "--cassette-mode=replay").assert_outcomes(passed=1)


def test_intercept_off(pytester: pytest.Pytester) -> None:
    """With `intercept=False` clients and sockets are left alone; the explicit transport answers."""
    scratch.write(
        pytester,
        """
        import socket

        BEFORE = httpx.HTTPTransport.handle_request, socket.getaddrinfo, socket.socket.connect

        @pytest.mark.cassette(intercept=False)
        def test_it(cassette):
            after = httpx.HTTPTransport.handle_request, socket.getaddrinfo, socket.socket.connect
            assert after == BEFORE
            assert ask(1, httpx.Client(transport=cassette.transport(httpx))) == "x"
            assert ask(2, httpx2.Client(transport=cassette.transport(httpx2))) == "y"
        """,
    )
    scratch.record(pytester, "test_x/test_it", "x", "y")
    scratch.run(pytester).assert_outcomes(passed=1)


@pytest.mark.parametrize("family", ["httpx", "httpx2"])
def test_off(pytester: pytest.Pytester, family: str) -> None:
    """In mode `off` a test reaches its server; the cassette is neither read nor written."""
    test = f"def test_it(cassette, url): assert {family}.get(url).status_code == 204"
    scratch.write(pytester, scratch.SERVER + test)
    path = pytester.path / "cassettes" / "test_x" / "test_it.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("not a cassette")
    scratch.run(pytester, "--cassette-mode=off").assert_outcomes(passed=1)
    assert path.read_text() == "not a cassette"


def test_once_with_its_file(pytester: pytest.Pytester) -> None:
    """In mode `once` an existing file is played and closes the network like replay."""
    scratch.write(
        pytester,
        """
        import socket

        pytestmark = pytest.mark.cassette("x")

        def test_plays(): assert ask() == "x"

        def test_misses(): ask(2)

        def test_connects(): socket.create_connection(("203.0.113.7", 443), timeout=1)
        """,
    )
    scratch.record(pytester, "x", "x")
    result = scratch.run(pytester, "--cassette-mode=once")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "FAILED test_x.py::test_misses - cassette_kit.CassetteMiss*",
            "FAILED test_x.py::test_connects - cassette_kit.CassetteBlocked*",
        ]
    )


def test_the_network_can_be_closed_for_all(pytester: pytest.Pytester) -> None:
    """`--cassette-block-network` closes tests without a cassette at the socket, loopback open."""
    tests = """
REMOTE = ("203.0.113.7", 443)

def test_remote(): socket.create_connection(REMOTE, timeout=1)

def test_swallowed(): pytest.raises(BaseException, socket.create_connection, REMOTE)

def test_client(): ask()

def test_loopback(url): assert httpx.get(url).status_code == 204

def test_mocked():
    with httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(200))) as client:
        assert client.get(URL).status_code == 200

def test_cassette(cassette): assert ask() == "x"

@pytest.mark.cassette("test_x/test_cassette")
def test_marker(): assert ask() == "x"
"""
    scratch.write(pytester, scratch.SERVER + tests)
    scratch.record(pytester, "test_x/test_cassette", "x")
    result = scratch.run(pytester, "--cassette-block-network")
    result.assert_outcomes(passed=4, failed=3)
    found = scratch.reports(result)
    assert sorted(found) == ["test_client", "test_remote", "test_swallowed"]
    for report in found.values():
        assert "would leave the machine" in report.splitlines()[0]
        assert "because   the run was started with --cassette-block-network" in report
        assert "@pytest.mark.cassette" in report


def test_closing_also_holds_for_fixtures(pytester: pytest.Pytester) -> None:
    """A fixture of a test without a cassette cannot call out, in its set-up or its tear-down."""
    scratch.write(
        pytester,
        """
        @pytest.fixture(scope="module")
        def early(): ask()

        @pytest.fixture(scope="module")
        def late():
            yield
            ask()

        def test_early(early): pass

        def test_late(late): pass
        """,
    )
    result = scratch.run(pytester, "--cassette-block-network")
    result.assert_outcomes(passed=1, errors=2)
    assert sorted(scratch.reports(result)) == [
        "ERROR at setup of test_early",
        "ERROR at teardown of test_late",
    ]


def test_help(pytester: pytest.Pytester) -> None:
    """`pytest --help` and `--markers` name what there is."""
    scratch.write(pytester, "")
    scratch.run(pytester, "--help").stdout.fnmatch_lines(
        ["*--cassette-mode=MODE*", "*--cassette-block-network*", "*cassette_dir (string):*"]
    )
    scratch.run(pytester, "--markers").stdout.fnmatch_lines(
        ["@pytest.mark.cassette(name_or_path=None, [*][*]options):*"]
    )

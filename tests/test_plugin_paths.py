"""Which file a test's cassette is: names that hold on every file system, one for each test."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
import scratch
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.pytest_plugin import paths

LONGEST_SUFFIX = ".yaml.part.lock"  # what stands beside a cassette while it is recorded
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{device}{digit}" for device in ("COM", "LPT") for digit in "123456789\xb9\xb2\xb3"
}
ODD = ["con.x", "nul .y", "..", ".", "", "a.", "a ", "é", "\ud800"]
TRICKY = st.sampled_from([*DEVICES, *map(str.lower, DEVICES), *ODD])
TEXTS = st.one_of(
    st.text(),
    st.text("ab-/\\:.[] é\u0301", max_size=6),
    st.text("aé𝄞", min_size=60, max_size=300),
    TRICKY,
    st.builds("{}{}".format, TRICKY, st.text("./: a", max_size=2)),
)


def is_valid_everywhere(name: str) -> bool:
    """Whether Windows, macOS and Linux take a name, and `ls` shows it.

    Source: Microsoft's "Naming Files, Paths, and Namespaces"; ext4 and APFS take 255 bytes.
    """
    device = name.partition(".")[0].rstrip(" ").upper()
    return (
        name != ""
        and not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        and not name.startswith(".")
        and not name.endswith((".", " "))
        and device not in DEVICES
        and len(f".{name}{LONGEST_SUFFIX}".encode()) <= 255
        and PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
    )


@settings(deadline=None)
@given(TEXTS)
def test_every_name_is_valid_everywhere(text: str) -> None:
    """A test's id makes a file that can be checked out on any machine."""
    assert is_valid_everywhere(paths.safe_name(text))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=8, unique=True))
@example(["a/b", "a:b", "a-b", "a\\b"])
@example(["é", "e\u0301"])
@example(["\ud800", "\ud801", "?", "-"])
def test_two_texts_never_share_a_name(texts: list[str]) -> None:
    """Two tests with one cassette would overwrite each other's; macOS decomposes é."""
    names = {unicodedata.normalize("NFC", paths.safe_name(text)) for text in texts}
    assert len(names) == len(texts)


@settings(deadline=None)
@given(TEXTS)
def test_a_name_is_not_made_twice(text: str) -> None:
    """A test whose id looks like another one's hashed name gets a file of its own."""
    name = paths.safe_name(text)
    assert name == text or paths.safe_name(name) != name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("test_a", "test_a"),
        ("TestA.test_b[gpt-5 mini-0.5]", "TestA.test_b[gpt-5 mini-0.5]"),
        ("test_é[日本]", "test_é[日本]"),
        ("test[a/b]", "test[a-b]-461600df"),
        ("nul", "_nul-99e62427"),
    ],
)
def test_names_are_stable(text: str, name: str) -> None:
    """A name that changed between versions would orphan every recording."""
    assert paths.safe_name(text) == name


def test_a_long_name_keeps_its_beginning() -> None:
    """A cut name can still be recognised, and is not cut inside a character."""
    name = paths.safe_name("é" * 500)
    assert re.fullmatch("é{90,}-[0-9a-f]{8}", name)


WHERE = """
    @pytest.fixture(autouse=True)
    def where(cassette):
        yield
        print("tape", cassette.path)
"""


def tape_paths(pytester: pytest.Pytester) -> list[str]:
    """The cassettes of a run, relative to the scratch folder where they lie in it."""
    result = scratch.run(pytester, "-s")
    assert result.ret == 0, result.outlines
    found = re.findall(r"tape (.*)", result.stdout.str())
    return [path.removeprefix(f"{pytester.path}/") for path in found]


def test_a_file_for_each_test(pytester: pytest.Pytester) -> None:
    """Module, classes, test and parameters are in the path; characters are not silently merged."""
    scratch.write(
        pytester,
        WHERE
        + """
    def test_plain(): pass

    class TestOuter:
        def test_in_class(self): pass

        class TestInner:
            def test_in_class(self): pass

    class TestOther:
        class TestInner:
            def test_in_class(self): pass

    @pytest.mark.parametrize("model", ["a/b", "a:b", "a-b"])
    def test_params(model): pass
    """,
    )
    found = tape_paths(pytester)
    assert found[:4] == [
        "cassettes/test_x/test_plain.yaml",
        "cassettes/test_x/TestOuter.test_in_class.yaml",
        "cassettes/test_x/TestOuter.TestInner.test_in_class.yaml",
        "cassettes/test_x/TestOther.TestInner.test_in_class.yaml",
    ]
    assert found[-1] == "cassettes/test_x/test_params[a-b].yaml"
    assert len(set(found)) == 7


def test_classes_made_by_a_function(pytester: pytest.Pytester) -> None:
    """Test classes that share a `__name__` are told apart by the names that they stand under."""
    scratch.write(
        pytester,
        WHERE
        + """
    def made():
        class Made:
            def test_it(self): pass
        return Made

    TestA, TestB = made(), made()
    """,
    )
    assert tape_paths(pytester) == [
        "cassettes/test_x/TestA.test_it.yaml",
        "cassettes/test_x/TestB.test_it.yaml",
    ]


def test_beside_the_test_file(pytester: pytest.Pytester) -> None:
    """Modules of one name in two folders have two folders of cassettes."""
    for folder in ("a", "b"):
        scratch.write(pytester, WHERE + "\n    def test_it(): pass", f"{folder}/test_x.py")
        (pytester.path / folder / "__init__.py").touch()
    assert tape_paths(pytester) == [
        "a/cassettes/test_x/test_it.yaml",
        "b/cassettes/test_x/test_it.yaml",
    ]


def test_the_name_in_the_marker(pytester: pytest.Pytester) -> None:
    """A name counts from the folder of cassettes, an absolute path is taken as it is."""
    absolute = pytester.path.parent / "elsewhere" / "tape.yml"
    scratch.write(
        pytester,
        WHERE
        + f"""
    from pathlib import Path

    @pytest.mark.cassette("shared/weather")
    def test_relative(): pass

    @pytest.mark.cassette(name_or_path="shared/weather.yaml")
    def test_keyword(): pass

    @pytest.mark.cassette("chat.v2")
    def test_dotted(): pass

    @pytest.mark.cassette(Path("chat.yml"))
    def test_path(): pass

    @pytest.mark.cassette({str(absolute)!r})
    def test_absolute(): pass
    """,
    )
    assert tape_paths(pytester) == [
        "cassettes/shared/weather.yaml",
        "cassettes/shared/weather.yaml",
        "cassettes/chat.v2.yaml",
        "cassettes/chat.yml",
        str(absolute),
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[tool.cassette_kit]\ncassette_dir = "tapes/all"\n'),
        ("pytest.ini", scratch.INI + "cassette_dir = tapes/all\n"),
    ],
)
def test_a_configured_folder(pytester: pytest.Pytester, file: str, text: str) -> None:
    """`cassette_dir` counts from the project's root, not from the test or the working directory."""
    (pytester.path / file).write_text(text)
    scratch.write(pytester, WHERE + "\n    def test_it(): pass", "unit/test_x.py")
    pytester.chdir()
    assert tape_paths(pytester) == ["tapes/all/test_x/test_it.yaml"]


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_the_fixtures_can_be_overridden(pytester: pytest.Pytester, scope: str) -> None:
    """Folder and name come from fixtures, the closest one wins, also one of wider scope."""
    (pytester.path / "conftest.py").write_text(
        f"""
import pytest
from pathlib import Path

@pytest.fixture(scope={scope!r})
def cassette_dir():
    return Path({str(pytester.path)!r}) / "mine"

@pytest.fixture(scope={scope!r})
def cassette_name():
    return "everybody's"
"""
    )
    scratch.write(
        pytester,
        WHERE
        + """
    def test_plain(): pass

    class TestOwn:
        @pytest.fixture
        def cassette_name(self, cassette_name):
            return f"{cassette_name}/own"

        def test_own(self): pass

        @pytest.mark.cassette("named")
        def test_named(self): pass
    """,
    )
    assert tape_paths(pytester) == [
        "mine/everybody's.yaml",
        "mine/everybody's/own.yaml",
        "mine/named.yaml",
    ]


def test_a_folder_as_text(pytester: pytest.Pytester) -> None:
    """An overridden `cassette_dir` may return a text, as pytest-recording's may."""
    scratch.write(
        pytester,
        WHERE
        + f"""
    @pytest.fixture
    def cassette_dir():
        return {str(pytester.path / "mine")!r}

    def test_it(): pass
    """,
    )
    assert tape_paths(pytester) == ["mine/test_x/test_it.yaml"]


@pytest.mark.parametrize("mode", ["replay", "once", "new_episodes", "rewrite", "off"])
def test_a_test_without_calls_makes_no_file(pytester: pytest.Pytester, mode: str) -> None:
    """Asking for the fixture and calling nothing needs no file and makes none, nor a folder."""
    scratch.write(pytester, "def test_it(cassette): pass")
    before = sorted(pytester.path.iterdir())
    scratch.run(pytester, f"--cassette-mode={mode}", "-p", "no:cacheprovider").assert_outcomes(
        passed=1
    )
    after = {path for path in pytester.path.iterdir() if path.name != "__pycache__"}
    assert after == set(before)


def test_a_file_that_cannot_be_read_is_not_taken_for_missing(pytester: pytest.Pytester) -> None:
    """A broken cassette is an error of the test's set-up and stays as it is."""
    scratch.write(pytester, "def test_it(cassette): pass")
    path = scratch.record(pytester, "test_x/test_it", "x")
    path.write_text(cut := path.read_text()[:-20])
    result = scratch.run(pytester)
    result.assert_outcomes(errors=1)
    (report,) = scratch.reports(result).values()
    assert report.startswith("cassettes/test_x/test_it.yaml, line ")
    assert path.read_text() == cut


def test_the_scratch_cassettes_answer(pytester: pytest.Pytester) -> None:
    """What the other tests of the plugin stand on: a file in the right place answers."""
    scratch.write(pytester, "def test_it(cassette): assert [ask(1), ask(2)] == ['x', 'y']")
    path = scratch.record(pytester, "test_x/test_it", "x", "y")
    assert path == Path(pytester.path, "cassettes", "test_x", "test_it.yaml")
    assert len(ck.load(path).interactions) == 2
    scratch.run(pytester).assert_outcomes(passed=1)

"""Every Python and TOML block of the documentation runs, and says what the page says it does.

A page is run in a folder that holds `docs/cassettes` as `cassettes`. A block with a test in it is
run by pytest; a `text` block behind it is what the same test prints after its prompt was changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cassette_kit.options import Settings, resolve

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRON = {"OPENAI_API_KEY": "none", "CASSETTE_MODE": "replay", "PYTHONPATH": str(ROOT)}


def line_of(match: re.Match[str]) -> int:
    return match.string.count("\n", 0, match.start()) + 1


def blocks(language: str) -> list[object]:
    return [
        pytest.param(match[2], id=f"{page.name}:{line_of(match)}")
        for page in PAGES
        for match in BLOCK.finditer(page.read_text())
        if match[1] == language
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "docs" / "cassettes", tmp_path / "cassettes")
    shutil.copytree(ROOT / "examples" / "cassettes", tmp_path / "cassettes", dirs_exist_ok=True)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nasyncio_mode = auto\n"
    )
    return tmp_path


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block the way a reader would: as a test file or as a program."""
    is_test = re.search(r"^(async )?def test_|^class Test", code, re.MULTILINE)
    name = "test_hello.py" if is_test else "program.py"
    (folder / name).write_text(code)
    command = ["-m", "pytest", "-q", name] if is_test else [name]
    environ = {key: value for key, value in os.environ.items() if key != "CI"} | ENVIRON
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code: str, folder: Path) -> None:
    """A block that does not run is worse than none."""
    result = run(code, folder)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("text", blocks("toml"))
def test_toml_blocks_are_options(text: str) -> None:
    """Each block of settings is TOML, with options that exist."""
    tool = tomllib.loads(text).get("tool", {})
    resolve([Settings("docs", tool.get("cassette_kit", {}))], {})


def test_the_miss_of_the_readme(folder: Path) -> None:
    """The first screen shows what a changed prompt really prints.

    Whether another version of the SDK made the recording depends on what is installed.
    """
    readme = (ROOT / "README.md").read_text()
    found = dict(reversed([(match[1], match[2]) for match in BLOCK.finditer(readme)]))
    result = run(found["python"].replace("Say hello.", "Say hi."), folder)
    assert result.returncode == 1
    assert found["text"] in re.sub(r"^  note      recorded by .*\n", "", result.stdout, flags=re.M)


def test_the_example_is_the_readme() -> None:
    """The file that the README names holds the test that the README shows."""
    example = (ROOT / "examples" / "test_hello.py").read_text()
    assert example in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a page that is not there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target

"""Imports between modules go down or stay level: a pure middle, thin edges."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cassette_kit

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(cassette_kit.__file__).parent

LAYERS = {
    "errors": 0,
    "canonical": 0,
    "chunking": 0,
    "json_path": 0,
    "quantities": 0,
    "model": 1,
    "decoding": 1,
    "differences": 1,
    "provenance": 2,
    "conversation": 2,
    "formats": 2,
    "matchers": 2,
    "redactors": 2,
    "modes": 3,
    "explain": 3,
    "index": 3,
    "checks": 3,
    "comparison": 3,
    "options": 3,
    "messages": 3,
    "search": 3,
    "summary": 3,
    "selection": 3,
    "outcome": 3,
    "playback": 3,
    "session": 4,
    "capture": 4,
    "store": 5,
    "ambient": 5,
    "ledger": 5,
    "ownership": 5,
    "clients": 6,
    "bar": 7,
    "alarms": 7,
    "configuration": 6,
    "recorder": 7,
    "tape": 7,
    "using": 7,
    "viewer": 8,
    "pytest_plugin": 9,
    "cli": 9,
    "__main__": 9,
}
PURE = [name for name, layer in LAYERS.items() if layer <= 4]
IMPURE = {"httpx", "httpx2", "socket", "threading", "pathlib", "os", "time", "asyncio", "anyio"}


def part_of(path: Path) -> str:
    """The row of LAYERS that a file belongs to: its folder in the package, or its name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs; imports for types alone do not count."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "cassette_kit":
            yield from (f"cassette_kit.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    """A module of a lower layer that imports a higher one turns the pure middle into a knot."""
    own = LAYERS[part_of(path)]
    ours = [name.split(".")[1] for name in imports(path) if name.startswith("cassette_kit.")]
    assert {name: LAYERS[name] for name in ours if LAYERS[name] > own} == {}


@pytest.mark.parametrize("name", PURE)
def test_the_middle_touches_nothing(name: str) -> None:
    """Layers 0 to 4 do no I/O, read no clock and know no HTTP client."""
    files = [path for path in sources() if part_of(path) == name]
    touched = {module.split(".")[0] for path in files for module in imports(path)}
    assert touched & IMPURE == set()


@pytest.mark.parametrize("statement", ["import cassette_kit"])
def test_a_light_import(statement: str) -> None:
    """Importing the package must load neither an HTTP client nor YAML nor rich."""
    heavy = ["httpx", "httpx2", "yaml", "rich", "click", "msgspec", "pytest", "filelock", "asyncio"]
    program = f"import sys; {statement}; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"

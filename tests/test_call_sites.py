"""The line that a miss names is one that its reader wrote."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cassette_kit.clients.call_sites import call_site


class Agent:
    def ask(self) -> object:
        return call_site()


def test_the_innermost_line() -> None:
    """The line that made the call, not one that led to it; methods by their qualified name."""
    site = call_site()
    assert site is not None
    assert (site.path, site.function) == (Path(__file__), "test_the_innermost_line")
    inner = Agent().ask()
    assert inner is not None
    assert inner[1:] == (15, "Agent.ask")  # type: ignore[index]


def test_libraries_are_passed_over(tmp_path: Path) -> None:
    """A package in site-packages that calls back is no place that a reader can change."""
    library = tmp_path / "site-packages" / "sdk.py"
    library.parent.mkdir()
    library.write_text("def call(function):\n    return (lambda: function())()\n")
    program = (
        f"import sys; sys.path.insert(0, {str(library.parent)!r})\n"
        "import sdk\n"
        "from cassette_kit.clients.call_sites import call_site\n"
        "print(*sdk.call(call_site)[1:])\n"
    )
    (tmp_path / "program.py").write_text(program)
    result = subprocess.run(
        [sys.executable, tmp_path / "program.py"], capture_output=True, text=True, check=True
    )
    assert result.stdout == "4 <module>\n"


def test_a_thread_of_a_library() -> None:
    """Where only libraries are on the stack there is no line to name."""
    with ThreadPoolExecutor() as pool:
        assert pool.submit(call_site).result() is None

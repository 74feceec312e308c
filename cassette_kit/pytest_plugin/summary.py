"""What the tapes of a run did: a few lines in the terminal, all of it in a JSON report.

Under xdist each worker hands its outcomes to the controller, which alone reports.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cassette_kit.pytest_plugin.items import tape_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cassette_kit.outcome import Outcome
    from cassette_kit.pytest_plugin.orphans import Orphans
    from cassette_kit.pytest_plugin.phases import Phases

PASSED: pytest.StashKey[bool] = pytest.StashKey()
SENT = "cassette_kit_outcomes"
SHOWN = 20
FILES = ("new", "changed", "not accepted")


def has_passed(item: pytest.Item) -> bool:
    """Whether the test's call has passed; not so when it failed, skipped or was interrupted."""
    return item.stash.get(PASSED, False)


class Summary:
    """Collects the outcomes of tapes, and reports them when the run ends."""

    def __init__(self, config: pytest.Config, phases: Phases) -> None:
        self._config = config
        self._phases = phases
        self._orphans: Orphans | None = None
        self._outcomes: list[dict[str, Any]] = []
        if config.getoption("--cassette-orphans"):
            from cassette_kit.pytest_plugin.orphans import Orphans

            self._orphans = Orphans(config)
            config.pluginmanager.register(self._orphans, "cassette_kit_orphans")

    def add(self, outcome: Outcome) -> None:
        """Take what a tape did."""
        item = self._phases.item
        self._outcomes.append({"test": item and item.nodeid, **outcome._asdict()})
        if self._orphans is not None:
            self._orphans.use(outcome.cassette)

    def was_rewritten(self, path: Path, *, for_other_than: str) -> bool:
        """Whether this run has rewritten a file already, for another test that shares it."""
        return any(
            one["mode"] == "rewrite"
            and one["file"] in ("new", "changed")
            and one["test"] != for_other_than
            and Path(one["cassette"]).resolve() == path.resolve()
            for one in self._outcomes
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # it sees what others make of the report
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "setup" and PASSED in item.stash:  # the test is tried again
            del item.stash[PASSED]
        elif report.when == "call":  # subtests have reports of their own
            item.stash[PASSED] = item.stash.get(PASSED, True) and report.passed
        if not report.passed:
            tape = tape_of(item)
            if tape is not None and tape.recorded:
                name = tape.outcome().cassette
                text = f"recorded calls are in {name}.part; `cassette-kit accept {name}` takes them"
                report.sections.append(("cassette", text))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[SENT] = json.dumps(self._outcomes)
            return
        fails = self._config.getoption("--cassette-orphans") == "fail"
        if fails and self._orphans is not None and self._orphans.found():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        target = self._config.getoption("--cassette-report")
        if target:
            Path(target).write_text(json.dumps(self.report(), indent=2) + "\n")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist has ended; one that crashed has sent nothing."""
        self._outcomes += json.loads(getattr(node, "workeroutput", {}).get(SENT, "[]"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = [*self._lines(), *self._orphan_lines()]
        if lines:
            terminalreporter.section("cassettes", "-")
            for line in lines:
                terminalreporter.line(line)

    def report(self) -> dict[str, Any]:
        """Totals and one entry for each tape, in the order in which they were closed."""
        return {"totals": self.totals(), "files": self.files(), "tapes": self._outcomes}

    def totals(self) -> dict[str, int]:
        """How many cassettes were used, and what became of the requests."""
        cassettes = {outcome["cassette"] for outcome in self._outcomes}
        counted = Counter[str]()
        for outcome in self._outcomes:
            live = outcome["recorded"] + outcome["passed"]
            counted.update(
                played=outcome["played"],
                recorded=outcome["recorded"],
                missed=outcome["missed"],
                gone_live=live,
            )
        return {"cassettes": len(cassettes), **counted}

    def files(self) -> dict[str, list[str]]:
        """The cassettes that were written or wait for a decision, by what became of them."""
        found = {
            state: sorted({one["cassette"] for one in self._outcomes if one["file"] == state})
            for state in FILES
        }
        return {state: cassettes for state, cassettes in found.items() if cassettes}

    def _orphan_lines(self) -> Iterator[str]:
        if self._orphans is None:
            return
        if self._orphans.partial:
            yield f"orphans: not told, {self._orphans.partial}"
        yield from (f"orphan: {file}" for file in self._orphans.found())

    def _lines(self) -> Iterator[str]:
        if not self._outcomes:
            return
        totals = self.totals()
        yield (
            f"{totals['cassettes']} used; requests: {totals['played']} played, "
            f"{totals['recorded']} recorded, {totals['missed']} missed, "
            f"{totals['gone_live']} gone live"
        )
        for state, cassettes in self.files().items():
            yield from _capped([f"{state}: {cassette}" for cassette in cassettes])
        told = [one for one in self._outcomes if one["file"] != "not accepted"]
        yield from _capped(  # a failed test's report has said what its journal is for
            [f"{one['cassette']}: {notice}" for one in told for notice in one["notices"]]
        )


def _capped(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"and {more} more; see --cassette-report=FILE"]

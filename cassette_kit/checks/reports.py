"""Findings as text for people, as JSON, and as annotations of a GitHub workflow."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.conversation.printable import one_line
from cassette_kit.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cassette_kit.checks.finding import Finding, Severity


class Line(NamedTuple):
    """A line to print; `style` is for terminals."""

    text: str
    style: str = ""


def text(findings: Sequence[Finding], checked: int) -> Iterator[Line]:
    """The findings of each file below its name, and a summary."""
    for file, of_file in groupby(findings, key=lambda finding: finding.file):
        yield Line(one_line(file), "bold")
        for finding in of_file:
            yield Line(f"  {_head(finding)}", _STYLES[finding.severity])
            yield Line(f"    {finding.message}")
        yield Line("")
    yield Line(summary(findings, checked), "bold" if findings else "green")


def as_json(findings: Sequence[Finding], checked: int) -> Iterator[Line]:
    """One object for programs, in ASCII."""
    value = {"checked": checked, "findings": [asdict(finding) for finding in findings]}
    yield Line(json.dumps(value, indent=2))


def github(findings: Sequence[Finding], checked: int) -> Iterator[Line]:
    """A workflow command for each finding, and a summary for the log.

    Source: GitHub Docs, "Workflow commands for GitHub Actions"; the escapes are those of
    `@actions/core`.
    """
    for finding in findings:
        line = "" if finding.line is None else f",line={finding.line}"
        number = "" if finding.interaction is None else f"#{finding.interaction}: "
        yield Line(
            f"::{finding.severity} file={_property(finding.file)}{line},"
            f"title={_property(finding.code)}::{_data(number + finding.message)}"
        )
    yield Line(summary(findings, checked))


REPORTS: Mapping[str, Callable[[Sequence[Finding], int], Iterator[Line]]] = {
    "text": text,
    "json": as_json,
    "github": github,
}
_STYLES: Mapping[Severity, str] = {"error": "red", "warning": "yellow"}


def summary(findings: Sequence[Finding], checked: int) -> str:
    """How much was found in how many files."""
    cassettes = counted(checked, "cassette")
    if not findings:
        return f"{cassettes} checked, nothing found"
    severities = Counter(finding.severity for finding in findings)
    found = ", ".join(counted(severities[name], name) for name in _STYLES if severities[name])
    files = counted(len({finding.file for finding in findings}), "file")
    return f"{cassettes} checked: {found} in {files}"


def _head(finding: Finding) -> str:
    line = "" if finding.line is None else f"line {finding.line}, "
    number = "" if finding.interaction is None else f"#{finding.interaction}, "
    return f"{line}{number}{finding.severity}: {finding.code}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return one_line(_data(value)).replace(":", "%3A").replace(",", "%2C")

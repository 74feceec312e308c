"""On what machine, and with which versions, something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import yaml

from bench.cassettes import ROOT

PACKAGES = (
    "httpx",
    "httpx2",
    "pytest",
    "PyYAML",
    "vcrpy",
    "pytest-recording",
    "cassetter",
    "respx",
    "pytest-httpx",
)


def surroundings() -> dict[str, str]:
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "load when it began": ", ".join(f"{load:.2f}" for load in os.getloadavg()),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "cassette_kit": f"{version('cassette_kit')} ({revision()})",
        "others": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "libyaml": "yes" if yaml.__with_libyaml__ else "no",
    }


def processor() -> str:
    """The name of the processor where Linux tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def revision() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "not under git"

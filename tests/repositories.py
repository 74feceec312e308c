"""Cassettes in a git repository, with commits of known dates."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tapes import interaction

import cassette_kit as ck

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str, date: str = "2026-01-01T00:00:00+00:00") -> None:
    """git as it is without anybody's settings."""
    settings = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        env=os.environ | {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date},
        capture_output=True,
        check=True,
    )


def taped(path: Path, **response: object) -> Path:
    """A cassette of one interaction."""
    ck.dump(ck.Cassette((interaction(**response),)), path)  # type: ignore[arg-type]
    return path


def repository(folder: Path) -> Path:
    """A cassette of 2020 and one that was changed in 2025; another that is not committed."""
    (folder / "deep").mkdir(parents=True)
    git(folder, "init")
    for name in ("deep/a b.yaml", "changed.yaml", "\x01\u202e.yaml"):
        taped(folder / name)
        git(folder, "add", name)
    git(folder, "commit", "-m", "1", date="2020-01-02T12:00:00+00:00")
    taped(folder / "changed.yaml", code=201)
    git(folder, "commit", "-a", "-m", "2", date="2025-06-01T12:00:00+00:00")
    taped(folder / "new.yaml")
    return folder

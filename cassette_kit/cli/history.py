"""When files were last committed, asked of git."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COMMIT = re.compile("\x01([0-9]{1,11})\x01")  # its time, in seconds


def last_commits(files: Sequence[Path]) -> dict[Path, datetime]:
    """The time of the last commit that changed each file.

    Files that git does not know are missing, and so are all of them where there is no git or no
    repository. In a shallow clone every file seems to be as new as its oldest commit.
    """
    try:
        folder = os.path.commonpath([file.absolute().parent for file in files])
    except ValueError:  # no files, or several drives
        return {}
    newest: dict[str, datetime] = {}
    for name, time in _changes(folder):
        newest.setdefault(name, time)
    names = {file: Path(os.path.relpath(file.absolute(), folder)).as_posix() for file in files}
    return {file: newest[name] for file, name in names.items() if name in newest}


def _changes(folder: str) -> Iterator[tuple[str, datetime]]:
    """The names below a folder that commits have changed, the last commit first."""
    time = datetime.now(UTC)
    for item in _log(folder).split("\0"):
        text = item.lstrip("\n")
        if commit := _COMMIT.fullmatch(text):
            time = datetime.fromtimestamp(int(commit[1]), UTC)
        elif text:
            yield text, time


def _log(folder: str) -> str:
    command = ["git", "-C", folder, "log", "-z", "--format=%x01%ct%x01", "--name-only"]
    try:
        done = subprocess.run(
            [*command, "--relative", "--no-renames", "--", "."], capture_output=True, check=False
        )
    except OSError:
        return ""
    return os.fsdecode(done.stdout) if done.returncode == 0 else ""

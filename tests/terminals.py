"""The command line as a program of its own, on a pipe or on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-m", "cassette_kit"]
ENVIRON = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def on_a_pipe(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """What it prints where nobody looks on."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env={**ENVIRON, **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def on_a_terminal(width: int, *arguments: object, stdout: int | None = None, **environ: str) -> str:
    """What it prints on a terminal of so many columns; with `stdout` only its stderr is one."""
    pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    with subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        env={**ENVIRON, "TERM": "xterm-256color", **environ},
        stdin=theirs,
        stdout=theirs if stdout is None else stdout,
        stderr=theirs,
    ):
        os.close(theirs)
        printed = _until_closed(ours)
    return printed.decode().replace("\r\n", "\n")


def _until_closed(descriptor: int) -> bytes:
    pieces = [b""]
    try:
        while piece := os.read(descriptor, 65536):
            pieces.append(piece)
    except OSError:
        pass  # so Linux tells that nobody has the other side open any more
    finally:
        os.close(descriptor)
    return b"".join(pieces)

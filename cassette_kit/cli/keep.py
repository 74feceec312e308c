"""`cassette-kit keep`: `drop` for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cassette_kit.cli.drop import remove, selecting

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@selecting
def keep(file: Path, **meant: Any) -> None:
    """Remove all interactions from a cassette but these.

    N are numbers from 0, as `show` and misses count them, and ranges: 0,2-4. With several
    conditions all must hold. Those that stay are written as they stood, but for their ids.

    Exit code 0: done; 1: nothing could be removed; 2: a wrong call.

    \b
    Example:
      cassette-kit keep tests/cassettes/test_retry.yaml 2
      cassette-kit keep --host api.openai.com tests/cassettes/test_retry.yaml
    """
    remove(file, keeps=True, **meant)

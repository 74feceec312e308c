"""Kills recordings at random moments, a few hundred times, and counts what they left.

    python bench/kill_many.py [kills] [first seed]

The long form of tests/test_kill.py: a seed is a mode, a moment and a check, so that a kill which
breaks something can be looked at again, as far as a moment can come again.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import test_kill as short

KILLS = 400


def main(kills: int = KILLS, first_seed: int = 0) -> None:
    """Print how many kills left the old cassette and the new one, by mode."""
    found: Counter[str] = Counter()
    with short.serving() as provider, short.Launcher() as launch:
        for seed in range(first_seed, first_seed + kills):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    scene, death, left = short.killed_at_random(
                        seed, Path(folder), provider.url, launch
                    )
                except AssertionError as error:
                    error.add_note(f"seed {seed}")
                    raise
            finished = f"{len(death.finished)} of {short.EXCHANGES} finished"
            found[f"{scene.mode}: {finished}, {left} cassette"] += 1
    for row, count in sorted(found.items()):
        print(f"{count:5}  {row}")
    print(f"{kills:5}  kills, and nothing was lost")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

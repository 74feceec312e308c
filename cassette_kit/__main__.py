"""`python -m cassette_kit`: the command line."""

from __future__ import annotations

from cassette_kit.cli import main

main(prog_name="cassette-kit")

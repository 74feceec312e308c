"""Ways to cut an input, for code that has to take it in any portions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_split(data: bytes) -> Iterator[list[bytes]]:
    """The data whole, byte by byte, and cut in two at each place."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]

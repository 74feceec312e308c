"""AWS event streams: binary frames that state their length."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from cassette_kit.chunking.units import MORE

if TYPE_CHECKING:
    from cassette_kit.chunking.units import Sizes

_LENGTHS = struct.Struct(">II")
_CRC_BYTES = 4
_OVERHEAD = _LENGTHS.size + 2 * _CRC_BYTES


def frame_sizes(held: bytearray) -> Sizes:
    """Units that are frames; from a length that cannot be true on, the rest is one unit.

    The checksums are left alone: a frame with a wrong one is for the client to refuse.

    Source: Smithy 2.0, "Amazon Event Stream Specification".
    """
    while True:
        while len(held) < _LENGTHS.size:
            yield MORE
        total, headers = _LENGTHS.unpack_from(held)
        if total < _OVERHEAD + headers:
            return
        while len(held) < total:
            yield MORE
        yield total

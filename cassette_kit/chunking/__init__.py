"""A body to the pieces that a server would send, and back to the events that they carry.

Pure functions over bytes; nothing here knows HTTP beyond the text of a Content-Type header.
"""

from __future__ import annotations

from cassette_kit.chunking.endings import is_finished
from cassette_kit.chunking.kinds import cutter, split
from cassette_kit.chunking.recutting import check_how, recut
from cassette_kit.chunking.sse import ServerSentEvent, sse_events
from cassette_kit.chunking.units import Cutter

__all__ = [
    "Cutter",
    "ServerSentEvent",
    "check_how",
    "cutter",
    "is_finished",
    "recut",
    "split",
    "sse_events",
]

"""Record and replay for programs that call LLM APIs over HTTP.

Importing this package loads no HTTP client, no pytest and no YAML; names come when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cassette_kit.chunking import ServerSentEvent
    from cassette_kit.differences import Difference
    from cassette_kit.errors import (
        CassetteAlarm,
        CassetteBlocked,
        CassetteError,
        CassetteFormatError,
        CassetteMiss,
        CassetteOptionError,
        CassetteSaveError,
        CassetteTruncated,
        CassetteUnplayed,
        CassetteWarning,
    )
    from cassette_kit.formats import dumps, loads
    from cassette_kit.model import (
        Cassette,
        Chunk,
        Headers,
        Interaction,
        Mismatch,
        Request,
        Response,
        Stream,
    )
    from cassette_kit.store import dump, load
    from cassette_kit.tape import Tape
    from cassette_kit.using import use_cassette

__version__ = "0.1.0"

__all__ = [
    "Cassette",
    "CassetteAlarm",
    "CassetteBlocked",
    "CassetteError",
    "CassetteFormatError",
    "CassetteMiss",
    "CassetteOptionError",
    "CassetteSaveError",
    "CassetteTruncated",
    "CassetteUnplayed",
    "CassetteWarning",
    "Chunk",
    "Difference",
    "Headers",
    "Interaction",
    "Mismatch",
    "Request",
    "Response",
    "ServerSentEvent",
    "Stream",
    "Tape",
    "dump",
    "dumps",
    "load",
    "loads",
    "use_cassette",
]

_HOMES = {
    "chunking": ("ServerSentEvent",),
    "differences": ("Difference",),
    "errors": tuple(name for name in __all__ if name.startswith("Cassette") and name != "Cassette"),
    "formats": ("dumps", "loads"),
    "model": (
        "Cassette",
        "Chunk",
        "Headers",
        "Interaction",
        "Mismatch",
        "Request",
        "Response",
        "Stream",
    ),
    "store": ("dump", "load"),
    "tape": ("Tape",),
    "using": ("use_cassette",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""Make a client inside a replaying tape

`transport=` is a client that is given the tape's transport; a `default` one inside is answered by
interception, and loads no certificates unless something goes live; `outside` of tapes it loads them
at once.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
import httpx2

import cassette_kit as ck
from bench.measuring import Row, Side, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from bench.extent import Extent

CLIENTS: tuple[tuple[ModuleType, type], ...] = (
    (httpx, httpx.Client),
    (httpx, httpx.AsyncClient),
    (httpx2, httpx2.Client),
    (httpx2, httpx2.AsyncClient),
)


def rows(extent: Extent) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "empty.yaml")
        ck.dump(ck.Cassette(()), path)
        for family, client in CLIENTS:
            yield row(family, client, path)


def row(family: ModuleType, client: Callable[..., Any], path: Path) -> Row:
    def inside(make: Callable[[ck.Tape], Any]) -> Side:
        def take() -> float:
            with ck.use_cassette(path, mode="replay") as tape:
                return timed(lambda: make(tape))()

        return Side(take, lambda: client)

    sides = {
        "transport=": inside(lambda tape: client(transport=tape.transport(family))),
        "default": inside(lambda _: client()),
        "outside": Side(timed(client), lambda: client),
    }
    return Row(f"{family.__name__}.{client.__name__}()", sides, client)

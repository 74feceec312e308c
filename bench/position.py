"""Play request N of N

One call that is answered by the last of N recordings, in a cassette or mock that is open already
and has answered one call before; beside it, the same in a cassette with that one recording. Each
tool is its own measure. Recordings may be played again (`repeats=True`, `allow_playback_repeats`,
routes that stay), so that a take can hold many calls. respx and pytest-httpx have a route for each
request, with its JSON to match, up to 1,000 of them: telling respx of more takes minutes.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cassette_kit as ck
from bench import cassettes
from bench.measuring import Row, Side, timed
from bench.mocks import MOCKS, Exchange
from bench.tools import TOOLS, as_expected, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.extent import Extent

    Opening = Callable[[], AbstractContextManager[object]]

GOAL = 1.15
MOST_ROUTES = 1000
X_AXIS = "recordings, of which the last answers"
REPEATING = {
    "vcrpy": {"allow_playback_repeats": True},
    "cassetter": {},
    "cassette_kit": {"repeats": True},
}


def rows(extent: Extent) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        for count in extent.counts:
            names = (*TOOLS, *MOCKS) if count <= MOST_ROUTES else TOOLS
            if count > 1:
                yield from (row(name, count, Path(folder)) for name in names)


def row(name: str, count: int, folder: Path) -> Row:
    last = cassettes.small(count - 1)
    one = opening(name, [last], folder / f"{name}-1-{count}.yaml")
    many = opening(name, list(map(cassettes.small, range(count))), folder / f"{name}-{count}.yaml")
    return Row(
        f"{name}, {count:,}",
        {"1 of 1": side(one, last), "N of N": side(many, last)},
        last.response.body,
        {"N of N": GOAL} if name == "cassette_kit" else {},
        x=count,
        line=name,
    )


def opening(name: str, interactions: list[ck.Interaction], path: Path) -> Opening:
    """What opens a cassette, written to `path`, or a mock."""
    if name in MOCKS:
        told = [Exchange(one.request.body, [], [one.response.body]) for one in interactions]
        return lambda: MOCKS[name](told)
    TOOLS[name].write(path, ck.Cassette(tuple(interactions)))
    return lambda: TOOLS[name].opened(path, **REPEATING[name])


def side(opening: Opening, last: ck.Interaction) -> Side:
    def call() -> bytes:
        return as_expected(sent(last.request), last.response.body)

    @contextmanager
    def opened() -> Iterator[None]:
        with opening():
            call()
            yield

    def take() -> float:
        with opened():
            return timed(lambda: sent(last.request))()

    def answer() -> bytes:
        with opened():
            return call()

    return Side(take, answer)

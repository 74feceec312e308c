"""The option `chunks`: other cuts than the server's, to test what a client makes of them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.chunking.kinds import split
from cassette_kit.errors import CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_RANDOM_BYTES = 256


class _Way(NamedTuple):
    syntax: str
    cut: Callable[[bytes, str, str], list[bytes]]


def check_how(how: str) -> None:
    """Refuse a value that the option `chunks` does not take. Raises CassetteOptionError."""
    _parsed(how)


def recut(body: bytes, content_type: str, how: str) -> list[bytes]:
    """The body in the pieces that the option `chunks` asks for.

    `recorded` means `events` here, where no recorded sizes are known. `random:SEED`, SEED a whole
    number, gives the same pieces on every platform; it cuts within lines and characters.

    Raises:
        CassetteOptionError: `how` is none of the values that the option takes.
    """
    way, argument = _parsed(how)
    return way.cut(body, content_type, argument)


def _parsed(how: str) -> tuple[_Way, str]:
    name, _, argument = how.partition(":")
    way = _WAYS.get(name)
    if way is None or not re.fullmatch(way.syntax, how):
        allowed = "'recorded', 'events', 'whole', 'bytes:N' (N >= 1), 'random:SEED' (a number)"
        raise CassetteOptionError(f"{how!r} is none of {allowed}")
    return way, argument


def _events(body: bytes, content_type: str, _argument: str) -> list[bytes]:
    return split(body, content_type)


def _whole(body: bytes, _content_type: str, _argument: str) -> list[bytes]:
    return [body] if body else []


def _equal(body: bytes, _content_type: str, size: str) -> list[bytes]:
    return list(_pieces(body, itertools.repeat(int(size))))


def _random(body: bytes, _content_type: str, seed: str) -> list[bytes]:
    return list(_pieces(body, _random_sizes(seed)))


def _random_sizes(seed: str) -> Iterator[int]:
    """Sizes from 1 up, small ones more often. Only `random()` is promised never to change."""
    import random

    draw = random.Random(int(seed)).random
    while True:
        share = draw()
        yield 1 + int(share * share * share * _MAX_RANDOM_BYTES)


def _pieces(body: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = start + next(sizes)
        yield body[start:end]
        start = end


_WAYS = {
    "recorded": _Way("recorded", _events),
    "events": _Way("events", _events),
    "whole": _Way("whole", _whole),
    "bytes": _Way("bytes:0*[1-9][0-9]{0,17}", _equal),
    "random": _Way("random:[0-9]{1,18}", _random),
}

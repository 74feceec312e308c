"""What has to be known about one API to tell its exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from cassette_kit.conversation.exchange import Answered, Asked
    from cassette_kit.conversation.fields import Json


class Dialect(NamedTuple):
    """One API, as plain functions over its JSON.

    `path` finds its URLs; `asks` and `answers` know its requests, and its answers or the events of
    a stream, by their shape. `fold` makes of a stream's events, maybe cut off, the JSON that the
    API gives without streaming, which `answered` reads. `said` is the text that an event adds.
    """

    name: str
    path: re.Pattern[str]
    asks: Callable[[Json], bool]
    answers: Callable[[Json], bool]
    asked: Callable[[Json], Asked]
    answered: Callable[[Json], Answered]
    fold: Callable[[list[Json]], Json]
    said: Callable[[Json], str]

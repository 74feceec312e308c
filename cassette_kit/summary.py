"""A cassette in a line: how much it holds, of what, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.conversation import exchange
from cassette_kit.provenance import answered_at, host

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cassette_kit.model import Cassette


class Summary(NamedTuple):
    """What is said of a cassette in a list of them.

    Tokens are None where no answer tells them; `recorded` is the date of the oldest response, None
    where none has one.
    """

    interactions: int
    models: tuple[str, ...]
    hosts: tuple[str, ...]
    input_tokens: int | None
    output_tokens: int | None
    recorded: datetime | None


def summary(cassette: Cassette) -> Summary:
    """What a cassette's interactions hold together; names are sorted, each once.

    A URL without a host stands for itself.
    """
    said = [exchange(interaction) for interaction in cassette.interactions]
    usages = [one.answered.usage for one in said if one.answered.usage]
    requests = [interaction.request for interaction in cassette.interactions]
    dates = (answered_at(interaction.response) for interaction in cassette.interactions)
    return Summary(
        len(said),
        _distinct(one.model for one in said),
        _distinct(host(request) or request.url for request in requests),
        _total(usage.input_tokens for usage in usages),
        _total(usage.output_tokens for usage in usages),
        min((date for date in dates if date is not None), default=None),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, set(names))))


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

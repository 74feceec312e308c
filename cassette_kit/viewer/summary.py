"""A cassette in a line: how much it holds, and of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.conversation import exchange
from cassette_kit.viewer.data import address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.model import Cassette


class Summary(NamedTuple):
    """What the index says of a cassette; tokens are None where no answer tells them."""

    interactions: int
    models: tuple[str, ...]
    hosts: tuple[str, ...]
    input_tokens: int | None
    output_tokens: int | None


def summary(cassette: Cassette) -> Summary:
    """A cassette's models and hosts, each once in order, and its tokens."""
    said = [exchange(interaction) for interaction in cassette.interactions]
    usages = [one.answered.usage for one in said if one.answered.usage]
    hosts = (address(interaction.request.url)[0] for interaction in cassette.interactions)
    return Summary(
        len(said),
        _distinct(one.model for one in said),
        _distinct(hosts),
        _total(usage.input_tokens for usage in usages),
        _total(usage.output_tokens for usage in usages),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

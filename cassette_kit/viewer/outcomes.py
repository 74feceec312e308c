"""How the interactions of a cassette ended, for a list of cassettes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.conversation import exchange
from cassette_kit.provenance import total_ms

if TYPE_CHECKING:
    from cassette_kit.model import Cassette, Interaction, Response


class Ending(NamedTuple):
    """A status and how many answers have it; `failed` if it, or the answer, tells an error."""

    text: str
    failed: bool
    times: int


class Outcomes(NamedTuple):
    """The endings, failures first; the milliseconds of the interaction that took longest."""

    endings: tuple[Ending, ...]
    longest_ms: float

    @property
    def failures(self) -> int:
        return sum(ending.times for ending in self.endings if ending.failed)


def outcomes(cassette: Cassette) -> Outcomes:
    """How a cassette's interactions ended."""
    counts = Counter(map(_ending, cassette.interactions))
    endings = (Ending(*ending, times) for ending, times in counts.items())
    took = (_took_ms(interaction.response) for interaction in cassette.interactions)
    return Outcomes(
        tuple(sorted(endings, key=lambda one: (not one.failed, one.text))), max(took, default=0)
    )


def _ending(interaction: Interaction) -> tuple[str, bool]:
    code = interaction.response.status_code
    if code >= 400:
        return str(code), True
    error = exchange(interaction).answered.error
    return (f"{code} with an error", True) if error else (str(code), False)


def _took_ms(response: Response) -> float:
    """To the last byte, or to the headers where no more was recorded."""
    total = total_ms(response)
    return response.duration_ns / 1e6 if total is None else total

"""A cassette without what redaction takes out of it, and what that was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.formats.line_numbers import LineNumbers
from cassette_kit.redactors.changes import Change, changes
from cassette_kit.redactors.secrets import SecretHit, credentials, find_secrets

if TYPE_CHECKING:
    from cassette_kit.formats.line_numbers import Place
    from cassette_kit.model import Cassette, Interaction
    from cassette_kit.redactors import Redactor
    from cassette_kit.redactors.passes import Hits


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """`cassette` is the one to write; `changed` has the changes by the number of an interaction.

    `known` are the credentials that the interactions held, which must not stand anywhere else.
    """

    cassette: Cassette
    changed: dict[int, list[Change]]
    known: frozenset[str]
    hits: Hits


def scrubbed(cassette: Cassette, redactor: Redactor) -> Scrubbed:
    """Redact what a file holds as if it were recorded now.

    What nothing changed is the same object, so that it is written from its own text.
    """
    hits: Hits = Counter()
    kept: list[Interaction] = []
    changed: dict[int, list[Change]] = {}
    known: set[str] = set()
    for number, old in enumerate(cassette.interactions):
        new, found = redactor.interaction(old)
        hits += found
        kept.append(new)
        known |= credentials(old.request, old.response)
        if new is not old:
            changed[number] = changes(old, new)
    return Scrubbed(replace(cassette, interactions=tuple(kept)), changed, frozenset(known), hits)


class Left(NamedTuple):
    """A secret that no rule takes out, and its place; None where it is of no interaction."""

    place: Place | None
    hit: SecretHit

    @property
    def where(self) -> str:
        """`#2 response body`."""
        place = self.place
        return " ".join(filter(None, (f"#{place.number}", place.side, place.key))) if place else ""

    def __str__(self) -> str:
        where = f"{self.where}, " if self.place else ""
        return f"{where}line {self.hit.line}: {self.hit.named('credential of this cassette')}"


def secrets_left(text: bytes, old: Cassette, known: frozenset[str]) -> list[Left]:
    """The secrets in the text of a scrubbed cassette, with the lines that they have in the old."""
    hits = find_secrets(text, known)
    if not hits:
        return []
    before, after = LineNumbers.of(old), LineNumbers(text)
    return [_left(hit, before, after) for hit in hits]


def _left(hit: SecretHit, before: LineNumbers, after: LineNumbers) -> Left:
    place = after.place(hit.line)
    if place is None:
        return Left(None, hit)
    if place.key != "body":  # among headers, those above may be gone
        place = place._replace(offset=0)
    return Left(place, replace(hit, line=before.line(place)))

"""What a comparison finds, as values. `before` is the first recording, `after` the second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.differences import MISSING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from cassette_kit.model import Interaction

Aspect = Literal["ids", "times", "headers"]
"""What two recordings of one test always differ in, and a comparison leaves out unless asked."""

Section = Literal["request", "answer", "usage", "times", "headers"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same; a side that lacks it is MISSING.

    `where` is its place in the section: `body $.messages[1].content`, `text`, `output_tokens`.
    Values are plain JSON data or bytes, those of `times` milliseconds.
    """

    section: Section
    where: str
    before: Any
    after: Any

    @property
    def values(self) -> Hashable:
        """From what to what: equal for equal changes, wherever they are."""
        return _hashable(self.before), _hashable(self.after)


def _hashable(value: Any) -> Hashable:
    if value is MISSING or isinstance(value, str | bytes):
        return value
    try:
        return "JSON", canonical_json(value)
    except NotJSONError:
        return id(value)


Found = tuple[Change, Aspect | None]
"""A change, and the aspect that it belongs to if that may be left out."""


class Places(NamedTuple):
    """Where a pair stands in both files."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two interactions that belong together, by their places in the files, and what changed.

    `hidden` counts the changes of aspects that were left out. `is_cut`: there are more changes.
    """

    before: int
    after: int
    changes: tuple[Change, ...] = ()
    hidden: Mapping[Aspect, int] = field(default_factory=Counter)
    is_cut: bool = False

    @property
    def places(self) -> Places:
        return Places(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two cassettes side by side: pairs in the order of the second one, and those without one."""

    before: tuple[Interaction, ...]
    after: tuple[Interaction, ...]
    pairs: tuple[Pair, ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def changed(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.changes]

    @property
    def is_same(self) -> bool:
        """Whether nothing is left to tell; the order of interactions does not count."""
        return not (self.removed or self.added or self.changed)

    @property
    def is_reordered(self) -> bool:
        places = [pair.before for pair in self.pairs]
        return places != sorted(places)

    @property
    def hidden(self) -> Counter[Aspect]:
        """How many changes of each aspect were left out."""
        total: Counter[Aspect] = Counter()
        for pair in self.pairs:
            total.update(pair.hidden)
        return total

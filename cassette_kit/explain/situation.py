"""A miss as the session knows it, and the recordings that come near as the text needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit.model import Interaction, Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.differences import Difference
    from cassette_kit.errors import Reason
    from cassette_kit.matchers import Comparison
    from cassette_kit.matchers.rules import Rules
    from cassette_kit.modes import Mode

Compare = Callable[[Request, Request], Sequence[Mismatch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a session knows about a request that no recording answers.

    `live` and `seen`, the requests of the `taped` interactions, are as matchers see them. `played`
    and `equal` hold numbers in the cassette; the equal ones would have answered, had they not been
    played already. `compare` gives every reason why a live request does not match a taped one.
    """

    live: Request
    taped: Sequence[Interaction]
    seen: Sequence[Request]
    played: frozenset[int]
    equal: Sequence[int]
    compare: Compare
    match: Sequence[str | Comparison]
    rules: Rules
    mode: Mode
    file_exists: bool

    @property
    def goes_live(self) -> bool:
        """Whether the request leaves for the real API all the same."""
        return self.mode.goes_live(file_exists=self.file_exists)


@dataclass(frozen=True, slots=True)
class BodyMismatch(Mismatch):
    """A place in a body at which two requests differ."""

    difference: Difference

    @property
    def path(self) -> str:
        """The JSON path, as the options `ignore`, `normalise` and `unordered` take it."""
        return self.difference.path

    @property
    def inner(self) -> str | None:
        """The path inside of the text at `path`, where that holds JSON itself."""
        return self.difference.inner


@dataclass(frozen=True, slots=True)
class Near:
    """A recording that comes near, by its number in the cassette.

    `mismatches` are what the matchers say; `differences` the same with bodies taken apart. Both
    begin with what is farthest off, for which `reason` is the word; `decisive` differences are
    those that it covers.
    """

    number: int
    request: Request
    played: bool
    reason: Reason
    mismatches: Sequence[Mismatch]
    differences: Sequence[Mismatch]
    decisive: int

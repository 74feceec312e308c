"""What to do about a secret in a cassette: rules that were tried, and commands for a shell."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit import formats
from cassette_kit.redactors import Redactor
from cassette_kit.redactors.scrubbing import scrubbed, secrets_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cassette_kit.model import Cassette
    from cassette_kit.redactors.scrubbing import Left


@dataclass(frozen=True, slots=True)
class Remedy:
    """The `rules` that a cassette needs besides those that hold anyway.

    `beyond` tells the secrets that they do not reach, each by its part, kind and encoding.
    """

    rules: tuple[str, ...]
    beyond: frozenset[tuple[str, str, str]]

    def reaches(self, one: Left) -> bool:
        """Whether a secret is gone after the rules."""
        return _called(one) not in self.beyond


def remedy(cassette: Cassette, redactor: Callable[[Sequence[str]], Redactor] = Redactor) -> Remedy:
    """What takes out the secrets that scrubbing leaves, found by trying it.

    `redactor` makes the one to scrub with, by rules besides those that hold anyway.
    """
    left = _left(cassette, redactor(()))
    wanted = (one.hit.rule or one.hit.outline for one in left)
    rules = tuple(dict.fromkeys(filter(None, wanted)))
    beyond = _left(cassette, redactor(rules)) if rules else left
    return Remedy(rules, frozenset(map(_called, beyond)))


def _left(cassette: Cassette, redactor: Redactor) -> list[Left]:
    result = scrubbed(cassette, redactor)
    return secrets_left(formats.dumps(result.cassette), cassette, result.known)


def _called(one: Left) -> tuple[str, str, str]:
    return one.where, one.hit.kind, one.hit.encoding


def scrub_command(file: str, rules: Iterable[str], keep_headers: Iterable[str] = ()) -> str:
    """What scrubs a file by further rules, as it is typed."""
    redact = [word for rule in rules for word in ("--redact", rule)]
    keep = [word for name in keep_headers for word in ("--keep-header", name)]
    return shlex.join(["cassette-kit", "scrub", *redact, *keep, file])


def by_hand(file: str, one: Left) -> str:
    """What is left to do about a secret that no rule reaches."""
    fix = shlex.join(["cassette-kit", "check", "--fix", file])
    drop = shlex.join(["cassette-kit", "drop", file])
    number = f"`{drop} {one.place.number}`, or " if one.place else ""
    return f"no rule reaches it: {number}edit it out and `{fix}`"

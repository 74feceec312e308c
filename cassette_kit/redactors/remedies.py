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
    """The `rules` that a cassette of `count` interactions needs besides those that hold anyway.

    `beyond` tells the secrets that they do not reach, each by its part, kind and encoding; `stuck`
    are the interactions that hold these.
    """

    rules: tuple[str, ...]
    beyond: frozenset[tuple[str, str, str]]
    stuck: tuple[int, ...]
    count: int

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
    stuck = sorted({one.place.number for one in beyond if one.place})
    count = len(cassette.interactions)
    return Remedy(rules, frozenset(map(_called, beyond)), tuple(stuck), count)


def _left(cassette: Cassette, redactor: Redactor) -> list[Left]:
    result = scrubbed(cassette, redactor)
    return secrets_left(formats.dumps(result.cassette), cassette, result.known)


def _called(one: Left) -> tuple[str, str, str]:
    return one.where, one.hit.kind, one.hit.encoding


def scrub_command(file: str, rules: Iterable[str], keep_headers: Iterable[str] = ()) -> str:
    """What scrubs a file by further rules, as it is typed."""
    redact = [word for rule in rules for word in ("--redact", rule)]
    keep = [word for name in keep_headers for word in ("--keep-header", name)]
    return _command("scrub", *redact, *keep, file=file)


def by_hand(file: str, cure: Remedy) -> str:
    """What is left to do about the secrets that no rule reaches, all of them at once."""
    drop = _command("drop", file=file)
    numbers = " ".join(map(str, cure.stuck))
    away = "remove the file" if len(cure.stuck) == cure.count else f"`{drop} {numbers}`"
    fix = _command("check", "--fix", file=file)
    return f"no rule reaches it: {f'{away}, or ' if cure.stuck else ''}edit it out and `{fix}`"


def _command(*words: str, file: str) -> str:
    """A line for a shell, to which a name with a dash in front would be an option."""
    return shlex.join(["cassette-kit", *words, f"./{file}" if file.startswith("-") else file])

"""What should not be in a file that is committed: credentials."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from cassette_kit.checks.finding import Flaw
from cassette_kit.errors import CassetteError
from cassette_kit.redactors.remedies import by_hand, remedy, scrub_command
from cassette_kit.redactors.scrubbing import Left
from cassette_kit.redactors.secrets import credentials, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.subject import Subject
    from cassette_kit.redactors.remedies import Remedy
    from cassette_kit.redactors.secrets import SecretHit

_MOST_SOUGHT = 50  # values, each a search of the whole file


def secret(subject: Subject) -> Iterator[Flaw]:
    """Keys of known shapes anywhere in the text, and what stands where an exchange has credentials.

    A file that cannot be read is searched, too.
    """
    hits = find_secrets(subject.data, islice(dict.fromkeys(_carried(subject)), _MOST_SOUGHT))
    cure = _remedy(subject) if hits else None
    for hit in hits:
        what = hit.named("a credential that the exchange carries")
        message = f"{what}; revoke it, and {_what_to_do(subject, hit, cure)}"
        yield Flaw(message, hit.line, subject.lines.interaction(hit.line))


def _remedy(subject: Subject) -> Remedy | None:
    """None for a file in which nothing can be scrubbed."""
    if subject.is_journal or not subject.cassette.interactions:
        return None
    try:
        return remedy(subject.cassette)
    except CassetteError:  # an odd value, with which it cannot be written
        return None


def _what_to_do(subject: Subject, hit: SecretHit, cure: Remedy | None) -> str:
    if cure is None:
        return "edit it out, or remove the file"
    one = Left(subject.lines.place(hit.line), hit)
    if cure.reaches(one):
        after = ", when those are gone that no rule reaches" if cure.beyond else ""
        return f"take it out: `{scrub_command(subject.name, cure.rules)}`{after}"
    return by_hand(subject.name, cure)


def _carried(subject: Subject) -> Iterator[str]:
    """The credentials of its exchanges. Some are enough: `scrub` looks for all."""
    for interaction in subject.cassette.interactions:
        yield from sorted(credentials(interaction.request, interaction.response))

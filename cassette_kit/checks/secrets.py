"""What should not be in a file that is committed: credentials."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from cassette_kit.checks.finding import Flaw
from cassette_kit.redactors.secrets import KNOWN, credentials, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.subject import Subject

_MOST_SOUGHT = 50  # values, each a search of the whole file


def secret(subject: Subject) -> Iterator[Flaw]:
    """Keys of known shapes anywhere in the text, and what stands where an exchange has credentials.

    A file that cannot be read is searched, too.
    """
    for hit in find_secrets(subject.data, islice(dict.fromkeys(_carried(subject)), _MOST_SOUGHT)):
        is_carried = hit.kind == KNOWN
        kind = "a credential that the exchange carries" if is_carried else hit.kind
        encoding = "" if hit.encoding == "plain" else f" in {hit.encoding}"
        rule = "" if is_carried else f" --redact '{_rule(hit.advice)}'"
        message = f"{kind}{encoding}; revoke it, and take it out: `cassette-kit scrub{rule}`"
        yield Flaw(message, hit.line, subject.lines.interaction(hit.line))


def _rule(advice: str) -> str:
    """The rule in `redact=["field:api_key"]`."""
    return advice.removeprefix('redact=["').removesuffix('"]')


def _carried(subject: Subject) -> Iterator[str]:
    """The credentials of its exchanges. Some are enough: `scrub` looks for all."""
    for interaction in subject.cassette.interactions:
        yield from sorted(credentials(interaction.request, interaction.response))

"""What should not be in a file that is committed: credentials, and headers nobody asked to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.checks.finding import Flaw
from cassette_kit.redactors.headers import REQUEST_HEADERS, RESPONSE_HEADERS
from cassette_kit.redactors.secrets import KNOWN, credentials, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.checks.subject import Subject
    from cassette_kit.model import Headers

_MEANT = frozenset({"date"})  # tells the age of a recording and nothing of who made it
_SHOWN = 5


def secret(subject: Subject) -> Iterator[Flaw]:
    """Keys of known shapes anywhere in the text, and what stands where an exchange has credentials.

    A file that cannot be read is searched, too.
    """
    known = frozenset().union(
        *(credentials(one.request, one.response) for one in subject.cassette.interactions)
    )
    for hit in find_secrets(subject.data, sorted(known)):
        kind = "a credential that the exchange carries" if hit.kind == KNOWN else hit.kind
        encoding = "" if hit.encoding == "plain" else f", {hit.encoding}"
        message = (
            f"{kind}{encoding}; revoke it, then `cassette-kit scrub`, perhaps with {hit.advice}"
        )
        yield Flaw(message, hit.line, subject.interaction_at(hit.line))


def header(subject: Subject) -> Iterator[Flaw]:
    """Headers that a recording of today would drop: one flaw for all of a file."""
    found: dict[str, tuple[int, str]] = {}
    kept = subject.terms.keep_headers | _MEANT
    for number, interaction in enumerate(subject.cassette.interactions):
        for name in _beyond(interaction.request.headers, REQUEST_HEADERS | kept):
            found.setdefault(name, (number, "request"))
        for name in _beyond(interaction.response.headers, RESPONSE_HEADERS | kept):
            found.setdefault(name, (number, "response"))
    if found:
        (first, (number, side)), *_ = found.items()
        message = (
            f"a recording would not keep {_listed(list(found))}; `cassette-kit scrub` drops what "
            "the option keep_headers does not name"
        )
        yield subject.flaw(message, number, side, "headers", first)


def _beyond(headers: Headers, kept: frozenset[str]) -> list[str]:
    """The names outside a list, as they are written."""
    names = dict.fromkeys(name for name, _ in headers.multi_items())
    return [name for name in names if name.lower() not in kept]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = ", ".join(names[:_SHOWN])
    return f"the header{'s' * (len(names) > 1)} {shown}{more}"

"""Headers: which ones a recording keeps, and which hold credentials even then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.redactors.edits import Edit
from cassette_kit.redactors.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUEST_HEADERS = frozenset(
    {
        "accept",
        "anthropic-beta",
        "anthropic-version",
        "content-type",
        "openai-beta",
        "user-agent",
    }
)
RESPONSE_HEADERS = frozenset(
    {
        "content-type",
        "location",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
    }
)

_CREDENTIAL = re.compile(
    r"""(?:.*-)? (?: auth | authorization | api-?key | access-?key | subscription-key | function-key
                   | functions-key | token | secret | password | signature | session | cookie2? )
      | openai-organization | openai-project | x-amz-credential""",
    re.IGNORECASE | re.VERBOSE,
)


def is_credential(name: str) -> bool:
    """Whether a header of this name holds what identifies the caller."""
    return _CREDENTIAL.fullmatch(name) is not None


class CredentialHeaders(Rule):
    """Credentials in headers that were kept on request."""

    def header(self, name: str, value: bytes) -> Iterable[Edit]:
        return (Edit(0, len(value)),) if is_credential(name) else ()


class Header(Rule):
    """`header:NAME`: the whole value of one header."""

    def __init__(self, name: str) -> None:
        super().__init__(f"header:{name}")
        self._header = name.lower()

    def header(self, name: str, value: bytes) -> Iterable[Edit]:
        return (Edit(0, len(value)),) if name.lower() == self._header else ()

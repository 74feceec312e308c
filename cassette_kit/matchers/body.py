"""The body: as JSON, as the fields of a form or as parts, and as bytes where it is none of these."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.matchers.bodies import Comparable, comparable
from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules


class BodyMatcher:
    """Bodies are equal when their canonical forms are, after the rules were applied to both.

    A key is a digest, so that an index does not hold every body twice.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def key(self, request: Request) -> bytes:
        return _digest(self.seen(request), request)

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if live.body == taped.body or self.key(live) == self.key(taped):
            return None
        return Mismatch("body", self.seen(live).tree, self.seen(taped).tree)

    def seen(self, request: Request) -> Comparable:
        """The body as it is compared."""
        body = comparable(request)
        if body.kind == "bytes" or not self._rules.change_bodies:
            return body
        return Comparable(body.kind, self._rules.applied(body.tree))


def _digest(body: Comparable, request: Request) -> bytes:
    """The kind takes part, so that a form never equals the JSON that describes it."""
    try:
        text = body.tree if body.kind == "bytes" else canonical_json(body.tree)
    except NotJSONError:
        return blake2b(request.body, person=b"bytes").digest()
    return blake2b(text, person=body.kind.encode()).digest()

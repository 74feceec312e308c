"""The body: as canonical JSON where it is JSON, as bytes where it is not."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from cassette_kit.canonical import NotJSONError, canonical_json, parse_json
from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules


class BodyMatcher:
    """Bodies are equal when their canonical JSON is; what is not JSON, when its bytes are.

    A key is a digest, so that an index does not hold every body twice.
    """

    def __init__(self, rules: Rules) -> None:
        del rules

    def key(self, request: Request) -> bytes:
        try:
            return blake2b(canonical_json(parse_json(request.body)), person=b"json").digest()
        except NotJSONError:
            return blake2b(request.body, person=b"bytes").digest()

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if live.body == taped.body or self.key(live) == self.key(taped):
            return None
        return Mismatch("body", live.body, taped.body)

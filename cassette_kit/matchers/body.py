"""The body: as JSON, as the fields of a form or as parts; as bytes where it is none of these."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.matchers.bodies import comparable
from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules


@dataclass(frozen=True, slots=True)
class TreeMismatch(Mismatch):
    """Two bodies of one kind, as trees to look for differences in; see `Rules.facing`."""


class BodyMatcher:
    """Bodies are equal when their canonical forms are, after the rules were applied to both.

    A key is a digest, so that an index does not hold every body twice. The kind of body takes part,
    so that a form never equals the JSON that describes it.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def key(self, request: Request) -> bytes:
        body = comparable(request.body)
        if body.kind == "bytes":
            return _digest(body.tree, "bytes")
        tree = self._rules.applied(body.tree) if self._rules.change_bodies else body.tree
        try:
            return _digest(canonical_json(tree), body.kind)
        except NotJSONError:  # nested too deeply
            return _digest(request.body, "bytes")

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if self.key(live) == self.key(taped):
            return None
        ours, theirs = comparable(live.body), comparable(taped.body)
        if ours.kind == theirs.kind != "bytes":
            return TreeMismatch("body", *self._rules.facing(ours.tree, theirs.tree))
        return Mismatch("body", live.body, taped.body)


def _digest(text: bytes, kind: str) -> bytes:
    return blake2b(text, person=kind.encode()).digest()

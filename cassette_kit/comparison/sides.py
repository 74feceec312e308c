"""An interaction as the comparison looks at it: each view made once, when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cassette_kit.canonical import NotJSONError, canonical_json
from cassette_kit.comparison.hiding import without_ids
from cassette_kit.comparison.said import said
from cassette_kit.conversation import Exchange, exchange
from cassette_kit.differences import Fingerprint, fingerprint
from cassette_kit.matchers import request_key
from cassette_kit.matchers.bodies import Comparable, comparable
from cassette_kit.matchers.url import split_url

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from cassette_kit.model import Interaction


def sides(interactions: Iterable[Interaction]) -> list[Side]:
    """The interactions of a cassette with their places."""
    return [Side(place, one) for place, one in enumerate(interactions)]


class Side:
    """One interaction of one of two cassettes, and its place there.

    The keys are for pairing: equal for interactions that agree in that respect.
    """

    def __init__(self, place: int, interaction: Interaction) -> None:
        self.place = place
        self.request = interaction.request
        self.response = interaction.response
        self._interaction = interaction

    @cached_property
    def body(self) -> Comparable:
        return comparable(self.request.body)

    @cached_property
    def exchange(self) -> Exchange:
        return exchange(self._interaction)

    @property
    def recorded(self) -> Hashable:
        """All that can be told of it."""
        headers = self.request.headers, self.response.headers
        return self.letters, headers, self.response.duration_ns, self.response.stream

    @property
    def letters(self) -> Hashable:
        """Everything that is sent and received, byte for byte."""
        asked = self.request.method, self.request.url, self.request.body
        return *asked, self.response.status_code, self.response.body

    @cached_property
    def asked(self) -> Hashable:
        """What a replay goes by."""
        return request_key(self.request)

    @cached_property
    def asked_without_ids(self) -> Hashable:
        try:
            body = without_ids(self.body.tree) if self.body.kind != "bytes" else self.body.tree
        except NotJSONError:
            body = self.request.body
        return self.request.method, self.url, body

    @cached_property
    def said(self) -> Hashable:
        """What is answered, however it was streamed."""
        if not self.exchange.dialect:
            return self.status, self.response.body
        try:
            return self.status, canonical_json(said(self.exchange.answered))
        except NotJSONError:
            return self.status, self.response.body

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def url(self) -> Hashable:
        return split_url(self.request.url)

    @property
    def resource(self) -> Hashable:
        """Method and URL without the query."""
        return self.request.method, split_url(self.request.url)[:2]

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What the request holds, to tell how alike two are."""
        return _fingerprint(self.body, self.request.body)

    @cached_property
    def answer_fingerprint(self) -> Fingerprint:
        """What the answer says, to tell how alike two are."""
        if self.exchange.dialect:
            return fingerprint(said(self.exchange.answered))
        return _fingerprint(comparable(self.response.body), self.response.body)


def _fingerprint(known: Comparable, body: bytes) -> Fingerprint:
    """Of a body as what it is; of bytes as the text that they may be."""
    return fingerprint(body.decode("utf-8", "replace") if known.kind == "bytes" else known.tree)

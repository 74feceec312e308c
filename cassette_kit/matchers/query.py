"""The query's parameters, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from cassette_kit.matchers.url import split_url
from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules


class QueryMatcher:
    """The same parameters with the same values; repetitions count, their order does not."""

    def __init__(self, rules: Rules) -> None:
        del rules

    def key(self, request: Request) -> tuple[tuple[str, str], ...]:
        _, query = split_url(request.url)
        return tuple(sorted(parse_qsl(query, keep_blank_values=True)))

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        ours, theirs = self.key(live), self.key(taped)
        if ours == theirs:
            return None
        only_live = [pair for pair in ours if pair not in theirs]
        only_taped = [pair for pair in theirs if pair not in ours]
        return Mismatch("query", only_live, only_taped)

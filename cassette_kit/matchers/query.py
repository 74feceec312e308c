"""The query's parameters, in any order."""

from __future__ import annotations

from collections import Counter
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
        query = split_url(request.url).query
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        return tuple(sorted(pairs))

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        ours, theirs = self.key(live), self.key(taped)
        if ours == theirs:
            return None
        live_only, taped_only = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
        return Mismatch("query", _text(live_only), _text(taped_only))


def _text(pairs: Counter[tuple[str, str]]) -> str | None:
    """As in a URL, but readable; None for no parameter."""
    return "&".join(f"{name}={value}" for name, value in pairs.elements()) or None

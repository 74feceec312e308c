"""What makes a recording answer a request. A row of MATCHERS is a name for the option `match`.

A matcher has two sides: `key`, so that recordings are found by look-up (two requests match exactly
when their keys are equal), and `compare`, which tells why two requests do not match.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Protocol

from cassette_kit.matchers.body import BodyMatcher
from cassette_kit.matchers.headers import HeadersMatcher
from cassette_kit.matchers.method import MethodMatcher
from cassette_kit.matchers.query import QueryMatcher
from cassette_kit.matchers.rules import Rules
from cassette_kit.matchers.url import UrlMatcher
from cassette_kit.model import Mismatch, Request

__all__ = [
    "DEFAULT_MATCH",
    "MATCHERS",
    "BodyMatcher",
    "Comparison",
    "HeadersMatcher",
    "Matcher",
    "Rules",
    "request_key",
]


class Matcher(Protocol):
    """One aspect of a request that must agree."""

    def key(self, request: Request) -> Hashable: ...

    def compare(self, live: Request, taped: Request) -> Mismatch | None: ...


Comparison = Callable[[Request, Request], Mismatch | None]

MATCHERS: Mapping[str, Callable[[Rules], Matcher]] = {
    "method": MethodMatcher,
    "url": UrlMatcher,
    "query": QueryMatcher,
    "headers": HeadersMatcher,
    "body": BodyMatcher,
}
DEFAULT_MATCH = ("method", "url", "body")
_DEFAULT = [MATCHERS[name](Rules()) for name in DEFAULT_MATCH]


def request_key(request: Request) -> Hashable:
    """What a request is found by if no option says otherwise: equal for requests that match."""
    return tuple(matcher.key(request) for matcher in _DEFAULT)

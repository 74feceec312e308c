"""The URL without its fragment; case and spelling of the host and a default port do not count."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class UrlParts(NamedTuple):
    """`origin` is scheme, user, host and port, normalised; the query is as written."""

    origin: str
    path: str
    query: str


class UrlMatcher:
    """Scheme, host, port, path, and the query in its order unless `query` was asked for too."""

    def __init__(self, rules: Rules) -> None:
        self._any_order = rules.query_in_any_order

    def key(self, request: Request) -> tuple[str, ...]:
        origin, path, query = split_url(request.url)
        return (origin, path) if self._any_order else (origin, path, query)

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if self.key(live) == self.key(taped):
            return None
        return Mismatch("url", live.url, taped.url)


@functools.lru_cache(maxsize=1024)
def split_url(url: str) -> UrlParts:
    """A URL without its fragment, in the parts that are compared."""
    try:
        parts = urlsplit(url)
    except ValueError:  # not a URL by any reading: equal only to itself
        return UrlParts(url, "", "")
    userinfo, at, host = parts.netloc.rpartition("@")
    host = _ascii(host.lower())
    host = host.removesuffix(DEFAULT_PORTS.get(parts.scheme, ":")).removesuffix(":")
    return UrlParts(f"{parts.scheme}://{userinfo}{at}{host}", parts.path or "/", parts.query)


def _ascii(host: str) -> str:
    """A host as clients send it, which for `bücher.example` is `xn--bcher-kva.example`."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host

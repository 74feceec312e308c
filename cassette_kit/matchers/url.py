"""The URL without its fragment; the case of the host and a default port do not count."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class UrlMatcher:
    """Scheme, host, port, path, and the query in its order unless `query` was asked for too."""

    def __init__(self, rules: Rules) -> None:
        self._part = 0 if rules.query_in_any_order else slice(None)

    def key(self, request: Request) -> str | tuple[str, ...]:
        return split_url(request.url)[self._part]

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if self.key(live) == self.key(taped):
            return None
        return Mismatch("url", live.url, taped.url)


@functools.lru_cache(maxsize=1024)
def split_url(url: str) -> tuple[str, str]:
    """A URL as (normalised scheme, host, port and path; query as written)."""
    try:
        parts = urlsplit(url)
    except ValueError:  # not a URL by any reading: equal only to itself
        return url, ""
    userinfo, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(DEFAULT_PORTS.get(parts.scheme, ":"))
    return f"{parts.scheme}://{userinfo}{at}{host}{parts.path or '/'}", parts.query

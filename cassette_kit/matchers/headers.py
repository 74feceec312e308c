"""The request's headers, but for those that change with every release of a client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules

_BOUNDARY = re.compile(r""";\s*boundary=(?:"[^"]*"|[^\s;]*)""", re.IGNORECASE)

VOLATILE = frozenset({"user-agent", "accept-encoding", "connection", "content-length", "host"})


class HeadersMatcher:
    """Names in any case and order; the values of one name in their order.

    Only headers that a recording may hold are compared, on both sides; a multipart boundary, new on
    every attempt, is not.
    """

    def __init__(self, rules: Rules) -> None:
        self._names = sorted(rules.recorded_headers - VOLATILE)

    def key(self, request: Request) -> tuple[tuple[str, str], ...]:
        headers = request.headers
        return tuple(
            (name, _BOUNDARY.sub("", headers[name])) for name in self._names if name in headers
        )

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        ours, theirs = dict(self.key(live)), dict(self.key(taped))
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                return Mismatch(f"header {name}", ours.get(name), theirs.get(name))
        return None

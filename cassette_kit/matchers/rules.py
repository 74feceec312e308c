"""The options that change what counts as equal, in the form that matchers use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """`query_in_any_order`: the matcher `query` was asked for, so `url` leaves the query alone.

    `recorded_headers` are the names, in lower case, that a recording may hold.
    """

    query_in_any_order: bool = False
    recorded_headers: frozenset[str] = frozenset()

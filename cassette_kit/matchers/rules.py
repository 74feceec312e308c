"""The options that change what counts as equal, in the form that matchers use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """`query_in_any_order`: the matcher `query` was asked for, so `url` leaves the query alone."""

    query_in_any_order: bool = False

"""The request method, as sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.model import Mismatch, Request

if TYPE_CHECKING:
    from cassette_kit.matchers.rules import Rules


class MethodMatcher:
    """Methods are equal as text."""

    def __init__(self, rules: Rules) -> None:
        del rules

    def key(self, request: Request) -> str:
        return request.method

    def compare(self, live: Request, taped: Request) -> Mismatch | None:
        if live.method == taped.method:
            return None
        return Mismatch("method", live.method, taped.method)

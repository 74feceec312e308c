"""What a redaction rule is: the places in each part of a message where a secret stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.redactors.edits import Edit


class Rule:
    """One rule; it overrides the parts of a message that it knows about.

    Each method gets a part as bytes and yields the edits that it needs; the parts of one message
    are edited by whoever asks. `name` is what the rule is called in a report.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def url(self, url: bytes) -> Iterable[Edit]:
        """Secrets in a URL, a request target or a host."""
        del url
        return ()

    def header(self, name: str, value: bytes) -> Iterable[Edit]:
        """Secrets in one value of the header `name`."""
        del name, value
        return ()

    def form(self, name: str, value: bytes) -> Iterable[Edit]:
        """Secrets in one value of the form field or query parameter `name`, decoded."""
        del name, value
        return ()

    def body(self, body: bytes, media_type: str) -> Iterable[Edit]:
        """Secrets in a body; `media_type` is in lower case, without parameters."""
        del body, media_type
        return ()


class UrlRule(Rule):
    """A rule about URLs, which also stand in the header `location`."""

    def header(self, name: str, value: bytes) -> Iterable[Edit]:
        return self.url(value) if name.lower() == "location" else ()

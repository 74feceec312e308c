"""Where a recording was sent to, and when it was answered."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cassette_kit.model import Request, Response


def host(request: Request) -> str:
    """The host that a request went to, in lower case; "" where its URL has none."""
    try:
        return urlsplit(request.url).hostname or ""
    except ValueError:
        return ""


def answered_at(response: Response) -> datetime | None:
    """The time in the Date header, in UTC; None where there is none, or it is no date.

    Source: RFC 9110, section 5.6.7: a date of HTTP is in UTC, whether it says so or not.
    """
    try:
        date = parsedate_to_datetime(response.headers.get("date", ""))
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

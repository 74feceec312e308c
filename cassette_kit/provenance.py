"""Where a recording was sent to, when it was answered, and how long that took."""

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


def total_ms(response: Response) -> float | None:
    """The time from the request to the last byte; None where that was not recorded."""
    sizes = response.recorded_sizes
    if sizes is None:
        return None
    return response.duration_ns / 1e6 + sum(delay_ms for delay_ms, _ in sizes)

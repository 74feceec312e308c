"""What changed between two bodies: places in JSON, or the whole as text or bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassette_kit.comparison.change import Change, Found, Section
from cassette_kit.comparison.hiding import hidden_as
from cassette_kit.differences import Difference, each_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_kit.comparison.change import Aspect


def tree_changes(
    section: Section,
    before: Any,
    after: Any,
    *,
    hide: Callable[[Difference], Aspect | None] = hidden_as,
    named: Callable[[Difference], str] = lambda difference: difference.where,
) -> Iterator[Found]:
    """Each place at which two trees differ."""
    for difference in each_difference(after, before):
        change = Change(section, named(difference), difference.taped, difference.live)
        yield change, hide(difference)


def readable(body: bytes) -> str | bytes:
    """A body as text where it is text."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body

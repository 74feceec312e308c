"""Which tests have a cassette, and what is closed around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cassette_kit.pytest_plugin.surfacing import OWNERS, SURFACED, hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.bar import Bar
    from cassette_kit.tape import Tape

TAPE: pytest.StashKey[Tape] = pytest.StashKey()


def bring_forward(item: pytest.Item) -> None:
    """Let a marker alone bring the fixture, and set that up before others can call out.

    The list of names is replaced, as the tests of one function share it.
    """
    if isinstance(item, pytest.Function) and wants_cassette(item):
        others = (name for name in item.fixturenames if name != "cassette")
        item.fixturenames = ["cassette", *others]


def wants_cassette(item: pytest.Item) -> bool:
    """Whether a test will have a cassette when it runs."""
    return has_cassette(item) or item.get_closest_marker("cassette") is not None


def has_cassette(item: pytest.Item) -> bool:
    return TAPE in item.stash or "cassette" in getattr(item, "fixturenames", ())


def tape_of(item: pytest.Item | None) -> Tape | None:
    """The tape of a test, once that is open."""
    return None if item is None else item.stash.get(TAPE, None)


def forget(item: pytest.Item) -> None:
    """Let go of the tape: pytest keeps its items to the end of the run."""
    keys: tuple[pytest.StashKey[Any], ...] = (TAPE, OWNERS, SURFACED)
    for key in keys:
        if key in item.stash:
            del item.stash[key]


def raise_bar(
    item: pytest.Item, *, because: str, next_step: str, allow_hosts: Sequence[str] = ()
) -> Bar:
    """Close the network on the account of a test until the bar is closed."""
    from cassette_kit.bar import Bar

    bar = Bar(because, next_step=next_step, allow_hosts=allow_hosts)
    hold(item, bar)
    bar.open()
    return bar

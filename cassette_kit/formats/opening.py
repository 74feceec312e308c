"""A cassette as replay needs it: every request at once, an interaction when it is played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, overload

if TYPE_CHECKING:
    from cassette_kit.model import Cassette, Interaction, Request

Item = TypeVar("Item")


class Opened(NamedTuple):
    """The content of a file that is known to be sound, whatever of it is built later."""

    requests: Sequence[Request]
    interactions: Sequence[Interaction]

    @classmethod
    def of(cls, cassette: Cassette) -> Opened:
        """A cassette that is built already."""
        requests = [interaction.request for interaction in cassette.interactions]
        return cls(requests, cassette.interactions)


class OnDemand(Sequence[Item], Generic[Item]):
    """Items that are built when somebody asks for them, and then kept."""

    def __init__(self, build: Callable[[int], Item], count: int) -> None:
        self._build = build
        self._items: list[Item | None] = [None] * count

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        numbers = range(len(self))[index]
        return self._item(numbers) if isinstance(numbers, int) else list(map(self._item, numbers))

    def _item(self, number: int) -> Item:
        item = self._items[number]
        if item is None:
            item = self._items[number] = self._build(number)
        return item

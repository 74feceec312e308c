"""Which interactions of a cassette somebody means: by number, host or status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassette_kit.errors import CassetteError, CassetteOptionError
from cassette_kit.provenance import host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.model import Cassette, Interaction

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)")


@dataclass(frozen=True, slots=True)
class Selection:
    """The interactions to which everything given applies; what is empty says nothing."""

    numbers: tuple[range, ...] = ()
    hosts: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()

    def of(self, cassette: Cassette, *, origin: str) -> set[int]:
        """The numbers of the interactions that are meant; `origin` names the file in errors.

        Raises:
            CassetteError: the cassette has no interaction of a number that was given.
        """
        count = len(cassette.interactions)
        beyond = max((part[-1] for part in self.numbers), default=-1)
        if beyond >= count:
            raise CassetteError(f"{origin}: no interaction #{beyond}; {_numbers_of(count)}")
        return {
            number
            for number, interaction in enumerate(cassette.interactions)
            if self._means(number, interaction)
        }

    def _means(self, number: int, interaction: Interaction) -> bool:
        status = str(interaction.response.status_code)
        return (
            (not self.numbers or any(number in part for part in self.numbers))
            and (not self.hosts or host(interaction.request) in self.hosts)
            and (not self.statuses or not self.statuses.isdisjoint({status, f"{status[:1]}xx"}))
        )


def selection(
    numbers: Iterable[str] = (), *, hosts: Iterable[str] = (), statuses: Iterable[str] = ()
) -> Selection:
    """Read `0,2-4` (both ends count), host names, and codes such as `429` or `5xx`.

    Raises:
        CassetteOptionError: nothing was given, or something that cannot be read.
    """
    meant = Selection(
        tuple(_range(part) for text in numbers for part in text.split(",")),
        frozenset(host.lower() for host in hosts),
        frozenset(_status(status.lower()) for status in statuses),
    )
    if meant == Selection():
        raise CassetteOptionError("no interactions were named: give numbers, a host or a status")
    return meant


def _range(text: str) -> range:
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise CassetteOptionError(f"{text!r} is no number of an interaction, and no range like 2-4")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise CassetteOptionError(f"{text!r} ends before it begins")
    return range(first, last + 1)


def _status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise CassetteOptionError(f"{text!r} is no status; expected one like 429 or 5xx")
    return text


def _numbers_of(count: int) -> str:
    return f"the last one is #{count - 1}" if count else "there are none"

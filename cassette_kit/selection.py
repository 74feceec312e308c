"""Which interactions of a cassette somebody means: by number, host or status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cassette_kit.errors import CassetteError, CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassette_kit.model import Cassette, Interaction

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)")
_PORTS = {"http": 80, "https": 443}
_MAX_TOLD = 8  # kinds of interactions that an error names


class Server(NamedTuple):
    """A host in lower case, and its port; None is any of them, or one that cannot be told."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The interactions to which everything given applies; what is empty says nothing."""

    numbers: tuple[range, ...] = ()
    servers: tuple[Server, ...] = ()
    statuses: tuple[str, ...] = ()

    def of(self, cassette: Cassette, *, origin: str) -> set[int]:
        """The numbers of the interactions that are meant; `origin` names the file in errors.

        Raises:
            CassetteError: the cassette has no interaction of a number that was given.
        """
        count = len(cassette.interactions)
        beyond = max((part[-1] for part in self.numbers), default=-1)
        if beyond >= count:
            raise CassetteError(f"{origin}: no interaction #{beyond}; {_numbers_of(count)}")
        return self.among(cassette)

    def among(self, cassette: Cassette) -> set[int]:
        """The same of one of many cassettes, which need not have every number."""
        return {
            number
            for number, interaction in enumerate(cassette.interactions)
            if self._means(number, interaction)
        }

    def nothing_in(self, cassette: Cassette) -> str:
        """What to say where nothing is meant: what was asked for, and what the cassette has."""
        has_port = any(server.port for server in self.servers)
        found = (_kind(one, has_port=has_port) for one in cassette.interactions)
        kinds = list(dict.fromkeys(found))
        more = f" and {len(kinds) - _MAX_TOLD:,} more" if len(kinds) > _MAX_TOLD else ""
        there = ", ".join(kinds[:_MAX_TOLD]) + more
        return f"no interaction has {self}; there is {there or 'none at all'}"

    def __str__(self) -> str:
        asked = {
            "number": [_range_text(part) for part in self.numbers],
            "host": list(map(str, self.servers)),
            "status": self.statuses,
        }
        told = (f"{name} {' or '.join(values)}" for name, values in asked.items() if values)
        return " and ".join(told)

    def _means(self, number: int, interaction: Interaction) -> bool:
        status, server = str(interaction.response.status_code), _server_of(interaction)
        wanted = {server, Server(server.host)}
        return (
            (not self.numbers or any(number in part for part in self.numbers))
            and (not self.servers or not wanted.isdisjoint(self.servers))
            and (not self.statuses or not {status, f"{status[:1]}xx"}.isdisjoint(self.statuses))
        )


def selection(
    numbers: Iterable[str] = (), *, hosts: Iterable[str] = (), statuses: Iterable[str] = ()
) -> Selection:
    """Read `0,2-4` (both ends count), hosts with or without a port, and codes: `429`, `5xx`.

    Raises:
        CassetteOptionError: nothing was given, or something that cannot be read.
    """
    meant = Selection(
        tuple(_range(part) for text in numbers for part in text.split(",")),
        tuple(map(_server, hosts)),
        tuple(_status(status.lower()) for status in statuses),
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


def _range_text(part: range) -> str:
    return f"{part[0]}" if len(part) == 1 else f"{part[0]}-{part[-1]}"


def _server(text: str) -> Server:
    """A host as it stands in a URL, also with what stands around it there."""
    is_bare_address = text.count(":") > 1 and "[" not in text and "//" not in text
    url = text if "//" in text else f"//[{text}]" if is_bare_address else f"//{text}"
    try:
        parts = urlsplit(url)
        found = Server(parts.hostname or "", parts.port)
    except ValueError:
        found = Server("")
    if not found.host:
        raise CassetteOptionError(f"{text!r} is no host; expected one like api.example.com:443")
    return found


def _server_of(interaction: Interaction) -> Server:
    """Where a request went, with the port that its URL states or that its scheme has."""
    try:
        parts = urlsplit(interaction.request.url)
        return Server(parts.hostname or "", parts.port or _PORTS.get(parts.scheme))
    except ValueError:
        return Server("")


def _kind(interaction: Interaction, *, has_port: bool) -> str:
    """`429 from api.example.com`."""
    host, port = _server_of(interaction)
    server = Server(host, port if has_port else None)
    return f"{interaction.response.status_code} from {server if host else 'no host'}"


def _status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise CassetteOptionError(f"{text!r} is no status; expected one like 429 or 5xx")
    return text


def _numbers_of(count: int) -> str:
    return f"the last one is #{count - 1}" if count else "there are none"

"""What tests look at afterwards: what came over the wire, and what went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from provider.answers import Part

Framing = Literal["none", "length", "chunked", "h2"]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire: target and header names untouched, body unframed.

    `connection` counts the accepted connections from 0, so reuse can be told.
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    framing: Framing
    connection: int

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> Any:
        return json.loads(self.body)


class Sent(NamedTuple):
    """A part of an answer, entered just before it leaves.

    `request` is the index in `provider.requests`; `data` a piece as scripted, without its
    encoding and framing; `at_ns` from the monotonic clock.
    """

    request: int
    part: Part
    data: bytes
    at_ns: int

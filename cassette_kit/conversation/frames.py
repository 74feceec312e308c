"""AWS event stream frames: their headers and payload."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from cassette_kit.conversation.fields import mapping, parsed, string
from cassette_kit.conversation.media import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTHS = struct.Struct(">II")
_PRELUDE = 12
_CHECKSUM = 4
_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_BYTES, _STRING = 6, 7


class Frame(NamedTuple):
    """`headers` are those that hold text, which all that name an event do."""

    headers: dict[str, str]
    payload: bytes

    @property
    def name(self) -> str:
        """What kind of event or exception it is; "" if it does not say."""
        kinds = (":event-type", ":exception-type", ":error-code")
        return next((self.headers[kind] for kind in kinds if kind in self.headers), "")

    @property
    def said(self) -> bytes:
        """The payload, or the model's own event that InvokeModel wraps in it."""
        wrapped = string(mapping(parsed(self.payload)).get("bytes"))
        return decoded(wrapped) if wrapped else self.payload


def frame_of(data: bytes) -> Frame | None:
    """The frame that the data are; None where they are none or only a part of one.

    Source: Smithy 2.0, "Amazon Event Stream Specification".
    """
    if len(data) < _PRELUDE + _CHECKSUM:
        return None
    total, headers = _LENGTHS.unpack_from(data)
    payload = _PRELUDE + headers
    if total != len(data) or payload + _CHECKSUM > total:
        return None
    return Frame(dict(_texts(data[_PRELUDE:payload])), data[payload:-_CHECKSUM])


def _texts(data: bytes) -> Iterator[tuple[str, str]]:
    """The headers of type string; stops where the bytes make no sense."""
    at = 0
    while at < len(data):
        name_end = at + 1 + data[at]
        kind = data[name_end] if name_end < len(data) else -1
        value = name_end + 1
        if kind in (_BYTES, _STRING):
            size = int.from_bytes(data[value : value + 2], "big")
            value += 2
        elif kind in _FIXED_SIZES:
            size = _FIXED_SIZES[kind]
        else:
            return
        if kind == _STRING:
            yield _text(data[at + 1 : name_end]), _text(data[value : value + size])
        at = value + size


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

"""A JSON body to one canonical form, so that equal bodies have equal bytes.

Two bodies are equal when their canonical forms are: key order, white space and escapes do not
count, array order does, of duplicate keys the last counts. Numbers are equal when their exact
values are, an integer literal taken as it stands and any other as its double.

Strategy: msgspec parses and sorts in C. Integral doubles become integers while parsing, so that
`1`, `1.0` and `1e0` meet. What msgspec refuses but JSON allows (unpaired `\\ud800` escapes) goes
through the standard library; equal values take the same way, so the two never disagree.
"""

from __future__ import annotations

import functools
import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import msgspec


class NotJSONError(ValueError):
    """A body that is not JSON, or a number or depth beyond what can be compared exactly."""


def parse_json(body: bytes) -> Any:
    """The body as plain values; integral doubles are ints, so plain numbers compare exactly.

    Raises:
        NotJSONError: not JSON: broken text, NaN, `1e400`, a byte order mark, not UTF-8; also an
            integer of over 4,300 digits or nesting of about a thousand levels.
    """
    try:
        return _decoder().decode(body)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        if b"\\u" not in body:
            raise NotJSONError(str(error)) from error
    try:
        return _STANDARD.decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise NotJSONError(str(error)) from error


def canonical_json(tree: Any) -> bytes:
    """The one text of a value that `parse_json` returned.

    Raises:
        NotJSONError: nested too deeply.
    """
    import msgspec

    try:
        try:
            return msgspec.json.encode(tree, order="deterministic")
        except UnicodeEncodeError:
            return json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
    except RecursionError as error:
        raise NotJSONError(str(error)) from error


@functools.cache
def _decoder() -> msgspec.json.Decoder[Any]:
    import msgspec

    return msgspec.json.Decoder(float_hook=_number)


def _number(literal: str) -> int | float:
    value = float(literal)
    if math.isinf(value):
        raise ValueError(f"{literal} is beyond a double")
    return int(value) if value.is_integer() else value


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not JSON")


_STANDARD = json.JSONDecoder(parse_float=_number, parse_constant=_refuse)

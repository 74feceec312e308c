"""The order in which go-yaml writes the keys of a map: like words, digits in them as numbers.

Source: go-yaml v3 and v4, checked against files that it wrote.
"""

from __future__ import annotations

from functools import cmp_to_key
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER_LENGTH = 18  # digits that count; Go's 64-bit sum overflows beyond


def sorted_keys(names: Iterable[str]) -> list[str]:
    """The names in go-yaml's order: `X-2` before `X-10`, `A-b` before `Ab`."""
    return sorted(names, key=cmp_to_key(_compare))


def _compare(left: str, right: str) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), None)
    if at is None:
        return len(left) - len(right)
    return -1 if _less_at(left, right, at) else 1


def _less_at(left: str, right: str, at: int) -> bool:
    """Whether left comes first, given that both agree before `at` and differ there."""
    one, other = left[at], right[at]
    if one.isalpha() and other.isalpha():
        return one < other
    if one.isalpha() or other.isalpha():
        after_digit = at > 0 and left[at - 1].isdecimal()
        return one.isalpha() if after_digit else other.isalpha()
    one_digits, other_digits = _digits(left, at), _digits(right, at)
    carried = _carried(left[:at]) if "0" in (one, other) else ""
    one_number, other_number = _number(carried + one_digits), _number(carried + other_digits)
    if one_number != other_number:
        return one_number < other_number
    if len(one_digits) != len(other_digits):
        return len(one_digits) < len(other_digits)
    return one < other


def _digits(text: str, start: int) -> str:
    return "".join(takewhile(str.isdecimal, text[start:]))


def _carried(common: str) -> str:
    """A leading 1 if the shared part ends in a number, so that zeros after it count."""
    trailing = "".join(takewhile(str.isdecimal, reversed(common)))
    return "1" if trailing.strip("0") else ""


def _number(digits: str) -> int:
    return int(digits[:_NUMBER_LENGTH] or "0")

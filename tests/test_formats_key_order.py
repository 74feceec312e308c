"""Header names in the order in which go-yaml writes map keys."""

from __future__ import annotations

import random

import pytest

from cassette_kit.formats.key_order import sorted_keys

ORDERED = """
.1 .2 .a 1 2 a!10 a/0001 a/002 a/3 a/10 a/11 a/0012 a/100 a~10 ab/1 b/1 b/01 b/2 b/02 b/3 b/03
b1 b01 b3 c2.10 c10.2 d1 d7 d7abc d12 d12a e2b e4b e21a
"""


@pytest.mark.parametrize(
    "expected",
    [
        ["Accept", "Content-Type", "User-Agent"],
        ["X-1", "X-2", "X-10"],
        ["X-2", "X-02"],
        ["A-b", "Ab"],
        ["Accept", "accept"],
        ["Date", "Date2"],
        ["a1b", "a10"],
        ["a1", "a01"],
        ["a10", "a100"],
        ["1", "2", "10", "A"],
        ["X", "X-", "X-A"],
        ["x\u00e4", "x\u00f6"],
    ],
)
def test_digits_count_as_numbers_and_signs_come_before_letters(expected: list[str]) -> None:
    """Any other order would move header lines when go-vcr saves the same file."""
    shuffled = random.Random(1).sample(expected, len(expected))
    assert sorted_keys(shuffled) == expected


def test_the_natural_order_of_go_yaml_s_own_example() -> None:
    """The list by which go-yaml's authors describe the order, integers and letters mixed."""
    expected = ["", *ORDERED.split()]
    assert sorted_keys(reversed(expected)) == expected

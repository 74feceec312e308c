"""Go durations: what time.ParseDuration reads and Duration.String writes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.formats.durations import format_duration, parse_duration

SECOND = 1_000_000_000
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("0", 0),
        ("0s", 0),
        ("5s", 5 * SECOND),
        ("-5s", -5 * SECOND),
        ("+5s", 5 * SECOND),
        ("5.0s", 5 * SECOND),
        ("5.s", 5 * SECOND),
        (".5s", SECOND // 2),
        ("1.968063083s", 1_968_063_083),
        ("172.074667ms", 172_074_667),
        ("915.675\u00b5s", 915_675),
        ("915.675\u03bcs", 915_675),
        ("12us", 12_000),
        ("7ns", 7),
        ("1.9ns", 1),
        ("1m5.2s", 65_200_000_000),
        ("-1m5.2s", -65_200_000_000),
        ("39h9m14.425s", 140_954_425_000_000),
        ("3h30m", 12_600 * SECOND),
        ("0.3333333333333333333h", 20 * 60 * SECOND),
        ("9007199254740993ns", 9_007_199_254_740_993),
        ("9223372036854775807ns", (1 << 63) - 1),
        ("-9223372036854775808ns", -(1 << 63)),
        ("0.830103483285477580700h", 2_988_372_539_827),
        ("1.00000000000000000000000000000000000000001s", SECOND),
        ("00000000000000000000000005s", 5 * SECOND),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, expected_ns: int) -> None:
    """Every unit, sign and fraction of Go counts, to the nanosecond."""
    assert parse_duration(text) == expected_ns


@pytest.mark.parametrize(
    "text",
    [
        *["", "-", "+", "3", "1.5", "s", ".s", "-.s", "1d", "1 s", "1s ", "--1s", "1x", "1e3s"],
        *["9223372036854775808ns", "-9223372036854775809ns", "9223372036855ms", "3000000h"],
        *["9" * 5000 + "s", "\u0661s", "1s.", "1..5s", "1s2", "1S"],
    ],
)
def test_what_go_refuses_is_refused(text: str) -> None:
    """A bare number, an unknown unit or more than 64 bits is an error, not a guess."""
    with pytest.raises(ValueError, match=r"number|unit|64 bits"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration_ns", "expected"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1\u00b5s"),
        (915_675, "915.675\u00b5s"),
        (2_200_000, "2.2ms"),
        (172_074_667, "172.074667ms"),
        (1_695_166_250, "1.69516625s"),
        (3_300_000_000, "3.3s"),
        (65_200_000_000, "1m5.2s"),
        (60 * SECOND, "1m0s"),
        (3600 * SECOND, "1h0m0s"),
        (245_001_000_000, "4m5.001s"),
        ((1 << 63) - 1, "2562047h47m16.854775807s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
        (-1, "-1ns"),
    ],
)
def test_durations_are_written_as_go_writes_them(duration_ns: int, expected: str) -> None:
    """The largest fitting unit, no trailing zeros, and the micro sign rather than the Greek mu."""
    assert format_duration(duration_ns) == expected


@settings(deadline=None)
@given(INT64)
def test_every_duration_comes_back(duration_ns: int) -> None:
    """Writing and reading 64-bit nanoseconds loses none of them."""
    assert parse_duration(format_duration(duration_ns)) == duration_ns


@settings(deadline=None)
@given(INT64)
def test_no_unit_is_idle(duration_ns: int) -> None:
    """Go writes no fraction with trailing zeros, and units from hours down to seconds only."""
    written = format_duration(duration_ns)
    pattern = r"-?(\d+h\d+m|\d+m)?\d+(\.\d*[1-9])?(ns|\u00b5s|ms|s)"
    assert re.fullmatch(pattern, written)


@pytest.mark.parametrize("duration_ns", [1 << 63, -(1 << 63) - 1])
def test_a_duration_past_64_bits_is_not_written(duration_ns: int) -> None:
    """A text that Go could not read back never reaches a file."""
    with pytest.raises(ValueError, match="64 bits"):
        format_duration(duration_ns)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.+-nmusµhd ", max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    """No text makes the parser fail in another way."""
    try:
        duration_ns = parse_duration(text)
    except ValueError:
        return
    assert -(1 << 63) <= duration_ns < 1 << 63

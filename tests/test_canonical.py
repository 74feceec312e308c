"""Canonical JSON against a plain, slow oracle."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.canonical import NotJSONError, canonical_json, parse_json


def canonical(body: bytes) -> bytes:
    return canonical_json(parse_json(body))


def equal(a: object, b: object) -> bool:
    """JSON equality, spelled out: numbers are Fractions by the time they get here."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


def oracle(body: str) -> object:
    return json.loads(body, parse_int=Fraction, parse_float=lambda text: Fraction(float(text)))


EQUAL = [
    ("1", "1.0"),
    ("1", "1e0"),
    ("0", "-0.0"),
    ("-0", "0e5"),
    ("100", "1E2"),
    ("1e300", str(int(1e300))),
    ("0.1", "0.10000000000000001"),
    ('"é"', '"\\u00e9"'),
    ('"😀"', '"\\ud83d\\ude00"'),
    ('"/"', '"\\/"'),
    ('{"a": 1, "b": [2]}', '{"b":[2.0],"a":1e0}'),
    ('{"a": 1, "a": 2}', '{"a": 2}'),
    (' {"a":\t1}\r\n', '{"a":1}'),
    ('["\\ud800", 1.0]', '[ "\\uD800",1]'),
]
DIFFERENT = [
    ("9007199254740993", "9007199254740992"),
    ("9007199254740993", "9007199254740993.0"),
    ("true", "1"),
    ("false", "0"),
    ("null", "0"),
    ('{"a": null}', "{}"),
    ("[1, 2]", "[2, 1]"),
    ('"1"', "1"),
    ('"é"', '"e\\u0301"'),
    ('"\\ud800"', '"\\ud801"'),
    ('"\\ud800"', '"\\ufffd"'),
    ("123456789012345678901", "123456789012345678902"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_values_share_one_form(one: str, other: str) -> None:
    """Numbers by exact value; escapes, order of keys and blanks do not count."""
    assert canonical(one.encode()) == canonical(other.encode())


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values_differ(one: str, other: str) -> None:
    """Types, array order, null and precision beyond a double all count."""
    assert canonical(one.encode()) != canonical(other.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e400",
        b"[1,]",
        b"{'a':1}",
        b"01",
        b"1 2",
        b'\xef\xbb\xbf{"a":1}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'["a\x01"]',
        b'{"a":1',
        b"\xfe\xff\x001",
        b'["\\u12"]',
        b'["\\u0041", NaN]',
        b'["\\u0041", 1e400]',
        b'\xef\xbb\xbf"\\u0041"',
        b"[" * 100000,
        b"[" * 100000 + b"]" * 100000,
        b"1" * 5000,
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    """Such bodies are compared as bytes, so they must not get a canonical form by accident."""
    with pytest.raises(NotJSONError):
        parse_json(body)


numbers = st.one_of(
    st.integers(),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-10, 10).map(float),
)
trees = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
small_trees = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 0.5, "", "a", "1", 2**53, 2**53 + 1]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


def shuffled(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: shuffled(tree[key]) for key in reversed(tree)}
    return [shuffled(item) for item in tree] if isinstance(tree, list) else tree


@given(trees)
@settings(deadline=None)
def test_writing_a_value_another_way_changes_nothing(tree: object) -> None:
    """Blanks, escapes and key order never reach the canonical form."""
    plain = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    fancy = json.dumps(shuffled(tree), ensure_ascii=True, indent=1)
    assert canonical(plain.encode()) == canonical(fancy.encode())


@given(small_trees, small_trees)
@settings(deadline=None, max_examples=400)
def test_the_oracle_agrees_on_pairs(a: object, b: object) -> None:
    """Equal forms exactly where the slow oracle says equal."""
    one, other = json.dumps(a), json.dumps(b)
    assert (canonical(one.encode()) == canonical(other.encode())) == equal(
        oracle(one), oracle(other)
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_equals_the_integer_of_its_exact_value(value: float) -> None:
    """`1e23` is the double 99999999999999991611392, not the integer 10**23."""
    if value.is_integer():
        assert canonical(repr(value).encode()) == canonical(str(int(value)).encode())
    else:
        assert parse_json(repr(value).encode()) == value
        assert not math.isnan(value)

"""How text becomes a YAML scalar: each rule on its own, to the byte."""

from __future__ import annotations

import base64

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cassette_kit import CassetteSaveError
from cassette_kit.formats import scalars


class TextLoader(yaml.CSafeLoader):
    """A second opinion: PyYAML's reader with every plain scalar taken as its text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - overrides PyYAML's own attribute


def written(text: str | bytes) -> str:
    """The scalar under a key at column 4 of a file with indent 2, without the leading blank."""
    value = scalars.scalar(text, parent=4, indent=6)
    assert value[0] == " "
    return value[1:]


def read_back(scalar: str) -> object:
    return yaml.load(f"a:\n  b:\n    c:{scalar}    d: e\n", Loader=TextLoader)["a"]["b"]["c"]


def test_rule_1_bytes_that_are_not_utf_8_become_base64() -> None:
    """Up to 68 characters on the key's line, from 72 on in lines of 70."""
    short, long = b"\xff" * 51, b"\xff" * 52
    assert written(short) == f"!!binary {'/' * 68}\n"
    assert written(long) == f"!!binary |\n      {'/' * 69}w\n      ==\n"
    assert base64.b64encode(long).decode() == "/" * 69 + "w=="
    assert read_back(" " + written(long)) == long


def test_rule_1_surrogate_escapes_are_the_bytes_that_they_stand_for() -> None:
    """Text fields carry bytes that are not UTF-8 in this form."""
    assert written("a\udcff") == "!!binary Yf8=\n"


def test_half_a_surrogate_pair_is_refused() -> None:
    """No file can hold it; better no file than another text."""
    with pytest.raises(CassetteSaveError, match="surrogate"):
        written("a\ud83d")


def test_rule_2_the_empty_text_is_double_quoted() -> None:
    """Unquoted it would be null."""
    assert written("") == '""\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "|-\n      a\n      b\n"),
        ("a\nb\n", "|\n      a\n      b\n"),
        ("a\n\n", "|+\n      a\n\n"),
        ("a\n\n\nb\n", "|\n      a\n\n\n      b\n"),
        (" a\nb", "|2-\n       a\n      b\n"),
        ("\na", "|2-\n\n      a\n"),
        ("\n\na\n\n", "|2+\n\n\n      a\n\n"),
        ("a\n  b\n", "|\n      a\n        b\n"),
        ("a\n\tb\n", "|\n      a\n      \tb\n"),
        ("a: b # c\n- 'd'\n", "|\n      a: b # c\n      - 'd'\n"),
        ("a\u2028b\nc", "|-\n      a\u2028      b\n      c\n"),
        ("a\nb\u2029", "|\n      a\n      b\u2029"),
        ("a\n\u2028", "|+\n      a\n\u2028"),
        ("\u2028a\n", "|2\n\u2028      a\n"),
        ("\u00a0\na\n", "|\n      \u00a0\n      a\n"),
    ],
)
def test_rule_3_several_lines_are_a_literal_block(text: str, expected: str) -> None:
    """With the header and indentation that go-yaml gives; blank lines carry no spaces."""
    assert written(text) == expected
    assert read_back(" " + expected) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n", r'"\n"'),
        (" \n \n", r'" \n \n"'),
        ("\u00a0\n", '"\u00a0\\n"'),
        ("a\r\nb\r\n", r'"a\r\nb\r\n"'),
        ("a\n\U0001f600", r'"a\n\U0001F600"'),
        ("a \nb", r'"a \nb"'),
        ("a \u2028\nb", r'"a \L\nb"'),
        ("a\nb ", r'"a\nb "'),
        ("a\n\x07", r'"a\n\a"'),
        ("a\n\ufeff", r'"a\n\uFEFF"'),
        ("\ta\nb", r'"\ta\nb"'),
    ],
)
def test_rule_3_what_a_block_cannot_hold_is_one_double_quoted_line(
    text: str, expected: str
) -> None:
    """One CR, emoji, BOM, blank before a break or at the end, or a leading tab is enough."""
    assert written(text) == expected + "\n"
    assert read_back(f" {expected}\n") == text


WORDS = ["true", "True", "TRUE", "false", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON"]
WORDS += ["off", "Off", "OFF", "y", "Y", "n", "N", "null", "Null", "NULL", "~", "<<"]
NUMBERS = ["0", "-1", "+1", "123", "1_000", "0x1F", "0b101", "0o17", "017", "08", "1.5", "1."]
NUMBERS += [".5", "-.5", "1e5", "1.5E-3", "-0", "99999999999999999999", "0xFFFFFFFFFFFFFFFF"]
NUMBERS += [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1:30", "190:20:30.15", "-1:59", "1_0:00"]
TIMES = ["2001-12-14", "2001-1-2", "2001-12-14T21:59:43Z", "2001-12-14t21:59:43.10-05:00"]
TIMES += ["2001-12-14 21:59:43.10", "0000-02-29", "2001-12-14 1:2:3", "2001-12-14T01:02:03+24:60"]


@pytest.mark.parametrize("text", WORDS + NUMBERS + TIMES)
def test_rule_4_what_would_not_be_text_is_double_quoted(text: str) -> None:
    """Unquoted, other readers would take it for a number, a boolean, a time or nothing."""
    assert written(text) == f'"{text}"\n'


NOT_WORDS = ["yEs", "nULL", "oN", "tRUE", "True!", "~a", "<a>", "=", "..", "."]
NOT_NUMBERS = ["1a", "0x", "0b2", "0xFFFFFFFFFFFFFFFFF", "1e400", "_1", "--1", "+", "1.2.3", "1e"]
NOT_NUMBERS += [".Nan", "1,5", "1:60", "a1:30", "1:30a", "200 OK", "HTTP/1.1"]
NOT_TIMES = ["2001-13-14", "2001-02-29", "01-02-03", "2001-12-14T25:00:00Z", "2001-12-14T21:59:43"]
NOT_TIMES += ["2001-12-14 21:59:43Z", "2001-12-14T01:02:03+25:00", "2001-12-14 21:59"]


@pytest.mark.parametrize("text", NOT_WORDS + NOT_NUMBERS + NOT_TIMES)
def test_rule_4_leaves_other_text_alone(text: str) -> None:
    """Words, numbers and times that only look the part stand without quotes."""
    assert written(text) == f"{text}\n"


MIDDLES = ["a", "?a", ":a", "-a", "a b", "a'b", 'a"b', "a\\b", "a,b", "a{}", "a[]", "a:b:c", "a#b"]
MIDDLES += ["--", "a%", "\\n", "$a", "(a)", 'W/"abc"', "https://api.example/v1?a=b&c=d#e"]
WIDE = ["é", "\u00a0", "\ud7ff", "\ue000", "\ufffd", "\uff00", "日本語"]


@pytest.mark.parametrize("text", MIDDLES + WIDE)
def test_rule_5_ordinary_text_is_plain(text: str) -> None:
    """No quotes where go-yaml writes none."""
    assert written(text) == f"{text}\n"


@pytest.mark.parametrize("first", "#,[]{}&*!|>'\"%@`")
def test_rule_5_an_indicator_at_the_start_asks_for_single_quotes(first: str) -> None:
    """Unquoted, it would begin a comment, a collection, an anchor, a tag or a block."""
    assert written(f"{first}a") == "'{}a'\n".format(first.replace("'", "''"))
    assert read_back(" " + written(f"{first}a")) == f"{first}a"


@pytest.mark.parametrize(
    "text",
    [" a", "a ", "- a", "? a", ": a", "-", "?", ":", "a: b", "a:", "a #b", "---", "---a", "...a"],
)
def test_rule_5_blanks_colons_and_comments_ask_for_single_quotes(text: str) -> None:
    """Each would end or split the scalar if it were plain."""
    assert written(text) == f"'{text}'\n"
    assert read_back(" " + written(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it's # 'quoted'", "'it''s # ''quoted'''"),
        ("a\u2028b", "'a\u2028      b'"),
        ("a\u2028", "'a\u2028'"),
        ("\u2029a", "'\u2029      a'"),
        ("a\u2028\u2028b", "'a\u2028\u2028      b'"),
    ],
)
def test_single_quotes_double_themselves_and_indent_after_a_break(text: str, expected: str) -> None:
    """The reader takes the indentation off again."""
    assert written(text) == expected + "\n"
    assert read_back(f" {expected}\n") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", r'"a\tb"'),
        ("a \u2028b", r'"a \Lb"'),
        ("a\u2029 b", r'"a\P b"'),
        ("\x00", r'"\0"'),
        ("\x07\x08\x0b\x0c\x0d\x1b", r'"\a\b\v\f\r\e"'),
        ('a"b\\c\x01', r'"a\"b\\c\x01"'),
        ("\x7f\x80\x9f", r'"\x7F\x80\x9F"'),
        ("\x85", r'"\N"'),
        ("\r\u2028\u2029\u00a0", '"\\r\\L\\P\u00a0"'),
        ("\ufeffé\ufffe\uffff", '"\\uFEFFé\\uFFFE\\uFFFF"'),
        ("\U0001f600\U0010ffff", r'"\U0001F600\U0010FFFF"'),
    ],
)
def test_double_quotes_escape_what_is_special_and_nothing_else(text: str, expected: str) -> None:
    """Short escapes where there are any, capitals in hexadecimal, other characters as they are."""
    assert written(text) == expected + "\n"
    assert read_back(f" {expected}\n") == text


def test_the_indent_digit_counts_from_the_parent() -> None:
    """Indent 4 under a key, and always 2 inside a list, where go-yaml's digit can be wrong."""
    assert scalars.scalar(" a\n", parent=8, indent=12) == " |4\n             a\n"
    assert scalars.scalar(" a\n", parent=14, indent=16) == " |2\n                 a\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Content-Type", "Content-Type:"),
        (":authority", ":authority:"),
        ("a: b", "'a: b':"),
        ("", '"":'),
        ("No", '"No":'),
        ("1", '"1":'),
        ("a\nb", r'"a\nb":'),
        ("a\u2028b", r'"a\Lb":'),
        ("a\udcff", "!!binary Yf8=:"),
        ("a" * 128, "a" * 128 + ":"),
        ("a" * 129, "? " + "a" * 129 + "\n  :"),
        ("\x01" * 128 + "é", '? "' + "\\x01" * 128 + 'é"\n  :'),
        ("\U0001f600" * 32, '"' + "\\U0001F600" * 32 + '":'),
        ("\udcff" * 52, f"? !!binary |\n    {'/' * 69}w\n    ==\n  :"),
    ],
)
def test_keys_stay_on_one_line(name: str, expected: str) -> None:
    """A key that is too long for a YAML reader's look-ahead takes the long form."""
    key = scalars.key(name, column=2, indent=4)
    assert key == expected
    read = yaml.load(f"  {key}\n  - v\n", Loader=TextLoader)
    assert read == {_seen(name): ["v"]}


def _seen(text: str) -> str | bytes:
    """What PyYAML makes of the text: bytes where it could only be written as base64."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


CHARACTERS = " \t\n\r:#-?,[]{}&*!|>'\"%@`~=<.0123456789eExyn_+\\/\x00\x07\x1b\x7f\x85"
WIDE_ONES = "\u00a0\u2028\u2029\ufeff\ud7ff\ue000\ufffd\uffff\U0001f600"
PIECES = ["---", "...", "- ", ": ", " #", "\n\n", " \n", "\n ", "\n\t", "yes", "null", "0x1"]
TRICKY = st.sampled_from([*CHARACTERS, *WIDE_ONES, *PIECES])
TEXTS = st.lists(TRICKY | st.characters(exclude_categories=["Cs"]), max_size=12).map("".join)


@settings(deadline=None, max_examples=600)
@given(TEXTS, st.sampled_from([(4, 6), (8, 12), (6, 8), (14, 16), (0, 2)]))
@example("\n\ta", (4, 6))
@example("a\n\u2028\n", (4, 6))
@example(" \u2028a\n", (8, 12))
def test_any_text_comes_back_through_pyyaml(text: str, columns: tuple[int, int]) -> None:
    """Whatever style is chosen, an independent reader sees the same characters."""
    parent, indent = columns
    value = scalars.scalar(text, parent=parent, indent=indent)
    prefix = "".join(f"{' ' * column}k:\n" for column in range(0, parent, 2))
    read = yaml.load(f"{prefix}{' ' * parent}k:{value}{' ' * parent}z: z\n", Loader=TextLoader)
    for _ in range(0, parent, 2):
        read = read["k"]
    assert read == {"k": text, "z": "z"}


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_any_text_comes_back_from_a_flow_collection(text: str) -> None:
    """Inside brackets commas and colons split scalars, so fewer texts are plain."""
    scalar = scalars.flow_scalar(text)
    read = yaml.load(f"[{scalar}, {{{scalar}: {scalar}}}]\n", Loader=TextLoader)
    assert read == [text, {text: text}]


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_come_back(data: bytes) -> None:
    """A body is text where it can be and base64 where it must be."""
    read = read_back(scalars.scalar(data, parent=4, indent=6))
    assert (read if isinstance(read, bytes) else str(read).encode()) == data

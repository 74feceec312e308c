"""Exchanges with APIs that no dialect knows: JSON in lines, forms by field, binary by its size."""

from __future__ import annotations

import pytest
from conversations import JSON, interaction
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.canonical import canonical_json, parse_json
from cassette_kit.conversation import Exchange, Message, Text, exchange

MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\n\xff\xfb\x90\x00\r\n"
    b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n{"a": "\xc3\xa4"}\r\n--b--\r\n'
)
MULTIPART_TEXT = """\
model: whisper-1
file a.mp3: <4 bytes of audio/mpeg>
options: {"a": "ä"}"""


def told(body: bytes, content_type: str = JSON) -> str:
    """The text of an answer with this body."""
    answered = exchange(interaction("https://h/x", None, body, content_type=content_type)).answered
    ((part,),) = (message.parts for message in answered.messages)
    assert isinstance(part, Text)
    return part.text


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b'{"b":1,"a":[true,null]}', JSON, '{\n  "b": 1,\n  "a": [\n    true,\n    null\n  ]\n}'),
        (b"[1.50, 1e2, -0]", JSON, "[\n  1.50,\n  1e2,\n  -0\n]"),
        (b"[1234567890123456789012345]", JSON, "[\n  1234567890123456789012345\n]"),
        (b'{"a": 1, "a": 2}', JSON, '{\n  "a": 1,\n  "a": 2\n}'),
        (b'"Z\\u00fcrich \\ud83c\\udfa1 \\ud83c \\n"', JSON, '"Zürich 🎡 � \\n"'),
        (b"{}", JSON, "{}"),
        (b"\xef\xbb\xbf[1]", JSON, "[\n  1\n]"),
        (b"\n     \n[1]", JSON, "[\n  1\n]"),
        (b"{broken", JSON, "{broken"),
        (b'{"a": NaN}', JSON, '{"a": NaN}'),
        ("Grüße".encode(), "text/plain", "Grüße"),
        ("Grüße".encode("latin-1"), "text/html; charset=latin-1", "Grüße"),
        (b"\x89PNG\r\n" + bytes(12_339), "image/png", "<12,345 bytes of image/png>"),
        (b"\xff\xfe", "", "<2 bytes of an unknown type>"),
        (b"a\0b", "text/plain", "<3 bytes of text/plain>"),
        (b"a=1&b=x+y&a=%C3%A4", "application/x-www-form-urlencoded", "a: 1\na: ä\nb: x y"),
        (b"a=%ff", "application/x-www-form-urlencoded", "a: �"),
        (b"a=1&b=2", "text/plain", "a=1&b=2"),
        (MULTIPART, "multipart/form-data; boundary=b", MULTIPART_TEXT),
        (b"--b\r\n\r\nfirst\r\n--b--", "multipart/mixed; boundary=b", ": first"),
        (b"data: 1\n\ndata: 2\n\n", "text/event-stream", "data: 1\n\ndata: 2\n\n"),
    ],
)
def test_a_body_as_text(body: bytes, content_type: str, text: str) -> None:
    """People read what the bytes say; numbers and repeated keys stay as they were written."""
    assert told(body, content_type) == text


def test_no_body_is_no_message() -> None:
    """A GET asks with its URL alone."""
    said = exchange(interaction("https://h/x", None, b"", status="204 No Content"))
    assert said == Exchange("", said.asked, said.answered)
    assert said.asked.messages == said.answered.messages == ()


def test_both_sides_of_an_unknown_api() -> None:
    """The request is the user's message, the answer the assistant's."""
    said = exchange(interaction("https://h/x", {"a": 1}, [2]))
    assert (said.dialect, said.model) == ("", "")
    assert said.asked.messages == (Message("user", (Text('{\n  "a": 1\n}'),)),)
    assert said.answered.messages == (Message("assistant", (Text("[\n  2\n]"),)),)


finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@settings(deadline=None)
@given(values)
def test_laid_out_json_is_the_same_json(value: object) -> None:
    """Laying JSON out in lines changes nothing that it says."""
    body = canonical_json(value)
    assert canonical_json(parse_json(told(body).encode())) == canonical_json(parse_json(body))

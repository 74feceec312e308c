"""Any cassette, in any layout, is the same cassette after a save and a load."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import yaml
from cassette_values import meaning
from hypothesis import given, settings
from hypothesis import strategies as st
from test_formats_scalars import TEXTS, TextLoader
from test_formats_writer import LAYOUTS

from cassette_kit import Cassette
from cassette_kit.formats import dumps, loads
from cassette_kit.model import Headers, Interaction, Request, Response, Stream

BODIES = (
    st.binary(max_size=120)
    | TEXTS.map(str.encode)
    | st.lists(TEXTS, max_size=4).map(lambda lines: "\n".join(lines).encode())
    | st.lists(TEXTS, max_size=4).map(lambda lines: "\r\n\r\n".join(lines).encode())
)
HEADERS = st.lists(st.tuples(TEXTS, TEXTS), max_size=4).map(Headers)
BYTES_AS_TEXT = st.binary(max_size=8).map(lambda data: data.decode("utf-8", "surrogateescape"))
FIELDS = TEXTS | BYTES_AS_TEXT
INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
STREAMS = st.builds(
    Stream,
    st.sampled_from(["complete", "client_closed", "upstream_error"]),
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=3).map(tuple),
)
REQUESTS = st.builds(
    Request,
    method=FIELDS,
    url=FIELDS,
    headers=HEADERS,
    body=BODIES,
    proto=FIELDS,
    proto_major=INTEGERS,
    content_length=INTEGERS,
    transfer_encoding=st.lists(FIELDS, max_size=2).map(tuple),
    trailer=HEADERS,
    host=FIELDS,
    remote_addr=FIELDS,
    request_uri=FIELDS,
    form=HEADERS,
)
RESPONSES = st.builds(
    Response,
    status_code=INTEGERS,
    headers=HEADERS,
    body=BODIES,
    status=FIELDS,
    duration_ns=INTEGERS,
    proto=FIELDS,
    transfer_encoding=st.lists(FIELDS, max_size=2).map(tuple),
    trailer=HEADERS,
    uncompressed=st.booleans(),
    stream=st.none() | STREAMS,
)
CASSETTES = st.lists(st.builds(Interaction, REQUESTS, RESPONSES), max_size=3).map(
    lambda interactions: Cassette(tuple(interactions))
)
TARGETS = [None, *(text for text, _ in LAYOUTS.values())]
TARGETS += [text.replace("\n", "\r\n") for text in TARGETS if text]


def in_layout_of(target: str | None, cassette: Cassette) -> Cassette:
    """The cassette as a new file, or as the new content of a file in some layout."""
    if target is None:
        return cassette
    return dataclasses.replace(loads(target.encode()), interactions=cassette.interactions)


@settings(deadline=None, max_examples=60)
@given(CASSETTES, st.sampled_from(TARGETS))
def test_any_cassette_comes_back(cassette: Cassette, target: str | None) -> None:
    """Every character class in every field, every layout and line end; then to the same bytes."""
    written = dumps(in_layout_of(target, cassette))
    again = loads(written)
    assert meaning(again) == meaning(cassette)
    assert dumps(again) == written
    copy = Cassette(tuple(dataclasses.replace(item, source=None) for item in again.interactions))
    assert dumps(in_layout_of(target, copy)) == written


@settings(deadline=None, max_examples=40)
@given(CASSETTES, st.sampled_from(TARGETS))
def test_pyyaml_reads_the_same_texts(cassette: Cassette, target: str | None) -> None:
    """A reader that shares no code with ours, its words and numbers taken as text."""
    written = dumps(in_layout_of(target, cassette))
    document = yaml.load(written, Loader=TextLoader)
    assert document["version"] == "2"
    for seen, interaction in zip(document["interactions"], cassette.interactions, strict=True):
        assert as_bytes(seen["request"]["method"]) == as_bytes(interaction.request.method)
        assert as_bytes(seen["request"].get("body", "")) == interaction.request.body
        assert as_bytes(seen["response"]["body"]) == interaction.response.body
        assert seen["response"]["code"] == str(interaction.response.status_code)
        headers = interaction.response.headers.multi_items()
        assert seen["response"]["headers"] == {
            name: [value for other, value in headers if other == name] for name, _ in headers
        }


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("target", TARGETS)
def test_a_cut_of_a_written_file_is_noticed(target: str | None) -> None:
    """Whatever the layout, the last line of an interaction is one that a reader asks for."""
    interaction = Interaction(Request("GET", "u"), Response(200, body=b"a\n\nb\n\n"))
    data = dumps(in_layout_of(target, Cassette((interaction,))))
    for cut in range(len(data)):
        with pytest.raises(Exception, match=r"cut off\?"):
            loads(data[:cut])

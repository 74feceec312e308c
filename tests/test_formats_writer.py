"""New and changed interactions: go-vcr's bytes, in the layout of the file."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

import pytest
from cassette_files import SEEDS, file_text, interaction_text, one
from cassette_values import NEW, all_changed, appended, meaning, with_interactions

from cassette_kit import Cassette, CassetteSaveError
from cassette_kit.formats import dumps, loads
from cassette_kit.formats.layout import Layout
from cassette_kit.model import Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT_A = """---
version: 2
interactions:
- id: 0
  request:
    proto: HTTP/1.1
    proto_major: 1
    proto_minor: 1
    content_length: 10
    host: api.example
    body: '{"a": "b"}'
    form:
      k:
      - v
    headers:
      Accept:
      - a/b
      X-B:
      - "2"
      - "1"
    url: https://api.example/v1
    method: POST
  response:
    proto: HTTP/1.1
    proto_major: 1
    proto_minor: 1
    transfer_encoding:
    - chunked
    trailer:
      X-T:
      - |2-
         a
        b
    content_length: -1
    uncompressed: true
    body: |+
      data: 1

      data: 2

    headers:
      Content-Type:
      - text/event-stream
    status: 200 OK
    code: 200
    x-stream: {end: complete, chunks: [[412, 9], [33, 9]]}
    duration: 1.5s
"""
LAYOUT_B = """---
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 10
        host: api.example
        body: '{"a": "b"}'
        form:
            k:
                - v
        headers:
            Accept:
                - a/b
            X-B:
                - "2"
                - "1"
        url: https://api.example/v1
        method: POST
      response:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        transfer_encoding:
            - chunked
        trailer:
            X-T:
                - |2-
                   a
                  b
        content_length: -1
        uncompressed: true
        body: |+
            data: 1

            data: 2

        headers:
            Content-Type:
                - text/event-stream
        status: 200 OK
        code: 200
        x-stream: {end: complete, chunks: [[412, 9], [33, 9]]}
        duration: 1.5s
"""
LAYOUT_C = """---
version: 2
interactions:
  - id: 0
    request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 10
        host: api.example
        body: '{"a": "b"}'
        form:
            k:
              - v
        headers:
            Accept:
              - a/b
            X-B:
              - "2"
              - "1"
        url: https://api.example/v1
        method: POST
    response:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        transfer_encoding:
          - chunked
        trailer:
            X-T:
              - |2-
                 a
                b
        content_length: -1
        uncompressed: true
        body: |+
            data: 1

            data: 2

        headers:
            Content-Type:
              - text/event-stream
        status: 200 OK
        code: 200
        x-stream: {end: complete, chunks: [[412, 9], [33, 9]]}
        duration: 1.5s
"""
LAYOUT_D = """---
version: 2
interactions:
  - id: 0
    request:
      proto: HTTP/1.1
      proto_major: 1
      proto_minor: 1
      content_length: 10
      host: api.example
      body: '{"a": "b"}'
      form:
        k:
          - v
      headers:
        Accept:
          - a/b
        X-B:
          - "2"
          - "1"
      url: https://api.example/v1
      method: POST
    response:
      proto: HTTP/1.1
      proto_major: 1
      proto_minor: 1
      transfer_encoding:
        - chunked
      trailer:
        X-T:
          - |2-
             a
            b
      content_length: -1
      uncompressed: true
      body: |+
        data: 1

        data: 2

      headers:
        Content-Type:
          - text/event-stream
      status: 200 OK
      code: 200
      x-stream: {end: complete, chunks: [[412, 9], [33, 9]]}
      duration: 1.5s
"""
LAYOUT_E = """---
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 0
        transfer_encoding: []
        trailer: {}
        host: ""
        remote_addr: ""
        request_uri: ""
        body: ""
        form: {}
        headers: {}
        url: https://api.example/v1
        method: GET
      response:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        transfer_encoding: []
        trailer: {}
        content_length: -1
        uncompressed: false
        body: ""
        headers: {}
        status: ""
        code: 204
        duration: 0s
"""
BARE = Interaction(Request("GET", "https://api.example/v1"), Response(204))
LAYOUTS = {
    "A": (LAYOUT_A, NEW),
    "B": (LAYOUT_B, NEW),
    "C": (LAYOUT_C, NEW),
    "D": (LAYOUT_D, NEW),
    "E": (LAYOUT_E, BARE),
}


def numbered(text: str, number: int) -> str:
    """The text's interactions, the first renumbered, without what precedes them."""
    return text.partition("interactions:\n")[2].replace("id: 0", f"id: {number}", 1)


def differing_lines(before: bytes, after: bytes) -> list[str]:
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_a_new_file_is_in_layout_a() -> None:
    """The layout of current go-vcr."""
    assert dumps(Cassette((NEW,))) == LAYOUT_A.encode()


@pytest.mark.parametrize(("text", "interaction"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_file_keeps_its_layout(text: str, interaction: Interaction) -> None:
    """What is added looks as if the writer of the file had recorded it."""
    cassette = loads(text.encode())
    assert meaning(cassette) == meaning(Cassette((interaction,)))
    assert dumps(appended(cassette, interaction)).decode() == text + numbered(text, 1)


@pytest.mark.parametrize(("text", "interaction"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_rewriting_by_the_rules_gives_the_bytes_of_the_layout(
    text: str, interaction: Interaction
) -> None:
    """One changed field changes one line."""
    after = dumps(all_changed(loads(text.encode())))
    method = interaction.request.method
    assert after.decode() == text.replace(f"method: {method}\n", "method: PUT\n")


@pytest.mark.parametrize("layout", "ABCD")
def test_the_layout_is_told_without_headers_too(layout: str) -> None:
    """A first interaction without headers still shows the indentation of its keys."""
    text = LAYOUTS[layout][0]
    (interaction,) = loads(text.encode()).interactions
    bare = dataclasses.replace(interaction.request, headers=Headers(), form=Headers())
    cassette = loads(text.encode())
    without = dumps(with_interactions(cassette, dataclasses.replace(interaction, request=bare)))
    assert b"Accept" not in without
    assert dumps(appended(loads(without), NEW)).decode().endswith(numbered(text, 1))


def test_empty_keys_are_left_out_or_not_as_in_the_file() -> None:
    """Files of old go-vcr hold them all, files of new go-vcr none."""
    written = dumps(Cassette((BARE,))).decode()
    for key in ("transfer_encoding", "trailer", "remote_addr", "request_uri", "form"):
        assert f"{key}:" not in written
    assert written.count("headers:") == 1
    assert '    headers: {}\n    status: ""\n' in written
    assert '    host: ""\n' in written


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_real_files_come_back_unchanged(path: Path) -> None:
    """A load and a save leave no trace."""
    data = path.read_bytes()
    assert dumps(loads(data)) == data


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_change_in_a_real_file_shows_as_that_change(path: Path) -> None:
    """Every interaction is rewritten by the rules here, and only its method differs.

    One of the files has been through a formatter, which quoted one body where go-vcr would not.
    """
    data = path.read_bytes()
    cassette = loads(data)
    after = dumps(all_changed(cassette))
    differing = [line for line in differing_lines(data, after) if " body: " not in line]
    assert differing == [
        line
        for _ in cassette.interactions
        for line in (f"- {indent(data)}method: POST", f"+ {indent(data)}method: PUT")
    ]
    bodies = [line for line in differing_lines(data, after) if " body: " in line]
    assert len(bodies) == (2 if path.stem == "openrouter-kimi-k2" else 0)
    assert meaning(loads(after)) == meaning(all_changed(cassette))


def indent(data: bytes) -> str:
    line = next(line for line in data.decode().splitlines() if "method:" in line)
    return line.partition("method")[0]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_appending_to_a_real_file_is_an_addition_only(path: Path) -> None:
    """What a review shows of a new recording is the new recording."""
    data = path.read_bytes()
    cassette = loads(data)
    after = dumps(appended(cassette, NEW))
    assert after.startswith(data)
    assert meaning(loads(after)) == meaning(appended(cassette, NEW))


def test_unknown_keys_are_written_before_the_last_known_key() -> None:
    """So that `duration` stays last and a cut file is noticed."""
    text = file_text(
        interaction_text(
            request={"x-r": "{a: 1}"},
            response={"x-s": "|-\n      two\n      lines", "x-stream": "odd"},
            extra={"x-i": "\n    deep: [1, '2', ~]"},
        ),
        head="---\nversion: 2\nx-d: yes\n",
    )
    cassette = loads(text.encode())
    fresh = Cassette(all_changed(cassette).interactions, extra=cassette.extra)
    keys = [line.strip().partition(":")[0] for line in dumps(fresh).decode().splitlines()]
    assert keys.index("x-d") == keys.index("interactions") - 1
    assert keys.index("x-r") == keys.index("method") - 1
    assert keys.index("x-i") == keys.index("response") - 1
    assert keys[-5:] == ["x-s", "two", "lines", "x-stream", "duration"]
    assert meaning(loads(dumps(fresh))) == meaning(fresh)
    assert loads(dumps(fresh)).extra == cassette.extra


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain text", "plain text"),
        ("'12'", '"12"'),
        ('"it\'s"', "it's"),
        ("12", "12"),
        ("0x1F", "0x1F"),
        ("2001-12-14", "2001-12-14"),
        ("~", "~"),
        ("''", '""'),
        ("[a, 'b c', '1', 1, 12:30:45, ~]", '[a, b c, "1", 1, 12:30:45, ~]'),
        ("{a: {}, b: []}", "{a: {}, b: []}"),
        ("\n      - a\n      - b:\n          - c", "[a, {b: [c]}]"),
        ("{? [a, b] : c}", "{? [a, b] : c}"),
        ("{'': 1, '~': 2}", '{"": 1, "~": 2}'),
        ("!foo bar", "!foo bar"),
        ("!<tag:a.example,2026:b> [c]", "!<tag:a.example%2C2026:b> [c]"),
        ("!e%21f g", "!e%21f g"),
        ("! 12", "! 12"),
        ("!!binary aGk=", "!!binary aGk="),
        ("['a: b', \"a\\nb\", '#c', ':d', 'e]']", "['a: b', \"a\\nb\", '#c', ':d', 'e]']"),
        ("{<<: {a: b}}", "{<<: {a: b}}"),
        ("a, b", "a, b"),
    ],
)
def test_the_values_of_unknown_keys_keep_their_meaning(value: str, expected: str) -> None:
    """Numbers and words stay what they were, so does text; collections go on one line."""
    cassette = loads(one(response={"x": value}))
    written = dumps(all_changed(cassette))
    assert f"\n    x: {expected}\n    duration:" in written.decode()
    extra = cassette.interactions[0].response.extra
    assert loads(written).interactions[0].response.extra == extra


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("{a: }", " {a: }"),
        ("{a: , ? [b] : }", " {a: , ? [b] : }"),
        ("\n    -\n    - a", " [null, a]"),
        ("!!set {a}", " !!set {a: }"),
        ("!x", " !x"),
        ("[!x , !y ]", " [!x , !y ]"),
    ],
)
def test_an_unknown_key_without_value_stays_so(value: str, expected: str) -> None:
    """Nothing means null; only a list needs the word."""
    written = dumps(all_changed(loads(one(response={"x": value}))))
    assert f"\n    x:{expected}\n    duration:" in written.decode()


def test_an_alias_in_an_unknown_key_is_written_out() -> None:
    """The anchor may stand somewhere else, and be gone."""
    cassette = loads(one(request={"x": "&a {b: [c]}"}, response={"z": "[*a, *a]"}))
    written = dumps(all_changed(cassette)).decode()
    assert "    z: [{b: [c]}, {b: [c]}]\n" in written
    assert "&" not in written


def test_a_recorded_arrival_replaces_a_malformed_one() -> None:
    """Two keys of the same name would make the file unreadable."""
    cassette = loads(one(response={"x-stream": "odd"}))
    (interaction,) = cassette.interactions
    response = dataclasses.replace(interaction.response, stream=NEW.response.stream)
    written = dumps(
        with_interactions(cassette, dataclasses.replace(interaction, response=response))
    )
    assert written.count(b"x-stream") == 1
    assert loads(written).interactions[0].response.stream == NEW.response.stream


def test_extra_keys_never_hide_known_ones() -> None:
    """A pair that carries a known name is dropped rather than written twice."""
    note = loads(one(extra={"x": "1"})).interactions[0].extra[0][1]
    request = dataclasses.replace(NEW.request, extra=(("method", note), ("x", note)))
    written = dumps(Cassette((dataclasses.replace(NEW, request=request),)))
    assert loads(written).interactions[0].request.method == "POST"
    assert written.count(b"x: 1") == 1


@pytest.mark.parametrize("duration_ns", [1 << 63, -(1 << 64)])
def test_a_duration_that_no_file_can_hold_is_refused(duration_ns: int) -> None:
    """Written anyway, the file could not be loaded again."""
    response = dataclasses.replace(NEW.response, duration_ns=duration_ns)
    with pytest.raises(CassetteSaveError, match="64 bits"):
        dumps(Cassette((dataclasses.replace(NEW, response=response),)))


def test_an_extra_value_that_no_file_gave_is_refused() -> None:
    """Only what was read can be written back."""
    request = dataclasses.replace(NEW.request, extra=(("x", object()),))
    with pytest.raises(CassetteSaveError, match="object"):
        dumps(Cassette((dataclasses.replace(NEW, request=request),)))


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (Layout(2, 0), [4, 6, 8]),
        (Layout(4, 4), [8, 12, 16]),
        (Layout(4, 2), [8, 12, 16]),
        (Layout(2, 2), [6, 8, 10]),
    ],
)
def test_nested_keys_stand_at_multiples_of_the_step(layout: Layout, expected: list[int]) -> None:
    """From the column of `request:`: its keys, header names, and what is inside those."""
    columns = [layout.inside(layout.sequence_indent + 2)]
    for _ in range(2):
        columns.append(layout.inside(columns[-1]))
    assert columns == expected

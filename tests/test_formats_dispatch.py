"""The table of formats: told by content, named where it is not supported."""

from __future__ import annotations

import pytest
from cassette_files import SEEDS, file_text, one

from cassette_kit import Cassette, CassetteFormatError
from cassette_kit.formats import FORMATS, dumps, govcr, loads

VCRPY = """interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: https://api.example/v1
  response:
    body:
      string: hello
    headers: {}
    status:
      code: 200
      message: OK
version: 1
"""


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (VCRPY.encode(), "vcrpy"),
        (b'{"version": 1, "interactions": []}', "vcrpy"),
        (b'{\n  "log": {"version": "1.2", "entries": []}}\n', "HAR"),
        (b"\xef\xbb\xbf" + b'{"log":{"version":"1.2"}}', "HAR"),
        (b'{"http_interactions": [], "recorded_with": "betamax/0.8.1"}', "betamax"),
        (b"---\nhttp_interactions:\n- request:\n", "VCR"),
    ],
)
def test_another_tool_s_recording_is_named(data: bytes, name: str) -> None:
    """Someone who moves over from another tool learns what the file is, not that YAML is odd."""
    with pytest.raises(CassetteFormatError, match=name) as caught:
        loads(data, origin="old.yaml")
    assert caught.value.origin == "old.yaml"


@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_knows_what_it_wrote(row: object) -> None:
    """A format that did not recognise its own files could not load what it saved."""
    written = row.dumps(Cassette())  # type: ignore[attr-defined]
    assert row.sniff(written)  # type: ignore[attr-defined]
    assert loads(written).interactions == ()


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_real_cassettes_are_sniffed(path: object) -> None:
    """The first bytes are enough to tell a version-2 file."""
    assert govcr.sniff(path.read_bytes()[:100])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "head",
    [
        b"version: 2\n",
        b"interactions: []\nversion: 2\n",
        b"\xef\xbb\xbf---\nversion: 2\n",
        b"# a note\n\n%YAML 1.1\n---\nversion: 2\n",
        b'{"version": 2, "interactions": []}\n',
        b"---\r\nversion: 2\r\n",
    ],
)
def test_the_ways_in_which_a_file_may_begin_are_sniffed(head: bytes) -> None:
    """Comments, directives, a BOM, CRLF and flow style do not hide the format."""
    assert govcr.sniff(head)


@pytest.mark.parametrize("head", [b"", b"---\n", b"log: 1\n", b"\x00\x01", b'{"log": {"version'])
def test_what_has_another_first_key_is_not_sniffed(head: bytes) -> None:
    """A later format can claim such files."""
    assert not govcr.sniff(head)


def test_a_file_that_no_format_claims_gets_the_version_2_reader_s_complaint() -> None:
    """The reader of the default format knows best what is wrong with a broken file."""
    with pytest.raises(CassetteFormatError, match=r"cut off\?"):
        loads(b"")
    noted = file_text(head="x-note: first\n")
    assert len(loads(noted.encode()).interactions) == 1


def test_a_cassette_is_written_in_the_format_that_it_came_from() -> None:
    """Loading and saving never converts a file by the way."""
    assert dumps(loads(one())) == one()
    assert dumps(Cassette()) == b"---\nversion: 2\ninteractions: []\n"

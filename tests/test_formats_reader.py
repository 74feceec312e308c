"""What the version-2 reader accepts, refuses and keeps."""

from __future__ import annotations

import pytest
from cassette_files import SEEDS, file_text, interaction_text, one

from cassette_kit import CassetteFormatError
from cassette_kit.formats import loads
from cassette_kit.model import Headers, Interaction, Stream


def only(data: bytes) -> Interaction:
    (interaction,) = loads(data).interactions
    return interaction


def refused(data: bytes) -> CassetteFormatError:
    with pytest.raises(CassetteFormatError) as caught:
        loads(data, origin="x.yaml")
    assert caught.value.origin == "x.yaml"
    return caught.value


def test_every_key_lands_in_its_field() -> None:
    """A key under another name, or one that is not read, would change what is replayed."""
    request = {
        "proto": "HTTP/1.0",
        "proto_major": "1",
        "proto_minor": "0",
        "content_length": "-1",
        "transfer_encoding": "[chunked]",
        "trailer": "{X-T: [a]}",
        "host": "api.example",
        "remote_addr": "10.0.0.1:80",
        "request_uri": "/v1",
        "body": "q",
        "form": "{k: [v, w]}",
        "headers": "{Accept: [a/b], accept: [c/d]}",
    }
    response = {
        "proto": "HTTP/2.0",
        "proto_major": "2",
        "proto_minor": "0",
        "transfer_encoding": "[gzip]",
        "trailer": "{X-U: [b]}",
        "content_length": "5",
        "uncompressed": "true",
        "headers": "{Set-Cookie: [a, b]}",
    }
    text = file_text(interaction_text(7, request=request, response=response))
    interaction = only(text.encode())
    sent, received = interaction.request, interaction.response
    assert interaction.id == 7
    assert (sent.method, sent.url, sent.body) == ("POST", "https://api.example/v1", b"q")
    assert (sent.proto, sent.proto_major, sent.proto_minor) == ("HTTP/1.0", 1, 0)
    assert (sent.content_length, sent.transfer_encoding) == (-1, ("chunked",))
    assert (sent.host, sent.remote_addr, sent.request_uri) == ("api.example", "10.0.0.1:80", "/v1")
    assert sent.trailer == Headers([("X-T", "a")])
    assert sent.form == Headers([("k", "v"), ("k", "w")])
    assert sent.headers == Headers([("Accept", "a/b"), ("accept", "c/d")])
    assert (received.status_code, received.status, received.body) == (200, "200 OK", b"hello")
    assert (received.proto, received.proto_major, received.proto_minor) == ("HTTP/2.0", 2, 0)
    assert (received.content_length, received.uncompressed) == (5, True)
    assert received.transfer_encoding == ("gzip",)
    assert received.trailer == Headers([("X-U", "b")])
    assert received.headers == Headers([("Set-Cookie", "a"), ("Set-Cookie", "b")])
    assert received.duration_ns == 1_500_000_000


def test_missing_keys_are_empty() -> None:
    """Absent is what Go's zero values are, not what a new recording would hold."""
    interaction = only(one(response={"body": None, "status": None}))
    assert interaction.request.proto == ""
    assert interaction.request.proto_major == 0
    assert interaction.request.body == b""
    assert interaction.response.content_length == 0
    assert interaction.response.body == b""
    assert interaction.response.status == ""
    assert interaction.response.headers == Headers()
    assert interaction.response.uncompressed is False


@pytest.mark.parametrize(
    "text",
    ["123", "1_000", "true", "yes", "1.50", "2001-12-14", "=", "0x10", ".inf", "<<", "y", "1:30"],
)
def test_text_is_the_source_text(text: str) -> None:
    """However YAML would resolve it: a body of `1.50` is four characters."""
    interaction = only(one(request={"url": text}, response={"body": text, "status": text}))
    assert interaction.request.url == text
    assert interaction.response.body == text.encode()
    assert interaction.response.status == text


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL", "!!null ''"])
def test_null_text_is_empty(null: str) -> None:
    """As in Go, where null leaves a string field as it is."""
    assert only(one(response={"body": null})).response.body == b""


@pytest.mark.parametrize("word", ["'null'", '"~"', "!!str null", "|-\n      null"])
def test_the_word_null_in_quotes_is_a_word(word: str) -> None:
    """Only the plain scalar is null."""
    body = only(one(response={"body": word})).response.body
    assert body in {b"null", b"~"}


@pytest.mark.parametrize(
    ("tagged", "expected"),
    [
        ("!foo x", b"x"),
        ("!!python/object/apply:os.system x", b"x"),
        ("! 12", b"12"),
        ("!!int x", b"x"),
        ("!<tag:example,2026:y> x", b"x"),
        ("!!timestamp 2001-12-14", b"2001-12-14"),
    ],
)
def test_an_unknown_tag_yields_its_text(tagged: str, expected: bytes) -> None:
    """No tag makes an object."""
    assert only(one(response={"body": tagged})).response.body == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!!binary /w==", b"\xff"),
        ("!!binary ''", b""),
        ("!!binary |\n      /w\n      ==", b"\xff"),
        ("!<tag:yaml.org,2002:binary> aGk=", b"hi"),
        ('!!binary "aG k="', b"hi"),
    ],
)
def test_binary_is_decoded(written: str, expected: bytes) -> None:
    """Bodies that are not UTF-8 come back byte by byte."""
    assert only(one(response={"body": written})).response.body == expected


@pytest.mark.parametrize("bad", ["x", "aGk", "aGk=a", "====", "é", "a-b_"])
def test_bad_base64_is_refused(bad: str) -> None:
    """A guess at broken base64 would replay other bytes."""
    error = refused(one(response={"body": f"!!binary {bad}"}))
    assert error.key == "interactions[0].response.body"
    assert "base64" in error.reason


def test_binary_in_a_text_field_becomes_surrogate_escapes() -> None:
    """Text stays text, and the bytes can still be told."""
    sent = only(one(request={"url": "!!binary aHR0cDovL/8=", "headers": "{A: [!!binary /w==]}"}))
    assert sent.request.url.encode("utf-8", "surrogateescape") == b"http://\xff"
    assert sent.request.headers["a"] == "\udcff"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("200", 200),
        ("200.0", 200),
        ("0xC8", 200),
        ("0o310", 200),
        ("0310", 200),
        ("2e2", 200),
        ("+200", 200),
        ("2_00", 200),
        ("0b11", 3),
        ("-1", -1),
        ("!!int 200", 200),
        ("0", 0),
    ],
)
def test_whole_numbers_in_any_notation(written: str, expected: int) -> None:
    """Go reads all of these into an int."""
    assert only(one(response={"code": written})).response.status_code == expected


@pytest.mark.parametrize(
    "written",
    [
        "'200'",
        '"200"',
        "200.5",
        "yes",
        "abc",
        "2001-12-14",
        "1:30",
        ".inf",
        "9223372036854775808",
        "0x",
        "9" * 6000,
        "!!str 200",
        "1e400",
        "200 OK",
    ],
)
def test_other_numbers_are_refused(written: str) -> None:
    """A quoted or broken number is a mistake that go-vcr reports too."""
    error = refused(one(response={"code": written}))
    assert error.key == "interactions[0].response.code"
    assert error.line is not None
    assert "whole number" in str(error)


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "on", "On", "y", "Y"])
def test_true_words(word: str) -> None:
    """YAML 1.1 has more than one."""
    assert only(one(response={"uncompressed": word})).response.uncompressed is True


@pytest.mark.parametrize("word", ["false", "no", "Off", "n", "null", ""])
def test_false_words(word: str) -> None:
    """Null is the zero value."""
    assert only(one(response={"uncompressed": word})).response.uncompressed is False


@pytest.mark.parametrize("word", ["'true'", "1", "maybe", "[true]", "!!str true"])
def test_other_words_are_refused(word: str) -> None:
    """A quoted boolean is text."""
    assert refused(one(response={"uncompressed": word})).key == (
        "interactions[0].response.uncompressed"
    )


@pytest.mark.parametrize("written", ["0", "5", "1.5", "''", "1d", "[1s]", "1 s", "1:30", "0x5"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    """A bare number has no unit; Go refuses it, 0 included."""
    error = refused(one(response={"duration": written}))
    assert error.key == "interactions[0].response.duration"


@pytest.mark.parametrize("written", ["1.5s", "'1.5s'", "!foo 1500ms", '"1500000\\u03bcs"'])
def test_durations_may_be_quoted(written: str) -> None:
    """The text counts."""
    assert only(one(response={"duration": written})).response.duration_ns == 1_500_000_000


def test_header_values_must_be_lists() -> None:
    """A bare scalar is an error in Go, and ambiguous with a header that stands twice."""
    error = refused(one(response={"headers": "{A: b}"}))
    assert error.key == "interactions[0].response.headers.A"
    assert refused(one(request={"transfer_encoding": "chunked"})).key == (
        "interactions[0].request.transfer_encoding"
    )


def test_null_items_are_dropped_and_header_names_kept_as_written() -> None:
    """`[~, a]` holds one value; `x-odd` does not become `X-Odd`."""
    headers = only(
        one(request={"headers": "{x-odd: [~, a, ''], Empty: [], None: }"})
    ).request.headers
    assert headers.multi_items() == [("x-odd", "a"), ("x-odd", "")]


@pytest.mark.parametrize("value", ["[a]", "{a: b}"])
def test_a_collection_where_text_belongs_is_refused(value: str) -> None:
    """There is no text to take."""
    assert refused(one(request={"url": value})).key == "interactions[0].request.url"
    assert refused(one(response={"body": value})).key == "interactions[0].response.body"
    assert refused(one(response={"code": value})).key == "interactions[0].response.code"
    assert "headers.A[0]" in str(refused(one(response={"headers": f"{{A: [{value}]}}"})))


@pytest.mark.parametrize("data", [b"", b"\n", b"---\n", b"--- \n\n", b"# only a note\n", b"  \n"])
def test_an_empty_file_is_a_file_that_was_cut_off(data: bytes) -> None:
    """Taken for an empty cassette it would be recorded over, or play nothing."""
    assert "cut off?" in refused(data).reason


@pytest.mark.parametrize(
    "text",
    [
        "version: 2\n",
        "version: 2\ninteractions:\n",
        "version: 2\ninteractions: ~\n",
        "version: 2",
        "---\nversion: 2\ninteractions: []",
    ],
)
def test_a_file_without_interactions_was_cut_off(text: str) -> None:
    """Missing or null is not the same as an empty list."""
    assert "cut off?" in refused(text.encode()).reason


@pytest.mark.parametrize("null", [None, "", "~", "null"])
@pytest.mark.parametrize(
    ("part", "key"),
    [("request", "method"), ("request", "url"), ("response", "code"), ("response", "duration")],
)
def test_the_four_keys_that_every_writer_gives(part: str, key: str, null: str | None) -> None:
    """Without them an interaction is half an interaction."""
    error = refused(one(**{part: {key: null}}))  # type: ignore[arg-type]
    assert error.key == f"interactions[0].{part}.{key}"
    assert "cut off?" in error.reason


@pytest.mark.parametrize("item", ["- id: 0\n", "-\n", "- id: 0\n  request:\n", "- ~\n"])
def test_an_interaction_without_request_was_cut_off(item: str) -> None:
    """Also where nothing but the dash is left."""
    error = refused(file_text(interaction_text(), item).encode())
    assert error.key == "interactions[1].request"
    assert "cut off?" in error.reason


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_file_cut_at_any_byte_is_refused_but_between_interactions(path) -> None:  # type: ignore[no-untyped-def]
    """A cut exactly before an interaction cannot be told from a shorter file; any other is told."""
    data = path.read_bytes()
    whole = loads(data).interactions
    starts = [data.index(b"\n  - id: %d\n" % number) + 1 for number in range(1, len(whole))]
    line_ends = [at + 1 for at, byte in enumerate(data[:-1]) if byte == 0x0A]
    others = range(1, len(data), 1 if len(data) < 6_000 else 37)
    for cut in sorted({*line_ends, *others}):
        if cut in starts:
            assert len(loads(data[:cut]).interactions) == starts.index(cut) + 1
        else:
            assert "cut off?" in refused(data[:cut]).reason


def test_an_empty_list_is_an_empty_cassette() -> None:
    """go-vcr writes this when a test made no call."""
    assert loads(b"---\nversion: 2\ninteractions: []\n").interactions == ()


@pytest.mark.parametrize("version", ["2", "", "~", "2.0", "0x2"])
def test_versions_that_count_as_2(version: str) -> None:
    """A missing or null version is 2."""
    head = f"---\nversion: {version}\n"
    assert len(loads(file_text(head=head).encode()).interactions) == 1
    assert len(loads(file_text(head="---\n").encode()).interactions) == 1
    assert len(loads(file_text(head="", tail=f"version: {version}\n").encode()).interactions) == 1


@pytest.mark.parametrize("version", ["1", "3", '"2"', "'2'", "two", "[2]", "2.5", "-2"])
def test_other_versions_are_refused(version: str) -> None:
    """Another version has another shape; in quotes it is no number."""
    error = refused(file_text(head=f"---\nversion: {version}\n").encode())
    assert (error.key, error.line) == ("version", 2)


def test_only_the_first_document_is_read() -> None:
    """As in Go; what follows may be anything."""
    text = file_text(tail="---\nversion: 9\n{{{\n")
    assert len(loads(text.encode()).interactions) == 1
    ended = file_text(tail="...\nanother one\n")
    assert len(loads(ended.encode()).interactions) == 1


def test_bom_crlf_comments_and_directives_work() -> None:
    """Editors add them."""
    text = "%YAML 1.1\n# note\n" + file_text(
        interaction_text(response={"body": "|\n      a\n      b"})
    )
    plain = only(text.encode())
    assert plain.response.body == b"a\nb\n"
    assert only(b"\xef\xbb\xbf" + text.encode()) == plain
    assert only(text.replace("\n", "\r\n").encode()) == plain


def test_anchors_aliases_and_merge_keys_work() -> None:
    """Hand-written cassettes share headers this way; explicit keys win over merged ones."""
    text = file_text(
        interaction_text(request={"headers": "&h {A: [b]}"}, response={"body": "&b big"}),
        "- id: 1\n"
        "  request: &r {url: u, method: GET, headers: *h}\n"
        "  response: &s {body: *b, code: 201, duration: 1s}\n",
        "- id: 2\n"
        "  request: {<<: *r, method: PUT}\n"
        "  response:\n    code: 202\n    <<: [{status: first}, *s, {status: second}]\n",
    )
    first, second, third = loads(text.encode()).interactions
    assert second.request.headers == first.request.headers == third.request.headers
    assert second.response.body == b"big"
    assert (third.request.url, third.request.method) == ("u", "PUT")
    assert (third.response.status_code, third.response.status) == (202, "first")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (file_text(head="version: 2\nversion: 2\n"), None),
        (file_text(interaction_text(request={"'url'": "x"})), "interactions[0].request"),
        (file_text(interaction_text(extra={"id": "3"})), "interactions[0]"),
        (file_text(interaction_text(extra={"x-a": "{b: 1, b: 2}"})), "interactions[0].x-a"),
        (
            file_text(interaction_text(response={"headers": "{A: [b], !!binary QQ==: [c]}"})),
            "interactions[0].response.headers",
        ),
    ],
)
def test_duplicate_keys_are_refused(text: str, key: str | None) -> None:
    """PyYAML silently keeps the last; which one was meant cannot be told."""
    error = refused(text.encode())
    assert "twice" in error.reason
    assert error.key == key


@pytest.mark.parametrize(
    "data",
    [
        one(response={"body": '"\\uD83D\\uDE00"'}),
        one(response={"body": '"\\x4"'}),
        one(response={"body": "'open"}),
        one(response={"body": "*nothing"}),
        one(response={"body": "@x"}),
        one(response={"body": "\t\n\t- x"}),
        one(extra={"x": "&a [*a]"}),
        b"version: 2\ninteractions: [}\n",
        b"{version: 2, interactions: []}\nmore: here\n",
        b"\x89PNG\r\n\x1a\n\n",
    ],
)
def test_broken_yaml_is_refused_with_its_line(data: bytes) -> None:
    """The YAML reader's own error is chained, not shown bare."""
    assert refused(data).line is not None


def test_the_yaml_reader_s_error_is_chained() -> None:
    """Whoever wants the details finds them in `__cause__`."""
    error = refused(one(response={"body": "'open"}))
    assert type(error.__cause__).__name__ == "ScannerError"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (one().replace(b"hello", b"h\xe9llo"), "UTF-8"),
        (one().replace(b"hello", b"h\x00llo"), r"'\\x00'"),
        (one().replace(b"hello", b"h\x1bllo"), r"'\\x1b'"),
        (one().replace(b"hello", b"h\x7fllo"), r"'\\x7f'"),
        (one().replace(b"hello", "h\ufffello".encode()), "control"),
        (one().decode().encode("utf-16"), "UTF-16"),
        (one().replace(b"\n", b"\r"), "cut off"),
    ],
)
def test_what_is_no_clean_text_is_refused(data: bytes, named: str) -> None:
    """Raw control characters never come from a writer: the file was damaged."""
    with pytest.raises(CassetteFormatError, match=named):
        loads(data)


def test_an_escaped_slash_is_a_slash() -> None:
    """JSON text pasted into double quotes may hold one."""
    assert only(one(response={"body": '"a\\/b"'})).response.body == b"a/b"


@pytest.mark.parametrize("text", ["[]\n", "hello\n", "- id: 0\n", "{}\n", "'version: 2'\n"])
def test_a_document_of_another_shape_is_refused(text: str) -> None:
    """A list or a text is no cassette."""
    refused(text.encode())


@pytest.mark.parametrize("value", ["hello", "{}", "{id: 0}", "''", "3"])
def test_interactions_must_be_a_list(value: str) -> None:
    """A map there is another tool's format."""
    assert refused(f"version: 2\ninteractions: {value}\n".encode()).key == "interactions"


def test_an_error_says_what_where_and_how_on() -> None:
    """Without file, line, key, both sides and a next step one has to search."""
    error = refused(one(response={"code": "'200'"}))
    assert str(error) == (
        "x.yaml, line 11: interactions[0].response.code: expected a whole number without quotes, "
        "found the quoted '200'; correct the value"
    )


def test_a_long_value_is_shortened_in_the_message() -> None:
    """A message is no place for a body."""
    assert len(str(refused(one(response={"code": "x" * 5000})))) < 300


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """U+2028 in a body ends a line for YAML, but in no editor."""
    error = refused(one(request={"body": "'a\u2028\u2028b'"}, response={"code": "x"}))
    assert error.line == 12


def test_unknown_keys_are_kept_at_every_level() -> None:
    """Another tool's notes survive a load and a save."""
    text = file_text(
        interaction_text(
            request={"x-r": "1"}, response={"x-s": "[2]", "x-t": "{a: b}"}, extra={"x-i": "a"}
        ),
        head="---\nx-d: {note: b}\nversion: 2\n",
    )
    cassette = loads(text.encode())
    (interaction,) = cassette.interactions
    assert [key for key, _ in cassette.extra] == ["x-d"]
    assert [key for key, _ in interaction.extra] == ["x-i"]
    assert [key for key, _ in interaction.request.extra] == ["x-r"]
    assert [key for key, _ in interaction.response.extra] == ["x-s", "x-t"]
    assert hash(interaction) == hash(only(text.encode()))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{end: complete, chunks: [[412, 2], [33, 3]]}", Stream("complete", ((412, 2), (33, 3)))),
        ("{chunks: [[1, 2]], end: client_closed}", Stream("client_closed", ((1, 2),))),
        ("{end: upstream_error, chunks: []}", Stream("upstream_error")),
        ("\n      end: complete\n      chunks:\n      - [0, 999]", Stream("complete", ((0, 999),))),
    ],
)
def test_a_well_formed_stream_key_is_the_response_s_arrival(written: str, expected: Stream) -> None:
    """Whether the sizes add up is not for the format to say."""
    response = only(one(response={"x-stream": written})).response
    assert response.stream == expected
    assert response.extra == ()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "[]",
        "{}",
        "{end: complete}",
        "{chunks: []}",
        "{end: done, chunks: []}",
        "{end: complete, chunks: {}}",
        "{end: complete, chunks: [1]}",
        "{end: complete, chunks: [[1]]}",
        "{end: complete, chunks: [[1, 2, 3]]}",
        "{end: complete, chunks: [[1, -2]]}",
        "{end: complete, chunks: [[1, '2']]}",
        "{end: complete, chunks: [[1, 2.5]]}",
        "{end: complete, chunks: [], more: 1}",
        "{end: [complete], chunks: []}",
        "{end: complete, chunks: [[1, [2]]]}",
    ],
)
def test_a_malformed_stream_key_is_one_more_unknown_key(written: str) -> None:
    """It is ours by convention only: no reason to refuse a file."""
    response = only(one(response={"x-stream": written})).response
    assert response.stream is None
    assert [key for key, _ in response.extra] == ["x-stream"]


def test_the_stream_key_means_nothing_elsewhere() -> None:
    """In a request it is an unknown key like any other."""
    request = only(one(request={"x-stream": "{end: complete, chunks: []}"})).request
    assert [key for key, _ in request.extra] == ["x-stream"]

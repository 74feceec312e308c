"""What a recording keeps of a message, byte for byte."""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.errors import CassetteOptionError
from cassette_kit.model import Headers, Interaction, Request, Response, Stream
from cassette_kit.redactors import REDACTORS, Redactor
from cassette_kit.redactors.edits import Edit, applied, merged, resized

URL = "https://api.example.com/v1/chat"
JSON = Headers({"Content-Type": "application/json"})
SSE = Headers({"Content-Type": "text/event-stream"})


def sent(body: bytes, content_type: str = "application/json", *rules: object) -> bytes:
    request = Request("POST", URL, Headers({"content-type": content_type}), body)
    return Redactor(rules).request(request)[0].body


def received(body: bytes, *rules: object, headers: Headers = JSON) -> bytes:
    return Redactor(rules).response(Response(200, headers, body))[0].body


class TestHeaders:
    def test_a_request_keeps_only_the_listed_headers(self) -> None:
        """A header that nobody listed reached the recording, or a listed one was lost."""
        kept = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "OpenAI/Python 3.52",
            "anthropic-version": "2023-06-01",
            "Anthropic-Beta": "a,b",
            "OpenAI-Beta": "assistants=v2",
        }
        dropped = {
            "Authorization": "Bearer sk-secret-value",
            "x-api-key": "k",
            "Cookie": "a=b",
            "OpenAI-Organization": "org-1",
            "X-Stainless-OS": "Linux",
            "Host": "api.example.com",
        }
        request, _ = Redactor().request(Request("GET", URL, Headers({**kept, **dropped})))
        assert request.headers == Headers(kept)

    def test_a_response_keeps_only_the_listed_headers(self) -> None:
        """A header that nobody listed reached the recording, or a listed one was lost."""
        kept = {
            "content-type": "application/json",
            "Retry-After": "20",
            "retry-after-ms": "20000",
            "x-should-retry": "false",
            "location": "/v1/files/1",
        }
        dropped = {
            "Set-Cookie": "__cf_bm=1",
            "openai-organization": "user-1",
            "cf-ray": "8",
            "accept": "text/html",
        }
        response, _ = Redactor().response(Response(200, Headers({**kept, **dropped})))
        assert response.headers == Headers(kept)

    @pytest.mark.parametrize("side", ["headers", "trailer"])
    def test_keep_headers_keeps_more_of_them_in_both_directions(self, side: str) -> None:
        """A name in keep_headers was dropped, or its case counted."""
        redactor = Redactor(keep_headers=["X-Request-ID"])
        headers = Headers([("x-request-id", "1"), ("x-other", "2"), ("X-Request-Id", "3")])
        expected = Headers([("x-request-id", "1"), ("X-Request-Id", "3")])
        request, _ = redactor.request(replace(Request("GET", URL), **{side: headers}))
        response, _ = redactor.response(replace(Response(200), **{side: headers}))
        assert getattr(request, side) == getattr(response, side) == expected

    @pytest.mark.parametrize(
        "name",
        [
            "Authorization",
            "Proxy-Authorization",
            "x-api-key",
            "api-key",
            "X-Goog-Api-Key",
            "Ocp-Apim-Subscription-Key",
            "x-amz-security-token",
            "X-Auth-Token",
            "Cookie",
            "Set-Cookie",
            "OpenAI-Organization",
            "openai-project",
        ],
    )
    def test_a_credential_is_replaced_even_in_a_kept_header(self, name: str) -> None:
        """keep_headers let a credential through, or dropped the header that it asked for."""
        headers = Headers({name: "Bearer sk-secret-value"})
        redactor = Redactor(keep_headers=[name])
        request, hits = redactor.request(Request("GET", URL, headers))
        response, _ = redactor.response(Response(200, headers))
        assert request.headers == response.headers == Headers({name: "REDACTED"})
        assert hits == {"headers": 1}

    @pytest.mark.parametrize(
        "name", ["x-ratelimit-remaining-tokens", "x-request-id", "x-tokenizer", "author"]
    )
    def test_a_header_that_merely_sounds_like_a_credential_keeps_its_value(self, name: str) -> None:
        """A kept header lost its value for a part of its name."""
        headers = Headers({name: "1999"})
        request, _ = Redactor(keep_headers=[name]).request(Request("GET", URL, headers))
        assert request.headers == headers

    def test_a_redirect_keeps_its_location_without_secrets(self) -> None:
        """A recorded redirect could not be followed, or its target leaked a token."""
        headers = Headers({"Location": "https://u:pw@cdn.example.com/f?token=abc&part=1"})
        response, _ = Redactor().response(Response(307, headers))
        assert response.headers["location"] == (
            "https://REDACTED@cdn.example.com/f?token=REDACTED&part=1"
        )


class TestUrl:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("https://u:pw@host/p?q=1#f", "https://REDACTED@host/p?q=1#f"),
            ("https://token@host", "https://REDACTED@host"),
            ("https://u:p@w@host:8080/", "https://REDACTED@host:8080/"),
            ("https://host/p@q?mail=a@b", "https://host/p@q?mail=a@b"),
            ("https://host/v1?key=abc&alt=sse", "https://host/v1?key=REDACTED&alt=sse"),
            ("https://host/v1?alt=sse&Api-Key=a%2Bb", "https://host/v1?alt=sse&Api-Key=REDACTED"),
            ("https://host/v1?api%5Fkey=abc", "https://host/v1?api%5Fkey=REDACTED"),
            ("https://host/?X-Amz-Signature=a1&X-Amz-Date=2", None),
            ("https://host/?sig=a=b==&se=1", "https://host/?sig=REDACTED&se=1"),
            ("https://host/?key=&max_tokens=5&keyword=a&monkey=b", "same"),
            ("https://host/cb#access_token=abc&state=x", None),
            ("https://host/?token=REDACTED", "same"),
            ("/v1?key=abc", "/v1?key=REDACTED"),
            ("mailto:someone@host", "same"),
            ("", "same"),
        ],
    )
    def test_secrets_in_a_url_are_replaced_and_nothing_else(
        self, url: str, expected: str | None
    ) -> None:
        """A secret stayed in the URL, or something that is none was replaced or re-encoded."""
        redacted = Redactor().request(Request("GET", url))[0].url
        if expected is None:
            expected = re.sub(r"(Signature|access_token)=\w+", r"\1=REDACTED", url)
        assert redacted == (url if expected == "same" else expected)

    def test_every_copy_of_the_url_is_redacted(self) -> None:
        """A key left the URL but stayed in the request target or in the form."""
        request = Request(
            "GET",
            "https://host/v1?key=abc",
            request_uri="/v1?key=abc",
            form=Headers([("key", "abc"), ("alt", "sse")]),
        )
        redacted, hits = Redactor().request(request)
        assert redacted.request_uri == "/v1?key=REDACTED"
        assert redacted.form == Headers([("key", "REDACTED"), ("alt", "sse")])
        assert hits == {"query": 3}


class TestForms:
    def test_urlencoded_fields_are_redacted_in_place(self) -> None:
        """A form's secret stayed, or the bytes around it changed."""
        body = b"grant_type=client_credentials&client_secret=a%2Fb%3D&scope=x+y&password=p"
        assert sent(body, "application/x-www-form-urlencoded; charset=utf-8") == (
            b"grant_type=client_credentials&client_secret=REDACTED&scope=x+y&password=REDACTED"
        )

    def test_multipart_fields_and_json_parts_are_redacted_in_place(self) -> None:
        """A secret part stayed, or a file or a boundary changed."""
        body = (
            b'--b1\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nline 1\r\nline 2\r\n'
            b'--b1\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            b'--b1\r\ncontent-type: application/json\r\ncontent-disposition: form-data; name="m"'
            b'\r\n\r\n{"password": "abc", "n": 1}\r\n'
            b'--b1\r\nContent-Disposition: form-data; name="file"; filename="key"\r\n\r\n'
            b"\x00\xff{not json}\r\n--b1--\r\n"
        )
        expected = body.replace(b"line 1\r\nline 2", b"REDACTED").replace(b'"abc"', b'"REDACTED"')
        assert sent(body, "multipart/form-data; boundary=b1") == expected


class TestFields:
    @pytest.mark.parametrize(
        "name",
        [
            "api_key",
            "apiKey",
            "api-key",
            "APIKEY",
            "access_token",
            "refreshToken",
            "client_secret",
            "password",
            "Authorization",
            "private_key",
            "id_token",
            "authorization_token",
            "x-api-key",
        ],
    )
    def test_secret_fields_are_found_in_any_spelling(self, name: str) -> None:
        """A field of a well-known name kept its value."""
        body = b'{"%s" : "s3cr\\"et\\\\", "n":1}' % name.encode()
        assert sent(body) == b'{"%s" : "REDACTED", "n":1}' % name.encode()

    @pytest.mark.parametrize(
        "body",
        [
            b'{"max_tokens": 5, "usage": {"prompt_tokens": 3}}',
            b'{"logprobs": {"content": [{"token": "Hello", "logprob": -0.1}]}}',
            b'{"type": "thinking", "signature": "EqQBCgIYAhIM", "thoughtSignature": "CiQB"}',
            b'{"thought_signature": "CiQB", "encrypted_content": "gAAAAABo", "key": "value"}',
            b'{"properties": {"password": {"type": "string"}}, "required": ["password"]}',
            b'{"password": null, "secret": true, "api_key": 12, "client_secret": ["a"]}',
            b'{"content": "the \\"password\\": \\"is\\" in here"}',
            b'{"next_page_token": "abc", "apikeys": "x", "my_api_key_name": "y"}',
            b'{"api_key": ""}',
        ],
    )
    def test_what_is_no_secret_is_left_alone(self, body: bytes) -> None:
        """A field that an API needs back, a schema or a mere mention was replaced."""
        response = Response(200, JSON, body)
        assert Redactor().response(response)[0] is response

    def test_event_streams_and_lines_are_redacted_inside(self) -> None:
        """A secret in one event of a stream, or in one line, stayed."""
        events = b': hi\n\ndata: {"client_secret":"abc"}\n\ndata: {"a":"b"}\n\ndata: [DONE]\n\n'
        lines = b'{"n":1}\n{"api_key":"abc"}\n'
        assert received(events, headers=SSE) == events.replace(b"abc", b"REDACTED")
        assert received(lines) == lines.replace(b"abc", b"REDACTED")

    def test_a_value_that_is_cut_off_is_redacted_up_to_the_cut(self) -> None:
        """A stream that broke inside a secret kept the half of it, or lost the next event."""
        assert received(b'{"api_key": "abc', headers=SSE) == b'{"api_key": "REDACTED'
        broken = b'data: {"api_key": "abc\n\ndata: {"a": "b"}\n\n'
        assert received(broken, headers=SSE) == broken.replace(b"abc", b"REDACTED")

    @settings(deadline=None, max_examples=60)
    @given(
        secret=st.text(min_size=1).filter(lambda text: "REDACTED" not in text),
        before=st.dictionaries(st.text('ab"\\é ', max_size=6), st.text() | st.integers()),
        after=st.recursive(st.text() | st.none(), st.lists, max_leaves=5),
        ascii_only=st.booleans(),
        indent=st.sampled_from([None, 2]),
    )
    def test_the_bytes_around_a_value_are_untouched(
        self, secret: str, before: object, after: object, ascii_only: bool, indent: int | None
    ) -> None:
        """Redaction re-serialised what it should have left."""

        def document(value: str) -> bytes:
            tree = {"x": before, "api_key": value, "y": after}
            text = json.dumps(tree, ensure_ascii=ascii_only, indent=indent)
            return text.encode("utf-8", "surrogatepass")

        assert received(document(secret)) == document("REDACTED")


BODY = b'{"user": {"name": "ann", "age": 41}, "tags": ["x", "y"], "api": "left"}'


class TestRules:
    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("$.user.name", BODY.replace(b"ann", b"REDACTED")),
            ("$..age", BODY.replace(b"41", b'"REDACTED"')),
            ("$.tags[-1]", BODY.replace(b"y", b"REDACTED")),
            ("$.tags[*]", BODY.replace(b'"x", "y"', b'"REDACTED", "REDACTED"')),
            ("$.user", BODY.replace(b'{"name": "ann", "age": 41}', b'"REDACTED"')),
            ("$['api']", BODY.replace(b"left", b"REDACTED")),
            ("field:name", BODY.replace(b"ann", b"REDACTED")),
            ("field:Name", BODY.replace(b"ann", b"REDACTED")),
            ("pattern:a(n+)", BODY.replace(b"nn", b"REDACTED")),
            ("pattern:\\d+", BODY.replace(b"41", b"REDACTED")),
            (re.compile(rb"le(f)(t)"), BODY.replace(b"left", b"leREDACTEDREDACTED")),
            (re.compile("LEFT", re.IGNORECASE), BODY.replace(b"left", b"REDACTED")),
        ],
    )
    def test_a_rule_replaces_what_it_names_in_both_directions(
        self, rule: object, expected: bytes
    ) -> None:
        """A rule for bodies missed its value, or touched another byte."""
        assert sent(BODY, "application/json", rule) == received(BODY, rule) == expected

    def test_header_and_query_rules_reach_their_parts(self) -> None:
        """A rule for headers or parameters missed its value."""
        redactor = Redactor(["header:User-Agent", "query:tenant"])
        headers = Headers({"user-agent": "me/1", "accept": "*/*"})
        request = Request("GET", f"{URL}?Tenant=acme&a=b", headers)
        redacted, hits = redactor.request(request)
        assert redacted.headers == Headers({"user-agent": "REDACTED", "accept": "*/*"})
        assert redacted.url == f"{URL}?Tenant=REDACTED&a=b"
        assert hits == {"header:User-Agent": 1, "query:tenant": 1}

    def test_a_pattern_reaches_every_part(self) -> None:
        """What a pattern matches stayed in the URL, a header, the form or the host."""
        request = Request(
            "GET",
            "https://acme.example.com/acme?x=acme",
            Headers({"user-agent": "acme/1"}),
            b"acme",
            host="acme.example.com",
            form=Headers({"x": "acme"}),
        )
        redacted, hits = Redactor(["pattern:acme"]).request(request)
        assert "acme" not in repr(redacted)
        assert hits == {"pattern:acme": 7}

    def test_a_pattern_of_text_counts_characters_and_one_of_bytes_bytes(self) -> None:
        """A span was off by the width of a character before it, or a byte was cut out of one."""
        body = "é€😀 naïve näive".encode() + b"\xff end"
        assert received(body, "pattern:na.ve") == body.replace("naïve".encode(), b"REDACTED")
        assert received(body, "pattern:e(.)d") == body.replace(b"end", b"eREDACTEDd")
        assert received(body, re.compile(rb"\xff")) == body.replace(b"\xff", b"REDACTED")

    def test_a_field_name_is_found_escaped_too(self) -> None:
        """A client that writes names in ASCII kept the value of a field with an accent."""
        rule = "field:numéro"
        assert received('{"numéro": "a"}'.encode(), rule) == '{"numéro": "REDACTED"}'.encode()
        assert received(b'{"num\\u00e9ro": "a"}', rule) == b'{"num\\u00e9ro": "REDACTED"}'

    def test_a_path_means_each_document_of_a_body(self) -> None:
        """A path held for the first event only, or broke on what is no JSON."""
        body = b': c\n\ndata: {"a": {"b": "s1"}}\n\ndata: [DONE]\n\ndata: {"a": {"b": "s2", "c'
        expected = re.sub(rb"s\d", b"REDACTED", body)
        assert received(body, "$.a.b", headers=SSE) == expected

    def test_a_broken_name_does_not_hide_what_follows(self) -> None:
        """A name with an escape that is none ended the search for a path."""
        body = rb'{"\q": "a", "x\q": 1, "b": "s"}'
        assert received(body, "$.b") == body.replace(b'"s"', b'"REDACTED"')

    def test_a_deeply_nested_body_is_read_to_its_end(self) -> None:
        """Depth broke the search for a path, by recursion or by a limit."""
        body = b'{"a":' * 100_000 + b'{"b":"s"}' + b"}" * 100_000
        assert received(body, "$..b") == body.replace(b'"s"', b'"REDACTED"')

    def test_the_rules_of_every_kind_have_a_case_here(self) -> None:
        """A row was added to REDACTORS, and no test uses it."""
        assert set(REDACTORS) == {"$", "field", "header", "pattern", "query"}

    @pytest.mark.parametrize("rule", ["nonsense", "cookie:a", "field:", ":x", "", 5, b"field:a"])
    def test_a_wrong_rule_is_named_with_the_kinds_that_exist(self, rule: object) -> None:
        """A typing error in a rule passed silently, or its message named no way out."""
        with pytest.raises(CassetteOptionError) as caught:
            Redactor([rule])
        assert repr(rule) in str(caught.value)
        assert all(kind in str(caught.value) for kind in REDACTORS)

    @pytest.mark.parametrize("rule", ["pattern:(", "$.a[", "$.a b"])
    def test_a_rule_that_cannot_be_read_says_why(self, rule: str) -> None:
        """A broken expression raised something else than an option error."""
        with pytest.raises(CassetteOptionError, match=re.escape(rule)):
            Redactor([rule])

    def test_a_rule_that_hit_nothing_can_be_told(self) -> None:
        """Rules and hits go by different names."""
        redactor = Redactor(["field:absent", "$.user", re.compile("ann")])
        _, hits = redactor.request(Request("POST", URL, JSON, BODY))
        assert [name for name in redactor.names if not hits[name]] == ["field:absent"]


class TestMessages:
    def test_nothing_to_redact_gives_the_same_objects(self) -> None:
        """A message was copied, so that an unchanged recording looks changed."""
        interaction = Interaction(
            Request("POST", URL, JSON, BODY), Response(200, SSE, b"data: 1\n\n"), source="text"
        )
        redacted, hits = Redactor(["$.nothing"]).interaction(interaction)
        assert redacted is interaction
        assert not hits

    @pytest.mark.parametrize("headers", [True, False])
    def test_matchers_see_every_header_and_no_secret(self, headers: bool) -> None:
        """A secret that differs between machines made a request differ from its recording."""
        sent = Headers({"x-api-key": "abc", "x-mine": "1", "content-type": "application/json"})
        request = Request("POST", f"{URL}?key=abc", sent, b'{"password": "abc"}')
        compared = Redactor().compared(request, headers=headers)
        assert compared.url == f"{URL}?key=REDACTED"
        assert compared.body == b'{"password": "REDACTED"}'
        assert compared.headers["x-api-key"] == ("REDACTED" if headers else "abc")
        assert compared.headers["x-mine"] == "1"

    def test_a_changed_interaction_forgets_its_source_text(self) -> None:
        """A writer could put the old text, secrets and all, back into the file."""
        interaction = Interaction(
            Request("POST", URL, JSON, b'{"password": "abc"}'), Response(200), id=3, source="text"
        )
        redacted, hits = Redactor().interaction(interaction)
        assert (redacted.source, redacted.id) == (None, 3)
        assert redacted.request.body == b'{"password": "REDACTED"}'
        assert hits == {"fields": 1}

    @pytest.mark.parametrize(("stated", "expected"), [(19, 24), (-1, -1), (7, 7)])
    def test_a_true_content_length_follows_the_body(self, stated: int, expected: int) -> None:
        """A length that was right became wrong, or a wrong or unknown one was made up."""
        body = b'{"password": "abc"}'
        request, _ = Redactor().request(Request("POST", URL, JSON, body, content_length=stated))
        response, _ = Redactor().response(Response(200, JSON, body, content_length=stated))
        assert request.content_length == response.content_length == expected

    def test_aws_frames_stay_valid(self) -> None:
        """A redacted frame had a wrong length or checksum, which every reader refuses."""
        body = frame(b":event-type\x07\x00\x05chunk", b'{"a": "b"}') + frame(
            b"", b'{"password": "a much longer value than its replacement"}'
        )
        headers = Headers({"content-type": "application/vnd.amazon.eventstream"})
        half = len(body) // 2
        stream = Stream("complete", ((5, half), (7, len(body) - half)))
        response, _ = Redactor().response(Response(200, headers, body, stream=stream))
        assert payloads(response.body) == [b'{"a": "b"}', b'{"password": "REDACTED"}']
        assert response.stream is not None
        assert sum(size for _, size in response.stream.chunks) == len(response.body)

    def test_a_broken_aws_frame_is_redacted_all_the_same(self) -> None:
        """A secret behind the last whole frame stayed."""
        headers = Headers({"content-type": "application/vnd.amazon.eventstream"})
        body = frame(b"", b"{}") + frame(b"", b'{"password": "abc"}')[:-3]
        redacted = received(body, headers=headers)
        assert redacted == body.replace(b'"abc"', b'"REDACTED"')

    @settings(deadline=None, max_examples=60)
    @given(
        body=st.lists(
            st.sampled_from(
                [b'{"api_key": "ab"}', b'"password":"x', b"REDACTED", b"\n", b'"', b"data: ", b"E"]
            ),
            max_size=12,
        ).map(b"".join),
        url=st.sampled_from(["", "?key=a&b=c", "?token=REDACT", "#sig=1"]),
        kind=st.sampled_from(["application/json", "text/event-stream", "multipart/form-data"]),
    )
    def test_redacting_twice_changes_nothing_more(self, body: bytes, url: str, kind: str) -> None:
        """A recording redacted again, as replay does, would no longer match its request."""
        redactor = Redactor(["pattern:ab", "pattern:RED", "field:x", "$..api_key", "$[0]"])
        headers = Headers({"content-type": kind, "location": URL + url})
        once, _ = redactor.interaction(
            Interaction(Request("POST", URL + url, headers, body), Response(200, headers, body))
        )
        assert redactor.interaction(once)[0] is once


class TestRobustness:
    @pytest.mark.parametrize(
        "body",
        [
            b'"api_key"' * 200_000,
            b'"api_key" : ' * 100_000,
            b'{"api_key": "' + b"\\" * 1_000_001,
            b"[" * 100_000,
            b'["' + b"[{" * 50_000,
            b"&" * 1_000_000,
            b"a" * 1_000_000,
            b'content-disposition: name="' * 50_000,
            b'content-disposition: name="a"\r\n' * 50_000,
            b'content-disposition: name="a"\r\n\r\n' * 50_000,
            struct.pack(">III", 16, 0, 0) * 50_000,
        ],
        ids=lambda body: body[:20].decode(),
    )
    def test_a_hostile_body_is_read_in_one_go(self, body: bytes) -> None:
        """Redaction takes time in the square of a body's length; this test would not end."""
        redactor = Redactor(["$.a.b", "field:b"])
        for kind in (
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "application/vnd.amazon.eventstream",
        ):
            redactor.response(Response(200, Headers({"content-type": kind}), body))

    @pytest.mark.parametrize("part", ["?", "&", "?a", "#", "//", "@", "?key=", "="])
    def test_a_hostile_url_is_read_in_one_go(self, part: str) -> None:
        """Redaction takes time in the square of a URL's length; this test would not end."""
        Redactor().request(Request("GET", "https://" + part * 300_000))


class TestChunks:
    def test_a_value_counts_to_the_chunk_in_which_it_began(self) -> None:
        """Sizes no longer add up, so that the whole recorded pacing would be thrown away."""
        body = b'{"password": "0123456789012345678901234567890", "a": 1}'
        start, end = body.index(b"0123"), body.index(b'", "a"')
        cuts = [start - 2, start + 3, start + 20, end + 4, len(body)]
        sizes = [cut - before for before, cut in zip([0, *cuts], cuts, strict=False)]
        chunks = tuple((10 + number, size) for number, size in enumerate(sizes))
        response = Response(200, JSON, body, stream=Stream("complete", chunks))
        redacted, _ = Redactor().response(response)
        assert [(chunk.delay_ms, chunk.data) for chunk in redacted.chunks] == [
            (10, b'{"password": '[:-1]),
            (11, b' "REDACTED'),
            (12 + 13, b'", "'),
            (14, b'a": 1}'),
        ]

    @settings(deadline=None, max_examples=200)
    @given(st.data())
    def test_every_untouched_byte_stays_in_its_chunk(self, data: st.DataObject) -> None:
        """A byte moved into another chunk, or the sizes do not add up."""
        sizes = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=8))
        body = bytes(sum(sizes))
        place = st.integers(0, len(body))
        spans = data.draw(st.lists(st.tuples(place, place), max_size=5))
        edits = merged(Edit(*sorted(span)) for span in spans if span[0] != span[1])

        owners = [number for number, size in enumerate(sizes) for _ in range(size)]
        for edit in reversed(edits):
            owners[edit.start : edit.end] = [owners[edit.start]] * len(edit.text)
        counted = [owners.count(number) for number in range(len(sizes))]

        chunks = resized([(1, size) for size in sizes], edits)
        expected = [new for new, old in zip(counted, sizes, strict=True) if new or not old]
        assert [size for _, size in chunks] == expected
        assert sum(size for _, size in chunks) == len(applied(body, edits))
        if counted[-1] or not sizes[-1]:
            assert sum(delay for delay, _ in chunks) == len(sizes)

    def test_overlapping_edits_become_one(self) -> None:
        """Two rules on one value left a part of it, or replaced it twice."""
        edits = [Edit(4, 9), Edit(1, 3, b"x"), Edit(2, 6), Edit(9, 10), Edit(1, 5, b"first")]
        assert merged(edits) == [Edit(1, 9, b"first"), Edit(9, 10)]


def frame(headers: bytes, payload: bytes) -> bytes:
    """One frame of an AWS event stream."""
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack(">I", zlib.crc32(head))


def payloads(body: bytes) -> list[bytes]:
    """The payloads of an AWS event stream, after a check of every length and checksum."""
    found, at = [], 0
    while at < len(body):
        size, headers, prelude_crc = struct.unpack_from(">III", body, at)
        assert zlib.crc32(body[at : at + 8]) == prelude_crc
        whole = body[at : at + size]
        assert struct.pack(">I", zlib.crc32(whole[:-4])) == whole[-4:]
        found.append(whole[12 + headers : -4])
        at += size
    return found

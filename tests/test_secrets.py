"""The last look before a file is written: what must stop a save, and what must not."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.model import Headers, Interaction, Request, Response
from cassette_kit.redactors import Redactor
from cassette_kit.redactors.encodings import ENCODINGS, base64_texts
from cassette_kit.redactors.secrets import KNOWN, credentials, find_secrets
from cassette_kit.redactors.shapes import SHAPES, outline

CASSETTES = sorted((Path(__file__).parent.parent / "cassettes").glob("*.yaml"))
URL = "https://api.example.com/v1/chat"
CANARY = "cnry/7Hq2v+Kx9Lm'4T="


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def as_yaml(interaction: Interaction) -> bytes:
    """An interaction as a cassette's text holds it, strings quoted as YAML needs."""

    def text(body: bytes) -> str | bytes:
        try:
            return body.decode()
        except UnicodeDecodeError:
            return body

    request, response = interaction.request, interaction.response
    tree = {
        "request": {
            "body": text(request.body),
            "form": request.form.multi_items(),
            "headers": request.headers.multi_items(),
            "url": request.url,
        },
        "response": {
            "body": text(response.body),
            "headers": response.headers.multi_items(),
            "trailer": response.trailer.multi_items(),
        },
    }
    dumped = yaml.safe_dump(
        json.loads(json.dumps(tree)) if isinstance(tree["response"]["body"], str) else tree,
        allow_unicode=True,
        sort_keys=False,
        width=10**9,
    )
    return dumped.encode()


def ask(
    headers: dict[str, str] | None = None, url: str = URL, body: bytes = b"", **rest
) -> Request:
    return Request("POST", url, Headers(headers or {}), body, **rest)


def answer(body: bytes = b"", kind: str = "application/json", **headers: str) -> Response:
    return Response(200, Headers({"content-type": kind, **headers}), body)


FORM = "application/x-www-form-urlencoded"
PLACES = {
    "bearer": lambda key: (ask({"Authorization": f"Bearer {key}"}), answer()),
    "key header": lambda key: (ask({"X-Api-Key": key}), answer()),
    "basic": lambda key: (ask({"Proxy-Authorization": f"Basic {basic('me:' + key)}"}), answer()),
    "cookie": lambda key: (ask({"Cookie": f"theme=dark; sid={key}"}), answer()),
    "set-cookie": lambda key: (ask(), answer(**{"set-cookie": f"sid={key}; Path=/; HttpOnly"})),
    "user info": lambda key: (ask(url=f"https://me:{quote(key, safe='')}@host/"), answer()),
    "query": lambda key: (ask(url=f"{URL}?alt=sse&key={quote(key, safe='')}"), answer()),
    "form": lambda key: (ask(form=Headers({"client_secret": key})), answer()),
    "urlencoded": lambda key: (
        ask({"content-type": FORM}, body=b"password=" + quote(key, safe="").encode()),
        answer(),
    ),
    "request field": lambda key: (ask(body=json.dumps({"api_key": key}).encode()), answer()),
    "field": lambda key: (ask(), answer(json.dumps({"client_secret": key}).encode())),
    "field, in UTF-8": lambda key: (
        ask(),
        answer(json.dumps({"access_token": f"Bearer {key}"}, ensure_ascii=False).encode()),
    ),
    "event": lambda key: (
        ask(),
        answer(f"data: {json.dumps({'api_key': key})}\n\ndata: [DONE]\n\n".encode()),
    ),
    "part": lambda key: (
        ask(
            {"content-type": "multipart/form-data; boundary=b"},
            body=f'--b\r\ncontent-type: application/json\r\n\r\n{{"password": {json.dumps(key)}}}'
            "\r\n--b--\r\n".encode(),
        ),
        answer(),
    ),
    "form part": lambda key: (
        ask(
            {"content-type": "multipart/form-data; boundary=b"},
            body=b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n'
            + f"{key}\r\n--b--\r\n".encode(),
        ),
        answer(),
    ),
    "location": lambda key: (ask(), answer(location=f"/f?token={quote(key, safe='')}")),
}
LEAKS = {
    "error text": lambda key: json.dumps({"error": f"Incorrect API key: {key}."}).encode(),
    "escaped": lambda key: json.dumps({"error": f"key: {key}é"}, ensure_ascii=True).encode(),
    "slashes": lambda key: json.dumps({"e": f"key {key}"}).replace("/", "\\/").encode(),
    "arguments": lambda key: json.dumps({"a": json.dumps({"header": key})}).encode(),
    "slashes and text": lambda key: (
        json.dumps({"e": f"{key}é"}, ensure_ascii=False).replace("/", "\\/").encode()
    ),
    "Go": lambda key: json.dumps({"e": key}).replace("&", "\\u0026").encode(),
    "lines": lambda key: f"first line\nkey {key}\nlast line\n".encode(),
    "link": lambda key: f'{{"next": "https://host/?q={quote(key, safe="")}"}}'.encode(),
    "one quoted line": lambda key: f"it's {key}".encode(),
    "binary": lambda key: b"\x00\xff" + f"frame {key}".encode() + b"\xfe" * 200,
    "hex": lambda key: key.encode().hex().encode(),
    "base64": lambda key: basic(key).encode(),
    "base64, shifted by 1": lambda key: basic(f"a{key}bc").encode(),
    "base64, shifted by 2": lambda key: base64.urlsafe_b64encode(f"ab{key}c".encode()),
}

keys = (
    st.text("abcXYZ0123456789-_./+='\"\\&%:@é ", min_size=8, max_size=40)
    .map(str.strip)
    .filter(lambda key: credentials(ask({"x-api-key": key})) and ";" not in key)
)


class TestCanary:
    @pytest.mark.parametrize("place", PLACES)
    def test_a_secret_in_a_known_place_never_reaches_the_text(self, place: str) -> None:
        """A credential survived in a place where it is known to travel."""
        interaction = Interaction(*PLACES[place](CANARY))
        redacted, hits = Redactor().interaction(interaction)
        assert hits
        assert find_secrets(as_yaml(redacted), [CANARY]) == []

    @pytest.mark.parametrize("place", PLACES)
    @settings(deadline=None, max_examples=25)
    @given(key=keys)
    def test_a_secret_in_a_known_place_is_collected(self, place: str, key: str) -> None:
        """A credential of the session is not among those that the text is searched for."""
        if place in ("cookie", "set-cookie"):
            key = re.sub(r"[\"; =]", "x", key)
        assert key in credentials(*PLACES[place](key))

    @pytest.mark.parametrize("leak", LEAKS)
    @settings(deadline=None, max_examples=25)
    @given(key=keys)
    def test_a_known_secret_that_leaks_elsewhere_is_found(self, leak: str, key: str) -> None:
        """A credential stood in a response in one of the usual encodings, and the save went on."""
        interaction = Interaction(*PLACES["bearer"](key))
        text = as_yaml(Interaction(interaction.request, answer(LEAKS[leak](key))))
        known = credentials(interaction.request)
        redacted, _ = Redactor().interaction(
            Interaction(interaction.request, answer(LEAKS[leak](key)))
        )
        assert find_secrets(as_yaml(redacted), known), text

    def test_there_is_a_leak_for_every_encoding(self) -> None:
        """A row was added to ENCODINGS, and no test uses it."""
        assert set(ENCODINGS) == {"escaped", "base64", "hex"}


class TestCredentials:
    @pytest.mark.parametrize(
        "dummy",
        [
            "test-key",
            "mock-api-key",
            "dummy",
            "REDACTED",
            "sk-test",
            "fake-key-for-ci-93",
            "your-api-key",
            "<YOUR_API_KEY>",
            "xxxxxxxxxxxxxxxx",
            "sk-0000000000000000",
            "not-a-real-key",
            "sk-no-key-required",
            "lm-studio",
            "sk-1234567890",
            "short12",
        ],
    )
    def test_a_dummy_is_no_credential(self, dummy: str) -> None:
        """A test with a made-up key could not save its recording when the key is echoed."""
        assert credentials(ask({"authorization": f"Bearer {dummy}"})) == set()

    @pytest.mark.parametrize(
        "key",
        [
            "sk-test-51HG7ab2eZvKYlo2C",
            "contest-winner-88121",
            "my-password-is-Tr0ub4dor",
            "testing9f8a7b6c",
            "aXfakeQ9",
        ],
    )
    def test_a_key_that_contains_the_word_test_counts(self, key: str) -> None:
        """A real key passed for a dummy, because a part of it reads like one."""
        assert key in credentials(ask({"x-api-key": key}))

    def test_a_broken_basic_header_counts_as_it_stands(self) -> None:
        """A header that is no base64 broke the recording, or escaped the search."""
        assert credentials(ask({"authorization": "Basic Zx81-s"})) == set()
        assert credentials(ask({"authorization": "Basic Zx81-secre"})) == {"Zx81-secre"}

    def test_organisations_and_projects_count(self) -> None:
        """The names of a caller's organisation or project reached the disk in a body."""
        request = ask({"OpenAI-Project": "proj_8Zk2mQ1x"})
        response = answer(**{"openai-organization": "acme-8821"})
        assert credentials(request, response) == {"proj_8Zk2mQ1x", "acme-8821"}

    def test_cookie_attributes_and_user_names_do_not_count(self) -> None:
        """A save would stop at every mention of a user's name, a path or a host."""
        request = ask(url="https://postgres-user:Zx81-secr@host/")
        response = answer(**{"set-cookie": "a=Zx82-secr; Domain=api.example.com; HttpOnly"})
        assert credentials(request, response) == {"Zx81-secr", "Zx82-secr"}


def line_of(hit_text: str) -> list[tuple[str, int, str]]:
    return [(hit.kind, hit.line, hit.encoding) for hit in find_secrets(hit_text.encode())]


class TestRobustness:
    @settings(deadline=None, max_examples=100)
    @given(st.binary(max_size=60), st.text(max_size=20), st.sampled_from(["api_key", "a"]))
    def test_any_message_can_be_searched(self, noise: bytes, text: str, name: str) -> None:
        """A message that is no clean text broke the recording with an encoding error."""
        body = b'{"%s": "%s", "secret": "\\ud800%s", "password": "%s"}' % (
            name.encode(),
            noise,
            text.encode("utf-8", "surrogatepass"),
            noise,
        )
        request = ask({"x-api-key": text}, f"{URL}?key={text}", body)
        known = credentials(request, answer(body))
        Redactor(["pattern:.", "$..*"]).interaction(Interaction(request, answer(body)))
        find_secrets(body, known)

    @pytest.mark.parametrize(
        "text",
        [
            b"sk-ant-" * 200_000,
            b"sk-" * 400_000,
            b"-----BEGIN " * 100_000,
            b"eyJ" * 300_000,
            b"\\" * 1_000_000,
            b"!!binary |\n" + b" AAAA\n" * 100_000 + b" \xff",
            b"QUJD" * 400_000,
            (b"QUJD" * 20 + b"\\n") * 20_000,
            (b"QUJD" * 20 + b"\n" * 20) * 10_000,
            b"\x80QUJD".join([b"QUJD" * 20] * 20_000),
            b"://a:" * 300_000,
            b"://" + b"a" * 1_000_000,
        ],
        ids=lambda text: text[:12].decode(),
    )
    def test_a_hostile_text_is_searched_in_one_go(self, text: bytes) -> None:
        """The search takes time in the square of a text's length; this test would not end."""
        assert find_secrets(text, ["a\\\\\\\\b'\"\\\\/c", "\\\\\\\\-/-/-/-x"]) == []


class TestShapes:
    @pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
    @pytest.mark.parametrize(
        "text",
        [
            "{}",
            'body: "{{\\"error\\":\\"bad key: {}\\"}}"',
            'body: "first\\n{}\\nlast"',
            "url: https://host/?x%3D{}&b=c",
            '{{"a": "quoted\\u0022{}"}}',
            "say '{}', then go on.",
        ],
    )
    def test_a_key_is_found_by_its_shape_alone(self, shape, text: str) -> None:
        """A key that the session never saw was written to the file."""
        for example in shape.examples:
            if "\n" not in example:
                assert (shape.name, 1, "plain") in line_of(text.format(example))

    @pytest.mark.parametrize("newline", ["\n", "\n    ", "\\n", "\\\\n"])
    def test_a_private_key_is_found_however_its_lines_are_broken(self, newline: str) -> None:
        """A PEM key in JSON, or in a block of a cassette, was not seen."""
        pem = next(shape for shape in SHAPES if shape.name == "private key").examples[0]
        found = line_of(f"body: |\n    {pem}".replace("-----\n", f"-----{newline}"))
        assert found == [("private key", 2, "plain")]

    def test_a_key_in_binary_is_found_under_the_line_of_its_tag(self) -> None:
        """A key in a body that is no text hid behind base64."""
        key = "gsk_" + "Ab3dE6gH9j" * 5
        folded = yaml.safe_dump({"a": 1, "body": b"\xff" * 100 + key.encode() + b"\xfe" * 99})
        inline = f"a: 1\nbody: !!binary {basic(key)}\n"
        assert line_of(folded) == line_of(inline) == [("Groq key", 2, "plain")]

    DOTENV = (
        "# our settings\nDEBUG=1\nGROQ_API_KEY=gsk_" + "Ab3dE6gH9j" * 5 + "\nREGION=eu-west-1\n"
    )

    @pytest.mark.parametrize("before", ["", " ", "  ", "\ufeff", "Prüfstand = ", "é"])
    @pytest.mark.parametrize(
        "frame",
        [
            '{{"file_data": "{}"}}',
            '{{"url": "data:text/plain;base64,{}"}}',
            'body: "{{\\"text\\": \\"decode this:\\\\n{}\\"}}"',
            'body: "first line\\n{}"',
            "see {} and so on",
        ],
    )
    def test_a_key_in_a_text_in_base64_is_found(self, before: str, frame: str) -> None:
        """A settings file that was uploaded as a document reached the repository."""
        encoded = basic(before + self.DOTENV)
        for block in (encoded, encoded.rstrip("="), encoded.translate({43: "-", 47: "_"})):
            assert line_of("a: 1\n" + frame.format(block)) == [("Groq key", 2, "base64")]

    @pytest.mark.parametrize("newline", ["\n", "\n    ", "\\n", "\\r\\n", "\\\\n", "\\\n  \\"])
    def test_a_key_in_lines_of_base64_is_found(self, newline: str) -> None:
        """A key that two lines of base64 share was not seen."""
        for padding in range(60):
            lines = base64.encodebytes(f"{'x' * padding}\n{self.DOTENV}".encode()).decode().split()
            found = line_of(f"a: 1\nbody: |-\n    {newline.join(lines)}\n")
            assert found == [("Groq key", 3, "base64")]

    @settings(deadline=None, max_examples=50)
    @given(st.binary(max_size=100), st.integers(0, 200))
    def test_slashes_that_are_escaped_in_base64(self, noise: bytes, at: int) -> None:
        """PHP escapes the slashes of JSON; the block ended at the first."""
        data = self.DOTENV.encode() + b"???" * 9 + noise + b" gsk_" + b"Kq7ZtP2aVw" * 5
        encoded = base64.b64encode(data).decode().replace("/", "\\/")
        assert line_of(f'{{"d": "{encoded}"}}')[0] == ("Groq key", 1, "base64")

    def test_a_key_in_base64_in_binary_is_found(self) -> None:
        """A frame of Bedrock wraps an event in base64."""
        frame = b"\x00\x01" + b'{"bytes":"%s"}' % basic(self.DOTENV).encode() + b"\xff"
        assert line_of(f"a: 1\nb: !!binary {base64.b64encode(frame).decode()}\n") == [
            ("Groq key", 2, "base64")
        ]

    def test_a_known_key_in_base64_is_one_hit(self) -> None:
        """One secret was reported twice."""
        key = "gsk_" + "Ab3dE6gH9j" * 5
        (hit,) = find_secrets(b'{"d": "%s"}' % basic(self.DOTENV).encode(), [key])
        assert (hit.kind, hit.encoding) == (KNOWN, "base64")

    @settings(deadline=None, max_examples=100)
    @given(st.binary(min_size=60, max_size=400), st.integers(0, 5))
    def test_only_texts_are_taken_out_of_base64(self, blob: bytes, begin: int) -> None:
        """Every picture of a large cassette is searched, which takes its time, or a text is not."""
        encoded = base64.b64encode(bytes(200) + blob)[begin:]
        assert list(base64_texts(b'"%s"' % encoded)) == []
        text = blob.hex().encode()
        assert list(base64_texts(b'"%s"' % base64.b64encode(text))) == [(1, text)]

    def test_a_binary_scalar_that_is_no_base64_is_passed_over(self) -> None:
        """A text in which the words `!!binary` occur could not be searched."""
        assert line_of("body: !!binary Ab3dE\nx: gsk_" + "Ab3dE6gH9j" * 5) == [
            ("Groq key", 2, "plain")
        ]

    @pytest.mark.parametrize(
        "harmless",
        [
            "sk- is how keys begin; ask-me-anything, risk-averse-strategies-for-investors-2024",
            "task-0123456789abcdef0123456789abcdef0123456789abcdef",
            "sk-proj-my-project-with-a-long-name-that-goes-on-and-on-and-on",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-proj-...",
            "call_Ab3dE6gH9jKl2mN5pQ8rS1tU toolu_01Ab3dE6gH9jKl2mN5pQ8rS chatcmpl-Ab3dE6gH",
            "req_01Ab3dE6gH9jKl2mN5pQ8rSt msg_01Ab3dE6gH9jKl2mN5pQ8rS rs_0a1b2c3d4e5f60718293a4b5",
            "gen-1700000000-Ab3dE6gH9jKl2mN5pQ8r fp_0a1b2c3d4e resp_0a1b2c3d4e5f60718293a4b5",
            "123e4567-e89b-12d3-a456-426614174000",
            "AKIAIOSFODNN7EXAMPLE is the key id of Amazon's documentation",
            "xAKIAQ3EGVZ7XK2PLMNT4 and AKIAQ3EGVZ7XK2PLMNT4MORE",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "-----BEGIN PRIVATE KEY----- is how a private key begins",
            "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n",
            "SG.1 and SG.Sub-committee.of-the-whole-house-and-of-its-members pcsk_short",
            "pcsk_a_name_that_is_long_and_is_of_words_only_in_lower_case",
            "shelf_life gsk_short hf_model pplx-70b-online xai-grok r8_ AIzaShort",
        ],
    )
    def test_prose_and_ids_are_no_keys(self, harmless: str) -> None:
        """A save stopped for nothing."""
        assert find_secrets(harmless.encode()) == []

    @pytest.mark.parametrize(
        "url",
        [
            "postgres://user:REDACTED@db.acme.net/app",
            "postgres://REDACTED@db.acme.net/app",
            "postgresql://user:password@localhost:5432/db",
            "postgresql+asyncpg://myuser:MyPassw0rd1@db/app",
            "postgres://postgres:mysecretpassword@db.acme.net",
            "postgres://app:9fJ2kQz7XvB4@localhost/app",
            "postgres://app:9fJ2kQz7XvB4@127.0.0.1/app",
            "postgres://app:9fJ2kQz7XvB4@db.example.com/app",
            "mongodb+srv://admin:admin12345@cluster0.mongodb.net",
            "amqp://guest:guest@rabbit:5672//",
            "redis://:${REDIS_PASS}@cache",
            "redis://:$REDIS_KEY_2024@cache",
            "mysql://{user}:{password}@{host}",
            "mysql://%s:%s@%s/%s",
            "https://<user>:<token>@github.com/a/b",
            "postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co",
            "redis://:xxxxxxxxXX12@cache",
            "https://host:8443/path?to=ann@acme.net",
            "https://host:8443/@scope/package",
            "docker://alpine:v3.12.1-rc4@sha256:0f1e2d3c",
            "https://a.net/ and then ratio 1:2kQz7XvB4 ann@acme.net",
            "http://[::1]:8080/x:Ab3dE6gH9j@y",
        ],
    )
    def test_placeholders_in_urls_are_no_passwords(self, url: str) -> None:
        """A save stopped at the URL of an example."""
        assert find_secrets(f'{{"text": "connect to {url} first"}}'.encode()) == []

    @pytest.mark.parametrize(
        "url",
        [
            "postgres://app:{}@db.acme.net:5432/app",
            "postgresql+psycopg2://app:{}@db/app",
            "mongodb+srv://app:{}@cluster0.ab1cd.mongodb.net/?retryWrites=true",
            "redis://:{}@cache:6379/0",
            "https://x-access-token:{}@git.acme.net/a/b.git",
        ],
    )
    @pytest.mark.parametrize("password", ["9fJ2kQz7XvB4", "Tr0ub4dor", "a%2Fb7c-d!e9f"])
    def test_a_password_in_a_url_is_found(self, url: str, password: str) -> None:
        """A database's URL in a prompt took its password into the repository."""
        text = json.dumps({"text": f"DATABASE_URL={url.format(password)}\nDEBUG=1"}).encode()
        (hit,) = find_secrets(text)
        assert hit.kind == "password in a URL"
        response, _ = Redactor([hit.rule]).response(answer(text))
        assert response.body == text.replace(password.encode(), b"REDACTED")

    @settings(deadline=None, max_examples=50)
    @given(st.binary(max_size=3000))
    def test_blobs_in_base64_are_no_keys(self, blob: bytes) -> None:
        """An image, a signature or encrypted reasoning stopped a save."""
        standard, urlsafe = base64.b64encode(blob), base64.urlsafe_b64encode(blob)
        assert find_secrets(b'{"data": "%s", "signature": "%s"}' % (standard, urlsafe)) == []

    @pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.name)
    def test_real_cassettes_are_clean(self, cassette: Path) -> None:
        """A save of a recording that holds no secret would be refused."""
        assert find_secrets(cassette.read_bytes()) == []

    def test_the_real_cassettes_are_there(self) -> None:
        """The test above ran over nothing."""
        assert len(CASSETTES) >= 5


class TestHits:
    KEY = "Zq81-Kx9Lm4Tw7"

    def test_a_hit_tells_line_and_encoding_but_never_the_secret(self) -> None:
        """A report printed the secret, or pointed at another line."""
        text = f"a\nb {self.KEY}\n\nc {basic('x' + self.KEY)}\nd\n".encode()
        hits = find_secrets(text, [self.KEY])
        assert [(hit.kind, hit.line, hit.encoding) for hit in hits] == [
            (KNOWN, 2, "plain"),
            (KNOWN, 4, "base64"),
        ]
        for shown in (repr(hits), *map(str, hits)):
            assert self.KEY not in shown
            assert basic(self.KEY)[:8] not in shown
        assert str(hits[1]).startswith("line 4: credential of this session, base64; ")

    def test_an_empty_value_is_nowhere(self) -> None:
        """A credential without a value stopped every save."""
        assert find_secrets(b"a: b\n", [""]) == []

    def test_a_known_key_with_a_shape_is_one_hit(self) -> None:
        """One secret was reported twice."""
        key = SHAPES[0].examples[0]
        assert [hit.kind for hit in find_secrets(f"key {key}".encode(), [key])] == [KNOWN]

    @pytest.mark.parametrize(
        ("line", "advice"),
        [
            (f"    url: https://host/?a=b&sid={KEY}", 'redact=["query:sid"]'),
            (f'  body: "{{\\"sid\\": \\"Bearer {KEY}\\"}}"', 'redact=["field:sid"]'),
            (f'  body: \'{{"sid":"{KEY}"}}\'', 'redact=["field:sid"]'),
            (f'      data: {{"sid":"{KEY}"}}', 'redact=["field:sid"]'),
        ],
    )
    def test_the_advice_is_a_rule_that_works(self, line: str, advice: str) -> None:
        """A hit advised a rule that does not take the secret out."""
        (hit,) = find_secrets(line.encode(), [self.KEY])
        assert hit.advice == advice

    @pytest.mark.parametrize(
        "line",
        [
            f'  body: "{{\\"message\\": \\"{KEY}\\"}}"',
            f'  body: "{{\\"arguments\\": \\"{{\\\\\\"sid\\\\\\": \\\\\\"{KEY}\\\\\\"}}\\"}}"',
            f"  body: the key {KEY}",
        ],
    )
    def test_a_field_that_no_rule_reaches_is_not_advised(self, line: str) -> None:
        """The advice would redact every message, or nothing at all."""
        (hit,) = find_secrets(line.encode(), [self.KEY])
        assert hit.advice.startswith('redact=["pattern:REGEX"]')

    @settings(deadline=None, max_examples=200)
    @given(keys)
    def test_an_outline_fits_a_key_and_tells_nothing_of_it(self, key: str) -> None:
        """What a command line advises for a file misses the key, or shows a part of it."""
        rule = outline(key)
        request, _ = Redactor([rule] if rule else []).request(ask(body=f"'{key}', x".encode()))
        assert request.body == (b"'REDACTED', x" if rule else f"'{key}', x".encode())
        assert not [run for run in re.findall("[A-Za-z0-9]{4,}", key) if run in rule]

    @pytest.mark.parametrize(
        "value", ["production", "correct-horse", "a b c d e 1 2 3", "Ä1bcdefgh9"]
    )
    def test_words_have_no_outline(self, value: str) -> None:
        """The outline of a password that is a word would take out every word of its length."""
        assert outline(value) == ""

    @pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
    def test_the_pattern_advised_for_a_shape_takes_the_key_out(self, shape) -> None:
        """Following the advice, the save stops again."""
        text = f'{{"text": "my key is {shape.examples[0]}."}}'
        (hit,) = find_secrets(text.encode())
        (rule,) = json.loads(hit.advice.removeprefix("redact="))
        response, _ = Redactor([rule]).response(answer(text.encode()))
        begin, end = next(shape.spans(text.encode()))
        assert response.body.decode() == f"{text[:begin]}REDACTED{text[end:]}"
        assert end - begin >= 8

"""No secret reaches the disk: canaries wherever one can stand, and every byte searched for them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from live import OUR_SETTINGS, WAYS, Way, rest, step
from provider import Answer, Gate, Provider, anthropic_sse, event

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


def canary(place: str) -> str:
    """A secret of its own for a place, of no known shape."""
    return f"Zq7x{hashlib.sha256(place.encode()).hexdigest()[:28]}"


def forms(secret: str) -> Iterator[bytes]:
    """What must not be found of a secret: any half of it, and the whole in other alphabets."""
    half = len(secret) // 2
    yield from (secret[at : at + half].encode() for at in range(len(secret) - half + 1))
    for before in range(3):
        yield base64.b64encode(bytes(before) + secret.encode())[4:-4]
    yield secret.encode().hex().encode()
    yield quote(secret, safe="").encode()
    yield json.dumps(secret).encode()


def holders(folder: Path, *secrets: str) -> list[str]:
    """The files below a folder, journals too, that hold anything of a secret."""
    files = [(file, file.read_bytes()) for file in folder.rglob("*") if file.is_file()]
    wanted = [form for secret in secrets for form in forms(secret)]
    return [file.name for file, data in files if any(form in data for form in wanted)]


@pytest.fixture(name="way", params=[WAYS[0], WAYS[4]], ids=str)
def _way(request: pytest.FixtureRequest) -> Way:
    """What is written does not depend on who calls: one sync client, one async of the other."""
    way: Way = request.param
    return way


@pytest.fixture(name="anyio_backend")
def _backend(way: Way) -> str:
    return way.backend


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUR_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture(name="provider")
def _provider(server: Provider) -> Iterator[Provider]:
    yield server
    server.clear()


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "tape.yaml"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer with canaries in them. `at` goes behind the provider's URL."""

    answer: Answer = field(default_factory=lambda: Answer.json([b"{}"]))
    at: str = "/v1"
    user_info: str = ""
    method: str = "POST"
    request: dict[str, Any] = field(default_factory=dict)

    async def send(self, way: Way, provider: Provider) -> Any:
        url = provider.url.replace("//", f"//{self.user_info}") + self.at
        async with way.client() as client:
            return await client.send(self.method, url, **self.request)


def headers(**pairs: str) -> dict[str, Any]:
    return {"headers": {name.replace("_", "-"): value for name, value in pairs.items()}}


def told(value: object, **fields: Any) -> Answer:
    """An answer in JSON."""
    return Answer.json([json.dumps(value).encode()], **fields)


# --- redacted: the exchange is recorded without it ------------------------------------------------

REDACTED = {
    "authorization": lambda s: Exchange(request=headers(authorization=f"Bearer {s}")),
    "x-api-key": lambda s: Exchange(request=headers(x_api_key=s)),
    "cookie": lambda s: Exchange(request=headers(cookie=f"session={s}; lang=de")),
    "basic auth": lambda s: Exchange(
        request=headers(authorization="Basic " + base64.b64encode(f"me:{s}".encode()).decode())
    ),
    "a header of no list": lambda s: Exchange(request=headers(x_internal_thing=s)),
    "set-cookie": lambda s: Exchange(told({}, headers=[("Set-Cookie", f"sid={s}; Path=/")])),
    "response header": lambda s: Exchange(told({}, headers=[("X-Session-Token", s)])),
    "organisation": lambda s: Exchange(told({}, headers=[("OpenAI-Organization", s)])),
    "location": lambda s: Exchange(Answer.redirect(f"/b?token={s}&page=2")),
    "location with user": lambda s: Exchange(Answer.redirect(f"http://me:{s}@127.0.0.1/b")),
    "user info": lambda s: Exchange(user_info=f"me:{s}@"),
    "query": lambda s: Exchange(at=f"/v1?page=2&key={s}"),
    "query, escaped": lambda s: Exchange(at=f"/v1?api%5Fkey={s}"),
    "request field": lambda s: Exchange(request={"json": {"a": {"apiKey": s, "q": "ü"}}}),
    "response field": lambda s: Exchange(told({"data": [{"access_token": s, "n": 1}]})),
    "escaped field": lambda s: Exchange(
        Answer.json([b'{"client_secret": "%b"}' % "".join(f"\\u{ord(c):04x}" for c in s).encode()])
    ),
    "event": lambda s: Exchange(Answer.sse([event({"client_secret": s}), b"data: [DONE]\n\n"])),
    "event, gzip": lambda s: Exchange(
        Answer.sse([event({"client_secret": s})], content_encoding="gzip")
    ),
    "event in two chunks": lambda s: Exchange(
        Answer.sse([b'data: {"secret": "%b' % s[:9].encode(), b'%b"}\n\n' % s[9:].encode()])
    ),
    "form": lambda s: Exchange(request={"data": {"client_secret": s, "grant": "x"}}),
    "multipart": lambda s: Exchange(
        request={"data": {"api_key": s}, "files": {"file": ("a", b"\xff")}}
    ),
}


@pytest.mark.parametrize("place", REDACTED)
async def test_a_secret_in_a_known_place_is_left_out(
    path: Path, way: Way, provider: Provider, place: str
) -> None:
    """The caller sends and gets the real one; journal and cassette have none of it."""
    secret = canary(place)
    exchange = REDACTED[place](secret)
    provider.script(exchange.answer)
    with ck.use_cassette(path, mode="once") as tape:
        response = await exchange.send(way, provider)
        assert [file.name for file in path.parent.glob("*.part")] == ["tape.yaml.part"]
        assert holders(path.parent, secret) == []
    wire = [response.content, repr(response.headers.raw).encode()]
    sent = provider.requests[0]
    wire += [sent.target.encode(), sent.body, repr(sent.headers).encode()]
    if place not in ("basic auth", "user info", "escaped field"):
        assert any(secret.encode() in part for part in wire)
    assert holders(path.parent, secret) == []
    assert [file.name for file in path.parent.iterdir()] == ["tape.yaml"]
    [recorded] = ck.load(path).interactions
    assert recorded == replace(tape.recorded[0], id=0)
    stream = recorded.response.stream
    assert stream is not None
    assert sum(size for _, size in stream.chunks) == len(recorded.response.body)


@pytest.mark.parametrize(
    "place",
    ["query", "query, escaped", "user info", "request field", "form", "authorization", "cookie"],
)
async def test_replay_works_with_another_key(
    path: Path, way: Way, provider: Provider, place: str
) -> None:
    """The colleague's key differs, and CI has none at all."""
    mine, theirs = canary(place), canary(f"another {place}")
    exchange = REDACTED[place](mine)
    provider.script(told({"a": 1}))
    with ck.use_cassette(path, mode="once"):
        await exchange.send(way, provider)
    with ck.use_cassette(path, mode="replay") as tape:
        assert (await REDACTED[place](theirs).send(way, provider)).json() == {"a": 1}
    assert len(tape.played) == 1


# --- stopped: it stands where only the last search finds it ---------------------------------------


def base64_of(secret: str) -> str:
    return base64.b64encode(f"key: {secret}".encode()).decode()


STOPPED = {
    "error text": (
        lambda s: told({"error": {"message": f"Incorrect API key provided: {s}."}}, status=401),
        'response body: credential of this session; redact=["pattern:REGEX"]',
    ),
    "error field": (
        lambda s: told({"echo": s}),
        'response body: credential of this session; redact=["field:echo"]',
    ),
    "base64": (
        lambda s: told({"seen": base64_of(s)}),
        "response body: credential of this session, base64; before_record can",
    ),
    "binary body": (
        lambda s: Answer(200, [b"\xff\x00" + s.encode()]),
        "response body: credential of this session",
    ),
    "event": (
        lambda s: Answer.sse([event({"delta": {"text": f"your key is {s}"}})]),
        "response body: credential of this session",
    ),
    "gzip": (
        lambda s: Answer(200, [s.encode()], content_encoding="gzip"),
        "response body: credential of this session",
    ),
    "reason phrase": (
        lambda s: told({}, status=401, reason=f"Bad key {s}"),
        "response status: credential of this session",
    ),
    "kept header": (
        lambda s: Answer(200, headers=[("Content-Type", f"text/plain; x={s}")]),
        "response headers: credential of this session",
    ),
}


@pytest.mark.parametrize("place", STOPPED)
@pytest.mark.parametrize("failed", [False, True], ids=["passed", "failed"])
async def test_an_echoed_secret_stops_the_save(
    *,
    path: Path,
    way: Way,
    provider: Provider,
    place: str,
    failed: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where no rule reaches: nothing is written, and the error says where it was, not what."""
    caplog.set_level(logging.DEBUG, "cassette_kit")
    secret = canary(place)
    answer, finding = STOPPED[place]
    provider.script(answer(secret))
    expected = pytest.raises(ZeroDivisionError if failed else ck.CassetteSaveError)
    with expected as caught, ck.use_cassette(path, mode="once") as tape:
        await Exchange(request=headers(authorization=f"Bearer {secret}")).send(way, provider)
        assert holders(path.parent, secret) == []
        assert tape.recorded == []
        if failed:
            raise ZeroDivisionError
    assert list(path.parent.glob("*")) == []
    assert not any(".part" in notice for notice in tape.notices)
    said = f"{caught.value!r} {caplog.text}"
    assert [form for form in forms(secret) if form.decode() in said] == []
    if not failed:
        assert str(caught.value).startswith(
            f"{path}: not written, a secret would have reached the disk:\n"
            f"  POST {provider.url}/v1, {finding}"
        )


@pytest.mark.parametrize("failed", [False, True], ids=["passed", "failed"])
async def test_what_turns_out_to_be_a_secret_later(
    path: Path, way: Way, provider: Provider, failed: bool
) -> None:
    """A text that was journalled already holds what a later request carries as its key."""
    secret = canary("later")
    provider.script(told({"message": f"try {secret}"}), *[told({})] * 2)
    expected = pytest.raises(ZeroDivisionError if failed else ck.CassetteSaveError)
    with expected as caught, ck.use_cassette(path, mode="once") as tape:
        await Exchange().send(way, provider)
        await Exchange(request=headers(x_api_key=secret)).send(way, provider)
        assert holders(path.parent, secret) == []
        await Exchange().send(way, provider)
        if failed:
            raise ZeroDivisionError
    assert holders(path.parent, secret) == []
    assert not path.exists()
    assert [one.response.body for one in tape.recorded] == [b"{}", b"{}"]
    if not failed:
        assert "an exchange before, response body: credential" in str(caught.value)


@pytest.mark.parametrize("comes", ["before", "with it", "after"])
async def test_a_secret_that_a_response_hands_out(
    path: Path, way: Way, provider: Provider, comes: str
) -> None:
    """A token that was redacted where it was issued, and echoed in another place or exchange."""
    secret = canary("issued")
    issued, echo = {"access_token": secret}, {"note": f"use {secret}"}
    bodies = {"before": [echo, issued], "with it": [issued | echo], "after": [issued, echo]}[comes]
    provider.script(*map(told, bodies))
    with pytest.raises(ck.CassetteSaveError, match=r"response body: .* redact=\["):
        with ck.use_cassette(path, mode="once"):
            for _ in bodies:
                await Exchange().send(way, provider)
            assert holders(path.parent, secret) == []
    assert holders(path.parent, secret) == []
    assert not path.exists()


async def test_a_key_in_a_url_that_no_rule_knows(path: Path, way: Way, provider: Provider) -> None:
    """The error must not name the request by the URL that holds it."""
    secret = canary("path")
    exchange = Exchange(at=f"/bot{secret}/send", request=headers(x_api_key=secret))
    provider.script(exchange.answer)
    with pytest.raises(ck.CassetteSaveError, match="a POST request, request url") as caught:
        with ck.use_cassette(path, mode="once"):
            await exchange.send(way, provider)
    assert secret not in str(caught.value)
    assert list(path.parent.glob("*")) == []


async def test_a_key_of_a_known_shape(path: Path, way: Way, provider: Provider) -> None:
    """A key that was pasted into a prompt was never sent as one, and is found by its shape."""
    key = "sk-" + "proj-Kq7ZtP2aVw3XnL9sRb4YdJ5mGc8HfU6eTiKq7ZtP2aVw3X"
    exchange = Exchange(request={"json": {"content": f"my key is {key}"}})
    provider.script(exchange.answer)
    with pytest.raises(ck.CassetteSaveError, match="request body: OpenAI key") as caught:
        with ck.use_cassette(path, mode="once"):
            await exchange.send(way, provider)
    assert key not in str(caught.value)
    assert holders(path.parent, key) == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_secret_that_is_cut_off(path: Path, way: Way, provider: Provider) -> None:
    """A caller that leaves in the middle of a value must not leave half a key behind."""
    secret, held = canary("cut"), Gate()
    first, second = f'data: {{"secret": "{secret[:20]}', f'{secret[20:]}"}}\n\n'
    provider.script(Answer.sse([first.encode(), second.encode()], pauses={1: held}))
    with ck.use_cassette(path, mode="once"):
        async with way.client() as client:
            response = await client.send("POST", provider.url, stream=True)
            assert await step(client.raw(response)) == first.encode()
            await client.close(response)
            held.open()
    [recorded] = ck.load(path).interactions
    assert recorded.response.body == b'data: {"secret": "REDACTED'
    assert holders(path.parent, secret) == []


async def test_a_broken_stream_that_is_kept(path: Path, way: Way, provider: Provider) -> None:
    """`record_errors` keeps what came, redacted like anything else."""
    secret = canary("broken")
    provider.script(Answer.sse([event({"client_secret": secret})] * 2, drop_after=1))
    with ck.use_cassette(path, mode="once", record_errors=True):
        async with way.client() as client:
            with pytest.raises(way.family.RemoteProtocolError):
                await client.send("POST", provider.url)
    [recorded] = ck.load(path).interactions
    assert recorded.response.body == b'data: {"client_secret":"REDACTED"}\n\n'
    assert holders(path.parent, secret) == []


# --- what must stay -------------------------------------------------------------------------------


async def test_what_an_api_needs_back_stays_exact(path: Path, way: Way, provider: Provider) -> None:
    """Signatures of thoughts look like secrets; the next request carries them, and must match."""
    blob = base64.b64encode(hashlib.sha512(b"thought").digest() * 4).decode()
    thought = {"type": "signature_delta", "signature": blob}
    pieces = [event({"delta": thought}), event({"encrypted_content": blob}), *anthropic_sse(["a"])]
    body = {"thoughtSignature": blob, "signature": blob, "encrypted_content": blob}
    provider.script(Answer.sse(pieces), told({"ok": True}))
    with ck.use_cassette(path, mode="once"):
        await Exchange().send(way, provider)
        await Exchange(request={"json": body}).send(way, provider)
    first, second = ck.load(path).interactions
    assert first.response.body == b"".join(pieces)
    assert [chunk.data for chunk in first.response.chunks] == pieces
    assert second.request.json() == body
    with ck.use_cassette(path, mode="replay"):
        assert (await Exchange().send(way, provider)).content == b"".join(pieces)
        assert (await Exchange(request={"json": body}).send(way, provider)).json() == {"ok": True}


# --- options --------------------------------------------------------------------------------------


async def test_rules_of_the_users_own(path: Path, way: Way, provider: Provider) -> None:
    """`redact` reaches both directions, and both sides of a comparison."""
    secrets = {name: canary(name) for name in ("path", "field", "query", "header", "text")}
    rules = ["$.user.email", "field:city", "query:tenant", "header:user-agent", r"pattern:id-(\w+)"]

    def exchange(secret: dict[str, str]) -> Exchange:
        body = {"user": {"email": secret["path"]}, "city": secret["field"]}
        return Exchange(
            told({"note": f"for id-{secret['text']} only"}),
            at=f"/v1?tenant={secret['query']}",
            request={"json": body, **headers(user_agent=secret["header"])},
        )

    provider.script(exchange(secrets).answer)
    with ck.use_cassette(path, mode="once", redact=rules) as tape:
        live = await exchange(secrets).send(way, provider)
    assert secrets["text"] in live.text
    assert holders(path.parent, *secrets.values()) == []
    assert tape.notices == []
    [recorded] = ck.load(path).interactions
    assert recorded.request.json() == {"user": {"email": "REDACTED"}, "city": "REDACTED"}
    assert recorded.response.json() == {"note": "for id-REDACTED only"}
    others = {name: canary(f"another {name}") for name in secrets}
    with ck.use_cassette(path, mode="replay", redact=rules):
        replayed = await exchange(others).send(way, provider)
    assert replayed.json() == {"note": "for id-REDACTED only"}


async def test_a_rule_that_finds_nothing_is_named(path: Path, way: Way, provider: Provider) -> None:
    """A misspelt rule protects nobody."""
    provider.script(told({}))
    with ck.use_cassette(path, mode="once", redact=["field:pasword", "header:accept"]) as tape:
        await Exchange().send(way, provider)
    assert [notice for notice in tape.notices if "'field:pasword'" in notice] == tape.notices != []


async def test_kept_headers(path: Path, way: Way, provider: Provider) -> None:
    """More headers on request, in both directions; a credential among them is still replaced."""
    secret = canary("kept")
    provider.script(told({}, headers=[("X-Request-Id", "7"), ("Set-Cookie", f"sid={secret}")]))
    keep = ["x-request-id", "X-Tag", "Cookie", "set-cookie"]
    with ck.use_cassette(path, mode="once", keep_headers=keep):
        await Exchange(request=headers(x_tag="a", cookie=f"b={secret}")).send(way, provider)
    [recorded] = ck.load(path).interactions
    assert recorded.request.headers["x-tag"] == "a"
    assert recorded.request.headers["cookie"] == "REDACTED"
    assert recorded.response.headers["x-request-id"] == "7"
    assert recorded.response.headers["set-cookie"] == "REDACTED"
    assert holders(path.parent, secret) == []


async def test_before_record(path: Path, way: Way, provider: Provider) -> None:
    """Called once for each interaction, redacted; what it returns is recorded, None is not."""
    seen: list[ck.Interaction] = []

    def edit(interaction: ck.Interaction) -> ck.Interaction | None:
        seen.append(interaction)
        if interaction.request.url.endswith("/drop"):
            return None
        body = interaction.response.body.replace(b"secret plan", b"plan")
        return replace(interaction, response=replace(interaction.response, body=body))

    secret = canary("before")
    provider.script(*(told({"note": "secret plan", "api_key": secret}) for _ in range(2)))
    with ck.use_cassette(path, mode="once", before_record=edit) as tape:
        live = await Exchange().send(way, provider)
        await Exchange(at="/drop").send(way, provider)
    assert live.json() == {"note": "secret plan", "api_key": secret}
    assert [one.response.json()["api_key"] for one in seen] == ["REDACTED"] * 2
    [recorded] = ck.load(path).interactions
    assert recorded.response.json() == {"note": "plan", "api_key": "REDACTED"}
    assert [one.response for one in tape.recorded] == [recorded.response]


async def test_before_record_that_drops_all(path: Path, way: Way, provider: Provider) -> None:
    """Then there is nothing to record, and no file."""
    provider.script(told({}))
    with ck.use_cassette(path, mode="once", before_record=lambda _: None) as tape:
        await Exchange().send(way, provider)
    assert (tape.recorded, list(path.parent.glob("*"))) == ([], [])


def raising(interaction: ck.Interaction) -> ck.Interaction:
    raise KeyError("choices")


def wrong(interaction: ck.Interaction) -> Any:
    return interaction.response


def broken(interaction: ck.Interaction) -> ck.Interaction:
    return replace(interaction, response=replace(interaction.response, headers={"A": "b"}))  # type: ignore[arg-type]


def leaking(interaction: ck.Interaction) -> ck.Interaction:
    body = canary("leaking").encode()
    return replace(interaction, response=replace(interaction.response, body=body))


@pytest.mark.parametrize(
    ("before_record", "reason"),
    [
        (raising, "/v1 was not recorded: before_record raised KeyError: 'choices'"),
        (wrong, "before_record returned Response, expected Interaction or None"),
        (broken, "not recorded: AttributeError"),
        (leaking, "a secret would have reached the disk"),
    ],
)
async def test_before_record_that_goes_wrong(
    *, path: Path, way: Way, provider: Provider, before_record: Any, reason: str
) -> None:
    """The caller gets its answer all the same; leaving the block says what went wrong."""
    provider.script(told({"a": 1}), told({"b": 2}))
    with pytest.raises(ck.CassetteSaveError, match=reason):
        with ck.use_cassette(path, mode="once", before_record=before_record):
            key = headers(x_api_key=canary("leaking"))
            assert (await Exchange(request=key).send(way, provider)).json() == {"a": 1}
    assert list(path.parent.glob("*")) == []


# --- what is said ---------------------------------------------------------------------------------


async def test_a_miss_shows_no_secret(
    path: Path, way: Way, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes to the log of a CI that everybody reads."""
    caplog.set_level(logging.DEBUG, "cassette_kit")
    secret = canary("miss")
    exchange = Exchange(
        at=f"/v1?key={secret}&page=2",
        user_info=f"me:{secret}@",
        request={"json": {"api_key": secret, "q": 1}, **headers(x_api_key=secret)},
    )
    provider.script(exchange.answer)
    with ck.use_cassette(path, mode="once"):
        await exchange.send(way, provider)
    asked = replace(exchange, request={**exchange.request, "json": {"api_key": secret, "q": 2}})
    with pytest.raises(ck.CassetteMiss, match=r"nearest +#0 differs at body \$\.q") as caught:
        with ck.use_cassette(path, mode="replay", match=["method", "url", "body", "headers"]):
            await asked.send(way, provider)
    said = f"{caught.value!r} {vars(caught.value)} {caplog.text}"
    assert [form for form in forms(secret) if form.decode() in said] == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_truncated_stream_shows_no_secret(path: Path, way: Way, provider: Provider) -> None:
    """The alarm names the request, with its key taken out."""
    secret, held = canary("truncated"), Gate()
    url = f"{provider.url}/v1?key={secret}"
    provider.script(Answer.sse([b"data: 1\n\n"] * 2, pauses={1: held}))
    async with way.client() as client:
        with ck.use_cassette(path, mode="once"):
            response = await client.send("GET", url, stream=True)
            await step(client.raw(response))
            await client.close(response)
            held.open()
        with pytest.raises(ck.CassetteTruncated) as caught:
            with ck.use_cassette(path, mode="replay"):
                response = await client.send("GET", url, stream=True)
                await rest(client.raw(response))
    assert secret not in str(caught.value)


async def test_a_call_on_a_closed_tape_shows_no_secret(
    path: Path, way: Way, provider: Provider
) -> None:
    """The alarm names the request, with its key taken out."""
    secret = canary("closed")
    with ck.use_cassette(path, mode="replay") as tape:
        transport = tape.transport(way.family)
    async with way.client(transport=transport) as client:
        with pytest.raises(ck.CassetteBlocked) as caught:
            await client.send("GET", f"{provider.url}/v1?key={secret}")
    assert secret not in str(caught.value)


def test_a_call_of_no_tape_shows_no_secret(tmp_path: Path) -> None:
    """The alarm of a thread that cannot be told to belong to a tape names no query."""
    secret = canary("thread")
    caught: list[BaseException] = []

    def call() -> None:
        try:
            with httpx.Client(verify=False) as client:
                client.get(f"http://me:{secret}@127.0.0.1:9/v1?key={secret}")
        except ck.CassetteBlocked as alarm:
            caught.append(alarm)

    with contextlib.suppress(ck.CassetteBlocked):
        with ck.use_cassette(tmp_path / "a.yaml"), ck.use_cassette(tmp_path / "b.yaml"):
            thread = threading.Thread(target=call)
            thread.start()
            thread.join()
    [alarm] = caught
    assert str(alarm).startswith("GET http://127.0.0.1:9/v1 belongs to no cassette")
    assert secret not in str(alarm)

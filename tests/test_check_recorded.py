"""Nothing is found in what the recorder itself writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import openai
import pytest
from live import OUR_SETTINGS
from provider import ENCODERS, Answer, Provider, anthropic_sse, openai_chat_json, openai_chat_sse
from sdk_calls import without_settings

import cassette_kit as ck
from cassette_kit.checks import Finding, check, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = ["Zü", "rich", " 🎡"]
SECRET = "Zq81-Kx9Lm4Tw7"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUR_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    without_settings(monkeypatch)


@pytest.fixture(name="provider")
def _provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def findings(path: Path) -> list[Finding]:
    return check(read(str(path), path.read_bytes()))


@pytest.mark.parametrize("mode", ["once", "new_episodes", "rewrite"])
@pytest.mark.parametrize("family", [httpx, httpx2], ids=lambda family: family.__name__)
def test_each_mode(mode: str, family: Any, provider: Provider, tmp_path: Path) -> None:
    """JSON, streams, retries, forms, keys in URLs and headers, recorded twice into one file."""
    path = tmp_path / "x.yaml"
    for _ in range(2):
        provider.script(
            Answer.rate_limited(),
            Answer.json(openai_chat_json("Hello")),
            Answer.sse(anthropic_sse(TEXTS)),
            Answer.json([b'{"access_token": "%s"}' % SECRET.encode()]),
        )
        with ck.use_cassette(path, mode=mode), family.Client(trust_env=False) as client:
            url = f"{provider.url}/v1?key={SECRET}"
            for _ in range(2):
                client.post(url, json={"q": 1}, headers={"Authorization": f"Bearer {SECRET}"})
            with client.stream("POST", url, json={"stream": True}) as response:
                response.read()
            client.post(f"{provider.url}/token", data={"client_secret": SECRET})
        provider.clear()
    assert len(ck.load(path).interactions) == 4
    assert findings(path) == []


@pytest.mark.parametrize("encoding", [name for name in ENCODERS if name])
def test_each_encoding(encoding: str, provider: Provider, tmp_path: Path) -> None:
    """A body that came compressed is stored decoded, with sizes that add up."""
    path = tmp_path / "x.yaml"
    provider.script(Answer.sse(openai_chat_sse(TEXTS), content_encoding=encoding))
    with ck.use_cassette(path, mode="once"):
        httpx2.get(provider.url, headers={"Accept-Encoding": encoding}, trust_env=False)
    assert ck.load(path).interactions[0].response.uncompressed
    assert findings(path) == []


def test_an_sdk_that_retries(provider: Provider, tmp_path: Path) -> None:
    """It leaves the body of an error unread, and stops at `[DONE]`; neither cuts a recording."""
    path = tmp_path / "x.yaml"
    provider.script(Answer.rate_limited(), Answer.sse(openai_chat_sse(TEXTS)))
    client = openai.OpenAI(api_key="none", base_url=f"{provider.url}/v1")
    with ck.use_cassette(path, mode="once"):
        heard = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Where?"}], stream=True
        )
        assert len(list(heard)) > 2
    limited, answer = ck.load(path).interactions
    assert (limited.response.status_code, answer.response.status_code) == (429, 200)
    assert findings(path) == []


def test_streams_that_were_left(provider: Provider, tmp_path: Path) -> None:
    """What a program left, or a server broke, is told as what it is, once each."""
    path = tmp_path / "x.yaml"
    provider.script(
        Answer.sse(openai_chat_sse(TEXTS)),
        Answer.sse(openai_chat_sse(TEXTS), drop="reset", drop_after=2),
    )
    with ck.use_cassette(path, mode="once", record_errors=True):
        with httpx.Client(trust_env=False) as client:
            with client.stream("POST", provider.url, json={"q": 1}) as response:
                next(response.iter_raw())
            with pytest.raises(httpx.TransportError):
                client.post(provider.url, json={"q": 2})
    assert [(one.code, one.interaction) for one in findings(path)] == [
        ("truncated", 0),
        ("truncated", 1),
    ]

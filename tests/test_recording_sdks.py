"""Real SDKs record from a scripted provider token by token, and hear the same events on replay."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anthropic
import groq
import openai
import pytest
from live import OUR_SETTINGS
from provider import Answer, Gate, Provider, anthropic_sse, groq_sse, openai_chat_sse
from sdk_calls import without_settings

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.anyio

TEXTS = ["Zü", "rich", " 🎡"]
ASK: Any = [{"role": "user", "content": "Where?"}]
KEY = "sk-none"


@dataclass(frozen=True)
class Sdk:
    """An SDK, its clients, what they ask, and the pieces of the stream that answers."""

    module: ModuleType
    client: Callable[..., Any]
    async_client: Callable[..., Any]
    ask: Callable[[Any], Any]
    pieces: list[bytes]
    root: str = ""


def chat(client: Any) -> Any:
    return client.chat.completions.create(model="m", messages=ASK, stream=True)


def message(client: Any) -> Any:
    return client.messages.create(model="m", messages=ASK, stream=True, max_tokens=9)


SDKS = {
    "openai": Sdk(
        openai, openai.OpenAI, openai.AsyncOpenAI, chat, openai_chat_sse(TEXTS), root="/v1"
    ),
    "anthropic": Sdk(
        anthropic, anthropic.Anthropic, anthropic.AsyncAnthropic, message, anthropic_sse(TEXTS)
    ),
    "groq": Sdk(groq, groq.Groq, groq.AsyncGroq, chat, groq_sse(TEXTS)),
}


class Listener:
    """A stream of an SDK, sync or async, read event by event."""

    def __init__(self, sdk: Sdk, provider: Provider, *, is_async: bool) -> None:
        make = sdk.async_client if is_async else sdk.client
        self._client = make(api_key=KEY, base_url=provider.url + sdk.root)
        self._ask = sdk.ask
        self._is_async = is_async
        self.stream: Any = None

    async def start(self) -> None:
        reply = self._ask(self._client)
        self.stream = await reply if self._is_async else reply

    async def hear(self) -> Any:
        """The next event as plain data; None at the end."""
        if self._is_async:
            heard = await anext(self.stream, None)
        else:
            heard = next(self.stream, None)
        return heard and heard.model_dump()

    async def hear_all(self) -> list[Any]:
        await self.start()
        found = []
        while (heard := await self.hear()) is not None:
            found.append(heard)
        return found

    async def leave(self) -> None:
        left = self.stream.close()
        if self._is_async:
            await left

    async def end(self) -> None:
        ended = self._client.close()
        if self._is_async:
            await ended


@pytest.fixture(name="anyio_backend")
def _backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    without_settings(monkeypatch)
    for name in OUR_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="provider")
def _provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(name="sdk", params=SDKS)
def _sdk(request: pytest.FixtureRequest) -> Sdk:
    return SDKS[request.param]


@pytest.fixture(name="listener", params=[False, True], ids=["sync", "async"])
async def _listener(
    request: pytest.FixtureRequest, sdk: Sdk, provider: Provider
) -> AsyncIterator[Listener]:
    listener = Listener(sdk, provider, is_async=request.param)
    yield listener
    await listener.end()


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "tape.yaml"


def only_response(path: Path) -> ck.Response:
    [interaction] = ck.load(path).interactions
    return interaction.response


async def test_token_by_token(
    path: Path,
    sdk: Sdk,
    provider: Provider,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each token is heard before the next is sent; pieces and delays are those of the provider;
    replay gives the program the same events in the same pieces."""
    now_ns = 10**12
    monkeypatch.setattr(time, "monotonic_ns", lambda: now_ns)
    gates = [Gate(f"piece {number}") for number in range(len(sdk.pieces))]
    provider.script(Answer.sse(sdk.pieces, pauses=dict(enumerate(gates)), content_encoding="gzip"))
    live = []
    with ck.use_cassette(path, mode="once"):
        await listener.start()
        for number, gate in enumerate(gates):
            await gate.reached.wait_async()
            now_ns += (50 + number) * 10**6
            gate.open()
            if (heard := await listener.hear()) is not None:
                live.append(heard)
        assert await listener.hear() is None
    assert [str(live).count(text) for text in TEXTS] == [1, 1, 1]
    response = only_response(path)
    assert [chunk.data for chunk in response.chunks] == sdk.pieces
    assert [chunk.delay_ms for chunk in response.chunks] == provider.delays_ms()
    assert provider.delays_ms() == [50 + number for number in range(len(gates))]
    assert response.stream is not None
    assert response.stream.end == "complete"
    with ck.use_cassette(path, mode="replay"):
        assert await listener.hear_all() == live
    assert len(provider.requests) == 1


@pytest.mark.parametrize("sdk", [SDKS["openai"]], ids=["openai"])
async def test_an_sdk_that_leaves_at_its_last_event(
    path: Path, sdk: Sdk, provider: Provider, listener: Listener
) -> None:
    """The server has not ended the stream when the SDK closes it at `[DONE]`: it is complete."""
    held = Gate("end")
    provider.script(Answer.sse(sdk.pieces, pauses={len(sdk.pieces): held}))
    with ck.use_cassette(path, mode="once"):
        live = await listener.hear_all()
        await listener.leave()
        assert not held.is_open
    stream = only_response(path).stream
    assert stream is not None
    assert stream.end == "complete"
    with ck.use_cassette(path, mode="replay") as tape:
        assert await listener.hear_all() == live
    assert tape.misses == []


async def test_a_program_that_has_heard_enough(
    path: Path, sdk: Sdk, provider: Provider, listener: Listener
) -> None:
    """It plays back as far as it was heard; who then reads on is told, and no end is made up."""
    held = Gate("later")
    provider.script(Answer.sse(sdk.pieces, pauses={3: held}))
    with ck.use_cassette(path, mode="once"):
        await listener.start()
        live = [await listener.hear() for _ in range(3)]
        await listener.leave()
        held.open()
    with ck.use_cassette(path, mode="replay"):
        await listener.start()
        assert [await listener.hear() for _ in range(3)] == live
        await listener.leave()
    with pytest.raises(ck.CassetteTruncated):
        with ck.use_cassette(path, mode="replay"):
            await listener.hear_all()


async def test_retries_of_an_sdk(
    path: Path, sdk: Sdk, provider: Provider, listener: Listener
) -> None:
    """Two rate limits and an answer are three interactions, and are retried again on replay."""
    provider.script(Answer.rate_limited(), Answer.rate_limited(), Answer.sse(sdk.pieces))
    with ck.use_cassette(path, mode="once"):
        live = await listener.hear_all()
    taped = ck.load(path).interactions
    assert [one.response.status_code for one in taped] == [429, 429, 200]
    assert taped[0].response.headers["retry-after"] == "20"
    with ck.use_cassette(path, mode="replay") as tape:
        assert await listener.hear_all() == live
    assert (len(tape.played), len(provider.requests)) == (3, 3)


async def test_a_stream_that_breaks(
    path: Path, sdk: Sdk, provider: Provider, listener: Listener
) -> None:
    """The program sees the break; kept on request, it breaks at the same place again."""
    provider.script(Answer.sse(sdk.pieces, drop_after=3))
    tellings = []
    for mode in ("once", "replay"):
        heard = []
        with ck.use_cassette(path, mode=mode, record_errors=True):
            await listener.start()
            with pytest.raises(Exception, match=r"peer closed|upstream broke|Connection") as caught:
                while (event := await listener.hear()) is not None:
                    heard.append(event)
        tellings.append((heard, type(caught.value)))
    assert tellings[0] == tellings[1]
    assert len(tellings[0][0]) == 3


async def test_a_refusal(path: Path, sdk: Sdk, provider: Provider, listener: Listener) -> None:
    """The error that an SDK makes of a 400 is the same on replay, text and all."""
    error = b'{"type": "error", "error": {"type": "invalid_request_error", "message": "No."}}'
    provider.script(Answer.json([error], status=400, reason="Nope"))
    told = []
    for mode in ("once", "replay"):
        with ck.use_cassette(path, mode=mode):
            with pytest.raises(sdk.module.BadRequestError) as caught:
                await listener.start()
            told.append((str(caught.value), caught.value.response.reason_phrase))
    assert told[0] == told[1]
    assert "No." in told[0][0]

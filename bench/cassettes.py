"""The cassettes that are measured on, as values, and as files of each tool that reads them."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cassette_kit as ck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parents[1]
URL = "https://api.example.com/v1/chat/completions"
JSON_TYPE = "application/json"
SENT = ck.Headers(
    [
        ("Accept", JSON_TYPE),
        ("Content-Type", JSON_TYPE),
        ("User-Agent", "OpenAI/Python 3.52.0"),
    ]
)
JSON = ck.Headers([("Content-Type", JSON_TYPE)])
EVENT = (
    'data: {{"id":"chatcmpl-{:029}","object":"chat.completion.chunk","created":1758793281,'
    '"model":"kimi-k2-instruct-0905","system_fingerprint":"fp_6e6ff3688b","choices":[{{"index":0,'
    '"delta":{{"content":"token {} it\'s"}},"logprobs":null,"finish_reason":null}}],"usage":null,'
    '"x_provider":{{"id":"req_01k603zbxyf6p8g3mykyjr8ayv"}}}}\n\n'
)
EMOJI = "\U0001f600"


@dataclass(frozen=True)
class Case:
    """One or more cassettes that are measured together; `make` gives their texts."""

    name: str
    make: Callable[[], list[bytes]]

    @cached_property
    def files(self) -> list[bytes]:
        """Version-2 files."""
        return self.make()

    @cached_property
    def cassettes(self) -> list[ck.Cassette]:
        return [ck.loads(data) for data in self.files]

    @property
    def title(self) -> str:
        """The name with the size of all files."""
        return f"{self.name}, {megabytes(sum(map(len, self.files)))}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.2g} MB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def asking(body: bytes, response: ck.Response) -> ck.Interaction:
    request = ck.Request("POST", URL, SENT, body, host="api.example.com", content_length=len(body))
    return ck.Interaction(request, response)


def took_ns(number: int) -> int:
    """A duration of its own for each answer, as those of real ones are."""
    return 204_000_000 + number * 7_654_321 % 3_000_000_000


def small(number: int) -> ck.Interaction:
    """Without a date: with more headers cassetter takes 4,000 for an attack, and reads nothing."""
    body = b'{"id":"x","choices":[{"message":{"content":"hello"}}],"n":%d}' % number
    response = ck.Response(200, JSON, body, status="200 OK", duration_ns=took_ns(number))
    return asking(b'{"model":"m","messages":[{"role":"user","content":"%d"}]}' % number, response)


def streamed(number: int, events: int, emoji: str = "") -> ck.Interaction:
    """A stream whose chunks, an event each, were recorded with sizes and times."""
    pieces = [EVENT.format(number, f"{n}{emoji}").encode() for n in range(events)]
    stream = ck.Stream("complete", tuple((3, len(piece)) for piece in pieces))
    headers = [
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Date", f"Tue, 04 Nov 2025 10:{number // 60 % 60:02}:{number % 60:02} GMT"),
        ("X-Request-Id", f"req_{number * 2_654_435_761 % 2**64:016x}"),
    ]
    response = ck.Response(
        200,
        ck.Headers(headers),
        b"".join(pieces),
        status="200 OK",
        duration_ns=took_ns(number),
        stream=stream,
    )
    return asking(b'{"model":"m","stream":true,"n":%d}' % number, response)


def with_crlf(interaction: ck.Interaction) -> ck.Interaction:
    """The same with lines that end as Gemini's do, which takes quotes and escapes."""
    body = interaction.response.body.replace(b"\n", b"\r\n")
    return replace(interaction, response=replace(interaction.response, body=body, stream=None))


def with_image(size: int) -> ck.Interaction:
    """A request that carries so many bytes in base64."""
    data = base64.b64encode(random.Random(0).randbytes(size * 3 // 4))
    return asking(b'{"image":"%b"}' % data, small(0).response)


def written(interactions: Iterable[ck.Interaction]) -> bytes:
    return ck.dumps(ck.Cassette(tuple(interactions)))


def one_file(name: str, interactions: Callable[[], Iterable[ck.Interaction]]) -> Case:
    return Case(name, lambda: [written(interactions())])


def real_files() -> list[bytes]:
    paths = [*ROOT.glob("cassettes/*.yaml"), *ROOT.glob("tests/cassettes/**/*.yaml")]
    return [path.read_bytes() for path in sorted(paths)]


TINY = one_file("tiny: 2 x 40 events", lambda: (streamed(n, 40) for n in range(2)))
STREAMS = one_file("100 x 100 events", lambda: (streamed(n, 100) for n in range(100)))
SMALL = one_file("4,000 small JSON", lambda: map(small, range(4000)))
LONG = one_file("one stream of 10 MB", lambda: [streamed(0, 29_000)])
IMAGE = one_file("a request with an image of 5 MB", lambda: [with_image(5_000_000)])
LARGE = one_file("1,000 x 100 events", lambda: (streamed(n, 100) for n in range(1000)))
CRLF = one_file("100 x 100 events, CRLF", lambda: (with_crlf(streamed(n, 100)) for n in range(100)))
EMOJIS = one_file("100 x 100 events, emoji", lambda: (streamed(n, 100, EMOJI) for n in range(100)))
REAL = Case("the cassettes of the tests", real_files)

QUICK = (TINY, STREAMS, REAL)
FULL = (TINY, STREAMS, SMALL, LONG, IMAGE, LARGE, CRLF, EMOJIS, REAL)

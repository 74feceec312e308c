"""Makes view-light.png and view-dark.png beside this file: python docs/images/view.py

Needs the extra `view`, playwright, and Chromium at /usr/bin/chromium.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import tempfile
import zlib
from itertools import cycle
from pathlib import Path

from playwright.sync_api import sync_playwright

import cassette_kit as ck
from cassette_kit.model import Headers, Request, Response, Stream
from cassette_kit.viewer import write_page

HERE = Path(__file__).parent
SHOTS = {"light": "1/events/41", "dark": "0"}
SIZE = {"width": 1200, "height": 860}

JSON = Headers([("Content-Type", "application/json"), ("User-Agent", "OpenAI/Python 3.52.0")])
SSE = Headers([("Content-Type", "text/event-stream"), ("Date", "Fri, 20 Nov 2026 09:12:44 GMT")])
USAGE = {"prompt_tokens": 371, "prompt_tokens_details": {"cached_tokens": 256}}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {}}}
CALL = {
    "id": "call_7Hq2",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Florence", "unit": "C"}'},
}
ANSWER = (
    "It is 23.5 °C and clear in Florence, with hardly any wind, so yes: an evening walk along the "
    "Arno will be pleasant.\n\nTake a light jacket for the way back, since it cools down to about "
    "17 °C after ten o'clock. The Piazzale Michelangelo has the best view of the sunset, which is "
    "at 18:42 today."
)


def sunset(width: int = 240, height: int = 132) -> str:
    """A PNG in base64: a sun over hills."""
    rows = b"".join(
        b"\0" + b"".join(_pixel(x, y, height) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return base64.b64encode(png).decode()


def _pixel(x: int, y: int, height: int) -> bytes:
    if y > height * 0.72 + abs((x % 120) - 60) * 0.3:
        return bytes((92, 58, 46))
    if (x - 170) ** 2 + (y - 62) ** 2 < 500:
        return bytes((255, 226, 140))
    return bytes((236 - y // 2, 150 + y // 4, 110 + y // 2))


def streamed(deltas: list[dict[str, object]], finish: str, waits: dict[int, int]) -> Response:
    """An answer in chunks, one a delta; `waits` are the long ones."""
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    chunks.append({"choices": [], "usage": USAGE | {"completion_tokens": 24 + len(deltas)}})
    named = [{"object": "chat.completion.chunk", "model": "gpt-5-mini", **one} for one in chunks]
    pieces = [f"data: {json.dumps(one, ensure_ascii=False)}\n\n".encode() for one in named]
    delays = [
        waits.get(at, usual)
        for at, usual in zip(range(len(pieces)), cycle((18, 25, 0, 31, 12, 40)))
    ]
    sizes = tuple(zip(delays, map(len, pieces), strict=True))
    stream = Stream("complete", sizes)
    took = 612_331_000
    return Response(200, SSE, b"".join(pieces), status="200 OK", duration_ns=took, stream=stream)


def asked(messages: list[dict[str, object]]) -> Request:
    body = {"model": "gpt-5-mini", "messages": messages, "stream": True, "tools": [TOOL]}
    return Request(
        "POST", "https://api.openai.com/v1/chat/completions", JSON, json.dumps(body).encode()
    )


def conversation() -> ck.Cassette:
    """A question with a picture, a tool's answer, the model's answer."""
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{sunset()}"}}
    question = "Is it warm enough for an evening walk here? The photo is from Florence."
    start: list[dict[str, object]] = [
        {"role": "system", "content": "You are a travel assistant. Call get_weather first."},
        {"role": "user", "content": [{"type": "text", "text": question}, image]},
    ]
    weather = '{"temperature": 23.5, "unit": "C", "sky": "clear", "wind_kmh": 7}'
    told: list[dict[str, object]] = [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_7Hq2", "content": weather},
    ]
    calls: list[dict[str, object]] = [{"role": "assistant"}, {"tool_calls": [{"index": 0, **CALL}]}]
    words: list[dict[str, object]] = [{"content": word} for word in re.findall(r"\s*\S+", ANSWER)]
    return ck.Cassette(
        (
            ck.Interaction(asked(start), streamed(calls, "tool_calls", {0: 280})),
            ck.Interaction(
                asked(start + told),
                streamed([{"role": "assistant"}, *words], "stop", {0: 310, 23: 640, 44: 820}),
            ),
        )
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        cassette = Path(folder, "test_evening_walk.yaml")
        ck.dump(conversation(), cassette)
        html = write_page(Path(folder, "page.html"), cassette)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme, place in SHOTS.items():
            tab = browser.new_page(viewport=SIZE, color_scheme=scheme)
            tab.goto(f"{html.as_uri()}#{place}")
            tab.screenshot(path=HERE / f"view-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()

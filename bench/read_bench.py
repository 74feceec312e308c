"""What reading and writing a cassette costs, beside PyYAML with libyaml doing the same.

    python bench/read_bench.py [SECONDS]

`load` builds every object, `open` is what a replaying tape does. `save new` writes interactions that
no file holds yet, `save more` one of them behind those of a loaded file. Prints ratios of one run:
all sides take turns for some SECONDS a row, and each ratio is that of the medians of processor time.
Peak memory is that of a process of its own, less what it needs for a tiny file.
"""

from __future__ import annotations

import base64
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

import cassette_kit as ck
from cassette_kit import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "https://api.example.com/v1/chat/completions"
SENT = ck.Headers(
    [
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("User-Agent", "OpenAI/Python 3.52.0"),
    ]
)
JSON = ck.Headers([("Content-Type", "application/json")])
SSE = ck.Headers(
    [
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Date", "Tue, 04 Nov 2025 10:00:00 GMT"),
        ("X-Request-Id", "req_0123456789abcdef"),
    ]
)
EVENT = (
    'data: {{"id":"chatcmpl-{:029}","object":"chat.completion.chunk","created":1758793281,'
    '"model":"kimi-k2-instruct-0905","system_fingerprint":"fp_6e6ff3688b","choices":[{{"index":0,'
    '"delta":{{"content":"token {} it\'s"}},"logprobs":null,"finish_reason":null}}],"usage":null,'
    '"x_provider":{{"id":"req_01k603zbxyf6p8g3mykyjr8ayv"}}}}\n\n'
)
CASSETTES = Path(__file__).parent.parent
IN_A_PROCESS = (
    "import resource, sys, msgspec; from cassette_kit import formats\n"
    "for path in sys.argv[2:]:\n"
    "    read = getattr(formats, sys.argv[1])(open(path, 'rb').read(), origin=path)\n"
    "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
)


def asking(body: bytes, response: ck.Response) -> ck.Interaction:
    request = ck.Request("POST", URL, SENT, body, host="api.example.com", content_length=len(body))
    return ck.Interaction(request, response)


def small(number: int) -> ck.Interaction:
    body = b'{"id":"x","choices":[{"message":{"content":"hello"}}],"n":%d}' % number
    response = ck.Response(200, JSON, body, status="200 OK", duration_ns=1_204_000_000)
    return asking(b'{"model":"m","messages":[{"role":"user","content":"%d"}]}' % number, response)


def streamed(number: int, events: int, emoji: str = "") -> ck.Interaction:
    pieces = [EVENT.format(number, f"{n}{emoji}").encode() for n in range(events)]
    stream = ck.Stream("complete", tuple((3, len(piece)) for piece in pieces))
    response = ck.Response(
        200, SSE, b"".join(pieces), status="200 OK", duration_ns=1_204_000_000, stream=stream
    )
    return asking(b'{"model":"m","stream":true,"n":%d}' % number, response)


def with_crlf(interaction: ck.Interaction) -> ck.Interaction:
    """The same with lines that end as Gemini's do, which takes quotes and escapes."""
    body = interaction.response.body.replace(b"\n", b"\r\n")
    return replace(interaction, response=replace(interaction.response, body=body, stream=None))


def image() -> ck.Interaction:
    data = base64.b64encode(random.Random(0).randbytes(3_750_000))
    return replace(small(0), request=asking(b'{"image":"%b"}' % data, small(0).response).request)


def cases() -> Iterator[tuple[str, list[bytes]]]:
    yield "tiny: 2 x 40 events", [written(streamed(n, 40) for n in range(2))]
    yield "100 x 100 events", [written(streamed(n, 100) for n in range(100))]
    yield "4,000 small JSON", [written(small(n) for n in range(4000))]
    yield "one stream of 10 MB", [written([streamed(0, 33_000)])]
    yield "one image of 5 MB in a request", [written([image()])]
    yield "33 MB: 1,000 x 100 events", [written(streamed(n, 100) for n in range(1000))]
    yield "100 x 100 events with CRLF", [written(with_crlf(streamed(n, 100)) for n in range(100))]
    yield (
        "100 x 100 events with emoji",
        [written(streamed(n, 100, "\U0001f600") for n in range(100))],
    )
    paths = sorted(CASSETTES.rglob("cassettes/**/*.yaml"))
    yield f"the {len(paths)} cassettes of this repository", [path.read_bytes() for path in paths]


def written(interactions: Iterator[ck.Interaction] | list[ck.Interaction]) -> bytes:
    return ck.dumps(ck.Cassette(tuple(interactions)))


def sides(files: list[bytes]) -> dict[str, Callable[[], object]]:
    trees = [yaml.load(data, yaml.CSafeLoader) for data in files]
    loaded = [ck.loads(data) for data in files]
    new = [unsourced(cassette) for cassette in loaded]
    more = [replace(c, interactions=(*c.interactions, small(0))) for c in loaded]
    return {
        "CSafeLoader": lambda: [yaml.load(data, yaml.CSafeLoader) for data in files],
        "load": lambda: [ck.loads(data) for data in files],
        "open": lambda: [formats.opened(data, origin="x") for data in files],
        "CSafeDumper": lambda: [yaml_text(tree) for tree in trees],
        "save new": lambda: [ck.dumps(cassette) for cassette in new],
        "save more": lambda: [ck.dumps(cassette) for cassette in more],
        "save unchanged": lambda: [ck.dumps(cassette) for cassette in loaded],
    }


def unsourced(cassette: ck.Cassette) -> ck.Cassette:
    return ck.Cassette(tuple(replace(one, source=None) for one in cassette.interactions))


def yaml_text(tree: object) -> bytes:
    return yaml.dump(
        tree, Dumper=yaml.CSafeDumper, encoding="utf-8", sort_keys=False, width=1 << 30
    )


def medians(takes: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in takes}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["load"]) < 3:
        for name, take in takes.items():
            start = time.process_time()
            take()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def peak_ratio(how: str, data: bytes) -> float:
    """Memory that reading takes at its peak, the bytes of the file included, in sizes of the file."""
    with tempfile.TemporaryDirectory() as folder:
        tiny, file = Path(folder, "tiny.yaml"), Path(folder, "file.yaml")
        tiny.write_bytes(written([small(0), with_crlf(streamed(0, 1))]))
        file.write_bytes(data)
        command = [sys.executable, "-c", IN_A_PROCESS, how, str(tiny), str(file)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after = map(int, result.stdout.split())
    return (after - before) * (1 if sys.platform == "darwin" else 1024) / len(data)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    print("| what | MB | CSafeLoader | load | open | CSafeDumper | save new | more | unchanged |")
    print("|---|---|---|---|---|---|---|---|---|")
    memory = []
    for name, files in cases():
        size = sum(map(len, files))
        took = medians(sides(files), seconds)
        reading, writing = took["CSafeLoader"], took["CSafeDumper"]
        ratios = [f"{took[side] / reading:.3f}" for side in ("load", "open")]
        ratios += [f"{writing * 1e3:.2f} ms"]
        saves = ("save new", "save more", "save unchanged")
        ratios += [f"{took[side] / writing:.3f}" for side in saves]
        print(f"| {name} | {size / 1e6:.2f} | {reading * 1e3:.2f} ms | {' | '.join(ratios)} |")
        if size > 5e6:
            peaks = [f"{peak_ratio(how, files[0]):.2f}" for how in ("opened", "loads")]
            memory.append(f"| {name} | {' | '.join(peaks)} |")
    print("\n| peak memory, in sizes of the file | open | load |\n|---|---|---|")
    print("\n".join(memory))


if __name__ == "__main__":
    main()

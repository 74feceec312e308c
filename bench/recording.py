"""Record one more call

A cassette is opened in mode `new_episodes`, a call that it does not hold goes to a server on
loopback, and the cassette is closed and saved. Timed is the thread that does so, without the
server's work. The file is put back before each take; afterwards it must hold one recording more.
"""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any

import cassette_kit as ck
from bench import cassettes
from bench.measuring import Row, Side
from bench.tools import TOOLS, Tool, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent

X_AXIS = "recordings in the file"
NEW = {
    "vcrpy": {"record_mode": "new_episodes"},
    "cassetter": {"record_mode": "new_episodes"},
    "cassette_kit": {"mode": "new_episodes"},
}
MARK = b"a call that is not recorded yet"


class Answering(BaseHTTPRequestHandler):
    """Answers every request with the same JSON."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"answer":"%b"}' % MARK
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def rows(extent: Extent) -> Iterator[Row]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        for count in extent.counts:
            with TemporaryDirectory() as folder:
                yield row(count, f"http://127.0.0.1:{server.server_port}/", Path(folder))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def row(count: int, url: str, folder: Path) -> Row:
    held = ck.Cassette(tuple(map(cassettes.small, range(count))))
    sides = {name: side(name, tool, held, url, folder) for name, tool in TOOLS.items()}
    return Row(f"behind {count:,} small JSON", sides, 1, x=count)


def side(name: str, tool: Tool, held: ck.Cassette, url: str, folder: Path) -> Side:
    path = folder / f"{name}.yaml"
    tool.write(path, held)
    before = path.read_bytes()
    request = ck.Request("POST", url, cassettes.JSON, b'{"new":true}')

    def take() -> float:
        path.write_bytes(before)
        start = time.thread_time()
        with tool.opened(path, **options):
            sent(request)
        return time.thread_time() - start

    def answer() -> int:
        take()
        return path.read_bytes().count(MARK)

    options: dict[str, Any] = NEW[name]
    return Side(take, answer)

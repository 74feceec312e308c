"""HTTP/2 over TLS; the packages h2 and trustme are imported where they are used."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
from typing import TYPE_CHECKING, Any, cast

from provider.exchanges import Received
from provider.server import Provider

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Iterator

    from provider.answers import Answer, Drop, Pairs

HTTP1_ONLY = {"connection", "transfer-encoding"}


class Http2Provider(Provider):
    """The same over HTTP/2 and TLS; needs the packages h2 (as `httpx[http2]` does) and trustme.

    `httpx.Client(http2=True, verify=provider.client_tls)`. `framing="length"` adds the header, the
    other framings nothing. `drop="reset"` resets the stream, "close" the whole connection. httpx
    does not tell the server when it leaves a stream; only closing the client is a disconnect.
    """

    scheme = "https"

    def __init__(self) -> None:
        super().__init__()
        trustme = importlib.import_module("trustme")
        authority = trustme.CA()
        self.client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self.client_tls)
        self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server_tls.set_alpn_protocols(["h2"])
        authority.issue_cert("127.0.0.1").configure_cert(self._server_tls)

    def _tls(self) -> ssl.SSLContext:
        return self._server_tls

    async def _converse(self, reader: StreamReader, writer: StreamWriter, connection: int) -> None:
        link = Http2Link(writer)
        async with asyncio.TaskGroup() as exchanges:
            while data := await read_some(reader):
                for stream in link.feed(data):
                    received = stream.received(connection)
                    exchanges.create_task(self._exchange(received, stream))
                await link.flush()
            link.lose()


async def read_some(reader: StreamReader) -> bytes:
    """What has come in; empty where the client is gone, in whatever way."""
    with contextlib.suppress(ConnectionError):
        return await reader.read(65536)
    return b""


class Http2Link:
    """One HTTP/2 connection and its streams."""

    def __init__(self, writer: StreamWriter) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self.state = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.state.initiate_connection()
        self.writer = writer
        self._streams: dict[int, Http2Wire] = {}
        self._heard = asyncio.Event()

    def feed(self, data: bytes) -> Iterator[Http2Wire]:
        """Take in what the client sent; the streams whose request is now complete."""
        from h2 import events

        for event in self.state.receive_data(data):
            match event:
                case events.RequestReceived():
                    wire = Http2Wire(self, event.stream_id, cast("Pairs", event.headers))
                    self._streams[event.stream_id] = wire
                case events.DataReceived():
                    self._streams[event.stream_id].body += event.data
                    self.state.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
                case events.StreamEnded():
                    yield self._streams[event.stream_id]
                case events.StreamReset():
                    self._streams[event.stream_id].left.set()
                case events.ConnectionTerminated():
                    self.lose()
        self._heard.set()

    def lose(self) -> None:
        for stream in self._streams.values():
            stream.left.set()

    async def heard(self) -> None:
        """Returns when the client has sent something, such as a larger window."""
        self._heard.clear()
        await self._heard.wait()

    async def flush(self) -> None:
        self.writer.write(self.state.data_to_send())
        await self.writer.drain()


class Http2Wire:
    """One stream."""

    def __init__(self, link: Http2Link, number: int, headers: Pairs) -> None:
        self.body = bytearray()
        self.left = asyncio.Event()
        self._link = link
        self._number = number
        self._headers = headers

    def received(self, connection: int) -> Received:
        pseudo = {name: value for name, value in self._headers if name.startswith(":")}
        headers = [(name, value) for name, value in self._headers if name not in pseudo]
        headers.insert(0, ("host", pseudo[":authority"]))
        return Received(
            pseudo[":method"], pseudo[":path"], headers, bytes(self.body), "h2", connection
        )

    async def gone(self) -> None:
        await self.left.wait()

    async def head(self, answer: Answer, *, bodyless: bool) -> None:
        fields = [(name.lower(), value) for name, value in answer.fields()]
        kept = [pair for pair in fields if pair[0] not in HTTP1_ONLY]
        await self._send("send_headers", [(":status", str(answer.status)), *kept])

    async def piece(self, data: bytes) -> None:
        state = self._link.state
        while data:
            window = state.local_flow_control_window(self._number)
            size = min(window, state.max_outbound_frame_size)
            if size <= 0:
                await self._link.heard()
                continue
            await self._send("send_data", data[:size])
            data = data[size:]

    async def end(self, data: bytes, trailers: Pairs) -> None:
        await self.piece(data)
        if trailers:
            await self._send("send_headers", list(trailers), end_stream=True)
        else:
            await self._send("end_stream")

    def drop(self, how: Drop) -> None:
        if how == "close":
            return self._link.writer.transport.abort()
        self._link.state.reset_stream(self._number)
        return self._link.writer.write(self._link.state.data_to_send())

    async def _send(self, what: str, *args: Any, **kwargs: Any) -> None:
        if self.left.is_set():
            raise ConnectionResetError("the client left")
        getattr(self._link.state, what)(self._number, *args, **kwargs)
        await self._link.flush()

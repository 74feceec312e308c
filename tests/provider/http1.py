"""HTTP/1.1, written out by hand so that every byte is the test's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from provider.exchanges import Framing, Received

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Mapping

    from provider.answers import Answer, Drop, Pairs


class Http1Wire:
    """One HTTP/1.1 connection. Knows no `Expect` and no upgrade."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.keep_alive = True
        self._reader = reader
        self._writer = writer
        self._writer.transport.set_write_buffer_limits(0)  # drained: all is with the system
        self._ahead = b""
        self._chunked = False

    async def receive(self, connection: int) -> Received | None:
        """The next request; None if the client left instead, or while it was sending it."""
        ahead, self._ahead = self._ahead, b""
        try:
            head = ahead + await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            method, target, _ = first.split(" ")
            pairs = [line.partition(":") for line in lines]
            headers = [(name, value.strip()) for name, _, value in pairs]
            framing, body = await self._body({name.lower(): value for name, value in headers})
        except asyncio.IncompleteReadError:
            return None
        received = Received(method, target, headers, body, framing, connection)
        self.keep_alive = received.header("connection") != "close"
        return received

    async def _body(self, headers: Mapping[str, str]) -> tuple[Framing, bytes]:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return "chunked", b"".join([chunk async for chunk in self._chunks()])
        if "content-length" in headers:
            return "length", await self._reader.readexactly(int(headers["content-length"]))
        return "none", b""

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int((await self._line()).split(b";")[0], 16):
            yield await self._reader.readexactly(size)
            await self._line()
        while await self._line():
            pass  # trailers

    async def _line(self) -> bytes:
        return (await self._reader.readuntil(b"\r\n")).removesuffix(b"\r\n")

    async def gone(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._ahead = await self._reader.read(1)
            if self._ahead:  # the next request comes early, and can wait
                await asyncio.Event().wait()
        self.keep_alive = False

    async def head(self, answer: Answer, *, bodyless: bool) -> None:
        self._chunked = answer.framing == "chunked" and not bodyless
        self.keep_alive = self.keep_alive and answer.framing != "close"
        first = f"HTTP/1.1 {answer.status} {answer.phrase}\r\n".encode("latin-1")
        await self._write(first + field_lines(answer.fields()))

    async def piece(self, data: bytes) -> None:
        if data:  # an empty chunk would end the body
            await self._write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    async def end(self, data: bytes, trailers: Pairs) -> None:
        await self.piece(data)
        if self._chunked:
            await self._write(b"0\r\n" + field_lines(trailers))

    def drop(self, how: Drop) -> None:
        self.keep_alive = False
        if how == "reset":
            linger = struct.pack("ii", 1, 0)  # close() then sends RST, not FIN
            connection = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


def field_lines(pairs: Pairs) -> bytes:
    """A header or trailer section with the blank line that ends it."""
    lines = [f"{name}: {value}\r\n" for name, value in pairs]
    return "".join([*lines, "\r\n"]).encode("latin-1")

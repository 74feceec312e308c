"""The bodies of httpx and httpx2: one that plays a recording, and one that shows itself to one."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from cassette_kit.capture import Answer
    from cassette_kit.model import StreamEnd
    from cassette_kit.playback import Playback


class Recording(Protocol):
    """What an adapter tells about a request that went live."""

    def answered(self, answer: Answer) -> None: ...

    def push(self, data: bytes) -> None: ...

    def ended(self, end: StreamEnd) -> None: ...

    def close(self) -> None: ...


def replay_stream(module: Any) -> Any:
    """The stream class of `httpx` or `httpx2` whose body comes from a recording."""

    class ReplayStream(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc]
        """The recorded pieces, one at a time, then the recorded ending."""

        def __init__(self, playback: Playback, ending: Callable[[], None]) -> None:
            self._waits_s = playback.waits_s
            self._pieces = playback.pieces
            self._ending = ending

        def __iter__(self) -> Iterator[bytes]:
            if not self._waits_s:
                yield from self._pieces
            for wait_s, piece in zip(self._waits_s, self._pieces, strict=False):
                pause(wait_s)
                yield piece
            self._ending()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            if not self._waits_s:
                for piece in self._pieces:
                    yield piece
            for wait_s, piece in zip(self._waits_s, self._pieces, strict=False):
                await pause_async(wait_s)
                yield piece
            self._ending()

    return ReplayStream


def tees(module: Any) -> tuple[Any, Any]:
    """Streams that show each piece to a recording as it passes, sync and async.

    What is costly waits until the live stream is closed, so that its connection is free and
    `elapsed` is taken by then.
    """

    class Passing:
        def __init__(self, live: Any, recording: Recording) -> None:
            self._live = live
            self._recording = recording

        def _failed(self, error: Exception) -> None:
            """A time-out is the caller's own doing: its stream ends where it is closed."""
            if not isinstance(error, module.TimeoutException):
                self._recording.ended("upstream_error")

    class Tee(Passing, module.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            try:
                for piece in self._live:
                    self._recording.push(piece)
                    yield piece
            except Exception as error:
                self._failed(error)
                raise
            self._recording.ended("complete")

        def close(self) -> None:
            try:
                self._live.close()
            finally:
                self._recording.close()

    class AsyncTee(Passing, module.AsyncByteStream):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            pieces = aiter(self._live)
            try:
                async for piece in pieces:
                    self._recording.push(piece)
                    yield piece
            except Exception as error:
                self._failed(error)
                raise
            finally:
                await _closed(pieces)
            self._recording.ended("complete")

        async def aclose(self) -> None:
            try:
                await self._live.aclose()
            finally:
                self._recording.close()

    return Tee, AsyncTee


async def _closed(pieces: AsyncIterator[bytes]) -> None:
    """End the inner generator of an outer one that is told to end, as httpx2 does in its own."""
    if isinstance(pieces, AsyncGenerator):
        await pieces.aclose()


def pause(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


async def pause_async(seconds: float) -> None:
    if seconds > 0:
        import anyio

        await anyio.sleep(seconds)

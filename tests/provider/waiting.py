"""What tests and the server wait on; each wait has a time limit and says what it waited for."""

from __future__ import annotations

import asyncio
import functools
import threading
from concurrent.futures import Future
from typing import TypeVar

import anyio.to_thread

T = TypeVar("T")

TIME_LIMIT_S = 10.0


class Log(list[T]):
    """A list that the server appends to and a test can wait on."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._grown = threading.Condition()

    def append(self, item: T) -> None:
        with self._grown:
            super().append(item)
            self._grown.notify_all()

    def wait(self, count: int = 1, *, limit_s: float = TIME_LIMIT_S) -> T:
        """The `count`-th entry, as soon as it is there. Raises TimeoutError."""
        with self._grown:
            if not self._grown.wait_for(lambda: len(self) >= count, limit_s):
                raise TimeoutError(
                    f"waited {limit_s:g} s for {count} {self._what}, there are {len(self)}"
                )
            return self[count - 1]

    async def wait_async(self, count: int = 1, *, limit_s: float = TIME_LIMIT_S) -> T:
        """`wait` for a test on asyncio or trio whose loop has to go on meanwhile."""
        return await anyio.to_thread.run_sync(functools.partial(self.wait, count, limit_s=limit_s))


class Gate:
    """Holds the server until the test calls `open`, from any thread or loop; then stays open.

    `reached` gets an entry when the server arrives: wait on it to know that the server stands here.
    """

    def __init__(self, name: str = "gate", *, limit_s: float = TIME_LIMIT_S) -> None:
        self.name = name
        self.is_open = False
        self.reached: Log[str] = Log(f"arrivals at {name!r}")
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._waiting: list[Future[None]] = []

    def open(self) -> None:
        with self._lock:
            self.is_open = True
            waiting, self._waiting = self._waiting, []
        for opened in waiting:
            if opened.set_running_or_notify_cancel():
                opened.set_result(None)

    async def passed(self) -> None:
        """The server's side. Raises TimeoutError if nobody opens the gate."""
        opened: Future[None] = Future()
        with self._lock:
            self._waiting.append(opened)
        self.reached.append(self.name)
        if self.is_open:
            self.open()
        try:
            await asyncio.wait_for(asyncio.wrap_future(opened), self._limit_s)
        except TimeoutError:
            reason = f"{self.name!r} was not opened within {self._limit_s:g} s"
            raise TimeoutError(reason) from None


Pause = Gate | float  # a gate, or milliseconds

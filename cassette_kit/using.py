"""`use_cassette`: a tape as a context manager, sync or async, or as a decorator."""

from __future__ import annotations

import functools
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from cassette_kit.configuration import options_for
from cassette_kit.errors import CassetteOptionError
from cassette_kit.options import Settings
from cassette_kit.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = ParamSpec("P")
R = TypeVar("R")


class use_cassette:  # noqa: N801  # reads as a verb, like vcrpy's
    """Answer HTTP calls from a cassette while the block runs.

        with use_cassette("cassettes/weather.yaml", mode="replay") as tape:
            ...

    Works with `async with` and as a decorator of functions, coroutine functions and (async)
    generator functions; a decorated function gets a tape of its own for every call. Options are
    those of docs/options.md; `path` is relative to the working directory.

    Raises, on leaving a block that no other exception ends:
        CassetteMiss: the first request that no recording answered, if the block swallowed it.
    """

    __module__ = "cassette_kit"

    def __init__(self, path: str | os.PathLike[str], **options: Any) -> None:
        if not isinstance(path, str | os.PathLike):
            raise CassetteOptionError(f'use_cassette("cassettes/x.yaml"): no path, but {path!r}')
        self._path = Path(path)
        self._options = options
        self._tapes: list[Tape] = []

    def __enter__(self) -> Tape:
        tape = Tape(self._path, options_for(Settings("use_cassette", self._options)))
        tape.open()
        self._tapes.append(tape)
        return tape

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tape = self._tapes.pop()
        tape.close(failed=error is not None)
        if error is None and tape.misses:
            raise tape.misses[0]
        if error is not None and tape.misses and error not in tape.misses:
            error.add_note(f"before this, in the same block: {tape.misses[0]}")
        if error is None:
            tape.check_unplayed()

    async def __aenter__(self) -> Tape:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        for is_kind, wrapper in _WRAPPERS:
            if is_kind(function):
                return cast("Callable[P, R]", functools.wraps(function)(wrapper(self, function)))
        raise TypeError(f"use_cassette decorates functions, not {function!r}")

    def _again(self) -> use_cassette:
        return use_cassette(self._path, **self._options)


def _coroutine(using: use_cassette, function: Callable[..., Any]) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        async with using._again():
            return await function(*args, **kwargs)

    return wrapper


def _async_generator(using: use_cassette, function: Callable[..., Any]) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        async with using._again():
            async for item in function(*args, **kwargs):
                yield item

    return wrapper


def _generator(using: use_cassette, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with using._again():
            return (yield from function(*args, **kwargs))

    return wrapper


def _plain(using: use_cassette, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with using._again():
            return function(*args, **kwargs)

    return wrapper


_WRAPPERS: tuple[tuple[Callable[[Any], bool], Callable[..., Callable[..., Any]]], ...] = (
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.isgeneratorfunction, _generator),
    (inspect.isroutine, _plain),
)

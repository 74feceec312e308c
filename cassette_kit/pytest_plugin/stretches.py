"""Whose calls are those of a fixture or a test, in whatever context its code runs.

Runners of async code may keep a context of their own, as anyio's does: what pytest's own context
has entered is unknown there. So the owner is made known where the code runs, at each of its steps.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing, contextmanager
from types import MethodType
from typing import TYPE_CHECKING, Any

from cassette_kit.pytest_plugin.surfacing import ungrouped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import pytest

    from cassette_kit.ownership import Owner

Stretch = Callable[[], AbstractContextManager[None]]


def known_now() -> Stretch:
    """Let the context of a stretch have entered what this one has entered by now."""
    from cassette_kit import ownership

    owners = ownership.entered()

    @contextmanager
    def known() -> Iterator[None]:
        inside = ownership.entered()
        ownership.arrange((*inside, *(owner for owner in owners if owner not in inside)))
        yield

    return known


class Foremost:
    """Puts an owner before all others for stretches of a fixture, but not before its own tapes.

    A tape that the fixture opens and leaves open steps back at the end of the stretch, behind those
    that were open before, and forward again in the next.
    """

    def __init__(self) -> None:
        self._opened: tuple[Owner, ...] = ()

    @contextmanager
    def __call__(self, owner: Owner) -> Iterator[None]:
        from cassette_kit import ownership

        before = ownership.entered()
        others = (other for other in before if other not in (owner, *self._opened))
        ownership.arrange((*others, owner, *self._opened))
        try:
            yield
        finally:
            inside = (owner, *before)
            self._opened = tuple(other for other in ownership.entered() if other not in inside)
            ownership.arrange((*self._opened, *before))


@contextmanager
def each_step(fixturedef: pytest.FixtureDef[Any], stretch: Stretch) -> Iterator[None]:
    """Run the steps of an async fixture that is set up in this block inside `stretch()`."""
    function = fixturedef.func
    stepped = stepwise(function, stretch)
    if stepped is function:
        yield
        return
    fixturedef.func = stepped  # type: ignore[misc]  # as the plugins that run them do
    try:
        yield
    finally:
        fixturedef.func = function  # type: ignore[misc]


@contextmanager
def each_step_of_test(item: pytest.Item) -> Iterator[None]:
    """Let the steps of a test, if it is async, know the tapes that its fixtures have opened."""
    known = known_now()
    context = getattr(getattr(item, "instance", None), "_asyncioTestContext", None)
    if context is not None:  # that of unittest's async test cases is older than the tapes
        context.run(known().__enter__)
    function = getattr(item, "obj", None)
    if not inspect.iscoroutinefunction(function):
        yield
        return
    item.obj = stepwise(function, known)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        item.obj = function  # type: ignore[attr-defined]


def stepwise(function: Callable[..., Any], stretch: Stretch) -> Callable[..., Any]:
    """An async function whose steps run inside `stretch()`; any other function as it is."""
    if isinstance(function, MethodType):
        return MethodType(stepwise(function.__func__, stretch), function.__self__)
    for is_kind, wrapper in _WRAPPERS:
        if is_kind(function):
            return functools.wraps(function)(wrapper(function, stretch))
    return function


def _coroutine(function: Callable[..., Any], stretch: Stretch) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with stretch(), ungrouped():
            return await function(*args, **kwargs)

    return wrapper


def _async_generator(function: Callable[..., Any], stretch: Stretch) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        __tracebackhide__ = True
        async with aclosing(function(*args, **kwargs)) as steps:
            while True:
                with stretch(), ungrouped():
                    try:
                        value = await anext(steps)
                    except StopAsyncIteration:
                        return
                yield value

    return wrapper


_WRAPPERS: tuple[tuple[Callable[[Any], bool], Callable[..., Callable[..., Any]]], ...] = (
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isasyncgenfunction, _async_generator),
)

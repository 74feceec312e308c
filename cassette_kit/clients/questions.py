"""Puts what is about to leave the machine to the policies, from inside other people's functions.

Owns the list of open policies and the wrappers; which functions get one is for `places`.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

from cassette_kit.clients import attempts
from cassette_kit.clients.attempts import Attempt, Target
from cassette_kit.clients.patching import Function

Policy = Callable[[Attempt], BaseException | None]
Reader = Callable[..., Target | None]
Addresses = Callable[[Any], list[str]]
Maker = Callable[[Function], Function]

policies: Final[list[Policy]] = []


def ask(target: Target) -> None:
    """Raise what the first objecting policy returns, if the target is off the machine."""
    attempt = attempts.attempt(target) if policies else None
    if attempt is None:
        return
    for policy in dict.fromkeys(policies):
        objection = policy(attempt)
        try:
            if objection is not None:
                raise objection
        finally:
            del objection  # it refers to this frame, and the frame would refer to it


def asking(read: Reader, addresses: Addresses | None = None) -> Maker:
    """Wrap a function to ask about what `read` makes of its arguments before it runs.

    `addresses` picks out of the result of a look-up what it gave.
    """

    def make_wrapper(original: Function) -> Function:
        def before(*args: Any, **kwargs: Any) -> Target | None:
            target = read(*args, **kwargs)
            if target is not None:
                ask(target)
            return target

        def after(target: Target | None, result: Any) -> Any:
            if target is not None and addresses is not None:
                attempts.remember(attempts.text(target.host), addresses(result))
            return result

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            target = before(*args, **kwargs)
            return after(target, original(*args, **kwargs))

        async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
            target = before(*args, **kwargs)
            return after(target, await original(*args, **kwargs))

        return async_wrapper if inspect.iscoroutinefunction(original) else wrapper

    return make_wrapper


def closing_if_refused(read: Reader) -> Maker:
    """Wrap a socket's method to ask, and to close the socket that may not go where it was told.

    `socket.create_connection` closes one after an OSError only.
    """

    def make_wrapper(original: Function) -> Function:
        def wrapper(sock: Any, address: Any) -> Any:
            target = read(sock, address)
            try:
                if target is not None:
                    ask(target)
            except BaseException:
                sock.close()
                raise
            return original(sock, address)

        return wrapper

    return make_wrapper


def carrying_context(*names: str) -> Maker:
    """Wrap a loop's `run_in_executor` to give functions so named the context of the task.

    The default executor runs them without, and no tape could be told.
    """

    def make_wrapper(original: Function) -> Function:
        def run_in_executor(loop: Any, executor: Any, func: Any, *args: Any) -> Any:
            if executor is None and getattr(func, "__name__", "") in names:
                func = functools.partial(contextvars.copy_context().run, func)
            return original(loop, executor, func, *args)

        return run_in_executor

    return make_wrapper

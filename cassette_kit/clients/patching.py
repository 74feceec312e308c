"""Wraps functions of other people's classes and modules, and puts them back.

Owns the one wrapper that all users of an equal `Patch` share; knows nothing of HTTP or sockets.

Strategy: an attribute is written back only while the wrapper is what it holds. A wrapper that
somebody else's patch covers when its last user leaves stays below it as a plain pass-through, and
goes as soon as it is found uncovered: when it is called, or when any patch comes or goes. At those
moments a wrapper in use that somebody overwrote is put back as well; wrappers are referenced weakly
so that it shows when nobody else holds one either.
"""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

Function = Callable[..., Any]

_INHERITED: Final = object()


@dataclass(frozen=True)
class Patch:
    """A wrapper around the function `owner.name`; equal patches share one wrapper.

    `owner` is a class or a module, `name` the attribute of a function or method in it, inherited
    ones included (no classmethod or staticmethod). `make_wrapper` takes the function found and
    returns what to call instead, sync or async as the function is.
    """

    owner: Any
    name: str
    make_wrapper: Callable[[Function], Function]

    def acquire(self) -> None:
        """Put the wrapper in place, or count one more user of it."""
        acquire_all([self])

    def release(self) -> None:
        """Count one user less; without users the wrapper goes.

        Raises:
            KeyError: released more often than acquired.
        """
        release_all([self])


def acquire_all(patches: Iterable[Patch]) -> None:
    """Acquire many patches, in order, for little more than one costs."""
    with _lock:
        tidy()
        for patch in patches:
            layer = _live.get(patch) or _live.setdefault(patch, _Layer(patch))
            layer.users += 1


def release_all(patches: Iterable[Patch]) -> None:
    """Release many patches.

    Raises:
        KeyError: one was released more often than acquired.
    """
    with _lock:
        for patch in patches:
            layer = _live[patch]
            layer.users -= 1
            if not layer.users:
                _retired.add(_live.pop(patch))
        tidy()


class _Layer:
    """One wrapper: what it found in its place, and how many users keep it active."""

    def __init__(self, patch: Patch, users: int = 0) -> None:
        self.patch = patch
        self.users = users
        self._found = self._held()
        wrapper = self._wrap(getattr(patch.owner, patch.name))
        self._wrapper = weakref.ref(wrapper)
        setattr(patch.owner, patch.name, wrapper)

    def remove(self) -> None:
        if self._found is _INHERITED:
            delattr(self.patch.owner, self.patch.name)
        else:
            setattr(self.patch.owner, self.patch.name, self._found)

    def is_on_top(self) -> bool:
        return self._held() is self._wrapper()

    def is_lost(self) -> bool:
        """Whether no call can reach the wrapper any more. (One that is covered is not lost.)"""
        held = self._held()
        return self._wrapper() is None or held is self._found or held is _INHERITED

    def _held(self) -> object:
        return vars(self.patch.owner).get(self.patch.name, _INHERITED)

    def _wrap(self, original: Function) -> Function:
        active = self.patch.make_wrapper(original)

        def chosen() -> Function:
            if self.users:
                return active
            tidy()
            return original

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return chosen()(*args, **kwargs)

        async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
            return await chosen()(*args, **kwargs)

        is_async = inspect.iscoroutinefunction(original)
        return functools.wraps(original)(async_wrapper if is_async else wrapper)


def tidy() -> None:
    """Take away retired wrappers that are on top, and put a new one where a live one was lost."""
    with _lock:
        while uncovered := [layer for layer in _retired if layer.is_on_top()]:
            for layer in uncovered:
                layer.remove()
                _retired.discard(layer)
        # One by one: what a lost wrapper had found below it is held until that one is dropped.
        while _replace_lost():
            pass


def _replace_lost() -> bool:
    lost = next((layer for layer in _live.values() if layer.is_lost()), None)
    if lost is None:
        return False
    _live[lost.patch] = _Layer(lost.patch, lost.users)
    lost.users = 0
    _retired.add(lost)
    return True


_lock: Final = threading.RLock()
_live: Final[dict[Patch, _Layer]] = {}
_retired: Final[weakref.WeakSet[_Layer]] = weakref.WeakSet()

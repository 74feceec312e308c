"""Takes over the default transports of httpx and httpx2, wherever their clients were made.

A family that is imported while a tape is open is taken over as its import ends, and the guard is
told of the libraries that it wraps; nothing is imported for the sake of being patched.
"""

from __future__ import annotations

import importlib.abc
import sys
import threading
from itertools import chain
from typing import TYPE_CHECKING, Any

from cassette_kit.clients import guard, httpx_family, lazy_tls
from cassette_kit.clients.patching import Patch, acquire_all, release_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

FAMILIES = ("httpx", "httpx2")
GUARDED = ("aiohappyeyeballs", "aiohttp", "anyio", "trio", "uvloop")

_lock = threading.RLock()
_users = 0
_patched: dict[Any, list[Patch]] = {}


def acquire() -> None:
    """Intercept, or count one more user of the interception."""
    global _users  # noqa: PLW0603  # the patches are the process's, and so is their count
    with _lock:
        _users += 1
        if _users == 1:
            sys.meta_path.insert(0, _WATCHER)
        for name in FAMILIES:
            if name in sys.modules:
                _take_over(sys.modules[name])


def release() -> None:
    """Count one user less; without users every client behaves as before."""
    global _users  # noqa: PLW0603
    with _lock:
        _users -= 1
        if _users:
            return
        sys.meta_path.remove(_WATCHER)
        release_all(chain.from_iterable(_patched.values()))
        _patched.clear()


def _take_over(module: Any) -> None:
    """Patch a family once, under whatever names it stands in `sys.modules`."""
    transport = getattr(module, "HTTPTransport", None)
    if transport is None or transport in _patched:
        return
    family = httpx_family.family(sys.modules[transport.__module__.partition(".")[0]])
    _patched[transport] = [
        Patch(transport, "handle_request", family.intercept),
        Patch(module.AsyncHTTPTransport, "handle_async_request", family.intercept_async),
        *lazy_tls.patches(family.module.__name__),
    ]
    acquire_all(_patched[transport])


class _Watcher(importlib.abc.MetaPathFinder):
    """Notices the import of a family, or of what the guard wraps, once its module has run."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in FAMILIES and name not in GUARDED:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Runs a module with its own loader, which it gets back."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        with _lock:
            if _users and module.__name__ in FAMILIES:
                _take_over(module)
            elif _users:
                guard.cover()


_WATCHER = _Watcher()

"""Loads the certificates of clients that replay when they are first needed, which is mostly never.

Owns the moment at which the context of a default transport parses its file of certificates, 20 ms
of work. Which file that is, and all else about the context, its package decides as ever, when the
client is made.

Strategy: the package's own function makes the context, but the file that it loads is only read.
Then the context gets a class whose first look-up of any attribute parses what was read and gives
the context its class back: from there on nothing tells it from any other.
"""

from __future__ import annotations

import os
import ssl
import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from cassette_kit.clients.patching import Function, Patch
from cassette_kit.clients.questions import policies

if TYPE_CHECKING:
    from collections.abc import Iterator

# The standard library's own class, also where truststore's or gevent's stands in its place.
_PLAIN: Final[Any] = next(kind for kind in ssl.SSLContext.__mro__ if kind.__module__ == "ssl")


def patches(package: str) -> list[Patch]:
    """What makes `package` defer; nothing where its transports make their contexts elsewhere."""
    module = sys.modules.get(f"{package}._transports.default")
    found = hasattr(module, "create_ssl_context")
    return [Patch(module, "create_ssl_context", _deferring)] if found else []


class DeferredContext(_PLAIN):  # type: ignore[misc]
    """A context that loads its certificates, and becomes a plain one, when it is first used.

    A file that is damaged within a certificate raises `ssl.SSLError` only then, and at every use.
    """

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        _complete(self)
        return _PLAIN.__getattribute__(self, name)


@dataclass(frozen=True)
class _CAFile:
    """A file of certificates as it was when it was to be loaded."""

    path: str
    content: bytes

    def load_into(self, context: Any) -> None:
        """Parse the file, or a copy if it is no longer what it was."""
        if _content(self.path) == self.content:
            _PLAIN.load_verify_locations(context, self.path)
            return
        with TemporaryDirectory() as folder:
            copy = Path(folder, "ca.pem")
            copy.write_bytes(self.content)
            _PLAIN.load_verify_locations(context, copy)


def _deferring(create: Function) -> Function:
    """The replacement of `create_ssl_context`, which defers while calls are kept from going live.

    Only `verify=True` without `cert` is deferred: everything else the caller has in hand.
    """

    def create_ssl_context(*args: Any, **kwargs: Any) -> Any:
        usual = not args and kwargs.get("verify", True) is True and not kwargs.get("cert")
        if not (usual and policies):
            return create(*args, **kwargs)
        with _putting_off() as put_off:
            made = create(**kwargs)
        for context, ca_files in put_off.items():
            vars(context)[_KEY] = ca_files
            context.__class__ = DeferredContext
        return made

    return create_ssl_context


def _noting(load: Function) -> Function:
    """The replacement of `load_verify_locations` while such a context is made."""

    def load_verify_locations(
        context: Any, cafile: Any = None, capath: Any = None, cadata: Any = None
    ) -> None:
        put_off = _put_off.get()
        waits = put_off is not None and type(context) is _PLAIN
        ca_file = _found(cafile) if waits else None
        if put_off is None or ca_file is None:
            load(context, cafile, capath, cadata)
            return
        if capath is not None or cadata is not None:
            load(context, None, capath, cadata)
        put_off.setdefault(context, []).append(ca_file)

    return load_verify_locations


_PutOff = dict[Any, list[_CAFile]]
_put_off: ContextVar[_PutOff | None] = ContextVar("cassette_kit_put_off", default=None)
_LOADING: Final = Patch(_PLAIN, "load_verify_locations", _noting)


@contextmanager
def _putting_off() -> Iterator[_PutOff]:
    """A block that loads no files; what it yields says which contexts were to load which."""
    put_off: _PutOff = {}
    token = _put_off.set(put_off)
    _LOADING.acquire()
    try:
        yield put_off
    finally:
        _LOADING.release()
        _put_off.reset(token)


def _found(cafile: Any) -> _CAFile | None:
    """A file that can wait: what is missing or holds no certificate fails as early as ever."""
    content = _content(cafile) if isinstance(cafile, str) else b""
    return _CAFile(cafile, content) if b"-----BEGIN CERTIFICATE-----" in content else None


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes() if os.path.isfile(path) else b""
    except OSError:
        return b""


_KEY: Final = "_cassette_kit_ca_files"
_lock: Final = threading.RLock()


def _complete(context: Any) -> None:
    """Load what a context put off; what fails is tried again at the next use."""
    state = object.__getattribute__(context, "__dict__")
    with _lock:
        ca_files = state.pop(_KEY, None)
        if ca_files is None:  # another thread was first, or this one is at it
            return
        try:
            for ca_file in ca_files:
                ca_file.load_into(context)
            object.__setattr__(context, "__class__", _PLAIN)
        except BaseException:
            state[_KEY] = ca_files
            raise

"""Who asks: the client library on the stack, and the SDK that uses it."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SDKS: Final = {
    "anthropic": "anthropic",
    "cohere": "cohere",
    "google.genai": "google-genai",
    "groq": "groq",
    "huggingface_hub": "huggingface_hub",
    "litellm": "litellm",
    "mistralai": "mistralai",
    "ollama": "ollama",
    "openai": "openai",
}
_CLIENTS: Final = {
    "aiohttp.client": "aiohttp",
    "aiohttp.connector": "aiohttp",
    "botocore": "botocore",
    "grpc": "grpc",
    "httpx": "httpx (own transport)",
    "httpx._transports.default": "httpx",
    "httpx2": "httpx2 (own transport)",
    "httpx2._transports.default": "httpx2",
    "requests": "requests",
    "tornado.simple_httpclient": "tornado",
    "twisted.web.client": "twisted",
    "websockets": "websockets",
}
_PLUMBING: Final = {
    "anyio._core._sockets": "anyio",
    "asyncio.streams": "asyncio streams",
    "http.client": "http.client",
    "httpcore": "httpcore",
    "httpcore2": "httpcore2",
    "trio._highlevel_open_tcp_stream": "trio",
    "trio._threads": "trio",
    "urllib.request": "urllib",
    "urllib3": "urllib3",
}


def client() -> str | None:
    """The client library on the stack, and the outermost SDK above it: "openai over aiohttp"."""
    frames = traceback.walk_stack(sys._getframe())
    modules = [frame.f_globals.get("__name__", "") for frame, _ in frames]
    library = _first(modules, _CLIENTS) or _first(reversed(modules), _PLUMBING)
    sdk = _first(reversed(modules), _SDKS)
    return f"{sdk} over {library}" if sdk and library else sdk or library


def _first(modules: Iterable[str], table: dict[str, str]) -> str | None:
    return next(filter(None, (_longest_prefix(module, table) for module in modules)), None)


def _longest_prefix(module: str, table: dict[str, str]) -> str | None:
    while module and module not in table:
        module = module.rpartition(".")[0]
    return table.get(module)

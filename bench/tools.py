"""The tools that replay cassettes, each in its fastest configuration that matches bodies.

What is timed is the same for all: open a cassette, answer a call of an httpx client, close it. The
client is made beforehand, as most of what that costs is reading certificates.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import vcr.patch
import vcr.persisters.filesystem
import vcr.request
import vcr.serializers.yamlserializer

import cassette_kit as ck

try:
    import cassetter
except ImportError:  # its plugin and pytest-recording's cannot both be in the tests' environment
    cassetter = None

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

NOT_REPLAYED = {"content-encoding", "content-length", "transfer-encoding"}
MATCHED = ("method", "uri", "body")
VCR: Any = vcr.VCR(
    match_on=MATCHED,
    record_mode="none",
    skip_patchers=[name for name in vcr.patch.PATCHER_NAMES if name not in {"httpx", "httpx2"}],
)
CASSETTER: dict[str, Any] = {
    "match_on": ["method", "uri", "json_body"],
    "record_mode": "none",
    "intercept": ["httpx", "httpx2"],
}


class Tool(NamedTuple):
    """`write` makes a file of the tool's own format, `opened` replays it.

    `respells`: JSON comes back in another spelling, so that it is compared as JSON.
    """

    write: Callable[[Path, ck.Cassette], object]
    opened: Callable[..., AbstractContextManager[Any]]
    respells: bool = False


def by_name(headers: ck.Headers) -> dict[str, list[str]]:
    """What both other tools keep of headers, without what concerns the stored body no more."""
    names = {name: headers.get_list(name) for name in headers}
    return {name: values for name, values in names.items() if name not in NOT_REPLAYED}


def vcr_exchange(interaction: ck.Interaction) -> tuple[Any, dict[str, Any]]:
    request, response = interaction.request, interaction.response
    asked = vcr.request.Request(
        request.method, request.url, request.body, dict(request.headers.items())
    )
    answer = {
        "status": {"code": response.status_code, "message": response.reason},
        "headers": by_name(response.headers),
        "body": {"string": response.body},
    }
    return asked, answer


def vcr_tree(cassette: ck.Cassette) -> dict[str, list[Any]]:
    """What vcrpy's serializers take."""
    requests, responses = zip(*map(vcr_exchange, cassette.interactions), strict=True)
    return {"requests": list(requests), "responses": list(responses)}


def write_vcr(path: Path, cassette: ck.Cassette) -> None:
    vcr.persisters.filesystem.FilesystemPersister.save_cassette(
        path, vcr_tree(cassette), vcr.serializers.yamlserializer
    )


def write_cassetter(path: Path, cassette: ck.Cassette) -> None:
    recording = cassetter.Cassette(path, record_mode=cassetter.RecordMode.ALL)
    recording.load()
    for interaction in cassette.interactions:
        request, response = interaction.request, interaction.response
        recording.record(
            method=request.method,
            uri=request.url,
            request_headers=by_name(request.headers),
            request_body=request.body,
            status=response.status_code,
            response_headers=by_name(response.headers),
            response_body=response.body,
        )
    recording.save()


def opened_by_vcr(path: Path, **options: Any) -> AbstractContextManager[Any]:
    return VCR.use_cassette(str(path), **options)  # type: ignore[no-any-return]


def opened_by_cassetter(path: Path, **options: Any) -> AbstractContextManager[Any]:
    return cassetter.use_cassette(path, **CASSETTER | options)  # type: ignore[no-any-return]


TOOLS = {
    "vcrpy": Tool(write_vcr, opened_by_vcr),
    "cassetter": Tool(write_cassetter, opened_by_cassetter, respells=True),
    "cassette_kit": Tool(
        lambda path, cassette: path.write_bytes(ck.dumps(cassette)),
        functools.partial(ck.use_cassette, mode="replay"),
    ),
}
if cassetter is None:
    del TOOLS["cassetter"]


@functools.cache
def client() -> httpx.Client:
    """A client as programs make it, with certificates and all."""
    return httpx.Client()


def sent(request: ck.Request) -> bytes:
    """The answer to a request, from whatever answers the client now."""
    headers = {"content-type": request.headers.get("content-type", "")}
    return (
        client().request(request.method, request.url, content=request.body, headers=headers).content
    )


def played(tool: Tool, path: Path, request: ck.Request) -> bytes:
    """Open a cassette and let it answer one call."""
    with tool.opened(path):
        return sent(request)


def as_expected(found: bytes, expected: bytes) -> bytes:
    """The expected bytes, if what was found says the same as JSON; else what was found."""
    try:
        return expected if json.loads(found) == json.loads(expected) else found
    except ValueError:
        return found

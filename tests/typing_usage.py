"""The public names as a user would use them; mypy reads this, nothing runs it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import assert_type

import httpx
import httpx2

import cassette_kit as ck


def load_and_change(path: Path) -> bytes:
    cassette = ck.load(path)
    assert_type(cassette, ck.Cassette)
    first = cassette.interactions[0]
    assert_type(first.request.body, bytes)
    assert_type(first.response.chunks, tuple[ck.Chunk, ...])
    assert_type(first.response.headers["content-type"], str)
    assert_type(first.response.headers.get_list("x-tag"), list[str])
    assert_type(first.response.duration_ns, int)
    assert_type(first.response.events(), list[ck.ServerSentEvent])
    changed = dataclasses.replace(first, response=dataclasses.replace(first.response, body=b""))
    ck.dump(dataclasses.replace(cassette, interactions=(changed,)), path)
    return ck.dumps(ck.loads(b"", origin="here"))


def use(path: str) -> None:
    with ck.use_cassette(path, mode="replay", pace=4, intercept=False) as tape:
        assert_type(tape, ck.Tape)
        httpx.Client(transport=tape.transport(httpx))
        httpx2.AsyncClient(transport=tape.transport(httpx2))
        with tape.expect_miss() as caught:
            pass
        assert_type(caught.value, ck.CassetteMiss)
        assert_type(tape.played, list[ck.Interaction])
        assert_type(tape.misses, list[ck.CassetteAlarm])
        assert_type(tape.last_request.url, str)


async def use_async(path: Path) -> None:
    async with ck.use_cassette(path) as tape:
        assert_type(tape.unplayed, list[ck.Interaction])


@ck.use_cassette("cassettes/x.yaml", mode="once")
def decorated(number: int) -> str:
    return str(number)


@ck.use_cassette("cassettes/x.yaml")
async def decorated_async(number: int) -> str:
    return str(number)


assert_type(decorated(1), str)


def same_tenant(live: ck.Request, taped: ck.Request) -> ck.Mismatch | None:
    ours, theirs = live.headers.get("x-tenant"), taped.headers.get("x-tenant")
    return None if ours == theirs else ck.Mismatch("tenant", ours, theirs)


def without_answers(interaction: ck.Interaction) -> ck.Interaction | None:
    return interaction if interaction.response.status_code == 200 else None


def own_options(path: str) -> None:
    ck.use_cassette(path, match=["method", same_tenant], before_record=without_answers)


def handle(error: ck.CassetteError) -> str:
    if isinstance(error, ck.CassetteFormatError):
        return f"{error.origin}:{error.line} {error.key} {error.reason}"
    return str(error)


def alarms(miss: ck.CassetteMiss) -> tuple[ck.Request, ck.Interaction | None]:
    assert_type(miss.differences, tuple[ck.Mismatch, ...])
    assert_type(miss.next_steps, tuple[str, ...])
    return miss.request, miss.nearest

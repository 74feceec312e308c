"""What alarms other than a miss say: what happened, to which cassette, and what to do next.

Texts of a cassette are shown with their control characters escaped: a file is untrusted, and a
terminal obeys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.json_path import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cassette_kit.clients.guard import Attempt
    from cassette_kit.model import Interaction, Request

SHOWN = 5


def blocked_text(attempt: Attempt, *, because: str, next_step: str) -> str:
    """A connection was stopped: who made it, where to, and why."""
    port = f":{attempt.port}" if attempt.port else ""
    proxy = " (a proxy that the environment names)" if attempt.proxy else ""
    host = min(attempt.names, default=attempt.host)
    return "\n".join(
        [
            f"blocked a {attempt.operation} that would leave the machine: {host}{port}{proxy}",
            f"  client    {attempt.client or 'unknown; the traceback shows where it began'}",
            f"  because   {because}",
            f'  next      {next_step}, or allow_hosts=["{host}"]',
        ]
    )


def truncated_text(request: Request, *, cassette: str, next_step: str) -> str:
    """A caller reads on where a recording was closed early."""
    return (
        f"the recording of {_call(request)} ends here: its caller closed the stream early, "
        "or its time was up\n"
        f"  cassette  {cassette}\n  next      {next_step}"
    )


def undecided_text(request: Request, error: Exception, *, cassette: str) -> str:
    """A matcher of the caller's own broke."""
    return (
        f"{_call(request)} could not be matched: {escaped(repr(error))}\n"
        f"  cassette  {cassette}\n  next      mend what was given as match=[…]"
    )


def closed_text(request: Request, *, cassette: str) -> str:
    """A transport has outlived its tape."""
    return f"{_call(request)} came after its tape was closed\n  cassette  {cassette}"


def unplayed_text(left: Sequence[Interaction], *, cassette: str, total: int) -> str:
    """Recordings were left over."""
    lines = [f"{len(left)} of {total} recordings were not played", f"  cassette  {cassette}"]
    lines += [f"  unplayed  {_call(one.request)}" for one in left[:SHOWN]]
    if len(left) > SHOWN:
        lines.append(f"            and {len(left) - SHOWN} more")
    return "\n".join(lines)


def _call(request: Request) -> str:
    return escaped(f"{request.method} {request.url}")

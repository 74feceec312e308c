"""A cassette played to itself: its requests through an httpx client, its answers on stdout."""

from __future__ import annotations

import shlex
from collections import deque
from contextlib import closing, contextmanager
from functools import partial
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Literal

import click
import httpx

from cassette_kit import ambient
from cassette_kit.checks.streams import broken_frame
from cassette_kit.checks.subject import Subject
from cassette_kit.cli import facts, output
from cassette_kit.conversation import events, exchange
from cassette_kit.conversation.printable import visible
from cassette_kit.conversation.transcript import Line, answer, heading, status
from cassette_kit.errors import CassetteAlarm, CassetteMiss, CassetteTruncated
from cassette_kit.model import Cassette
from cassette_kit.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cassette_kit.model import Interaction, Request
    from cassette_kit.options import Options

End = Literal["played", "missed", "cut off", "broken"]

_FAILURES: dict[type[BaseException], End] = {
    CassetteMiss: "missed",
    CassetteTruncated: "cut off",
    httpx.HTTPError: "broken",
    httpx.InvalidURL: "broken",
    ValueError: "broken",  # this and the next: a URL or a header that httpx cannot send
    LookupError: "broken",
}
_TOLD = frozenset({"assistant", "thinking", "tool call", "tool result", "error"})


def played(path: Path, options: Options) -> Iterator[End]:
    """Send every request of a cassette, print the answers as they arrive, and say how each ended.

    Raises:
        CassetteFormatError: it is none.
    """
    with _on_its_own(path):
        tape = Tape(path, options)
        with httpx.Client(transport=tape.transport(httpx), trust_env=False) as client:
            for number, interaction in enumerate(tape.unplayed):
                output.print_text("")
                output.print_text(f"#{number}", "reverse")
                yield _played(client, interaction)


@contextmanager
def _on_its_own(path: Path) -> Iterator[None]:
    """Without the settings of the project around, and with advice that suits no tape but a test."""
    ambient.state(ambient.Surroundings(rerecord=partial(_rerecord, path)))
    try:
        yield
    finally:
        ambient.withdraw()


def _rerecord(path: Path) -> str:
    """What to do about a recording: nothing that is played here is recorded."""
    test = facts.test(path)
    command = f"pytest --cassette-mode=rewrite {shlex.quote(test) if test else ''}".rstrip()
    return f"record again the test that made it: {command}"


def _played(client: httpx.Client, interaction: Interaction) -> End:
    output.print_lines([heading(interaction.request)])
    try:
        with closing(client.send(_sent(interaction.request), stream=True)) as response:
            output.print_lines([status(interaction.response)])
            _print_answer(response, interaction)
    except tuple(_FAILURES) as error:
        is_ours = isinstance(error, CassetteAlarm)
        text = str(error) if is_ours else f"{type(error).__name__}: {error}"
        output.print_lines(Line("error", line) for line in visible(text).split("\n"))
        return next(end for kind, end in _FAILURES.items() if isinstance(error, kind))
    return _checked(interaction)


def _checked(interaction: Interaction) -> End:
    """What has arrived is played, but for frames that httpx hands on and the SDK of AWS refuses."""
    fault = next(broken_frame(Subject("", cassette=Cassette((interaction,)))), None)
    if fault is None:
        return "played"
    output.print_lines([Line("error", fault.message)])
    return "broken"


def _sent(request: Request) -> httpx.Request:
    pairs = request.headers.multi_items()
    headers = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in pairs]
    return httpx.Request(request.method, request.url, headers=headers, content=request.body)


def _print_answer(response: httpx.Response, interaction: Interaction) -> None:
    """The text while it streams, below it what is no text; of a body that came whole, all."""
    is_streamed = _print_text(_arriving(response, interaction))
    left = _TOLD - {"assistant"} if is_streamed else _TOLD
    for line in answer(exchange(interaction), interaction.response):
        if line.kind in left:
            is_label = line.text[:1].strip()
            output.print_lines([Line("blank", ""), line] if is_label else [line])


def _print_text(pieces: Iterator[str]) -> bool:
    """Print pieces of a text as they come, below a label; whether there were any."""
    first = next(pieces, None)
    if first is None:
        return False
    output.print_lines([Line("blank", ""), Line("assistant", "assistant")])
    try:
        for piece in chain(["  ", first], pieces):
            click.echo(visible(piece).replace("\n", "\n  "), nl=False)
    finally:
        output.print_text("")
    return True


def _arriving(response: httpx.Response, interaction: Interaction) -> Iterator[str]:
    """The text of each event when its last byte has come."""
    found = events(interaction)
    ends = accumulate(len(event.data) for event in found)
    waiting = deque(zip(ends, found, strict=True))
    for _ in response.iter_bytes():
        while waiting and waiting[0][0] <= response.num_bytes_downloaded:
            _, event = waiting.popleft()
            if event.text:
                yield event.text

"""Whatever a cassette holds, an exchange is told: nothing raises, all of it can be printed."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from conversation_cases import CASES, Case, streamed_turn
from conversations import AWS, JSON, NDJSON, SSE, converse_frames, interaction, lines, sse
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.conversation import DIALECTS, Exchange, Message, Text, Unknown, events, exchange
from cassette_kit.model import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.model import Interaction

URLS = [case.stream_url or case.url for case in CASES] + [
    "https://api.openai.com/v1/embeddings",
    "http://[broken",
    "",
]
TYPES = [
    SSE,
    NDJSON,
    AWS,
    JSON,
    "",
    "text/plain",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
]
FIELDS = sorted(
    {
        name
        for case in CASES
        for part in (case.asked, case.whole, case.followup)
        for name in json.dumps(part).split('"')[1::2]
        if len(name) < 24
    }
    | {"embedding", "embeddings", "error", "delta", "type", "choices", "index", "item", "bytes"}
)
texts = st.text(st.characters(codec=None), max_size=8) | st.sampled_from(FIELDS)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
quick = settings(deadline=None, max_examples=150)


def dumped(value: object) -> bytes:
    """JSON with every surrogate as an escape, which a file may hold."""
    return json.dumps(value).encode()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for item in pair for text in strings(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in strings(item))


def check(turn: Interaction) -> Exchange:
    """What is told keeps to its types, and every text of it can be encoded."""
    told = exchange(turn)
    cut = events(turn)
    assert told.dialect in {"", *(row.name for row in DIALECTS)}
    assert len(told.answered.finish) in {0, len(told.answered.messages)}
    assert not cut or b"".join(event.data for event in cut) == turn.response.body
    for text in strings([dataclasses.asdict(told), *map(dataclasses.asdict, cut)]):
        text.encode()
    json.dumps([value for _, value in told.asked.settings], allow_nan=False)
    for message in (*told.asked.messages, *told.answered.messages):
        assert message.role in {"system", "user", "assistant", "tool"}
        json.dumps([part.value for part in message.parts if isinstance(part, Unknown)])
    return told


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, item in pairs:
        yield from places(item, (*path, name))


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """The value with another one at a place."""
    if not path:
        return new
    result = copy.deepcopy(value)
    at = result
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = new
    return result


@quick
@given(st.sampled_from(URLS), st.sampled_from(TYPES), st.binary(), st.binary())
def test_any_bytes(url: str, content_type: str, asked: bytes, answered: bytes) -> None:
    """Bytes that are nothing at all are told as a text or by their size."""
    check(interaction(url, asked, answered, content_type=content_type))


@quick
@given(st.sampled_from(URLS), st.sampled_from(TYPES), values, values)
def test_any_json(url: str, content_type: str, asked: object, answered: object) -> None:
    """JSON of any shape, with the names of fields that dialects look for, is told."""
    check(interaction(url, dumped(asked), dumped(answered), content_type=content_type))


@quick
@given(st.sampled_from(URLS), st.sampled_from([SSE, NDJSON, AWS]), st.lists(values, max_size=4))
def test_any_events(url: str, content_type: str, told: list[object]) -> None:
    """So is a stream of it."""
    ways = {
        SSE: lambda: sse(map(json.dumps, told)),
        NDJSON: lambda: (dumped(value) + b"\n" for value in told),
        AWS: lambda: converse_frames(("contentBlockDelta", dumped(value)) for value in told),
    }
    check(interaction(url, {}, b"".join(ways[content_type]()), content_type=content_type))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(deadline=None, max_examples=60)
@given(st.data(), values)
def test_a_wrong_type_anywhere(case: Case, data: st.DataObject, new: object) -> None:
    """One value of a real exchange, wherever it stands, may be anything."""
    for side, other in ((case.followup, case.whole), (case.asked, case.whole)):
        at = data.draw(st.sampled_from(list(places(side))))
        check(interaction(case.url, dumped(changed(side, at, new)), other))
    at = data.draw(st.sampled_from(list(places(case.whole))))
    check(interaction(case.url, case.asked, dumped(changed(case.whole, at, new))))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(deadline=None, max_examples=60)
@given(st.data(), values)
def test_a_wrong_type_in_any_event(case: Case, data: st.DataObject, new: object) -> None:
    """One value of one event may be anything, too."""
    index = data.draw(st.sampled_from(range(len(case.units))))
    unit = case.units[index]
    start = unit.find(b"{")
    if case.content_type == AWS or start < 0:
        return
    head, value = unit[:start], json.loads(unit[start:])
    at = data.draw(st.sampled_from(list(places(value))))
    broken = head + dumped(changed(value, at, new)) + b"\n\n"
    check(
        streamed_turn(case._replace(units=(*case.units[:index], broken, *case.units[index + 1 :])))
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_stream_cut_at_any_byte(case: Case, data: st.DataObject) -> None:
    """A stream that stops within an event or a character tells what came before."""
    body = b"".join(case.units)
    end = data.draw(st.integers(0, len(body)))
    drop = data.draw(st.integers(0, 3))
    cut = body[: max(end - drop, 0)] + body[end:] if data.draw(st.booleans()) else body[:end]
    check(interaction(case.stream_url or case.url, case.asked, cut, content_type=case.content_type))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 400)), max_size=40))
def test_any_chunks(sizes: list[tuple[int, int]]) -> None:
    """Times are told only where the sizes add up, and then they never go back."""
    case = CASES[0]
    turn = streamed_turn(case)
    response = dataclasses.replace(turn.response, stream=Stream("complete", tuple(sizes)))
    told = events(dataclasses.replace(turn, response=response))
    offsets = [event.offset_ms for event in told]
    fits = sum(size for _, size in sizes) == len(turn.response.body)
    assert (None not in offsets) == fits


@pytest.mark.parametrize("depth", [90, 200, 5_000, 200_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"messages":', "}"), ('[{"content":', "}]")])
def test_deep_nesting(depth: int, brackets: tuple[str, str]) -> None:
    """Nesting that would exhaust the stack is shown as the text that it is."""
    opening, closing = brackets
    body = (opening * depth + "1" + closing * depth).encode()
    for case in CASES:
        check(interaction(case.url, body, body))
        check(interaction(case.url, case.asked, b"data: " + body + b"\n\n", content_type=SSE))


def test_many_brackets_are_not_deep() -> None:
    """A long conversation has hundreds of brackets side by side, and is read."""
    said = [{"role": "user", "content": [{"type": "text", "text": "a"}]}] * 300
    told = check(interaction("https://h/v1/chat/completions", {"messages": said}))
    assert len(told.asked.messages) == 300


def test_nested_tool_results() -> None:
    """A result within a result, as deep as JSON is read at all, is told."""
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(40):
        block = {"type": "tool_result", "tool_use_id": "x", "content": [block]}
    request = {"max_tokens": 1, "messages": [{"role": "user", "content": [block]}]}
    check(interaction("https://api.anthropic.com/v1/messages", request))


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "9" * 5_000, "1e-400"])
def test_numbers_that_no_double_holds(number: str) -> None:
    """They are shown as written; a float that became infinite could not be printed as JSON."""
    body = f'{{"messages": [], "model": "m", "seed": {number}}}'.encode()
    told = check(interaction("https://h/v1/chat/completions", body))
    assert number in str(told.asked) or number == "1e-400"


def test_halves_of_a_character() -> None:
    """An emoji whose halves came in two events is whole; a lone half is shown as missing."""
    deltas = ["\ud83c", "\udfa1 and \ud83c"]
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in deltas]
    body = b"".join(b"data: " + dumped(chunk) + b"\n\n" for chunk in chunks)
    turn = interaction("https://h/v1/chat/completions", {"messages": []}, body, content_type=SSE)
    assert check(turn).answered.messages == (Message("assistant", (Text("🎡 and �"),)),)


def test_nul_is_kept() -> None:
    """What is shown is escaped by whoever shows it; nothing is lost before."""
    turn = interaction(
        "https://h/v1/chat/completions",
        {"messages": [{"content": "a\0b"}]},
        {"choices": [{"message": {}}]},
    )
    assert check(turn).asked.messages == (Message("user", (Text("a\0b"),)),)


def test_a_long_stream_of_lines_costs_what_its_events_cost() -> None:
    """A text in 20,000 events is put together once, not event by event."""
    count = 20_000
    values = ({"message": {"content": "word "}, "done": False} for _ in range(count))
    turn = interaction(
        "http://h/api/chat", {"messages": []}, b"".join(lines(values)), content_type=NDJSON
    )
    assert check(turn).answered.messages == (Message("assistant", (Text("word " * count),)),)

"""What an exchange says, for every dialect: one table of cases, streamed and not."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cassette_files import SEEDS
from conversation_cases import (
    ANSWER,
    ARGUMENTS,
    CASES,
    FOLDER,
    PICTURE,
    QUESTION,
    REMARK,
    RESULT,
    SYSTEM,
    THOUGHT,
    Case,
    cassettes,
    streamed_turn,
)
from conversations import interaction

import cassette_kit as ck
from cassette_kit.conversation import (
    DIALECTS,
    Answered,
    Event,
    Media,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    events,
    exchange,
)

SDKS = sorted((Path(__file__).parent / "cassettes" / "sdks").glob("*.yaml"))
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def same_arguments(answered: Answered) -> Answered:
    """The answer with the arguments of its calls in one spelling."""
    return dataclasses.replace(
        answered,
        messages=tuple(
            Message(message.role, tuple(map(_spelt, message.parts)))
            for message in answered.messages
        ),
    )


def _spelt(part: object) -> object:
    if not isinstance(part, ToolCall):
        return part
    return dataclasses.replace(part, arguments=json.dumps(json.loads(part.arguments)))


def first_answer(case: Case) -> Answered:
    call = ToolCall("weather", json.dumps(ARGUMENTS), case.call_id)
    message = Message("assistant", (Thinking(THOUGHT), Text(REMARK), call))
    return Answered(case.model, (message,), (case.finish,), case.usage)


def visible(told: tuple[Event, ...]) -> str:
    return "".join(event.text for event in told)


def test_every_dialect_has_a_case() -> None:
    """A dialect without a case is one that nobody has seen work."""
    assert {case.dialect for case in CASES} | {"Embeddings"} == {row.name for row in DIALECTS}


@each_case
def test_a_whole_answer(case: Case) -> None:
    """Thinking, text, tool call, reason and usage mean the same in every dialect."""
    told = exchange(interaction(case.url, case.asked, case.whole))
    assert told.dialect == case.dialect
    assert same_arguments(told.answered) == first_answer(case)


@each_case
def test_a_streamed_answer(case: Case) -> None:
    """A stream says what the same answer says without streaming."""
    told = exchange(streamed_turn(case))
    assert told.dialect == case.dialect
    assert same_arguments(told.answered) == first_answer(case)


@each_case
def test_the_question(case: Case) -> None:
    """System prompt, text, picture and tools are told wherever the API puts them."""
    asked = exchange(interaction(case.url, case.asked, case.whole)).asked
    assert asked.messages == (
        Message("system", (Text(SYSTEM),)),
        Message("user", (Text(QUESTION), Media("image/png", PICTURE))),
    )
    assert asked.tools == ("weather",)
    assert asked.model


@each_case
def test_the_turn_after(case: Case) -> None:
    """The model's turn, sent back, is a message like the one it was; so is the tool's."""
    told = exchange(interaction(case.url, case.followup, case.answer))
    said, result = told.asked.messages[2:]
    echoed = Answered(messages=(said,))
    expected = first_answer(case).messages[0]
    sent_back = [
        part for part in expected.parts if part in same_arguments(echoed).messages[0].parts
    ]
    assert same_arguments(echoed).messages[0].parts == tuple(sent_back)
    assert sent_back[-2:] == list(expected.parts[-2:])
    assert result.role == "tool"
    (part,) = result.parts
    assert isinstance(part, ToolResult)
    assert RESULT in "".join(inner.text for inner in part.parts if isinstance(inner, Text))
    assert told.answered.messages == (Message("assistant", (Text(ANSWER),)),)


@each_case
def test_settings_leave_out_what_is_told(case: Case) -> None:
    """A prompt or a tool must not be shown twice."""
    asked = exchange(streamed_turn(case)).asked
    assert QUESTION not in str(asked.settings)
    assert SYSTEM not in str(asked.settings)
    assert {name for name, _ in asked.settings}.isdisjoint({"model", "tools", "toolConfig"})


@each_case
def test_events_spell_the_answer(case: Case) -> None:
    """The texts of the events, one after the other, are the visible text of the answer."""
    told = events(streamed_turn(case))
    assert visible(told) == REMARK
    assert b"".join(event.data for event in told) == b"".join(case.units)


@each_case
def test_events_have_names(case: Case) -> None:
    """A table of events without names says nothing."""
    assert all(event.name for event in events(streamed_turn(case)))


@each_case
def test_a_stream_that_was_cut_off(case: Case) -> None:
    """After any number of events the answer so far is told, and it only grows."""
    before = ""
    for count in range(1, len(case.units)):
        turn = streamed_turn(case._replace(units=case.units[:count]))
        text = visible(events(turn))
        parts = [part for message in exchange(turn).answered.messages for part in message.parts]
        assert text.startswith(before)
        if text:
            assert [part.text for part in parts if isinstance(part, Text)] == [text]
            assert exchange(turn).dialect == case.dialect
        before = text
    assert before == REMARK


@each_case
def test_a_gateway_with_other_paths(case: Case) -> None:
    """A proxy that speaks the dialect under a path of its own is understood by its shapes."""
    turn = interaction("http://proxy.internal/llm", case.asked, case.whole)
    assert same_arguments(exchange(turn).answered) == first_answer(case)
    units = b"".join(case.units)
    stream = interaction(
        "http://proxy.internal/llm", case.asked, units, content_type=case.content_type
    )
    assert same_arguments(exchange(stream).answered) == first_answer(case)


@each_case
def test_another_body_than_the_path_says(case: Case) -> None:
    """What the API does not speak is shown as it stands, in both directions."""
    told = exchange(interaction(case.url, ["hello"], {"hello": "there"}))
    assert told.dialect == ""
    assert told.asked.messages == (Message("user", (Text('[\n  "hello"\n]'),)),)
    assert told.answered.messages == (Message("assistant", (Text('{\n  "hello": "there"\n}'),)),)


@each_case
def test_a_known_question_with_an_unknown_answer(case: Case) -> None:
    """One side that cannot be read does not hide the other."""
    told = exchange(interaction(case.url, case.asked, b"<html>", content_type="text/html"))
    assert told.dialect
    assert told.asked.messages[0] == Message("system", (Text(SYSTEM),))
    assert told.answered.messages == (Message("assistant", (Text("<html>"),)),)


@pytest.mark.parametrize("name", cassettes())
def test_the_cassettes_are_those_of_the_cases(name: str) -> None:
    """A cassette that was edited by hand drifts from what is tested here."""
    made = ck.dumps(cassettes()[name])
    assert (FOLDER / f"{name}.yaml").read_bytes() == made, "python tests/conversation_cases.py"


def test_no_cassette_without_a_case() -> None:
    """A file that nothing writes is never renewed."""
    assert {path.stem for path in FOLDER.iterdir()} == set(cassettes())


@pytest.mark.parametrize("path", SDKS, ids=lambda path: path.stem)
def test_the_sdks(path: Path) -> None:
    """Recordings of seven SDKs: a plain answer, then a streamed one with two tool calls."""
    plain, stream = map(exchange, ck.load(path).interactions)
    assert plain.dialect == stream.dialect != ""
    assert plain.asked.messages == (
        Message("user", (Text("Wie heißt die Hauptstadt von Österreich?"),)),
    )
    (answer,) = plain.answered.messages
    assert "Wien" in "".join(part.text for part in answer.parts if isinstance(part, Text))
    calls = [part for part in stream.answered.messages[0].parts if isinstance(part, ToolCall)]
    cities = [json.loads(call.arguments) for call in calls]
    assert cities == [{"city": "Zürich"}, {"city": "Łódź"}]
    assert {call.name for call in calls} == {"weather"} == set(stream.asked.tools)
    assert stream.answered.usage is not None
    assert stream.model


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_the_seeds(path: Path) -> None:
    """Real conversations: a call of a tool, its result, and an answer that costs what it costs."""
    first, second = map(exchange, ck.load(path).interactions)
    calls = [part for part in first.answered.messages[0].parts if isinstance(part, ToolCall)]
    results = [message.parts[0] for message in second.asked.messages if message.role == "tool"]
    assert [call.id for call in calls] == [part.id for part in results]
    assert second.asked.messages[: len(first.asked.messages)] == first.asked.messages
    assert second.asked.messages[len(first.asked.messages)] == first.answered.messages[0]
    assert second.answered.finish == ("stop",)
    assert second.answered.usage is not None
    states_cost = "openrouter.ai" in ck.load(path).interactions[0].request.url
    assert (second.answered.usage.cost is not None) == states_cost

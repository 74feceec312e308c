"""What a comparison finds: which interactions of two cassettes belong together, and changes."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any, get_args

import pytest
from conversations import NDJSON, SSE, interaction, lines, sse, streamed
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.comparison import Aspect, Change, Comparison, Pair, compare
from cassette_kit.comparison.document import document
from cassette_kit.comparison.hiding import hidden_as
from cassette_kit.comparison.pairing import MAX_TOKENS
from cassette_kit.comparison.report import report
from cassette_kit.comparison.said import said
from cassette_kit.comparison.sides import Side
from cassette_kit.comparison.wording import change_lines
from cassette_kit.comparison.words import text_lines
from cassette_kit.conversation import Answered, Media, Message, Text, ToolResult, Unknown
from cassette_kit.differences import MISSING, differences
from cassette_kit.model import Cassette, Headers, Interaction, Stream

CHAT = "https://api.openai.com/v1/chat/completions"
OTHER = "https://api.example.com/v1/things"
ALL = get_args(Aspect)


def tape(*interactions: Interaction) -> Cassette:
    return Cassette(interactions)


def asked(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "messages": [{"role": "user", "content": text}], **more}


def answered(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return {"object": "chat.completion", "model": "gpt-5", "choices": [choice], **more}


def events(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"object": "chat.completion.chunk", "model": "gpt-5", "choices": [{"index": 0, **delta}]}
        for delta in (
            *({"delta": delta} for delta in deltas),
            {"delta": {}, "finish_reason": "stop"},
        )
    ]


def chat(text: str, answer: str, **more: Any) -> Interaction:
    return interaction(CHAT, asked(text), answered({"content": answer}, **more))


def called(arguments: str, call_id: str = "call_12345678") -> Interaction:
    call = {"id": call_id, "function": {"name": "weather", "arguments": arguments}}
    return interaction(CHAT, asked("Hi"), answered({"content": None, "tool_calls": [call]}))


def changes(before: Interaction, after: Interaction, *show: Aspect) -> list[Change]:
    """The changes of two interactions that must be found to belong together."""
    (pair,) = compare(tape(before), tape(after), show=show).pairs
    return list(pair.changes)


def places(comparison: Comparison) -> set[tuple[int, int]]:
    return {(pair.before, pair.after) for pair in comparison.pairs}


# What changed


def test_a_stream_and_a_whole_answer() -> None:
    """The same words are the same, streamed or not, and however the stream was cut."""
    whole = chat("Hi", "Hello there")
    one = streamed(CHAT, asked("Hi"), sse(events({"content": "Hello there"}), done=True))
    many = streamed(CHAT, asked("Hi"), sse(events({"content": "Hel"}, {"content": "lo there"})))
    assert changes(whole, one) == changes(one, many) == changes(many, whole) == []


def test_an_answer_in_words() -> None:
    """Text of a stream is one text, whatever events carried it."""
    before = streamed(CHAT, asked("Hi"), sse(events({"content": "Hello "}, {"content": "you"})))
    after = chat("Hi", "Hello me")
    assert changes(before, after) == [Change("answer", "text", "Hello you", "Hello me")]


def test_arguments_of_a_tool() -> None:
    """They are compared as JSON: their layout and order do not count, each value has its path."""
    before = called('{"city":"Florence","days":1,"date":"2026-11-21"}', "call_aaaaaaaaa")
    assert changes(before, called('{"days": 1, "date":"2026-11-21", "city": "Florence"}')) == []
    after = called('{"city":"Rome","days":1.0,"date":"2026-11-22"}', "call_bbbbbbbbb")
    assert changes(before, after) == [
        Change("answer", "tool_calls[0] weather $.city", "Florence", "Rome"),
        Change("answer", "tool_calls[0] weather $.date", "2026-11-21", "2026-11-22"),
    ]
    torn = called('{"city":"Flo')
    (change,) = changes(before, torn)
    assert (change.where, change.after) == ("tool_calls[0] weather $", '{"city":"Flo')


def test_a_further_call() -> None:
    """A call that only one side makes is one change, with its name and its arguments."""
    calls = [
        {"id": name, "function": {"name": name, "arguments": f'{{"of": "{name}"}}'}}
        for name in ("weather", "tides")
    ]
    one, two = (
        interaction(CHAT, asked("Hi"), answered({"tool_calls": calls[:count]})) for count in (1, 2)
    )
    tides = {"name": "tides", "arguments": {"of": "tides"}}
    assert changes(one, two) == [Change("answer", "tool_calls[1]", MISSING, tides)]
    assert changes(two, one) == [Change("answer", "tool_calls[1]", tides, MISSING)]


def test_usage() -> None:
    """Tokens are numbers; one that a side does not state is missing there, and not 0."""
    before = chat("Hi", "Hello", usage={"prompt_tokens": 7, "completion_tokens": 2})
    after = chat("Hi", "Hello", usage={"prompt_tokens": 7, "completion_tokens": 3})
    assert changes(before, after) == [Change("usage", "output_tokens", 2, 3)]
    assert changes(chat("Hi", "Hello"), after) == [
        Change("usage", "input_tokens", MISSING, 7),
        Change("usage", "output_tokens", MISSING, 3),
    ]
    lines = told(compare(tape(before), tape(after)))
    assert "  usage output_tokens  2 → 3 (+1)" in lines
    lines = told(compare(tape(after), tape(chat("Hi", "Hello"))))
    assert "  usage output_tokens  3 → none" in lines


def test_status_and_end() -> None:
    """An answer that failed, or that was cut off, is not the answer that it was before."""
    units = list(sse(events({"content": "Hello"})))
    whole, cut = streamed(CHAT, asked("Hi"), units), streamed(CHAT, asked("Hi"), units)
    ended = replace(cut.response, stream=replace(cut.response.stream, end="upstream_error"))
    assert changes(whole, replace(cut, response=ended)) == [
        Change("answer", "end of the stream", "complete", "upstream_error")
    ]
    unknown = replace(whole.response, stream=None)
    assert changes(whole, replace(whole, response=unknown), "ids") == []
    failed = interaction(CHAT, asked("Hi"), {"error": {"message": "busy"}}, status="503 Busy")
    found = changes(chat("Hi", "Hello"), failed)
    assert found[0] == Change("answer", "status", 200, 503)
    assert Change("answer", "error", MISSING, "busy") in found


def test_several_choices() -> None:
    """Each is told by its place."""
    one, two = (
        {"choices": [{"index": n, "message": {"content": text}} for n, text in enumerate(texts)]}
        for texts in ("ab", "ac")
    )
    assert changes(interaction(CHAT, asked("Hi"), one), interaction(CHAT, asked("Hi"), two)) == [
        Change("answer", "answers[1].text", "b", "c")
    ]


def test_parts_that_are_no_text() -> None:
    """Pictures are told by what they are, results of a provider's own tools by their texts, and
    other parts as they stand; an id among them is none of these."""
    parts = (
        Media("image/png", b"pixels"),
        Media("image/png", url="https://example.com/a.png"),
        ToolResult(
            "srv_12345678", (Text("40 C"), Media("image/png", b"pixels"), Unknown({"n": 1}))
        ),
        Unknown({"type": "odd"}),
    )
    tree = said(Answered(messages=(Message("assistant", parts),)), alone=True)
    picture = {"type": "image/png", "bytes": 6, "sha256": sha256(b"pixels").hexdigest(), "url": ""}
    assert tree == {
        "media": [
            picture,
            {"type": "image/png", "bytes": 0, "sha256": "", "url": "https://example.com/a.png"},
        ],
        "other": [
            {"result": ["40 C", picture, {"n": 1}], "is_error": False},
            {"type": "odd"},
        ],
    }


def test_ids_in_parts_of_an_unknown_kind() -> None:
    """They are as new in each recording as any id; what else such a part holds is told."""
    before, after = (
        answered({"content": [{"type": "odd", "id": f"odd_{n}1234567", "n": n}]}) for n in (1, 2)
    )
    found = changes(interaction(CHAT, asked("Hi"), before), interaction(CHAT, asked("Hi"), after))
    assert [change.where for change in found] == ["other[0].n"]


def test_fields_that_say_nothing() -> None:
    """What else a JSON answer holds is told where all that is said is the same."""
    before, after = (chat("Hi", "Hello", service_tier=tier) for tier in ("default", "priority"))
    assert changes(before, after) == [Change("answer", "$.service_tier", "default", "priority")]
    louder = chat("Hi", "Hello!", service_tier="priority")
    assert [change.where for change in changes(before, louder)] == ["text"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [("$.a[1].b", 2, 3)]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1, "b": None}, {"a": 1}, [("$.b", None, MISSING)]),
        (b"a=1&b=2", b"b=2&a=1", []),
        (b"a=1&b=2", b"a=1&b=3", [("$.b[0]", "2", "3")]),
        (b"plain", b"text", [("body", "plain", "text")]),
        (b"\xff", b"text", [("body", b"\xff", "text")]),
        ({"a": 1}, b"text", [("body", '{"a":1}', "text")]),
    ],
)
def test_bodies_of_any_kind(before: Any, after: Any, expected: list[tuple[Any, ...]]) -> None:
    """JSON and forms by their places, whatever their layout; else as a whole."""
    ours, theirs = (interaction(OTHER, body, {"ok": True}) for body in (before, after))
    assert changes(ours, theirs) == [Change("request", *change) for change in expected]


@pytest.mark.parametrize(
    ("before", "after", "content_type", "expected"),
    [
        ({"id": "thing-000001", "n": 1}, {"id": "thing-000002", "n": 2}, "", [("$.n", 1, 2)]),
        (
            list(sse([{"id": "x" * 9, "n": 1}, "data: text"])),
            list(sse([{"id": "y" * 9, "n": 2}, "data: text"])),
            SSE,
            [("$[0].n", 1, 2)],
        ),
        (list(lines([{"n": 1}])), list(lines([{"n": 1}, {"n": 2}])), NDJSON, None),
        (b"\x00\x01", b"\x00\x02", "", [("body", "\x00\x01", "\x00\x02")]),
        (b"\xff\x01", b"\xff\x02", "", [("body", b"\xff\x01", b"\xff\x02")]),
    ],
)
def test_answers_of_unknown_apis(
    before: Any, after: Any, content_type: str, expected: list[tuple[Any, ...]] | None
) -> None:
    """JSON and event streams by their places, ids left out; else as a whole."""
    ours, theirs = (
        interaction(
            OTHER,
            {"q": 1},
            b"".join(body) if isinstance(body, list) else body,
            content_type=content_type or "application/json",
        )
        for body in (before, after)
    )
    found = changes(ours, theirs)
    assert found
    if expected is not None:
        assert found == [Change("answer", *change) for change in expected]


def test_method_and_url() -> None:
    """They are told as they stand; the case of the host and a fragment do not count."""
    urls = (
        "https://API.example.com:443/a#x",
        "https://api.example.com/a",
        "https://api.example.com/b?c=d",
    )
    before, equal, other = (interaction(url, {"q": "the same question"}, {}) for url in urls)
    after = replace(other, request=replace(other.request, method="PUT"))
    assert changes(before, equal) == []
    assert changes(before, after) == [
        Change("request", "method", "POST", "PUT"),
        Change("request", "url", urls[0], urls[2]),
    ]


def test_times_and_headers() -> None:
    """They are numbers and values on request; a time that was not recorded is missing."""
    one = streamed(CHAT, asked("Hi"), sse(events({"content": "Hello"})))
    response = replace(
        one.response, duration_ns=2_000_000, stream=None, headers=Headers([("X-A", "1")])
    )
    two = replace(one, response=response)
    recorded = float(sum(delay for delay, _ in one.response.recorded_sizes or ()))
    assert changes(one, two, "times") == [
        Change("times", "to the headers", 640.0, 2.0),
        Change("times", "to the end", recorded, MISSING),
    ]
    assert Change("headers", "answer x-a", MISSING, "1") in changes(one, two, "headers")
    assert {change.section for change in changes(one, two, "headers")} == {"headers"}
    (pair,) = compare(tape(one), tape(two)).pairs
    assert pair.hidden == {"times": 2, "headers": 3}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (185.4, 185.6, "185 ms → 186 ms (+1 ms)"),
        (186.4, 184.6, "186 ms → 185 ms (-1 ms)"),
        (185.1, 185.4, "185 ms → 185 ms (+<1 ms)"),
        (185.4, 185.1, "185 ms → 185 ms (-<1 ms)"),
        (1884.2, 1891.3, "1.88 s → 1.89 s (+7 ms)"),
        (MISSING, 0.4, "none → 0 ms"),
    ],
)
def test_times_that_are_rounded(before: Any, after: Any, said: str) -> None:
    """The difference is that of the times that are shown, and never nothing where they differ."""
    (line,) = change_lines(Change("times", "to the end", before, after))
    assert "".join(span.text for span in line) == f"  time to the end  {said}"


def test_costs() -> None:
    """Small amounts are written out, without the noise of binary fractions."""
    (line,) = change_lines(Change("usage", "cost", 0.1, 0.30001))
    assert line[-1].text == "  0.1 → 0.30001 (+0.20001)"
    (line,) = change_lines(Change("usage", "cost", 0.00001, 0.00003))
    assert line[-1].text == "  0.00001 → 0.00003 (+0.00002)"


def test_too_many_changes() -> None:
    """A page of them is enough, and that there are more is told."""
    ours, theirs = ({str(n): n + start for n in range(1_000)} for start in (0, 5_000))
    comparison = compare(*(tape(interaction(OTHER, body, {})) for body in (ours, theirs)))
    (pair,) = comparison.pairs
    assert (len(pair.changes), pair.is_cut) == (200, True)
    assert "  and more" in told(comparison)


def told(comparison: Comparison) -> list[str]:
    return ["".join(span.text for span in line) for line in report(comparison)]


def agent(first: str, turns: int) -> list[Interaction]:
    """A conversation of that many requests, each with the turns before it."""
    said = [{"role": "user", "content": first}]
    asked = [
        {"model": "gpt-5", "messages": [*said, *({"n": n} for n in range(turn))]}
        for turn in range(turns)
    ]
    return [interaction(CHAT, body, answered({"content": f"{n}"})) for n, body in enumerate(asked)]


def test_a_change_that_every_turn_repeats() -> None:
    """One changed word of the first prompt is one change, however long the conversation: the turns
    that repeat it are one line."""
    before, after = agent("Be brief.", 100), agent("Be short.", 100)
    lines = told(compare(tape(*before), tape(*after)))
    assert lines[-3:] == ["#1 to #99: the same change as in #0", "", "100 changed"]
    assert [line for line in lines if line.startswith("#")] == [
        f"#0 POST {CHAT}",
        "#1 to #99: the same change as in #0",
    ]


def test_a_repeated_change_of_pairs_that_moved() -> None:
    """A number is that of A or of B: where they differ, it is said whose it is."""
    before, after = agent("Be brief.", 4), agent("Be short.", 4)
    other = interaction(OTHER, {"a": "b"}, {})
    lines = told(compare(tape(other, *before), tape(*after)))
    assert [line for line in lines if line.startswith("#")] == [
        f"#1 of A → #0 of B POST {CHAT}",
        "#2 to #4 of A → #1 to #3 of B: the same change as in #1 of A → #0 of B",
    ]
    two = told(compare(tape(other, *before[:2]), tape(*after[:2])))
    assert "  request $.messages[0].content  as in #1 of A → #0 of B" in two


def test_a_turn_with_a_change_of_its_own() -> None:
    """It ends a run: what is new in it is told, and what it repeats is named."""
    before, after = agent("Be brief.", 9), agent("Be short.", 9)
    after[5] = replace(after[5], response=chat("", "five").response)
    lines = told(compare(tape(*before), tape(*after)))
    assert [line for line in lines if line.startswith("#") or "as in" in line] == [
        f"#0 POST {CHAT}",
        "#1 to #4: the same change as in #0",
        f"#5 POST {CHAT}",
        "  request $.messages[0].content  as in #0",
        "#6 to #8: the same change as in #0",
    ]


def test_a_change_that_comes_back_elsewhere() -> None:
    """An answer that becomes part of the next request is not the same change there as in the
    prompt: where it is, is told."""
    before, after = ([chat("Hi", text), chat(text, "x"), chat(text, "y")] for text in ("a", "b"))
    echo = [chat("Hi", text) for text in ("a", "b")]
    lines = told(compare(tape(*before, echo[0]), tape(*after, echo[1])))
    assert [line for line in lines if line.startswith("#") or "as in" in line] == [
        f"#0 POST {CHAT}",
        "#1 to #2: the same change as in #0",
        f"#3 POST {CHAT}",
        "  answer text  as in #0",
    ]


def test_a_number_that_is_equal_by_chance() -> None:
    """A setting that changes as the tokens of a turn before did is told, with both values."""
    counts = [
        chat(
            "Hi", "Hello", usage={"prompt_tokens": 9, "completion_tokens": count, "total_tokens": 0}
        )
        for count in (12, 30)
    ]
    limits = [
        interaction(CHAT, asked("Bye", max_tokens=count), answered({"content": "Bye"}))
        for count in (12, 30)
    ]
    lines = told(compare(tape(counts[0], limits[0]), tape(counts[1], limits[1])))
    assert not [line for line in lines if "as in" in line]
    at = lines.index("  request $.max_tokens")
    assert [line.split() for line in lines[at + 1 : at + 3]] == [["-", "12"], ["+", "30"]]


def test_values_nested_beyond_reason() -> None:
    """They are neither written out nor a reason to fail, at the bounds of any parser or writer."""
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    change = Change("request", "$", deep, MISSING)
    before, after = tape(interaction(OTHER, 1, {})), tape(interaction(OTHER, 2, {}))
    comparison = Comparison(
        before.interactions, after.interactions, (Pair(0, 0, (change,)),), (), ()
    )
    assert "    - (nested too deeply)" in told(comparison)
    (pair,) = document(comparison)["changed"]
    assert pair["changes"][0]["before"] == {"too_deep": True}


def further_down(levels: int, view: Callable[[], Any]) -> Any:
    """What `view` gives where the stack is deeper."""
    return further_down(levels - 1, view) if levels else view()


def test_values_nested_up_to_the_bound() -> None:
    """What a parser just takes may be too deep for a writer that is called from further down, or
    once it stands in an answer."""
    nested = ("[" * depth + "]" * depth for depth in range(1_000, 0, -1))
    sides = (Side(0, interaction(OTHER, text.encode(), {})) for text in nested)
    deepest = next(side for side in sides if side.body.kind == "json")
    assert further_down(50, lambda: deepest.asked_without_ids)
    for depth in range(850, 1_000, 2):
        assert Side(0, called("[" * depth + "]" * depth)).said


# What every recording changes


@pytest.mark.parametrize(
    ("name", "before", "after", "aspect"),
    [
        ("id", "chatcmpl-Ab12Cd34", "chatcmpl-Ef56Gh78", "ids"),
        ("tool_call_id", "abcdefghi", "zyxwvutsr", "ids"),
        ("responseId", "XYZ-XYZ-1", "XYZ-XYZ-2", "ids"),
        ("system_fingerprint", "fp_12345678", "fp_87654321", "ids"),
        ("signature", "c2lnbmF0dXJl", "c2lnbmF0dXJm", "ids"),
        ("created", 1763700000, 1763800000, "ids"),
        ("createTime", "2026-11-21T09:00:00Z", "2026-11-22T10:11:12.5Z", "ids"),
        ("content", "It is 2026-11-21 09:00:00.", "It is 2026-11-22 10:00:00.", "ids"),
        ("session", *(f"{n * 8}-1234-1234-1234-123456789abc" for n in "ab"), "ids"),
        ("total_duration", 5_043_500_667, 4_000_000_001, "times"),
        ("queue_time", 0.037, 0.05, "times"),
        ("user_id", 7, 8, None),
        ("id", "short", "other", None),
        ("id", "with a blank in it", "with two blanks in it", None),
        ("idea", "something long", "something longer", None),
        ("paid", "something-long", "something-longer", None),
        ("duration", "2 weeks", "3 weeks", None),
        ("model", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", None),
        ("content", "Say hello.", "Say hi.", None),
        ("n", 1, 2, None),
        ("flag", True, False, None),
        ("id", "chatcmpl-Ab12Cd34", None, None),
    ],
)
def test_what_is_left_out(name: str, before: Any, after: Any, aspect: Aspect | None) -> None:
    """Ids and clocks by the names that APIs give them, or by form; nothing that was chosen."""
    for path in ({name: before}, {name: after}), ([{name: before}], [{name: after}]):
        (difference,) = differences(*path)
        assert hidden_as(difference) == aspect


def test_left_out_of_requests_and_counted() -> None:
    """A date in a prompt and the id of a call are no changes, but their number is known."""
    turns = [
        {"role": "system", "content": "Today is 2026-11-21."},
        {"role": "tool", "tool_call_id": "call_aaaaaaaa", "content": "40 C"},
    ]
    later = [
        {"role": "system", "content": "Today is 2026-11-22."},
        {"role": "tool", "tool_call_id": "call_bbbbbbbb", "content": "40 C"},
    ]
    before, after = (interaction(CHAT, {"messages": one}, {}) for one in (turns, later))
    comparison = compare(tape(before), tape(after))
    assert comparison.is_same
    assert comparison.hidden == {"ids": 2}
    assert [change.where for change in changes(before, after, "ids")] == [
        "$.messages[0].content",
        "$.messages[1].tool_call_id",
    ]


def test_a_date_in_an_answer() -> None:
    """What a model says is told, be it a date."""
    before, after = chat("When?", "On 2026-11-21."), chat("When?", "On 2026-11-22.")
    assert len(changes(before, after)) == 1


# What belongs together


def test_equal_requests_with_several_answers() -> None:
    """429, 429, 200 against 200: the answers that agree are a pair, the others are gone."""
    busy = interaction(CHAT, asked("Hi"), {"error": "busy"}, status="429 Too Many Requests")
    fine = chat("Hi", "Hello")
    comparison = compare(tape(busy, busy, fine), tape(fine))
    assert (places(comparison), comparison.removed, comparison.added) == ({(2, 0)}, (0, 1), ())
    slow = replace(fine, response=replace(fine.response, duration_ns=1))
    assert places(compare(tape(fine, slow), tape(slow, fine))) == {(0, 1), (1, 0)}
    other = chat("Hi", "Good day")
    assert places(compare(tape(busy, fine), tape(other, busy))) == {(0, 1), (1, 0)}


def test_a_retry_with_another_model() -> None:
    """The 429 of a retry is as similar a request as its success: the answers tell which is which,
    first by status, then by what they say."""

    def with_model(one: Interaction, model: str) -> Interaction:
        body = one.request.body.replace(b"gpt-5", model.encode())
        return replace(one, request=replace(one.request, body=body))

    busy = interaction(CHAT, asked("Hi"), {"error": "busy"}, status="429 Too Many Requests")
    hello, bye = chat("Hi", "Hello there"), chat("Hi", "Good bye then")
    after = with_model(hello, "gpt-6")
    for before in ((busy, hello), (hello, busy), (busy, busy, hello, bye), (bye, hello)):
        comparison = compare(tape(*before), tape(after))
        assert places(comparison) == {(before.index(hello), 0)}
        assert [change.where for change in comparison.pairs[0].changes] == ["$.model"]
        assert places(compare(tape(after), tape(*before))) == {(0, before.index(hello))}


def test_similar_requests() -> None:
    """A changed request finds its counterpart by its words, at whatever place."""
    texts = ["What is the weather in Florence?", "Tell me a story of a whale.", "Add 2 and 3."]
    news = ["Tell me a long story of a whale.", "Add 2 and 4.", "What is the weather in Rome?"]
    before, after = ([chat(text, "Yes") for text in one] for one in (texts, news))
    comparison = compare(tape(*before), tape(*after))
    assert places(comparison) == {(0, 2), (1, 0), (2, 1)}
    assert comparison.is_reordered


def test_nothing_in_common() -> None:
    """Requests to different URLs that share little are not one that changed."""
    ours, theirs = interaction(OTHER, {"a": "b"}, {}), chat("Hi", "Hello")
    comparison = compare(tape(ours), tape(theirs))
    assert (comparison.pairs, comparison.removed, comparison.added) == ((), (0,), (0,))


def test_a_request_that_moved() -> None:
    """The same body to another host is the same request with another URL."""
    ours = chat("Hi", "Hello")
    theirs = replace(ours, request=replace(ours.request, url="https://llm.example.com/v1/chat"))
    assert [change.where for change in changes(ours, theirs)] == ["url"]


def test_too_many_to_compare_each_with_each() -> None:
    """Past a bound, requests of one URL are paired by their order; no request is lost."""
    words = " ".join(f"w{n}" for n in range(200))
    count = int((MAX_TOKENS / 400) ** 0.5) + 10
    before, after = (
        [chat(f"{start} {n} {words}", "Yes") for n in range(count)] for start in ("one", "two")
    )
    assert places(compare(tape(*before), tape(*after))) == {(n, n) for n in range(count)}
    busy = interaction(CHAT, asked(words), {"error": "busy"}, status="429 Too Many Requests")
    retried = compare(tape(busy, *before), tape(*after))
    assert retried.removed == (0,)


# What holds for any two cassettes

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["2026-11-21", "\x1b[31m", "\ud800", '{"a":1}', "a" * 200]),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "role", "content", "messages", "x\x07"]), values)
    ),
    max_leaves=6,
)
bodies = st.one_of(
    json_values.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=8),
    st.sampled_from(
        [b"", b"a=1&b=2", b"[" * 3_000 + b"]" * 3_000, b'{"a":' * 900 + b"1" + b"}" * 900]
    ),
    st.text(max_size=9).map(lambda text: b"".join(sse(events({"content": text})))),
    st.text(max_size=9).map(lambda text: json.dumps(answered({"content": text})).encode()),
)
streams = st.none() | st.builds(
    Stream,
    st.sampled_from(["complete", "client_closed"]),
    st.lists(st.tuples(st.integers(0, 10**17), st.integers(0, 9)), max_size=3).map(tuple),
)


@st.composite
def recorded(draw: st.DrawFn) -> Interaction:
    one = interaction(
        draw(st.sampled_from([CHAT, OTHER, f"{OTHER}?a=b", "", "http://[", "no url \x1b"])),
        draw(bodies),
        draw(bodies),
        content_type=draw(st.sampled_from(["application/json", SSE, "image/png", "\x00"])),
        stream=draw(streams),
    )
    return replace(one, response=replace(one.response, duration_ns=draw(st.integers(0, 2**62))))


cassettes = st.lists(recorded(), max_size=5).map(lambda found: Cassette(tuple(found)))


@settings(deadline=None, max_examples=150)
@given(cassettes, st.randoms(use_true_random=False))
def test_a_cassette_and_itself(cassette: Cassette, chance: random.Random) -> None:
    """There is no difference, whatever is looked at, and whatever the order."""
    same = compare(cassette, cassette, show=ALL)
    assert same.is_same
    assert not same.hidden
    shuffled = list(cassette.interactions)
    chance.shuffle(shuffled)
    assert compare(cassette, tape(*shuffled), show=ALL).is_same


@settings(deadline=None, max_examples=150)
@given(cassettes, cassettes)
def test_either_way(ours: Cassette, theirs: Cassette) -> None:
    """From B to A is from A to B the other way round, and no interaction is lost or used twice."""
    there, back = compare(ours, theirs, show=ALL), compare(theirs, ours, show=ALL)
    assert places(there) == {(before, after) for after, before in places(back)}
    assert (there.added, there.removed) == (back.removed, back.added)
    assert numbers(there) == {(where, after, before) for where, before, after in numbers(back)}
    assert {(p.before, p.after) for p in there.changed} == {
        (p.after, p.before) for p in back.changed
    }
    seen = [pair.before for pair in there.pairs]
    assert sorted([*seen, *there.removed]) == list(range(len(ours.interactions)))


def numbers(comparison: Comparison) -> set[tuple[str, Any, Any]]:
    return {
        (change.where, change.before, change.after)
        for pair in comparison.pairs
        for change in pair.changes
        if change.section in ("usage", "times")
    }


@settings(deadline=None, max_examples=150)
@given(cassettes, cassettes)
def test_it_can_be_told(ours: Cassette, theirs: Cassette) -> None:
    """Whatever the cassettes hold, there is a report that is safe to print, and a JSON document."""
    comparison = compare(ours, theirs, show=ALL)
    for line in report(comparison):
        text = "".join(span.text for span in line)
        assert not any(char in text for char in "\n\r\x1b\x07\x00\ud800")
    assert json.loads(json.dumps(document(comparison)))["is_same"] is comparison.is_same
    without = compare(ours, theirs)
    hidden = sum(pair.hidden.total() for pair in without.pairs if isinstance(pair.hidden, Counter))
    assert comparison.is_same <= without.is_same
    assert hidden or not without.is_same or comparison.is_same


texts = st.lists(st.sampled_from(["a", "b c", "b d", "", "x" * 300]), max_size=12).map("\n".join)


@settings(deadline=None)
@given(texts, texts)
def test_lines_of_two_texts(before: str, after: str) -> None:
    """Equal texts have no changed lines; else those of each side are in its order, and put in the
    place of one another they make one text of the other."""
    found = list(text_lines(before, after))
    for sign, text, other in (("-", before, after), ("+", after, before)):
        changed = [
            "".join(piece.text for piece in line.pieces) for line in found if line.sign == sign
        ]
        gone = Counter(changed)
        assert gone <= Counter(text.split("\n"))
        assert Counter(text.split("\n")) - gone <= Counter(other.split("\n"))
    assert (before == after) == (not any(line.sign in "-+" for line in found))


def test_equal_lines_beside_those_that_changed() -> None:
    """One stands on either side of every change, that of the first line too."""
    before = ["a", *"bcdef", "g", *"hij"]
    after = ["new", "a", *"bcdef", "G", *"hij"]
    found = text_lines("\n".join(before), "\n".join(after))
    shown = [line.sign + "".join(piece.text for piece in line.pieces) for line in found]
    assert shown == ["+new", " a", "…", " f", "-g", "+G", " h", "…"]


def test_words_that_changed_are_marked() -> None:
    """In a line that is mostly the same, the other words are marked, and far ones left out."""
    before = "one " * 99 + "word " + "two " * 99
    removed, added = text_lines(before, before.replace("word", "world"))
    assert [piece.text for piece in removed.pieces if piece.is_changed] == ["word "]
    assert [piece.text for piece in added.pieces if piece.is_changed] == ["world "]
    assert len("".join(piece.text for piece in added.pieces)) < 150
    removed, added = text_lines("nothing of this", "is alike at all")
    assert not any(piece.is_changed for piece in (*removed.pieces, *added.pieces))


PROSE = " ".join(f"The {n}th day was warm, and the sea was calm." for n in range(20_000))


@pytest.mark.parametrize("days", [[9_999], [4, 9_999, 19_000], [*range(100, 20_000, 2_000)]])
def test_words_that_changed_in_a_line_without_end(days: list[int]) -> None:
    """A prompt of 700 kB on one line is shown where it changed, be it in one place or in ten, and
    cut everywhere else; without colours nothing else tells what to look for."""
    after = PROSE
    for day in days:
        after = after.replace(f"The {day}th day", f"The {day}th night")
    removed, added = ("".join(p.text for p in line.pieces) for line in text_lines(PROSE, after))
    for line, word in ((removed, "day"), (added, "night")):
        found = line.split("…")
        shown = [piece for piece in found if any(f"{day}th {word} " in piece for day in days)]
        assert len(shown) == len(days)
        assert [piece for piece in found if piece not in shown] in ([""], ["", ""])
        assert max(map(len, found)) < 200


def test_a_line_without_end_beside_a_new_one() -> None:
    """Both sides of it were cut to their first 2,000 characters, which are the same."""
    removed, changed, added = text_lines(f"{PROSE} end", f"{PROSE} END\nmore")
    for line, word in ((removed, "end"), (changed, "END")):
        assert [piece.text for piece in line.pieces if piece.is_changed] == [word]
    assert added == ("+", (("more", False),))


def test_a_line_without_end_that_is_rewritten() -> None:
    """What two long lines begin and end with is cut away, so that both begin where they part."""
    one, other = (" ".join(f"{word}{n}" for n in range(3_000)) for word in ("east", "west"))
    removed, added = text_lines(f"{PROSE} {one} {PROSE}", f"{PROSE} {other} {PROSE}")
    for line, word in ((removed, "east"), (added, "west")):
        text = "".join(piece.text for piece in line.pieces)
        assert f"sea was calm. {word}0 {word}1 " in text
        assert f"{word}2998 {word}2999 The 0th day" in text
        assert len(text) < 3_000


def test_a_line_without_end_that_only_one_side_has() -> None:
    """It is cut, as one that changed is."""
    comparison = compare(tape(chat("Hi", "x")), tape(chat("Hi", "x"), chat(PROSE, "y")))
    assert max(map(len, told(comparison))) < 3_000


def test_a_huge_text() -> None:
    """Lines and words without end are compared in bounded work, and shown in bounded space."""
    for unit in ("a b ", "a\n", "x"):
        before = unit * (1_000_000 // len(unit))
        shown = text_lines(f"{before}one{before}", f"{before}two{before}")
        assert sum(len(piece.text) for line in shown for piece in line.pieces) < 20_000

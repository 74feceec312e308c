"""An exchange as lines of text: what is said, what is left out, and what never gets through."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import SSE, interaction

import cassette_kit as ck
from cassette_kit.conversation import exchange
from cassette_kit.conversation.heard import Heard
from cassette_kit.conversation.printable import laid_out, one_line, visible
from cassette_kit.conversation.transcript import transcript

CHAT = "https://api.openai.com/v1/chat/completions"
PNG = "iVBORw0KGgo" + "A1b2C3d4" * 40


def said(role: str, content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **fields}


def chat(*messages: dict[str, Any], answer: Any = "Hello!", **fields: Any) -> ck.Interaction:
    """A chat completion that was asked these messages."""
    body = {"model": "m", "messages": list(messages), **fields}
    choice = {"index": 0, "message": said("assistant", answer), "finish_reason": "stop"}
    reply = {"model": "m", "choices": [choice], "object": "chat.completion"}
    return interaction(json.dumps(body).encode(), json.dumps(reply).encode(), url=CHAT)


def lines(*interactions: ck.Interaction) -> list[str]:
    heard = Heard()
    return [line.text for one in interactions for line in transcript(one, heard=heard)]


def test_a_conversation() -> None:
    """Request, settings, messages; status, answer, end. Text is indented, labels are not."""
    found = transcript(chat(said("system", "Be kind."), said("user", "Hi\n\nyou"), temperature=0.5))
    assert [(line.kind, line.text) for line in found] == [
        ("heading", f"POST {CHAT}"),
        ("settings", "  model: m"),
        ("settings", "  temperature: 0.5"),
        ("blank", ""),
        ("system", "system"),
        ("system", "  Be kind."),
        ("blank", ""),
        ("user", "user"),
        ("user", "  Hi"),
        ("user", ""),
        ("user", "  you"),
        ("blank", ""),
        ("heading", "200 OK"),
        ("blank", ""),
        ("assistant", "assistant"),
        ("assistant", "  Hello!"),
        ("blank", ""),
        ("usage", "finish: stop"),
    ]


def test_tools() -> None:
    """A call shows its arguments laid out, exact in every digit; a result the name of its tool,
    and no ids, which differ from one recording to the next."""
    function = {"name": "add", "arguments": '{"a":1.10,"b":{"c":12345678901234567890}}'}
    call = {"id": "call_7", "type": "function", "function": function}
    found = lines(
        chat(
            said("assistant", None, tool_calls=[call]),
            {"role": "tool", "tool_call_id": "call_7", "content": "2"},
        )
    )
    at = found.index("tool call: add")
    assert found[at : at + 10] == [
        "tool call: add",
        "  {",
        '    "a": 1.10,',
        '    "b": {',
        '      "c": 12345678901234567890',
        "    }",
        "  }",
        "",
        "tool result: add",
        "  2",
    ]
    assert "call_7" not in "\n".join(found)


MESSAGES = "https://api.anthropic.com/v1/messages"


def claude(*content: dict[str, Any], answer: tuple[dict[str, Any], ...] = ()) -> ck.Interaction:
    """A message to Anthropic's API in these parts."""
    body = {"model": "m", "max_tokens": 9, "messages": [said("user", list(content))]}
    reply = {"type": "message", "role": "assistant", "content": list(answer)}
    return interaction(json.dumps(body).encode(), json.dumps(reply).encode(), url=MESSAGES)


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_parts_of_one_turn() -> None:
    """A turn has one label, however many parts it has; three turns have three."""
    source = {"type": "url", "url": "https://e.com/a.png"}
    one = claude(text("Look:"), {"type": "image", "source": source}, text(""), text("What is it?"))
    found = lines(one)
    at = found.index("user")
    assert found[at : at + 7] == [
        "user",
        "  Look:",
        "",
        "  <image/* at https://e.com/a.png>",
        "",
        "  What is it?",
        "",
    ]
    assert lines(chat(*(said("user", word) for word in "abc"))).count("user") == 3


def test_words_on_both_sides_of_a_call() -> None:
    """What is said behind a call, or behind thinking, is labelled again."""
    call = {"type": "tool_use", "id": "1", "name": "add", "input": {}}
    thought = {"type": "thinking", "thinking": "hm"}
    parts = text("One."), text("Two."), call, text("Three."), thought, text("Four.")
    found = [line for line in lines(claude(text("Hi"), answer=parts)) if line]
    assert found[found.index("assistant") :] == [
        *("assistant", "  One.", "  Two."),
        *("tool call: add", "  {}"),
        *("assistant", "  Three."),
        *("thinking", "  hm"),
        *("assistant", "  Four."),
    ]


def test_a_document_of_text() -> None:
    """The words of a document are words of the prompt."""
    source = {"type": "text", "media_type": "text/plain", "data": "Once\nupon"}
    found = lines(claude({"type": "document", "title": "A tale", "source": source}, text("Sum up")))
    at = found.index("user")
    assert found[at : at + 5] == ["user", "  Once", "  upon", "", "  Sum up"]


def test_thinking_that_is_redacted() -> None:
    """It is thinking, though nobody can read it, and no words of the answer."""
    answer = {"type": "redacted_thinking", "data": "ErUB" * 99}, text("Yes.")
    found = lines(claude(text("Hi"), answer=answer))
    at = found.index("thinking")
    assert found[at : at + 5] == ["thinking", "  (redacted)", "", "assistant", "  Yes."]
    assert "ErUB" not in "\n".join(found)


def test_several_choices() -> None:
    """With `n=2` each answer has its number; one answer has none."""
    choices = [{"index": n, "message": said("assistant", word)} for n, word in enumerate("ab")]
    body = json.dumps({"model": "m", "messages": [said("user", "Hi")], "n": 2}).encode()
    found = lines(interaction(body, json.dumps({"choices": choices}).encode(), url=CHAT))
    assert found[found.index("200 OK") + 1 :] == [
        *("", "choice 0", "", "assistant", "  a"),
        *("", "choice 1", "", "assistant", "  b"),
    ]
    assert not [line for line in lines(chat(said("user", "Hi"))) if line.startswith("choice")]


def test_bodies_that_an_api_does_not_know() -> None:
    """A torn request and the page of a proxy are nobody's words."""
    reply = json.dumps({"object": "chat.completion", "choices": [{"message": said("", "Yes")}]})
    torn = lines(interaction(b'{"model": "m", "mess', reply.encode(), url=CHAT))
    assert "request" in torn
    assert "user" not in torn
    assert torn[torn.index("assistant") + 1] == "  Yes"
    body = json.dumps({"model": "m", "messages": [said("user", "Hi")]}).encode()
    page = lines(interaction(body, b"<h1>Bad Gateway</h1>", url=CHAT, code=502, status="502"))
    assert page[page.index("answer") + 1] == "  <h1>Bad Gateway</h1>"
    assert "user" in page
    assert "assistant" not in page


def test_only_what_is_new() -> None:
    """A request that repeats a conversation is told from its new turn on."""
    first = chat(said("user", "Hi"))
    second = chat(said("user", "Hi"), said("assistant", "Hello!"), said("user", "Bye"))
    assert lines(first, second)[-12:] == [
        f"POST {CHAT}",
        "(settings and 2 messages as before)",
        "",
        "user",
        "  Bye",
        "",
        "200 OK",
        "",
        "assistant",
        "  Hello!",
        "",
        "finish: stop",
    ]


@pytest.mark.parametrize(
    ("messages", "note"),
    [
        (["Hi"], "(settings and 1 message as before)"),
        (["Hi", "Hello!", "Go on"], "(settings and 2 messages as before)"),
        (["Hi", "Hullo!", "Go on"], "(settings and 1 message as before)"),
        (["Ho", "Hello!"], "(settings as before)"),
        (["Hello!"], "(settings as before)"),
    ],
)
def test_what_counts_as_before(messages: list[str], note: str) -> None:
    """Messages are known where all before them were the same: a changed first one changes all."""
    roles = ["user", "assistant"] * 2
    again = chat(*(said(role, text) for role, text in zip(roles, messages, strict=False)))
    assert lines(chat(said("user", "Hi")), again).count(note) == 1


def test_another_conversation_between() -> None:
    """Two agents that take turns each go on from their own last exchange."""
    one, two = chat(said("user", "One")), chat(said("user", "Two"))
    more = chat(said("user", "One"), said("assistant", "Hello!"), said("user", "More"))
    found = lines(one, two, more)
    assert "(settings as before)" in found
    assert "(settings as before, 2 messages as in #0)" in found


def test_where_it_was_before() -> None:
    """ "Before" is the exchange right above; what an older one had is told by its number."""
    asked = [chat(said("user", "Hi"), temperature=number) for number in (0, 1, 0, 0)]
    notes = [line for line in lines(*asked) if line.startswith("(")]
    assert notes == [
        "(1 message as before)",
        "(settings as in #0, 1 message as before)",
        "(settings and 1 message as before)",
    ]


def test_what_defines_the_tools() -> None:
    """A changed description is a changed prompt: its digest differs, and in full it is read."""
    tools = [
        [{"type": "function", "function": {"name": "f", "description": text}}] for text in "ab"
    ]
    one, other = (chat(said("user", "Hi"), tools=each) for each in tools)
    (first, second) = (line for line in lines(one, other) if "definitions: <json, " in line)
    assert first != second
    assert "  tools: f" in lines(one)
    again = chat(said("user", "Hi"), tools=[dict(reversed(tools[0][0].items()))])
    assert "(settings and 1 message as before)" in lines(one, again)
    whole = [line.text for line in transcript(one, is_whole=True)]
    assert '        "description": "a"' in whole
    assert not [line for line in whole if "sha256" in line]


def test_functions_of_old_beside_tools() -> None:
    """Whatever defines a tool can change."""
    tools = [{"type": "function", "function": {"name": "f"}}]
    both = [chat(said("user", "Hi"), tools=tools, functions=[{"name": name}]) for name in "ab"]
    assert "(1 message as before)" in lines(*both)


def test_a_name_that_an_answer_has() -> None:
    """Clients send an answer back without the name that its provider gave to the assistant."""
    reply = {"choices": [{"message": said("assistant", "Hello!", name="Bot")}]}
    body = json.dumps({"model": "m", "messages": [said("user", "Hi")]}).encode()
    one = interaction(body, json.dumps(reply).encode(), url=CHAT)
    again = chat(said("user", "Hi"), said("assistant", "Hello!"), said("user", "Bye"))
    assert "(settings and 2 messages as before)" in lines(one, again)


def test_who_speaks() -> None:
    """A role that APIs do not share, and a name, stand beside the role that it comes down to."""
    found = lines(
        chat(said("developer", "a"), said("critic", "b"), said("user", "c", name="Bob\n200 OK"))
    )
    assert "system (developer)" in found
    assert "user (critic)" in found
    assert "user (Bob\\n200 OK)" in found
    assert found.count("200 OK") == 1


def test_without_memory() -> None:
    """Everything is told where nobody remembers."""
    one = chat(said("user", "Hi"))
    assert list(transcript(one)) == list(transcript(one))
    assert not [line for line in transcript(one) if line.kind == "note"]


def test_told_from_a_given_exchange() -> None:
    """What was read already is not read again, and says the same."""
    one = chat(said("user", "Hi"))
    assert list(transcript(one, said=exchange(one))) == list(transcript(one))


def test_errors() -> None:
    """A refused request shows its status and what the provider says, both as errors."""
    body = json.dumps({"error": {"message": "Slow down", "type": "rate_limit"}}).encode()
    request = json.dumps({"model": "m", "messages": [said("user", "Hi")]}).encode()
    one = interaction(request, body, url=CHAT, code=429, status="429 Too Many Requests")
    errors = [line.text for line in transcript(one) if line.kind == "error"]
    assert errors == ["429 Too Many Requests", "error", "  Slow down"]


@pytest.mark.parametrize("end", ["client_closed", "upstream_error"])
def test_a_stream_that_ends_early(end: Any) -> None:
    """A recording that stops in the middle says so, whatever text it has."""
    one = interaction(answer=b"data: 1\n\n", headers=SSE, stream=ck.Stream(end))
    assert f"the recording ends early: {end}" in lines(one)


def test_pictures() -> None:
    """Base64 is named by type, size and digest, so that another picture of that size differs."""
    shown = [
        lines(chat(said("user", text)))
        for text in (f"see data:image/png;base64,{PNG} there", f"see {PNG}", f"see {PNG[:-1]}5")
    ]
    pictures = [line for found in shown for line in found if line.startswith("  see")]
    assert pictures[0].startswith("  see <image/png, 248 bytes, sha256 ")
    assert pictures[0].endswith("> there")
    assert pictures[1].startswith("  see <base64, 248 bytes, sha256 ")
    assert pictures[1] != pictures[2]


def test_long_words() -> None:
    """A long run of letters is text; people test with it."""
    assert f"  {'a' * 2000}" in lines(chat(said("user", "a" * 2000)))


def test_no_body() -> None:
    """A request without a body has no message."""
    one = ck.Interaction(ck.Request("GET", "https://api.example.com/v1/models"), ck.Response(204))
    assert lines(one) == ["GET https://api.example.com/v1/models", "", "204"]


def test_labels_are_no_text() -> None:
    """No message, tool or status can pass for a line of the kit's: all data is indented, and what
    stands in a label has no line ends."""
    function = {"name": "a\nuser", "arguments": "no JSON\nuser"}
    call = {"id": "1", "type": "function", "function": function}
    one = chat(said("user", "x\nassistant\n200 OK"), said("assistant", None, tool_calls=[call]))
    found = lines(one)
    assert found.count("assistant") == 1
    assert found.count("user") == 1
    assert "tool call: a\\nuser" in found


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[2J", "\\u001b[2J"),
        ("a\rb", "a\\rb"),
        ("\x00\x7f\x9b", "\\u0000\\u007f\\u009b"),
        ("\u202eevil\u2069", "\\u202eevil\\u2069"),
        ("\u2028\u200b\ufeff", "\\u2028\\u200b\\ufeff"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\ud800", "\\ud800"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("👩\u200d💻 ☀\ufe0f \u00a0 C:\\u001b", "👩\u200d💻 ☀\ufe0f \u00a0 C:\\u001b"),
    ],
)
def test_visible(text: str, seen: str) -> None:
    """What a terminal obeys or nobody sees is spelt as in JSON; scripts and emoji stay whole."""
    assert visible(text) == seen
    assert "\n" not in one_line(text)


def test_every_control_character() -> None:
    """Tabs and line feeds are the only controls of Unicode that get through, and no character that
    changes the direction of writing does."""
    kept = {char for code in range(0x110000) if visible(char := chr(code)) == char}
    assert {char for char in kept if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")} == {
        "\t",
        "\n",
    }
    turning = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert not [char for char in kept if unicodedata.bidirectional(char) in turning]


@given(text=st.text())
@settings(deadline=None)
def test_json_stays_json(text: str) -> None:
    """Escapes are JSON's, so that JSON made visible has the same meaning."""
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize("text", ["", "[1", "nope", "[" * 5000, '{"a": 1} x'])
def test_what_cannot_be_laid_out(text: str) -> None:
    """Arguments that were cut off, or are no JSON, are shown as they are."""
    assert laid_out(text) == text


def test_laid_out() -> None:
    """Letters are letters, repeated keys and digits stay; an escape that must stay does."""
    text = '{"stadt":"Z\\u00fcrich","a":1e2,"a":1.0,"e":"\\u001b\\ud83d\\ude00"}'
    assert laid_out(text).split("\n") == [
        "{",
        '  "stadt": "Zürich",',
        '  "a": 1e2,',
        '  "a": 1.0,',
        '  "e": "\\u001b😀"',
        "}",
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "tool_calls", "choices", "error"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
BODIES = st.binary(max_size=40) | ANYTHING.map(lambda tree: json.dumps(tree).encode())


@given(bodies=st.lists(st.tuples(BODIES, BODIES), max_size=4))
@settings(deadline=None)
def test_whatever_the_bodies_are(bodies: list[tuple[bytes, bytes]]) -> None:
    """Any bytes give lines: without a line end, nothing that a terminal obeys, and the same
    whenever they are made."""
    interactions = [interaction(body, answer, url=CHAT) for body, answer in bodies]
    found = lines(*interactions)
    assert found == lines(*interactions)
    assert not [line for line in found if "\n" in line or visible(line) != line]

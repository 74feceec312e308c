"""The misses of the gallery: what was recorded, what is sent, and what a reader must be told.

Every expectation was written down before the text existed. What is compared are requests of the
SDKs themselves; `taped` calls are recorded as the recorder would keep them.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anthropic
import groq
import httpx
import httpx2
import openai

import cassette_kit as ck
from cassette_kit.differences import MISSING
from cassette_kit.redactors import Redactor

Call = Callable[[ck.Tape], object]

SEEDS = Path(__file__).parents[1] / "cassettes"
RERECORD = "pytest --cassette-mode=rewrite"
SDK = "OpenAI/Python 3.52.0"
KEY = "none"
OK = ck.Response(
    200, ck.Headers([("Content-Type", "application/json")]), b"{}", status="200 OK", duration_ns=1
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One miss. `answered` calls come before the one that is missed; all are made with `options`.

    `differs` holds every difference, `where: (live, taped)`, in the order in which they are shown.
    A file `seed` takes the place of `taped` calls; `files` lie beside the cassette, and without
    `taped` and `seed` there is no cassette.
    """

    live: Call
    taped: Sequence[Call] | None = None
    seed: str = ""
    answered: Sequence[Call] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()
    reason: str
    nearest: int | None = 0
    differs: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    steps: Sequence[str] = (RERECORD,)


def request_of(call: Call, folder: Path) -> ck.Request:
    """The request that a call sends, as the recorder would keep it."""
    with ck.use_cassette(folder / "no.yaml", mode="replay", intercept=False) as tape:
        with tape.expect_miss():
            call(tape)
    return Redactor(keep_headers=["x-tenant"]).request(tape.last_request)[0]


def write_cassette(case: Case, path: Path) -> None:
    """What the case starts from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in case.files:
        other = path.parent / name
        other.parent.mkdir(exist_ok=True)
        ck.dump(ck.Cassette(), other)
    if case.seed:
        path.write_bytes((SEEDS / case.seed).read_bytes())
    elif case.taped is not None:
        requests = [request_of(call, path.parent) for call in case.taped]
        ck.dump(ck.Cassette(tuple(ck.Interaction(request, OK) for request in requests)), path)


# Calls ----------------------------------------------------------------------------------------


def openai_client(tape: ck.Tape, *, agent: str = SDK, **options: Any) -> openai.OpenAI:
    return openai.OpenAI(
        api_key=KEY,
        http_client=httpx2.Client(transport=tape.transport(httpx2)),
        default_headers={"user-agent": agent},
        **options,
    )


def chat(*messages: Any, agent: str = SDK, base_url: str | None = None, **body: Any) -> Call:
    """A chat completion of openai."""
    asked: Any = {"model": "gpt-5", "messages": list(messages), **body}
    return lambda tape: openai_client(tape, agent=agent, base_url=base_url).chat.completions.create(
        **asked
    )


def groq_chat(**body: Any) -> Call:
    def call(tape: ck.Tape) -> object:
        http = httpx.Client(transport=tape.transport(httpx))
        agent = {"user-agent": "Groq/Python 1.7.0"}
        client = groq.Groq(api_key=KEY, http_client=http, default_headers=agent)
        return client.chat.completions.create(**body)

    return call


def claude(headers: Mapping[str, str] | None = None, **body: Any) -> Call:
    def call(tape: ck.Tape) -> object:
        http = httpx2.Client(transport=tape.transport(httpx2))
        agent = {"user-agent": "Anthropic/Python 2.11.0"}
        client = anthropic.Anthropic(api_key=KEY, http_client=http, default_headers=agent)
        asked: Any = {"model": "claude-large", "max_tokens": 64, **body}
        return client.messages.create(**asked, extra_headers=headers)

    return call


def transcription(file: bytes, **fields: Any) -> Call:
    """A multipart upload of openai."""
    return lambda tape: openai_client(tape).audio.transcriptions.create(
        model="whisper-1", file=("talk.wav", file), **fields
    )


def send(method: str, url: str, **content: Any) -> Call:
    """A request of httpx itself."""

    def call(tape: ck.Tape) -> object:
        with httpx.Client(transport=tape.transport(httpx)) as client:
            return client.request(method, url, headers={"user-agent": "tests"}, **content)

    return call


def sent_as(call: Call, change: Callable[[ck.Request], ck.Request]) -> Call:
    """The request of another call, changed, sent by httpx."""

    def changed(tape: ck.Tape) -> object:
        request = change(request_of(call, tape.path.parent))
        headers = request.headers.multi_items()
        with httpx.Client(transport=tape.transport(httpx)) as client:
            return client.request(
                request.method, request.url, headers=headers, content=request.body
            )

    return changed


def said(role: str, content: Any, **more: Any) -> Any:
    return {"role": role, "content": content, **more}


def tool(name: str, description: str = "") -> Any:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def kimi(*more: Any, tools: Any = None) -> Call:
    """What the seed cassette of OpenRouter was recorded with, in the words of the Python SDK."""
    return chat(
        said("system", "You are a helpful assistant"),
        said("user", "What's the weather in Florence?"),
        *more,
        base_url="https://openrouter.ai/api/v1",
        model="moonshotai/kimi-k2-0905",
        tool_choice="auto",
        tools=tools or [SEED_TOOL],
        extra_body={"usage": {"include": True}},
    )


SEED_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "strict": False,
        "description": "Get weather information for a location",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string", "description": "the city"}},
            "required": ["location"],
        },
    },
}


def asked_for_weather(arguments: str) -> Any:
    function = {"name": "weather", "arguments": arguments}
    call = {"id": "weather:0", "type": "function", "function": function}
    return said("assistant", "I'll check the weather in Florence for you.", tool_calls=[call])


TOLD = said("tool", "40 C", tool_call_id="weather:0")

SYSTEM = said("system", "You answer in one sentence.")
CAPITAL = said("user", "What is the capital of France?")
PARIS = said("assistant", "Paris.")
RIVER = said("user", "Which river runs through it?")

UUIDS = "0b0e5a3c-6f5c-4f0e-9a64-1f9d8b7c6a55", "5c1d90c6-7b1f-4b43-8f24-0f5f3f0c9e11"
CHAT_URL = "https://api.openai.com/v1/chat/completions"


def same_tenant(live: ck.Request, taped: ck.Request) -> ck.Mismatch | None:
    """A matcher of a user's own: the tenant stands in the first message."""
    ours, theirs = (one.json()["messages"][0]["content"] for one in (live, taped))
    return None if ours == theirs else ck.Mismatch("tenant", ours, theirs)


def picture(pixels: bytes) -> Any:
    url = f"data:image/png;base64,{base64.b64encode(pixels).decode()}"
    return said("user", [{"type": "image_url", "image_url": {"url": url}}])


def picture_url(pixels: bytes) -> str:
    return str(picture(pixels)["content"][0]["image_url"]["url"])


WORDS = "the tape plays each recorded answer once and in order " * 40
HUGE = [said("user" if n % 2 == 0 else "assistant", f"turn {n}: {WORDS}") for n in range(200)]


def huge(turn: str) -> Call:
    return chat(*HUGE[:100], {**HUGE[100], "content": f"turn 100: {WORDS}{turn}"}, *HUGE[101:])


# Cases ----------------------------------------------------------------------------------------

GALLERY: Mapping[str, Case] = {
    "changed_prompt": Case(
        taped=[chat(SYSTEM, CAPITAL)],
        live=chat(SYSTEM, said("user", "What is the capital of Spain?")),
        reason="body",
        differs={
            "body $.messages[1].content": (
                "What is the capital of Spain?",
                "What is the capital of France?",
            )
        },
    ),
    "changed_prompt_in_a_long_run": Case(
        taped=[chat(SYSTEM, said("user", f"Count to {n}.")) for n in (3, 4, 5)],
        live=chat(SYSTEM, said("user", "Count to 6.")),
        reason="body",
        differs={"body $.messages[1].content": ("Count to 6.", "Count to 3.")},
    ),
    "wrong_model": Case(
        taped=[claude(messages=[CAPITAL])],
        live=claude(model="claude-small", messages=[CAPITAL]),
        reason="body",
        differs={"body $.model": ("claude-small", "claude-large")},
    ),
    "changed_setting": Case(
        taped=[groq_chat(model="llama-3.3-70b", messages=[CAPITAL], temperature=0.5)],
        live=groq_chat(model="llama-3.3-70b", messages=[CAPITAL], temperature=0.7),
        reason="body",
        differs={"body $.temperature": (0.7, 0.5)},
    ),
    "new_tool": Case(
        taped=[chat(CAPITAL, tools=[tool("weather")])],
        live=chat(CAPITAL, tools=[tool("weather"), tool("forecast")]),
        reason="body",
        differs={"body $.tools[1]": (tool("forecast"), MISSING)},
    ),
    "reordered_tools": Case(
        taped=[chat(CAPITAL, tools=[tool("weather"), tool("forecast"), tool("map")])],
        live=chat(CAPITAL, tools=[tool("weather"), tool("map"), tool("forecast")]),
        reason="body",
        differs={
            "body $.tools": (
                [tool("weather"), tool("map"), tool("forecast")],
                [tool("weather"), tool("forecast"), tool("map")],
            )
        },
        steps=['unordered=["$.tools"]', RERECORD],
    ),
    "new_sdk_field": Case(
        taped=[chat(SYSTEM, CAPITAL, agent="OpenAI/Python 3.40.0")],
        live=chat(SYSTEM, CAPITAL, store=False),
        reason="body",
        differs={"body $.store": (False, MISSING)},
    ),
    "inserted_message": Case(
        taped=[chat(SYSTEM, CAPITAL, PARIS, RIVER)],
        live=chat(SYSTEM, CAPITAL, PARIS, said("user", "Thank you."), RIVER),
        reason="body",
        differs={"body $.messages[3]": (said("user", "Thank you."), MISSING)},
    ),
    "removed_message": Case(
        taped=[chat(SYSTEM, CAPITAL, PARIS, RIVER)],
        live=chat(CAPITAL, PARIS, RIVER),
        reason="body",
        differs={"body $.messages[0]": (MISSING, SYSTEM)},
    ),
    "several_changes": Case(
        taped=[chat(CAPITAL, seed=4, temperature=0, user="a")],
        live=chat(RIVER, seed=5, temperature=1, top_p=0.5, user="b"),
        reason="body",
        differs={
            "body $.messages[0].content": (RIVER["content"], CAPITAL["content"]),
            "body $.seed": (5, 4),
            "body $.temperature": (1, 0),
            "body $.top_p": (0.5, MISSING),
            "body $.user": ("b", "a"),
        },
    ),
    # Recordings of a real run: two calls of an agent with a tool
    "played_twice": Case(
        seed="openrouter-kimi-k2.yaml",
        answered=[kimi()],
        live=kimi(),
        reason="played",
        steps=[RERECORD, "repeats=True"],
    ),
    "tool_arguments": Case(
        seed="openrouter-kimi-k2.yaml",
        answered=[kimi()],
        live=kimi(asked_for_weather('{"location": "Rome"}'), TOLD),
        nearest=1,
        reason="body",
        differs={
            "body $.messages[2].tool_calls[0].function.arguments → $.location": (
                "Rome",
                "Florence",
            )
        },
    ),
    "tool_result": Case(
        seed="openrouter-kimi-k2.yaml",
        answered=[kimi()],
        live=kimi(
            asked_for_weather('{"location": "Florence"}'),
            said("tool", "41 C", tool_call_id="weather:0"),
        ),
        nearest=1,
        reason="body",
        differs={"body $.messages[3].content": ("41 C", "40 C")},
    ),
    "two_come_near": Case(
        taped=[
            chat(SYSTEM, said("user", "What is the capital of Peru?")),
            chat(SYSTEM, said("user", "What is the capital of Mali?")),
            chat(SYSTEM, said("user", "Write a poem about rivers, please.")),
        ],
        answered=[chat(SYSTEM, said("user", "What is the capital of Peru?"))],
        live=chat(SYSTEM, said("user", "What is the capital of Fiji?")),
        nearest=1,
        reason="body",
        differs={
            "body $.messages[1].content": (
                "What is the capital of Fiji?",
                "What is the capital of Mali?",
            )
        },
    ),
    # Where and how it is sent
    "wrong_host": Case(
        taped=[chat(CAPITAL)],
        live=chat(CAPITAL, base_url="https://eu.api.openai.com/v1"),
        reason="host",
        differs={"url": ("https://eu.api.openai.com/v1/chat/completions", CHAT_URL)},
    ),
    "server_under_test": Case(
        taped=[send("POST", "https://api.example.com/v1/chat", json={"q": 1})],
        live=send("GET", "http://127.0.0.1:8000/health"),
        reason="host",
        differs={
            "url": ("http://127.0.0.1:8000/health", "https://api.example.com/v1/chat"),
            "method": ("GET", "POST"),
            "body": (b"", b'{"q":1}'),
        },
        steps=['allow_hosts=["127.0.0.1"]', RERECORD],
    ),
    "wrong_path": Case(
        taped=[chat(CAPITAL)],
        live=chat(CAPITAL, base_url="https://api.openai.com"),
        reason="url",
        differs={"url": ("https://api.openai.com/chat/completions", CHAT_URL)},
    ),
    "wrong_method": Case(
        taped=[send("GET", "https://api.openai.com/v1/files/file-1")],
        live=send("DELETE", "https://api.openai.com/v1/files/file-1"),
        reason="method",
        differs={"method": ("DELETE", "GET")},
    ),
    "query_order": Case(
        taped=[send("GET", "https://api.openai.com/v1/files?limit=2&order=asc")],
        live=send("GET", "https://api.openai.com/v1/files?order=asc&limit=2"),
        reason="query",
        differs={
            "url": (
                "https://api.openai.com/v1/files?order=asc&limit=2",
                "https://api.openai.com/v1/files?limit=2&order=asc",
            )
        },
        steps=['match=["method", "url", "body", "query"]', RERECORD],
    ),
    "query_value": Case(
        taped=[send("GET", "https://api.openai.com/v1/files?limit=2&after=file-1")],
        live=send("GET", "https://api.openai.com/v1/files?after=file-2&limit=2"),
        options={"match": ["method", "url", "query"]},
        reason="query",
        differs={"query": ("after=file-2", "after=file-1")},
    ),
    "header_missing": Case(
        taped=[claude({"anthropic-beta": "context-1m-2025-08-07"}, messages=[CAPITAL])],
        live=claude(messages=[CAPITAL]),
        options={"match": ["method", "url", "headers", "body"]},
        reason="headers",
        differs={"header anthropic-beta": (None, "context-1m-2025-08-07")},
    ),
    "own_matcher": Case(
        taped=[chat(said("system", "tenant 7"), CAPITAL)],
        live=chat(said("system", "tenant 8"), CAPITAL),
        options={"match": ["method", "url", same_tenant]},
        reason="matcher",
        differs={"tenant": ("tenant 8", "tenant 7")},
    ),
    # Files
    "empty_cassette": Case(taped=[], live=chat(CAPITAL), reason="empty", nearest=None),
    "missing_file": Case(live=chat(CAPITAL), reason="no file", nearest=None),
    "missing_file_near_name": Case(
        files=["test_agents.yaml", "test_other.yaml"],
        live=chat(CAPITAL),
        reason="no file",
        nearest=None,
        steps=[RERECORD, "did you mean cassettes/test_agents.yaml?"],
    ),
    "missing_file_not_accepted": Case(
        files=["test_agent.yaml.part"],
        live=chat(CAPITAL),
        reason="no file",
        nearest=None,
        steps=["cassette-kit accept cassettes/test_agent.yaml", RERECORD],
    ),
    # Bodies of other kinds
    "not_json": Case(
        taped=[send("POST", "https://example.com/v1/embed", content="Hello, world")],
        live=send("POST", "https://example.com/v1/embed", content="Hello, moon"),
        reason="body",
        differs={"body": (b"Hello, moon", b"Hello, world")},
    ),
    "form_for_json": Case(
        taped=[send("POST", "https://example.com/token", json={"scope": "read"})],
        live=send("POST", "https://example.com/token", data={"scope": "read"}),
        reason="body",
        differs={"body": (b"scope=read", b'{"scope":"read"}')},
    ),
    "nan": Case(
        taped=[send("POST", "https://example.com/v1/score", content='{"score": 0.5}')],
        live=send("POST", "https://example.com/v1/score", content='{"score": NaN}'),
        reason="body",
        differs={"body": (b'{"score": NaN}', b'{"score": 0.5}')},
    ),
    "multipart_field": Case(
        taped=[transcription(b"RIFF\x00\xff", language="en")],
        live=transcription(b"RIFF\x00\xff", language="de"),
        reason="body",
        differs={"body $.language[0].text": ("de", "en")},
    ),
    "multipart_file": Case(
        taped=[transcription(bytes(range(256)) * 40)],
        live=transcription(bytes(range(255, -1, -1)) * 40),
        reason="body",
        differs={
            "body $.file[0].base64": (
                base64.b64encode(bytes(range(255, -1, -1)) * 40).decode(),
                base64.b64encode(bytes(range(256)) * 40).decode(),
            )
        },
    ),
    "form": Case(
        taped=[send("POST", "https://example.com/token", data={"scope": "read", "n": "1"})],
        live=send("POST", "https://example.com/token", data={"scope": "write", "n": "1"}),
        reason="body",
        differs={"body $.scope[0]": ("write", "read")},
    ),
    "image": Case(
        taped=[chat(picture(bytes(range(200)) * 50))],
        live=chat(picture(bytes(range(200)) * 50 + b"!")),
        reason="body",
        differs={
            "body $.messages[0].content[0].image_url.url": (
                picture_url(bytes(range(200)) * 50 + b"!"),
                picture_url(bytes(range(200)) * 50),
            )
        },
    ),
    # Values that change by nature
    "clock_in_prompt": Case(
        taped=[chat(said("system", "It is 2026-11-20T09:02:11Z. Be brief."), CAPITAL)],
        live=chat(said("system", "It is 2026-11-21T10:31:45Z. Be brief."), CAPITAL),
        reason="body",
        differs={
            "body $.messages[0].content": (
                "It is 2026-11-21T10:31:45Z. Be brief.",
                "It is 2026-11-20T09:02:11Z. Be brief.",
            )
        },
        steps=['normalise={"$.messages[0].content": "iso-time"}', RERECORD],
    ),
    "uuid_in_metadata": Case(
        taped=[chat(CAPITAL, metadata={"run_id": UUIDS[0]})],
        live=chat(CAPITAL, metadata={"run_id": UUIDS[1]}),
        reason="body",
        differs={"body $.metadata.run_id": (UUIDS[1], UUIDS[0])},
        steps=['normalise={"$.metadata.run_id": "uuid"}', RERECORD],
    ),
    "uuids_in_many_messages": Case(
        taped=[chat(*(said("user", f"[{UUIDS[0]}] line {n}") for n in range(5)))],
        live=chat(*(said("user", f"[{UUIDS[1]}] line {n}") for n in range(5))),
        reason="body",
        differs={
            f"body $.messages[{n}].content": (
                f"[{UUIDS[1]}] line {n}",
                f"[{UUIDS[0]}] line {n}",
            )
            for n in range(5)
        },
        steps=['normalise={"$.messages[*].content": "uuid"}', RERECORD],
    ),
    "epoch_and_hex": Case(
        taped=[chat(CAPITAL, metadata={"at": "1763719200", "span": "9f86d081884c7d65"})],
        live=chat(CAPITAL, metadata={"at": "1795255200", "span": "2c26b46b68ffc68f"}),
        reason="body",
        differs={
            "body $.metadata.at": ("1795255200", "1763719200"),
            "body $.metadata.span": ("2c26b46b68ffc68f", "9f86d081884c7d65"),
        },
        steps=['normalise={"$.metadata.at": "epoch", "$.metadata.span": "hex"}', RERECORD],
    ),
    "id_on_one_side": Case(
        taped=[chat(CAPITAL, metadata={"team": "a"})],
        live=chat(CAPITAL, metadata={"team": "a", "trace": UUIDS[0]}),
        reason="body",
        differs={"body $.metadata.trace": (UUIDS[0], MISSING)},
        steps=['ignore=["$.metadata.trace"]', RERECORD],
    ),
    "set_order": Case(
        taped=[chat(CAPITAL, stop=["END", "STOP", "HALT"])],
        live=chat(CAPITAL, stop=["HALT", "END", "STOP"]),
        reason="body",
        differs={"body $.stop": (["HALT", "END", "STOP"], ["END", "STOP", "HALT"])},
        steps=['unordered=["$.stop"]', RERECORD],
    ),
    "temporary_path": Case(
        taped=[chat(said("user", "Summarise /tmp/pytest-1/a.txt for me."))],
        live=chat(said("user", "Summarise /tmp/pytest-2/a.txt for me.")),
        reason="body",
        differs={
            "body $.messages[0].content": (
                "Summarise /tmp/pytest-2/a.txt for me.",
                "Summarise /tmp/pytest-1/a.txt for me.",
            )
        },
        steps=[r'normalise={"$.messages[0].content": r"/tmp/\S+"}', RERECORD],
    ),
    "address_of_an_object": Case(
        taped=[chat(said("user", "Use <Tool at 0x7f3a1c0b2d90>."))],
        live=chat(said("user", "Use <Tool at 0x7f3a1c0b2e10>.")),
        reason="body",
        differs={
            "body $.messages[0].content": (
                "Use <Tool at 0x7f3a1c0b2e10>.",
                "Use <Tool at 0x7f3a1c0b2d90>.",
            )
        },
        steps=['normalise={"$.messages[0].content": "0x[0-9a-fA-F]+"}', RERECORD],
    ),
    "clock_and_prompt": Case(
        taped=[chat(said("system", "It is 10:31:45."), CAPITAL)],
        live=chat(said("system", "It is 09:02:11."), RIVER),
        reason="body",
        differs={
            "body $.messages[0].content": ("It is 09:02:11.", "It is 10:31:45."),
            "body $.messages[1].content": (RIVER["content"], CAPITAL["content"]),
        },
        steps=[f'normalise={{"$.messages[0].content": "iso-time"}}, then {RERECORD}'],
    ),
    "clock_and_uuid": Case(
        taped=[chat(said("system", f"It is 10:31:45. Session {UUIDS[0]}."), CAPITAL)],
        live=chat(said("system", f"It is 09:02:11. Session {UUIDS[1]}."), CAPITAL),
        reason="body",
        differs={
            "body $.messages[0].content": (
                f"It is 09:02:11. Session {UUIDS[1]}.",
                f"It is 10:31:45. Session {UUIDS[0]}.",
            )
        },
        steps=['normalise={"$.messages[0].content": "iso-time", "*": "uuid"}', RERECORD],
    ),
    "rule_beside_a_rule": Case(
        taped=[chat(CAPITAL, user="a", seed=1, metadata={"id": UUIDS[0], "at": "09:02:11"})],
        live=chat(CAPITAL, user="b", seed=1, metadata={"id": UUIDS[1], "at": "10:31:45"}),
        options={"ignore": ["$.user"], "normalise": {"$.metadata.id": "uuid"}},
        reason="body",
        differs={"body $.metadata.at": ("10:31:45", "09:02:11")},
        steps=['normalise={"$.metadata.id": "uuid", "$.metadata.at": "iso-time"}', RERECORD],
    ),
    # Hard on the eyes
    "huge": Case(
        taped=[huge("Goodbye.")],
        live=huge("Good evening."),
        reason="body",
        differs={
            "body $.messages[100].content": (
                f"turn 100: {WORDS}Good evening.",
                f"turn 100: {WORDS}Goodbye.",
            )
        },
    ),
    "unicode": Case(
        taped=[chat(said("user", "שלום\u202eabc\x1b[31m\n😀"), user="Zürich")],
        live=chat(said("user", "שלום\u202eabd\x1b[31m\n😀"), user="Zu\u0308rich"),
        reason="body",
        differs={
            "body $.messages[0].content": (
                "שלום\u202eabd\x1b[31m\n😀",
                "שלום\u202eabc\x1b[31m\n😀",
            ),
            "body $.user": ("Zu\u0308rich", "Zürich"),
        },
    ),
    "odd_keys": Case(
        taped=[chat(CAPITAL, metadata={"odd key": "1", "back\\slash\n": "1"})],
        live=chat(CAPITAL, metadata={"odd key": "2", "back\\slash\n": "2"}),
        reason="body",
        differs={
            "body $.metadata['odd key']": ("2", "1"),
            r"body $.metadata['back\\slash\n']": ("2", "1"),
        },
    ),
}


# Calls that are answered ----------------------------------------------------------------------


def with_keys_reversed(request: ck.Request) -> ck.Request:
    """As an older release sent it: other key order, other user agent, escapes and spaces."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(one) for one in value] if isinstance(value, list) else value

    agent = ck.Headers([("user-agent", "OpenAI/Python 2.54.0"), ("content-type", JSON)])
    body = json.dumps(turned(request.json()), ensure_ascii=True, indent=1).encode()
    return dataclasses.replace(request, headers=agent, body=body)


def with_float(spelling: bytes) -> Callable[[ck.Request], ck.Request]:
    return lambda request: dataclasses.replace(
        request, body=request.body.replace(b'"temperature":1', b'"temperature":' + spelling)
    )


JSON = "application/json"
ZURICH = said("user", "Wie ist das Wetter in Zürich?")

ANSWERED: Mapping[str, tuple[Call, Call]] = {
    "another_release_of_the_sdk": (
        sent_as(chat(SYSTEM, ZURICH, tools=[tool("weather")]), with_keys_reversed),
        chat(SYSTEM, ZURICH, tools=[tool("weather")]),
    ),
    "1.0": (
        sent_as(chat(CAPITAL, temperature=1), with_float(b"1.0")),
        chat(CAPITAL, temperature=1),
    ),
    "1e0": (
        sent_as(chat(CAPITAL, temperature=1), with_float(b"1e0")),
        chat(CAPITAL, temperature=1),
    ),
    "another_boundary": (
        transcription(b"RIFF\x00\xff", prompt="Zürich"),
        transcription(b"RIFF\x00\xff", prompt="Zürich"),
    ),
    "fields_of_a_form_in_another_order": (
        send("POST", "https://example.com/token", data={"a": "1", "b": "ü"}),
        send("POST", "https://example.com/token", data={"b": "ü", "a": "1"}),
    ),
}

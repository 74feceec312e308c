"""The parts of messages, one row a kind, as each API's documentation writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conversations import NDJSON, b64, interaction

from cassette_kit.conversation import (
    REDACTED,
    Answered,
    Asked,
    Media,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    events,
    exchange,
)

if TYPE_CHECKING:
    from cassette_kit.conversation import Part

PDF = b"%PDF-1.7 \xff\xfe"
CHAT = "https://api.openai.com/v1/chat/completions"
RESPONSES = "https://api.openai.com/v1/responses"
MESSAGES = "https://api.anthropic.com/v1/messages"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
OLLAMA = "http://127.0.0.1:11434/api/generate"
CONVERSE = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse"
COHERE = "https://api.cohere.com/v2/chat"


def asked(url: str, request: object) -> Asked:
    return exchange(interaction(url, request, {})).asked


def answered(url: str, answer: object, request: object = None) -> Answered:
    """What an answer says; the request is one that every dialect knows."""
    general = {
        "model": "m",
        "max_tokens": 1,
        "messages": [{"content": [{}]}],
        "input": "x",
        "contents": [],
    }
    return exchange(interaction(url, request or general, answer)).answered


def only_part(messages: tuple[Message, ...]) -> Part:
    ((part,),) = (message.parts for message in messages)
    return part


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("plain", Text("plain")),
        ({"type": "text", "text": "a"}, Text("a")),
        ({"type": "text", "text": ["a"]}, Unknown({"type": "text", "text": ["a"]})),
        ({"type": "refusal", "refusal": "no"}, Text("no")),
        (
            {"type": "image_url", "image_url": {"url": "https://h/a.png"}},
            Media("image/*", url="https://h/a.png"),
        ),
        (
            {"type": "image_url", "image_url": "data:image/webp;base64,UklGRg=="},  # Mistral
            Media("image/webp", b"RIFF"),
        ),
        ({"type": "image_url", "image_url": {}}, Unknown({"type": "image_url", "image_url": {}})),
        (
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            Media("audio/wav", b"RIFF"),
        ),
        (
            {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{b64(PDF)}"}},
            Media("application/pdf", PDF),
        ),
        (
            {"type": "file", "file": {"file_id": "f1"}},
            Unknown({"type": "file", "file": {"file_id": "f1"}}),
        ),
        (
            {"type": "document_url", "document_url": "https://h/a"},
            Media("application/*", url="https://h/a"),
        ),
        (
            {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},  # Mistral
            Thinking("hm"),
        ),
        (
            {"type": "image_url", "image_url": "data:image/svg+xml,%3Csvg/%3E"},
            Media("image/svg+xml", b"<svg/>"),
        ),
        ({"type": "image_url", "image_url": "data:;base64,iVBORw=="}, Media("image/*", b"\x89PNG")),
        ({"type": "image_url", "image_url": "data:image/png;base64,A"}, Media("image/png")),
        ({"type": "image_url", "image_url": "data:image/png;base64,ä"}, Media("image/png")),
        ({"type": "mystery", "x": 1}, Unknown({"type": "mystery", "x": 1})),
        (7, Unknown(7)),
    ],
)
def test_parts_of_openai_chat(part: object, expected: Part) -> None:
    """Every kind of content part that OpenAI and Mistral document, and those that nobody does."""
    request = {"messages": [{"role": "user", "content": [part]}]}
    assert only_part(asked(CHAT, request).messages) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "developer", "content": "a"}, Message("system", (Text("a"),), "developer")),
        ({"role": "alien", "content": "a"}, Message("user", (Text("a"),), "alien")),
        (
            {"role": "developer", "name": "bob", "content": "a"},
            Message("system", (Text("a"),), "developer, bob"),
        ),
        ({"role": "assistant", "content": None}, Message("assistant", ())),
        ({"role": "user", "content": {"a": 1}}, Message("user", (Unknown({"a": 1}),))),
        (
            {"role": "function", "name": "f", "content": "1"},
            Message("tool", (ToolResult("f", (Text("1"),)),)),
        ),
        (
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            Message("assistant", (ToolCall("f", "{}"),)),
        ),
        (
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}
                ],
            },
            Message("assistant", (ToolCall("sh", "ls", "1"),)),
        ),
        (
            {
                "role": "assistant",
                "reasoning": "why",
                "reasoning_details": [{"text": "why"}],
                "content": "a",
            },
            Message("assistant", (Thinking("why"), Text("a"))),
        ),
        (
            {"role": "assistant", "reasoning_details": [{"summary": "why"}], "content": "a"},
            Message("assistant", (Thinking("why"), Text("a"))),
        ),
        (
            {
                "role": "assistant",
                "content": "a",
                "images": [{"type": "image_url", "image_url": {"url": "https://h"}}],
            },
            Message("assistant", (Text("a"), Media("image/*", url="https://h"))),
        ),
        (
            {"role": "assistant", "audio": {"id": "1", "data": "UklGRg==", "transcript": "hi"}},
            Message("assistant", (Text("hi"), Media("audio/*", b"RIFF"))),
        ),
    ],
)
def test_messages_of_openai_chat(message: object, expected: Message) -> None:
    """Roles and the calls of old, and what openrouter adds to a message."""
    assert asked(CHAT, {"messages": [message]}).messages == (expected,)


def test_tools_of_openai_chat() -> None:
    """Functions, custom tools, built-in ones and the `functions` of old have names."""
    tools = [
        {"type": "function", "function": {"name": "f"}},
        {"type": "custom", "custom": {"name": "c"}},
        {"type": "web_search"},
        {"type": 3},
    ]
    assert asked(CHAT, {"messages": [], "tools": tools}).tools == ("f", "c", "web_search")
    assert asked(CHAT, {"messages": [], "functions": [{"name": "g"}]}).tools == ("g",)


def test_settings_are_values() -> None:
    """What else was asked for is told in its order, numbers as they were written."""
    request = {"model": "m", "temperature": 1.0, "messages": [], "n": 10**20, "stop": ["x"]}
    assert repr(asked(CHAT, request).settings) == repr(
        (("temperature", 1.0), ("n", 10**20), ("stop", ["x"]))
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "user", "content": "a"}, Message("user", (Text("a"),))),
        (
            {
                "type": "message",
                "role": "developer",
                "content": [{"type": "input_text", "text": "a"}],
            },
            Message("system", (Text("a"),), "developer"),
        ),
        (
            {"role": "user", "content": [{"type": "input_image", "image_url": "https://h"}]},
            Message("user", (Media("image/*", url="https://h"),)),
        ),
        (
            {"role": "user", "content": [{"type": "input_file", "file_url": "https://h"}]},
            Message("user", (Media("application/*", url="https://h"),)),
        ),
        (
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
            Message("assistant", (ToolCall("f", "{}", "1"),)),
        ),
        (
            {"type": "custom_tool_call", "call_id": "1", "name": "f", "input": "ls"},
            Message("assistant", (ToolCall("f", "ls", "1"),)),
        ),
        (
            {"type": "function_call_output", "call_id": "1", "output": "a"},
            Message("tool", (ToolResult("1", (Text("a"),)),)),
        ),
        (
            {
                "type": "computer_call_output",
                "call_id": "1",
                "output": {"type": "computer_screenshot", "image_url": "https://h"},
            },
            Message("tool", (ToolResult("1", (Media("image/*", url="https://h"),)),)),
        ),
        (
            {"type": "computer_call", "call_id": "1", "action": {"type": "click"}},
            Message("assistant", (ToolCall("computer", '{"type": "click"}', "1"),)),
        ),
        (
            {"type": "web_search_call", "id": "w", "action": {"query": "a"}},
            Message("assistant", (ToolCall("web_search", '{"query": "a"}', "w"),)),
        ),
        (
            {"type": "file_search_call", "id": "w", "queries": ["a"], "results": [{"text": "b"}]},
            Message(
                "assistant",
                (ToolCall("file_search", '["a"]', "w"), ToolResult("w", (Unknown({"text": "b"}),))),
            ),
        ),
        (
            {
                "type": "code_interpreter_call",
                "id": "c",
                "code": "1+1",
                "outputs": [{"type": "logs", "logs": "2"}],
            },
            Message(
                "assistant",
                (ToolCall("code_interpreter", "1+1", "c"), ToolResult("c", (Text("2"),))),
            ),
        ),
        (
            {
                "type": "mcp_call",
                "id": "m",
                "name": "f",
                "arguments": "{}",
                "output": "a",
                "error": None,
            },
            Message("assistant", (ToolCall("f", "{}", "m"), ToolResult("m", (Text("a"),)))),
        ),
        (
            {"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}", "error": "down"},
            Message(
                "assistant",
                (ToolCall("f", "{}", "m"), ToolResult("m", (Text("down"),), is_error=True)),
            ),
        ),
        (
            {
                "type": "image_generation_call",
                "id": "i",
                "result": "UklGRg==",
                "output_format": "webp",
            },
            Message(
                "assistant", (ToolCall("image_generation", "", "i"), Media("image/webp", b"RIFF"))
            ),
        ),
        (
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "a"}],
                "content": [{"type": "reasoning_text", "text": "b"}],
            },
            Message("assistant", (Thinking("a"), Thinking("b"))),
        ),
        (
            {"type": "image_generation_call", "id": "i", "result": None},
            Message("assistant", (ToolCall("image_generation", "", "i"),)),
        ),
        (
            {"type": "item_reference", "id": "x"},
            Message("assistant", (Unknown({"type": "item_reference", "id": "x"}),)),
        ),
        (5, Message("assistant", (Unknown(5),))),
    ],
)
def test_items_of_openai_responses(item: object, expected: Message) -> None:
    """Items of every documented kind have a role and parts."""
    assert asked(RESPONSES, {"input": [item], "model": "m"}).messages == (expected,)


def test_a_turn_of_openai_responses() -> None:
    """Items that the model made in a row are one turn; two messages of a user are two."""
    items = [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "c"}]},
    ]
    told = asked(RESPONSES, {"input": items, "instructions": "s"}).messages
    assert [message.role for message in told] == ["system", "user", "user", "assistant"]
    assert told[-1].parts == (ToolCall("f", "{}", "1"), Text("c"))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "a"}, Text("a")),
        ({"type": "thinking", "thinking": "a", "signature": "s"}, Thinking("a")),
        (
            {"type": "redacted_thinking", "data": "x"},
            REDACTED,
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://h"}},
            Media("image/*", url="https://h"),
        ),
        (
            {"type": "image", "source": {"type": "file", "file_id": "f"}},
            Unknown({"type": "image", "source": {"type": "file", "file_id": "f"}}),
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PDF)},
            },
            Media("application/pdf", PDF),
        ),
        (
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "aß"},
            },
            Text("aß"),
        ),
        (
            {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1.0}},
            ToolCall("f", '{"a": 1.0}', "1"),
        ),
        (
            {"type": "server_tool_use", "id": "1", "name": "web_search", "input": {}},
            ToolCall("web_search", "{}", "1"),
        ),
        ({"type": "mcp_tool_use", "id": "1", "name": "f", "input": {}}, ToolCall("f", "{}", "1")),
        (
            {
                "type": "web_search_tool_result",
                "tool_use_id": "1",
                "content": [{"type": "web_search_result", "url": "u"}],
            },
            ToolResult("1", (Unknown({"type": "web_search_result", "url": "u"}),)),
        ),
        (
            {
                "type": "web_search_tool_result",
                "tool_use_id": "1",
                "content": {"type": "web_search_tool_result_error", "error_code": "x"},
            },
            ToolResult(
                "1", (Unknown({"type": "web_search_tool_result_error", "error_code": "x"}),)
            ),
        ),
        (
            {
                "type": "tool_result",
                "tool_use_id": "1",
                "is_error": True,
                "content": [{"type": "text", "text": "no"}],
            },
            ToolResult("1", (Text("no"),), is_error=True),
        ),
        ({"type": "tool_result", "tool_use_id": "1"}, ToolResult("1", ())),
    ],
)
def test_blocks_of_anthropic(block: object, expected: Part) -> None:
    """Content blocks of a request, those of server tools too."""
    request = {"max_tokens": 1, "messages": [{"role": "assistant", "content": [block]}]}
    assert only_part(asked(MESSAGES, request).messages) == expected


def test_a_system_prompt_of_anthropic() -> None:
    """A plain text is a system prompt as well."""
    request = {"max_tokens": 1, "system": "s", "messages": [{"role": "user", "content": "u"}]}
    assert asked(MESSAGES, request).messages == (
        Message("system", (Text("s"),)),
        Message("user", (Text("u"),)),
    )


def test_a_turn_with_a_result_and_a_text() -> None:
    """A user who says something beside a tool's result is no tool."""
    content = [{"type": "tool_result", "tool_use_id": "1"}, {"type": "text", "text": "go on"}]
    request = {"max_tokens": 1, "messages": [{"role": "user", "content": content}]}
    (message,) = asked(MESSAGES, request).messages
    assert message == Message("user", (ToolResult("1", ()), Text("go on")))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"text": "a"}, Text("a")),
        ({"text": "a", "thought": True, "thoughtSignature": "s"}, Thinking("a")),
        (
            {"inlineData": {"mimeType": "image/png", "data": "_-8="}},
            Media("image/png", b"\xff\xef"),
        ),
        (
            {"inline_data": {"mime_type": "image/png", "data": "/+8="}},
            Media("image/png", b"\xff\xef"),
        ),
        (
            {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/v"}},
            Media("video/mp4", url="gs://b/v"),
        ),
        ({"functionCall": {"name": "f", "args": {"a": 1}}}, ToolCall("f", '{"a": 1}')),
        ({"functionCall": {"name": "f"}}, ToolCall("f", "{}")),
        (
            {"functionResponse": {"name": "f", "response": {"error": "x"}}},
            ToolResult("f", (Text('{"error": "x"}'),), is_error=True),
        ),
        (
            {"executableCode": {"language": "PYTHON", "code": "1+1"}},
            ToolCall("code_execution", "1+1"),
        ),
        (
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
            ToolResult("code_execution", (Text("2"),)),
        ),
        (
            {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "2"}},
            ToolResult("code_execution", (Text("2"),), is_error=True),
        ),
        ({"futureThing": {}}, Unknown({"futureThing": {}})),
    ],
)
def test_parts_of_gemini(part: object, expected: Part) -> None:
    """Parts in both spellings of their names, and both alphabets of base64."""
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    told = answered(GEMINI, {"candidates": [candidate]}, {"contents": []})
    assert only_part(told.messages) == expected


@pytest.mark.parametrize("contents", ["a", ["a"], {"parts": {"text": "a"}}, [{"text": "a"}]])
def test_contents_of_gemini(contents: object) -> None:
    """The API takes short forms of `contents`."""
    assert asked(GEMINI, {"contents": contents}).messages == (Message("user", (Text("a"),)),)


def test_tools_of_gemini() -> None:
    """Functions by their names, Google's own tools by theirs."""
    tools = [{"function_declarations": [{"name": "f"}, {"name": "g"}]}, {"googleSearch": {}}]
    assert asked(GEMINI, {"contents": [], "tools": tools}).tools == ("f", "g", "googleSearch")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"text": "a"}, Text("a")),
        (
            {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}},
            Media("image/png", url="s3://b/k"),
        ),
        (
            {"document": {"format": "pdf", "name": "d", "source": {"bytes": b64(PDF)}}},
            Media("application/pdf", PDF),
        ),
        ({"toolUse": {"toolUseId": "1", "name": "f", "input": {}}}, ToolCall("f", "{}", "1")),
        (
            {"toolResult": {"toolUseId": "1", "status": "error", "content": [{"json": {"a": 1}}]}},
            ToolResult("1", (Text('{"a": 1}'),), is_error=True),
        ),
        ({"reasoningContent": {"reasoningText": {"text": "hm"}}}, Thinking("hm")),
        ({"reasoningContent": {"redactedContent": "eA=="}}, REDACTED),
        ({"document": {"format": "md", "name": "d", "source": {"text": "# a"}}}, Text("# a")),
        ({"cachePoint": {"type": "default"}}, Unknown({"cachePoint": {"type": "default"}})),
    ],
)
def test_blocks_of_bedrock(block: object, expected: Part) -> None:
    """Blocks are told by their only key."""
    answer = {"output": {"message": {"role": "assistant", "content": [block]}}}
    told = answered(CONVERSE, answer)
    assert only_part(told.messages) == expected


def test_nova_speaks_converse() -> None:
    """Behind InvokeModel, Amazon's own models use the words of Converse."""
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/invoke"
    request = {"messages": [{"role": "user", "content": [{"text": "a"}]}]}
    answer = {"output": {"message": {"role": "assistant", "content": [{"text": "b"}]}}}
    told = exchange(interaction(url, request, answer))
    assert (told.dialect, told.model) == ("Bedrock Converse", "amazon.nova-lite-v1:0")
    assert told.answered.messages == (Message("assistant", (Text("b"),)),)


def test_generate_of_ollama() -> None:
    """A prompt is a message, its system prompt and images are told as those of a chat."""
    request = {"model": "m", "system": "s", "prompt": "p", "images": ["iVBORw0KGgo="], "raw": True}
    told = asked(OLLAMA, request)
    assert told.messages == (
        Message("system", (Text("s"),)),
        Message("user", (Text("p"), Media("image/png", b"\x89PNG\r\n\x1a\n"))),
    )
    assert told.settings == (("raw", True),)
    answer = {"model": "m", "response": "a", "thinking": "t", "done": True}
    assert answered(OLLAMA, answer, request).messages == (
        Message("assistant", (Thinking("t"), Text("a"))),
    )


def test_a_plan_of_cohere() -> None:
    """What the model plans before it calls tools is thinking."""
    message = {"role": "assistant", "tool_plan": "I will look", "tool_calls": []}
    told = answered(COHERE, {"finish_reason": "TOOL_CALL", "message": message})
    assert only_part(told.messages) == Thinking("I will look")


INPUT = {"content": [{"type": "text", "text": "a"}]}
TWO_CONTENTS = [{"content": {"parts": [{"text": text}]}} for text in "ab"]


@pytest.mark.parametrize(
    ("path", "request_json", "texts", "answer", "told"),
    [
        ("v1/embeddings", {"input": "a"}, ["a"], {"data": [{"embedding": [0.1] * 1536}]}, "1,536"),
        (
            "v1/embeddings",
            {"input": [1, 2]},
            ["[1, 2]"],
            {"data": [{"embedding": "AAAAAAAA"}]},
            "1",
        ),
        ("v2/embed", {"texts": ["a", "b"]}, ["a", "b"], {"embeddings": {"float": [[1], [2]]}}, "1"),
        ("api/embed", {"input": ["a"]}, ["a"], {"embeddings": [[1, 2]]}, "2"),
        ("api/embeddings", {"prompt": "a"}, ["a"], {"embedding": [1, 2]}, "2"),
        ("models/e:embedContent", TWO_CONTENTS[0], ["a"], {"embedding": {"values": [1, 2]}}, "2"),
        (
            "models/e:batchEmbedContents",
            {"requests": TWO_CONTENTS},
            ["a", "b"],
            {"embeddings": [{"values": [1, 2]}, {"values": [1]}]},
            "1 or 2",
        ),
        ("v2/embed", {"inputs": [INPUT]}, ["a"], {"embeddings": {"float": [[1]]}}, "1"),
    ],
)
def test_embeddings(
    path: str, request_json: object, texts: list[str], answer: object, told: str
) -> None:
    """The texts are told, and how many vectors came; nobody reads their numbers."""
    said = exchange(interaction(f"https://h/{path}", request_json, answer))
    assert said.dialect == "Embeddings"
    assert [message.parts for message in said.asked.messages] == [(Text(text),) for text in texts]
    count = "1 vector" if len(texts) == 1 else f"{len(texts)} vectors"
    assert only_part(said.answered.messages) == Text(f"{count} of {told} numbers")


@pytest.mark.parametrize(
    ("url", "model"),
    [
        ("https://h/v1beta/models/gemini-2.5-flash:generateContent?key=x", "gemini-2.5-flash"),
        (
            "https://h/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent",
            "g",
        ),
        ("https://h/model/anthropic.claude-v2%3A1/converse", "anthropic.claude-v2:1"),
        ("https://h/model/anthropic.claude-v2:1/converse-stream", "anthropic.claude-v2:1"),
        ("https://h/openai/deployments/my-gpt/chat/completions?api-version=1", "my-gpt"),
    ],
)
def test_models_in_urls(url: str, model: str) -> None:
    """Gemini, Bedrock and Azure name the model in the path."""
    blocks: Any = [{"text": "a"}]
    request = {"contents": [{"parts": blocks}], "messages": [{"role": "user", "content": blocks}]}
    assert exchange(interaction(url, request)).model == model


def test_embeddings_that_are_none() -> None:
    """An answer without vectors is shown as it stands."""
    told = exchange(interaction("https://h/v1/embeddings", {"input": "a"}, {"data": []}))
    assert told.asked.messages == (Message("user", (Text("a"),)),)
    assert told.answered.messages == (Message("assistant", (Text('{\n  "data": []\n}'),)),)


def test_embeddings_in_lines() -> None:
    """No provider streams vectors, but a proxy may send its one answer as a line."""
    answer = b'{"embedding": [1, 2]}\n'
    turn = interaction("https://h/api/embeddings", {"prompt": "a"}, answer, content_type=NDJSON)
    assert only_part(exchange(turn).answered.messages) == Text("1 vector of 2 numbers")
    assert [event.text for event in events(turn)] == [""]


def test_a_cost_beyond_a_double() -> None:
    """A whole number that no double holds is no cost."""
    answer = {"choices": [], "object": "chat.completion", "usage": {"cost": 10**400}}
    choices = [{"message": {"content": "a"}}]
    told = answered(CHAT, {**answer, "choices": choices})
    assert told.usage == Usage()

"""What an answer says went wrong, in the shapes of each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conversations import AWS, NDJSON, SSE, converse_frames, frame, interaction, lines, sse

from cassette_kit.conversation import Message, Text, exchange

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUEST = {
    "model": "m",
    "max_tokens": 1,
    "messages": [{"content": [{}]}],
    "input": "x",
    "contents": [],
}
CHAT = "https://api.openai.com/v1/chat/completions"
GEMINI = "https://h/v1beta/models/m:generateContent"
CONVERSE = "https://h/model/m/converse"


RESPONSES = "https://api.openai.com/v1/responses"
MESSAGES = "https://api.anthropic.com/v1/messages"
OLLAMA = "http://127.0.0.1:11434/api/chat"
COHERE = "https://api.cohere.com/v2/chat"

SLOW = {"error": {"message": "slow down", "type": "requests", "code": None}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
FAILED = {"object": "response", "status": "failed", "error": {"message": "broke"}, "output": []}


@pytest.mark.parametrize(
    ("url", "status", "answer", "error"),
    [
        (CHAT, 429, SLOW, "slow down"),
        (CHAT, 400, {"object": "error", "message": "bad", "type": "t"}, "bad"),
        (CHAT, 422, {"detail": [{"loc": ["body"]}]}, '[{"loc": ["body"]}]'),
        (CHAT, 401, {"detail": "Unauthorized"}, "Unauthorized"),
        (CHAT, 500, {"error": {"type": "server_error"}}, "server_error"),
        (CHAT, 500, {"error": {"reason": 1}}, '{"reason": 1}'),
        (CHAT, 200, {"error": {"message": "no provider", "code": 502}}, "no provider"),
        (CHAT, 200, {"error": "no"}, "no"),
        (MESSAGES, 529, OVERLOADED, "Overloaded"),
        (GEMINI, 400, {"error": {"code": 400, "message": "bad key"}}, "bad key"),
        (GEMINI, 400, [{"error": {"message": "bad key"}}], "bad key"),
        (GEMINI, 200, {"promptFeedback": {"blockReason": "SAFETY"}}, "SAFETY"),
        (OLLAMA, 404, {"error": "model 'm' not found"}, "model 'm' not found"),
        (CONVERSE, 400, {"message": "too long"}, "too long"),
        (CONVERSE, 403, {"Message": "no access"}, "no access"),
        (COHERE, 400, {"id": "1", "message": "bad"}, "bad"),
        (RESPONSES, 200, FAILED, "broke"),
    ],
)
def test_an_error_answer(url: str, status: int, answer: object, error: str) -> None:
    """The provider's own words are told, whatever status they came under."""
    told = exchange(interaction(url, REQUEST, answer, status=f"{status} Some Reason"))
    assert told.dialect
    assert told.answered.error == error


def exception(name: str, payload: bytes) -> bytes:
    return frame({":message-type": "exception", ":exception-type": name}, payload)


@pytest.mark.parametrize(
    ("url", "body", "content_type", "error"),
    [
        (CHAT, sse([SLOW]), SSE, "slow down"),
        (CHAT, [b'{"error": {"message": "slow down"}}'], SSE, "slow down"),
        (CHAT, [b'{"error":\n\n{"message": "slow down"}}'], SSE, "slow down"),
        (RESPONSES, sse([{"type": "error", "code": "c", "message": "broke"}]), SSE, "broke"),
        (RESPONSES, sse([{"type": "response.failed", "response": FAILED}]), SSE, "broke"),
        (MESSAGES, sse([OVERLOADED], named=True), SSE, "Overloaded"),
        (OLLAMA, lines([{"error": "out of memory"}]), NDJSON, "out of memory"),
        (CONVERSE, [exception("throttlingException", b'{"message": "slow"}')], AWS, "slow"),
        (CONVERSE, [exception("throttlingException", b"")], AWS, "throttlingException"),
    ],
)
def test_a_stream_that_is_an_error(
    url: str, body: Iterable[bytes], content_type: str, error: str
) -> None:
    """An error may be the only event."""
    told = exchange(interaction(url, REQUEST, b"".join(body), content_type=content_type))
    assert told.answered.error == error
    assert [part for message in told.answered.messages for part in message.parts] == []


def test_an_error_after_some_text() -> None:
    """What came before the error is told too."""
    chunk = {"choices": [{"index": 0, "delta": {"content": "I"}}]}
    broken = {
        "choices": [
            {"index": 0, "delta": {}, "error": {"message": "upstream"}, "finish_reason": "error"}
        ]
    }
    for last in (sse([broken]), [b'{"error": {"message": "upstream"}}']):
        body = b"".join([*sse([chunk]), *last])
        told = exchange(interaction(CHAT, REQUEST, body, content_type=SSE)).answered
        assert told.error == "upstream"
        assert told.messages == (Message("assistant", (Text("I"),)),)


def test_an_exception_within_frames() -> None:
    """Bedrock may break off a stream that had begun."""
    text = ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "I"}})
    broken = exception("modelStreamErrorException", b'{"message": "broke"}')
    body = b"".join([*converse_frames([text]), broken])
    told = exchange(interaction(f"{CONVERSE}-stream", REQUEST, body, content_type=AWS)).answered
    assert (told.error, told.messages) == ("broke", (Message("assistant", (Text("I"),)),))


@pytest.mark.parametrize("field", [None, "", {}, [], False])
def test_an_error_field_without_an_error(field: object) -> None:
    """Many APIs send `"error": null` where nothing is wrong."""
    answer = {"choices": [{"message": {"content": "a"}}], "error": field}
    assert exchange(interaction(CHAT, REQUEST, answer)).answered.error == ""


def test_a_message_that_is_no_error() -> None:
    """A field `message` is an error only where the status says so."""
    told = exchange(interaction("https://h/x", {"a": 1}, {"message": "welcome"}))
    assert told.answered.error == ""


def test_an_error_that_is_no_json() -> None:
    """A proxy's own page is shown as it stands."""
    answer = b"upstream connect error"
    turn = interaction(
        CHAT, REQUEST, answer, status="503 Service Unavailable", content_type="text/plain"
    )
    told = exchange(turn).answered
    assert told.messages == (Message("assistant", (Text("upstream connect error"),)),)


def test_an_error_of_an_unknown_api() -> None:
    """Its body is told, and its message as the error."""
    turn = interaction("https://h/x", {"a": 1}, {"message": "no"}, status="400 Bad Request")
    told = exchange(turn)
    assert (told.dialect, told.answered.error) == ("", "no")
    assert told.answered.messages == (Message("assistant", (Text('{\n  "message": "no"\n}'),)),)

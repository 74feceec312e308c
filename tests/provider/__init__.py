"""A scripted LLM provider on loopback: real sockets, each byte and each moment chosen by the test.

The first token reaches the caller before the server has sent the last one:

    held = Gate("second token")
    with Provider() as provider:
        provider.script(Answer.sse(openai_chat_sse(["Hel", "lo"]), pauses={2: held}))
        with httpx.stream("POST", provider.url + "/v1/chat/completions", json={}) as response:
            events = response.iter_text()
            assert "role" in next(events)  # the texts follow, one a piece
            assert "Hel" in next(events)
            held.open()
            assert "lo" in "".join(events)

A rate limit, then the answer; the two requests as they came over the wire:

    provider.on("/v1/messages", Answer.rate_limited(), Answer.json(anthropic_json("Hello")))
    anthropic.Anthropic(base_url=provider.url, api_key="k").messages.create(...)
    assert [request.framing for request in provider.requests] == ["length", "length"]

An upstream that breaks after two events, and a caller who leaves a stream that has no end:

    provider.script(
        Answer.sse(groq_sse(["a", "b"]), drop="reset", drop_after=2),
        Answer.sse(itertools.repeat(b": ping\\n\\n"), pauses=5),
    )
    ...
    assert provider.disconnects.wait() == 1  # the second request; raises after ten seconds

Whatever waits here has a time limit and says what it waited for. Leaving the block hangs up on
every connection, then raises what went wrong inside the server, such as a gate never opened.
"""

from __future__ import annotations

from provider.answers import (
    JSON,
    RETRY_SOON,
    SSE,
    UNANSWERED,
    Answer,
    Drop,
    Pairs,
    Part,
)
from provider.dialects import (
    CHAT_USAGE,
    DONE,
    anthropic_json,
    anthropic_sse,
    event,
    groq_sse,
    json_pieces,
    openai_chat_json,
    openai_chat_sse,
    openai_tool_call_sse,
)
from provider.encoders import ENCODERS
from provider.exchanges import Framing, Received, Sent
from provider.http2 import Http2Provider
from provider.server import Provider
from provider.waiting import TIME_LIMIT_S, Gate, Log, Pause

__all__ = [
    "CHAT_USAGE",
    "DONE",
    "ENCODERS",
    "JSON",
    "RETRY_SOON",
    "SSE",
    "TIME_LIMIT_S",
    "UNANSWERED",
    "Answer",
    "Drop",
    "Framing",
    "Gate",
    "Http2Provider",
    "Log",
    "Pairs",
    "Part",
    "Pause",
    "Provider",
    "Received",
    "Sent",
    "anthropic_json",
    "anthropic_sse",
    "event",
    "groq_sse",
    "json_pieces",
    "openai_chat_json",
    "openai_chat_sse",
    "openai_tool_call_sse",
]

"""Recorded exchanges as people read them: who said what, which tools were called, what it took.

Strategy: a dialect folds the events of a stream into the JSON that the same API gives without
streaming, so that each API's answers are read in one place. Nothing in a body makes this fail:
what a dialect cannot read is shown as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.conversation.anthropic_messages import ANTHROPIC_MESSAGES
from cassette_kit.conversation.bedrock_converse import BEDROCK_CONVERSE
from cassette_kit.conversation.cohere_chat import COHERE_CHAT
from cassette_kit.conversation.embeddings import EMBEDDINGS
from cassette_kit.conversation.exchange import (
    REDACTED,
    Answered,
    Asked,
    Event,
    Exchange,
    Media,
    Message,
    Part,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from cassette_kit.conversation.gemini import GEMINI
from cassette_kit.conversation.ollama import OLLAMA
from cassette_kit.conversation.openai_chat import OPENAI_CHAT
from cassette_kit.conversation.openai_responses import OPENAI_RESPONSES
from cassette_kit.conversation.reading import reading, told, told_events

if TYPE_CHECKING:
    from cassette_kit.conversation.dialect import Dialect
    from cassette_kit.model import Interaction

__all__ = [
    "REDACTED",
    "Answered",
    "Asked",
    "Event",
    "Exchange",
    "Media",
    "Message",
    "Part",
    "Role",
    "Text",
    "Thinking",
    "ToolCall",
    "ToolResult",
    "Unknown",
    "Usage",
    "events",
    "exchange",
]


DIALECTS: tuple[Dialect, ...] = (
    OPENAI_CHAT,
    OPENAI_RESPONSES,
    ANTHROPIC_MESSAGES,
    GEMINI,
    OLLAMA,
    BEDROCK_CONVERSE,
    COHERE_CHAT,
    EMBEDDINGS,
)
"""One row an API; of rows that fit equally well the first is taken."""


def exchange(interaction: Interaction) -> Exchange:
    """What an interaction says, whatever its bytes are."""
    return told(reading(interaction, DIALECTS))


def events(interaction: Interaction) -> tuple[Event, ...]:
    """The events of a response, in order; a body that is no stream has none."""
    return told_events(reading(interaction, DIALECTS))

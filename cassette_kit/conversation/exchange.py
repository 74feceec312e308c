"""What one request and its answer say, as values: the same for every provider.

Everything here comes from a cassette and is untrusted; whoever shows it escapes it for its medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """What was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model wrote before its answer."""

    text: str


REDACTED = Thinking("(redacted)")
"""Thinking that a provider sends encrypted."""


@dataclass(frozen=True, slots=True)
class Media:
    """An image, a sound or a document: its bytes, or where they are (`url`)."""

    media_type: str
    data: bytes = b""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for; `arguments` as sent, mostly JSON text, maybe cut off."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back for the call of that `id`."""

    id: str
    parts: tuple[Part, ...]
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a kind that its dialect does not tell: its JSON."""

    value: object


Part: TypeAlias = Text | Thinking | Media | ToolCall | ToolResult | Unknown
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; `developer` is the role "system", `model` the role "assistant".

    `called` is what it says of its speaker beyond that: another role (`developer`), a name.
    """

    role: Role
    parts: tuple[Part, ...]
    called: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call took, in tokens; None where the provider does not say. `cost` as it states it.

    `input_tokens` include those read from a cache (`cached_tokens`) and written to it, and
    `output_tokens` those of thinking (`reasoning_tokens`), also where the provider counts apart.

    Source: OpenTelemetry, "Semantic conventions for generative AI", `gen_ai.usage`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says. `settings` are its other fields (`temperature`), as JSON values.

    `tools` are names, `definitions` the JSON that defines them: descriptions, schemas, choices.
    `is_body`: it is nobody's words, but the body as text, which could not be read otherwise.
    """

    model: str = ""
    messages: tuple[Message, ...] = ()
    tools: tuple[str, ...] = ()
    settings: tuple[tuple[str, object], ...] = ()
    definitions: object = None
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What a response says: a message for each choice, with the provider's reason for its end.

    `error` is the provider's error message. `model` is the one that answered. `is_body` as of
    what was asked.
    """

    model: str = ""
    messages: tuple[Message, ...] = ()
    finish: tuple[str, ...] = ()
    usage: Usage | None = None
    error: str = ""
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer in the words of the API that `dialect` names.

    Of an unknown API ("") each side is one message of text: its body, JSON laid out in lines.
    """

    dialect: str
    asked: Asked
    answered: Answered

    @property
    def model(self) -> str:
        """The model that answered, or else the one that was asked for; "" if neither is known."""
        return self.answered.model or self.asked.model


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of a stream as its protocol delimits it: an SSE event, a line, a frame.

    `name` is what it calls itself (`message_start`, `content_block_delta`), `data` its bytes,
    `text` what it adds to the visible answer. `offset_ms` is its arrival since the response
    headers, that is, of the chunk that held its last byte; None where times were not recorded.
    """

    name: str
    data: bytes
    text: str = ""
    offset_ms: int | None = None

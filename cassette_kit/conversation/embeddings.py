"""Embeddings of OpenAI and its kind, Cohere, Ollama and Gemini: texts in, vectors out.

An answer says how many vectors there are and how long they are, not their numbers.
Source: the reference pages of these four.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cassette_kit.conversation import media
from cassette_kit.conversation.chat_messages import content_parts
from cassette_kit.conversation.dialect import Dialect
from cassette_kit.conversation.exchange import Answered, Asked, Message, Text, Usage
from cassette_kit.conversation.fields import (
    count,
    json_text,
    mapping,
    mappings,
    other_fields,
    sequence,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.conversation.exchange import Part
    from cassette_kit.conversation.fields import Json

_INPUTS = ("input", "inputs", "texts", "images", "prompt", "content", "requests")
_FLOAT_BYTES = 4


def asks(request: Json) -> bool:
    return any(request.get(name) for name in _INPUTS)


def answers(answer: Json) -> bool:
    return bool(_vectors(answer))


def asked(request: Json) -> Asked:
    """Each input is a message."""
    inputs = [part for name in _INPUTS for part in _parts(request.get(name))]
    return Asked(
        string(request.get("model")).removeprefix("models/"),
        tuple(Message("user", (part,)) for part in inputs),
        (),
        other_fields(request, "model", *_INPUTS),
    )


def answered(answer: Json) -> Answered:
    vectors = _vectors(answer)
    if not vectors:
        return Answered()
    lengths = sorted({_length(vector) for vector in vectors})
    size = " or ".join(f"{length:,}" for length in lengths)
    text = f"{len(vectors):,} {'vector' if len(vectors) == 1 else 'vectors'} of {size} numbers"
    return Answered(
        string(answer.get("model")), (Message("assistant", (Text(text),)),), ("",), _usage(answer)
    )


def fold(events: list[Json]) -> Json:
    """No provider streams vectors."""
    return next(filter(answers, events), {})


def said(_event: Json) -> str:
    return ""


def _parts(value: Any) -> Iterator[Part]:
    """Texts, tokens, or what holds `content` with parts (Cohere, Gemini)."""
    if isinstance(value, str) and value:
        yield Text(value)
    elif isinstance(value, dict):
        yield from _content_parts(value)
    elif _is_tokens(value):
        yield Text(json_text(value))
    else:
        for item in sequence(value):
            yield from _parts(item)


def _content_parts(value: Json) -> Iterator[Part]:
    content = value.get("content", value)
    if "parts" in mapping(content):
        yield from (Text(string(part.get("text"))) for part in mappings(content["parts"]))
    else:
        yield from content_parts(content if isinstance(content, list) else [content])


def _is_tokens(value: Any) -> bool:
    return (
        bool(value) and isinstance(value, list) and all(count(item) is not None for item in value)
    )


def _vectors(answer: Json) -> list[Any]:
    """Lists of numbers, or base64 of them; of several types that Cohere gives, the first."""
    data = [item["embedding"] for item in mappings(answer.get("data")) if "embedding" in item]
    found = data or answer.get("embeddings") or [answer.get("embedding")]
    if isinstance(found, dict):
        found = next((each for each in found.values() if isinstance(each, list)), [])
    values = [mapping(each).get("values", each) for each in sequence(found)]
    return [each for each in values if each and isinstance(each, list | str)]


def _length(vector: list[Any] | str) -> int:
    return len(vector) if isinstance(vector, list) else len(media.decoded(vector)) // _FLOAT_BYTES


def _usage(answer: Json) -> Usage | None:
    """OpenAI states the usage, Cohere in `meta`, Ollama as a count."""
    billed = mapping(mapping(answer.get("meta")).get("billed_units"))
    stated = (
        mapping(answer.get("usage")).get("prompt_tokens"),
        billed.get("input_tokens"),
        answer.get("prompt_eval_count"),
    )
    tokens = next((number for each in stated if (number := count(each)) is not None), None)
    return None if tokens is None else Usage(tokens)


EMBEDDINGS = Dialect(
    "Embeddings",
    re.compile(r"/embeddings?/?$|/embed/?$|:(batchE|e)mbedContents?$"),
    asks,
    answers,
    asked,
    answered,
    fold,
    said,
)

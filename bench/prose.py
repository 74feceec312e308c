"""Request bodies of chats, as JSON trees of made-up words."""

from __future__ import annotations

import random
from typing import Any

WORDS = ["the", "tape", "plays", "each", "recorded", "answer", "once", "and", "in", "order"]


def prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def chat(seed: int, *, messages: int, words: int) -> dict[str, Any]:
    """A short body, with values that change from run to run."""
    rng = random.Random(seed)
    texts = [prose(rng, words) for _ in range(messages)]
    return {
        "model": "m",
        "messages": [{"role": "user", "content": text} for text in texts],
        "metadata": {"run": f"{rng.getrandbits(64):016x}", "at": seed},
        "tags": ["a", "b", "c"],
    }


def agent(seed: int, *, messages: int) -> dict[str, Any]:
    """A long one: turns of 100 words and ten tools."""
    rng = random.Random(seed)
    roles = ["user", "assistant"]
    return {
        "model": "m",
        "temperature": 0.5,
        "messages": [{"role": roles[n % 2], "content": prose(rng, 100)} for n in range(messages)],
        "tools": [tool(rng, number) for number in range(10)],
    }


def tool(rng: random.Random, number: int) -> dict[str, Any]:
    texts = {f"p{n}": {"type": "string", "description": prose(rng, 8)} for n in range(5)}
    parameters = {"type": "object", "properties": texts, "required": ["p0", "p1"]}
    function = {"name": f"tool_{number}", "description": prose(rng, 30), "parameters": parameters}
    return {"type": "function", "function": function}

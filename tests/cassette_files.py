"""Version-2 files for the tests of formats: the real ones, and a small one with keys to change."""

from __future__ import annotations

from pathlib import Path

SEEDS = sorted((Path(__file__).parent.parent / "cassettes").glob("*.yaml"))

Lines = dict[str, str | None]
"""YAML values by key; None leaves a key out."""

_REQUEST: Lines = {"url": "https://api.example/v1", "method": "POST"}
_RESPONSE: Lines = {"body": "hello", "status": "200 OK", "code": "200", "duration": "1.5s"}


def lines(values: Lines, indent: int) -> str:
    """`key: value` lines; a value that begins with a break goes below its key."""
    pairs = ((key, value) for key, value in values.items() if value is not None)
    return "".join(f"{' ' * indent}{key}:{_after_colon(value)}\n" for key, value in pairs)


def interaction_text(
    number: int = 0,
    *,
    request: Lines | None = None,
    response: Lines | None = None,
    extra: Lines | None = None,
) -> str:
    """One interaction in layout A."""
    return (
        f"- id: {number}\n"
        f"{lines(extra or {}, 2)}"
        f"  request:\n{lines(_REQUEST | (request or {}), 4)}"
        f"  response:\n{lines(_RESPONSE | (response or {}), 4)}"
    )


def file_text(*interactions: str, head: str = "---\nversion: 2\n", tail: str = "") -> str:
    body = "".join(interactions or [interaction_text()])
    return f"{head}interactions:\n{body}{tail}"


def one(
    *, request: Lines | None = None, response: Lines | None = None, extra: Lines | None = None
) -> bytes:
    """A file with one interaction."""
    return file_text(interaction_text(request=request, response=response, extra=extra)).encode()


def _after_colon(value: str) -> str:
    return value if not value or value.startswith("\n") else f" {value}"

"""Who said a message: the four roles that those of all providers come down to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.conversation.exchange import Message, ToolResult
from cassette_kit.conversation.fields import string

if TYPE_CHECKING:
    from cassette_kit.conversation.exchange import Part, Role
    from cassette_kit.conversation.fields import Json

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}
_USUAL = {"user", *_ROLES} - {"developer"}


def role_of(said: Json, default: Role = "user") -> Role:
    """The role that a message states; `default` where it states none that is known."""
    return _ROLES.get(string(said.get("role")), default)


def called(said: Json) -> str:
    """What a message says of its speaker beyond the role that is told: another one, or a name."""
    role = string(said.get("role"))
    return ", ".join(filter(None, ("" if role in _USUAL else role, string(said.get("name")))))


def turn(said: Json, parts: tuple[Part, ...], default: Role = "user") -> Message:
    """A message of an API whose tool results come in turns of the user.

    A turn that holds nothing else is the tool's.
    """
    role = role_of(said, default)
    only_results = bool(parts) and all(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if only_results and role == "user" else role, parts, called(said))


def system(parts: tuple[Part, ...]) -> tuple[Message, ...]:
    """The system prompt that stands beside the messages, if there is one."""
    return (Message("system", parts),) if parts else ()

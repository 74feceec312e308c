"""JSON as clients read it."""

from __future__ import annotations

import json
from typing import Any

BROKEN = object()
"""Stands for a text that is no JSON."""


def json_or_broken(text: bytes | str) -> Any:
    """The value of a JSON text, or BROKEN; what is too deep to be read is null."""
    try:
        return json.loads(text)
    except RecursionError:
        return None
    except ValueError:
        return BROKEN


def fault_of_json(text: bytes | str) -> str | None:
    """Why a text is no JSON, and where; None if it is."""
    try:
        json.loads(text)
    except RecursionError:
        return None
    except json.JSONDecodeError as error:
        return f"{error.msg.removesuffix(' at')} at character {error.pos}"
    except ValueError:
        return "it is no text"
    return None

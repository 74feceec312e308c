"""HTML files whose scripts and styles stand in them, allowed by their hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import cassette_kit
from cassette_kit.conversation.printable import one_line
from cassette_kit.errors import CassetteError
from cassette_kit.quantities import duration, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from cassette_kit.viewer.messages import Plain

SCRIPTS = (
    "dom.js",
    "format.js",
    "rows.js",
    "messages.js",
    "timeline.js",
    "playback.js",
    "events.js",
    "bodies.js",
    "code.js",
    "conversation.js",
    "words.js",
    "pairs.js",
    "search.js",
    "navigation.js",
    "views.js",
    "theme.js",
    "keys.js",
    "app.js",
)
"""The page's scripts, one after the other: one module, so that nothing of theirs is global."""

GENERATOR = f"cassette-kit {cassette_kit.__version__}"
BEGINNING = (
    b'<!doctype html>\n<html lang="en">\n<head>\n<meta name="generator" content="cassette-kit '
)
"""How each file begins that was made here."""

_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def page(title: str, data: Plain, *, home: str = "") -> str:
    """A page about the data; `home` is the address of the index that it belongs to."""
    script = "\n".join(_asset(name) for name in SCRIPTS)
    return _rendered("page.html", title, script=script, data=script_json(data), home=home)


def index(title: str, rows: Sequence[object]) -> str:
    """A page that lists others."""
    return _rendered("index.html", title, script=_asset("index.js"), rows=rows)


def script_json(value: object) -> str:
    """JSON that ends no script element and holds no character that UTF-8 lacks."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _rendered(template: str, title: str, *, script: str, **values: object) -> str:
    page = _environment().get_template(template)
    style = _asset("page.css")
    return page.render(
        title=title,
        generator=GENERATOR,
        policy=_policy(script, style),
        script=script,
        style=style,
        **values,
    )


def _policy(script: str, style: str) -> str:
    """Nothing from anywhere but images out of the page itself, and no markup out of strings."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _asset(name: str) -> str:
    return (files("cassette_kit.viewer") / "page" / name).read_text("utf-8")


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError as error:
        raise CassetteError(
            "the page needs Jinja2, which is not installed: pip install 'cassette_kit[view]'"
        ) from error
    environment = Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(
        one_line=one_line, count=_count, key=_key, size=size, duration=duration
    )
    return environment


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _key(number: int | None) -> str:
    return "" if number is None else str(number)

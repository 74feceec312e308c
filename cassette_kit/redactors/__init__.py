"""Keeps secrets out of recordings. A row of REDACTORS is a kind of rule for the option `redact`.

Two lines of defence: a `Redactor` replaces what stands in known places, and before a file is
written `secrets.find_secrets` looks for credentials anywhere in its text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from cassette_kit.errors import CassetteOptionError
from cassette_kit.model import Interaction, Request, Response
from cassette_kit.redactors.builtin import BUILT_IN
from cassette_kit.redactors.edits import REDACTED, applied, resized
from cassette_kit.redactors.headers import REQUEST_HEADERS, RESPONSE_HEADERS, Header
from cassette_kit.redactors.json_field import JsonField
from cassette_kit.redactors.json_path import JsonPath
from cassette_kit.redactors.passes import Hits, Pass, media_type
from cassette_kit.redactors.pattern import Pattern
from cassette_kit.redactors.query import Query
from cassette_kit.redactors.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["REDACTED", "REDACTORS", "Hits", "Redactor", "Rule"]

REDACTORS: Mapping[str, Callable[[str], Rule]] = {
    "$": JsonPath,
    "field": JsonField,
    "header": Header,
    "pattern": Pattern,
    "query": Query,
}

_Message = TypeVar("_Message", Request, Response)


class Redactor:
    """Takes secrets out of messages; compiled once, without state.

    `rules` are those of the option `redact`, texts and compiled patterns; the built-in ones always
    hold. `keep_headers` names headers to keep besides the built-in lists; a credential in one of
    them is still replaced. A message with nothing to redact comes back as the same object.

    `names` are the names of `rules`, as they are counted in Hits.

    Raises:
        CassetteOptionError: a rule of no known kind, or one that cannot be read.
    """

    def __init__(self, rules: Iterable[object] = (), *, keep_headers: Iterable[str] = ()) -> None:
        own = [_rule(rule) for rule in rules]
        kept = {name.lower() for name in keep_headers}
        self.names = tuple(rule.name for rule in own)
        rules = self._rules = (*BUILT_IN, *own)
        self.request_headers = REQUEST_HEADERS | kept
        self._response_headers = RESPONSE_HEADERS | kept
        # Many recordings of a file have one URL.
        self._compared_url = lru_cache(maxsize=128)(lambda url: Pass(rules).url(url))

    def request(self, request: Request) -> tuple[Request, Hits]:
        """The request as it may be recorded, and what was found in it."""
        rules, old = Pass(self._rules), request.body
        new = applied(old, rules.body(old, media_type(request.headers)))
        redacted = _changed(
            request,
            url=rules.url(request.url),
            host=rules.url(request.host),
            request_uri=rules.url(request.request_uri),
            headers=rules.headers(request.headers, self.request_headers),
            trailer=rules.headers(request.trailer, self.request_headers),
            form=rules.form(request.form),
            body=new,
            content_length=_length(request.content_length, old, new),
        )
        return redacted, rules.hits

    def compared(self, request: Request, *, headers: bool) -> Request:
        """The request as matchers see it: with what a recording would hold of URL and body.

        Headers stay, a credential's value replaced; without `headers` they stay as they are, which
        saves most of the time.
        """
        rules, old = Pass(self._rules), request.body
        seen: dict[str, Any] = {
            "url": self._compared_url(request.url),
            "body": applied(old, rules.body(old, media_type(request.headers))),
        }
        if headers:
            seen["headers"] = rules.headers(request.headers, frozenset(request.headers))
        return _changed(request, **seen)

    def response(self, response: Response) -> tuple[Response, Hits]:
        """The response as it may be recorded, its chunk sizes adjusted, and what was found."""
        rules, old, stream = Pass(self._rules), response.body, response.stream
        edits = rules.body(old, media_type(response.headers))
        new = applied(old, edits)
        redacted = _changed(
            response,
            headers=rules.headers(response.headers, self._response_headers),
            trailer=rules.headers(response.trailer, self._response_headers),
            body=new,
            content_length=_length(response.content_length, old, new),
            stream=stream and replace(stream, chunks=resized(stream.chunks, edits)),
        )
        return redacted, rules.hits

    def interaction(self, interaction: Interaction) -> tuple[Interaction, Hits]:
        """Both sides; what changed loses the source text that it was read from."""
        request, sent = self.request(interaction.request)
        response, received = self.response(interaction.response)
        if request is interaction.request and response is interaction.response:
            return interaction, sent + received
        changed = replace(interaction, request=request, response=response, source=None)
        return changed, sent + received


def _rule(rule: object) -> Rule:
    if isinstance(rule, re.Pattern):
        return Pattern(rule)
    text = rule if isinstance(rule, str) else ""
    kind, _, argument = ("$", "", text) if text.startswith("$") else text.partition(":")
    if kind not in REDACTORS or not argument:
        raise CassetteOptionError(
            f"redact: cannot read the rule {rule!r}; a rule is a JSON path that begins with $, "
            "field:NAME, header:NAME, pattern:REGEX, query:NAME or a compiled pattern"
        )
    return REDACTORS[kind](argument)


def _changed(message: _Message, **parts: Any) -> _Message:
    new = {name: part for name, part in parts.items() if part != getattr(message, name)}
    return replace(message, **new) if new else message


def _length(stated: int, old: bytes, new: bytes) -> int:
    return len(new) if stated == len(old) else stated

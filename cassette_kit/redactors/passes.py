"""One message on its way through the rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cassette_kit.model import Headers
from cassette_kit.redactors import eventstream
from cassette_kit.redactors.edits import Edit, applied, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cassette_kit.redactors.rule import Rule

Hits = Counter[str]
"""How many values each rule has found, by the rule's name."""


def media_type(headers: Headers) -> str:
    """What the body is, in lower case and without parameters; empty if the headers do not say."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


class Pass:
    """Redacts the parts of one message; `hits` counts what the rules found in them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self.hits: Hits = Counter()

    def url(self, url: str) -> str:
        return self._text(url, lambda rule, data: rule.url(data))

    def headers(self, headers: Headers, kept: frozenset[str]) -> Headers:
        """The headers that a recording keeps; the rules also see those that it drops."""
        pairs = [(name, self._header(name, value)) for name, value in headers.multi_items()]
        return Headers([(name, value) for name, value in pairs if name.lower() in kept])

    def form(self, form: Headers) -> Headers:
        return Headers([(name, self._field(name, value)) for name, value in form.multi_items()])

    def body(self, body: bytes, kind: str) -> list[Edit]:
        """The edits that a body of media type `kind` needs."""
        edits = self._edits(body, lambda rule: rule.body(body, kind))
        return eventstream.reframed(body, edits) if kind == eventstream.MEDIA_TYPE else edits

    def _header(self, name: str, value: str) -> str:
        return self._text(value, lambda rule, data: rule.header(name, data))

    def _field(self, name: str, value: str) -> str:
        return self._text(value, lambda rule, data: rule.form(name, data))

    def _text(self, text: str, look: Callable[[Rule, bytes], Iterable[Edit]]) -> str:
        data = text.encode("utf-8", "surrogatepass")
        edits = self._edits(data, lambda rule: look(rule, data))
        return applied(data, edits).decode("utf-8", "surrogatepass") if edits else text

    def _edits(self, data: bytes, look: Callable[[Rule], Iterable[Edit]]) -> list[Edit]:
        found: list[Edit] = []
        for rule in self._rules:
            wanted = [edit for edit in look(rule) if edit.changes(data)]
            if wanted:
                self.hits[rule.name] += len(wanted)
                found += wanted
        return merged(found)

"""User names and passwords in URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cassette_kit.redactors.edits import Edit
from cassette_kit.redactors.rule import UrlRule

if TYPE_CHECKING:
    from collections.abc import Iterable

_USER_INFO = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#]*)@")


class UserInfo(UrlRule):
    """`https://user:password@host/` becomes `https://REDACTED@host/`."""

    def url(self, url: bytes) -> Iterable[Edit]:
        found = _USER_INFO.match(url)
        return (Edit(*found.span(1)),) if found else ()

"""The rules that always hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassette_kit.redactors.headers import CredentialHeaders
from cassette_kit.redactors.json_field import JsonField
from cassette_kit.redactors.names import SECRET_FIELDS, SECRET_PARAMETERS
from cassette_kit.redactors.query import Query
from cassette_kit.redactors.url import UserInfo

if TYPE_CHECKING:
    from cassette_kit.redactors.rule import Rule

HEADERS = CredentialHeaders("headers")
USER_INFO = UserInfo("url")
QUERY = Query(*SECRET_PARAMETERS, title="query")
FIELDS = JsonField(*SECRET_FIELDS, title="fields")

BUILT_IN: tuple[Rule, ...] = (HEADERS, USER_INFO, QUERY, FIELDS)

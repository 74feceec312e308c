"""The names under which secrets travel. Case does not count, nor do `-` and `_` between words."""

from __future__ import annotations

import re

SECRET_FIELDS = (
    "access_key",
    "access_key_id",
    "access_token",
    "account_key",
    "api_key",
    "api_secret",
    "api_token",
    "auth_token",
    "authorization",
    "authorization_token",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "bearer_token",
    "client_assertion",
    "client_secret",
    "connection_string",
    "id_token",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "proxy_authorization",
    "refresh_token",
    "secret",
    "secret_access_key",
    "secret_key",
    "session_token",
    "signing_secret",
    "subscription_key",
    "webhook_secret",
    "x_api_key",
    "x_goog_api_key",
)
"""JSON fields. `token` is missing on purpose (log probabilities have it), as are `signature`,
`thought_signature` and `encrypted_content`, which an API needs back as it sent them."""

SECRET_PARAMETERS = (
    *SECRET_FIELDS,
    "assertion",
    "auth",
    "aws_access_key_id",
    "code_verifier",
    "jwt",
    "key",
    "pwd",
    "sig",
    "signature",
    "token",
    "x_amz_credential",
    "x_amz_security_token",
    "x_amz_signature",
    "x_goog_credential",
    "x_goog_signature",
)
"""Query parameters and form fields."""


def folded(name: str) -> str:
    """A name without what does not count: `X-Api-Key`, `x_api_key` and `xApiKey` are one."""
    return name.replace("-", "").replace("_", "").lower()


def spellings(name: str) -> str:
    """A regular expression, to be used without regard to case, for every spelling of a name."""
    words = re.split(r"[-_]|(?<=[a-z0-9])(?=[A-Z])", name)
    return "[-_]?".join(re.escape(word) for word in words)

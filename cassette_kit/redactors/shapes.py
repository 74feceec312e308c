"""Keys that providers issue, told by their shape. A row of SHAPES is a kind of key.

A shape needs a prefix that stands free, a length, and a body that looks drawn by lot: prose with
`sk-` in it, tool-call ids and blobs in base64 must not stop a recording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(rb"[A-Za-z0-9_-]")
_ESCAPE = re.compile(
    rb"(?:\\[0abefnrtv]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})\Z", re.DOTALL
)
_MIXED = re.compile(rb"(?=.*[0-9])|(?=.*[a-z])(?=.*[A-Z])", re.DOTALL)
_FEWEST_CHARACTERS = 8
_PLAIN = re.compile(r"[A-Za-z0-9._~+/=:-]+")
_RUN = re.compile(r"[A-Za-z0-9]+|.")
_FREE = r"(?:(?<![A-Za-z0-9_-])|(?<=[\\][nrt]))"  # as it stands, or behind an escape of JSON
_LOT = "Kq7ZtP2aVw3XnL9sRb4YdJ5mGc8HfU6eTi"
_HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
_AWS_ID = r"(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9+/=_-])"
_PASSWORD = (
    r"[A-Za-z0-9._~%!$&*+=,;-]*:(?![$]|[^@]{0,200}(?i:1234|admin|demo|dummy|example|guest|pass|"
    r"placeholder|qwerty|redacted|s[e3]cret|test|user|xxx|your))([A-Za-z0-9._~%!$&*+=,;-]{8,})"
    r"@(?!localhost|127[.]|0[.]0[.]0[.]0|sha256:|(?:[a-z0-9-]+[.])*example[.])[A-Za-z0-9]"
)
_WEB_TOKEN = r"[A-Za-z0-9_-]{10,}[.]eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{10,}"
_PEM = (
    r"(?:[A-Z]+ )*PRIVATE KEY-----[^-]{1,20}?[A-Za-z0-9+/=]{16,}[^-]*"
    r"(?:-----END [A-Z ]*KEY-----)?"
)


@dataclass(frozen=True)
class Shape:
    """A kind of key: its name in a report, what it begins with, a regular expression for the rest.

    `sample` is the rest of an example, kept apart from the prefix so that no scanner of source
    code takes it for a key.
    """

    name: str
    prefixes: tuple[str, ...]
    rest: str
    sample: str

    @property
    def examples(self) -> list[str]:
        """One for each prefix."""
        return [prefix + self.sample for prefix in self.prefixes]

    @property
    def pattern(self) -> str:
        """The whole key as a regular expression, without backslashes, so that any quotes do."""
        prefixes = "|".join(self.prefixes).replace(".", "[.]")
        return f"(?:{prefixes}){self.rest}"

    @cached_property
    def _rest(self) -> re.Pattern[bytes]:
        return re.compile(self.rest.encode())

    def spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where keys of this shape stand in a text."""
        for prefix in map(str.encode, self.prefixes):
            for start in occurrences(prefix, text):
                if _stands_free(text, start):
                    rest = self._rest.match(text, start + len(prefix))
                    if rest and _looks_drawn(rest[0]):
                        yield start, rest.end()


class UrlPassword(Shape):
    """The password of a URL in a text; no dummy, and not that of a server on the same machine."""

    @property
    def pattern(self) -> str:
        """A regular expression for the URL up to its host; the password is a group."""
        return f"://{self.rest}"

    def spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where passwords stand in the URLs of a text."""
        for start in occurrences(b"://", text):
            found = self._rest.match(text, start + len(b"://"))
            if found and _looks_drawn(found[1]):
                yield found.span(1)


SHAPES: tuple[Shape, ...] = (
    Shape("Anthropic key", ("sk-ant-",), r"[A-Za-z0-9_-]{30,}", "api03-" + _LOT * 2),
    Shape("AWS access key id", ("AKIA", "ASIA"), _AWS_ID, "Q3EGVZ7XK2PLMNT4"),
    Shape("AWS Bedrock key", ("ABSK",), r"[A-Za-z0-9+/]{100,}={0,2}", _LOT * 3),
    Shape("Cerebras key", ("csk-",), r"[a-z0-9]{40,}", _HEX * 2),
    Shape("ElevenLabs key", ("sk_",), r"[0-9a-f]{48}(?![A-Za-z0-9_-])", _HEX + _HEX[:16]),
    Shape("Fireworks key", ("fw_",), r"[A-Za-z0-9]{22,}", _LOT[:24]),
    Shape(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"[A-Za-z0-9_]{36,}",
        _LOT * 2,
    ),
    Shape("GitLab token", ("glpat-",), r"[A-Za-z0-9_-]{20,}", _LOT),
    Shape("Google API key", ("AIza",), r"[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", _LOT + "Q"),
    Shape("Google API key", ("AQ.Ab",), r"[A-Za-z0-9_-]{40,}", _LOT * 2),
    Shape("Google OAuth secret", ("GOCSPX-", "ya29."), r"[A-Za-z0-9_-]{28,}", _LOT * 2),
    Shape("Groq key", ("gsk_",), r"[A-Za-z0-9]{40,}", _LOT + _LOT[:18]),
    Shape("Hugging Face token", ("hf_",), r"[A-Za-z0-9]{30,}", _LOT),
    Shape("JSON web token", ("eyJ",), _WEB_TOKEN, f"{_LOT}.eyJ{_LOT}.{_LOT}"),
    Shape(
        "LangSmith key",
        ("lsv2_pt_", "lsv2_sk_"),
        r"[0-9a-f]{32}_[0-9a-f]{10}",
        f"{_HEX}_{_HEX[:10]}",
    ),
    Shape("Langfuse key", ("sk-lf-",), r"[0-9a-f]{8}-[0-9a-f-]{27}", _UUID),
    Shape("npm token", ("npm_",), r"[A-Za-z0-9]{36,}", _LOT * 2),
    Shape("NVIDIA key", ("nvapi-",), r"[A-Za-z0-9_-]{60,}", _LOT * 2),
    Shape(
        "OpenAI key",
        ("sk-proj-", "sk-svcacct-", "sk-admin-"),
        r"[A-Za-z0-9_-]{40,}",
        _LOT * 2,
    ),
    Shape("OpenAI key or one like it", ("sk-",), r"[A-Za-z0-9]{32,}", _LOT + _LOT[:14]),
    Shape("OpenAI client secret", ("ek_",), r"[A-Za-z0-9]{30,}", _HEX),
    Shape("OpenRouter key", ("sk-or-v1-",), r"[0-9a-f]{40,}", _HEX * 2),
    UrlPassword(
        "password in a URL", ("postgres://", "https://"), _PASSWORD, f"app:{_LOT}@db.acme.net"
    ),
    Shape("Perplexity key", ("pplx-",), r"[A-Za-z0-9]{40,}", _LOT * 2),
    Shape(
        "private key",
        ("-----BEGIN ",),
        _PEM,
        f"PRIVATE KEY-----\n{_LOT * 2}\n-----END PRIVATE KEY-----",
    ),
    Shape("Pinecone key", ("pcsk_",), r"[A-Za-z0-9_]{40,}", f"4hQ2Z_{_LOT * 2}"),
    Shape("PyPI token", ("pypi-AgE",), r"[A-Za-z0-9_-]{50,}", _LOT * 2),
    Shape("Replicate token", ("r8_",), r"[A-Za-z0-9_-]{37,}", _LOT * 2),
    Shape(
        "SendGrid key",
        ("SG.",),
        r"[A-Za-z0-9_-]{16,}[.][A-Za-z0-9_-]{32,}",
        f"{_LOT[:22]}.{_LOT}{_LOT[:9]}",
    ),
    Shape(
        "Slack token",
        ("xapp-", "xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-"),
        r"[0-9A-Za-z-]{20,}",
        _LOT,
    ),
    Shape("Stripe key", ("rk_live_", "sk_live_"), r"[A-Za-z0-9]{20,}", _LOT),
    Shape("Tavily key", ("tvly-",), r"(?:dev-|prod-)?[A-Za-z0-9]{20,}", "dev-" + _LOT),
    Shape("Together key", ("tgp_v1_",), r"[A-Za-z0-9_-]{40,}", _LOT * 2),
    Shape("Voyage key", ("pa-",), r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", _LOT + _LOT[:9]),
    Shape("xAI key", ("xai-",), r"[A-Za-z0-9_]{60,}", _LOT * 2),
)
"""Source: the key formats in the providers' documentation and in the rules of gitleaks and
trufflehog, with their exact lengths taken as lower bounds."""


def occurrences(needle: bytes, text: bytes) -> Iterator[int]:
    """Where a needle begins in a text."""
    start = text.find(needle)
    while start != -1:
        yield start
        start = text.find(needle, start + 1)


def _stands_free(text: bytes, start: int) -> bool:
    """Whether no word goes on here, or what looks like one is an escape (`\\n`, `%3D`)."""
    before = text[max(0, start - 6) : start]
    return not _WORD.match(before[-1:]) or _ESCAPE.search(before) is not None


def _looks_drawn(rest: bytes) -> bool:
    return len(set(rest)) >= _FEWEST_CHARACTERS and _MIXED.match(rest) is not None


def outline(value: str) -> str:
    """A rule for what has the same signs and runs of letters or digits; it tells none of these.

    "" where words of a language have the same outline, or signs are in it that JSON or URLs escape.
    """
    if not _PLAIN.fullmatch(value) or not _looks_drawn(value.encode()):
        return ""
    runs = "".join(_run(found[0]) for found in _RUN.finditer(value))
    return f"pattern:{_FREE}{runs}(?![A-Za-z0-9_-])"


def _run(text: str) -> str:
    if not text.isalnum():
        return f"[{text}]"
    kinds = "".join(kind for kind in ("A-Z", "a-z", "0-9") if re.search(f"[{kind}]", text))
    return f"[{kinds}]{{{len(text)}}}"


def masked(text: str) -> str:
    """A text for people, without the keys of known shapes that stand in it."""
    data = text.encode("utf-8", "surrogateescape")
    shown, at = b"", 0
    for start, end in sorted(span for shape in SHAPES for span in shape.spans(data)):
        if start >= at:
            shown += data[at:start] + b"REDACTED"
        at = max(at, end)
    return (shown + data[at:]).decode("utf-8", "surrogateescape")

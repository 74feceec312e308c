"""Recognises the recordings of other tools, so that an error can name what it found."""

from __future__ import annotations

import re

_FORMATS = (
    ("a HAR file (HTTP Archive, JSON)", rb'\{\s*"log"\s*:'),
    ("a cassette of vcrpy (version 1, JSON)", rb'\{\s*"version"\s*:\s*1\b'),
    ("a cassette of Ruby's VCR or of betamax (JSON)", rb'\{\s*"http_interactions"\s*:'),
    ("a cassette of Ruby's VCR (YAML)", rb"(?:---\s+)?http_interactions\s*:"),
)
_PATTERNS = tuple(
    (name, re.compile(rb"(?:\xef\xbb\xbf)?\s*" + pattern)) for name, pattern in _FORMATS
)


def foreign_format(head: bytes) -> str | None:
    """The name of another tool's format if a file that begins so is in it."""
    return next((name for name, pattern in _PATTERNS if pattern.match(head)), None)

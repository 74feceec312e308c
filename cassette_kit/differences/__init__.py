"""Where two decoded JSON bodies differ, how alike they are, and which values change by nature.

Pure: values in, values out, nothing printed. What is not JSON is compared elsewhere.
"""

from __future__ import annotations

from cassette_kit.differences.difference import MISSING, Difference
from cassette_kit.differences.rendering import render
from cassette_kit.differences.similarity import Fingerprint, fingerprint, similarity
from cassette_kit.differences.volatile import (
    KINDS,
    TEMP_PATH,
    is_volatile,
    volatile_kind,
    volatile_kinds,
)
from cassette_kit.differences.walk import differences, each_difference

__all__ = [
    "KINDS",
    "MISSING",
    "TEMP_PATH",
    "Difference",
    "Fingerprint",
    "differences",
    "each_difference",
    "fingerprint",
    "is_volatile",
    "render",
    "similarity",
    "volatile_kind",
    "volatile_kinds",
]

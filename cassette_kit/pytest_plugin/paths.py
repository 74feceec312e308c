"""Where a test's cassette lies: names that every file system takes, one file for each test."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_NAME_BYTES = 200  # of the 255 that file systems allow: room for the suffixes of temporary files
UNSAFE = r'[<>:"/\\|?*\x00-\x1f\x7f]|[ .]+$|^\.+'
# Source: Microsoft's "Naming Files, Paths, and Namespaces"; blanks before a suffix do not count.
DEVICE = r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])"
RESERVED = rf"(?i:{DEVICE}) *(\.|$)"
HASHED = re.compile(r"-[0-9a-f]{8}$")


def cassette_name(module: str, test: str) -> str:
    """`<test module>/<Class.test[params]>`, each part made safe on its own."""
    return f"{safe_name(module)}/{safe_name(test)}"


def safe_name(text: str) -> str:
    """A file name close to `text`, with a hash where it had to be changed or cut.

    Refused are what Windows refuses (characters, reserved words, a dot or blank at the end), names
    that hide a file, names of over 200 bytes, and Unicode that macOS takes for another text. Two
    texts never share a name; those that differ in case alone are one where the file system says so.
    """
    encodable = text.encode("utf-8", "replace").decode()
    safe = re.sub(UNSAFE, "-", unicodedata.normalize("NFC", encodable))
    if re.match(RESERVED, safe):
        safe = f"_{safe}"
    safe = safe.encode()[:MAX_NAME_BYTES].decode("utf-8", "ignore")
    if text and safe == text and not HASHED.search(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{digest}"


def with_suffix(path: Path) -> Path:
    """`path` with `.yaml` where it has no suffix of YAML files."""
    return path if path.suffix in {".yaml", ".yml"} else path.with_name(f"{path.name}.yaml")

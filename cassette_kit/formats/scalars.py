"""Text to a YAML scalar in the style, and to the byte, that go-yaml writes.

Strategy: a table of rules, the first that fits names the style; each style is one function. Since
bodies are long, tests and changes of the text are left to `str` where it can do them, and patterns
see what printable ASCII leaves over. One departure: a block that begins with a tab is quoted,
because go-yaml's own output for it cannot be read back.

Source: go-yaml v3 and v4, checked against files that they wrote.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable

from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import resolution

_BREAKS = "\n\u2028\u2029"
_PRINTABLE = "\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd"
_ORDINARY = f"{_PRINTABLE}\\u2028\\u2029"
_PRINTABLE_ASCII = bytes(range(0x20, 0x7F))
_SPECIAL = re.compile(f"[^\\t\\n{_ORDINARY}]")
_ESCAPED_SELDOM = re.compile(f"[^{_PRINTABLE}]")
_SPACES_BEFORE_BREAKS = tuple(f" {line_break}" for line_break in _BREAKS)
_SPACES_AFTER_BREAKS = tuple(f"{line_break} " for line_break in _BREAKS)
_WORD = re.compile(r"[A-Za-z/](?:[!-9;-~]++|:(?=[!-~])| (?=[!-\"$-~]))*+")
_NOT_PLAIN_START = re.compile(r"[ #,\[\]{}&*!|>'\"%@`]|---|\.\.\.|[-?:](?: |\Z)")
_NOT_PLAIN_INSIDE = re.compile(f"[{_BREAKS}\\t]|:(?: |\\Z)| #| \\Z")
_NOT_PLAIN_IN_FLOW = re.compile(r"[,?\[\]{}:]")

_LINE_LENGTH = 70  # of base64
_LONGEST_KEY = 128  # bytes, where go-yaml changes to the long form
_LONGEST_WRITTEN_KEY = 1000  # characters, escapes included; YAML readers stop at 1024
_OFTEN_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHORT_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\v": "\\v",
    "\f": "\\f",
    "\x1b": "\\e",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


def scalar(value: str | bytes, *, parent: int, indent: int) -> str:
    """What follows `key:` or `-`: a blank, the scalar, and the end of its line.

    `parent` is the column of the key or dash, `indent` that of further lines. Text that holds
    surrogate escapes, and bytes that are not UTF-8, become `!!binary`.
    """
    text = _text_of(value)
    if text is None:
        return _binary(_bytes_of(value), parent, indent)
    return f" {_style(text, BLOCK_RULES)(text, parent, indent)}"


def flow_scalar(text: str) -> str:
    """The scalar on one line, as it may stand inside `[...]` and `{...}`."""
    return _style(text, FLOW_RULES)(text, 0, 0).removesuffix("\n")


def key(name: str, *, column: int, indent: int) -> str:
    """A key with its colon: `Name:`, or the long form where YAML asks for it."""
    text = _text_of(name)
    if text is None:
        written = _binary(_bytes_of(name), column, indent).lstrip(" ")
        is_short = "|" not in written
    else:
        written = _style(text, KEY_RULES)(text, column, indent)
        is_short = len(text.encode()) <= _LONGEST_KEY and len(written) <= _LONGEST_WRITTEN_KEY
    line = written.removesuffix("\n")
    return f"{line}:" if is_short else f"? {line}\n{' ' * column}:"


def is_empty(text: str) -> bool:
    return not text


def is_multiline(text: str) -> bool:
    return "\n" in text


def is_block(text: str) -> bool:
    """Several lines, something visible in them, and nothing that only quotes can hold."""
    return (
        "\n" in text
        and not text.isspace()
        and not text.startswith("\t")
        and not text.endswith(" ")
        and not _is_special(text)
        and not _holds(text, _SPACES_BEFORE_BREAKS)
    )


def is_word(text: str) -> bool:
    """Plain at first sight, as most texts are: ASCII, and far from a number or a time."""
    return _WORD.fullmatch(text) is not None and not is_ambiguous(text)


def is_ambiguous(text: str) -> bool:
    """Would resolve to a number, a boolean, a time… without quotes."""
    return not resolution.is_plain_text(text)


def is_plain(text: str) -> bool:
    return not (_NOT_PLAIN_START.match(text) or _NOT_PLAIN_INSIDE.search(text) or _is_special(text))


def is_plain_in_flow(text: str) -> bool:
    return is_plain(text) and not _NOT_PLAIN_IN_FLOW.search(text)


def is_single_quotable(text: str) -> bool:
    return not (
        "\t" in text
        or _is_special(text)
        or _holds(text, _SPACES_BEFORE_BREAKS)
        or _holds(text, _SPACES_AFTER_BREAKS)
    )


def is_single_quotable_line(text: str) -> bool:
    return is_single_quotable(text) and not _holds(text, _BREAKS)


def always(text: str) -> bool:
    return True


def plain(text: str, parent: int, indent: int) -> str:
    return f"{text}\n"


def single_quoted(text: str, parent: int, indent: int) -> str:
    return "'{}'\n".format(_indented(text.replace("'", "''"), indent))


def double_quoted(text: str, parent: int, indent: int) -> str:
    for character, escape in _OFTEN_ESCAPED.items():  # the backslash first
        text = text.replace(character, escape)
    if _ESCAPED_SELDOM.search(_beyond_ascii(text)):
        text = _ESCAPED_SELDOM.sub(_escape, text)
    return f'"{text}"\n'


def literal(text: str, parent: int, indent: int) -> str:
    """The indent digit is counted from the parent, so that it is right inside lists too."""
    digit = str(indent - parent) if text[0] in f" {_BREAKS}" else ""
    lines = _indented(text, indent)
    first = "" if text[0] in _BREAKS else " " * indent
    end = "" if text[-1] in _BREAKS else "\n"
    return f"|{digit}{_chomping(text)}\n{first}{lines}{end}"


Rule = tuple[Callable[[str], bool], Callable[[str, int, int], str]]

BLOCK_RULES: tuple[Rule, ...] = (
    (is_word, plain),
    (is_empty, double_quoted),
    (is_block, literal),
    (is_multiline, double_quoted),
    (is_ambiguous, double_quoted),
    (is_plain, plain),
    (is_single_quotable, single_quoted),
    (always, double_quoted),
)
KEY_RULES: tuple[Rule, ...] = (
    (is_word, plain),
    (is_empty, double_quoted),
    (is_multiline, double_quoted),
    (is_ambiguous, double_quoted),
    (is_plain, plain),
    (is_single_quotable_line, single_quoted),
    (always, double_quoted),
)
FLOW_RULES: tuple[Rule, ...] = (
    (is_empty, double_quoted),
    (is_multiline, double_quoted),
    (is_ambiguous, double_quoted),
    (is_plain_in_flow, plain),
    (is_single_quotable_line, single_quoted),
    (always, double_quoted),
)


def _style(text: str, rules: tuple[Rule, ...]) -> Callable[[str, int, int], str]:
    for fits, style in rules:
        if fits(text):
            return style
    raise AssertionError("the last rule always fits")


def _text_of(value: str | bytes) -> str | None:
    """The value as text that UTF-8 can hold, else None."""
    try:
        if isinstance(value, bytes):
            return value.decode()
        value.encode()
    except UnicodeError:
        return None
    return value


def _bytes_of(value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise CassetteSaveError(
            f"a cassette cannot hold the text {value[:40]!r}: it has half a surrogate pair"
        ) from error


def _binary(data: bytes, parent: int, indent: int) -> str:
    encoded = base64.b64encode(data).decode()
    if len(encoded) < _LINE_LENGTH:
        return f" !!binary {encoded}\n"
    starts = range(0, len(encoded), _LINE_LENGTH)
    lines = "".join(f"{encoded[start : start + _LINE_LENGTH]}\n" for start in starts)
    return f" !!binary {literal(lines, parent, indent)}"


def _chomping(text: str) -> str:
    if text[-1] not in _BREAKS:
        return "-"
    return "+" if len(text) == 1 or text[-2] in _BREAKS else ""


def _indented(text: str, indent: int) -> str:
    """Every line but the first moved to the right; blank lines carry no spaces."""
    margin = " " * indent
    for line_break in filter(text.__contains__, _BREAKS):
        first, *others = text.split(line_break)
        lines = (line if line[:1] in _BREAKS else margin + line for line in others)
        text = line_break.join((first, *lines))
    return text


def _is_special(text: str) -> bool:
    return _SPECIAL.search(_beyond_ascii(text)) is not None


def _beyond_ascii(text: str) -> str:
    """The characters that are not printable ASCII."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PRINTABLE_ASCII)
    return rest.decode("utf-8", "surrogatepass")


def _holds(text: str, parts: Iterable[str]) -> bool:
    return any(map(text.__contains__, parts))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"

"""The values of unknown keys back to YAML text; lists and maps go on one line, as `x-stream` does.

Aliases are written out; plain scalars stay plain, so that a reader resolves them as before.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import scalars
from cassette_kit.formats.yaml_tree import Mapping, Node, Scalar, Sequence

_STANDARD = "tag:yaml.org,2002:"
_ENDS_PLAIN_IN_FLOW = re.compile(r"[,?\[\]{}]|:(?!\w)|\A:")
_LONGEST_IMPLICIT_KEY = 1000  # characters; YAML readers stop at 1024


def node_text(node: object, *, parent: int, indent: int) -> str:
    """What follows `key:`, with the end of the line.

    Raises:
        CassetteSaveError: a value that was not read from a cassette of this format.
    """
    if isinstance(node, Scalar):
        if "\n" in node.text:
            lines = scalars.scalar(node.text, parent=parent, indent=indent)
            return f" {_tag(node)}{lines[1:]}"
        is_plain = node.plain and scalars.is_plain(node.text)
        return f" {_tag(node)}{_line(node, is_plain=is_plain)}\n"
    if isinstance(node, Sequence | Mapping):
        return f" {_flow(node)}\n"
    raise CassetteSaveError(
        f"an extra key holds a {type(node).__name__}: keep what was loaded, or leave the key out"
    )


def _flow(node: Node) -> str:
    return _tag(node) + _untagged_flow(node)


def _untagged_flow(node: Node) -> str:
    if isinstance(node, Mapping):
        return f"{{{', '.join(_flow_pair(key, value) for key, value in node.pairs)}}}"
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_flow, node.items))}]"
    is_plain = node.plain and scalars.is_plain(node.text)
    return _line(node, is_plain=is_plain and not _ENDS_PLAIN_IN_FLOW.search(node.text))


def _line(node: Scalar, *, is_plain: bool) -> str:
    if not is_plain:
        return scalars.quoted(node.text)
    return node.text or ("null" if node.tag is None else '""')


def _flow_pair(key: Node, value: Node) -> str:
    name = _flow(key)
    if isinstance(key, Scalar) and len(name) <= _LONGEST_IMPLICIT_KEY:
        return f"{name}: {_flow(value)}"
    return f"? {name} : {_flow(value)}"


def _tag(node: Node) -> str:
    """The tag in its shortest form and a blank, or nothing."""
    if node.tag is None:
        return ""
    if node.tag.startswith("!"):
        return f"!{quote(node.tag[1:])} "
    standard = node.tag.removeprefix(_STANDARD)
    if standard and standard != node.tag:
        return f"!!{quote(standard)} "
    return f"!<{quote(node.tag, safe=':/')}> "

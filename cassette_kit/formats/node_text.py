"""The values of unknown keys back to YAML text; lists and maps go on one line, as `x-stream` does.

Aliases are written out; what was a number or a word to YAML stays one.
"""

from __future__ import annotations

from urllib.parse import quote

from cassette_kit.errors import CassetteSaveError
from cassette_kit.formats import scalars
from cassette_kit.formats.yaml_nodes import Mapping, Node, Scalar, Sequence

_STANDARD = "tag:yaml.org,2002:"
_LONGEST_IMPLICIT_KEY = 1000  # characters; YAML readers stop at 1024


def node_text(node: object, *, parent: int, indent: int) -> str:
    """What follows `key:`, with the end of the line.

    Raises:
        CassetteSaveError: a value that was not read from a cassette of this format.
    """
    if isinstance(node, Scalar):
        if node.resolves:
            return f" {_tag(node)}{node.text}".rstrip() + "\n"
        lines = scalars.scalar(node.text, parent=parent, indent=indent)
        return f" {_tag(node)}{lines[1:]}"
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
    if not node.resolves:
        return scalars.flow_scalar(node.text)
    return "null" if _is_nothing(node) else node.text


def _flow_pair(key: Node, value: Node) -> str:
    name = _flow(key)
    if isinstance(key, Scalar) and len(name) <= _LONGEST_IMPLICIT_KEY:
        return f"{name}: {_flow_value(value)}"
    return f"? {name} : {_flow_value(value)}"


def _flow_value(node: Node) -> str:
    return "" if isinstance(node, Scalar) and _is_nothing(node) else _flow(node)


def _is_nothing(node: Scalar) -> bool:
    """Whether there is no value at all, which means null but is not the word."""
    return node.resolves and not node.text and node.tag is None


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

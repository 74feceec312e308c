"""What changed in an answer: what it says, whether streamed or not; of unknown APIs its body."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from cassette_kit import json_path
from cassette_kit.canonical import NotJSONError, parse_json
from cassette_kit.comparison.change import Change, Found
from cassette_kit.comparison.hiding import hidden_as
from cassette_kit.comparison.said import decoded, said
from cassette_kit.comparison.trees import readable, tree_changes
from cassette_kit.differences import MISSING, differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_kit.comparison.change import Aspect
    from cassette_kit.comparison.sides import Side
    from cassette_kit.conversation import Usage
    from cassette_kit.differences import Difference
    from cassette_kit.model import Response

_CALL = re.compile(r"(?P<call>\$.*?tool_calls\[\d+\])\.arguments(?P<rest>.*)", re.DOTALL)


def answer_changes(before: Side, after: Side) -> Iterator[Found]:
    """Each change of an answer. What else a JSON body holds is told where both say the same."""
    ours, theirs = before.response, after.response
    if before.status != after.status:
        yield Change("answer", "status", before.status, after.status), None
    if _end(ours) != _end(theirs):
        yield Change("answer", "end of the stream", _end(ours), _end(theirs)), None
    if ours.body == theirs.body:
        return
    is_known = bool(before.exchange.dialect or after.exchange.dialect)
    spoken = list(_spoken(before, after)) if is_known else []
    yield from spoken or _bodies(ours, theirs, is_known=is_known)


def _end(response: Response) -> str:
    """A recording without times is taken for whole."""
    return response.stream.end if response.stream else "complete"


def _spoken(before: Side, after: Side) -> Iterator[Found]:
    ours, theirs = before.exchange.answered, after.exchange.answered
    alone = max(len(ours.messages), len(theirs.messages)) <= 1
    trees = said(ours, alone=alone), said(theirs, alone=alone)
    named = partial(_named, trees[1])
    yield from tree_changes("answer", *trees, hide=_hidden_in_said, named=named)
    yield from _usage(ours.usage, theirs.usage)


def _hidden_in_said(difference: Difference) -> Aspect | None:
    """A date or an id among a model's words is what it said."""
    return hidden_as(difference) if ".other[" in difference.path else None


def _named(tree: Any, difference: Difference) -> str:
    """The place in what is said; within a tool's arguments by its name and a path of their own."""
    inside = _CALL.match(difference.path)
    if inside is None:
        return difference.where.removeprefix("$.")
    path = json_path.parse(f"{inside['call']}.name")
    name = next((name for _, name in json_path.find(tree, path)), "")
    inner = f" → {difference.inner}" if difference.inner else ""
    return f"{inside['call'].removeprefix('$.')} {name} ${inside['rest']}{inner}"


def _usage(before: Usage | None, after: Usage | None) -> Iterator[Found]:
    ours, theirs = (asdict(usage) if usage else {} for usage in (before, after))
    for name in dict.fromkeys((*ours, *theirs)):
        values = ours.get(name), theirs.get(name)
        if values[0] != values[1]:
            known = (MISSING if value is None else value for value in values)
            yield Change("usage", name, *known), None


def _bodies(before: Response, after: Response, *, is_known: bool) -> Iterator[Found]:
    """Of a stream of a known API what it says is all: its events may be cut in any way."""
    trees = _tree(before, events=not is_known), _tree(after, events=not is_known)
    if MISSING not in trees:
        found = tree_changes("answer", *trees)
        yield from (one for one in found if not _differs_in_layout(one[0]))
    elif not is_known:
        yield Change("answer", "body", readable(before.body), readable(after.body)), None


def _differs_in_layout(change: Change) -> bool:
    """Whether both are texts of the same JSON, as the arguments of a tool."""
    texts = change.before, change.after
    if not all(isinstance(text, str) for text in texts):
        return False
    ours, theirs = map(decoded, texts)
    return ours not in texts and not differences(ours, theirs, limit=1)


def _tree(response: Response, *, events: bool) -> Any:
    try:
        return parse_json(response.body)
    except NotJSONError:
        pass
    found = [decoded(event.data) for event in response.events()] if events else []
    return found or MISSING

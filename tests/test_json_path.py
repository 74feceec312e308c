"""The path language of the options, against a recursive reading of the same rules."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.errors import CassetteOptionError
from cassette_kit.json_path import Path, Segment, find, parse, path_text, transform, without

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"id": 1, "content": [{"type": "text", "text": "a"}]},
        {"id": 2, "content": "b", "created": 3},
    ],
    "odd key": {"created": 4},
}

CANONICAL = {
    "$": "$",
    "$.a.b": "$.a.b",
    "$['a'][\"b\"]": "$.a.b",
    "$.messages[*].id": "$.messages[*].id",
    "$.messages.*.id": "$.messages[*].id",
    "$..created": "$..created",
    "$..['created']": "$..created",
    "$..*": "$..*",
    "$..[*]": "$..*",
    "$..[0]": "$..[0]",
    "$[-1][0]": "$[-1][0]",
    "$['odd key']": "$['odd key']",
    "$.größe_2": "$.größe_2",
    r"$['it\'s']": r"$['it\'s']",
    '$["it\'s"]': r"$['it\'s']",
    r"$['say \"hi\"']": "$['say \"hi\"']",
    r"$['\u00fc\n']": r"$['ü\n']",
    r"$['\ud83d\ude00']": "$['\N{GRINNING FACE}']",
    "$['']": "$['']",
}


@pytest.mark.parametrize(("text", "canonical"), CANONICAL.items())
def test_canonical_text(text: str, canonical: str) -> None:
    """Two spellings of a path have one text, and that text reads back as the same path."""
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("", 1),
        ("messages[0]", 1),
        ("$ .a", 2),
        ("$.", 2),
        ("$..", 2),
        ("$...a", 2),
        ("$.['a']", 2),
        ("$.a-b", 4),
        ("$.a.0", 4),
        ("$.messages[*.id", 11),
        ("$.a[01]", 4),
        ("$.a[-0]", 4),
        ("$.a[0:2]", 4),
        ("$.a[?@.b]", 4),
        ("$.a['b]", 4),
        (r"$.a['\q']", 5),
        ("$.a ", 4),
    ],
)
def test_bad_syntax_points_at_the_character(text: str, character: int) -> None:
    """A typing error in a path is found without counting: number and caret agree."""
    with pytest.raises(CassetteOptionError, match=f"character {character}:") as caught:
        parse(text)
    _, shown, caret = str(caught.value).split("\n")
    assert shown == f"  {text}"
    assert caret == " " * (character + 1) + "^"


def test_bad_syntax_is_safe_to_print() -> None:
    """A path with an escape sequence reaches the terminal escaped, the caret still below it."""
    with pytest.raises(CassetteOptionError) as caught:
        parse("$.a\x1b[2J")
    _, shown, caret = str(caught.value).split("\n")
    assert shown == r"  $.a\u001b[2J"
    assert shown[caret.index("^")] == "\\"


def test_an_odd_name_is_told_how_to_be_written() -> None:
    """The commonest error, a dash in a dotted name, names its remedy."""
    with pytest.raises(CassetteOptionError, match=r"\['odd key'\]"):
        parse("$.x-request-id")


def test_paths_are_values() -> None:
    """Equal paths are one key of a dict, and a path is parsed once."""
    assert {parse("$.a"): 1}[parse("$['a']")] == 1
    assert parse("$.a[0]") is parse("$.a[0]")


FOUND = {
    "$": [("$", BODY)],
    "$.model": [("$.model", "m")],
    "$.messages[*].id": [("$.messages[0].id", 1), ("$.messages[1].id", 2)],
    "$.messages[-1].id": [("$.messages[1].id", 2)],
    "$.messages[2].id": [],
    "$.messages[-3].id": [],
    "$.messages.id": [],
    "$['0']": [],
    "$.model[0]": [],
    "$..created": [("$.messages[1].created", 3), ("$['odd key'].created", 4)],
    "$..content[0].text": [("$.messages[0].content[0].text", "a")],
    "$..[0].type": [("$.messages[0].content[0].type", "text")],
    "$.messages..text": [("$.messages[0].content[0].text", "a")],
    "$['odd key'].*": [("$['odd key'].created", 4)],
}


@pytest.mark.parametrize(("text", "found"), FOUND.items())
def test_find(text: str, found: list[tuple[str, Any]]) -> None:
    """Each kind of step reaches what it names, in document order, and nothing else."""
    assert list(find(BODY, parse(text))) == found


def test_transform_copies_only_the_spine() -> None:
    """The given tree stays as it was, and what is not on the way to a match is shared."""
    before = copy.deepcopy(BODY)
    changed = transform(BODY, parse("$.messages[1].id"), lambda _: "X")
    assert changed["messages"][1] == {"id": "X", "content": "b", "created": 3}
    assert list(changed["messages"][1]) == ["id", "content", "created"]
    assert changed["messages"][0] is BODY["messages"][0]
    assert changed["odd key"] is BODY["odd key"]
    assert before == BODY


def test_transform_without_effect_returns_the_tree_itself() -> None:
    """A function that changes nothing costs no copy."""
    assert transform(BODY, parse("$..created"), lambda value: value) is BODY
    assert transform(BODY, parse("$.nothing.here"), lambda _: 0) is BODY


def test_transform_changes_inner_matches_first() -> None:
    """A match inside a match is not lost: the outer one is given the new inner value."""
    tree = {"a": {"a": {"a": 1}}}
    assert transform(tree, parse("$..a"), lambda value: [value]) == {"a": [{"a": [{"a": [1]}]}]}
    assert transform(5, parse("$"), lambda value: value + 1) == 6


def test_without_removes_members_and_elements() -> None:
    """Removal leaves no hole: the key is gone, the list is shorter, the source is whole."""
    before = copy.deepcopy(BODY)
    left = without(BODY, [parse("$.messages[0]"), parse("$..created"), parse("$.model")])
    assert left == {"messages": [{"id": 2, "content": "b"}], "odd key": {}}
    assert before == BODY


def test_without_reads_all_paths_on_the_given_tree() -> None:
    """Removing one element does not move the others under a second path's index."""
    tree = ["a", "b", "c", "d"]
    assert without(tree, [parse("$[0]"), parse("$[1]"), parse("$[-1]")]) == ["c"]
    assert without(tree, [parse("$[*]")]) == []
    assert without(tree, []) is tree
    assert without(tree, [parse("$"), parse("$[0]")]) is None


@pytest.mark.parametrize("depth", [900, 5000])
def test_depth_is_no_limit(depth: int) -> None:
    """Nesting beyond the interpreter's recursion limit is walked and rebuilt like any other."""
    tree: Any = {"x": 1}
    for _ in range(depth):
        tree = {"a": [tree]}
    ((path, value),) = find(tree, parse("$..x"))
    assert (path, value) == ("$" + ".a[0]" * depth + ".x", 1)
    assert list(find(transform(tree, parse("$..x"), lambda _: 2), parse(path))) == [(path, 2)]
    assert list(find(without(tree, [parse(path)]), parse("$..x"))) == []


keys = st.text(max_size=3) | st.sampled_from(["a", "b", "odd key", "it's", '"', "\\", "\x1b", "é"])
places = st.lists(keys | st.integers(0, 3), max_size=4).map(tuple)
trees = st.recursive(
    st.none() | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
segments = st.builds(
    Segment,
    st.sampled_from(["a", "b", "c"]) | st.integers(-2, 2) | st.none(),
    st.booleans(),
)
paths = st.lists(segments, max_size=4).map(lambda found: Path(tuple(found)))


@given(places)
def test_parse_reads_what_path_text_writes(place: tuple[str | int, ...]) -> None:
    """A path that a message shows can be pasted into an option and means the same place."""
    text = path_text(place)
    assert text.isprintable()
    assert parse(text) == Path(tuple(map(Segment, place)))
    tree: Any = "here"
    for key in reversed(place):
        tree = {key: tree} if isinstance(key, str) else [*[0] * key, tree, 0]
    assert list(find(tree, parse(text))) == [(text, "here")]


@given(paths)
def test_canonical_text_keeps_the_path(path: Path) -> None:
    """No two different paths share a text."""
    assert parse(str(path)) == path


@settings(deadline=None)
@given(trees, paths)
def test_find_agrees_with_a_recursive_reading(tree: Any, path: Path) -> None:
    """The bits of the automaton mean what the segments say, each place once."""
    expected = [place for place in every_place(tree) if reads(tree, place, path.segments)]
    assert [text for text, _ in find(tree, path)] == list(map(path_text, expected))


@settings(deadline=None)
@given(trees, paths)
def test_without_leaves_exactly_the_rest(tree: Any, path: Path) -> None:
    """What is removed is what is found, and nothing beside it."""
    marked = transform(tree, path, lambda _: ...)
    assert without(tree, [path]) == swept(marked)


def every_place(tree: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield above
    if isinstance(tree, dict | list):
        for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from every_place(child, (*above, key))


def reads(tree: Any, place: tuple[str | int, ...], left: tuple[Segment, ...]) -> bool:
    """Whether the segments lead to a place, tried one by one."""
    if not place or not left:
        return not place and not left
    (key, *rest), segment = place, left[0]
    below = tree[key]
    index = segment.key + len(tree) if isinstance(segment.key, int) and segment.key < 0 else None
    named = segment.key is None or segment.key == key or (index is not None and index == key)
    skipped = segment.deep and reads(below, tuple(rest), left)
    return skipped or (named and reads(below, tuple(rest), left[1:]))


def swept(tree: Any) -> Any:
    """A tree without the values marked `...`."""
    if tree is ...:
        return None
    if isinstance(tree, dict):
        return {key: swept(value) for key, value in tree.items() if value is not ...}
    if isinstance(tree, list):
        return [swept(value) for value in tree if value is not ...]
    return tree

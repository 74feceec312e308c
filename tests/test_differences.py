"""Where two bodies differ, against a slow reading of JSON equality and by hand-made cases."""

from __future__ import annotations

import base64
import json
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cassette_kit.differences import (
    KINDS,
    MISSING,
    Difference,
    differences,
    fingerprint,
    render,
    similarity,
    volatile_kind,
)
from cassette_kit.json_path import find, parse, path_text, transform

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([2**53, 2**53 + 1, 10**30])
    | st.sampled_from([0.0, 1.0, -0.0, 0.5, float(2**53), 1e30])
    | st.text("ab", max_size=2)
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=20,
)


def equal(one: Any, other: Any) -> bool:
    """JSON equality as the documents state it, one rule a line."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return Fraction(one) == Fraction(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)


def respelled(tree: Any) -> Any:
    """The same JSON value: other key order, numbers as the other type where that is exact."""
    if isinstance(tree, dict):
        return {key: respelled(tree[key]) for key in reversed(tree)}
    if isinstance(tree, list):
        return [respelled(element) for element in tree]
    if isinstance(tree, float) and tree.is_integer():
        return int(tree)
    if type(tree) is int and float(tree) == tree:
        return float(tree)
    return tree


def wheres(live: Any, taped: Any) -> list[tuple[str, str]]:
    return [(found.kind, found.where) for found in differences(live, taped)]


def message(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


CHAT = [
    message("system", "You are a helpful assistant who answers in one short sentence."),
    message("user", "What is the capital of France, and how many people live there?"),
    message("assistant", "Paris; about two million people live in the city proper."),
    message("user", "Which river runs through it?"),
    message("assistant", "The Seine, which divides it into a left and a right bank."),
]


@settings(deadline=None)
@given(trees, trees)
def test_no_difference_means_equal(live: Any, taped: Any) -> None:
    """A body that the matcher refused shows a difference, and an equal one shows none."""
    assert (differences(live, taped) == []) == equal(live, taped)
    assert differences(live, respelled(live)) == []
    assert differences([live, taped], respelled([live, taped])) == []


@pytest.mark.parametrize(
    ("live", "taped"),
    [
        (9007199254740993, 9007199254740992.0),
        (True, 1),
        (False, 0.0),
        (None, False),
        (1, "1"),
        ([], {}),
        ([True], [1]),
        ({"a": [0, {"b": True}]}, {"a": [0, {"b": 1}]}),
    ],
)
def test_what_python_or_a_double_would_take_for_equal(live: Any, taped: Any) -> None:
    """Bodies that only `==` or a 64-bit float would mix up are told apart, both ways round."""
    assert [found.kind for found in differences(live, taped)] == ["changed"]
    assert [found.kind for found in differences(taped, live)] == ["changed"]


def test_null_is_not_missing() -> None:
    """A member that is null on one side and not there on the other is named as such."""
    assert differences({"a": None}, {}) == [Difference("$.a", "added", None, MISSING)]
    assert differences({}, {"a": None}) == [Difference("$.a", "removed", MISSING, None)]


@settings(deadline=None)
@given(trees, st.data())
def test_one_changed_leaf_is_found_at_its_path(taped: Any, data: st.DataObject) -> None:
    """However deep and among whatever, one change is one difference, at exactly its place."""
    leaves = [
        (path, value)
        for path, value in find([taped], parse("$..*"))
        if not (isinstance(value, dict | list) and value)
    ]
    path, old = data.draw(st.sampled_from(leaves))
    new = data.draw(scalars)
    assume(not equal(old, new))
    live = transform([taped], parse(path), lambda _: new)
    assert differences(live, [taped]) == [Difference(path, "changed", new, old)]


@settings(deadline=None)
@given(st.lists(trees, max_size=12), trees, st.data())
def test_an_inserted_element_is_one_addition(
    taped: list[Any], new: Any, data: st.DataObject
) -> None:
    """An insertion does not make all that follows look different."""
    at = data.draw(st.integers(0, len(taped)))
    live = [*taped[:at], new, *taped[at:]]
    (added,) = differences(live, taped)
    assert added.kind == "added"
    assert equal(added.live, new)
    (where,) = (index for index in range(len(live)) if added.path == path_text((index,)))
    assert equal(live[:where] + live[where + 1 :], taped)
    (removed,) = differences(taped, live)
    assert (removed.kind, removed.path) == ("removed", added.path)


@settings(deadline=None)
@given(
    st.dictionaries(st.text("abc", max_size=1), scalars | st.dictionaries(st.just("x"), scalars)),
    st.dictionaries(st.text("abc", max_size=1), scalars | st.dictionaries(st.just("x"), scalars)),
)
def test_the_other_way_round_is_the_mirror_image(live: Any, taped: Any) -> None:
    """What one side added the other removed; what changed, changed for both."""
    mirrored = {"added": "removed", "removed": "added", "changed": "changed"}
    there = {(d.path, d.kind): (d.live, d.taped) for d in differences(live, taped)}
    back = {(d.path, mirrored[d.kind]): (d.taped, d.live) for d in differences(taped, live)}
    assert repr(sorted(there.items(), key=repr)) == repr(sorted(back.items(), key=repr))


def test_a_message_inserted_and_one_edited() -> None:
    """The two commonest changes of a conversation are seen together, each for what it is."""
    edited = message("user", CHAT[3]["content"].replace("river", "small river"))
    live = {"messages": [*CHAT[:2], message("user", "Hurry!"), CHAT[2], edited, CHAT[4]]}
    assert wheres(live, {"messages": CHAT}) == [
        ("added", "$.messages[2]"),
        ("changed", "$.messages[4].content"),
    ]


def test_an_insertion_next_to_an_edit() -> None:
    """Without an equal element between them, the edited message is still told from the new one."""
    edited = message("user", CHAT[1]["content"] + " Please.")
    live = [CHAT[0], message("assistant", "Good morning!"), edited, *CHAT[2:]]
    assert wheres(live, CHAT) == [("added", "$[1]"), ("changed", "$[2].content")]
    assert wheres(CHAT, live) == [("removed", "$[1]"), ("changed", "$[1].content")]


def test_a_window_that_moved() -> None:
    """History that lost its oldest message and gained one shows those two and no more."""
    live = [CHAT[0], *CHAT[2:], message("user", "And in Rome?")]
    assert wheres(live, CHAT) == [("removed", "$[1]"), ("added", "$[4]")]


def test_an_element_is_looked_into_where_it_stands() -> None:
    """Lists of the same length pair by place, whatever the elements have in common."""
    assert wheres([{"a": 1}, "x", 3], [{"a": 2}, "y", 4]) == [
        ("changed", "$[0].a"),
        ("changed", "$[1]"),
        ("changed", "$[2]"),
    ]


def test_reordered_lists_are_recognised() -> None:
    """A set that came out in another order is one difference, which `unordered` would settle."""
    live, taped = {"required": ["b", "a", "c"]}, {"required": ["a", "b", "c"]}
    (found,) = differences(live, taped)
    assert (found.path, found.kind, found.reordered) == ("$.required", "changed", True)
    assert found.live == ["b", "a", "c"]


@settings(deadline=None)
@given(st.lists(trees, max_size=8), st.randoms(use_true_random=False))
def test_reordered_means_the_same_elements(taped: list[Any], shuffler: random.Random) -> None:
    """`reordered` is said of every permutation that differs, and of nothing else."""
    live = respelled(taped)
    shuffler.shuffle(live)
    found = differences(live, taped)
    assert [(d.path, d.reordered) for d in found] == ([] if equal(live, taped) else [("$", True)])
    assert not any(d.reordered and d.path == "$" for d in differences([*live, None], taped))


def call(arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"name": "weather", "arguments": arguments}}]}


def test_json_inside_a_string() -> None:
    """Tool arguments are compared as the JSON they hold; the path leads to the string."""
    (found,) = differences(call('{"city":"Bonn","days":2}'), call('{"days": 2, "city": "Kiel"}'))
    assert found.path == "$.tool_calls[0].function.arguments"
    assert (found.inner, found.live, found.taped) == ("$.city", "Bonn", "Kiel")
    assert found.where == "$.tool_calls[0].function.arguments → $.city"


def test_json_inside_json_inside_a_string() -> None:
    """A string within a string within a string has a path for each."""
    live, taped = (json.dumps({"a": json.dumps({"b": [value]})}) for value in "xy")
    (found,) = differences(live, taped)
    assert (found.path, found.inner) == ("$", "$.a → $.b[0]")


@pytest.mark.parametrize(
    ("live", "taped"),
    [
        ('{"a":1}', '{"a": 1.0}'),
        ('{"a":1}', "[1]"),
        ('{"a":1}', '{"a":'),
        ("1", "2"),
        ('{"a":"\ud800"}', '{"a":1}'),
        ("[" * 5000, "[" * 5001),
    ],
)
def test_strings_that_are_compared_as_text(live: str, taped: str) -> None:
    """Two strings that differ do differ, also where the JSON inside is equal or is none."""
    assert differences({"a": live}, {"a": taped}) == [Difference("$.a", "changed", live, taped)]


def test_limit() -> None:
    """Differences come in document order, and not more than asked for."""
    live, taped = {str(n): n for n in range(50)}, {str(n): -n for n in range(1, 50)}
    assert [found.path for found in differences(live, taped, limit=3)] == [
        "$['0']",
        "$['1']",
        "$['2']",
    ]
    assert len(differences(live, taped, limit=100)) == 50


@pytest.mark.parametrize("size", [31, 2000])
def test_long_lists_without_anything_in_common(size: int) -> None:
    """Past the bounds of alignment elements pair by place, and none is lost."""
    live, taped = list(range(size)), [-n - 1 for n in range(size + 1)]
    found = differences(live, taped, limit=2 * size + 1)
    assert found[-1] == Difference(path_text((size,)), "removed", MISSING, -size - 1)
    assert [d.kind for d in found[:-1]] == ["changed"] * size


def test_long_lists_of_few_values() -> None:
    """Lists too repetitive to align still differ exactly where they differ by place."""
    live, taped = ["a", "b"] * 300, ["b", "a"] * 300 + ["c"]
    found = differences([0, *live], [1, *taped], limit=2000)
    assert len(found) == 602
    assert all(d.live != d.taped for d in found)


@pytest.mark.parametrize("depth", [900, 5000])
def test_depth_is_no_limit(depth: int) -> None:
    """A body nested beyond the interpreter's recursion limit is compared, not a crash."""
    live: Any = 1
    taped: Any = 2
    for _ in range(depth):
        live, taped = {"a": [live, "x"]}, {"a": [taped, "x"]}
    (found,) = differences(live, taped)
    assert found.path == "$" + ".a[0]" * depth
    assert render(Difference("$", "changed", live, taped))[0] == "{a: […]}"
    assert similarity(fingerprint(live), fingerprint(taped)) > 0.9


def test_a_difference_is_a_value() -> None:
    """It cannot be changed, and its class is shown as the package's own."""
    found = Difference("$", "changed", 1, 2)
    with pytest.raises(AttributeError):
        found.path = "$.a"  # type: ignore[misc]
    assert Difference.__module__ == "cassette_kit"
    assert repr(MISSING) == "MISSING"


def rendered(live: Any, taped: Any, width: int = 40) -> tuple[str, str]:
    return render(Difference("$", "changed", live, taped), width=width)


RENDERED = [
    ("hi", "hello", "'hi'", "'hello'"),
    (1, True, "1", "true"),
    (1.5, None, "1.5", "null"),
    (False, "false", "false", "'false'"),
    (MISSING, "", "(missing)", "''"),
    ("it's", "its", '"it\'s"', '"its"'),
    ('"it\'s"', "a", "'\"it\\'s\"'", "'a'"),
    ("a\nb\x1b[31m\u202e", "\\n", "'a\\nb\\u001b[31m\\u202e'", "'\\\\n'"),
    ([], {}, "[]", "{}"),
    ({"a": 1, "b": {"c": 2}, "d": []}, ["x", [1]], "{a: 1, b: {…}, d: []}", "['x', […]]"),
]


@pytest.mark.parametrize(("live", "taped", "ours", "theirs"), RENDERED)
def test_render(live: Any, taped: Any, ours: str, theirs: str) -> None:
    """Values are shown so that a number is not taken for text, nor a control code obeyed."""
    assert rendered(live, taped) == (ours, theirs)


def test_long_strings_are_lined_up_around_the_first_difference() -> None:
    """The eye finds the difference at one column, with the same words before it."""
    before, after = "many words come first " * 50, " and many follow" * 50
    live, taped = rendered(f"{before}HERE{after}", f"{before}THERE{after}", width=60)
    assert len(live) == len(taped) == 60
    column = live.index("HERE")
    assert taped.index("THERE") == column
    assert live[:column] == taped[:column] == "'…" + before[-(column - 2) :]
    assert live.endswith("…'")


def test_a_string_that_goes_on() -> None:
    """Where one side merely ends earlier, the end of it and the rest of the other show."""
    live, taped = rendered("a" * 100, "a" * 100 + "more", width=40)
    assert live == "'…" + "a" * 13 + "'"
    assert taped == "'…" + "a" * 13 + "more'"


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.integers(0, 3), st.integers(30, 90))
def test_different_strings_look_different(
    before: str, live: str, taped: str, times: int, width: int
) -> None:
    """One printable line each, within the width, and never the same on both sides."""
    assume(live != taped)
    lines = rendered(before * 10**times + live, before * 10**times + taped, width)
    assert lines[0] != lines[1]
    assert all(line.isprintable() and len(line) <= width for line in lines)


@settings(deadline=None)
@given(st.recursive(st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_objects_are_shown_on_one_line(tree: Any) -> None:
    """However large an object, its line fits, and names how much of it is left out."""
    line, missing = rendered(tree, MISSING, 60)
    assert missing == "(missing)"
    assert line.isprintable()
    assert len(line) <= 60


def test_large_objects_say_how_much_is_hidden() -> None:
    """What was left out of a summary is counted, not dropped silently."""
    assert rendered({f"key_{n}": n for n in range(1000)}, [0] * 1000, 40) == (
        "{key_0: 0, key_1: 1, … 998 more}",
        "[0, 0, 0, 0, 0, 0, 0, 0, 0, … 991 more]",
    )


def test_base64_is_named_and_not_shown() -> None:
    """An image in a message does not flood the terminal; its digest tells two apart."""
    pixels = random.Random(1).randbytes(900_000)
    image = base64.b64encode(pixels).decode()
    live, taped = rendered(image, f"data:image/png;base64,{image}", width=72)
    assert live.startswith("<base64, 1.2 MB, sha256 ")
    assert taped.startswith("<base64, 1.2 MB, sha256 ")
    assert live != taped
    (inside, _) = rendered({"image": base64.b64encode(pixels[:300]).decode()}, 1, 72)
    assert inside.startswith("{image: <base64, 0.4 kB, sha256 ")
    prose = "Long1 " * 100
    assert "base64" not in rendered(prose, "A1" + "-" * 20, 72)[0]


def test_similarity_has_its_ends() -> None:
    """Equal bodies rank first, whatever their key order; unrelated ones last."""
    prints = fingerprint({"a": CHAT, "b": 1.0}), fingerprint({"b": 1, "a": CHAT})
    assert similarity(*prints) == 1.0
    assert similarity(fingerprint({}), fingerprint({})) == 1.0
    assert similarity(fingerprint(["x"]), fingerprint([5, True])) == 0.0
    assert similarity(fingerprint({"n": True}), fingerprint({"n": 1})) == 0.0


@settings(deadline=None)
@given(trees, trees)
def test_similarity_is_a_share(live: Any, taped: Any) -> None:
    """It is the same both ways, between 0 and 1, and 1 for equal bodies."""
    ours, theirs = fingerprint(live), fingerprint(taped)
    assert 0.0 <= similarity(ours, theirs) == similarity(theirs, ours) <= 1.0
    assert similarity(ours, fingerprint(respelled(live))) == 1.0


def test_the_nearest_recording_ranks_first() -> None:
    """A changed clock in the prompt costs less than another question, another turn or model."""
    clock = "You are helpful. The time is {}. Answer briefly and do not invent anything."
    live = {"model": "m", "messages": [message("system", clock.format("10:31")), CHAT[1]]}
    same = {"model": "m", "messages": [message("system", clock.format("09:02")), CHAT[1]]}
    question = {"model": "m", "messages": [message("system", clock.format("09:02")), CHAT[3]]}
    unrelated = {"model": "n", "input": ["embed this"]}
    ours = fingerprint(live)
    scores = [similarity(ours, fingerprint(body)) for body in (same, question, unrelated)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_one_long_leaf_does_not_outweigh_the_rest() -> None:
    """A large document both requests carry does not hide that all else differs."""
    document = " ".join(f"word{n}" for n in range(100_000))
    ours, same_document, same_question = (
        fingerprint({"document": text, "question": question})
        for text, question in [
            (document, "one two three " * 60),
            (document, "four five six " * 60),
            (document[::-1], "one two three " * 60),
        ]
    )
    assert similarity(ours, same_question) > similarity(ours, same_document)


UUIDS = "0b0e5a3c-6f5c-4f0e-9a64-1f9d8b7c6a55", "5C1D90C6-7B1F-4B43-8F24-0F5F3F0C9E11"
VOLATILE = [
    ("uuid", *UUIDS),
    ("uuid", f"session {UUIDS[0]}, please", f"session {UUIDS[1]}, please"),
    ("iso-time", "2026-11-21T10:00:00Z", "2026-11-20T23:59:59.123456+01:00"),
    ("iso-time", "2026-11-21", "2025-01-02"),
    ("iso-time", "Now: 2026-11-21 10:00.", "Now: 2026-11-21 11:30."),
    ("iso-time", "今日は2026-11-21です", "今日は2026-11-22です"),
    ("iso-time", "at 10:00:00 sharp", "at 10:00:01 sharp"),
    ("epoch", 1763719200, 1763719201),
    ("epoch", 1763719200.25, 1763719201),
    ("epoch", "run-1763719200123", "run-1763719200456"),
    ("hex", "9f86d081884c7d65", "2c26b46b68ffc68f"),
    ("hex", "session-3f2a9c1b", "session-99aa0c1b"),
    ("temp-path", "read /tmp/pytest-1/a.txt now", "read /tmp/pytest-2/a.txt now"),
    ("temp-path", "/private/var/folders/x1/T/a", "/private/var/folders/q9/T/a"),
    ("temp-path", r"C:\Users\me\AppData\Local\Temp\a1", r"C:\Users\me\AppData\Local\Temp\b2"),
    ("repr-address", "<Tool at 0x7f3a1c0b2d90>", "<Tool at 0x7f3a1c0b2e10>"),
    (None, UUIDS[0], "9f86d081884c7d65"),
    (None, f"a {UUIDS[0]}", f"b {UUIDS[1]}"),
    (None, UUIDS[0], UUIDS[0]),
    (None, "model-2024-08-06", "model-2024-11-20"),
    (None, "2026-13-21", "2026-14-21"),
    (None, "hello", "world"),
    (None, 12345678, 87654321),
    (None, "12345678", "87654321"),
    (None, 1, True),
    (None, 1763719200, "1763719200"),
    (None, ["2026-11-21"], ["2026-11-22"]),
    (None, MISSING, 1763719200),
]


@pytest.mark.parametrize(("kind", "live", "taped"), VOLATILE)
def test_volatile_kind(kind: str | None, live: Any, taped: Any) -> None:
    """A rule is suggested where values change by nature, and only where it would settle it."""
    assert volatile_kind(live, taped) == kind
    assert volatile_kind(taped, live) == kind


def test_volatile_kind_inside_a_long_text() -> None:
    """A clock deep in a prompt is seen, also where it stands in several places."""
    text = "rules " * 2000 + "It is {0}. " + "more rules " * 2000 + "Still {0}."
    live, taped = text.format("2026-11-21T10:00:00Z"), text.format("2026-11-21T10:05:00Z")
    assert volatile_kind(live, taped) == "iso-time"
    assert volatile_kind(live, taped.replace("Still", "Yet")) is None


def test_kinds_are_those_of_normalise() -> None:
    """The documented names, and each pattern replaces its values inside a text."""
    assert set(KINDS) == {"uuid", "iso-time", "epoch", "hex"}
    assert KINDS["uuid"].sub("X", f"<{UUIDS[0]}>") == "<X>"
    assert KINDS["hex"].sub("X", "id 00112233 and 0011223") == "id X and 0011223"
    assert KINDS["epoch"].fullmatch("1763719200.5")
    assert not KINDS["epoch"].search("11763719200")

"""`ignore`, `normalise` and `unordered` change how both sides are seen, and nothing else."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.canonical import canonical_json
from cassette_kit.explain.places import body_differences
from cassette_kit.matchers import MATCHERS, Rules
from cassette_kit.matchers.rules import IGNORED, parse_normalise, parse_paths

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://api.example.com/v1"
UUIDS = "0b0e5a3c-6f5c-4f0e-9a64-1f9d8b7c6a55", "5C1D90C6-7B1F-4B43-8F24-0F5F3F0C9E11"


def rules(
    ignore: list[str] | None = None,
    normalise: dict[str, Any] | None = None,
    unordered: list[str] | None = None,
) -> Rules:
    return Rules(
        ignore=parse_paths("ignore", ignore or []),
        normalise=parse_normalise("normalise", normalise or {}),
        unordered=parse_paths("unordered", unordered or []),
    )


IGNORE = [
    ("$.a", {"a": 1, "b": 2}, {"a": 9, "b": 2}, True),
    ("$.a", {"a": 1, "b": 2}, {"b": 2}, True),
    ("$.a", {"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
    ("$.a", {"b": {"a": 1}}, {"b": {"a": 2}}, False),
    ("$..a", {"b": [{"a": 1}], "a": 1}, {"b": [{"a": 2}], "a": {}}, True),
    ("$.m[*].id", {"m": [{"id": 1}, {"id": 2}]}, {"m": [{"id": 3}, {}]}, True),
    ("$.m[*].id", {"m": [{"id": 1}]}, {"m": [{"id": 1}, {"id": 2}]}, False),
    ("$.m[*]", {"m": [1, 2]}, {"m": [3]}, True),
    ("$.m[0]", {"m": [1, 2]}, {"m": [3, 2]}, True),
    ("$.m[-1]", {"m": [1, 2]}, {"m": [1, 3]}, True),
    ("$['odd key']", {"odd key": 1}, {"odd key": 2}, True),
    ("$", {"a": 1}, [2], True),
    ("$.nowhere.at[7].all", {"a": 1}, {"a": 2}, False),
]
NORMALISE = [
    ({"$.id": "uuid"}, {"id": UUIDS[0]}, {"id": UUIDS[1]}, True),
    ({"$.id": "uuid"}, {"id": f"a {UUIDS[0]}"}, {"id": f"b {UUIDS[1]}"}, False),
    ({"$.id": "uuid"}, {"id": UUIDS[0]}, {"id": "none"}, False),
    ({"$.id": "uuid"}, {"id": UUIDS[0]}, {}, False),
    ({"*": "uuid"}, {"a": [UUIDS[0]]}, {"a": [UUIDS[1]]}, True),
    ({"*": "uuid"}, UUIDS[0], UUIDS[1], True),
    ({"$.t": "iso-time"}, {"t": "at 2026-11-21T10:00:00Z."}, {"t": "at 2026-11-20 09:00."}, True),
    ({"$.t": "epoch"}, {"t": 1763719200}, {"t": 1763719200.5}, True),
    ({"$.t": "epoch"}, {"t": 1763719200}, {"t": 12}, False),
    ({"$.t": "epoch"}, {"t": True}, {"t": False}, False),
    ({"$.h": "hex"}, {"h": "sha:9f86d081884c7d65"}, {"h": "sha:00000000"}, True),
    ({"$.p": r"/tmp/\S+"}, {"p": "read /tmp/a now"}, {"p": "read /tmp/b/c now"}, True),
    ({"$.p": re.compile("A+", re.IGNORECASE)}, {"p": "xaax"}, {"p": "xAx"}, True),
    ({"$.n": r"\d+"}, {"n": 12}, {"n": 345}, True),
    ({"$.h": "hex+"}, {"h": "a hex"}, {"h": "a hexxx"}, True),
    (
        {"$.a": "uuid", "$.b": "hex"},
        {"a": UUIDS[0], "b": "abcdef01"},
        {"a": UUIDS[1], "b": "10fedcba"},
        True,
    ),
    (
        {"*": "uuid", "$.a": "iso-time"},
        {"a": f"{UUIDS[0]} 10:00:00"},
        {"a": f"{UUIDS[1]} 11:00:00"},
        True,
    ),
]
UNORDERED = [
    ("$.a", {"a": [1, 2, 3]}, {"a": [3, 1, 2]}, True),
    ("$.a", {"a": [1, 1, 2]}, {"a": [1, 2, 2]}, False),
    ("$.a", {"a": [1, 2]}, {"a": [1, 2, 3]}, False),
    ("$.a", {"a": [{"x": 1, "y": 2}, {}]}, {"a": [{}, {"y": 2, "x": 1.0}]}, True),
    ("$.a", {"a": [[1, 2], [3]]}, {"a": [[3], [2, 1]]}, False),
    ("$..*", {"a": [[1, 2], [3]]}, {"a": [[3], [2, 1]]}, True),
    ("$.a", {"a": {"b": [1, 2]}}, {"a": {"b": [2, 1]}}, False),
    ("$.a", {"a": "ab"}, {"a": "ba"}, False),
    ("$[*].a", [{"a": [1, 2]}], [{"a": [2, 1]}], True),
]


def table() -> list[Any]:
    rows = [(rules([path]), *rest) for path, *rest in IGNORE]
    rows += [(rules(normalise=kinds), *rest) for kinds, *rest in NORMALISE]
    return rows + [(rules(unordered=[path]), *rest) for path, *rest in UNORDERED]


def request(tree: Any) -> ck.Request:
    return ck.Request("POST", URL, body=json.dumps(tree).encode())


@pytest.mark.parametrize(("rule", "live", "taped", "equal"), table())
def test_a_rule(rule: Rules, live: Any, taped: Any, equal: bool) -> None:
    """What a rule makes equal has one key from either side, and what it does not has a reason."""
    matcher = MATCHERS["body"](rule)
    ours, theirs = request(live), request(taped)
    assert (matcher.key(ours) == matcher.key(theirs)) is equal
    assert (matcher.compare(ours, theirs) is None) is equal
    assert (matcher.compare(theirs, ours) is None) is equal


@pytest.mark.parametrize(
    ("rule", "live", "taped"),
    [
        ({"ignore": ["$.at"]}, b"at=1&q=a", b"q=a&at=2"),
        ({"normalise": {"$.id[0]": "uuid"}}, f"id={UUIDS[0]}".encode(), f"id={UUIDS[1]}".encode()),
        ({"unordered": ["$.tag"]}, b"tag=a&tag=b", b"tag=b&tag=a"),
        ({"ignore": ["$.file"]}, ("a", "1"), ("file", "2")),
    ],
)
def test_forms_and_parts(rule: dict[str, Any], live: Any, taped: Any) -> None:
    """Paths reach into forms and parts as into JSON."""
    matcher = MATCHERS["body"](rules(**rule))
    ours, theirs = (ck.Request("POST", URL, body=whole(body)) for body in (live, taped))
    assert MATCHERS["body"](Rules()).compare(ours, theirs) is not None
    assert matcher.compare(ours, theirs) is None


def whole(body: Any) -> bytes:
    """A multipart body with one file and one field, where a boundary and the file are given."""
    if isinstance(body, bytes):
        return body
    boundary, file = body
    head = "Content-Disposition: form-data; name="
    return (
        f'--{boundary}\r\n{head}"q"\r\n\r\n1\r\n'
        f'--{boundary}\r\n{head}"file"; filename="f"\r\n\r\n{file}\r\n--{boundary}--\r\n'
    ).encode()


def test_places_are_counted_as_sent() -> None:
    """A rule for the second message means the second one, also where the first is ignored."""
    both = rules(["$.m[0]", "$.m[2]"], {"$.m[1]": "uuid"})
    live, taped = {"m": [1, UUIDS[0], 2, "x"]}, {"m": [3, UUIDS[1], 4, "x"]}
    assert both.applied(live) == both.applied(taped) == {"m": ["<uuid>", "x"]}


def test_paths_of_differences_are_those_of_the_body_as_sent() -> None:
    """What a miss shows can be pasted: ignored and sorted elements do not shift the indexes."""
    live = {"m": [{"id": 1}, {"id": 2, "q": "new"}], "tools": ["b", "a", "new"]}
    taped = {"m": [{"id": 3}, {"id": 4, "q": "old"}], "tools": ["old", "a", "b"]}
    facing = rules(["$.m[0]", "$..id"], unordered=["$.tools"]).facing(live, taped)
    found = [(one.path, one.live, one.taped) for one in body_differences(*facing)]
    assert found == [("$.m[1].q", "new", "old"), ("$.tools[2]", "new", "old")]


def test_a_list_too_deep_to_sort_stays() -> None:
    """A body that cannot be sorted is compared as it is, and not refused."""
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    assert rules(unordered=["$.a"]).applied({"a": [deep, 1]}) == {"a": [deep, 1]}


def test_stored_and_sent_bytes_are_untouched(tmp_path: Path) -> None:
    """Rules are glasses: file, recorded request and the request that was seen stay as they are."""
    recorded = f'{{ "id": "{UUIDS[0]}", "tags": ["b", "a"], "at": 1.0 }}'.encode()
    sent = f'{{"at": 2, "id": "{UUIDS[1]}", "tags": ["a", "b"]}}'.encode()
    path = tmp_path / "tape.yaml"
    answer = ck.Response(200, body=b"{}", status="200 OK", duration_ns=1)
    ck.dump(ck.Cassette((ck.Interaction(ck.Request("POST", URL, body=recorded), answer),)), path)
    before = path.read_bytes()
    given_rules: dict[str, Any] = {
        "ignore": ["$.at"],
        "normalise": {"$.id": "uuid"},
        "unordered": ["$.tags"],
    }
    with ck.use_cassette(path, mode="replay", intercept=False, **given_rules) as tape:
        httpx.Client(transport=tape.transport(httpx)).post(URL, content=sent)
    assert path.read_bytes() == before
    assert tape.played[0].request.body == recorded
    assert tape.last_request.body == sent


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("ignore", ["a"], "a path begins with"),
        ("unordered", ["$.a["], "bad JSON path, character 4"),
        ("normalise", {"$.a": "("}, "regular expression"),
        ("normalise", {"$.a": ["uuid"]}, "a list is neither"),
        ("normalise", {"$.a": re.compile(b"x")}, "neither"),
        ("normalise", {"$.a": "UUID"}, "did you mean 'uuid'"),
        ("normalise", {"$.a": "iso_time"}, "did you mean 'iso-time'"),
        ("normalise", {5: "uuid"}, "expected a JSON path, found 5"),
    ],
)
def test_a_rule_that_cannot_be_read(tmp_path: Path, option: str, value: Any, said: str) -> None:
    """A rule that would silently do nothing is refused before the first request, by name."""
    with pytest.raises(ck.CassetteError, match=re.escape(said)) as caught:
        with ck.use_cassette(tmp_path / "x.yaml", **{option: value}):
            pass
    assert option in str(caught.value)


scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
ANYWHERE = ["$", "$.a", "$.b", "$..a", "$[*]", "$.a[*]", "$[*].a", "$..b", "$..*", "$.c"]
PLACES = [*ANYWHERE, "$[0]", "$.a[0]", "$[-1]"]
any_rules = st.builds(
    rules,
    st.lists(st.sampled_from(PLACES), max_size=2),
    st.dictionaries(st.sampled_from([*PLACES, "*"]), st.sampled_from(["a", "[ab]"]), max_size=1),
    st.lists(st.sampled_from(ANYWHERE), max_size=2),
)


def varied(tree: Any, rng: random.Random) -> Any:
    """A tree that a rule may find equal or not: members gone, elements moved, leaves changed."""
    if isinstance(tree, dict):
        kept = {key: varied(value, rng) for key, value in tree.items() if rng.random() < 0.9}
        return kept if rng.random() < 0.9 else {**kept, "c": 1}
    if isinstance(tree, list):
        kept_elements = [varied(element, rng) for element in tree if rng.random() < 0.9]
        return (
            kept_elements if rng.random() < 0.6 else rng.sample(kept_elements, len(kept_elements))
        )
    return rng.choice([tree, tree, tree, 1, "a"])


@settings(deadline=None, max_examples=400)
@given(trees, any_rules, st.randoms(use_true_random=False))
def test_what_is_unequal_has_a_place(live: Any, rule: Rules, rng: random.Random) -> None:
    """Two bodies differ under the rules exactly when there is a place to show."""
    taped = varied(live, rng)
    equal = canonical_json(rule.applied(live)) == canonical_json(rule.applied(taped))
    assert equal == (next(body_differences(*rule.facing(live, taped)), None) is None)


@settings(deadline=None, max_examples=200)
@given(trees, any_rules)
def test_rules_change_copies(tree: Any, rule: Rules) -> None:
    """The given tree is as before, and rules applied twice are rules applied once."""
    before = copy.deepcopy(tree)
    rule.applied(tree)
    rule.facing(tree, tree)
    assert tree == before


def test_a_text_that_reads_like_the_mark_is_a_text() -> None:
    """Only what a rule has ignored is ignored, whatever a program sends."""
    facing = rules(["$.a"]).facing({"a": 1, "b": "<ignored>"}, {"a": 2, "b": "x"})
    assert IGNORED == "<ignored>"
    assert [one.path for one in body_differences(*facing)] == ["$.b"]

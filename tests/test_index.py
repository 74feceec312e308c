"""Recordings are found by look-up, and say so in how often anything is compared."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.index import Index
from cassette_kit.matchers import MATCHERS, Rules
from cassette_kit.matchers.rules import parse_normalise, parse_paths

URL = "https://api.example.com/v1"
RULES = Rules(
    ignore=parse_paths("ignore", ["$.at"]),
    normalise=parse_normalise("normalise", {"$.id": "hex"}),
    unordered=parse_paths("unordered", ["$.tags"]),
)


def asked(tree: Any, url: str = URL) -> ck.Request:
    return ck.Request("POST", url, body=json.dumps(tree).encode())


def index_of(recordings: list[ck.Request], rules: Rules | None = None, **more: Any) -> Index:
    cheap = [MATCHERS[name](rules or Rules()) for name in ("method", "url")]
    return Index(recordings, cheap=cheap, costly=[MATCHERS["body"](rules or Rules())], **more)


class Counting:
    """A matcher that counts how often it is asked for a key."""

    def __init__(self, name: str, rules: Rules) -> None:
        self._matcher = MATCHERS[name](rules)
        self.keys = 0

    def key(self, request: ck.Request) -> Any:
        self.keys += 1
        return self._matcher.key(request)

    def compare(self, live: ck.Request, taped: ck.Request) -> ck.Mismatch | None:
        raise AssertionError("an index never compares")


@pytest.mark.parametrize("rules", [Rules(), RULES], ids=["plain", "rules"])
def test_each_body_is_read_once(rules: Rules) -> None:
    """4,000 requests against 4,000 recordings take no 16 million comparisons, but a key each.

    Requests that are recordings to the letter take none.
    """
    bodies = [{"n": n, "at": n, "id": f"{n:08x}", "tags": ["b", "a"]} for n in range(4_000)]
    again = [{**body, "tags": ["b", "a"], "q": 1} for body in bodies]
    matcher = Counting("body", rules)
    index = Index(map(asked, bodies), cheap=[MATCHERS["url"](rules)], costly=[matcher])
    assert [index.take(asked(body)) for body in reversed(bodies)] == [*range(3_999, -1, -1)]
    assert matcher.keys == 4_000
    assert [index.take(asked(body)) for body in again] == [None] * 4_000
    assert matcher.keys == 4_000 + 4_000


def test_a_rule_finds_what_it_makes_equal() -> None:
    """With rules the index still finds by look-up, in file order among the equal ones."""
    taped = [{"n": n % 2, "at": n, "id": f"{n:08x}", "tags": ["b", "a"]} for n in range(6)]
    index = index_of([asked(body) for body in taped], RULES)
    live = asked({"tags": ["a", "b"], "id": "ffffffff", "n": 1})
    assert index.answers(live) == [1, 3, 5]
    assert [index.take(live) for _ in range(4)] == [1, 3, 5, None]
    assert index.answers(live) == [1, 3, 5]


def test_other_urls_are_not_read() -> None:
    """A group of recordings whose URL nobody asks for costs no key."""
    matcher = Counting("body", Rules())
    recordings = [asked({"n": n}, url=f"{URL}/{n % 2}") for n in range(10)]
    index = Index(recordings, cheap=[MATCHERS["url"](Rules())], costly=[matcher])
    assert matcher.keys == 0
    assert index.take(asked({"n": 0}, url=f"{URL}/0")) == 0
    assert index.take(asked({}, url=f"{URL}/2")) is None
    assert matcher.keys == 5


def test_waiting_takes_nothing() -> None:
    """To look who would answer leaves the queue as it is."""
    index = index_of([asked({}), asked({})])
    assert [index.waiting(asked({})) for _ in range(3)] == [0, 0, 0]
    assert [index.take(asked({})) for _ in range(3)] == [0, 1, None]
    assert index.waiting(asked({})) is None


def test_own_comparisons_choose_among_equals() -> None:
    """A comparison of the caller's is asked only about recordings that the keys leave, in order."""
    asked_about: list[str] = []

    def same_tenant(live: ck.Request, taped: ck.Request) -> ck.Mismatch | None:
        asked_about.append(taped.headers["x-tenant"])
        same = live.headers["x-tenant"] == taped.headers["x-tenant"]
        return None if same else ck.Mismatch("tenant", "", "")

    def of(tenant: str, tree: Any) -> ck.Request:
        return replace(asked(tree), headers=ck.Headers({"x-tenant": tenant}))

    recordings = [of("a", 1), of("b", 1), of("c", 2), of("b", 1)]
    index = index_of(recordings, own=[same_tenant])
    assert index.take(of("b", 1)) == 1
    assert asked_about == ["a", "b"]
    assert index.answers(of("b", 1)) == [1, 3]
    assert [index.take(of("b", 1)) for _ in range(2)] == [3, None]
    assert index.take(of("a", 1)) == 0


def test_the_view_is_taken_once_for_a_request() -> None:
    """Redaction of a large live body is not repeated for every recording it is compared with."""
    views = Counter[bytes]()

    def view(request: ck.Request) -> ck.Request:
        views[request.body] += 1
        return replace(request, body=request.body.replace(b"secret", b"REDACTED"))

    own = [lambda live, taped: ck.Mismatch("never", live.body, taped.body)]
    index = index_of([asked(["REDACTED"]) for _ in range(50)], own=own, view=view)
    views.clear()
    assert index.take(asked(["secret"])) is None
    assert views.total() <= 2


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 4)))
def test_queues(taped: list[int], live: list[int]) -> None:
    """Equal recordings form one queue in file order; each of them answers once."""
    waiting = {n: deque(i for i, other in enumerate(taped) if other == n) for n in range(5)}
    index = index_of([asked({"n": n}) for n in taped])
    for n in live:
        expected = waiting[n].popleft() if waiting[n] else None
        assert index.take(ck.Request("POST", URL, body=f'{{ "n" : {n}.0 }}'.encode())) == expected

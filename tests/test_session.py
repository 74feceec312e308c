"""What a session decides, as a pure table of modes, recordings and requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cassette_kit as ck
from cassette_kit.matchers import Rules
from cassette_kit.matchers.rules import parse_paths
from cassette_kit.modes import MODES
from cassette_kit.redactors import Redactor
from cassette_kit.session import Forward, Miss, Replay, Session

URL = "https://api.example.com/v1"


def asked(tree: Any = None, *, headers: dict[str, str] | None = None, url: str = URL) -> ck.Request:
    return ck.Request("POST", url, ck.Headers(headers or {}), json.dumps(tree).encode())


def recorded(*trees: Any, **more: Any) -> list[ck.Interaction]:
    return [
        ck.Interaction(asked(tree, **more), ck.Response(200, body=str(n).encode()))
        for n, tree in enumerate(trees)
    ]


def session(taped: list[ck.Interaction] | None, mode: str = "replay", **options: Any) -> Session:
    return Session(taped, mode=MODES[mode], **options)


def body_of(decision: object) -> bytes:
    assert isinstance(decision, Replay)
    return decision.interaction.response.body


DECISIONS = {
    # mode: without a file, a request that is recorded, one that is not
    "replay": (Miss, Replay, Miss),
    "once": (Forward, Replay, Miss),
    "new_episodes": (Forward, Replay, Forward),
    "rewrite": (Forward, Forward, Forward),
    "off": (Forward, Forward, Forward),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes(mode: str) -> None:
    """The table of modes, as the documentation has it."""
    without_file, known, unknown = DECISIONS[mode]
    assert isinstance(session(None, mode).decide(asked(1)), without_file)
    assert isinstance(session(recorded(1), mode).decide(asked(1)), known)
    assert isinstance(session(recorded(1), mode).decide(asked(2)), unknown)


def test_places_are_handed_out_in_order() -> None:
    """A place is reserved when a call goes live, so that the file follows the order of requests."""
    live = session(recorded(1), "new_episodes")
    decisions = [live.decide(asked(n)) for n in (7, 1, 8)]
    assert [getattr(one, "place", None) for one in decisions] == [0, None, 1]


def test_used_up_in_file_order() -> None:
    """Equal recordings answer one after the other, then none; with `repeats` the last one again."""
    taped = recorded(1, 1, 2)
    plain, repeating = session(taped), session(taped, repeats=True)
    assert [body_of(plain.decide(asked(1))) for _ in range(2)] == [b"0", b"1"]
    assert isinstance(plain.decide(asked(1)), Miss)
    assert [body_of(repeating.decide(asked(1))) for _ in range(4)] == [b"0", b"1", b"1", b"1"]
    assert (repeating.played, repeating.unplayed) == (taped[:2], taped[2:])
    assert (plain.answered, repeating.answered) == (2, 4)


def test_redacted_on_both_sides() -> None:
    """A rule that came after the recording, or a secret of this run, makes no miss."""
    taped = recorded({"token": "old", "q": 1}, url=f"{URL}?key=one")
    rules = Redactor(["$.token"])
    live = asked({"token": "new", "q": 1}, url=f"{URL}?key=two")
    assert isinstance(session(taped, redactor=rules).decide(live), Replay)
    missed = session(taped, redactor=rules).decide(asked({"token": "new", "q": 2}))
    assert isinstance(missed, Miss)
    assert b"new" not in missed.situation.live.body
    assert b"old" not in missed.situation.seen[0].body


def test_headers_beside_a_cache_of_bytes() -> None:
    """Requests that are equal to the letter but for a header still differ where it is compared."""
    taped = [
        *recorded(1, headers={"anthropic-beta": "a"}),
        *recorded(1, headers={"anthropic-beta": "b"}),
    ]
    match = ["method", "url", "body", "headers"]
    live = session(taped, match=match)
    assert isinstance(live.decide(asked(1, headers={"anthropic-beta": "b"})), Replay)
    assert live.unplayed == taped[:1]
    assert isinstance(live.decide(asked(1, headers={"anthropic-beta": "b"})), Miss)
    assert isinstance(live.decide(asked(1, headers={"anthropic-beta": "a"})), Replay)


def test_a_kept_credential_is_compared_as_it_is_recorded() -> None:
    """A header that only holds a secret is equal whatever the secret is, present or not."""
    redactor = Redactor(keep_headers=["x-api-key"])
    taped = recorded(1, headers={"x-api-key": "REDACTED"})
    live = session(taped, match=["headers"], redactor=redactor)
    assert isinstance(live.decide(asked(1)), Miss)
    assert isinstance(live.decide(asked(1, headers={"X-Api-Key": "secret"})), Replay)


def test_query_in_any_order_only_where_asked() -> None:
    """`query` beside `url` leaves the order of parameters to itself."""
    taped = recorded(1, url=f"{URL}?a=1&b=2")
    live = asked(1, url=f"{URL}?b=2&a=1")
    assert isinstance(session(taped).decide(live), Miss)
    assert isinstance(session(taped, match=["method", "url", "query"]).decide(live), Replay)


def test_situation_changes_nothing() -> None:
    """To ask why there is no answer plays nothing, and None means that there would be one."""
    live = session(recorded(1))
    assert live.situation(asked(1)) is None
    assert live.played == []
    live.decide(asked(1))
    situation = live.situation(asked(1))
    assert situation is not None
    assert (situation.equal, situation.played) == ((0,), frozenset({0}))
    assert session(recorded(1), repeats=True).situation(asked(1)) is None


def never(live: ck.Request, taped: ck.Request) -> Any:
    return ck.Mismatch("never", 1, 2)


def boolean(live: ck.Request, taped: ck.Request) -> Any:
    return live.url == taped.url


def broken(live: ck.Request, taped: ck.Request) -> Any:
    return taped.json()["tenant"]


def test_a_comparison_that_returns_a_boolean() -> None:
    """True would mean a mismatch and False too: it is refused by name, and not taken for one."""
    with pytest.raises(ck.CassetteError, match="match: boolean returned True, expected a Mismatch"):
        session(recorded(1), match=["method", boolean]).decide(asked(1))


def test_a_comparison_that_breaks() -> None:
    """Its error is the caller's own; in an explanation of something else it hides no miss."""
    with pytest.raises(TypeError):
        session(recorded(1), match=["method", broken]).decide(asked(1))
    missed = session(recorded(1), match=["method", "body", broken]).decide(asked(2))
    assert isinstance(missed, Miss)
    found = missed.situation.compare(missed.situation.live, missed.situation.seen[0])
    assert [one.where for one in found] == ["body", "broken"]
    assert "raised TypeError" in str(found[1].live)


def test_own_comparison_alone() -> None:
    """`match` may hold nothing but a comparison of the caller's."""
    assert isinstance(session(recorded(1), match=[never]).decide(asked(1)), Miss)
    assert isinstance(session(recorded(1), match=[lambda a, b: None]).decide(asked(2)), Replay)


def test_rules_reach_the_index() -> None:
    """`ignore` holds for what answers, and for what is said about a miss."""
    rules = Rules(ignore=parse_paths("ignore", ["$.at"]))
    live = session(recorded({"at": 1, "q": 1}), rules=rules)
    missed = live.decide(asked({"at": 2, "q": 2}))
    assert isinstance(missed, Miss)
    assert missed.situation.rules.ignore == rules.ignore
    assert isinstance(live.decide(asked({"at": 2, "q": 1})), Replay)

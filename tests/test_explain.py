"""Which recording is nearest, why nothing answers, and what is advised; beside the gallery."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.errors import Reason
from cassette_kit.explain import REASONS, Explanation, explain
from cassette_kit.explain.advice import file_steps
from cassette_kit.explain.ranking import MAX_BYTES
from cassette_kit.matchers import Rules
from cassette_kit.matchers.rules import parse_normalise, parse_paths
from cassette_kit.modes import MODES
from cassette_kit.redactors import Redactor
from cassette_kit.session import Session

URL = "https://api.example.com/v1/chat"
RERECORD = "record again"
UUIDS = "0b0e5a3c-6f5c-4f0e-9a64-1f9d8b7c6a55", "5c1d90c6-7b1f-4b43-8f24-0f5f3f0c9e11"


def asked(body: Any, *, url: str = URL, method: str = "POST", agent: str = "") -> ck.Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = ck.Headers({"user-agent": agent} if agent else {})
    return ck.Request(method, url, headers, data)


def explained(
    live: ck.Request,
    taped: list[ck.Request] | None,
    *,
    played: tuple[int, ...] = (),
    mode: str = "replay",
    **options: Any,
) -> Explanation:
    """What is said about a request after those of the recordings in `played` were asked for."""
    recordings = None if taped is None else [ck.Interaction(one, ck.Response(200)) for one in taped]
    session = Session(recordings, mode=MODES[mode], **options)
    for number in played:
        session.decide((taped or [])[number])
    situation = session.situation(live)
    assert situation is not None
    return explain(situation, cassette="x.yaml", rerecord=RERECORD)


def nearest(live: ck.Request, taped: list[ck.Request], **more: Any) -> int:
    found = explained(live, taped, **more).nearest
    assert found is not None
    return taped.index(found.request)


def said(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text} for text in texts]}


# The nearest recording ------------------------------------------------------------------------

LONG = "a question of some length about the weather in the north of the country"
RANKING = {
    "the body": (
        asked(said(LONG, "today")),
        [asked(said("other")), asked(said(LONG, "tomorrow")), asked(said(LONG))],
    ),
    "unplayed before played": (asked(said("c")), [asked(said("a")), asked(said("b"))]),
    "URL before body": (
        asked(said(LONG)),
        [asked(said(LONG), url="https://api.example.com/v2"), asked(said("other"))],
    ),
    "host before body": (
        asked(said(LONG), url="https://api.example.com/v2"),
        [asked(said(LONG), url="https://other.example.com/v2"), asked(said("other"))],
    ),
    "path before body on other hosts": (
        asked(said(LONG), url="https://eu.example.com/v1/chat"),
        [asked(said(LONG), url="https://api.example.com/v1/embed"), asked(said("other"))],
    ),
    "method": (asked(said(LONG)), [asked(said(LONG), method="PUT"), asked(said("other"))]),
    "query": (
        asked(b"", url=f"{URL}?page=2&n=1"),
        [asked(b"", url=f"{URL}?page=3"), asked(b"1", url=f"{URL}?page=2&n=1")],
    ),
    "forms": (asked(b"a=1&b=2&c=3"), [asked(b"a=9&b=8&c=7"), asked(b"a=1&b=2&c=4")]),
    "bytes": (asked(b"\xff one two three"), [asked(b"\xff none"), asked(b"\xff one two four")]),
}


@pytest.mark.parametrize("name", RANKING)
def test_ranking(name: str) -> None:
    """The second recording is nearer than the first, for one reason each."""
    live, taped = RANKING[name]
    assert nearest(live, taped, played=(0,)) == 1


def test_a_played_recording_may_be_nearest() -> None:
    """What was played is nearest if it is clearly closer, and the text says that it was."""
    taped = [asked(said(LONG, "one")), asked(said("quite another thing"))]
    found = explained(asked(said(LONG, "two")), taped, played=(0,))
    assert found.nearest is not None
    assert found.nearest.request == taped[0]
    assert "  nearest   #0, played already, differs at body $.messages[1].content" in found.text


def test_ignored_parts_do_not_rank() -> None:
    """What is not compared cannot make a recording the nearest one."""
    taped = [asked({"q": "one", "log": LONG}), asked({"q": "two words", "log": "x"})]
    rules = Rules(ignore=parse_paths("ignore", ["$.log"]))
    assert nearest(asked({"q": "two", "log": LONG}), taped, rules=rules) == 1


def test_one_of_thousands() -> None:
    """The nearest of 4,000 is found wherever it stands."""
    taped = [asked(said(f"question {n}", LONG)) for n in range(4_000)]
    assert nearest(asked(said("question 2718", f"{LONG}?")), taped) == 2718


def test_one_of_many_megabytes() -> None:
    """Beyond the bytes that are read, recordings that begin and end alike are read first."""
    rng = random.Random(1)
    bodies = [said(*(f"{rng.random()} {LONG}" * 40 for _ in range(40))) for _ in range(60)]
    taped = [asked(body) for body in bodies]
    assert sum(len(one.body) for one in taped) > MAX_BYTES
    changed = json.loads(json.dumps(bodies[41]))
    changed["messages"][20]["content"] = "x"
    assert nearest(asked(changed), taped) == 41


def test_one_body_of_many_megabytes() -> None:
    """A single recording that is larger than all that may be read is still compared."""
    huge = asked(said("a" * MAX_BYTES))
    assert nearest(asked(said("b")), [huge, huge]) == 0


def test_those_that_come_as_near() -> None:
    """Two more have a line each; those that are far off have none."""
    taped = [asked(said(f"Count to {n}, {LONG}", "x")) for n in range(5)] + [asked(said("y"))]
    lines = explained(asked(said(f"Count to 9, {LONG}", "y")), taped).text.splitlines()
    also = [line for line in lines if line.startswith("  also")]
    assert also == [
        "  also      #1 differs at body $.messages[0].content, and at 1 more place",
        "  also      #2 differs at body $.messages[0].content, and at 1 more place",
    ]


# Reasons --------------------------------------------------------------------------------------

REASON_CASES = [
    ("no file", None, asked(1), {}),
    ("empty", [], asked(1), {}),
    ("mode", [asked(1)], asked(1), {"mode": "rewrite"}),
    ("mode", None, asked(1), {"mode": "off"}),
    ("played", [asked(1)], asked(1), {"played": (0,)}),
    ("host", [asked(1)], asked(2, url="http://api.example.com/v1/chat", method="PUT"), {}),
    ("url", [asked(1)], asked(2, url="https://api.example.com/", method="PUT"), {}),
    ("method", [asked(1)], asked(2, url=f"{URL}?x", method="PUT"), {}),
    ("query", [asked(1)], asked(2, url=f"{URL}?x"), {}),
    ("query", [asked(1)], asked(1, url=f"{URL}?x"), {"match": ["query", "url"]}),
    ("body", [asked(1)], asked(2), {}),
    ("matcher", [asked(1)], asked(2), {"match": [lambda a, b: ck.Mismatch("day", 1, 2)]}),
    ("body", [asked(1)], asked(2), {"match": [lambda a, b: ck.Mismatch("day", 1, 2), "body"]}),
]


@pytest.mark.parametrize(("reason", "taped", "live", "more"), REASON_CASES)
def test_reason(
    reason: Reason, taped: list[ck.Request] | None, live: ck.Request, more: dict[str, Any]
) -> None:
    """Of several differences the farthest one names the reason, and leads the differences."""
    found = explained(live, taped, **more)
    assert found.reason == reason
    assert bool(found.differences) == (reason in REASONS[4:])


def test_reasons_are_documented() -> None:
    """The closed set of words is the one of the page, in the same order."""
    page = (Path(__file__).parents[1] / "docs" / "misses.md").read_text()
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert get_args(Reason) == REASONS
    assert tuple(row for row in rows if row in REASONS) == REASONS


# Next steps -----------------------------------------------------------------------------------

NEIGHBOURS = [
    ("c/test_a/test_greet.yaml", ["c/test_a/test_greeting.yaml"], "c/test_a/test_greeting.yaml"),
    ("c/test_a/test_greet.yaml", ["c/test_a/test_bye.yaml"], None),
    ("c/test_a/test_x.yaml", ["c/test_a/test_y.yaml"], None),
    ("c/test_agent/test_x.yaml", ["c/test_agents/test_x.yaml"], "c/test_agents/test_x.yaml"),
    ("c/test_agent/test_x.yaml", ["c/test_other/test_x.yaml"], None),
    ("c/weather.yaml", ["c/weather.yml", "c/wether.txt"], "c/weather.yml"),
    ("c/weather.yaml", ["c/weather.json", "c/weather", "c/weather.yaml.lock"], None),
    ("c/weather.yaml", ["c/wether.yaml", "c/weathers.yaml", "c/leather.yaml"], "c/weathers.yaml"),
    ("c\\a\\weather.yaml", ["c\\a\\wether.yaml"], "c\\a\\wether.yaml"),
    ("weather.yaml", [], None),
]


@pytest.mark.parametrize(("cassette", "neighbours", "meant"), NEIGHBOURS)
def test_did_you_mean(cassette: str, neighbours: list[str], meant: str | None) -> None:
    """A renamed test, module or file is pointed out; what all names share makes none similar."""
    steps = file_steps(cassette, neighbours, RERECORD)
    assert steps == ((RERECORD, f"did you mean {meant}?") if meant else (RERECORD,))


def test_a_left_over_recording() -> None:
    """A recording that only needs to be accepted is better than to record again."""
    steps = file_steps("c/x.yaml", ["c/x.yaml.part", "c/xx.yaml"], RERECORD)
    assert steps == ("cassette-kit accept c/x.yaml", RERECORD)


def advised(live: Any, taped: Any, **options: Any) -> tuple[str, ...]:
    return explained(asked(live), [asked(taped)], **options).next_steps


TEMP = r"C:\Users\me\AppData\Local\Temp"
SUGGESTIONS = [
    # a whole value, a value in a text, on one side only, of another kind
    ({"id": UUIDS[0]}, {"id": UUIDS[1]}, 'normalise={"$.id": "uuid"}'),
    ({"id": UUIDS[0]}, {"id": "9f86d081884c7d65"}, 'ignore=["$.id"]'),
    ({"id": UUIDS[0]}, {}, 'ignore=["$.id"]'),
    ({"id": UUIDS[0], "x": 1}, {"x": 1, "at": 1763719200}, 'ignore=["$.id", "$.at"]'),
    ({"at": 1763719200}, {"at": 1763719201.5}, 'normalise={"$.at": "epoch"}'),
    ({"at": "2026-11-21"}, {"at": "2026-11-20"}, 'normalise={"$.at": "iso-time"}'),
    ({"o": "0x7f3a1c0b2d90"}, {"o": "0x7f3a1c0b2e10"}, 'ignore=["$.o"]'),
    ({"p": "/tmp/a"}, {"p": "/tmp/b"}, 'ignore=["$.p"]'),
    (
        {"p": "in /tmp/a!"},
        {"p": "in /private/tmp/b!"},
        r'normalise={"$.p": r"(?:/private/tmp/|/tmp/)\S+"}',
    ),
    (
        {"p": "in /tmp/a"},
        {"p": "in /var/folders/b/c"},
        r'normalise={"$.p": r"(?:/tmp/|/var/folders/)\S+"}',
    ),
    (
        {"p": rf"in {TEMP}\a.txt."},
        {"p": rf"in {TEMP}\b.txt."},
        r'normalise={"$.p": r"C:\\Users\\me\\AppData\\Local\\Temp\\\S+"}',
    ),
    # inside a JSON text only what works on texts
    (
        {"a": f'{{"id": "{UUIDS[0]}"}}'},
        {"a": f'{{"id": "{UUIDS[1]}"}}'},
        'normalise={"$.a": "uuid"}',
    ),
    ({"a": '{"t": [1, 2]}'}, {"a": '{"t": [2, 1]}'}, None),
    # several places
    (
        dict.fromkeys("abcd", UUIDS[0]),
        dict.fromkeys("abcd", UUIDS[1]),
        'normalise={"*": "uuid"}',
    ),
    (
        [{"a": f"{UUIDS[0]} at 10:00:00"}] * 2,
        [{"a": f"{UUIDS[1]} at 11:00:00"}] * 2,
        'normalise={"$[*].a": "iso-time", "*": "uuid"}',
    ),
    # order
    ({"t": ["a", "b"]}, {"t": ["b", "a"]}, 'unordered=["$.t"]'),
    (
        [{"t": [1, 2]}, {"t": [1, 2]}, UUIDS[0]],
        [{"t": [2, 1]}, {"t": [2, 1]}, UUIDS[1]],
        'normalise={"$[2]": "uuid"}, unordered=["$[*].t"]',
    ),
    (said("a", "b"), said("b", "a"), None),
    ({"t": ["a", "b"], "q": 1}, {"t": ["b", "a"], "q": 2}, None),
    # no values that change by nature
    ({"q": "hi"}, {"q": "hello"}, None),
    ({"q": 1}, {"q": True}, None),
    ({"q": "model-2024-08-06"}, {"q": "model-2024-11-20"}, None),
    ({"x" * 300: UUIDS[0]}, {"x" * 300: UUIDS[1]}, None),
]


@pytest.mark.parametrize(("live", "taped", "rule"), SUGGESTIONS)
def test_suggestion(live: Any, taped: Any, rule: str | None) -> None:
    """A rule for what changes by nature, the narrowest that settles it; for nothing else."""
    steps = advised(live, taped)
    assert steps == ((rule, RERECORD) if rule else (RERECORD,))
    if rule:
        assert answers(live, taped, rule)


def answers(live: Any, taped: Any, rule: str) -> bool:
    """Whether a rule, pasted, lets the recording answer."""
    given_options = eval(f"dict({rule})", {})
    rules = Rules(
        ignore=parse_paths("ignore", given_options.get("ignore", [])),
        normalise=parse_normalise("normalise", given_options.get("normalise", {})),
        unordered=parse_paths("unordered", given_options.get("unordered", [])),
    )
    recording = ck.Interaction(asked(taped), ck.Response(200))
    session = Session([recording], mode=MODES["replay"], rules=rules)
    return session.situation(asked(live)) is None


VALUES = st.sampled_from(
    [
        UUIDS,
        ("2026-11-21T10:00:00Z", "2026-11-20 09:30"),
        ("1763719200", "1763719300123"),
        ("9f86d081884c7d65", "2c26b46b68ffc68f"),
        ("/tmp/a/b", "/tmp/c"),
        ("/tmp/a", "/private/var/folders/b"),
        ("<T at 0x7f3a1c0b2d90>", "<T at 0x7f3a1c0b2e10>"),
        ("same", "same"),
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(VALUES, min_size=1, max_size=2), min_size=1, max_size=5), st.booleans())
def test_every_suggestion_helps(texts: list[list[tuple[str, str]]], in_one_list: bool) -> None:
    """Whatever is volatile, a rule that is said to settle a miss does."""
    live, taped = ([" and ".join(pair[side] for pair in text) for text in texts] for side in (0, 1))
    if not in_one_list:
        live, taped = ({str(n): text for n, text in enumerate(side)} for side in (live, taped))  # type: ignore[assignment]
    if live == taped:
        return
    first, *others = advised(live, taped)
    if others:
        assert answers(live, taped, first)
    else:
        assert first.endswith(RERECORD)


def test_a_rule_holds_what_is_given_already() -> None:
    """An option replaces its like, so what was there is part of what is to be pasted."""
    rules = Rules(
        ignore=parse_paths("ignore", ["$.a"]),
        normalise=parse_normalise("normalise", {"*": "uuid", "$.p": r"/opt/\d+"}),
        unordered=parse_paths("unordered", ["$.u"]),
    )
    live = {
        "a": 1,
        "p": "/opt/1",
        "id": UUIDS[0],
        "t": ["x", "y"],
        "at": "10:00:00",
        "n": 1763719200,
    }
    taped = {"a": 2, "p": "/opt/2", "id": UUIDS[1], "t": ["y", "x"], "at": "11:00:00"}
    rule, _ = advised(live, taped, rules=rules)
    assert eval(f"dict({rule})", {}) == {
        "ignore": ["$.a", "$.n"],
        "normalise": {"*": "uuid", "$.p": r"/opt/\d+", "$.at": "iso-time"},
        "unordered": ["$.u", "$.t"],
    }
    assert answers(live, taped, rule)


def test_a_place_that_has_a_rule() -> None:
    """A second kind for one place goes everywhere, as a path takes only one."""
    rules = Rules(normalise=parse_normalise("normalise", {"$.q": "uuid"}))
    live, taped = (
        {"q": f"{uuid} {time}"} for uuid, time in zip(UUIDS, ["10:00:00", "11:00:00"], strict=True)
    )
    rule, _ = advised(live, taped, rules=rules)
    assert rule == 'normalise={"$.q": "uuid", "*": "iso-time"}'
    assert answers(live, taped, rule)


def test_query_in_another_order() -> None:
    """`query` is advised where it settles the miss and the present names can be told."""

    def own(live: ck.Request, taped: ck.Request) -> None:
        return None

    live, taped = asked(1, url=f"{URL}?a=1&b=2"), asked(1, url=f"{URL}?b=2&a=1")
    assert explained(live, [taped]).next_steps == (
        'match=["method", "url", "body", "query"]',
        RERECORD,
    )
    assert explained(live, [taped], match=["url", own]).next_steps == (RERECORD,)
    assert explained(asked(2, url=live.url), [taped]).next_steps == (RERECORD,)
    assert explained(asked(1, url=f"{URL}?a=1"), [taped]).next_steps == (RERECORD,)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_server_on_this_machine(host: str) -> None:
    """What is let pass is the host as `allow_hosts` takes it; a host elsewhere is never advised."""
    found = explained(asked(1, url=f"http://{host}:8000/v1"), [asked(1)])
    assert found.next_steps == (f'allow_hosts=["{host.strip("[]")}"]', RERECORD)
    assert explained(asked(1, url="https://evil.example"), [asked(1)]).next_steps == (RERECORD,)


# Notes and words ------------------------------------------------------------------------------


def notes(found: Explanation) -> list[str]:
    return [line[12:] for line in found.text.splitlines() if line.startswith("  note ")]


@pytest.mark.parametrize(
    ("sent_by", "recorded_by", "note"),
    [
        ("A/1 (x; y)", "A/2 (z)", ["recorded by A/2, sent by A/1"]),
        ("AsyncOpenAI/Python 3.52.0", "OpenAI/Python 3.52.0", []),
        ("A/1", "A/1", []),
        ("", "A/1", []),
        ("\x1b[31mA", "B", [r"recorded by B, sent by \u001b[31mA"]),
    ],
)
def test_clients(sent_by: str, recorded_by: str, note: list[str]) -> None:
    """The releases are told where they differ; async and sync clients are one release."""
    found = explained(asked(1, agent=sent_by), [asked(2, agent=recorded_by)])
    assert notes(found) == note
    elsewhere = explained(asked(1, agent=sent_by, url="http://h"), [asked(2, agent=recorded_by)])
    assert notes(elsewhere) == []


@pytest.mark.parametrize(
    ("live", "taped", "note"),
    [
        (b"a", b"b", ["neither body is JSON: compared as bytes"]),
        (b"1e400", b"1", ["live is no JSON (1e400 is beyond a double), tape is JSON"]),
        (b"{}", b"a=1", ["live is JSON, tape is a form"]),
        (b"--x\n\n\n--x--", b"a b", ["live is multipart, tape is no JSON"]),
        (b"", b"a b", []),
        (b"{}", b"[]", []),
    ],
)
def test_kinds_of_bodies(live: bytes, taped: bytes, note: list[str]) -> None:
    """Bodies that are not compared as JSON say so, and why."""
    found = notes(explained(asked(live), [asked(taped)]))
    assert len(found) == len(note)
    assert all(one.startswith(start) for one, start in zip(found, note, strict=True))


@pytest.mark.parametrize(
    ("live", "taped", "shown"),
    [
        (None, {1, 2}, ("(missing)", "{1, 2}")),
        (b"\xff\x00", "text", ("<binary, 0.0 kB, sha256 ", "'text'")),
        (object, 1.5, ("<class 'object'>", "1.5")),
        ("\x07", ["a"], (r"'\u0007'", "['a']")),
        ("x" * 500, b"bytes", ("'xxx", "'bytes'")),
        ({"a": object}, (), ("{a: <class 'object'>}", "()")),
    ],
)
def test_values_of_an_own_comparison(live: Any, taped: Any, shown: tuple[str, str]) -> None:
    """A comparison of the caller's may give any values and any name; the text survives them."""
    mismatch = ck.Mismatch("what\n" * 50, live, taped)
    found = explained(asked(1), [asked(1)], match=[lambda a, b: mismatch])
    lines = found.text.splitlines()
    assert found.differences == (mismatch,)
    assert [line[20:].startswith(start) for line, start in zip(lines[3:5], shown, strict=True)] == [
        True,
        True,
    ]
    assert all(len(line) <= 100 for line in lines)


texts = st.text() | st.text("ab '\"\\\x1b\u202e\n😀é", min_size=50, max_size=200)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(values | st.binary(), values | st.binary(), texts, st.lists(values, max_size=3))
def test_one_screen(live: Any, taped: Any, query: str, others: list[Any]) -> None:
    """Whatever is sent, the text has at most 20 short lines that are safe to print."""
    url = f"{URL}?{query}"
    requests = [asked(one, url=url) for one in (taped, *others)]
    session = Session(
        [ck.Interaction(one, ck.Response(200)) for one in requests], mode=MODES["replay"]
    )
    situation = session.situation(asked(live, url=url))
    if situation is None:
        return
    found = explain(situation, cassette="x.yaml", rerecord=RERECORD)
    lines = found.text.splitlines()
    assert len(lines) <= 20
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith(f"no recorded interaction answers POST {URL}")
    assert all(len(line) <= 100 for line in lines[1:] if not line.startswith("  next"))
    assert len(lines[0]) <= 200


def test_base64_is_never_shown() -> None:
    """Neither an image, nor a file in a part, nor an image inside of a new message."""
    pixels = "iVBORw0KGgoAAAANSUhEUgAB" * 40
    bodies = [
        ({"image": pixels}, {"image": pixels[4:]}),
        ({"image": f"data:image/png;base64,{pixels}"}, {"image": "none"}),
        ([{"image": pixels}], []),
        ([1, [pixels]], [1]),
    ]
    for live, taped in bodies:
        assert pixels[4:20] not in explained(asked(live), [asked(taped)]).text


def test_no_secret_is_shown() -> None:
    """Both sides are shown as they would be recorded."""
    redactor = Redactor(["$.token"])
    live = asked({"token": "live-secret", "q": [{"token": 1}]}, url=f"{URL}?key=url-secret")
    taped = asked({"token": "old-secret", "q": []}, url=f"{URL}?key=other-secret")
    found = explained(live, [taped], redactor=redactor)
    assert [one.where for one in found.differences] == ["body $.q[0]"]
    assert "secret" not in found.text


# For use outside of pytest --------------------------------------------------------------------


def tape_file(folder: Path) -> Path:
    path = folder / "tape.yaml"
    answer = ck.Response(200, body=b"{}", status="200 OK", duration_ns=1)
    ck.dump(ck.Cassette((ck.Interaction(asked({"q": 1}), answer),)), path)
    return path


def test_explain_of_a_tape(tmp_path: Path) -> None:
    """It is None where a recording would answer, else a miss that is neither raised nor kept."""
    with ck.use_cassette(tape_file(tmp_path), mode="replay", intercept=False) as tape:
        assert tape.explain(asked({"q": 1})) is None
        miss = tape.explain(asked({"q": 2}))
        assert isinstance(miss, ck.CassetteMiss)
        assert (miss.reason, miss.differences[0].where) == ("body", "body $.q")
        client = httpx.Client(transport=tape.transport(httpx))
        assert client.post(URL, json={"q": 1}).json() == {}
        again = tape.explain(tape.last_request)
    assert again is not None
    assert again.reason == "played"
    assert tape.misses == []


@pytest.mark.parametrize(
    ("mode", "reason", "note"),
    [
        ("new_episodes", "body", "in mode new_episodes it goes live and is recorded"),
        ("rewrite", "mode", "in mode rewrite it goes live and is recorded"),
        ("off", "mode", "in mode off it goes live unrecorded"),
    ],
)
def test_explain_where_calls_go_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, reason: str, note: str
) -> None:
    """Why a call went live can be asked as well; nothing needs to be done about it."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("CASSETTE_MODE", raising=False)
    with ck.use_cassette(tape_file(tmp_path), mode=mode, intercept=False) as tape:
        miss = tape.explain(asked({"q": 2}))
    assert miss is not None
    assert (miss.reason, miss.next_steps) == (reason, ())
    assert str(miss).endswith(f"  note      {note}")


def test_files_beside_a_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renamed test or module is found by what lies there; no folder at all is no error."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cassettes" / "test_agents"
    folder.mkdir(parents=True)
    tape_file(folder).rename(folder / "test_greet.yaml")

    def steps(path: str) -> tuple[str, ...]:
        with ck.use_cassette(path, mode="replay", intercept=False) as tape:
            miss = tape.explain(asked(1))
        assert miss is not None
        return miss.next_steps[1:]

    meant = "did you mean cassettes/test_agents/test_greet.yaml?"
    assert steps("cassettes/test_agents/test_greets.yaml") == (meant,)
    assert steps("cassettes/test_agent/test_greet.yaml") == (meant,)
    assert steps("nowhere/at/all.yaml") == ()

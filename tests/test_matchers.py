"""Each matcher says the same by its key and by its reason, from both sides."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cassette_kit as ck
from cassette_kit.matchers import MATCHERS, Rules
from cassette_kit.matchers.bodies import comparable
from cassette_kit.matchers.body import TreeMismatch

JSON = {"Content-Type": "application/json"}
KEPT = Rules(recorded_headers=frozenset({"accept", "content-type", "user-agent", "x-tenant"}))
ANY_ORDER = Rules(query_in_any_order=True)


def asked(
    body: bytes = b"",
    *,
    method: str = "POST",
    url: str = "https://api.example.com/v1",
    headers: dict[str, str] | None = None,
) -> ck.Request:
    return ck.Request(method, url, ck.Headers(headers or {}), body)


def at(url: str) -> ck.Request:
    return asked(url=url)


def sent(content_type: str, body: bytes) -> ck.Request:
    return asked(body, headers={"Content-Type": content_type})


def multipart(boundary: str, *parts: str, end: str = "--\r\n") -> bytes:
    lines = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"{lines}--{boundary}{end}".encode()


def field(name: str, value: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'


def upload(content: str, kind: str = "text/plain") -> str:
    head = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
    return f"{head}\r\nContent-Type: {kind}\r\n\r\n{content}"


EQUAL: dict[str, list[tuple[Rules, ck.Request, ck.Request]]] = {
    "method": [(Rules(), asked(b"1"), asked(b"2"))],
    "url": [
        (Rules(), at("https://API.example.com:443/v1"), at("https://api.example.com/v1#stream")),
        (Rules(), at("http://h:80/"), at("http://H")),
        (Rules(), at("http://h:/"), at("http://h/")),
        (Rules(), at("http://bücher.example:80/"), at("http://xn--bcher-kva.example/")),
        (Rules(), at("http://\u2028.example/"), at("http://\u2028.example/")),
        (Rules(), at("http://[::1]:80/x"), at("http://[::1]/x")),
        (ANY_ORDER, at("http://h/?a=1&b=2"), at("http://h/?b=2")),
        (Rules(), at("http://[h"), at("http://[h")),
    ],
    "query": [
        (ANY_ORDER, at("http://h/?a=1&b=2"), at("http://h/?b=2&a=1")),
        (ANY_ORDER, at("http://h/?a=1&a=2"), at("http://other/?a=2&a=1")),
        (ANY_ORDER, at("http://h/?a=%C3%BC&b="), at("http://h/?b&a=ü")),
        (ANY_ORDER, at("http://h/?"), at("http://h/")),
    ],
    "headers": [
        (KEPT, asked(headers={"Accept": "a", **JSON}), asked(headers={**JSON, "accept": "a"})),
        (KEPT, asked(headers={"User-Agent": "new"}), asked(headers={"User-Agent": "old"})),
        (KEPT, asked(headers={"X-Request-Id": "1"}), asked()),
        (
            KEPT,
            sent('multipart/form-data; boundary="a b"; charset=x', b""),
            sent("multipart/form-data; boundary=c; charset=x", b""),
        ),
    ],
    "body": [
        (Rules(), sent("application/json", b'{"a":1,"b":[]}'), sent("", b'{ "b": [], "a": 1e0 }')),
        (Rules(), sent("text/plain", b"a=b"), sent("", b"a=b")),
        (Rules(), asked(b"a=1&b=%7E+x"), asked(b"b=~%20x&a=1")),
        (Rules(), asked(b"a=1&a=2&flag"), asked(b"flag=&a=1&a=2")),
        (Rules(), asked(b"\xff\xfe"), sent("application/octet-stream", b"\xff\xfe")),
        (
            Rules(),
            sent("multipart/form-data; boundary=x", multipart("x", field("a", "1"), upload("hi"))),
            asked(multipart("yy", upload("hi"), field("a", "1"), end="--")),
        ),
        (
            Rules(),
            asked(multipart("x", upload('{"a": 1.0}', "application/json"))),
            asked(multipart("y", upload('{"a":1}', "application/json"))),
        ),
        (
            Rules(),
            asked(multipart("x", field("a", "1"))),
            asked(multipart("x", field("a", "1")).replace(b"\r\n", b"\n")),
        ),
    ],
}

DIFFERENT: dict[str, list[tuple[Rules, ck.Request, ck.Request]]] = {
    "method": [
        (Rules(), asked(method="GET"), asked(method="POST")),
        (Rules(), asked(method="get"), asked(method="GET")),
    ],
    "url": [
        (Rules(), at("http://h/"), at("https://h/")),
        (Rules(), at("http://h:8080/"), at("http://h/")),
        (Rules(), at("http://h/a"), at("http://h/A")),
        (Rules(), at("http://h/?a=1&b=2"), at("http://h/?b=2&a=1")),
        (Rules(), at("http://me@h/"), at("http://h/")),
        (ANY_ORDER, at("http://h/a?x"), at("http://h/b?x")),
        (Rules(), at("http://[h"), at("http://[i")),
    ],
    "query": [
        (ANY_ORDER, at("http://h/?a=1&a=1"), at("http://h/?a=1")),
        (ANY_ORDER, at("http://h/?a="), at("http://h/")),
        (ANY_ORDER, at("http://h/?a=%FF"), at("http://h/?a=%FE")),
    ],
    "headers": [
        (KEPT, asked(headers={"X-Tenant": "7"}), asked()),
        (KEPT, asked(headers={"X-Tenant": "7"}), asked(headers={"X-Tenant": "8"})),
    ],
    "body": [
        (Rules(), asked(b"1"), asked(b"true")),
        (Rules(), asked(b"[1,2]"), asked(b"[2,1]")),
        (Rules(), asked(b'{"a":null}'), asked(b"{}")),
        (Rules(), asked(b"9007199254740993"), asked(b"9007199254740992")),
        (Rules(), asked(b""), asked(b"null")),
        (Rules(), asked(b"a=1&a=2"), asked(b"a=2&a=1")),
        (Rules(), asked(b"a=1"), asked(b'{"a":["1"]}')),
        (Rules(), asked(b'{"a":NaN}'), asked(b'{"a": NaN}')),
        (Rules(), asked(b"\xff"), asked(b"/w==")),
        (Rules(), asked(b'\xef\xbb\xbf{"a":1}'), asked(b'{"a":1}')),
        (Rules(), asked(multipart("x", field("a", "1"))), asked(multipart("x", field("b", "1")))),
        (Rules(), asked(multipart("x", field("v", "1.0"))), asked(multipart("x", field("v", "1")))),
        (Rules(), asked(multipart("x", field("v", '"a"'))), asked(multipart("x", field("v", "a")))),
        (
            Rules(),
            asked(multipart("x", field("v", "/w=="))),
            asked(multipart("x", field("v", "%")).replace(b"%", b"\xff")),
        ),
        (
            Rules(),
            asked(multipart("x", upload("hi"))),
            asked(multipart("x", upload("hi", "text/html"))),
        ),
        (
            Rules(),
            asked(multipart("x", "Content-Disposition: form-data; name=a\r\n\r\n1")),
            asked(multipart("x", "Content-Disposition: form-data; name=b\r\n\r\n1")),
        ),
        (
            Rules(),
            asked(multipart("x", "Content-Disposition: attachment; name*=utf-8''a\r\n\r\n1")),
            asked(multipart("x", "Content-Disposition: attachment; name*=utf-8''b\r\n\r\n1")),
        ),
        (
            Rules(),
            asked(multipart("x", "A: 1\r\n\r\nfirst", "A: 1\r\n\r\nsecond")),
            asked(multipart("x", "A: 1\r\n\r\nsecond", "A: 1\r\n\r\nfirst")),
        ),
        (
            Rules(),
            asked(multipart("x", field("a", "1\r\n--xy"))),
            asked(multipart("x", field("a", "1\r\n--xz"))),
        ),
    ],
}


def cases(table: dict[str, list[tuple[Rules, ck.Request, ck.Request]]]) -> list[Any]:
    return [
        pytest.param(name, *case, id=f"{name}-{number}")
        for name, rows in table.items()
        for number, case in enumerate(rows)
    ]


def test_every_matcher_is_tried() -> None:
    """A row of MATCHERS without cases is a matcher that nobody has tested."""
    assert set(EQUAL) == set(DIFFERENT) == set(MATCHERS)


@pytest.mark.parametrize(("name", "rules", "live", "taped"), cases(EQUAL))
def test_equal(name: str, rules: Rules, live: ck.Request, taped: ck.Request) -> None:
    """What means the same has one key, and no reason to differ."""
    matcher = MATCHERS[name](rules)
    assert matcher.key(live) == matcher.key(taped)
    assert matcher.compare(live, taped) is None
    assert matcher.compare(taped, live) is None


@pytest.mark.parametrize(("name", "rules", "live", "taped"), cases(DIFFERENT))
def test_different(name: str, rules: Rules, live: ck.Request, taped: ck.Request) -> None:
    """What differs has two keys, and a reason with two values, swapped from the other side."""
    matcher = MATCHERS[name](rules)
    assert matcher.key(live) != matcher.key(taped)
    there, back = matcher.compare(live, taped), matcher.compare(taped, live)
    assert there is not None
    assert back is not None
    assert there.where.split()[0] in {name, "header"}
    assert (there.live, there.taped) == (back.taped, back.live)
    assert there.live != there.taped or type(there.live) is not type(there.taped)


def test_reasons() -> None:
    """The values are those a reader looks for, not the forms in which they are compared."""
    url = MATCHERS["url"](Rules()).compare(at("http://H/?a#b"), at("http://h/"))
    assert url == ck.Mismatch("url", "http://H/?a#b", "http://h/")
    query = MATCHERS["query"](ANY_ORDER)
    found = query.compare(at("http://h/?x=1&a=ü&a=ü&b=1"), at("http://h/?b=2&a=%C3%BC&x=1"))
    assert found == ck.Mismatch("query", "a=ü&b=1", "b=2")
    assert query.compare(at("http://h/?a=1"), at("http://h/")) == ck.Mismatch("query", "a=1", None)
    headers = MATCHERS["headers"](KEPT)
    tenant = headers.compare(asked(headers={"X-Tenant": "7"}), asked())
    assert tenant == ck.Mismatch("header x-tenant", "7", None)
    body = MATCHERS["body"](Rules())
    assert body.compare(asked(b'{"a":1.0}'), asked(b"[]")) == TreeMismatch("body", {"a": 1}, [])
    assert body.compare(asked(b"a=1"), asked(b"[]")) == ck.Mismatch("body", b"a=1", b"[]")


def test_bodies_as_trees() -> None:
    """The paths of forms and parts are what a user writes into `ignore`."""
    assert comparable(b"a=1&b=2&a=%C3%BC") == ("form", {"a": ["1", "ü"], "b": ["2"]})
    parts = multipart("x", field("a", "1"), upload('[{"b": 1}]', "application/json"))
    assert comparable(parts) == (
        "parts",
        {
            "a": [{"headers": {}, "text": "1"}],
            "file": [
                {
                    "filename": "a.txt",
                    "headers": {"content-type": ["application/json"]},
                    "json": [{"b": 1}],
                }
            ],
        },
    )
    related = multipart("x", "Content-Type: application/json\r\n\r\n{}", "\r\n\r\ntext")
    assert comparable(related) == (
        "parts",
        [
            {"headers": {"content-type": ["application/json"]}, "json": {}},
            {"headers": {}, "text": "\r\ntext"},
        ],
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"a b=1",
        b"=1",
        b"a",
        b"--x",
        b"--x\r\n",
        multipart("x", field("a", "1"), end=""),
        multipart("x", field("a", "1")) + b"--x--\r\n",
        b'{"a": 1e400}',
    ],
)
def test_neither_json_nor_form(body: bytes) -> None:
    """What is broken or of another kind is compared as the bytes that it is."""
    assert comparable(body) == ("bytes", body)


def test_a_body_nested_too_deeply() -> None:
    """Depth is no crash: such a body compares as bytes, wherever the limit lies."""
    matcher = MATCHERS["body"](Rules())
    for depth in range(850, 1_050):
        part = upload("[" * depth + "]" * depth)
        assert matcher.compare(asked(multipart("x", part)), asked(b"{}")) is not None
    deep, deeper = (asked(b"[" * n + b"]" * n) for n in (5_000, 5_001))
    assert matcher.key(deep) != matcher.key(deeper)
    assert matcher.compare(deep, deeper) == ck.Mismatch("body", deep.body, deeper.body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = (
    st.binary()
    | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))
    | json_values.map(lambda tree: json.dumps(tree, allow_nan=False).encode())
    | st.lists(st.text("ab=&%+0", max_size=6)).map(lambda texts: "&".join(texts).encode())
    | st.lists(st.text("ab\r\n-: x", max_size=9)).map(lambda parts: multipart("x", *parts))
)


@settings(deadline=None, max_examples=200)
@given(bodies, bodies)
def test_key_and_reason_agree(live: bytes, taped: bytes) -> None:
    """An index that finds by key and a miss that explains by comparison never contradict."""
    matcher = MATCHERS["body"](Rules())
    ours, theirs = asked(live), asked(taped, headers=JSON)
    assert (matcher.key(ours) == matcher.key(theirs)) == (matcher.compare(ours, theirs) is None)
    assert matcher.key(ours) == matcher.key(dataclasses.replace(theirs, body=live))

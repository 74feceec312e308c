"""The page in a real browser: what it shows, how it is used, and what it must not do."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from cassette_files import SEEDS
from conversations import SSE, b64, interaction, picture, sse, streamed

import cassette_kit as ck
from cassette_kit.conversation import Text, Thinking, ToolCall, events, exchange
from cassette_kit.conversation.printable import one_line
from cassette_kit.model import Headers, Request, Response, Stream
from cassette_kit.viewer import write_page, write_site

if TYPE_CHECKING:
    from browser import Tab

pytest_plugins = ["browser"]

CASSETTES = Path(__file__).parent / "cassettes"
DIALECTS = sorted((CASSETTES / "dialects").glob("*.yaml"))
CHAT = CASSETTES / "dialects" / "openai-chat.yaml"
VIEWS = ("", "/events", "/request", "/response", "/yaml", "/code")
URL = "https://api.openai.com/v1/chat/completions"

EVIL = (
    "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    "\"'></script><!--<svg/onload=window.hacked=1>{{7*7}}${alert(1)}javascript:alert(1)"
    "\u202e\u2066\x1b[31m\x07\u200b\u2028 \u05d0\u05d1\u05d2 &lt;b&gt;"
)


def page_of(folder: Path, *interactions: ck.Interaction) -> Path:
    ck.dump(ck.Cassette(interactions), folder / "tape.yaml")
    return write_page(folder / "tape.html", folder / "tape.yaml")


def chunk(**delta: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "model": "gpt-5",
        "choices": [{"index": 0, "delta": delta}],
    }


def chat(*messages: tuple[str, object], answer: str = "ok", **more: object) -> ck.Interaction:
    """A turn of a conversation, its answer streamed word by word."""
    asked = [{"role": role, "content": content} for role, content in messages]
    said = sse([chunk(content=word) for word in re.findall(r"\s*\S+", answer)], done=True)
    return streamed(URL, {"model": "gpt-5", "messages": asked, **more}, said)


def timed(text: str, delays: list[int]) -> ck.Interaction:
    """A stream with an event, and a chunk, a word."""
    pieces = list(sse([chunk(content=word) for word in re.findall(r"\s*\S+", text)]))
    sizes = tuple(zip(delays, map(len, pieces), strict=True))
    request = {"model": "gpt-5", "messages": []}
    return interaction(
        URL, request, b"".join(pieces), content_type=SSE, stream=Stream("complete", sizes)
    )


def marks(tab: Tab) -> int:
    """How many marks the timeline has: each begins with a move of the pen."""
    paths = tab.page.locator(".timeline .mark").all()
    return sum((path.get_attribute("d") or "").count("M") for path in paths)


def unfold(tab: Tab) -> None:
    """Open every fold, and those in them."""
    closed = tab.page.locator("main details:not([open]) > summary")
    while closed.count():
        closed.first.evaluate("summary => summary.click()")


def is_quiet(tab: Tab, path: Path) -> bool:
    """Whether the page made no request but for itself, and raised no alarm."""
    return tab.alarms == [] and {url.partition("#")[0] for url in tab.requests} == {path.as_uri()}


@pytest.mark.parametrize("path", [*SEEDS, *DIALECTS], ids=lambda path: path.stem)
def test_every_dialect(path: Path, tmp_path: Path, tab: Tab) -> None:
    """What was said, the tools that were called and an event's mark are there, of every API."""
    html = write_page(tmp_path / "x.html", path)
    tab.open(html)
    for number, one in enumerate(ck.load(path).interactions):
        said = exchange(one)
        tab.show(f"{number}")
        unfold(tab)
        shown = tab.page.locator(".answer").text_content()
        parts = [part for message in said.answered.messages for part in message.parts]
        assert parts
        for part in parts:
            if isinstance(part, Text | Thinking):
                assert part.text in shown
        assert tab.texts(".answer .call h5 code") == [
            part.name for part in parts if isinstance(part, ToolCall)
        ]
        assert tab.texts(".nav-rows a[aria-current] b") == [f"#{number}"]
        tab.show(f"{number}/events")
        arrived = events(one)
        is_timed = bool(arrived) and arrived[-1].offset_ms is not None
        assert marks(tab) == (len(arrived) if is_timed else 0)
        assert tab.count(".event-rows .event") == min(len(arrived), tab.count(".event-rows .event"))
        assert bool(tab.count(".event-rows .event")) == bool(arrived)
    assert is_quiet(tab, html)


def test_arguments_are_laid_out(tmp_path: Path, tab: Tab) -> None:
    """A tool's arguments are a table; with numbers that JavaScript would change, text as sent."""
    call = {"index": 0, "id": "c1", "function": {"name": "add", "arguments": '{"a":"x","b":[1]}'}}
    big = {"index": 1, "function": {"name": "big", "arguments": '{"a":12345678901234567890}'}}
    cut = {"index": 2, "function": {"name": "cut", "arguments": '{"a":'}}
    said = sse([chunk(tool_calls=[call, big, cut])])
    tab.open(page_of(tmp_path, streamed(URL, {"messages": []}, said)))
    assert tab.texts(".call .fields th") == ["a", "b"]
    assert tab.texts(".call .fields td") == ["x", "[1]"]
    assert tab.texts(".call pre") == ['{\n  "a": 12345678901234567890\n}', '{"a":']


def test_images(tmp_path: Path, tab: Tab) -> None:
    """A PNG is a thumbnail that a button enlarges; an SVG and an address are only named."""
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(picture())}"}},
        {"type": "image_url", "image_url": {"url": f"data:image/svg+xml;base64,{b64(b'<svg/>')}"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    ]
    html = page_of(tmp_path, chat(("user", parts)))
    page = tab.open(html)
    assert page.locator("main img").count() == 1
    assert page.locator("main img").evaluate("image => image.naturalWidth") == 64
    assert tab.texts("p.media") == [
        "fileimage/svg+xml, 6 B",
        f"file{exchange(chat(('user', parts))).asked.messages[0].parts[2].media_type or 'media'}"
        ", https://example.com/x.png",
    ]
    page.get_by_role("button", name="Show the image larger").click()
    assert page.locator(".media button").get_attribute("aria-expanded") == "true"
    assert is_quiet(tab, html)


def test_json_is_laid_out(tmp_path: Path, tab: Tab) -> None:
    """Numbers and repeated keys stay as they were sent, brackets in strings are no brackets; what
    is no JSON is shown as it is."""
    body = rb'{"a":[],"b":{ },"c":"x{\"[,:","d":1e400,"d":[12345678901234567890,{"e":null}]}'
    html = page_of(tmp_path, interaction(URL, body, b'{"a":'), interaction(URL, b"[" * 5000, b"x"))
    page = tab.open(html, "0/request")
    laid_out = """{
  "a": [],
  "b": {},
  "c": "x{\\"[,:",
  "d": 1e400,
  "d": [
    12345678901234567890,
    {
      "e": null
    }
  ]
}"""
    assert tab.texts(".wire pre") == [laid_out]
    page.get_by_role("button", name="As sent").click()
    assert tab.texts(".wire pre") == [body.decode()]
    tab.show("0/response")
    assert tab.texts(".wire pre") == ['{"a":']
    tab.show("1/request")
    assert tab.texts(".wire pre") == ["[" * 5000]


TURNS = [
    chat(("system", "be brief"), ("user", "hi"), answer="hello you", temperature=1, n=2),
    chat(
        ("system", "be brief"),
        ("user", "hi"),
        ("assistant", "hello you"),
        ("user", "bye"),
        temperature=0.5,
        stop="x",
    ),
]


def test_what_a_turn_repeats(tmp_path: Path, tab: Tab) -> None:
    """Of a later turn only what is new stands open: three messages, one of them the answer to the
    turn before, are folded, and other settings are shown as they were and as they are."""
    page = tab.open(page_of(tmp_path, *TURNS), "1")
    assert tab.texts(".as-before summary") == ["3 messages as before (#0)"]
    assert tab.texts(".message.fresh .parts") == ["bye"]
    changes = tab.page.locator(".settings > .numbers tr").all()
    assert [change.locator("th, td").all_text_contents() for change in changes] == [
        ["Setting", "#0", "Now"],
        ["temperature", "1", "0.5"],
        ["stop", "not set", '"x"'],
        ["n", "2", "not set"],
    ]
    page.locator(".as-before summary").click()
    assert tab.texts(".as-before .parts") == ["be brief", "hi", "hello you"]
    tab.show("0")
    assert tab.count(".as-before, .fresh, .tag.new, .settings .numbers") == 0


def test_permalinks(tmp_path: Path, tab: Tab) -> None:
    """An address leads to an interaction, a message in a fold, an event."""
    html = page_of(tmp_path, *TURNS)
    page = tab.open(html, "1/messages/0")
    assert page.locator("#message-0").is_visible()
    assert tab.texts(".message.found .parts") == ["be brief"]
    tab.show("0/events/1")
    assert tab.texts(".event.current a") == ["1"]
    assert tab.texts(".detail h3") == ["Event 1"]
    assert tab.count(".notice") == 0
    assert is_quiet(tab, html)


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ("99", "1"),
        ("x", "0"),
        ("-1", "0"),
        ("1/nothing/3", "1"),
        ("0/events/3", "0/events"),
        ("0/messages/3", "0"),
        ("1/messages/77", "1"),
        ("0/request/1", "0/request"),
        ("0/events/1/2", "0/events/1"),
        ("%", "0"),
        ("//", "0"),
    ],
)
def test_addresses_that_lead_nowhere(wrong: str, shown: str, tmp_path: Path, tab: Tab) -> None:
    """The page says so, shows what is nearest, and its address becomes that of what it shows; the
    next address takes the notice away."""
    html = page_of(tmp_path, *TURNS)
    page = tab.open(html, wrong)
    assert tab.texts(".notice") == [f"There is no #{wrong} in here: this is #{shown}."]
    assert page.evaluate("location.hash") == f"#{shown}"
    assert tab.texts(".nav-rows a[aria-current] b") == [f"#{shown[0]}"]
    tab.show("1/events/1")
    assert tab.count(".notice") == 0
    tab.show(wrong)
    assert tab.texts(".notice") == [f"There is no #{wrong} in here: this is #{shown}."]
    assert page.get_by_role("status").text_content() == tab.texts(".notice")[0]
    assert is_quiet(tab, html)


def test_addresses_of_two(tmp_path: Path, tab: Tab) -> None:
    """A pair has neither views nor messages."""
    page_of(tmp_path, *TURNS)
    html = write_page(tmp_path / "two.html", tmp_path / "tape.yaml", tmp_path / "tape.yaml")
    page = tab.open(html)
    for wrong, shown in [("7", "1"), ("1/events/0", "1"), ("c/1", "0"), ("b/9/code", "b/1/code")]:
        tab.show(wrong)
        assert tab.texts(".notice") == [f"There is no #{wrong} in here: this is #{shown}."]
        assert page.evaluate("location.hash") == f"#{shown}"
    assert tab.alarms == []


def test_the_heading(tmp_path: Path, tab: Tab) -> None:
    """It tells the whole URL, so that no other scheme looks like a path of some host; what is
    unknown leaves no gap in the list."""
    urls = ("file:///etc/passwd", "javascript:alert(1)", f"{URL}?a=b#c")
    turns = (interaction(url, b"x", b"y") for url in urls)
    page = tab.open(page_of(tmp_path, *turns))
    for number, url in enumerate(urls):
        tab.show(f"{number}")
        assert tab.texts("main h2") == [f"#{number} POST {url}"]
        assert tab.count(f"a[href='{url}']") == 0
    first = page.locator(".nav-rows .line.small").first
    assert first.locator("span").all_text_contents() == ["640 ms"]
    separators = "row => [...row.children].map(e => getComputedStyle(e, '::before').content)"
    assert first.evaluate(separators) == ["none"]
    page.locator(".skip").press("Enter")
    assert page.locator("main:focus").count() == 1
    assert page.url.endswith("#2")
    assert tab.alarms == []


def test_nothing_in_it(tmp_path: Path, tab: Tab) -> None:
    """An empty cassette is a page that says so, alone and beside another."""
    empty = page_of(tmp_path)
    two = write_page(tmp_path / "two.html", tmp_path / "tape.yaml", tmp_path / "tape.yaml")
    for html in (empty, two):
        assert (
            tab.open(html).locator("main .note").text_content()
            == "There are no interactions in it."
        )
        tab.page.keyboard.press("j")
        tab.show("0/events/3")
    assert tab.alarms == []


def test_the_timeline(tmp_path: Path, tab: Tab) -> None:
    """Hover tells an event, a click selects it; the first token, the rate and the gap are named."""
    html = page_of(tmp_path, timed("one two three four", [60, 100, 900, 100]))
    page = tab.open(html, "0/events")
    label = page.locator(".timeline svg").get_attribute("aria-label")
    assert label == "4 events in 1.8 s, the first token after 700 ms, 1 gap"
    assert tab.texts(".gap text") == ["900 ms"]
    assert tab.texts(".first text") == ["first token 700 ms"]
    assert tab.texts(".stream > .facts dd")[0] == "2.73/s"  # three tokens after the first, in 1.1 s
    box = page.locator(".timeline svg").bounding_box()
    page.mouse.move(box["x"] + 10 + (box["width"] - 20) * 1700 / 1800, box["y"] + 60)
    page.get_by_text("2 1.7 s chat.completion.chunk three").wait_for()
    page.mouse.click(box["x"] + 10 + (box["width"] - 20) * 1700 / 1800, box["y"] + 60)
    page.wait_for_url("**#0/events/2")
    page.locator(".event.current a", has_text="2").wait_for()
    assert is_quiet(tab, html)


def test_times_are_unknown(tmp_path: Path, tab: Tab) -> None:
    """Without x-stream there is no timeline, and the page says why."""
    one = interaction(URL, {"messages": []}, b"".join(sse([chunk(content="x")])), content_type=SSE)
    page = tab.open(page_of(tmp_path, one), "0/events")
    assert "Times are unknown" in page.locator(".stream .note").first.text_content()
    assert tab.count(".timeline, .playback") == 0
    assert tab.count(".event-rows .event") == 1


def test_playback(tmp_path: Path, tab: Tab) -> None:
    """At each position of the slider stands the text that had come by then; at the end all of it,
    and a screen reader is told of the end only."""
    page = tab.open(page_of(tmp_path, timed("one two three four", [60, 100, 100, 100])), "0/events")
    slider = page.get_by_role("slider", name="Position")
    shown = page.locator(".growing")
    # headers after 640 ms and all after 1,000: a step of the slider is a millisecond
    for position, text in [
        (0, ""),
        (690, ""),
        (701, "one"),
        (801, "one two"),
        (999, "one two three"),
    ]:
        slider.evaluate("(element, at) => { element.value = at }", position)
        slider.dispatch_event("input")
        assert shown.text_content() == text, position
    slider.evaluate("e => { e.value = 0 }")
    slider.dispatch_event("input")
    page.get_by_label("Speed").select_option("16")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Played to the end, 4 events").wait_for(state="attached")
    assert shown.text_content() == "one two three four"
    assert page.locator(".playback [aria-live], .playback [role=status]").count() == 0
    assert tab.alarms == []


def test_playback_by_events(tmp_path: Path, tab: Tab) -> None:
    """It starts at the event that is chosen; on the slider the arrow keys step from event to
    event, also over those that came at once."""
    delays = [60, 100, 0, 100, 100]
    page = tab.open(page_of(tmp_path, timed("one two three four five", delays)), "0/events/1")
    shown = page.locator(".growing")
    assert shown.text_content() == "one two three"
    slider = page.get_by_role("slider", name="Position")
    for key, text in [
        ("ArrowRight", "one two three four"),
        ("ArrowUp", "one two three four five"),
        ("ArrowUp", "one two three four five"),
        ("ArrowLeft", "one two three four"),
        ("ArrowDown", "one two three"),
        ("ArrowLeft", "one"),
        ("ArrowLeft", ""),
        ("ArrowLeft", ""),
        ("ArrowRight", "one"),
    ]:
        slider.press(key)
        assert shown.text_content() == text, key
    tab.show("0/events/3")
    assert shown.text_content() == "one two three four"
    page.keyboard.press("p")
    page.get_by_text("Played to the end, 5 events").wait_for(state="attached")
    assert tab.alarms == []


def test_the_table_follows_the_playback(tmp_path: Path, tab: Tab) -> None:
    """Table, detail and timeline show the event that is played; where it stays, by itself or by the
    slider, becomes the address, so that the next step goes on from there."""
    delays = [60, 0, *[100] * 98]
    page = tab.open(page_of(tmp_path, timed("word " * 100, delays)), "0/events/0")
    assert tab.texts(".detail h3") == ["Event 0"]
    page.get_by_label("Speed").select_option("16")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Played to the end, 100 events").wait_for(state="attached")
    assert tab.texts(".event.current a") == ["99"]
    assert tab.texts(".detail h3") == ["Event 99"]
    assert page.evaluate("location.hash") == "#0/events/99"
    assert page.locator(".event.current").is_visible()
    page.keyboard.press("[")
    page.locator(".detail h3", has_text="Event 98").wait_for()
    page.get_by_role("slider", name="Position").press("ArrowLeft")
    assert tab.texts(".event.current a, .detail h3") == ["97", "Event 97"]
    assert page.evaluate("location.hash") == "#0/events/97"
    page.get_by_role("button", name="Play").click()
    tab.show("0/request")
    page.get_by_text("Headers").first.wait_for()
    assert page.evaluate("new Promise(requestAnimationFrame).then(() => location.hash)") == (
        "#0/request"
    )
    assert tab.alarms == []


@pytest.mark.parametrize("total", [1000, 1400, 2000, 60_000])
def test_the_axis_is_not_cut_off(total: int, tmp_path: Path, tab: Tab) -> None:
    """Every label of the axis is seen whole, also one at the very end."""
    page = tab.open(page_of(tmp_path, timed("one two", [0, total - 640])), "0/events")
    for width in (1200, 900, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            """() => {
                const box = document.querySelector(".timeline").getBoundingClientRect();
                const labels = [...document.querySelectorAll(".tick text")];
                const edges = labels.map(label => label.getBoundingClientRect());
                return labels.length > 1
                    && edges.every(({ left, right }) => left >= box.left && right <= box.right);
            }"""
        )


def test_search(tmp_path: Path, tab: Tab) -> None:
    """Found are messages, headers and events, whatever the case; a hit leads to its place."""
    html = page_of(tmp_path, *TURNS)
    page = tab.open(html)
    page.get_by_role("searchbox").fill("BYE")
    page.get_by_text("2 places").first.wait_for()
    assert tab.texts(".hit b") == ["#1 message 3", "#1 request body"]
    page.get_by_role("searchbox").fill("text/event-stream")
    page.locator(".hit", has_text="response header").first.wait_for()
    page.get_by_role("searchbox").fill('content":" you')
    page.get_by_text("1 place", exact=True).first.wait_for()
    assert tab.texts(".hit b") == ["#0 event 1"]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**#0/events/1")
    assert page.locator("#hits").is_hidden()
    page.get_by_role("searchbox").fill("(no such)[*")
    page.get_by_text("0 places").first.wait_for()
    assert is_quiet(tab, html)


def test_search_for_a_status(tmp_path: Path, tab: Tab) -> None:
    """The code, what it is called, and the API's name are found where they are shown."""
    limited = interaction(URL, {"messages": []}, b"{}", status="429 Too Many Requests")
    page = tab.open(page_of(tmp_path, *TURNS, limited))
    for wanted, expected in [
        ("429", ["#2 status"]),
        ("too many requests", ["#2 status"]),
        ("200 ok", ["#0 status", "#1 status"]),
        (exchange(limited).dialect, ["#0 API", "#1 API", "#2 API"]),
    ]:
        page.get_by_role("searchbox").fill(wanted)
        page.get_by_role("searchbox").press("Enter")
        assert tab.texts(".hit b") == expected, wanted
    page.get_by_role("searchbox").fill("429")
    page.get_by_role("searchbox").press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**#2")
    page.wait_for_function(IS_CHOSEN, arg="429")
    assert chosen(tab) == ("429", True)
    assert tab.alarms == []


IS_CHOSEN = """wanted => {
    const [range] = CSS.highlights.get("chosen") ?? [new Range()];
    const { top, bottom } = range.getBoundingClientRect();
    return range.toString() === wanted && 52 < top && top < bottom && bottom < 800;
}"""


def chosen(tab: Tab) -> tuple[str, bool]:
    """The text that is marked as the hit, and whether it is in sight."""
    text, top, bottom = tab.page.evaluate(
        """() => {
            const [range] = CSS.highlights.get("chosen") ?? [new Range()];
            const { top, bottom } = range.getBoundingClientRect();
            return [range.toString(), top, bottom];
        }"""
    )
    return text, 52 < top < bottom < 800


LONG = "lorem ipsum " * 8000


@pytest.mark.parametrize(
    ("asked", "said", "place"),
    [
        (f"{LONG} needle {LONG}", "ok", "0/messages/0"),
        (f"{LONG} needle {LONG}"[60_000:130_000], "ok", "0/messages/0"),
        ("a needle, and a NEEDLE", "ok", "0/messages/0"),
        ("hi", f"{LONG} needle", "0/messages/1"),
    ],
    ids=["not shown yet", "shown, far below", "short", "answer"],
)
def test_a_hit_is_brought_into_sight(
    asked: str, said: str, place: str, tmp_path: Path, tab: Tab
) -> None:
    """In a message of many screens the word that was looked for is in sight and marked, the first
    time and again."""
    page = tab.open(page_of(tmp_path, chat(("user", asked), answer=said)))
    for _ in "12":
        page.get_by_role("searchbox").fill("Needle")
        page.get_by_role("searchbox").press("Enter")
        page.locator(".hit", has_text="message").first.locator("a").click()
        page.wait_for_url(f"**#{place}")
        page.wait_for_function(IS_CHOSEN, arg="needle")
        assert chosen(tab) == ("needle", True)
        page.locator("main").evaluate("main => { main.scrollTop = 0 }")
    page.keyboard.press("Escape")
    assert chosen(tab)[0] == ""
    assert tab.alarms == []


def test_a_hit_in_a_fold(tmp_path: Path, tab: Tab) -> None:
    """Thinking and settings are folded, and are unfolded for what is found in them."""
    said = sse([chunk(reasoning_content="a needle"), chunk(content="ok")])
    one = streamed(URL, {"model": "gpt-5", "messages": [], "stop": "pin"}, said)
    page = tab.open(page_of(tmp_path, one))
    for wanted, where in [("needle", "message 0"), ("pin", "settings")]:
        page.get_by_role("searchbox").fill(wanted)
        page.get_by_role("searchbox").press("Enter")
        page.locator(".hit", has_text=where).first.locator("a").click()
        page.wait_for_function(IS_CHOSEN, arg=wanted)
        assert chosen(tab) == (wanted, True)
    assert tab.alarms == []


def test_keyboard(tmp_path: Path, tab: Tab) -> None:
    """Everything can be reached without a mouse, and the keys of the help do what it says."""
    html = page_of(tmp_path, *TURNS)
    page = tab.open(html)
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Skip to the interaction"
    page.keyboard.press("j")
    page.wait_for_url("**#1")
    page.locator("h2:focus").wait_for()
    page.keyboard.press("k")
    page.wait_for_url("**#0")
    page.keyboard.press("2")
    page.wait_for_url("**#0/events")
    page.keyboard.press("]")
    page.wait_for_url("**#0/events/0")
    page.keyboard.press("]")
    page.wait_for_url("**#0/events/1")
    page.keyboard.press("[")
    page.wait_for_url("**#0/events/0")
    page.keyboard.press("/")
    page.keyboard.type("j")
    assert page.get_by_role("searchbox").input_value() == "j"
    page.keyboard.press("Escape")
    page.locator(".event-rows a[tabindex='0']").focus()
    page.keyboard.press("End")
    assert page.locator(":focus").text_content() == "2"
    page.keyboard.press("Enter")
    page.wait_for_url("**#0/events/2")
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.get_by_label("Single keys do this").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.url.endswith("#0/events/2")
    assert is_quiet(tab, html)


def test_colours(tmp_path: Path, tab: Tab) -> None:
    """The switch goes round; by itself the page follows the system."""
    page = tab.open(page_of(tmp_path, *TURNS))
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(ground)
    assert light != dark
    switch = page.get_by_role("button", name="Theme")
    for said, colour in [("light", light), ("dark", dark), ("auto", dark)]:
        switch.click()
        assert switch.text_content() == f"Theme: {said}"
        assert page.evaluate(ground) == colour


def test_print(tmp_path: Path, tab: Tab) -> None:
    """Paper gets the conversation, dark on white, and no controls."""
    page = tab.open(page_of(tmp_path, *TURNS))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("#interactions", "#search", ".tabs", "#theme"):
        assert page.locator(hidden).is_hidden()
    assert page.locator(".answer").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).overflowY") == "visible"


ON_PAPER = """() => {
    window.printed = [];
    for (const name of ["beforeprint", "afterprint"])
        addEventListener(name, () => printed.push([
            document.querySelectorAll(".event-rows .event").length,
            document.querySelector(".unprinted").textContent,
        ]));
}"""


@pytest.mark.parametrize(
    ("length", "rows", "said"), [(120, 120, ""), (501, 500, "Not printed: 1 more event.")]
)
def test_printed_events(length: int, rows: int, said: str, tmp_path: Path, tab: Tab) -> None:
    """Paper gets every event, of very many the first and how many more there are, although only
    those in sight are in the document before and after."""
    page = tab.open(page_of(tmp_path, timed("word " * length, [5] * length)), "0/events/3")
    on_screen = tab.count(".event-rows .event")
    page.evaluate(ON_PAPER)
    page.pdf(path=tmp_path / "x.pdf")
    assert on_screen < 60
    assert page.evaluate("printed") == [[rows, said], [on_screen, ""]]
    assert tab.texts(".event.current a") == ["3"]
    assert tab.alarms == []


def test_the_shape_of_paper(tmp_path: Path, tab: Tab) -> None:
    """The timeline, which was drawn for the screen, is as wide as the paper at most, and no event
    of a printed table is cut off by its frame."""
    page = tab.open(page_of(tmp_path, timed("word " * 80, [5] * 80)), "0/events")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.locator(".timeline svg").evaluate("picture => picture.setAttribute('width', 5000)")
    inside = """([outer, inner]) => {
        const [box, last] = [outer, inner].map(one => {
            const all = document.querySelectorAll(one);
            return all[all.length - 1].getBoundingClientRect();
        });
        return last.right <= box.right && last.bottom <= box.bottom && last.height > 20;
    }"""
    assert page.evaluate(inside, [".timeline", ".timeline svg"])
    assert page.evaluate(inside, [".table", ".event-rows .event"])
    assert tab.texts(".event-rows .event a") == [str(place) for place in range(80)]


@pytest.mark.parametrize("width", [390, 768])
def test_narrow(width: int, tmp_path: Path, tab: Tab) -> None:
    """Nothing makes the page scroll sideways, and the list is behind a button."""
    html = write_page(tmp_path / "x.html", CHAT)
    two = write_page(tmp_path / "two.html", CHAT, SEEDS[0])
    evil = page_of(tmp_path, hostile())
    tab.page.set_viewport_size({"width": width, "height": 800})
    for file, places in [(html, [f"0{view}" for view in VIEWS]), (two, ["0", "1"]), (evil, ["0"])]:
        for place in places:
            tab.open(file, place)
            sizes = "[document.documentElement, document.querySelector('main')]"
            assert tab.page.evaluate(f"{sizes}.map(e => e.scrollWidth - e.clientWidth)") == [0, 0]
    tab.open(html)
    for seen in ("h1", "#help-open", "#theme", "#search", "#menu"):
        box = tab.page.locator(seen).bounding_box()
        assert box["width"] > 40, seen
        assert 0 <= box["x"] < box["x"] + box["width"] <= width, seen
    tab.page.get_by_role("button", name="Keys").click()
    assert tab.page.get_by_role("dialog", name="Keys").is_visible()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("searchbox").fill("florence")
    tab.page.locator(".hit").first.wait_for()
    box = tab.page.locator("#hits").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#interactions").is_hidden()
    tab.page.get_by_role("button", name="Interactions").click()
    tab.page.locator(".nav-rows a").nth(1).click()
    tab.page.wait_for_url("**#1")
    tab.page.locator("#interactions").wait_for(state="hidden")


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", ["color-contrast"])])
def test_accessible(scheme: str, rules: list[str] | None, tmp_path: Path, tab: Tab) -> None:
    """axe finds nothing: names, roles, order of headings, and contrast in both colours."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    html = write_page(tmp_path / "x.html", CHAT)
    two = write_page(tmp_path / "two.html", SEEDS[0], SEEDS[1])
    site = write_site(tmp_path / "site", SEEDS, root=SEEDS[0].parent)
    places = [(html, f"0{view}") for view in VIEWS] + [(html, "1"), (two, "0"), (site.index, "")]
    tab.page.emulate_media(color_scheme=scheme)
    for file, place in places:
        page = tab.open(file, place)
        page.reload()
        if file == html and place == "0":
            page.keyboard.press("?")
        found = axe.run(page, options={"runOnly": rules} if rules else None)
        assert found.response["violations"] == [], (place, found.generate_report())


def hostile() -> ck.Interaction:
    """An exchange that tries to be markup, script and terminal in each of its fields."""
    call = {"id": EVIL, "function": {"name": EVIL, "arguments": json.dumps({EVIL: EVIL})}}
    parts = [
        {"type": "text", "text": EVIL},
        {"type": EVIL, EVIL: EVIL},
        {"type": "image_url", "image_url": {"url": f"data:image/png{EVIL};base64,{b64(b'x')}"}},
        {"type": "image_url", "image_url": {"url": "javascript:window.hacked=1"}},
        {"type": "image_url", "image_url": {"url": f"data:text/html,{EVIL}"}},
    ]
    asked = {
        "model": EVIL,
        EVIL: EVIL,
        "tools": [{"type": "function", "function": {"name": EVIL, "description": EVIL}}],
        "messages": [
            {"role": EVIL, "content": EVIL},
            {"role": "user", "content": parts},
            {"role": "assistant", "content": EVIL, "tool_calls": [call], "reasoning": EVIL},
            {"role": "tool", "tool_call_id": EVIL, "content": EVIL},
        ],
    }
    said = [
        chunk(content=EVIL, reasoning_content=EVIL),
        chunk(tool_calls=[{"index": 0, **call}]) | {"model": EVIL, EVIL: EVIL},
        {"choices": [{"delta": {}, "finish_reason": EVIL}], "error": {"message": EVIL}},
        f"event: {one_line(EVIL)}\ndata: {one_line(EVIL)}",
    ]
    body = b"".join(sse(said))
    safe = EVIL.replace("\u2028", "")
    headers = Headers([("Content-Type", SSE), (safe, safe), ("X-Link", "javascript:alert(1)")])
    return ck.Interaction(
        Request(safe, f"https://{safe}/{safe}", headers, json.dumps(asked).encode(), host=safe),
        Response(
            200,
            headers,
            body,
            status=f"200 {safe}",
            duration_ns=10**15,
            stream=Stream("client_closed", ((0, 10), (10**17, len(body) - 10))),
        ),
    )


def test_nothing_runs(tmp_path: Path, tab: Tab) -> None:
    """Whatever a cassette holds is text: no script, handler or link of its runs or loads, its
    control characters are spelt out, and every view still works."""
    odd = interaction(
        URL, {"messages": 3, "model": [EVIL]}, EVIL.encode(), status="500 " + "x" * 50
    )
    binary = interaction("javascript:window.hacked=1", b"\0\xff" * 40, b"\xfe" + EVIL.encode())
    path = tmp_path / "<img src=x onerror=alert(1)>\u202e.yaml"
    ck.dump(ck.Cassette((hostile(), odd, binary)), path)
    html = write_page(tmp_path / "x.html", path)
    page = tab.open(html)
    for number in range(3):
        for view in VIEWS:
            tab.show(f"{number}{view}")
            unfold(tab)
        tab.show(f"{number}/events/1")
    page.get_by_role("searchbox").fill("<script>")
    page.locator(".hit").first.wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main :is(a[href^='javascript'], iframe, object, embed)").count() == 0
    assert page.locator("main img").count() == 0
    shown = page.locator("body").text_content()
    assert not re.search(
        "[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", page.locator("main").text_content()
    )
    assert "\\u202e" in shown
    assert page.title() == "<img src=x onerror=alert(1)>\\u202e.yaml"
    assert is_quiet(tab, html)


def test_nothing_runs_in_two_or_an_index(tmp_path: Path, tab: Tab) -> None:
    """The same beside another recording, and in the list of a folder."""
    folder = tmp_path / "<b>folder"
    folder.mkdir()
    for name in ("<script>alert(1)<", "b"):
        ck.dump(ck.Cassette((hostile(), *TURNS)), folder / f"{name}.yaml")
    (folder / "broken<i>.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: <s>\n")
    files = sorted(folder.glob("*.yaml"))
    two = write_page(tmp_path / "two.html", files[0], files[1])
    for place in ("0", "1", "a/0", "b/0/events/2"):
        tab.open(two, place)
    assert is_quiet(tab, two)
    tab.requests.clear()
    site = write_site(tmp_path / "site", files, root=folder)
    index = site.index
    page = tab.open(index)
    assert len(site.errors) == 1
    assert page.locator("tbody tr").count() == 3
    assert page.locator("b, i, s, img, script:not([type=module])").count() == 0
    assert is_quiet(tab, index)
    page.locator("tbody a").first.click()
    page.locator("main h2").wait_for()
    assert page.evaluate("window.hacked") is None
    page.get_by_role("link", name="All cassettes").click()
    page.locator("table.cassettes").wait_for()
    assert tab.alarms == []


def test_the_index(tmp_path: Path, tab: Tab) -> None:
    """A failure inside a cassette is seen in the list; rows are sorted and filtered, with the
    keyboard, too, and what cannot be sorted stands at the end."""
    limited = interaction(URL, {"messages": []}, b"{}", status="429 Too Many Requests")
    tapes = {"a": TURNS, "b": [limited, limited, *TURNS, TURNS[0]], "c": [TURNS[0]]}
    (tmp_path / "tapes").mkdir()
    for name, interactions in tapes.items():
        ck.dump(ck.Cassette(tuple(interactions)), tmp_path / "tapes" / f"{name}.yaml")
    (tmp_path / "tapes" / "0.yaml").write_text("---\nversion: 2\n")
    files = sorted((tmp_path / "tapes").glob("*.yaml"))
    site = write_site(tmp_path / "site", files, root=tmp_path / "tapes")
    page = tab.open(site.index)
    names = "tbody tr:not([hidden]) th"
    assert tab.texts("td .bad") == ["429 \u00d72"]
    assert tab.texts("thead [aria-sort=ascending]") == ["File"]
    assert tab.texts("td time") == ["2026-11-21"] * 3
    for head, expected in [
        ("Interactions", ["b.yaml", "a.yaml", "c.yaml", "0.yaml"]),
        ("Interactions", ["c.yaml", "a.yaml", "b.yaml", "0.yaml"]),
        ("Status", ["0.yaml", "b.yaml", "c.yaml", "a.yaml"]),
        ("File", ["0.yaml", "a.yaml", "b.yaml", "c.yaml"]),
    ]:
        page.get_by_role("button", name=head).focus()
        page.keyboard.press("Enter")
        assert tab.texts(names) == expected, head
    assert page.locator("thead [aria-sort]").count() == 1
    page.keyboard.press("/")
    page.keyboard.type("GPT-5 429")
    assert tab.texts(names) == ["b.yaml"]
    assert page.get_by_role("status").text_content() == "1 of 4 cassettes"
    page.keyboard.press("Escape")
    assert len(tab.texts(names)) == 4
    assert is_quiet(tab, site.index)


def test_the_policy(tmp_path: Path, tab: Tab) -> None:
    """Should a string ever reach the document as markup, the browser refuses it; so it does a
    script without the page's own hash, and any address."""
    page = tab.open(page_of(tmp_path, *TURNS))
    for attempt in (
        "document.body.innerHTML = '<b>made</b>'",
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
    ):
        assert (
            page.evaluate(
                f"() => {{ try {{ {attempt}; return 'made' }} catch (e) {{ return e.name }} }}"
            )
            == "TypeError"
        )
    blocked = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
            document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}));
        })"""
    )
    assert blocked == "img-src"


def long_fields() -> ck.Interaction:
    """Names without end wherever one can stand."""
    name = "n" * 300_000
    call = {"index": 0, "id": name, "function": {"name": name, "arguments": "{}"}}
    said = sse([chunk(tool_calls=[call]), f"event: {name}\ndata: {{}}"])
    return streamed(f"{URL}?{name}", {"model": name, "messages": [], name: 1}, said)


PARAGRAPH = "lorem ipsum dolor sit amet " * 30


@pytest.mark.parametrize(
    "interactions",
    [
        [chat(("user", f"{n} {PARAGRAPH}"), answer=PARAGRAPH) for n in range(60)] * 5,
        [chat(("user", "go"), answer="word " * 10_000)],
        [chat(*[("user", f"{n} {PARAGRAPH}") for n in range(5000)])],
        [interaction(URL, {"messages": [], "x": "y" * 5_000_000}, b"z " * 2_000_000)],
        [long_fields()],
    ],
    ids=["interactions", "events", "messages", "bodies", "names"],
)
def test_large(interactions: list[ck.Interaction], tmp_path: Path, tab: Tab) -> None:
    """Of five megabytes only what is in sight is in the document, whatever they consist of."""
    html = page_of(tmp_path, *interactions)
    tab.open(html)
    for view in VIEWS:
        tab.show(f"0{view}")
        assert tab.page.evaluate("document.querySelectorAll('*').length") < 4000, view
        assert len(tab.page.locator("main").text_content()) < 1_000_000, view
    if len(interactions) > 1:
        tab.show(f"{len(interactions) - 1}")
        assert tab.texts(".nav-rows a[aria-current] b") == [f"#{len(interactions) - 1}"]
    if len(events(interactions[0])) > 1000:
        tab.show("0/events/9000")
        assert tab.texts(".event.current a") == ["9000"]
        assert marks(tab) == len(events(interactions[0]))
    assert is_quiet(tab, html)


def test_two_recordings(tmp_path: Path, tab: Tab) -> None:
    """Pairs stand beside each other: the words that differ are marked, numbers compared, what both
    have is folded, and what only one has is said so. What was said comes before how fast."""
    before, after = tmp_path / "a.yaml", tmp_path / "b.yaml"
    old = chat(("user", "hi"), answer="It is warm today", temperature=1)
    new = chat(("user", "hi"), answer="It is cold today", temperature=0)
    said = replace(new.response, body=new.response.body.replace(b"gpt-5", b"glm-4"))
    new = replace(new, response=said)
    ck.dump(ck.Cassette((old, TURNS[1])), before)
    ck.dump(ck.Cassette((new,)), after)
    html = write_page(tmp_path / "two.html", before, after)
    page = tab.open(html)
    assert tab.texts(".beside .answer mark, .beside mark") == ["warm", "cold"]
    assert tab.texts(".as-before summary") == ["1 message in both"] * 2
    assert tab.count(".timeline") == 2
    assert "temperature10" in tab.texts(".numbers tbody tr")
    assert tab.texts("main h3") == ["Answer", "Settings that differ", "Request", "Timing and usage"]
    assert tab.texts(".nav-rows .models span") == ["gpt-5", "glm-4", "gpt-5"]
    assert page.locator(".headline b").text_content() == "request and answer differ"
    tab.show("1")
    assert page.locator(".headline b").text_content() == "only in A"
    page.get_by_role("link", name="A #1 alone").click()
    page.wait_for_url("**#a/1")
    page.get_by_role("heading", name="A #1 ").wait_for()
    page.get_by_role("link", name="Back to both recordings").click()
    page.wait_for_url("**#1")
    assert is_quiet(tab, html)


def test_marked_words(tmp_path: Path, tab: Tab) -> None:
    """Each answer is shown whole; without the marked words both are equal, whatever they say."""
    words = Random(7)
    said = [
        ["".join(words.choices("a b-\n", k=40)).strip() or "a" for _ in "12"] for _ in range(12)
    ]
    sides = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for side, path in enumerate(sides):
        turns = [chat(("user", str(at)), answer=texts[side]) for at, texts in enumerate(said)]
        ck.dump(ck.Cassette(tuple(turns)), path)
    tab.open(write_page(tmp_path / "two.html", *sides))
    shown = ".beside .message.assistant .parts"
    for at, texts in enumerate(said):
        tab.show(str(at))
        assert tab.texts(shown) == texts
        tab.page.evaluate("document.querySelectorAll('main mark').forEach(mark => mark.remove())")
        left, right = tab.texts(shown)
        assert left == right
    assert tab.alarms == []


def code_of(tab: Tab, place: str, label: str) -> str:
    """What the button copies."""
    tab.show(f"{place}/code")
    tab.page.evaluate(
        "() => { navigator.clipboard.writeText = async text => { window.taken = text } }"
    )
    tab.page.get_by_role("button", name=label).click()
    return str(tab.page.evaluate("window.taken"))


CURL = f"""#!{sys.executable}
import base64, json, sys
piped = base64.b64encode(sys.stdin.buffer.read()).decode()
json.dump([sys.argv[1:], piped], open(__file__ + ".json", "w"))
"""


def run_with_curl(command: str, folder: Path) -> tuple[list[str], bytes]:
    """The options and the input that a shell gives to a program called curl."""
    (folder / "curl").write_text(CURL)
    (folder / "curl").chmod(0o755)
    environ = {"PATH": f"{folder}:/usr/bin:/bin", "API_KEY": "k3y", "LC_ALL": "C.UTF-8"}
    (folder / "command").write_text(command)
    shell = ["bash", "--norc", str(folder / "command")]
    done = subprocess.run(shell, env=environ, input=b"", capture_output=True, check=True)
    assert done.stdout + done.stderr == b""
    options, piped = json.loads((folder / "curl.json").read_text())
    return options, base64.b64decode(piped)


BODIES = {
    "text": b'{"model": "gpt-5", "note": "it\'s $HOME `id` \\\\ !!"}',
    "lines": '{\n\t"a": "ü \u202e \U000e0041"\r\n}'.encode(),
    "paste": b"\x1b[201~rm -rf /\n@/etc/passwd",
    "binary": bytes(range(256)),
    "large": b'{"x": "%s"}' % (b"END\n" * 60_000),
    "empty": b"",
}


@pytest.mark.parametrize("name", BODIES)
def test_commands(
    name: str,
    tmp_path: Path,
    tab: Tab,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A shell and Python send what was recorded, byte for byte, and run nothing of it."""
    headers = Headers([("Content-Type", "text/x-$(id)'"), ("X-Evil\n-o", "x"), ("Host", "other")])
    sent = Request("POST", "https://api.anthropic.com/v1?a=[1-3]&b='", headers, BODIES[name])
    html = page_of(tmp_path, ck.Interaction(sent, Response(200, body=b"played")))
    tab.open(html)
    shell = code_of(tab, "0", "Copy as curl")
    assert not re.search("[\x00-\x08\x1b\u202e\U000e0041]", shell)
    options, piped = run_with_curl(shell, tmp_path)
    sent_url = ["--globoff", "--no-buffer", "-X", "POST", "--url", sent.url]
    sent_headers = ["-H", "x-api-key: k3y", "-H", "Content-Type: text/x-$(id)'"]
    assert options[:10] == [*sent_url, *sent_headers]
    body = BODIES[name]
    assert {"--data-raw": options[-1].encode(), "--data-binary": piped}.get(
        "".join(options[10:11]), b""
    ) == body

    monkeypatch.setenv("API_KEY", "k3y")
    program = code_of(tab, "0", "Copy as Python")
    with ck.use_cassette(tmp_path / "tape.yaml", mode="replay") as tape:
        exec(program, {})
    assert capsys.readouterr().out == "played"
    assert tape.requests[0].body == BODIES[name]


Sent = tuple[str, str, dict[str, str], bytes]


@pytest.fixture
def server() -> Iterator[tuple[str, list[Sent]]]:
    """A server's address, and what it was sent: method, target, headers, body."""
    seen: list[Sent] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append((self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_POST = answer  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{listening.server_port}", seen
        listening.shutdown()
        thread.join()


FORM = "application/x-www-form-urlencoded"
KEYS: dict[str, tuple[str, dict[str, str], bytes]] = {
    "nowhere": ("/v1", {}, b"x"),
    "bearer": ("/v1", {"authorization": "REDACTED"}, b"x"),
    "scheme": ("/v1", {"authorization": "Token REDACTED"}, b"x"),
    "header": ("/v1", {"x-token": "REDACTED"}, b"x"),
    "inside": ("/v1", {"cookie": "a=REDACTED$(id); b=REDACTEDz"}, b"x"),
    "query": ("/v1?key=REDACTED&alt=sse&x='", {}, b"x"),
    "last": ("/v1?alt=sse&api_key=REDACTED", {}, b""),
    "no value": ("/v1?REDACTED&a=REDACTEDb&REDACTED=c", {}, b"x"),
    "form": ("/v1", {"content-type": FORM}, b"a=b&api_key=REDACTED&c=it's"),
    "no form": ("/v1", {"content-type": "text/plain"}, b"api_key=REDACTED"),
    "empty header": ("/v1", {"x-empty": ""}, b"x"),
}


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("name", KEYS)
def test_where_the_key_goes(
    name: str,
    server: tuple[str, list[Sent]],
    tmp_path: Path,
    tab: Tab,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stood in a cassette as REDACTED is sent as the key, at its place and at no other; only
    where none stood, a header is added. No header comes that was not recorded."""
    path, headers, body = KEYS[name]
    host, seen = server
    method = "POST" if body else "GET"
    url = f"http://{host}{path}"
    sent = Request(method, url, Headers([*headers.items()]), body)
    tab.open(page_of(tmp_path, ck.Interaction(sent, Response(200))))
    monkeypatch.setenv("API_KEY", "k3y")
    (tmp_path / "command").write_text(code_of(tab, "0", "Copy as curl"))
    subprocess.run(["bash", "--norc", str(tmp_path / "command")], check=True, capture_output=True)
    exec(code_of(tab, "0", "Copy as Python"), {})
    places = (r"(?<==)REDACTED(?=&|$)", r"REDACTED")
    expected = {key: re.sub(places[1], "k3y", value) for key, value in headers.items()}
    if name in ("nowhere", "bearer", "no value", "no form", "empty header"):
        expected["authorization"] = "Bearer k3y"
    key_body = body.replace(b"REDACTED", b"k3y") if name == "form" else body
    assert len(seen) == 2
    for one in seen:
        assert one[:2] == (method, re.sub(places[0], "k3y", path))
        own = {"host", "accept", "user-agent", "content-length", "connection", "accept-encoding"}
        assert {key: value for key, value in one[2].items() if key not in own} == expected
        assert one[3] == key_body


MESSAGES = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
CONTENTS = {"contents": [{"parts": [{"text": "hi"}]}]}
GENERATE = "models/gemini-2.5-flash:generateContent"


@pytest.mark.parametrize(
    ("url", "body", "header"),
    [
        ("https://api.anthropic.com/v1/messages", MESSAGES, "x-api-key: k3y"),
        ("http://localhost:4000/v1/messages", MESSAGES, "x-api-key: k3y"),
        ("https://gateway.example/anthropic/v1/messages", MESSAGES, "x-api-key: k3y"),
        (f"http://127.0.0.1:8080/v1beta/{GENERATE}", CONTENTS, "x-goog-api-key: k3y"),
        (f"https://aiplatform.googleapis.com/v1/{GENERATE}", CONTENTS, "Authorization: Bearer k3y"),
        (
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/claude/invoke",
            MESSAGES,
            "Authorization: Bearer k3y",
        ),
        ("http://localhost:4000/v1/chat/completions", MESSAGES, "Authorization: Bearer k3y"),
        ("https://x.openai.azure.com/openai/v1/chat/completions", MESSAGES, "api-key: k3y"),
    ],
)
def test_the_header_of_the_key(
    url: str, body: dict[str, Any], header: str, tmp_path: Path, tab: Tab
) -> None:
    """At a host that is not known, as that of a gateway, it is the one of the API."""
    tab.open(page_of(tmp_path, interaction(url, body)))
    options, _ = run_with_curl(code_of(tab, "0", "Copy as curl"), tmp_path)
    assert options[options.index("-H") + 1] == header


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_other_places_of_a_key(
    server: tuple[str, list[Sent]], tmp_path: Path, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """User names in URLs are redacted whole: both programs make basic authentication of the key.
    curl waits for no body after HEAD."""
    host, seen = server
    sent = Request("HEAD", f"http://REDACTED@{host}/v1", Headers([]))
    tab.open(page_of(tmp_path, ck.Interaction(sent, Response(200))))
    monkeypatch.setenv("API_KEY", "k3y:pass")
    command = code_of(tab, "0", "Copy as curl")
    assert "--head" in command
    (tmp_path / "command").write_text(command)
    done = subprocess.run(
        ["bash", "--norc", str(tmp_path / "command")], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("HTTP/1.0 200")
    exec(code_of(tab, "0", "Copy as Python"), {})
    basic = f"Basic {b64(b'k3y:pass')}"
    assert [(one[0], one[2]["authorization"]) for one in seen] == [("HEAD", basic)] * 2

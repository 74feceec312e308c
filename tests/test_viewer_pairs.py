"""Two recordings in one page: what counts as the same, and where the page shows what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conversations import interaction

import cassette_kit as ck
from cassette_kit.comparison import compare
from cassette_kit.viewer import write_page

if TYPE_CHECKING:
    from browser import Tab

pytest_plugins = ["browser"]

OPENAI = "https://api.openai.com/v1/chat/completions"
ANTHROPIC = "https://api.anthropic.com/v1/messages"
HI = {"role": "user", "content": "hi"}


def openai(url: str = OPENAI, *, said: object = None, **more: object) -> ck.Interaction:
    """An exchange whose answer is "ok", or the message that is given."""
    choice = {"message": said or {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}
    answer = {"object": "chat.completion", "model": "gpt-5", "choices": [choice]}
    return interaction(url, {"model": "gpt-5", "messages": [HI], **more}, answer)


def anthropic(*thoughts: str, **more: object) -> ck.Interaction:
    parts = [{"type": "thinking", "thinking": thought} for thought in thoughts]
    said = {"role": "assistant", "content": [*parts, {"type": "text", "text": "ok"}]}
    answer = {"type": "message", "model": "claude", **said, "stop_reason": "end_turn"}
    return interaction(ANTHROPIC, {"model": "claude", "messages": [HI], **more}, answer)


def tool(name: str, description: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description}}


def image(detail: str) -> list[dict[str, Any]]:
    url = {"url": "https://example.com/x.png", "detail": detail}
    return [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]


def called(arguments: object) -> dict[str, Any]:
    function = {"name": "look", "arguments": json.dumps(arguments)}
    call = {"id": "call_12345678", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def two(tab: Tab, folder: Path, left: ck.Interaction, right: ck.Interaction) -> Any:
    """The page about two recordings of one interaction each."""
    paths = folder / "a.yaml", folder / "b.yaml"
    for path, one in zip(paths, (left, right), strict=True):
        ck.dump(ck.Cassette((one,)), path)
    return tab.open(write_page(folder / "two.html", *paths))


SAME = "same"
REQUEST = "request differs"
ANSWER = "answer differs"
CHANGES: dict[str, tuple[ck.Interaction, ck.Interaction, str]] = {
    "nothing": (openai(), openai(), SAME),
    "an id": (openai(user_id="user_123456"), openai(user_id="user_654321"), SAME),
    "order of keys": (openai(a=1, b=2), openai(b=2, a=1), SAME),
    "tool": (openai(tools=[tool("f", "one")]), openai(tools=[tool("f", "two")]), REQUEST),
    "query": (openai(), openai(f"{OPENAI}?beta=1"), REQUEST),
    "host": (openai(), openai("https://example.com/v1/chat/completions"), REQUEST),
    "role": (
        openai(messages=[{"role": "system", "content": "x"}]),
        openai(messages=[{"role": "developer", "content": "x"}]),
        REQUEST,
    ),
    "name": (openai(messages=[HI]), openai(messages=[HI | {"name": "bob"}]), REQUEST),
    "detail": (openai(messages=image("low")), openai(messages=image("high")), REQUEST),
    "setting": (openai(), openai(seed=1), REQUEST),
    "thinking": (anthropic("one"), anthropic("two"), ANSWER),
    "arguments": (openai(said=called({"a": 1})), openai(said=called({"a": 2})), ANSWER),
    "annotations": (
        openai(said={"content": "ok", "annotations": [{"title": "a"}]}),
        openai(said={"content": "ok", "annotations": [{"title": "b"}]}),
        ANSWER,
    ),
    "all": (
        anthropic("one", system="a"),
        anthropic("two", system="b"),
        "request and answer differ",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_verdict_is_that_of_diff(name: str, tmp_path: Path, tab: Tab) -> None:
    """What `diff` calls changed is never the same on the page, and the other way round; whatever
    differs is marked, told in a table or a label, or the raw views are named where it stands."""
    left, right, verdict = CHANGES[name]
    diff = compare(ck.Cassette((left,)), ck.Cassette((right,)))
    sections = {change.section for pair in diff.pairs for change in pair.changes}
    page = two(tab, tmp_path, left, right)
    assert page.locator(".headline b").text_content() == verdict
    assert tab.texts(".nav-rows .line.small:not(.models)") == [verdict]
    assert ("request" in sections) == ("request" in verdict)
    assert ("answer" in sections) == ("answer" in verdict)
    sides = [tab.texts(f".beside > :nth-child({side}) > :not(.side)") for side in (1, 2)]
    hints = page.locator(".pair > .note a").count()
    shows = bool(tab.count(".pair mark, .pair h3:text('Settings')")) or sides[0] != sides[1]
    assert (shows or hints > 0) == (verdict != SAME)
    assert not (shows and hints)
    assert tab.alarms == []


@pytest.mark.parametrize(("name", "view"), [("detail", "request"), ("annotations", "response")])
def test_where_to_look(name: str, view: str, tmp_path: Path, tab: Tab) -> None:
    """What the page does not show beside each other is found in the raw views that it names."""
    left, right, _ = CHANGES[name]
    page = two(tab, tmp_path, left, right)
    hint = f"They differ in fields that are not shown here: see the raw {view}s, A #0 and B #0."
    assert tab.texts(".pair > .note") == [hint]
    page.get_by_role("link", name="B #0", exact=True).click()
    page.wait_for_url(f"**#b/0/{view}")
    page.locator(".wire pre").wait_for()
    bodies = [getattr(one, view).body.decode() for one in (left, right)]
    assert "".join(tab.texts(".wire pre").pop().split()) == "".join(bodies[1].split()) != bodies[0]


def test_definitions_of_tools(tmp_path: Path, tab: Tab) -> None:
    """A description that was changed is marked; long definitions stand in a fold."""
    tools = [tool("f", "some words " * 100), tool("g", "one thing")]
    page = two(tab, tmp_path, openai(tools=tools), openai(tools=[tools[0], tool("g", "a thing")]))
    assert tab.texts(".numbers tbody th")[0] == "definitions"
    assert tab.count(".pair .prose mark") == 0
    for summary in page.locator(".numbers summary").all():
        summary.click()
    assert tab.texts(".numbers mark") == ["one", "a"]
    tab.show("a/0")
    assert tab.texts(".settings summary") == ["Settings model, tools, definitions"]
    page.locator(".settings summary").click()
    assert tab.texts(".settings .fields th") == ["model", "tools", "definitions"]
    assert tab.texts(".settings .fields td")[1] == "f, g"
    page.locator(".settings .fields summary").click()
    assert json.loads(tab.texts(".settings .fields .prose")[-1]) == tools
    assert tab.alarms == []


def test_definitions_that_a_turn_changes(tmp_path: Path, tab: Tab) -> None:
    """A tool whose description the next turn changes is a setting that changed."""
    turns = openai(tools=[tool("f", "one")]), openai(tools=[tool("f", "two")])
    ck.dump(ck.Cassette(turns), tmp_path / "tape.yaml")
    tab.open(write_page(tmp_path / "x.html", tmp_path / "tape.yaml"), "1")
    assert tab.texts(".settings > .numbers tbody th") == ["definitions"]
    shown = map(json.loads, tab.texts(".settings > .numbers td .prose"))
    assert list(shown) == [[tool("f", "one")], [tool("f", "two")]]


def test_marks_on_paper(tmp_path: Path, tab: Tab) -> None:
    """Browsers print no backgrounds: there a line under the words marks them."""
    page = two(tab, tmp_path, anthropic(system="one"), anthropic(system="two"))
    decoration = "getComputedStyle(document.querySelector('mark')).textDecorationLine"
    assert page.evaluate(decoration) == "none"
    page.emulate_media(media="print")
    assert page.evaluate(decoration) == "underline"


def test_addresses_side_by_side(tmp_path: Path, tab: Tab) -> None:
    """Where methods or URLs differ, both are told whole, the words that differ marked."""
    two(tab, tmp_path, openai(), openai(f"{OPENAI}?beta=1"))
    assert tab.texts(".address") == [f"POST {OPENAI}", f"POST {OPENAI}?beta=1"]
    assert "".join(tab.texts(".address mark")) == "?beta=1"
    two(tab, tmp_path, openai(), openai(seed=1)).reload()
    assert tab.count(".address") == 0


def test_speakers(tmp_path: Path, tab: Tab) -> None:
    """A role that is none of the four, and a name, stand beside the role; the search finds them."""
    one = {"role": "critic", "content": "x"}
    page = two(tab, tmp_path, openai(messages=[one]), openai(messages=[HI | {"name": "<b>bob"}]))
    assert tab.texts(".message.user h4") == ["User (critic)", "User (<b>bob)"]
    page.get_by_role("searchbox").fill("critic")
    page.get_by_role("searchbox").press("Enter")
    assert tab.texts(".hit b") == ["A #0 message 0", "A #0 request body"]
    page.locator(".hit a").first.click()
    page.wait_for_url("**#a/0/messages/0")
    page.wait_for_function("CSS.highlights.get('chosen')?.size === 1")
    assert page.evaluate("[...CSS.highlights.get('chosen')].join()") == "critic"
    assert tab.alarms == []


def test_thinking_that_differs(tmp_path: Path, tab: Tab) -> None:
    """It stands open, so that its marks are seen; equal thinking stays folded."""
    two(tab, tmp_path, anthropic("a plan", "b"), anthropic("one plan", "b"))
    assert tab.texts(".thinking[open] mark") == ["a", "one"]
    assert tab.count(".thinking:not([open])") == 2


def test_arguments_side_by_side(tmp_path: Path, tab: Tab) -> None:
    """They are the table that a page of one recording shows, each field compared with its like."""
    left, right = {"q": "warm day", "n": 1, "x": "gone"}, {"n": 2, "q": "cold day", "y": [1]}
    two(tab, tmp_path, openai(said=called(left)), openai(said=called(right)))
    assert tab.texts(".call .fields th") == ["q", "n", "x", "n", "q", "y"]
    assert tab.texts(".call .fields td") == ["warm day", "1", "gone", "2", "cold day", "[1]"]
    assert tab.texts(".call mark") == ["warm", "1", "gone", "2", "cold", "[1]"]

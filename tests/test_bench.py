"""The bench measures what it says: its cases, turns, checked answers, and a page about them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

import cassette_kit as ck
from bench import cassettes
from bench.__main__ import MODES
from bench.charts import LABEL_GAP, apart, axis, chart
from bench.drawings import drawings
from bench.extent import LEAST
from bench.families import FAMILIES
from bench.measuring import Result, Row, Side, WrongAnswerError, measured, timed
from bench.report import Section, markdown, terminal

ROW = Row("two things", {"theirs": Side(lambda: 2.0, int), "ours": Side(lambda: 1.0, int)}, 0)


def taken(**sides: list[float]) -> Result:
    """What was measured of a row with such sides."""
    row = replace(ROW, sides=dict.fromkeys(sides, ROW.sides["ours"]), goals={"ours": 0.6}, x=10)
    return Result(row, sides)


SECTION = Section("opening", "Open", "What is done.", [taken(theirs=[2, 4, 4], ours=[1, 1, 3])])


@pytest.mark.parametrize("name", FAMILIES)
def test_every_row_runs_and_every_side_gives_the_expected_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bench over a side that does other work, or none, would compare nothing."""
    for variable in MODES:
        monkeypatch.delenv(variable, raising=False)
    if name == "differing":
        pytest.importorskip("deepdiff")
    results = [measured(row, rounds=1, seconds=0) for row in FAMILIES[name].rows(LEAST)]
    assert all(value > 0 for one in results for value in map(one.median, one.row.sides))
    assert all(side in one.row.sides for one in results for side in one.row.goals)
    assert Section.of(name, FAMILIES[name], results).about


def test_cases_are_what_their_names_say() -> None:
    """A case with other contents would stand for sizes that it has not."""
    streams = cassettes.STREAMS.cassettes[0].interactions
    assert [len(one.response.events()) for one in streams] == [100] * 100
    assert [len(one.response.chunks) for one in streams] == [100] * 100
    assert len(cassettes.SMALL.cassettes[0].interactions) == 4000
    assert len(cassettes.LONG.cassettes[0].interactions[0].response.body) == pytest.approx(1e7, 0.1)
    assert len(cassettes.IMAGE.cassettes[0].interactions[0].request.body) == pytest.approx(5e6, 0.1)
    assert len(cassettes.REAL.files) > 10


def test_requests_of_a_case_differ() -> None:
    """Equal requests would be one queue, whose first recording answers whatever is asked."""
    bodies = [cassettes.small(number).request.body for number in range(100)]
    assert len(set(bodies)) == 100


def test_a_case_with_crlf_has_no_other_line_ends() -> None:
    body = cassettes.with_crlf(cassettes.streamed(0, 3)).response.body
    assert re.findall(rb"\r?\n", body) == [b"\r\n"] * 6


def test_a_wrong_answer_is_told_before_anything_is_timed() -> None:
    row = replace(ROW, sides=ROW.sides | {"ours": Side(pytest.fail, lambda: 1)})
    with pytest.raises(WrongAnswerError, match="two things: ours gives 1, expected 0"):
        measured(row, rounds=1, seconds=0)


def test_sides_take_turns_and_each_begins_in_its_round() -> None:
    """Who always came first would always find the processor in the same state."""
    order: list[str] = []
    sides = {name: Side(lambda name=name: order.append(name) or 1.0, int) for name in "abc"}
    result = measured(replace(ROW, sides=sides), rounds=3, seconds=0)
    assert "".join(order) == "abcbcacab"
    assert {name: len(found) for name, found in result.taken.items()} == dict.fromkeys("abc", 3)


def test_a_ratio_is_of_medians_and_its_spread_of_single_rounds() -> None:
    result = taken(theirs=[2, 4, 4], ours=[1, 1, 3])
    assert result.ratio("ours") == 1 / 4
    assert result.spread("ours") == (1 / 4, 3 / 4)


def test_cheap_work_is_repeated_within_a_take() -> None:
    """A single run of it would be lost in the resolution of the clock."""
    ticks = iter(range(1000))
    done: list[int] = []
    take = timed(lambda: done.append(1), clock=lambda: next(ticks) / 1000)
    assert take() == pytest.approx(0.001)
    assert len(done) > 10


def test_a_page_has_ratios_spread_and_goals() -> None:
    page = markdown([SECTION], made_on={"machine": "a fast one"})
    assert "- machine: a fast one" in page
    assert "| two things | 4 s | 0.25 (0.25 to 0.75) | ≤ 0.6 |" in page
    assert "| two things | 2 s / 4 s | 1 s / 1 s |" in page
    assert "1 of 1 goals are met." in page


def test_a_page_names_what_was_missed() -> None:
    slow = replace(SECTION, results=[taken(theirs=[1], ours=[2])])
    page = markdown([slow], made_on={})
    assert "0 of 1 goals are met. Not met:\n\n- Open, two things, ours: 2, goal 0.6\n" in page


def test_a_row_in_the_terminal_fits_80_columns() -> None:
    text = terminal("opening", taken(theirs=[4], ours=[2]))
    assert text == "opening: two things; theirs = 1, 4 s\n    ours 0.5  (goal 0.6, met)"


def test_a_chart_is_well_formed_and_has_every_line() -> None:
    svg = drawings([replace(SECTION, x_axis="recordings")])["opening"]
    texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    assert {"theirs", "ours", "recordings", "Open"} <= set(texts)
    assert svg.count("<polyline") == 2


def test_a_section_without_an_axis_is_not_drawn() -> None:
    assert drawings([SECTION]) == {}


def test_names_in_charts_are_no_markup() -> None:
    svg = chart("a < b", {"x & y": [(1, 1), (10, 2)]}, x_label="n", x_text=str, y_text=str)
    assert ElementTree.fromstring(svg).findtext("{*}title") == "a < b"


def test_an_axis_spans_whole_decades() -> None:
    decades = axis([3, 250], 0, 100)
    assert list(decades.decades()) == [1, 10, 100, 1000]
    assert [decades.at(value) for value in (1, 1000)] == [0, 100]


def test_labels_do_not_lie_on_each_other() -> None:
    found = apart({"a": 10, "b": 12, "c": 100})
    assert found == {"a": 10, "b": 10 + LABEL_GAP, "c": 100}


def test_files_are_read_back_by_the_kit() -> None:
    cassette = ck.loads(cassettes.written([cassettes.small(7)]))
    assert cassette.interactions[0].request.body == cassettes.small(7).request.body

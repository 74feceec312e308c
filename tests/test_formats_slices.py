"""Editing a loaded cassette: what did not change keeps its own text, wherever it goes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from cassette_files import SEEDS, file_text, interaction_text, one
from cassette_values import NEW, appended, meaning, with_interactions, with_method
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit import Cassette
from cassette_kit.formats import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_kit.model import Interaction

ODD = "'quoted though plain would do'"


def three(tail: str = "", head: str = "---\nversion: 2\n") -> str:
    return file_text(
        *(interaction_text(number, response={"status": ODD}) for number in range(3)),
        head=head,
        tail=tail,
    )


def edited(text: str, edit: Callable[[list[Interaction]], None]) -> str:
    """The file after an edit of its list of interactions, which must mean what was asked for."""
    cassette = loads(text.encode())
    interactions = list(cassette.interactions)
    edit(interactions)
    wanted = with_interactions(cassette, *interactions)
    written = dumps(wanted)
    assert meaning(loads(written)) == meaning(wanted)
    return written.decode()


def test_removing_an_interaction_removes_its_lines_and_renumbers() -> None:
    """Of the others only the digits of the id change."""
    after = edited(three(), lambda interactions: interactions.__delitem__(1))
    assert after == file_text(
        *(interaction_text(number, response={"status": ODD}) for number in range(2))
    )


def test_reordering_moves_the_text() -> None:
    """Odd quoting goes along; nothing is rewritten."""
    text = file_text(
        interaction_text(0, response={"body": "'first'"}),
        interaction_text(1, response={"body": '"second"'}),
    )
    assert edited(text, lambda interactions: interactions.reverse()) == file_text(
        interaction_text(0, response={"body": '"second"'}),
        interaction_text(1, response={"body": "'first'"}),
    )


def test_changing_one_interaction_leaves_the_others_alone() -> None:
    """Only the changed one is written by the rules."""
    new = with_method(loads(three().encode()).interactions[1], "PUT")
    after = edited(three(), lambda interactions: interactions.__setitem__(1, new))
    assert after.count(ODD) == 2
    assert after.startswith(three()[: three().index("- id: 1\n")])
    assert after.endswith(three()[three().index("- id: 2\n") :])


def test_inserting_puts_the_new_one_between() -> None:
    """Ids of those behind it move on."""
    after = edited(three(), lambda interactions: interactions.insert(1, NEW))
    assert after.count(ODD) == 3
    assert after.count("\n- id: ") == 4
    assert [line for line in after.splitlines() if "id:" in line] == [
        f"- id: {number}" for number in range(4)
    ]


def test_the_same_interaction_twice_is_two_slices() -> None:
    """A cassette may repeat a recording."""
    after = edited(three(), lambda interactions: interactions.append(interactions[0]))
    assert after.count(ODD) == 4


def test_changing_an_id_alone_changes_nothing() -> None:
    """Ids are places, not data."""
    cassette = loads(three().encode())
    renumbered = (dataclasses.replace(item, id=item.id + 5) for item in cassette.interactions)
    assert dumps(with_interactions(cassette, *renumbered)) == three().encode()


def test_odd_ids_stay_until_something_changes() -> None:
    """A load and a save touch nothing; a change renumbers all of them, as go-vcr does."""
    text = three().replace("id: 1", "id: 7").replace("id: 2", "id: 007")
    assert dumps(loads(text.encode())) == text.encode()
    after = edited(text, lambda interactions: interactions.append(NEW))
    ids = [line for line in after.splitlines() if "id:" in line]
    assert ids == ["- id: 0", "- id: 1", "- id: 2", "- id: 3"]


@pytest.mark.parametrize("number", ["", "~", "!!int 5", "5.0", "&a 5", "0x5"])
def test_an_id_in_another_notation_is_written_anew(number: str) -> None:
    """Patching digits would not do."""
    text = file_text(interaction_text(response={"status": ODD}).replace("id: 0", f"id: {number}"))
    after = edited(text, lambda interactions: interactions.append(NEW))
    assert after.startswith("---\nversion: 2\ninteractions:\n- id: 0\n")


def test_a_missing_id_is_added() -> None:
    """go-vcr reads a missing id as 0, which is wrong for all but the first."""
    text = three().replace("- id: 1\n  request", "- request")
    after = edited(text, lambda interactions: interactions.append(NEW))
    assert "- id: 1\n  request" in after


def test_an_unchanged_file_is_not_normalised() -> None:
    """Not even where it is in flow style, with comments, a BOM and CRLF."""
    text = "\ufeff# note\n{version: 2, 'interactions': [{id: 3, request: {url: u, method: GET}, \
response: {code: 0xC8, duration: 1000ms}}]} # end\n".replace("\n", "\r\n")
    assert dumps(loads(text.encode())) == text.encode()


def test_comments_and_keys_around_the_list_stay() -> None:
    """What precedes the first interaction and what follows the last is not ours to change."""
    head = "# head\n---\n# before\nx-a: {b: c}\nversion: 2 # two\n"
    tail = "# after\nx-z: [1]\n...\n# more\n---\nsecond: document\n"
    text = three(tail, head).replace("interactions:\n", "interactions: # list\n\n# first\n")
    after = edited(text, lambda interactions: interactions.append(NEW))
    assert after.startswith(text[: text.index("# after")])
    assert after.endswith(tail)
    emptied = edited(text, lambda interactions: interactions.clear())
    assert "interactions: [] # list\n\n# first\n# after\nx-z: [1]\n...\n" in emptied


def test_comments_above_an_interaction_go_with_it() -> None:
    """They say something about that recording."""
    text = three().replace("- id: 1", "# why\n\n- id: 1 # here")
    without = edited(text, lambda interactions: interactions.__delitem__(1))
    assert "#" not in without
    moved = edited(text, lambda interactions: interactions.insert(0, interactions.pop(1)))
    assert "interactions:\n# why\n\n- id: 0 # here\n" in moved


@pytest.mark.parametrize(
    "empty", ["interactions: []\n", "interactions: [ ]  # none\n", '"interactions":   []\r\n']
)
def test_appending_to_an_empty_list(empty: str) -> None:
    """The brackets go, the rest of the file stays."""
    text = f"# head\nversion: 2\n{empty}x-z: 1\n"
    after = edited(text, lambda interactions: interactions.append(NEW))
    assert after.startswith("# head\nversion: 2\n")
    assert after.endswith("x-z: 1\n")
    assert edited(after, lambda interactions: interactions.clear()) != after


@pytest.mark.parametrize(
    "text",
    [
        "{version: 2, interactions: []}\n",
        "{interactions: [], version: 2, x: {a: b}}\n--- second\n",
        '{"version": 2, "interactions": [{"request": {"url": "u", "method": "GET"}, '
        '"response": {"code": 200, "duration": "1s"}}]}\n',
        "version: 2\ninteractions: [{request: {url: u, method: GET}, "
        "response: {code: 200, duration: 1s}}]\nx: 1\n",
        "version: 2\ninteractions:\n  [\n  ]\n",
        "? interactions\n: - request: {url: u, method: GET}\n"
        "    response: {code: 200, duration: 1s}\n? version\n: 2\n",
        "%TAG !e! tag:e.example,2026:\n---\nx: !e!a b\n" + three(head="version: 2\n"),
        "--- !!map\n" + three(head="version: 2\n"),
        "  version: 2\n  interactions:\n  - request: {url: u, method: GET}\n"
        "    response: {code: 200, duration: 1s}\n",
        "--- # note\n" + three(head="version: 2\n"),
        "<<: {interactions: [{request: {url: u, method: GET}, "
        "response: {code: 200, duration: 1s}}]}\n",
        "x: &x {request: {url: u, method: GET}, response: {code: 200, duration: 1s}}\n"
        "interactions:\n- *x\n",
        three().replace("\n- id: 1", "\r- id: 1"),
    ],
)
def test_files_of_another_shape_can_be_appended_to(text: str) -> None:
    """Where slices cannot be cut the file is written anew, its keys and documents kept."""
    after = edited(text, lambda interactions: interactions.append(NEW))
    edited(after, lambda interactions: interactions.append(NEW))
    edited(text, lambda interactions: interactions.clear())
    assert [key for key, _ in loads(after.encode()).extra] == [
        key for key, _ in loads(text.encode()).extra
    ]
    assert after.endswith("--- second\n") == text.endswith("--- second\n")


def test_interactions_in_flow_style_inside_a_block_list_are_slices() -> None:
    """They end with their line like others."""
    flow = "- {id: 0, request: {url: u, method: GET}, response: {code: 200, duration: 1s}} # x\n"
    after = edited(file_text(flow), lambda interactions: interactions.insert(0, NEW))
    assert flow.replace("id: 0", "id: 1") in after


def test_crlf_files_keep_crlf() -> None:
    """Mixed line ends would show the whole file as changed in some editors."""
    text = three().replace("\n", "\r\n")
    after = edited(text, lambda interactions: interactions.append(NEW))
    assert after.startswith(text)
    assert after.count("\n") == after.count("\r\n")


def test_a_bom_stays() -> None:
    """It is the first thing in the file or it is a character of the text."""
    after = edited("\ufeff" + three(), lambda interactions: interactions.append(NEW))
    assert after.startswith("\ufeff" + three())


REFERRING = file_text(
    interaction_text(0, request={"headers": "&h {A: [b]}"}, response={"status": ODD}),
    interaction_text(1, request={"headers": "*h"}, response={"status": ODD}),
    interaction_text(2, response={"status": ODD}),
)


def test_appending_keeps_anchors_and_aliases() -> None:
    """Nothing about them changed; a copy of one of them is written out."""
    after = edited(REFERRING, lambda interactions: interactions.extend([NEW, interactions[1]]))
    assert after.startswith(REFERRING)
    assert "*h" not in after[len(REFERRING) :]


@pytest.mark.parametrize(
    "edit",
    [
        lambda interactions: interactions.__delitem__(0),
        lambda interactions: interactions.__delitem__(1),
        lambda interactions: interactions.reverse(),
        lambda interactions: interactions.insert(1, NEW),
        lambda interactions: interactions.__setitem__(0, with_method(interactions[0], "PUT")),
    ],
)
def test_anchors_and_aliases_are_written_out_where_they_would_lose_each_other(
    edit: Callable[[list[Interaction]], None],
) -> None:
    """An alias whose anchor is gone makes a file unreadable; one that finds another lies."""
    after = edited(REFERRING, edit)
    assert "*h" not in after
    assert "&h" not in after
    assert after.count(ODD) == 1


@pytest.mark.parametrize(
    "text",
    [
        three(tail="x-z: *s\n").replace(ODD, "&s again", 1),
        three(head="version: 2\nx-a: &s ok\n").replace(ODD, "*s"),
        three(head="version: 2\nx-a: &s ok\n", tail="x-z: *s\n"),
        three(head="version: &s 2\n", tail="x-z: &s ok\n"),
        three().replace("interactions:", "interactions: &all"),
        three().replace("- id: 1\n", "- &one\n  id: 1\n") + "x-z: *one\n",
        three(head="x-r: &r {url: merged, method: GET}\nversion: 2\n").replace(
            "    url: https://api.example/v1\n    method: POST\n", "    <<: *r\n"
        ),
        three() + "- id: 3\n  <<: &m {x: 1}\n" + interaction_text().partition("\n")[2],
        three(head="x-i: &i {id: 9}\nversion: 2\n").replace("- id: 1\n", "- <<: *i\n"),
        three(tail="---\nother: &s\n").replace(ODD, "&s again", 1),
    ],
)
def test_references_across_the_parts_of_a_file_survive_edits(text: str) -> None:
    """Into the head, out of the tail, by merge keys, on the list itself."""
    edited(text, lambda interactions: interactions.append(NEW))
    edited(text, lambda interactions: interactions.reverse())
    edited(text, lambda interactions: interactions.__delitem__(0))
    edited(text, lambda interactions: interactions.clear())
    cassette = loads(text.encode())
    extra = dataclasses.replace(cassette, extra=())
    assert meaning(loads(dumps(extra))) == meaning(cassette)


def test_a_block_scalar_at_the_end_of_an_interaction_does_not_swallow_what_follows() -> None:
    """`|+` would take in the blank lines of the next comment."""
    open_ended = interaction_text() + "  x-note: |+\n    kept\n\n"
    text = file_text(interaction_text(0), "\n# gap\n" + interaction_text(1), open_ended)
    after = edited(text, lambda interactions: interactions.insert(0, interactions.pop(2)))
    note = dict(loads(after.encode()).interactions[0].extra)["x-note"]
    assert note.text == "kept\n\n"  # type: ignore[attr-defined]


def test_extra_keys_of_the_document_can_be_changed() -> None:
    """The head is written anew, the interactions keep their text."""
    cassette = loads(three(head="x-a: 1\nx-b: 2\nversion: 2\n").encode())
    written = dumps(dataclasses.replace(cassette, extra=cassette.extra[1:]))
    assert written.decode() == three(head="---\nversion: 2\nx-b: 2\n")


def test_an_interaction_from_a_file_of_the_same_layout_brings_its_text() -> None:
    """Merging two cassettes shows as moved lines."""
    other = loads(three().encode()).interactions[0]
    after = edited(three(), lambda interactions: interactions.append(other))
    assert after.count(ODD) == 4
    (alone,) = with_interactions(Cassette(), other).interactions
    assert ODD in dumps(Cassette((alone,))).decode()


@pytest.mark.parametrize("other", [REFERRING, three().replace("\n", "\r\n")])
def test_an_interaction_from_another_sort_of_file_is_written_by_the_rules(other: str) -> None:
    """Its anchors, columns and line ends mean something else here."""
    foreign = loads(other.encode()).interactions[0]
    after = edited(three(), lambda interactions: interactions.append(foreign))
    assert after.count(ODD) == 3


def test_an_interaction_of_another_layout_takes_on_the_file_s() -> None:
    """Dashes in two columns would be no list."""
    foreign = loads(SEEDS[0].read_bytes()).interactions[0]
    after = edited(three(), lambda interactions: interactions.append(foreign))
    assert after.startswith(three())
    assert "\n- id: 3\n  request:\n    proto: HTTP/1.1\n" in after


FLOW_ONE = "- {id: 1, request: {url: u, method: GET}, response: {code: 200, duration: 1s}}\n"
POOL = [
    three(),
    three(tail="x-z: 1\n# end\n"),
    three().replace("\n", "\r\n"),
    REFERRING,
    file_text(FLOW_ONE, interaction_text(1) + "  x-note: |+\n    kept\n\n"),
    file_text("\n# gap\n\n" + interaction_text(0), "\n\n" + interaction_text(4)),
    "{version: 2, interactions: []}\n",
    "version: 2\ninteractions: []\n",
    three(tail="x-z: *s\n").replace(ODD, "&s again", 1),
    SEEDS[0].read_text(encoding="utf-8"),
    SEEDS[1].read_text(encoding="utf-8"),
    one(response={"x-stream": "{end: complete, chunks: [[1, 5]]}"}).decode(),
]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_mixture_of_edits_means_what_was_asked_for(data: st.DataObject) -> None:
    """Interactions of many files, changed or not, in any order, in any of the files."""
    cassettes = [loads(text.encode()) for text in POOL]
    every_one = [interaction for cassette in cassettes for interaction in cassette.interactions]
    pick = st.sampled_from(every_one)
    choices = pick | st.just(NEW) | pick.map(lambda interaction: with_method(interaction, "PUT"))
    target = data.draw(st.sampled_from([*cassettes, Cassette()]))
    chosen = data.draw(st.lists(choices, max_size=5))
    keeps = data.draw(st.booleans())
    wanted = appended(target, *chosen) if keeps else with_interactions(target, *chosen)
    written = dumps(wanted)
    again = loads(written)
    assert meaning(again) == meaning(wanted)
    assert [key for key, _ in again.extra] == [key for key, _ in wanted.extra]
    assert dumps(again) == written

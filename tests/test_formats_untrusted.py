"""Hostile and damaged files: refused with a CassetteError, early, whatever the bytes."""

from __future__ import annotations

import pytest
from cassette_files import SEEDS, Lines, file_text, interaction_text, one
from cassette_values import NEW, all_changed, appended, meaning, with_interactions
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit import CassetteError, CassetteFormatError
from cassette_kit.formats import dumps, loads, yaml_tree

LAUGHS = "x0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]\n" for level in range(1, 12)
)
MERGES = "x0: &x0 {k: v}\n" + "".join(
    f"x{level}: &x{level} {{<<: [{', '.join([f'*x{level - 1}'] * 10)}]}}\n"
    for level in range(1, 12)
)
CHAIN = "x0: &x0 [a]\n" + "".join(f"x{n}: &x{n} [*x{n - 1}]\n" for n in range(1, 200))
BIG_TEXT = f"x: &x {'a' * 1_000_000}\n" + f"y: [{', '.join(['*x'] * 200)}]\n"
BIG_MAP = f"x: &x {{b: {'a' * 1_000_000}}}\n" + f"y: [{', '.join(['*x'] * 200)}]\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LAUGHS, "aliases"),
        (MERGES, "aliases"),
        (BIG_TEXT, "aliases"),
        (BIG_MAP, "aliases"),
        (CHAIN, "deep"),
        ("x: " + "[" * 100_000 + "]" * 100_000 + "\n", "deep"),
        ("x: " + "{a: " * 100_000 + "}" * 100_000 + "\n", "deep"),
        ("x:\n" + "".join(" " * depth + "- \n" for depth in range(200)), "deep"),
        ("x: " + "- " * 100_000 + "a\n", "not readable"),
        ("x:\n  " + "- " * 100_000 + "a\n", "deep"),
        ("x: " + "[" * 100_000 + "\n", "deep"),
        ("x: &a [*a]\n", "stands in"),
        ("x: &a {b: *a}\n", "stands in"),
        ("x: {<<: 3}\n", "interactions"),
        ("<<: 3\n", "a map to merge"),
        ("<<: [{a: b}, [c]]\n", "a map to merge"),
        ("? [a]\n: b\n", "single value"),
    ],
    ids=range(17),
)
def test_bombs_are_refused(text: str, named: str) -> None:
    """A pull request's cassette must not exhaust the machine that tests it."""
    with pytest.raises(CassetteFormatError, match=named):
        loads(f"{text}version: 2\n".encode())


def test_the_number_of_values_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself takes seconds to reach, so a smaller one stands in for it."""
    many = one(extra={"x": f"[{', '.join(['a'] * 1000)}]"})
    assert loads(many)
    monkeypatch.setattr(yaml_tree, "MAX_NODES", 1000)
    with pytest.raises(CassetteFormatError, match=r"more than 1,000 values") as caught:
        loads(many)
    assert caught.value.key == "interactions[0].x[990]"


def test_the_limits_leave_room_for_the_largest_files_that_occur() -> None:
    """33 MB with 1,000 interactions of 100 recorded chunks, and 1,900 that share their headers."""
    keys_of_an_interaction, nodes_of_a_chunk = 90, 3
    assert 5 * 1_000 * (keys_of_an_interaction + 100 * nodes_of_a_chunk) < yaml_tree.MAX_NODES
    assert 1_900 * keys_of_an_interaction < yaml_tree.MAX_ALIASED
    assert yaml_tree.MAX_DEPTH > 6


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.abort", "!!python/name:os.abort"])
def test_no_tag_constructs_anything(tag: str) -> None:
    """On scalars, lists and maps alike tags are names and nothing more."""
    extra: Lines = {"x": f"{tag} []", "y": f"{tag} {{}}", "z": f"{tag} ''"}
    (interaction,) = loads(one(extra=extra)).interactions
    assert len(interaction.extra) == 3


FULL = file_text(
    interaction_text(
        request={
            "proto": "HTTP/1.1",
            "proto_major": "1",
            "content_length": "0",
            "transfer_encoding": "[a]",
            "trailer": "{A: [b]}",
            "host": "h",
            "form": "{A: [b]}",
            "headers": "{A: [b]}",
        },
        response={
            "proto_minor": "1",
            "trailer": "{A: [b]}",
            "uncompressed": "true",
            "headers": "{A: [b]}",
            "x-stream": "{end: complete, chunks: [[1, 2]]}",
        },
    )
)
KEYS = sorted({line.split(":")[0].lstrip(" -") for line in FULL.splitlines() if ":" in line})
REPLACEMENTS = ["", "~", "''", "3", "-1", "1e999", "'3'", "yes", "[]", "{}", "[a]", "{a: b}"]
REPLACEMENTS += ["[[]]", "!!binary '*'", "*x", "&x", "|", "!x", "2001-12-14", "{<<: []}", "[~]"]
REPLACEMENTS += ["{? []: a}", "[{}]", "{A: [{}]}", "{A: [&z b, *z]}", ">-\n  folded"]


@pytest.mark.parametrize("key", KEYS)
def test_any_value_under_any_key_loads_or_is_refused(key: str) -> None:
    """Flipping the shape of a value never leads past the reader's own error."""
    for replacement in REPLACEMENTS:
        lines = [
            f"{line.partition(key + ':')[0]}{key}: {replacement}"
            if line.lstrip(" -").startswith(f"{key}:")
            else line
            for line in FULL.splitlines()
        ]
        survives(("\n".join(lines) + "\n").encode())


def survives(data: bytes) -> None:
    """Loading gives a cassette that can be written again, or a CassetteError."""
    try:
        cassette = loads(data)
    except CassetteError:
        return
    assert dumps(cassette) == data
    backwards = with_interactions(cassette, NEW, *reversed(cassette.interactions))
    for edited in (all_changed(cassette), appended(cassette, NEW), backwards):
        assert meaning(loads(dumps(edited))) == meaning(edited)


SEED_BYTES = [path.read_bytes()[:6_000] + b"\n" for path in SEEDS] + [FULL.encode()]
TOKENS = [b"\n", b"- ", b": ", b"#", b"&a ", b"*a", b"<<: ", b"!!binary ", b"{", b"}", b"[", b"]"]
TOKENS += [b"|", b">", b"'", b'"', b"\\", b"\t", b"\r", b"\x00", b"\xff", b"---\n", b"...\n", b"%"]
TOKENS += [b"\xe2\x80\xa8", b"\xc2\x85", b"\xef\xbb\xbf", b"? ", b"!", b"\xf0\x9f\x98\x80", b"  "]


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_damaged_files_load_or_are_refused(data: st.DataObject) -> None:
    """Random bytes and YAML tokens put into, over or instead of parts of real files."""
    damaged = data.draw(st.sampled_from(SEED_BYTES))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 2, 5, 40, 400]))
        inserted = data.draw(st.sampled_from([b"", *TOKENS]) | st.binary(max_size=3))
        damaged = damaged[:start] + inserted + damaged[end:]
    survives(damaged)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=20).map(b"".join))
def test_any_bytes_load_or_are_refused(data: bytes) -> None:
    """Nothing but a CassetteError escapes."""
    survives(data + b"\n")

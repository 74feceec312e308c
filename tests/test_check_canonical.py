"""What counts as canonical, and the rewriting of what is not: the same content, and no loss."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import yaml
from cassette_values import meaning
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import interaction
from test_formats_roundtrip import CASSETTES, TARGETS, in_layout_of
from test_formats_writer import LAYOUTS

import cassette_kit as ck
from cassette_kit.checks import check, read
from cassette_kit.checks.formatting import rewritten
from cassette_kit.cli import main
from cassette_kit.errors import CassetteSaveError
from cassette_kit.store.journal import Journal

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[1]
EDITED_ONE = ROOT / "tests" / "broken" / "not-canonical-quotes.yaml"
EDITED = sorted((ROOT / "tests" / "broken").glob("not-canonical-*.yaml"))
REWRITABLE = [path for path in EDITED if "comment" not in path.stem]


def is_canonical(data: bytes) -> bool:
    return check(read("x.yaml", data), codes=["not-canonical"]) == []


def fix(path: Path) -> Result:
    return CliRunner().invoke(main, ["check", "--fix", "--select", "not-canonical", str(path)])


def as_pyyaml_reads(data: bytes) -> object:
    """The values as a reader has them that shares no code with ours; ids and durations aside."""
    document = yaml.load(data, Loader=yaml.BaseLoader)
    for each in document["interactions"]:
        each.pop("id", None)
        each["response"].pop("duration")
    return document["interactions"]


@pytest.mark.parametrize("text", [text for text, _ in LAYOUTS.values()], ids=list(LAYOUTS))
def test_every_layout_is_canonical(text: str) -> None:
    """Files of go-vcr in each of its layouts, also with the line ends of Windows."""
    assert is_canonical(text.encode())
    assert is_canonical(text.replace("\n", "\r\n").encode())
    assert is_canonical(b"\xef\xbb\xbf" + text.encode())


@given(CASSETTES, st.sampled_from(TARGETS))
@settings(deadline=None, max_examples=40)
def test_what_is_written_is_canonical(cassette: ck.Cassette, target: str | None) -> None:
    """Whatever is recorded, into whatever file: our own writing is never called an edit."""
    assert is_canonical(ck.dumps(in_layout_of(target, cassette)))


@given(CASSETTES, st.sampled_from(['"', "'", "|", None]), st.sampled_from([2, 3, 4, 7]))
@settings(deadline=None, max_examples=40)
def test_any_formatting(cassette: ck.Cassette, style: str | None, indent: int) -> None:
    """Whatever a formatter made of a file, its content comes back, canonical, once and for all."""
    data = formatted(ck.dumps(cassette), style, indent)
    written = rewritten(data, origin="x")
    assert meaning(ck.loads(written)) == meaning(cassette)
    assert is_canonical(written)
    assert rewritten(written, origin="x") == written


def formatted(data: bytes, style: str | None, indent: int) -> bytes:
    """The file as PyYAML would write it, its texts in one style."""
    root = yaml.compose(data, Loader=yaml.CSafeLoader)
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
            node.style = style
        elif isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    text: str = yaml.serialize(root, indent=indent, width=60)
    return text.encode()


@pytest.mark.parametrize("path", REWRITABLE, ids=lambda path: path.stem)
def test_fix(path: Path, tmp_path: Path) -> None:
    """The file says the same to us and to another reader, is canonical, and stays as it is then."""
    old = path.read_bytes()
    copy = tmp_path / "x.yaml"
    copy.write_bytes(old)
    result = fix(copy)
    new = copy.read_bytes()
    assert (result.exit_code, result.stderr) == (0, f"{copy}: rewritten\n")
    assert result.stdout == "1 cassette checked, nothing found\n"
    assert new != old
    assert as_pyyaml_reads(new) == as_pyyaml_reads(old)
    assert meaning(ck.loads(new)) == meaning(ck.loads(old))
    assert is_canonical(new)
    assert rewritten(new, origin="x") == new
    assert fix(copy).stderr == ""
    assert copy.read_bytes() == new
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_a_file_as_it_should_be_is_not_touched(tmp_path: Path) -> None:
    """Neither its bytes nor its time change, and nothing is said of it."""
    path = tmp_path / "x.yaml"
    path.write_bytes(LAYOUTS["C"][0].encode())
    os.utime(path, (1, 1))
    assert fix(path).stderr == ""
    assert path.stat().st_mtime == 1


COMMENTED = """# Recorded for the manual.
---
version: 2
interactions:
# The first question.
- id: 0
  request:
    proto: ""
    proto_major: 0
    proto_minor: 0
    content_length: 0
    host: ""
    url: u
    # No POST.
    method: GET
  response:
    proto: ""
    proto_major: 0
    proto_minor: 0
    content_length: 0
    body: |
      # A heading.
    headers: {}
    status: ""
    code: 200
    duration: 1s
# That is all.
"""


def test_lines_of_comment() -> None:
    """They may stand anywhere; a body that looks like one is none."""
    data = COMMENTED.encode()
    assert is_canonical(data)
    assert rewritten(data, origin="x") == data
    assert not is_canonical(data.replace(b"      # A heading.", b"        # A heading."))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code: 200", "code:  200"),
        ("code: 200", "code: 200 # sic"),
        ("body: |\n", "body: | # Markdown\n"),
        ("body: |\n", "body: !!str | # Markdown\n"),
        ("headers: {}", "headers: { # none\n      }"),
    ],
)
def test_comments_are_not_lost(tmp_path: Path, old: str, new: str) -> None:
    """A rewriting would drop them, so the file is left to its author, who is told."""
    path = tmp_path / "x.yaml"
    bare = "".join(line for line in COMMENTED.splitlines(True) if not line.lstrip().startswith("#"))
    commented = COMMENTED if "#" not in new else bare.replace("|\n", "|\n      # A heading.\n")
    path.write_text(commented.replace(old, new))
    before = path.read_bytes()
    result = fix(path)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {path}: not rewritten, its comments would be lost; remove or move them first\n"
    )
    assert "warning: not-canonical" in result.stdout
    assert path.read_bytes() == before


def test_no_comments() -> None:
    """`#` within a text of any style is none."""
    data = COMMENTED.replace('status: ""', "status:  'a # b'")
    data = data.replace("url: u", 'url: &a !x "u #v"')
    bare = "".join(line for line in data.splitlines(True) if not line.startswith(("#", "    # ")))
    (one,) = ck.loads(rewritten(bare.encode(), origin="x")).interactions
    assert (one.request.url, one.response.status, one.response.body) == (
        "u #v",
        "a # b",
        b"# A heading.\n",
    )


def test_aliases_are_written_out() -> None:
    """The text stands in each place where it was meant, and a list in flow style is laid out."""
    text = (
        "{version: 2, interactions: [{request: {url: &u 'a # b', method: GET, host: *u},"
        " response: &r {code: 200, duration: 1s}}, {request: {url: *u, method: PUT},"
        " response: *r}]}\n"
    )
    new = rewritten(text.encode(), origin="x")
    assert meaning(ck.loads(new)) == meaning(ck.loads(text.encode()))
    assert new.count(b"'a # b'") == 3
    assert is_canonical(new)


def test_what_surrounds_a_file_survives(tmp_path: Path) -> None:
    """Unknown keys, further documents, a byte order mark, permissions, and a link to the file."""
    path, link = tmp_path / "x.yaml", tmp_path / "link.yaml"
    tail = "other: {a: [1, yes]}\n---\nsecond: document\n"
    edited = LAYOUTS["B"][0].replace("host: api.example", "host: 'api.example'")
    path.write_bytes(b"\xef\xbb\xbf" + (edited + tail).encode())
    path.chmod(0o640)
    link.symlink_to(path)
    assert fix(link).exit_code == 0
    new = path.read_bytes()
    assert new.startswith(b"\xef\xbb\xbf---\nversion: 2\nother: {a: [1, yes]}\n")
    assert new.endswith(b"---\nsecond: document\n")
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640


def full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["replace", "fsync", "write"])
def test_a_disk_that_fails(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong while it is written, the file is as it was, and nothing lies beside
    it."""
    path = tmp_path / "x.yaml"
    path.write_bytes(EDITED_ONE.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        result = fix(path)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {path}: not written: No space left on device\n"
    assert path.read_bytes() == EDITED_ONE.read_bytes()
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_while_it_is_recorded(tmp_path: Path) -> None:
    """A file under a recorder's lock is not taken from under it."""
    path = tmp_path / "x.yaml"
    path.write_bytes(EDITED_ONE.read_bytes())
    journal = Journal(path, replaces=False)
    result = fix(path)
    journal.release()
    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"Error: {path}: somebody is recording or changing this file just now; "
    )
    assert path.read_bytes() == EDITED_ONE.read_bytes()


def test_other_files_go_on(tmp_path: Path) -> None:
    """One that cannot be rewritten does not keep the others back; accepted ones are left alone."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_bytes(EDITED_ONE.read_bytes())
    commented = ROOT / "tests" / "broken" / "not-canonical-comment.yaml"
    (tmp_path / "b.yaml").write_bytes(commented.read_bytes())
    arguments = ["check", "--fix", "--ignore", "*/c.yaml:not-canonical", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert is_canonical((tmp_path / "a.yaml").read_bytes())
    assert (tmp_path / "b.yaml").read_bytes() == commented.read_bytes()
    assert (tmp_path / "c.yaml").read_bytes() == EDITED_ONE.read_bytes()


def test_a_file_that_cannot_be_read() -> None:
    """It is refused by its reader, with its line."""
    with pytest.raises(ck.CassetteFormatError, match=r"x, line 2: the last line"):
        rewritten(b"---\nversion: 2", origin="x")
    with pytest.raises(CassetteSaveError, match="comments would be lost"):
        rewritten(COMMENTED.replace("code: 200", "code:  200").encode(), origin="x")


def test_the_quotes_of_a_formatter() -> None:
    """Where lists are indented by two as Prettier does it, its quotes are as good as a writer's."""
    layout, _ = LAYOUTS["D"]
    single = """body: '{"q": 1}'"""
    double = r'body: "{\"q\": 1}"'
    text = ck.dumps(in_layout_of(layout, ck.Cassette((interaction(b'{"q": 1}'),)))).decode()
    assert single in text
    assert is_canonical(text.replace(single, double).encode())
    assert not is_canonical(text.replace(single, f"{single}  # edited").encode())

"""`cassette-kit scrub`: every planted secret goes, nothing else does, and it says what it did."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from cassette_files import SEEDS
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tapes import JSON, SSE, interaction, written
from test_store import FAULTS, Fault

import cassette_kit as ck
from cassette_kit.cli import main
from cassette_kit.redactors import Redactor
from cassette_kit.redactors.scrubbing import scrubbed
from cassette_kit.store.journal import Journal
from cassette_kit.store.revision import revision

if TYPE_CHECKING:
    from click.testing import Result

SECRET = "Zq81-Kx9Lm4Tw7"
KEY = "sk-proj-9fJ2kQz7XvB4nM8wLr5TcY1hGd6PsA3eUoKi0ZbN"
AUTHORIZED = ck.Headers([*JSON.multi_items(), ("Authorization", f"Bearer {SECRET}")])
ENVIRON = {"PYTHONPATH": str(Path(ck.__file__).parents[1]), "PATH": os.environ["PATH"]}


def run(*arguments: object) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, ["scrub", *map(str, arguments)])


def planted(old: ck.Interaction) -> ck.Interaction:
    """The interaction with a secret in every place, the stream's cut into pieces of five bytes."""
    request, response = old.request, old.response
    headers = [*request.headers.multi_items(), ("Authorization", f"Bearer {SECRET}")]
    answered = [*response.headers.multi_items(), ("Set-Cookie", f"sid={SECRET}; Path=/")]
    body = b'{"api_key":"%b",%b' % (SECRET.encode(), request.body[1:])
    answer = b'data: {"access_token": "%b"}\n\n%b' % (SECRET.encode(), response.body)
    sizes = [5] * (len(answer) // 5) + [len(answer) % 5] * (len(answer) % 5 > 0)
    return replace(
        old,
        request=replace(
            request,
            url=request.url.replace("://", f"://me:{SECRET}@") + f"?key={SECRET}&alt=sse",
            headers=ck.Headers(headers),
            form=ck.Headers([("alt", "sse"), ("key", SECRET)]),
            body=body,
            content_length=len(body),
        ),
        response=replace(
            response,
            headers=ck.Headers(answered),
            trailer=ck.Headers([("X-Api-Key", SECRET)]),
            body=answer,
            stream=ck.Stream("complete", tuple((1, size) for size in sizes)),
        ),
    )


def expected_lines(text: str) -> list[str]:
    """The lines that must be left: what scrubbing does, told of the text alone."""
    lines = [
        line.replace(f"me:{SECRET}", "REDACTED").replace(SECRET, "REDACTED")
        for line in text.splitlines()
        if f"Bearer {SECRET}" not in line and f"sid={SECRET}" not in line
    ]
    gone = ("Authorization:", "Set-Cookie:", "trailer:", "X-Api-Key:", "x-stream:")
    return [
        line
        for line in lines
        if not line.strip().startswith((*gone, "content_length:")) and line.strip() != "- REDACTED"
    ]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_planted_secrets(seed: Path, tmp_path: Path) -> None:
    """A secret in any place goes, the lines around it and the other interactions stay, the sizes
    of the pieces add up, and the file replays what it did."""
    cassette = ck.load(seed)
    first, *others = cassette.interactions
    path = tmp_path / "x.yaml"
    ck.dump(replace(cassette, interactions=(planted(first), *others)), path)
    before = path.read_text()
    assert before.count(SECRET) == 8

    result = run(path)
    assert (result.exit_code, result.stderr) == (0, "")
    after = path.read_text()
    assert SECRET not in after + result.stdout
    assert expected_lines(after) == expected_lines(before)
    at = before.index("- id: 1") if others else len(before)
    assert after.endswith(before[at:])

    response = ck.load(path).interactions[0].response
    assert response.recorded_sizes is not None
    assert response.body.startswith(b'data: {"access_token": "REDACTED"}\n\n')
    request = planted(first).request
    with ck.use_cassette(path, mode="replay", intercept=False) as tape:
        with httpx.Client(transport=tape.transport(httpx)) as client:
            answer = client.request(
                request.method, request.url, content=request.body, headers={"accept": "*/*"}
            )
    assert answer.content == response.body

    again = run(path)
    assert (again.exit_code, again.stdout) == (0, "0 of 1 cassette scrubbed\n")
    assert path.read_text() == after


def test_what_it_says(tmp_path: Path) -> None:
    """Names and counts by interaction, never a value; a clean file is not mentioned."""
    body = b'{"users": [{"password": "one-pw"}, {"password": "two-pw"}], "apiKey": "three"}'
    dirty = interaction(body, url="https://me:pw@api.example.com/v1?key=abc&alt=sse")
    dirty = replace(dirty, request=replace(dirty.request, headers=AUTHORIZED))
    form = interaction(b"user=ann&password=hidden-pw", b"password is not JSON")
    form_type = ck.Headers([("Content-Type", "application/x-www-form-urlencoded")])
    form = replace(form, request=replace(form.request, headers=form_type))
    path = written(tmp_path, [interaction(), dirty, form])
    (tmp_path / "clean.yaml").write_bytes(ck.dumps(ck.Cassette((interaction(),))))
    expected = f"""\
{path}: 2 of 3 interactions
  #1 POST https://REDACTED@api.example.com/v1?key=REDACTED&alt=sse
    request url: key replaced
    request headers: Authorization dropped
    request body: $.users[*].password (2), $.apiKey replaced
  #2 POST https://api.example.com/v1/chat
    request body: replaced
"""
    old = path.read_bytes()
    result = run("--check", tmp_path)
    assert (result.exit_code, path.read_bytes()) == (1, old)
    assert result.stdout == f"{expected}1 of 2 cassettes would be scrubbed\n"
    result = run(tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("1 of 2 cassettes scrubbed\n")
    assert run("--dry-run", tmp_path).exit_code == 0


def test_json(tmp_path: Path) -> None:
    """Programs get every file with its changes."""
    path = written(tmp_path, [interaction(b'{"password": "pw"}')])
    (tmp_path / "z.yaml").write_bytes(ck.dumps(ck.Cassette((interaction(),))))
    result = run("--json", tmp_path)
    change = {"part": "request body", "name": "$.password", "action": "replaced", "places": 1}
    dirty = {"interaction": 0, "request": "POST https://api.example.com/v1/chat"}
    assert json.loads(result.stdout) == [
        {"file": str(path), "changed": True, "interactions": [{**dirty, "changes": [change]}]},
        {"file": str(tmp_path / "z.yaml"), "changed": False, "interactions": []},
    ]


def test_a_secret_that_no_rule_reaches(tmp_path: Path) -> None:
    """The file is told of and left whole, though a rule would have cleaned a part of it; others
    are cleaned. The line is that of the file as it is, not of the one that was not written."""
    sent = replace(interaction().request, headers=AUTHORIZED, body=b'{"note":"%b"}' % KEY.encode())
    first = replace(interaction(), request=sent)
    echo = interaction(b"{}", b"you sent\n\n" + SECRET.encode(), headers=SSE)
    path = written(tmp_path, [first, echo])
    (tmp_path / "z.yaml").write_bytes(ck.dumps(ck.Cassette((interaction(b'{"password":"x"}'),))))
    old = path.read_bytes()
    lines = [n for n, line in enumerate(old.decode().splitlines(), 1) if KEY in line]
    lines += [n for n, line in enumerate(old.decode().splitlines(), 1) if line.endswith(SECRET)]

    result = run(tmp_path)
    assert (result.exit_code, path.read_bytes()) == (1, old)
    told, key, known, what_to_do = result.stderr.splitlines()
    assert told == f"Error: {path}: not changed, there would be secrets left:"
    assert key == f"  #0 request body, line {lines[0]}: OpenAI key"
    assert known == f"  #1 response body, line {lines[2]}: credential of this cassette"
    assert KEY not in result.output
    assert SECRET not in result.output
    assert b"REDACTED" in (tmp_path / "z.yaml").read_bytes()

    result = pasted("scrub", what_to_do)
    assert (result.exit_code, result.stderr) == (0, "")
    assert KEY not in path.read_text()
    assert SECRET not in path.read_text()


def pasted(command: str, said: str) -> Result:
    """The first such command of a message, as a shell takes it."""
    commands = [shlex.split(quoted) for quoted in re.findall("`(.+?)`", said)]
    arguments = next(words[1:] for words in commands if words[:2] == ["cassette-kit", command])
    return CliRunner().invoke(main, arguments)


def base64_of(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


ECHOES = {
    "a prompt": ("scrub", lambda key: {"messages": [{"content": f"My key is {key}. Really."}]}),
    "behind a break": ("scrub", lambda key: {"messages": [{"content": f"My key:\n{key}\n"}]}),
    "an argument": ("scrub", lambda key: {"arguments": json.dumps({"header": key})}),
    "a field": ("scrub", lambda key: {"note": key}),
    "base64": ("drop", lambda key: {"seen": base64_of(key)}),
    "hex": ("drop", lambda key: {"seen": key.encode().hex()}),
}


@pytest.mark.parametrize("key", [SECRET, KEY, "0a1b2c3d4e5f60718293", "correct-horse"])
@pytest.mark.parametrize("echo", ECHOES)
def test_the_advice_ends(echo: str, key: str, tmp_path: Path) -> None:
    """A key in a header that stands in a prompt, too: the command that `check` and `scrub` print
    does it. Where none can, or it would take words of a language, they say what can be done."""
    command, told = ECHOES[echo]
    command = "drop" if key == "correct-horse" and echo != "a field" else command
    sent = interaction(json.dumps(told(key)).encode()).request
    headers = [*JSON.multi_items(), ("Authorization", f"Bearer {key}")]
    one = replace(interaction(), request=replace(sent, headers=ck.Headers(headers)))
    path = written(tmp_path, [one, interaction()]).rename(tmp_path / "it's a $(tape).yaml")
    old = path.read_bytes()
    findings = CliRunner().invoke(main, ["check", str(path), "--format", "json"]).stdout
    messages = "\n".join(one["message"] for one in json.loads(findings)["findings"])
    for said in (run(path).stderr, messages):
        path.write_bytes(old)
        assert key not in said
        result = pasted(command, said)
        assert (result.exit_code, result.stderr) == (0, "")
        run(path)
        assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0


@pytest.mark.parametrize("field", ["input", "prompt", "arguments"])
def test_the_command_leaves_other_prompts(field: str, tmp_path: Path) -> None:
    """A rule for the field in which a key stood would take every prompt of the file along."""
    bodies = [json.dumps({field: text}).encode() for text in (KEY, "What is the weather?")]
    path = written(tmp_path, list(map(interaction, bodies)))
    for command in (["check"], ["scrub"]):
        result = CliRunner().invoke(main, [*command, str(path)])
    assert pasted("scrub", result.output + result.stderr).exit_code == 0
    key, prompt = (one.request.json()[field] for one in ck.load(path).interactions)
    assert (key, prompt) == ("REDACTED", "What is the weather?")


def seen(key: str) -> ck.Interaction:
    """An exchange in which a key stands where no rule finds it."""
    return interaction(json.dumps({"seen": base64_of(key)}).encode())


def test_one_command_drops_all(tmp_path: Path) -> None:
    """What stays is numbered anew, so that a second command would drop something else."""
    good = interaction(b'{"q":"good"}')
    path = written(tmp_path, [interaction(), seen(KEY), seen(KEY), good])
    said = CliRunner().invoke(main, ["check", str(path)]).stdout.replace("\n", " ")
    assert set(re.findall("`(cassette-kit drop .+?)`", said)) == {f"cassette-kit drop {path} 1 2"}
    assert pasted("drop", said).exit_code == 0
    kept = [one.request.body for one in ck.load(path).interactions]
    assert kept == [interaction().request.body, good.request.body]


def test_what_cannot_be_dropped(tmp_path: Path) -> None:
    """The last recording of a file is not: the file is to go."""
    path = written(tmp_path, [seen(KEY)])
    assert "no rule reaches it: remove the file, or edit it out and" in run(path).stderr


def test_a_name_that_looks_like_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command would be a wrong call."""
    written(tmp_path, [interaction(json.dumps({"note": KEY}).encode())]).rename(
        tmp_path / "-q.yaml"
    )
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["check", "."]).stdout.replace("\n", " ")
    assert pasted("scrub", said).exit_code == 0
    assert KEY not in Path("-q.yaml").read_text()


def test_the_command_repeats_what_was_typed(tmp_path: Path) -> None:
    """Rules and headers that were given hold on in the command that is printed."""
    body = json.dumps({"note": KEY, "city": "Rome"}).encode()
    headers = ck.Headers([("X-Kept", "1"), ("X-Gone", "2")])
    one = interaction(body)
    path = written(tmp_path, [replace(one, request=replace(one.request, headers=headers))])
    said = run("--redact", "field:city", "--keep-header", "x-kept", path).stderr
    assert pasted("scrub", said).exit_code == 0
    request = ck.load(path).interactions[0].request
    assert request.body == b'{"note": "REDACTED", "city": "REDACTED"}'
    assert list(request.headers) == ["x-kept"]


def test_a_secret_in_a_header_that_is_kept(tmp_path: Path) -> None:
    """It is told under the line of the headers, whatever header above it would have gone."""
    headers = ck.Headers([("Authorization", f"Bearer {SECRET}"), ("User-Agent", f"me {SECRET}")])
    one = interaction()
    path = written(tmp_path, [replace(one, request=replace(one.request, headers=headers))])
    lines = path.read_text().splitlines()
    _, told, what_to_do = run(path).stderr.splitlines()
    assert told == (
        f"  #0 request headers, line {lines.index('    headers:') + 1}: credential of this cassette"
    )
    assert pasted("scrub", what_to_do).exit_code == 0


def test_what_would_not_read_back(tmp_path: Path) -> None:
    """A value that the file cannot give back as it is stops the save."""
    path = written(tmp_path, [interaction()])
    stream = ck.Stream("complete", ((-5, 7),))
    with revision(path) as file:
        for wrong in (interaction(stream=stream), interaction(code=10**100)):
            with pytest.raises(ck.CassetteSaveError, match="not written, it would not read back"):
                file.text(ck.Cassette((wrong,)))


def test_rules_that_change_the_shape(tmp_path: Path) -> None:
    """A pattern may take the borders of parameters and of JSON with it: told without names."""
    one = interaction(b'{"a": [1, 2], "b": 3} {"c": 4}', url="https://api.example.com/?a=1&b=2")
    path = written(tmp_path, [one])
    result = run("--redact", "pattern:1&b", "--redact", r"pattern:[}] [{]", path)
    assert result.stdout.splitlines()[2:-1] == [
        "    request url: replaced",
        "    request body: replaced",
    ]
    path = written(tmp_path, [one])
    result = run("--redact", r"$.a", path)
    assert result.stdout.splitlines()[2:-1] == [
        "    request body: $.a replaced",
        "    response body: $.a replaced",
    ]


def test_a_secret_outside_of_interactions(tmp_path: Path) -> None:
    """A key in a comment at the top is seen, under its line."""
    path = written(tmp_path, [interaction()])
    text = path.read_text()
    path.write_text(f"# {KEY}\n{text}")
    result = run(path)
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()[1:]
    fix = f"`cassette-kit check --fix {path}`"
    assert told == f"  line 1: OpenAI key; no rule reaches it: edit it out and {fix}"


def test_rules_of_the_project(tmp_path: Path) -> None:
    """The nearest pyproject.toml counts, and rules of the command line are added to it."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cassette_kit]\nredact = ["field:city"]\nkeep_headers = ["x-kept"]\n'
    )
    headers = ck.Headers([("X-Also", "1"), ("X-Gone", "2"), ("X-Kept", "3")])
    one = interaction(b'{"city":"Bonn","name":"Ann"}')
    one = replace(one, request=replace(one.request, headers=headers))
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    path = written(folder, [one])
    program = [sys.executable, "-m", "cassette_kit", "scrub", "--redact", "field:name"]
    command = [*program, "--redact", "field:typo", "--keep-header", "x-also", path.name]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=True
    )
    request = ck.load(path).interactions[0].request
    assert request.body == b'{"city":"REDACTED","name":"REDACTED"}'
    assert [name for name, _ in request.headers.multi_items()] == ["X-Also", "X-Kept"]
    assert done.stderr == "nothing to redact was found by field:typo\n"

    (tmp_path / "pyproject.toml").write_text("[tool.cassette_kit\n")
    failed = subprocess.run(
        command, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 2
    assert "pyproject.toml: not readable as TOML: " in failed.stderr


@pytest.mark.parametrize("arguments", [["--redact", "city", "x.yaml"], []])
def test_a_wrong_call(arguments: list[str]) -> None:
    """A rule that cannot be read, or no path, is code 2."""
    assert run(*arguments).exit_code == 2


def test_while_it_is_recorded(tmp_path: Path) -> None:
    """A file is not changed under its recorder; what would change can be asked all the same."""
    path = written(tmp_path, [interaction(b'{"password": "pw"}')])
    old = path.read_bytes()
    journal = Journal(path, replaces=False)
    result = run(path)
    assert (result.exit_code, path.read_bytes()) == (1, old)
    assert result.stderr == (
        f"Error: {path}: somebody is recording or changing this file just now; "
        "change it when the recording has ended\n"
    )
    assert run("--check", path).stdout.endswith("1 of 1 cassette would be scrubbed\n")
    journal.release()
    assert run(path).exit_code == 0


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Each is told with its line, and keeps no other back."""
    (tmp_path / "a.yaml").write_bytes(b"---\nversion: 2\ninteractions:\n- id: 0\n")
    path = written(tmp_path, [interaction(b'{"password": "pw"}')])
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/a.yaml, line 4: ")
    assert b"REDACTED" in path.read_bytes()
    assert run(tmp_path / "none.yaml").exit_code == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_fails(fault: str, tmp_path: Path) -> None:
    """The old file stays whole, nothing lies beside it, and the next try succeeds."""
    path = written(tmp_path, [interaction(b'{"password": "pw"}')])
    old = path.read_bytes()
    for call in range(9):
        with Fault(fault, call, tmp_path).injected():
            result = run(path)
        assert list(tmp_path.iterdir()) == [path]
        if result.exit_code == 0:  # the fault came too late to do harm
            break
        assert result.stderr.startswith("Error: ")
        assert path.read_bytes() == old
    assert call > 0
    assert path.read_bytes() == old.replace(b'"pw"', b'"REDACTED"')


def test_a_kill(tmp_path: Path) -> None:
    """Killed just before the replacement, the old file is there, and the next run clears up."""
    path = written(tmp_path, [interaction(b'{"password": "pw"}')])
    old = path.read_bytes()
    program = (
        "import os; os.replace = lambda *_: os._exit(9);"
        f"from cassette_kit.cli import main; main(['scrub', {str(path)!r}])"
    )
    assert subprocess.run([sys.executable, "-c", program], env=ENVIRON, check=False).returncode == 9
    assert path.read_bytes() == old
    assert run(path).exit_code == 0
    assert list(tmp_path.iterdir()) == [path]


def test_names_are_harmless(tmp_path: Path) -> None:
    """What a cassette says reaches the terminal without control characters."""
    body = b'{"\\u001b]0;\\u202e": {"password": "pw"}}'
    path = written(tmp_path, [interaction(body, url="https://api.example.com/\x1b[2J")])
    result = run(path)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "$['\\u001b]0;\\u202e'].password" in result.stdout


def test_a_deep_body() -> None:
    """A body of a hundred thousand brackets with a secret in it takes no time and no stack."""
    body = b'{"a":' * 100_000 + b'{"password":"pw"}' + b"}" * 100_000
    result = scrubbed(ck.Cassette((interaction(body),)), Redactor())
    ((change,),) = result.changed.values()
    assert (change.part, change.places) == ("request body", 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(VALUES, st.lists(st.sampled_from(["password", "apiKey", "city"]), max_size=3))
def test_only_values_of_secret_fields_change(value: object, names: list[str]) -> None:
    """Whatever else a body holds is as it was; a second time there is nothing to do."""
    body = json.dumps([value, *({name: "four"} for name in names)]).encode()
    once = scrubbed(ck.Cassette((interaction(body),)), Redactor())
    twice = scrubbed(once.cassette, Redactor())
    assert twice.changed == {}
    assert twice.cassette.interactions[0] is once.cassette.interactions[0]
    after = json.loads(once.cassette.interactions[0].request.body)
    hidden = [{name: "four" if name == "city" else "REDACTED"} for name in names]
    assert after[1:] == hidden

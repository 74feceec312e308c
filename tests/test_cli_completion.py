"""Completion by the shell, help that is there at once, and the page of all commands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from terminals import ENVIRON, PROGRAM, on_a_pipe

from cassette_kit.checks import CHECKS
from cassette_kit.cli import COMMANDS, main

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
SESSIONS = re.findall(r"^```console\n\$ cassette-kit ([^`]+)^```$", PAGE.read_text("utf-8"), re.M)


def completed(words: str) -> list[str]:
    """What bash is told to offer for the last of these words."""
    count = len(words.split(" ")) - 1
    environ = {"COMP_WORDS": words, "COMP_CWORD": str(count)}
    result = on_a_pipe(_CASSETTE_KIT_COMPLETE="bash_complete", **environ)
    return result.stdout.splitlines()


def test_commands_are_completed() -> None:
    """A beginning is completed to the commands that begin so."""
    assert completed("cassette-kit sh") == ["plain,show"]
    assert len(completed("cassette-kit ")) == len(COMMANDS)


def test_options_are_completed() -> None:
    """So are the options of a command."""
    assert "plain,--events" in completed("cassette-kit show --e")


def test_codes_are_completed() -> None:
    """`check` offers the codes that it knows, for --ignore behind a pattern, too."""
    assert completed("cassette-kit check --select sec") == ["plain,secret"]
    assert len(completed("cassette-kit check --select ")) == len(CHECKS)
    assert completed("cassette-kit check --ignore sta") == ["plain,stale"]
    assert completed("cassette-kit check --ignore tests/*:un") == ["plain,tests/*:unreadable"]
    assert completed("cassette-kit check --select nothing") == [""]


def test_aspects_are_completed() -> None:
    """`diff --show` offers what can be shown, behind a comma what is not named yet."""
    offered = ["plain,ids", "plain,times", "plain,headers", "plain,all"]
    assert completed("cassette-kit diff --show ") == offered
    assert completed("cassette-kit diff --show h") == ["plain,headers"]
    assert completed("cassette-kit diff --show ids,t") == ["plain,ids,times"]
    assert completed("cassette-kit diff --show ids,i") == [""]


def test_files_are_left_to_the_shell() -> None:
    """For a path the shell's own completion is asked for, which knows folders and blanks."""
    assert completed("cassette-kit show tests/c") == ["file,tests/c"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str) -> None:
    """Each shell gets a script, and the shell that is here can read it."""
    result = on_a_pipe(_CASSETTE_KIT_COMPLETE=f"{shell}_source")
    assert result.returncode == 0
    assert f"_CASSETTE_KIT_COMPLETE={shell}_complete" in result.stdout
    if path := shutil.which(shell):
        subprocess.run([path, "-n"], input=result.stdout, text=True, check=True)


def test_the_page_has_every_command() -> None:
    """A command that the page of commands does not show is found by nobody."""
    page = PAGE.read_text("utf-8")
    assert [name for name in COMMANDS if f"cassette-kit {name} " not in page] == []


@pytest.mark.parametrize("block", SESSIONS, ids=lambda block: block.partition("\n")[0])
def test_sessions_of_the_page(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page shows of a command is what it prints."""
    monkeypatch.chdir(PAGE.parent)
    command, _, printed = block.partition("\n")
    assert on_a_pipe(*shlex.split(command)).stdout == printed


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_the_examples(name: str) -> None:
    """Whatever option an example of the help gives, the command has."""
    command = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    _, _, examples = (command.help or "").partition("Example:")
    told = [
        word
        for line in examples.splitlines()
        for word in line.partition(f"cassette-kit {name} ")[2].partition("|")[0].split()
        if word.startswith("-") and word != "-"  # a lone one is stdout
    ]
    assert [word for word in told if word.partition("=")[0] not in known] == []


def test_help_is_light() -> None:
    """The list of commands imports their modules alone, none of which imports what it may need."""
    program = [*PROGRAM[:1], "-X", "importtime", *PROGRAM[1:], "--help"]
    done = subprocess.run(program, env=ENVIRON, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    heavy = {"yaml", "httpx", "rich", "filelock", "msgspec", "pytest", "jinja2", "asyncio"}
    assert not heavy & {name.partition(".")[0] for name in loaded}

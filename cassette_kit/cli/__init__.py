"""The command line. Commands load when they are used; what they do lives in the layers below."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

import cassette_kit
from cassette_kit.cli.output import substitute_unprintable
from cassette_kit.errors import CassetteError, CassetteOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "accept": "cassette_kit.cli.accept:accept",
    "check": "cassette_kit.cli.check:check",
    "diff": "cassette_kit.cli.diff:diff",
    "drop": "cassette_kit.cli.drop:drop",
    "git-setup": "cassette_kit.cli.git_setup:git_setup",
    "grep": "cassette_kit.cli.grep:grep",
    "keep": "cassette_kit.cli.keep:keep",
    "list": "cassette_kit.cli.listing:listing",
    "play": "cassette_kit.cli.play:play",
    "rename": "cassette_kit.cli.rename:rename",
    "scrub": "cassette_kit.cli.scrub:scrub",
    "show": "cassette_kit.cli.show:show",
    "textconv": "cassette_kit.cli.textconv:textconv",
    "view": "cassette_kit.cli.view:view",
}


class Commands(click.Group):
    """The rows of COMMANDS.

    An error of the package, or of what stdout goes to, ends a command in one line, code 1, or 2
    where an option or a setting is wrong; Ctrl-C in none, code 130.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), function)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        if sys.stdout is None:
            raise click.ClickException("output: it is closed")
        try:
            return self._invoke_and_flush(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader has seen enough
                raise
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # what is left has nowhere to go
            raise click.ClickException(f"{error.filename or 'output'}: {error.strerror}") from error
        except CassetteError as error:
            from cassette_kit.conversation.printable import visible

            is_wrong_call = isinstance(error, CassetteOptionError)
            kind = click.UsageError if is_wrong_call else click.ClickException
            raise kind(visible(str(error))) from error
        except KeyboardInterrupt:
            ctx.exit(130)  # as a shell has it: 128 and the number of SIGINT

    def _invoke_and_flush(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        finally:  # commands that end by `ctx.exit` raise
            sys.stdout.flush()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(cassette_kit.__version__, prog_name="cassette-kit")
def main() -> None:
    """Look after cassettes: recorded HTTP exchanges that tests play back."""
    substitute_unprintable()

"""The options of a tape from everything that is set around it."""

from __future__ import annotations

import os

from cassette_kit import ambient
from cassette_kit.options import Options, Settings, environment, resolve


def project_options() -> Options:
    """What the files of the project say, whatever a run or a call says.

    Raises:
        CassetteOptionError: an unknown name, a wrong value, or a file that cannot be read.
    """
    return resolve([Settings(*named) for named in ambient.current().project.items()], {})


def options_for(call: Settings, *config: Settings) -> Options:
    """The options of a tape: the run's, then the call's, then weaker ones, then the project's.

    Raises:
        CassetteOptionError: see `options.resolve`.
    """
    surroundings = ambient.current()
    command = [Settings(*named, commands=True) for named in surroundings.command.items()]
    project = [Settings(*named) for named in surroundings.project.items()]
    return resolve([*command, environment(os.environ), call, *config, *project], os.environ)

"""Starts the target before the libraries of the command line are imported, so that both load at the same time.

Standard library only.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from netra_contracts.cli import arguments
from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.start import start
from netra_contracts.settings.bootstrap_config import ConfigFile, find_config
from netra_contracts.settings.launch_settings import InvalidConfigurationError, LaunchSettings, resolve
from netra_contracts.settings.options import Options
from netra_contracts.settings.options.kinds import Command


class Launch(NamedTuple):
    """A target that was started, or why it was not.

    Attributes:
        options: the valid options of the command line.
        config: the configuration file.
        settings: how the target was started; None: it was not.
        child: its process.
        problems: why it was not started, apart from what is wrong in the configuration file: `load_settings` reports
            that.
    """

    options: Options
    config: ConfigFile | None = None
    settings: LaunchSettings | None = None
    child: ProbeProcess | None = None
    problems: tuple[Problem, ...] = ()

    def __enter__(self) -> Launch:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the target, if it was started. May be called twice."""
        if self.child is not None:
            self.child.end()


def launch_early(command: Command, argv: list[str], running: list[ProbeProcess]) -> Launch | None:
    """Start the target of a command with these arguments; None if typer has to read them, or nothing is started.

    Args:
        command: `check` or `run`.
        argv: what follows it.
        running: see `start`.
    """
    words = argv
    if command == "run":
        from netra_contracts.cli.server.command import find

        words, server = arguments.split_server(argv)
        if not server or not find(server[0]):
            return None
    values = arguments.read(command, words)
    if values is None or values.get("from_file") is not None or values.get("all_targets") or values.get("watch"):
        return None
    return launch(command, values, running)


def launch(command: Command, values: dict[str, arguments.Value], running: list[ProbeProcess]) -> Launch:
    """Start the target of a command.

    Args:
        command: the command; the target of `run` must be configured, and is not discovered.
        values: its arguments.
        running: see `start`.
    """
    options, problems = arguments.validate(values)
    config = None
    try:
        cwd = os.getcwd()
        config = find_config(cwd)
        if command == "run":
            from netra_contracts.cli.server.command import configured_target

            config, options = configured_target(config, options, cwd)
        elif config is not None and "targets" in config.table:
            from netra_contracts.settings import targets

            config, options = targets.choose(config, options)
        settings = resolve(options, config, cwd, os.environ, sys.prefix, command)
        if not problems:
            return Launch(options, config, settings, start(settings, running))
    except InvalidConfigurationError as error:
        problems.extend(error.problems)
    except UsageError as error:
        problems.extend(error.problems)
    except FileNotFoundError:
        problems.append(Problem("the current folder does not exist", hint="change to the project's folder"))
    return Launch(options, config, problems=tuple(problems))

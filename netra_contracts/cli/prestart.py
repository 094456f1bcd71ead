"""Starts the target before the command line's libraries are loaded: they load while the target imports.

Standard library only. When anything is unclear nothing is started here, and the command line proper tells why.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from netra_contracts.cli import options
from netra_contracts.errors import NetraContractsError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.start import start
from netra_contracts.settings.launch_settings import LaunchOptions, LaunchSettings, resolve


class RunningTarget(NamedTuple):
    """A target that is coming up, and what it was started with."""

    settings: LaunchSettings
    child: ProbeProcess


def launch_options(values: dict[str, options.Value]) -> LaunchOptions:
    """The part of `check`'s options that the launch is about."""
    return LaunchOptions(**{name: values[name] for name in LaunchOptions._fields})  # type: ignore[arg-type]  # by the table of options


def resolve_here(values: dict[str, options.Value]) -> LaunchSettings:
    """How to start the target, from options, this folder and this environment.

    Raises:
        UsageError: see `launching.resolve`.
    """
    return resolve(launch_options(values), os.getcwd(), os.environ, sys.prefix)


def launch_early(argv: list[str]) -> RunningTarget | None:
    """Start what `check` with these arguments is about, or nothing."""
    values = options.read(argv)
    if values is None or values["from_file"] is not None:
        return None
    try:
        settings = resolve_here(values)
        return RunningTarget(settings, start(settings))
    except (NetraContractsError, OSError):
        return None

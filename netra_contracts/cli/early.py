"""Starts the target before the command line's libraries are loaded: they load while the target imports.

Standard library only. When anything is unclear nothing is started here, and the command line proper tells why.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from netra_contracts.cli import options
from netra_contracts.config.launching import LaunchOptions, LaunchSettings, resolve
from netra_contracts.errors import NetraContractsError
from netra_contracts.launch.child import Child
from netra_contracts.launch.start import start


class Started(NamedTuple):
    """A target that is coming up, and what it was started with."""

    settings: LaunchSettings
    child: Child


def launch_options(values: dict[str, options.Value]) -> LaunchOptions:
    """The part of `check`'s options that the launch is about."""
    return LaunchOptions(**{name: values[name] for name in LaunchOptions._fields})  # type: ignore[arg-type]  # by the table of options


def resolve_here(values: dict[str, options.Value]) -> LaunchSettings:
    """How to start the target, from options, this folder and this environment.

    Raises:
        UsageError: see `launching.resolve`.
    """
    return resolve(launch_options(values), os.getcwd(), os.environ, sys.prefix)


def begin(argv: list[str]) -> Started | None:
    """Start what `check` with these arguments is about, or nothing."""
    values = options.read(argv)
    if values is None or values["from_file"] is not None:
        return None
    try:
        settings = resolve_here(values)
        return Started(settings, start(settings))
    except (NetraContractsError, OSError):
        return None

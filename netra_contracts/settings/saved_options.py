"""The options of `init` that `check` needs as well, as keys of the configuration file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts.errors import UsageError
from netra_contracts.settings.interpreter_discovery import OwnEnvironment, find_interpreter, same_file
from netra_contracts.settings.launch_settings import LaunchSettings
from netra_contracts.settings.options import Options, options_of
from netra_contracts.settings.options.kinds import Text


class SavedOptions(NamedTuple):
    """Keys of the configuration file with their values, and sentences on what cannot be saved in it."""

    values: dict[str, str | float | bool]
    notes: tuple[str, ...]


def options_to_save(given: Options, launch: LaunchSettings, folder: str) -> SavedOptions:
    """What `check` would not find by itself. Paths are relative to the configuration's folder.

    Absolute paths outside of that folder are not saved: they would be wrong on every other machine.

    Args:
        given: the options of the command line.
        launch: how the target was started.
        folder: that of the configuration file.
    """
    values: dict[str, str | float | bool] = {}
    notes: list[str] = []
    for key, path, written in _paths(given, launch, folder):
        relative = os.path.relpath(path, folder)
        if relative.startswith(os.pardir) and (not written or os.path.isabs(os.path.expanduser(written))):
            notes.append(f"`{key}` is not in the configuration, since {path} is outside of the project: give --{key}")
        else:
            values[key] = relative.replace(os.sep, "/")
    if given.python is not None and _is_command(given.python, launch):
        values["python"] = given.python
    for option in options_of("init"):
        if option.has_key and option.name in given.given and not isinstance(option, Text):  # see above
            values[option.key] = given.given[option.name]
    return SavedOptions(values, tuple(notes))


def _paths(given: Options, launch: LaunchSettings, folder: str) -> Iterator[tuple[str, str, str]]:
    """Keys, absolute paths, and paths as they were given, of what must be saved."""
    app_dir = os.path.abspath(launch.app_dir)
    if not same_file(app_dir, folder):
        yield "app-dir", app_dir, given.app_dir or ""
    if given.env_file is not None:
        yield "env-file", _absolute(given.env_file, launch), given.env_file
    if given.python is not None and not _is_command(given.python, launch) and not _is_found(launch, folder):
        yield "python", _absolute(given.python, launch), given.python


def _absolute(path: str, launch: LaunchSettings) -> str:
    return os.path.abspath(os.path.join(launch.cwd, os.path.expanduser(path)))


def _is_command(python: str, launch: LaunchSettings) -> bool:
    """Whether an interpreter was given by its name on `PATH`."""
    return os.path.basename(python) == python and not os.path.exists(os.path.join(launch.cwd, python))


def _is_found(launch: LaunchSettings, folder: str) -> bool:
    """Whether the interpreter would be used if none was given."""
    try:
        own = OwnEnvironment(sys.prefix, sys.executable)
        found = find_interpreter(None, os.environ, folder, (launch.app_dir, folder), own)
    except UsageError:
        return False
    return os.path.abspath(found.path) == os.path.abspath(launch.python)

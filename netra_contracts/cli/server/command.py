"""The command of a server, which `run` becomes. Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.launch.stray_processes import RUN_VARIABLE
from netra_contracts.settings import targets
from netra_contracts.settings.bootstrap_config import OWN_FILE, PREFIX, PYPROJECT, ConfigFile
from netra_contracts.settings.interpreter_discovery import which
from netra_contracts.settings.options import Options

#: What shells exit with where a command cannot be executed, and where there is none.
NOT_EXECUTABLE, NOT_FOUND = 126, 127
#: Variables that mark a check. The server is not checked.
_OF_A_CHECK = ("NETRA_CONTRACTS", RUN_VARIABLE)
#: Signals that the Python interpreter ignores from its start; an ignored signal stays ignored in what it executes.
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ")


def configured_target(config: ConfigFile | None, options: Options, cwd: str) -> tuple[ConfigFile, Options]:
    """The configuration of the target that is checked before a server starts; it is not discovered.

    Args:
        config: the configuration file.
        options: those of the command line; their target is the name of a configured one.
        cwd: the folder of the command.

    Returns:
        The configuration, and the options without the target.

    Raises:
        UsageError: if none is configured, or if it is not clear which of several is meant.
    """
    names = targets.names_of(config) if config is not None else []
    if options.target is None and len(names) > 1:
        example = f"name one, e.g. `netra-contracts run {names[0]} -- COMMAND`"
        raise UsageError([Problem(f"{len(names)} targets are configured: {', '.join(names)}", "run", example)])
    given = options.target
    if config is not None:
        config, options = targets.choose(config, options)
    if config is None or not ("target" in config.table or names):
        place = cwd if config is None else display_path(config.path)
        hint = f'set target = "myapp.main:app" in [{PREFIX}] of {PYPROJECT}, or in {OWN_FILE}'
        raise UsageError([Problem("no target is configured", place, hint)])
    if options.target is not None:
        hint = f"the names are {', '.join(names)}" if names else "leave it out: one target is configured"
        raise UsageError([Problem(f'no configured target has the name "{given}"', "run", hint)])
    return config, options


def find(name: str) -> str:
    """The file that a command names, found on `PATH` unless it is a path; empty: there is none that can be executed."""
    if os.sep in name:
        return name if os.path.isfile(name) and os.access(name, os.X_OK) else ""
    return which(name, os.environ.get("PATH", os.defpath))


def become(file: str, words: Sequence[str]) -> OSError:
    """Replace this process by the server.

    It has the process id, the standard streams, and the dispositions and masks of signals that this process was started
    with, and none of its other descriptors: Python closes these on `exec`. Handlers become the default by themselves.

    Args:
        file: the server's executable.
        words: its command line.

    Returns:
        Why it cannot be executed; else it does not return.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    for name in _IGNORED_BY_PYTHON:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execve(file, list(words), _environment())  # noqa: S606 - what the user asked for
    except OSError as error:
        return error


def _environment() -> dict[str, str]:
    """The environment that this process was started with, without the variables that mark a check."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_CHECK}
    if "LC_CTYPE" in environment and not _was_started_with("LC_CTYPE"):
        del environment["LC_CTYPE"]  # Python sets it in the C locale (PEP 538)
    return environment


def _was_started_with(name: str) -> bool:
    """Whether a variable was set when this process began; also where there is no `/proc` that says it."""
    try:
        with open("/proc/self/environ", "rb") as file:
            return any(entry.startswith(os.fsencode(f"{name}=")) for entry in file.read().split(b"\0"))
    except OSError:
        return True

"""Finds the interpreter that starts the target. Standard library only: this runs before the target is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from netra_contracts.errors import Problem, UsageError, display_path

_INTERPRETER = "name an interpreter, e.g. .venv/bin/python, or the folder of a virtual environment"


def find_python(explicit: str | None, environ: Mapping[str, str], cwd: str, own_prefix: str) -> tuple[str, str]:
    """The interpreter that runs the target, and a sentence that says why it was chosen.

    Args:
        explicit: given by the user: a path, the folder of a virtual environment, or a name on `PATH`.
        environ: the environment of the command.
        cwd: folder in which, and above which, `.venv/` is searched for.
        own_prefix: `sys.prefix` of netra-contracts. If it runs in the active environment, that is not necessarily the
            target's: pre-commit activates the environment of the hook.

    Raises:
        UsageError: if `explicit` does not exist or cannot be executed.
    """
    if explicit is not None:
        return _explicit(explicit, environ, cwd)
    active = environ.get("VIRTUAL_ENV")
    if active and not _same(active, own_prefix):
        python = _python_in(active)
        if python:
            return python, f"interpreter {display_path(python)}, of the active virtual environment"
    folder = os.path.abspath(cwd)
    while True:
        python = _python_in(os.path.join(folder, ".venv"))
        if python:
            return python, f"interpreter {display_path(python)}, of the nearest .venv"
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return (
                sys.executable,
                f"interpreter {sys.executable}, which runs netra-contracts: no virtual environment was found",
            )


def _python_in(environment: str) -> str:
    python = os.path.join(environment, "bin", "python")
    return python if os.path.isfile(python) and os.access(python, os.X_OK) else ""


def _explicit(asked: str, environ: Mapping[str, str], cwd: str) -> tuple[str, str]:
    path = os.path.join(cwd, os.path.expanduser(asked))
    if os.path.isdir(path) and _python_in(path):
        path = _python_in(path)
    elif not os.path.exists(path) and os.path.basename(asked) == asked:
        path = _on_path(asked, environ) or path
    if not os.path.exists(path):
        problem = Problem(f"there is no interpreter {display_path(path)}", "--python", _INTERPRETER)
    elif os.path.isdir(path):
        problem = Problem(f"{display_path(path)} is a folder without bin/python", "--python", _INTERPRETER)
    elif not os.access(path, os.X_OK):
        problem = Problem(f"{display_path(path)} cannot be executed", "--python", _INTERPRETER)
    else:
        return path, f"interpreter {display_path(path)}, as given"
    raise UsageError([problem])


def _on_path(name: str, environ: Mapping[str, str]) -> str | None:
    from shutil import which  # noqa: PLC0415 - rarely needed, and loads the compression libraries

    return which(name, path=environ.get("PATH", os.defpath))


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)

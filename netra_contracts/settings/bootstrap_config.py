"""The configuration as far as it is needed before the target is started. Standard library only.

Nothing is judged here beyond what reading needs: `settings` tells everything that is wrong, at once.
"""
# pathlib costs an import before the launch

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path

OWN_FILE = "netra-contracts.toml"
PYPROJECT = "pyproject.toml"
PREFIX = "tool.netra-contracts"


class ConfigFile(NamedTuple):
    """A configuration file: `table` is our part of it, `prefix` where that stands, `text` the whole file."""

    path: str
    folder: str
    prefix: str
    table: dict[str, Any]
    text: str


def find_config(folder: str) -> ConfigFile | None:
    """The nearest configuration, in a folder or above it, not beyond the root of its repository.

    In each folder `netra-contracts.toml` goes before a `pyproject.toml` with `[tool.netra-contracts]`.

    Raises:
        UsageError: if a file cannot be read or is no TOML.
    """
    folder = os.path.abspath(folder)
    while True:
        own, pyproject = os.path.join(folder, OWN_FILE), os.path.join(folder, PYPROJECT)
        if os.path.isfile(own):
            return read_config(own)
        if os.path.isfile(pyproject):
            found = read_config(pyproject)
            if found.prefix:
                return found
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def read_config(path: str) -> ConfigFile:
    """A configuration file: ours is `[tool.netra-contracts]` where there is such a table, else the whole of it.

    Raises:
        UsageError: if it cannot be read or is no TOML.
    """
    document, text = read_toml(path)
    tool = document.get("tool")
    ours = tool.get("netra-contracts") if isinstance(tool, dict) else None
    folder = os.path.dirname(os.path.abspath(path))
    if isinstance(ours, dict):
        return ConfigFile(path, folder, PREFIX, ours, text)
    if ours is not None:
        raise UsageError([Problem("this must be a table", f"{display_path(path)}: {PREFIX}", f"write [{PREFIX}]")])
    return ConfigFile(path, folder, "", document, text)


def read_toml(path: str) -> tuple[dict[str, Any], str]:
    """A TOML file as a table, and its text with the line ends that it has.

    Raises:
        UsageError: if it cannot be read or is no TOML.
    """
    text = _read(path, "as TOML must be", newline="")
    import tomllib  # noqa: PLC0415 - not needed where there is no file

    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise UsageError([_broken_toml(str(error), display_path(path), text)]) from error
    except ValueError as error:  # Python limits the digits of an integer, and tomllib passes its complaint on
        raise UsageError([Problem("this TOML file contains a number that is too large", display_path(path))]) from error
    except RecursionError as error:
        raise UsageError([Problem("this TOML file is nested too deeply", display_path(path))]) from error


def _read(path: str, why_utf8: str, newline: str | None = None) -> str:
    try:
        with open(path, encoding="utf-8-sig", newline=newline) as file:
            return file.read()
    except OSError as error:
        raise UsageError([Problem(f"this file cannot be read: {error.strerror}", display_path(path))]) from error
    except UnicodeDecodeError as error:
        message = f"this file is not UTF-8, {why_utf8}: byte {error.start + 1} is 0x{error.object[error.start]:02x}"
        raise UsageError([Problem(message, display_path(path), "save it as UTF-8")]) from error
    except ValueError as error:  # what the operating system is not even asked for
        raise UsageError([Problem("a file name cannot contain a NUL character", display_path(path))]) from error


def _broken_toml(message: str, path: str, text: str) -> Problem:
    """tomllib says `Expected '=' (at line 3, column 7)`, or `(at end of document)`."""
    reason, _, at = message.rpartition(" (at ")
    numbers = [int(word) for word in at.strip(")").replace(",", "").split() if word.isdigit()]
    if len(numbers) != 2:
        written = text.replace("\r\n", "\n").rstrip("\n").split("\n")
        numbers = [len(written), len(written[-1]) + 1]
    line, column = numbers
    told = f"this is not valid TOML at line {line}, column {column}: {reason or message}"
    return Problem(told, f"{path}:{line}:{column}")


def load_env_file(path: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables from an environment file, as `envfile` reads them.

    Args:
        path: of the file.
        environ: where `${NAME}` is looked up when the file has not set it before; default: this process's environment.

    Raises:
        UsageError: if the file cannot be read, or with every line that is not an assignment.
    """
    from netra_contracts.settings.dotenv import parse  # noqa: PLC0415 - not needed where there is no such file

    return parse(
        _read(path, "as environment files must be"), display_path(path), os.environ if environ is None else environ
    )

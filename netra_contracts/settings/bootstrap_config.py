"""The configuration as far as it is needed before the target is started. Standard library only.

Nothing is judged here beyond what reading needs: `settings` tells everything that is wrong, at once.
"""
# pathlib costs an import before the launch

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path

OWN_FILE = "netra-contracts.toml"
PYPROJECT = "pyproject.toml"
PREFIX = "tool.netra-contracts"
_LARGEST = sys.float_info.max


class ConfigFile(NamedTuple):
    """A configuration file: `table` is our part of it, `prefix` where that stands, `text` the whole file."""

    path: str
    folder: str
    prefix: str
    table: dict[str, Any]
    text: str


class LaunchConfig(NamedTuple):
    """The settings that the launch needs; None: not configured. Paths are as written, seconds are seconds."""

    target: str | None = None
    factory: bool | None = None
    app_dir: str | None = None
    python: str | None = None
    env: Mapping[str, str] = {}
    env_file: str | None = None
    startup_timeout: float | None = None
    shutdown_timeout: float | None = None
    settle: float | None = None
    contracts: tuple[str, ...] = ()


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
        raise UsageError(
            [Problem("this TOML holds a number that is too large to be read", display_path(path))]
        ) from error
    except RecursionError as error:
        raise UsageError([Problem("this TOML is nested too deeply to be read", display_path(path))]) from error


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
        raise UsageError(
            [Problem("no file can have this name: it contains a NUL character", display_path(path))]
        ) from error


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


#: Keys of a configuration that the launch does not need. Held equal to the model in `settings` by a test.
LATER_KEYS = frozenset({"checks", "phase", "select", "ignore", "fail-level", "format", "components", "events"})


def read_early(table: Mapping[str, Any]) -> LaunchConfig | None:
    """What the launch needs of a configuration.

    None if there is anything in it that `settings` will refuse: an unknown key, a value of a wrong kind. Nothing should
    be started then.
    """
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in LATER_KEYS:
            continue
        read = _READERS.get(key)
        known = None if read is None else read(value)
        if known is None:
            return None
        found[key.replace("-", "_")] = known
    return LaunchConfig(**found)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _seconds(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= _LARGEST else None  # type: ignore[operator,arg-type]  # a number


def _deadline(value: object) -> float | None:
    return _seconds(value) or None


def _variables(value: object) -> dict[str, str] | None:
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return None if any(refused_variable(name, text) for name, text in value.items()) else value
    return None


def _references(value: object) -> tuple[str, ...] | None:
    references = [value] if isinstance(value, str) else value
    if isinstance(references, list) and all(isinstance(reference, str) and reference for reference in references):
        return tuple(references)
    return None


_READERS = {
    "target": _text,
    "factory": _switch,
    "app-dir": _text,
    "python": _text,
    "env": _variables,
    "env-file": _text,
    "startup-timeout": _deadline,
    "shutdown-timeout": _deadline,
    "settle": _seconds,
    "contracts": _references,
}


def refused_variable(name: str, value: str) -> str:
    """Why the operating system would refuse a variable of the environment, as a sentence; "" if it would not."""
    if not name or "=" in name or "\0" in name:
        return f'"{name}" cannot be the name of a variable'
    return f"the value of {name} contains a NUL character" if "\0" in value else ""


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

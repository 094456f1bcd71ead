"""The configuration as far as it is needed before the target is started. Standard library only.

Nothing is validated here beyond what reading needs; `settings` does that, with everything that is wrong at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from netra_contracts.errors import Problem, UsageError

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


class EarlySettings(NamedTuple):
    """The settings that the launch needs; None: not configured."""

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
    """The nearest configuration, in a folder or above it, not beyond the repository's root.

    Raises:
        UsageError: if a file cannot be read or is no TOML.
    """
    folder = os.path.abspath(folder)
    while True:
        own = os.path.join(folder, OWN_FILE)
        if os.path.isfile(own):
            table, text = read_toml(own)
            return ConfigFile(own, folder, "", table, text)
        pyproject = os.path.join(folder, PYPROJECT)
        if os.path.isfile(pyproject):
            document, text = read_toml(pyproject)
            tool = document.get("tool")
            ours = tool.get("netra-contracts") if isinstance(tool, dict) else None
            if isinstance(ours, dict):
                return ConfigFile(pyproject, folder, PREFIX, ours, text)
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def read_toml(path: str) -> tuple[dict[str, Any], str]:
    """A TOML file as a table, and its text.

    Raises:
        UsageError: if it cannot be read or is no TOML.
    """
    import tomllib  # noqa: PLC0415 - not needed where there is no file

    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        return tomllib.loads(text), text
    except OSError as error:
        raise UsageError([Problem(f"it cannot be read: {error.strerror}", path)]) from error
    except UnicodeDecodeError as error:
        raise UsageError([Problem("it is not UTF-8, as TOML must be", path)]) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError([_broken_toml(str(error), path)]) from error


def _broken_toml(message: str, path: str) -> Problem:
    """tomllib says `Expected '=' (at line 3, column 7)`: the place goes where places stand."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if found is None:
        return Problem(f"it is no valid TOML: {message}", path)
    place = f"{path}:{found[1]}:{found[2]}"
    return Problem(f"it is no valid TOML: {message[: found.start()]}", place)


def read_early(table: Mapping[str, Any]) -> EarlySettings | None:
    """What the launch needs of a configuration; None if any of it is of a wrong kind."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "target": str,
        "factory": bool,
        "app-dir": str,
        "python": str,
        "env-file": str,
        "startup-timeout": (int, float),
        "shutdown-timeout": (int, float),
        "settle": (int, float),
    }
    found: dict[str, Any] = {}
    for key, kind in kinds.items():
        if key in table:
            if not isinstance(table[key], kind) or (kind is not bool and isinstance(table[key], bool)):
                return None
            found[key.replace("-", "_")] = table[key]
    env = table.get("env", {})
    if not isinstance(env, dict) or not all(isinstance(value, str) for value in env.values()):
        return None
    contracts = table.get("contracts", ())
    references = (contracts,) if isinstance(contracts, str) else tuple(contracts)
    if not all(isinstance(reference, str) for reference in references):
        return None
    return EarlySettings(**found, env=env, contracts=references)


_ASSIGNMENT = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)$", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}


def load_env_file(path: str) -> dict[str, str]:
    """Variables from an environment file: `NAME=value` lines, `export`, comments, quotes; nothing is interpolated.

    Written here although python-dotenv exists: it is read before the target starts, where each import delays the target.

    Raises:
        UsageError: if the file cannot be read, or a line is no assignment.
    """
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError([Problem(f"the environment file cannot be read: {reason}", path)]) from error
    found: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        assignment = _ASSIGNMENT.match(text)
        if assignment is None:
            problems.append(Problem("this line is no assignment", f"{path}:{number}", "write NAME=value"))
        else:
            found[assignment[1]] = _env_value(assignment[2])
    if problems:
        raise UsageError(problems)
    return found


def _env_value(text: str) -> str:
    """Quotes taken off, escapes resolved within double quotes, a trailing comment dropped outside of quotes."""
    if text.startswith("'"):
        end = text.find("'", 1)
        return text[1:end] if end > 0 else text
    if text.startswith('"'):
        quoted = re.match(r'"((?:\\.|[^"\\])*)"', text)
        if quoted is None:
            return text
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[0]), quoted[1])
    return re.sub(r"\s+#.*$", "", text)

"""Finds every configuration file below a folder, as in a repository of many projects. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.settings.bootstrap_config import OWN_FILE, PYPROJECT, ConfigFile, read_config
from netra_contracts.settings.input_files import InputFileError, read_bytes

#: How many folders are searched: more are hardly meant.
MAX_FOLDERS = 50_000
#: Folders with code of others. Hidden folders, virtual environments and links are not searched, either.
_SKIPPED = frozenset({"node_modules", "site-packages", "dist-packages", "__pycache__", "__pypackages__"})
#: What a folder contains that is a virtual environment, or one of conda.
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


class FoundConfig(NamedTuple):
    """A configuration file below a folder, or one that cannot be read.

    Attributes:
        folder: absolute path of its folder.
        name: this path relative to the folder that was searched, with `/`; that folder itself is `.`.
        config: the file; None: it, or the folder, cannot be read.
        problems: why.
    """

    folder: str
    name: str
    config: ConfigFile | None
    problems: tuple[Problem, ...] = ()


def find_configs(root: str) -> Iterator[FoundConfig]:
    """Every configuration file in a folder and below it, in the order of their paths.

    Raises:
        UsageError: if there are too many folders, or the folder itself does not exist.
    """
    root = os.path.abspath(root)
    if not os.path.isdir(root):
        raise UsageError([Problem(f"{display_path(root)} is not a folder", "DIR")])
    pending, searched = [root], 0
    while pending:
        folder = pending.pop()
        searched += 1
        if searched > MAX_FOLDERS:
            message = f"there are more than {MAX_FOLDERS:,} folders in {display_path(root)}"
            raise UsageError([Problem(message, "DIR", "name a smaller folder")])
        name = os.path.relpath(folder, root).replace(os.sep, "/")
        try:
            inner = _folders_in(folder, is_root=folder == root)
            config = _config_in(folder) if inner is not None else None
        except OSError as error:
            reason = Problem(f"this folder cannot be read: {error.strerror}", display_path(folder))
            yield FoundConfig(folder, name, None, (reason,))
            continue
        except UsageError as error:
            yield FoundConfig(folder, name, None, error.problems)
            continue
        if config is not None:
            yield FoundConfig(folder, name, config)
        pending.extend(reversed(inner or ()))


def _folders_in(folder: str, *, is_root: bool) -> list[str] | None:
    """The folders to search in a folder, in the order of their names; None: it is an environment.

    Raises:
        OSError: if it cannot be read.
    """
    with os.scandir(folder) as entries:
        found = list(entries)
    if not is_root and any(entry.name in _ENVIRONMENT_MARKS for entry in found):
        return None
    return sorted(
        entry.path
        for entry in found
        if not entry.name.startswith(".") and entry.name not in _SKIPPED and entry.is_dir(follow_symlinks=False)
    )


def _config_in(folder: str) -> ConfigFile | None:
    """The configuration file in a folder.

    Raises:
        UsageError: if it cannot be read or is not valid TOML.
    """
    own, pyproject = os.path.join(folder, OWN_FILE), os.path.join(folder, PYPROJECT)
    if os.path.lexists(own):  # a dangling link is an error
        return read_config(own)
    if not os.path.isfile(pyproject):
        return None
    try:
        config = read_config(pyproject)
    except UsageError:
        if _may_be_ours(pyproject):
            raise
        return None
    return config if config.prefix else None


def _may_be_ours(path: str) -> bool:
    """Whether a `pyproject.toml` with a mistake seems to have our table, maybe misspelt. Others may have mistakes."""
    try:
        content = read_bytes(path)
    except InputFileError:
        return True
    return any(word in content for word in (b"netra", b"contract"))

"""Finds the environments that poetry and pdm keep outside of the project. Standard library only."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netra_contracts.errors import UsageError, display_path
from netra_contracts.settings.bootstrap_config import PYPROJECT, read_toml
from netra_contracts.settings.input_files import MAX_SOURCE, InputFileError, read_bytes


def of_tools(folders: Sequence[str], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The interpreters that files of poetry and pdm name, each with a sentence that says why; or why there is none.

    Args:
        folders: of the project and its parents, the nearest first.
        environ: the environment of the command.
    """
    for folder in folders:
        yield from _of_pdm(folder)
        if _is_of_poetry(folder):
            yield _of_poetry(folder, environ)


def _of_pdm(folder: str) -> Iterator[tuple[str, str]]:
    """`.pdm-python` has the path of the interpreter: https://pdm-project.org/latest/usage/venv/"""
    file = os.path.join(folder, ".pdm-python")
    if not os.path.isfile(file):
        return
    try:
        python = os.fsdecode(read_bytes(file, MAX_SOURCE)).strip()
    except InputFileError as error:
        yield "", f"{display_path(file)} {error}"
        return
    if os.path.isfile(python) and os.access(python, os.X_OK):
        yield python, f"interpreter {display_path(python)}, named by {display_path(file)}"
    else:
        yield "", f"{display_path(file)} names {python}, which cannot be executed"


def _is_of_poetry(folder: str) -> bool:
    if any(os.path.isfile(os.path.join(folder, name)) for name in ("poetry.lock", "poetry.toml")):
        return True
    file = os.path.join(folder, PYPROJECT)
    tool = _table(file).get("tool") if _mentions_poetry(file) else None
    return isinstance(tool, dict) and "poetry" in tool


def _mentions_poetry(file: str) -> bool:
    """Whether a file is worth parsing: most projects do not use poetry, and each parent folder is searched."""
    try:
        return os.path.isfile(file) and b"poetry" in read_bytes(file)
    except InputFileError:
        return False


def _of_poetry(folder: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """The environment that poetry has activated for a project, as `EnvManager` of poetry 1 and 2 names it.

    https://github.com/python-poetry/poetry/blob/main/src/poetry/utils/env/env_manager.py
    """
    import glob  # noqa: PLC0415 - for projects of poetry only

    environments = _poetry_folder(folder, environ)
    name = _poetry_name(folder)
    activated = _table(os.path.join(environments, "envs.toml")).get(name, {})
    minor = activated.get("minor", "*") if isinstance(activated, dict) else "*"
    found = sorted(
        glob.glob(os.path.join(glob.escape(environments), f"{glob.escape(name)}-py{minor}", "bin", "python"))
    )
    if not found:
        return "", f"poetry has no environment {name}-py{minor} in {display_path(environments)}"
    if len(found) > 1:
        return "", f"poetry has {len(found)} environments of {display_path(folder)}; choose one: poetry env use"
    return found[0], f"interpreter {display_path(found[0])}, which poetry made for {os.path.basename(folder)}"


def _poetry_name(folder: str) -> str:
    import base64  # noqa: PLC0415 - for projects of poetry only
    import hashlib  # noqa: PLC0415 - as above: it loads OpenSSL

    project = _table(os.path.join(folder, PYPROJECT))
    tables: list[Any] = [project.get("project"), (project.get("tool") or {}).get("poetry")]
    name = next((str(table["name"]) for table in tables if isinstance(table, dict) and "name" in table), "")
    name = re.sub(r'[ $`!*@"\\\r\n\t]', "_", name.lower())[:42]
    digest = hashlib.sha256(os.path.normcase(os.path.realpath(folder)).encode("utf-8", "surrogateescape")).digest()
    return f"{name}-{base64.urlsafe_b64encode(digest).decode()[:8]}"


def _poetry_folder(folder: str, environ: Mapping[str, str]) -> str:
    """The folder with poetry's environments: https://python-poetry.org/docs/configuration/"""
    home = environ.get("HOME", os.path.expanduser("~"))
    is_mac = sys.platform == "darwin"
    config = os.path.join(home, "Library", "Application Support") if is_mac else os.path.join(home, ".config")
    cache = os.path.join(home, "Library", "Caches") if is_mac else os.path.join(home, ".cache")
    config = environ.get("POETRY_CONFIG_DIR") or os.path.join(environ.get("XDG_CONFIG_HOME") or config, "pypoetry")
    cache = environ.get("POETRY_CACHE_DIR") or os.path.join(environ.get("XDG_CACHE_HOME") or cache, "pypoetry")
    files = (os.path.join(folder, "poetry.toml"), os.path.join(config, "config.toml"))
    tables = [_table(file) for file in files]
    configured = [str(table["cache-dir"]) for table in tables if "cache-dir" in table]
    cache = environ.get("POETRY_CACHE_DIR") or next(iter(configured), cache)
    paths = [table["virtualenvs"].get("path") for table in tables if isinstance(table.get("virtualenvs"), dict)]
    path = environ.get("POETRY_VIRTUALENVS_PATH") or next(
        (str(path) for path in paths if path), "{cache-dir}/virtualenvs"
    )
    return os.path.expanduser(path.replace("{cache-dir}", cache))


def _table(file: str) -> dict[str, Any]:
    try:
        return read_toml(file)[0] if os.path.isfile(file) else {}
    except UsageError:  # poetry reports what is wrong with its own files
        return {}

"""Finds the target and its interpreter. Standard library only: this runs before the target is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netra_contracts.errors import Problem, UsageError

#: Where fastapi-cli looks for an application, too.
PLACES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")


class TargetSpec(NamedTuple):
    """A target in parts: import path, attribute (None: to be found), import folder (None: not said), and how it was found."""

    module: str
    attr: str | None
    app_dir: str | None
    how: str


def parse_target(text: str) -> TargetSpec:
    """A target as the user wrote it: `module:attr`, `module`, or a file such as `src/main.py:app`.

    Raises:
        UsageError: if it is none of them.
    """
    place, colon, attr = text.partition(":")
    if place.endswith(".py") or "/" in place:
        return _parse_file(text, place, attr or None)
    if not _is_dotted(place) or (colon and not _is_dotted(attr)):
        raise UsageError([Problem(f'"{text}" names no target', "TARGET", "write module:attr, e.g. myapp.main:app")])
    return TargetSpec(place, attr or None, None, f"target `{text}`")


def _is_dotted(text: str) -> bool:
    return all(step.isidentifier() for step in text.split("."))


def _parse_file(text: str, place: str, attr: str | None) -> TargetSpec:
    path = os.path.abspath(place)
    if not place.endswith(".py") and os.path.isfile(path + ".py"):
        path += ".py"
    if not os.path.isfile(path) or not path.endswith(".py"):
        dotted = place.removesuffix(".py").strip("./").replace("/", ".")
        hint = f"there is no such file; as a module it would be `{dotted}{':' + attr if attr else ''}`"
        raise UsageError([Problem(f'"{text}" names no target', "TARGET", hint)])
    if attr is not None and not _is_dotted(attr):
        raise UsageError([Problem(f'"{attr}" is no attribute', "TARGET", "write file.py:attr, e.g. main.py:app")])
    module, folder = _module_of(path)
    return TargetSpec(module, attr, folder, f"target `{text}`, imported as `{module}` from {folder}")


def _module_of(path: str) -> tuple[str, str]:
    """Import path of a file, and the folder that holds its topmost package."""
    parts = [os.path.basename(path).removesuffix(".py")]
    folder = os.path.dirname(path)
    if parts == ["__init__"]:
        parts = []
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    return ".".join(parts), folder


def discover(folder: str) -> TargetSpec | None:
    """The target of a folder without a configured one: FastAPI's own entry, then the conventional places."""
    return _fastapi_entry(folder) or next(_conventional(folder), None)


def _fastapi_entry(folder: str) -> TargetSpec | None:
    from netra_contracts.config.early import PYPROJECT, read_toml  # noqa: PLC0415 - not needed where there is a target

    path = os.path.join(folder, PYPROJECT)
    if not os.path.isfile(path):
        return None
    tool = read_toml(path)[0].get("tool")
    fastapi = tool.get("fastapi") if isinstance(tool, dict) else None
    entry = fastapi.get("entrypoint") if isinstance(fastapi, dict) else None
    if not isinstance(entry, str):
        return None
    how = f"target `{entry}`, from [tool.fastapi] entrypoint in {PYPROJECT}"
    return parse_target(entry)._replace(app_dir=folder, how=how)


def _conventional(folder: str) -> Iterator[TargetSpec]:
    for place in PLACES:
        path = os.path.join(folder, *place.split("/"))
        if os.path.isfile(path):
            module, base = _module_of(path)
            if not module.startswith("app.") and place.startswith("app/"):  # a folder that is a namespace package
                module, base = f"app.{module}", folder
            yield TargetSpec(module, None, base, f"target `{module}`, from {place}, a conventional place")


def find_python(explicit: str | None, environ: Mapping[str, str], cwd: str, own_prefix: str) -> tuple[str, str]:
    """The interpreter to start the target in, and a sentence on why that one.

    Raises:
        UsageError: if the one that was asked for is none.
    """
    if explicit is not None:
        return _explicit(explicit)
    active = environ.get("VIRTUAL_ENV")
    if active and not _same(active, own_prefix):
        python = os.path.join(active, "bin", "python")
        if os.access(python, os.X_OK):
            return python, f"interpreter {python}, of the active virtual environment"
    folder = os.path.abspath(cwd)
    while True:
        python = os.path.join(folder, ".venv", "bin", "python")
        if os.access(python, os.X_OK):
            if _same(os.path.join(folder, ".venv"), own_prefix):
                break
            return python, f"interpreter {python}, of the project's virtual environment"
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    return sys.executable, f"interpreter {sys.executable}, the tool's own"


def _explicit(path: str) -> tuple[str, str]:
    if os.path.isdir(path) and os.access(os.path.join(path, "bin", "python"), os.X_OK):
        path = os.path.join(path, "bin", "python")
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        hint = "name an interpreter, e.g. .venv/bin/python"
        raise UsageError([Problem(f"{path} is no program", "--python", hint)])
    return path, f"interpreter {path}, as asked for"


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)

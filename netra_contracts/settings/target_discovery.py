"""Finds the target. Standard library only: this runs before the target is started."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.protocol.names import nearest_name
from netra_contracts.settings.bootstrap_config import PYPROJECT, read_toml
from netra_contracts.settings.input_files import MAX_SOURCE, InputFileError, read_bytes

#: Files that are searched for a target if none is given. fastapi-cli searches the same files in the same order:
#: https://github.com/fastapi/fastapi-cli/blob/main/src/fastapi_cli/discover.py
FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
SEARCHED = (f"[tool.fastapi] entrypoint in {PYPROJECT}", *FILES)

_EXAMPLE = "write module:attr, e.g. myapp.main:app"


class TargetSpec(NamedTuple):
    """A target in parts.

    Attributes:
        module: import path.
        attr: dotted attribute; None: the probe finds the application.
        app_dir: folder that must be on the import path; None: any.
        how: a sentence that says which target was chosen, and why.
    """

    module: str
    attr: str | None
    app_dir: str | None
    how: str


def parse_target(text: str, folder: str = "") -> TargetSpec:
    """A target as the user wrote it: `module:attr`, `module`, or a file such as `src/app/main.py:app`.

    The module of a file is relative to the folder of its topmost package.

    Args:
        text: the target.
        folder: that the path of a file is relative to. Default: the current one.

    Raises:
        UsageError: if it has another form, or if the file does not exist.
    """
    module_or_file, _, attr = text.partition(":")
    hint = next(_corrections(text, module_or_file, attr), "")
    if hint:
        raise _no_target(text, hint)
    if module_or_file.endswith(".py"):
        return _of_file(text, module_or_file, attr or None, folder)
    if not _is_dotted(module_or_file):
        raise _no_target(text, _module_hint(module_or_file, attr, folder))
    return TargetSpec(module_or_file, attr or None, None, f"target `{text}`, as given")


def _no_target(text: str, hint: str) -> UsageError:
    return UsageError([Problem(f'"{" ".join(text.split())}" does not name a target', "TARGET", hint)])


def _corrections(text: str, module_or_file: str, attr: str) -> Iterator[str]:
    """What to write instead of a target whose form is invalid whatever its module is, the best correction first."""
    if not text.strip():
        yield _EXAMPLE
    is_path = (
        module_or_file.endswith(".py") and module_or_file == module_or_file.strip() and module_or_file.isprintable()
    )
    without_path = attr if is_path else text  # folders may have spaces in their names
    if "".join(without_path.split()) != without_path:
        path = f"{module_or_file}:" if is_path else ""
        yield f"remove the spaces: {path}{''.join(without_path.split())}"
    if not module_or_file:
        yield f"name the module before the colon, e.g. main:{attr or 'app'}"
    if text.endswith(":"):
        yield f"name the application after the colon, e.g. {module_or_file}:app, or remove the colon"
    if ":" in attr and _is_dotted(attr.replace(":", ".")):
        yield f"a target has one colon; separate attributes with dots: {module_or_file}:{attr.replace(':', '.')}"
    if attr.endswith(")"):
        yield f"name the factory without calling it: {module_or_file}:{attr.partition('(')[0]}"
    if attr and not _is_dotted(attr):
        yield f'"{attr}" cannot be an attribute; {_EXAMPLE}'


def _module_hint(module_or_file: str, attr: str, folder: str) -> str:
    """What to write instead of a text that is not a module."""
    suffix = f":{attr}" if attr else ""
    path = os.path.join(folder, module_or_file)
    if "/" in module_or_file and os.path.isfile(f"{path}.py"):
        return f"did you mean {module_or_file}.py{suffix}?"
    if os.path.isdir(path):
        return f"this is a folder: name a file in it, e.g. {os.path.join(module_or_file, 'main.py')}{suffix}"
    dotted = module_or_file.strip("./").replace("/", ".").replace("-", "_")
    return f"did you mean {dotted}{suffix}?" if _is_dotted(dotted) else _EXAMPLE


def _is_dotted(text: str) -> bool:
    return all(step.isidentifier() for step in text.split("."))


def _of_file(text: str, module_or_file: str, attr: str | None, folder: str) -> TargetSpec:
    path = os.path.abspath(os.path.join(folder, os.path.expanduser(module_or_file)))
    if not os.path.isfile(path):
        hint = _nearest_file(path, module_or_file, attr)
        raise UsageError([Problem(f"there is no file {module_or_file}", "TARGET", hint)])
    module, app_dir = module_of(path)
    if not all(step and "." not in step for step in module):
        raise _no_target(text, "a file with a dot in its name cannot be imported; rename it")
    name = ".".join(module)
    return TargetSpec(name, attr, app_dir, f"target `{text}`, which is the module `{name}` in {display_path(app_dir)}")


def _nearest_file(path: str, module_or_file: str, attr: str | None) -> str:
    folder = os.path.dirname(module_or_file)
    try:
        files = [name for name in os.listdir(os.path.dirname(path)) if name.endswith(".py")]
    except OSError:
        return f"there is no folder {folder} either"
    near = nearest_name(os.path.basename(path), files)
    return f'did you mean "{os.path.join(folder, near)}{f":{attr}" if attr else ""}"?' if near else ""


def module_of(path: str) -> tuple[list[str], str]:
    """The parts of a file's import path, and the folder that contains its topmost package, as fastapi-cli has them."""
    folder, file = os.path.split(path)
    steps = [] if file == "__init__.py" else [file.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder, package = os.path.split(folder)
        steps.insert(0, package)
    return steps or ["__init__"], folder


def discover(folder: str, pyproject: Mapping[str, Any] | None = None) -> TargetSpec | None:
    """The target of a folder in which none is configured, if one of `SEARCHED` has it.

    Args:
        folder: to search.
        pyproject: the folder's `pyproject.toml`; None: it is read here.

    Raises:
        UsageError: if `[tool.fastapi] entrypoint` is not a target, or `pyproject.toml` is not valid TOML.
    """
    return _entrypoint(folder, pyproject) or next(_conventional(folder), None)


def _entrypoint(folder: str, pyproject: Mapping[str, Any] | None) -> TargetSpec | None:
    path = os.path.join(folder, PYPROJECT)
    if pyproject is None:
        pyproject = read_toml(path)[0] if os.path.isfile(path) else {}
    tool = pyproject.get("tool")
    fastapi = tool.get("fastapi") if isinstance(tool, dict) else None
    if not isinstance(fastapi, dict) or "entrypoint" not in fastapi:
        return None
    place, entry = f"{display_path(path)}: tool.fastapi.entrypoint", fastapi["entrypoint"]
    if not isinstance(entry, str):
        raise UsageError([Problem("the entrypoint must be a string", place, _EXAMPLE)])
    try:
        spec = parse_target(entry, folder)
    except UsageError as error:
        raise UsageError(problem._replace(place=place) for problem in error.problems) from error
    how = f"target `{entry}`, from [tool.fastapi] entrypoint in {display_path(path)}"
    return spec._replace(app_dir=spec.app_dir or folder, how=how)


def _conventional(folder: str) -> Iterator[TargetSpec]:
    for file in FILES:
        path = os.path.join(folder, *file.split("/"))
        if not os.path.isfile(path):
            continue
        steps, app_dir = module_of(path)
        if file.startswith("app/") and len(steps) == 1 and _is_in_namespace(path, "app"):
            steps, app_dir = ["app", *steps], folder
        module = ".".join(steps)
        how = f"target `{module}`, from {file}: no target was given, and this file was found"
        yield TargetSpec(module, None, app_dir, how)


def _is_in_namespace(path: str, package: str) -> bool:
    """Whether a file in a folder without `__init__.py` is a module of the namespace package of that folder.

    It is if it imports from that package. fastapi-cli does not check this, and imports the file as a top-level module.
    """
    try:
        source = read_bytes(path, MAX_SOURCE).decode(errors="replace")
    except InputFileError:
        return False
    imports = rf"^[ \t]*(?:from[ \t]+(?:\.|{package}\b)|import[ \t]+{package}\b)"
    return re.search(imports, source, re.MULTILINE) is not None

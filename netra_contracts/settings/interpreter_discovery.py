"""Finds the interpreter that starts the target. Standard library only: this runs before the target is started."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.settings.input_files import is_shared_folder

_HINT = "name an interpreter, e.g. .venv/bin/python, or the folder of a virtual environment"
#: Files by which pipx, `uv tool`, pre-commit, prek and `action.yml` mark environments that they create for one tool.
_ISOLATED = (
    "pipx_metadata.json",
    "uv-receipt.toml",
    ".install_state_v1",
    ".install_state_v2",
    ".prek-hook.json",
    ".netra-contracts-only",
)
#: The cache of uv has the environments of `uvx`: https://docs.astral.sh/uv/reference/storage/#cache-directory
_UVX = re.compile(r"/(archive|environments|builds)-v\d+/")
#: The packages of ASGI frameworks. Where one is installed beside the tool, applications are too.
_FRAMEWORKS = ("starlette", "litestar", "django", "quart", "sanic", "blacksheep", "falcon", "channels")


class Interpreter(NamedTuple):
    """The interpreter of the target.

    Attributes:
        path: of the executable.
        why: a sentence that says which it is and why it was chosen.
        looked_at: why each candidate before it was passed over.
        broken: those of `looked_at` that are environments, but broken.
    """

    path: str
    why: str
    looked_at: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


class OwnEnvironment(NamedTuple):
    """The environment in which netra-contracts runs.

    Attributes:
        prefix: its `sys.prefix`.
        executable: its interpreter.
    """

    prefix: str
    executable: str

    @property
    def is_isolated(self) -> bool:
        """Whether it was created for the tool alone, so that applications are never installed in it."""
        return _is_isolated(self.prefix)

    @property
    def has_framework(self) -> bool:
        """Whether an ASGI framework is installed in it."""
        packages = os.path.join(self.prefix, "lib", f"python3.{sys.version_info.minor}", "site-packages")
        return any(os.path.isdir(os.path.join(packages, name)) for name in _FRAMEWORKS)


class _Candidate(NamedTuple):
    """A place where an interpreter may be. Without a `path`, `why` says why it is none; empty: it is not worth it."""

    path: str
    why: str
    is_broken: bool = False


def find_interpreter(
    explicit: str | None, environ: Mapping[str, str], cwd: str, folders: Sequence[str], own: OwnEnvironment
) -> Interpreter:
    """The interpreter that runs the target: the first that exists, in the order that `docs/environments.md` gives.

    Args:
        explicit: given by the user: a path, the folder of a virtual environment, or a name on `PATH`.
        environ: the environment of the command.
        cwd: folder that `explicit` is relative to.
        folders: virtual environments are searched for in these and above them, the target's folder first.
        own: the environment of netra-contracts, which is not necessarily the target's: pre-commit activates that of the
            hook.

    Raises:
        UsageError: if `explicit` does not exist or cannot be executed, or if nothing is found.
    """
    if explicit is not None:
        return _explicit(explicit, environ, cwd)
    passed_over: list[_Candidate] = []
    for candidate in _candidates(environ, folders, own):
        if candidate.path:
            broken = tuple(earlier.why for earlier in passed_over if earlier.is_broken)
            return Interpreter(candidate.path, candidate.why, tuple(earlier.why for earlier in passed_over), broken)
        if candidate.why:
            passed_over.append(candidate)
    hint = "name the project's interpreter: --python .venv/bin/python, or `python` in the configuration"
    why = "no interpreter of the application was found, and netra-contracts is installed apart from it"
    raise UsageError([Problem(f"{why}; looked for: {'; '.join(step.why for step in passed_over)}", "", hint)])


def _candidates(environ: Mapping[str, str], folders: Sequence[str], own: OwnEnvironment) -> Iterator[_Candidate]:
    above = list(_with_parents(folders))
    yield _active("VIRTUAL_ENV", "active virtual environment", environ, own)
    is_base = _is_conda_base(environ)
    conda = _active("CONDA_PREFIX", f"{'base' if is_base else 'active'} conda environment", environ, own)
    if not is_base:
        yield conda
    yield _of_uv(environ, above)
    yield from _nearest(above)
    if is_base:
        yield conda
    from netra_contracts.settings import project_environments  # noqa: PLC0415 - only where no nearer environment is found

    yield from (_Candidate(*found) for found in project_environments.of_tools(above, environ))
    yield from _on_path_or_own(environ, own)


def _active(variable: str, name: str, environ: Mapping[str, str], own: OwnEnvironment) -> _Candidate:
    folder = environ.get(variable)
    if not folder:
        return _Candidate("", f"{variable} is not set")
    if same_file(folder, own.prefix) and (own.is_isolated or not own.has_framework):
        return _Candidate("", f"{variable} is the environment of netra-contracts")
    python, broken = python_in(folder)
    if not python:
        return _Candidate("", f"{variable} names {display_path(folder)}, which is broken: {broken}", is_broken=True)
    return _Candidate(python, f"interpreter {display_path(python)}, of the {name}")


def _is_conda_base(environ: Mapping[str, str]) -> bool:
    """Conda activates its base environment in each shell unless configured otherwise, so it says little."""
    folder = environ.get("CONDA_PREFIX", "")
    named = environ.get("CONDA_DEFAULT_ENV") in ("base", "root")
    return named or bool(folder and os.path.isdir(os.path.join(folder, "condabin")))


def _of_uv(environ: Mapping[str, str], above: Sequence[str]) -> _Candidate:
    """https://docs.astral.sh/uv/reference/environment/#uv_project_environment: relative to the workspace."""
    folder = environ.get("UV_PROJECT_ENVIRONMENT")
    if not folder:
        return _Candidate("", "")
    roots = [root for name in ("uv.lock", "pyproject.toml") for root in above if os.path.exists(f"{root}/{name}")]
    folder = os.path.join(roots[0] if roots else above[0], folder)
    python, broken = python_in(folder)
    if not python:
        return _Candidate(
            "", f"UV_PROJECT_ENVIRONMENT names {display_path(folder)}, which is broken: {broken}", is_broken=True
        )
    return _Candidate(python, f"interpreter {display_path(python)}, named by UV_PROJECT_ENVIRONMENT")


def _with_parents(folders: Sequence[str]) -> Iterator[str]:
    seen = set()
    for folder in map(os.path.abspath, folders):
        while folder not in seen:
            seen.add(folder)
            yield folder
            folder = os.path.dirname(folder)  # noqa: PLW2901 - the root is its own parent


def _nearest(above: Sequence[str]) -> Iterator[_Candidate]:
    """`.venv` and `venv` in each folder. A folder of one of these names may be something else than an environment."""
    for folder in above:
        for name in (".venv", "venv"):
            environment = os.path.join(folder, name)
            if not os.path.lexists(environment) or _is_of_others(environment):
                continue
            python, broken = python_in(environment)
            if python:
                yield _Candidate(python, f"interpreter {display_path(python)}, of the nearest {name}")
            elif name == ".venv" or os.path.exists(os.path.join(environment, "pyvenv.cfg")):
                yield _Candidate("", f"{display_path(environment)} is broken: {broken}", is_broken=True)
    yield _Candidate("", f"there is no .venv or venv in {display_path(above[0])} or above it")


def _is_of_others(environment: str) -> bool:
    """Whether anybody could have put it there: it lies in a folder such as /tmp and belongs to another user."""
    try:
        folder, owner = os.stat(os.path.dirname(environment)), os.stat(environment).st_uid
    except OSError:
        return False
    return is_shared_folder(folder) and owner not in (0, os.getuid())


def _on_path_or_own(environ: Mapping[str, str], own: OwnEnvironment) -> Iterator[_Candidate]:
    """The first `python` on `PATH`, and the tool's own interpreter.

    A `python` of the system comes after the tool's own interpreter if a framework is installed beside the tool.
    """
    of_tool = _Candidate(own.executable, f"interpreter {display_path(own.executable)}, which runs netra-contracts")
    if own.is_isolated:
        of_tool = _Candidate("", f"{display_path(own.prefix)} has netra-contracts only")
    on_path = _on_path(environ)
    is_own = on_path == own.executable or on_path.startswith(os.path.join(own.prefix, "bin", ""))
    found = _Candidate(on_path, f"interpreter {display_path(on_path)}, the first `python` on PATH")
    if not on_path or is_own:
        yield _Candidate("", "there is no other `python` on PATH" if is_own else "there is no `python` on PATH")
    elif own.is_isolated or not own.has_framework or _is_environment(on_path):
        yield found
    yield of_tool


def _on_path(environ: Mapping[str, str]) -> str:
    """The first `python` on `PATH`. Those of isolated tools are passed over.

    pre-commit puts that of the hook first, and uvx that of pre-commit.
    """
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        python = which("python", folder)
        if python and not _is_isolated(os.path.dirname(os.path.realpath(folder))):
            return python
    return ""


def _is_isolated(prefix: str) -> bool:
    """Whether an environment was created for one tool, so that applications are never installed in it."""
    marked = any(os.path.exists(os.path.join(prefix, name)) for name in _ISOLATED)
    return marked or _UVX.search(f"{os.path.realpath(prefix)}/") is not None


def without_own(environ: Mapping[str, str], own: OwnEnvironment, python: str) -> dict[str, str]:
    """The environment variables of the target's process: those of the command, without what activates an isolated tool.

    pre-commit, prek and uvx activate the environment of the tool. If the target inherited that, the programs that it
    starts, such as `python` and `alembic`, would be searched for among those of the tool.

    Args:
        environ: the variables of the command.
        own: the environment of netra-contracts.
        python: the interpreter of the target.
    """
    variables = dict(environ)
    own_bin = os.path.join(own.prefix, "bin")
    if not own.is_isolated or same_file(os.path.dirname(python), own_bin):
        return variables
    if same_file(variables.get("VIRTUAL_ENV") or os.sep, own.prefix):
        del variables["VIRTUAL_ENV"]
    if "PATH" in variables:
        kept = (folder for folder in variables["PATH"].split(os.pathsep) if not same_file(folder, own_bin))
        variables["PATH"] = os.pathsep.join(kept)
    return variables


def _is_environment(python: str) -> bool:
    prefix = os.path.dirname(os.path.dirname(python))
    return any(os.path.exists(os.path.join(prefix, name)) for name in ("pyvenv.cfg", "conda-meta"))


def python_in(environment: str) -> tuple[str, str]:
    """The interpreter of an environment, or an empty string and why there is none."""
    python = os.path.join(environment, "bin", "python")
    if os.path.isfile(python):
        return (python, "") if os.access(python, os.X_OK) else ("", "its bin/python cannot be executed")
    if os.path.islink(python):
        return "", f"its bin/python is a link to {os.path.realpath(python)}, which does not exist"
    return "", "it has no bin/python" if os.path.isdir(environment) else "it is not a folder"


def _explicit(asked: str, environ: Mapping[str, str], cwd: str) -> Interpreter:
    path = os.path.join(cwd, os.path.expanduser(asked))
    broken = ""
    if os.path.isdir(path):
        python, broken = python_in(path)
        path = python or path
    elif not os.path.exists(path) and os.path.basename(asked) == asked:
        path = which(asked, environ.get("PATH", os.defpath)) or path
    if not os.path.lexists(path):
        problem = Problem(f"there is no interpreter {display_path(path)}", "--python", _HINT)
    elif os.path.isdir(path):
        problem = Problem(
            f"{display_path(path)} is not the folder of a virtual environment: {broken}", "--python", _HINT
        )
    elif not os.access(path, os.X_OK):
        problem = Problem(f"{display_path(path)} cannot be executed", "--python", _HINT)
    else:
        return Interpreter(path, f"interpreter {display_path(path)}, as given")
    raise UsageError([problem])


def which(name: str, path: str) -> str:
    """The first executable of a name on a path, or an empty string. Not `shutil`: it loads compression libraries."""
    for folder in path.split(os.pathsep):
        file = os.path.join(folder, name)
        if os.path.isfile(file) and os.access(file, os.X_OK):
            return file
    return ""


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file or folder, links followed."""
    return os.path.realpath(one) == os.path.realpath(other)

"""Which files are watched: code and configuration, but not files that applications write."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from netra_contracts.errors import UsageError
from netra_contracts.settings import targets
from netra_contracts.settings.bootstrap_config import OWN_FILE, PYPROJECT, find_config
from netra_contracts.settings.input_files import InputFileError, read_bytes
from netra_contracts.settings.options import Options, read_table

#: Suffixes of code and configuration. `.json` and `.db` are not among them: applications write such files.
_SUFFIXES = (".py", ".pyi", ".toml", ".env", ".cfg", ".ini", ".yaml", ".yml")
_ENV_FILE = ".env"
#: Folders of code that is not the project's. Hidden folders and virtual environments are left out as well.
_FOLDERS = {"node_modules", "__pycache__", "site-packages"}


class WatchedFiles:
    """The files whose changes begin a new check.

    Attributes:
        paths: the folders that are watched with all below them, and single files outside of them, links resolved.
    """

    def __init__(self, folders: Iterable[str], files: Iterable[str], written: Iterable[str]) -> None:
        """Resolve the paths.

        Args:
            folders: the project's.
            files: other files that the check reads.
            written: files that the check itself writes.
        """
        self._folders = _topmost(map(os.path.realpath, folders))
        self._files = {os.path.realpath(file) for file in files}
        self._written = {os.path.realpath(file) for file in written}
        self._environments: dict[str, bool] = {}
        outside = sorted(file for file in self._files if os.path.isfile(file) and self._folder_of(file) is None)
        self.paths = (*self._folders, *outside)

    def __call__(self, change: object, path: str) -> bool:
        """Whether a change of a file begins a new check. `change` does not decide: files may be replaced or removed."""
        if path in self._written:
            return False
        if path in self._files:
            return True
        folder = self._folder_of(path)
        return folder is not None and _is_read(os.path.basename(path)) and self._is_of_project(folder, path)

    def _folder_of(self, path: str) -> str | None:
        return next((folder for folder in self._folders if path.startswith(f"{folder.rstrip(os.sep)}{os.sep}")), None)

    def _is_of_project(self, folder: str, path: str) -> bool:
        *steps, _ = os.path.relpath(path, folder).split(os.sep)
        if any(step.startswith(".") or step in _FOLDERS for step in steps):
            return False
        above = [os.path.join(folder, *steps[:count]) for count in range(1, len(steps) + 1)]
        return not any(map(self._is_environment, above))

    def _is_environment(self, folder: str) -> bool:
        if folder not in self._environments:
            self._environments[folder] = os.path.isfile(os.path.join(folder, "pyvenv.cfg"))
        return self._environments[folder]


def _topmost(folders: Iterable[str]) -> tuple[str, ...]:
    """The folders that are in no other of them."""
    found: list[str] = []
    for folder in sorted(set(folders), key=len):
        if not any(folder.startswith(f"{above.rstrip(os.sep)}{os.sep}") for above in found):
            found.append(folder)
    return tuple(found)


def _is_read(name: str) -> bool:
    """Whether a file has code or configuration. Other hidden files are those of editors."""
    if name == _ENV_FILE or name.startswith(f"{_ENV_FILE}."):
        return not name.endswith("~")
    return name.endswith(_SUFFIXES) and not name.startswith(".")


class Contents:
    """The contents of files, so that a file that is written again with the same content is not a change."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def changed(self, paths: Iterable[str]) -> set[str]:
        """The files whose content differs from that of the last call. A file that is new to it counts as changed."""
        found = set()
        for path in paths:
            content = _digest(path)
            if self._known.get(path) != content:
                self._known[path] = content
                found.add(path)
        return found


def _digest(path: str) -> bytes:
    try:
        return hashlib.sha256(read_bytes(path)).digest()
    except InputFileError:  # it has been removed, or is being replaced
        return b""


def of_project(given: Options, cwd: str) -> WatchedFiles:
    """The files of a project.

    Args:
        given: the options of the command line.
        cwd: the current folder.
    """
    try:
        config = find_config(cwd)
    except UsageError:
        config = None
    tables = [] if config is None else [config.table, *targets.tables_of(config)]
    base = config.folder if config is not None else _folder_with_configuration(cwd)
    folders = [cwd, base]
    files = [config.path] if config is not None else []
    for options, folder in ((given, cwd), *((read_table(table)[0], base) for table in tables)):
        if options.app_dir is not None:
            folders.append(_joined(folder, options.app_dir))
        references = [name for name in options.contracts if name.endswith(".toml")]
        files += [_joined(folder, name) for name in (*references, options.env_file, options.baseline) if name]
    return WatchedFiles(filter(os.path.isdir, folders), files, [_joined(cwd, path) for path in _written(given)])


def _folder_with_configuration(cwd: str) -> str:
    """The nearest folder with a file that could have the configuration, so that its correction is noticed."""
    folder = cwd
    while not any(os.path.isfile(os.path.join(folder, name)) for name in (OWN_FILE, PYPROJECT)):
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return cwd
        folder = above
    return folder


def _joined(folder: str, path: str) -> str:
    return os.path.join(folder, os.path.expanduser(path))


def _written(given: Options) -> list[str]:
    """The files that the check writes."""
    reports = [word.partition("=")[2] for word in given.report]
    return [path for path in (given.output, given.record, *reports) if path]

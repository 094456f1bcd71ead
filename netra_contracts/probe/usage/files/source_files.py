"""Finds the target's own source files: those of its folder or, if it is installed, of its distribution."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...inspection.own_code import installed_files

#: Folders that do not contain sources of the application.
_OTHER_FOLDERS = frozenset(["node_modules", "site-packages", "dist-packages", "__pycache__", "__pypackages__"])
#: Folders of build results, unless they are packages.
_BUILD_FOLDERS = frozenset(["build", "dist"])
_TEST_FOLDERS = frozenset(["test", "tests"])
#: Files that virtual environments contain, those of conda included.
_ENVIRONMENT_MARKS = frozenset(["pyvenv.cfg", "conda-meta"])
_COMPILED = (".so", ".pyd", ".pyc")


class SourceFile(NamedTuple):
    """A source file of the target.

    Attributes:
        path: absolute.
        module: its import path.
        is_package: whether it is the `__init__.py` of a package.
        identity: device, inode, size and time of its last change in nanoseconds.
    """

    path: str
    module: str
    is_package: bool
    identity: tuple[int, int, int, int]


class SourceTree(NamedTuple):
    """The sources of the target.

    Attributes:
        files: in the order of their paths.
        compiled: paths of modules that exist without their source.
        omitted: how many files there are beyond the limit.
    """

    files: list[SourceFile]
    compiled: list[str]
    omitted: int = 0


def find_sources(module: str, import_path: Iterable[str], max_files: int) -> SourceTree:
    """Find the sources of a target.

    Args:
        module: the target's import path.
        import_path: the folders in which its interpreter searches modules, in order.
        max_files: how many files are returned at most.
    """
    folders = [folder for folder in import_path if os.path.isdir(folder)]
    top, _, below = module.partition(".")
    folder = folder_of(module, folders) or (folders[0] if folders else "")
    if not folder:
        return SourceTree([], [])
    installed = installed_files(folder, module)
    if installed is not None:
        entries: Iterable[str] = installed
    else:
        target = os.path.join(folder, *module.split("."))
        entries = _walk(os.path.join(folder, top) if _is_general(folder) and below else folder, _is_test(target))
    return _sort(entries, [item for item in folders if item == folder or item.startswith(folder + os.sep)], max_files)


def folder_of(module: str, folders: Sequence[str]) -> str:
    """The folder of the import path that a module is imported from; empty: it is in none of them."""
    top = os.path.join("", *module.split(".")[:1])
    for folder in folders:
        path = os.path.join(folder, top)
        if os.path.isfile(path + ".py") or os.path.isfile(os.path.join(path, "__init__.py")):
            return folder
    below = os.path.join("", *module.split("."))
    for folder in folders:  # a namespace package, which any regular one precedes
        path = os.path.join(folder, below)
        if os.path.isfile(path + ".py") or os.path.isdir(path):
            return folder
    return ""


def _is_general(folder: str) -> bool:
    """Whether a folder contains more than one project."""
    return folder in (os.path.dirname(folder), os.path.expanduser("~"))


def _is_test(path: str) -> bool:
    folder, name = os.path.split(path)
    return _is_test_file(name + ".py") or not _TEST_FOLDERS.isdisjoint(folder.split(os.sep))


def _is_test_file(name: str) -> bool:
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")


def _walk(root: str, with_tests: bool) -> Iterator[str]:
    """The files below a folder that may be sources of the target; each folder once, whatever links to it."""
    seen: set[tuple[int, int]] = set()
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            found = os.stat(folder)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        if (found.st_dev, found.st_ino) in seen or (folder != root and _is_other(folder, names)):
            continue
        seen.add((found.st_dev, found.st_ino))
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.endswith((".py", *_COMPILED)):
                if with_tests or not _is_test_file(name):
                    yield entry.path
            elif _is_folder(entry) and (with_tests or name not in _TEST_FOLDERS):
                folders.append(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_other(folder: str, names: set[str]) -> bool:
    """Whether a folder with these entries does not contain sources of the application."""
    name = os.path.basename(folder)
    return (
        name in _OTHER_FOLDERS
        or name.endswith((".egg-info", ".dist-info"))
        or (name in _BUILD_FOLDERS and "__init__.py" not in names)
        or not _ENVIRONMENT_MARKS.isdisjoint(names)
    )


def _sort(paths: Iterable[str], folders: list[str], max_files: int) -> SourceTree:
    """Sort files into sources and compiled modules, each once."""
    sources: dict[tuple[int, int], SourceFile] = {}
    compiled = []
    omitted = 0
    inner_first = sorted(folders, key=len, reverse=True)
    for path in paths:
        if not path.endswith(".py"):
            if path.endswith(_COMPILED) and "__pycache__" not in path and not _has_source(path):
                compiled.append(path)
            continue
        try:
            found = os.stat(path)
        except OSError:
            continue  # a dangling link, or removed since
        if not stat.S_ISREG(found.st_mode):
            continue
        key = found.st_dev, found.st_ino
        if len(sources) >= max_files and key not in sources:
            omitted += 1
        elif key not in sources:
            folder = next((item for item in inner_first if path.startswith(item + os.sep)), "")
            name, is_package = _module_name(path[len(folder) :])
            sources[key] = SourceFile(path, name, is_package, (*key, found.st_size, found.st_mtime_ns))
    return SourceTree(sorted(sources.values()), sorted(compiled), omitted)


def _has_source(path: str) -> bool:
    """Whether the source of a compiled module is beside it."""
    folder, name = os.path.split(path)
    return os.path.isfile(os.path.join(folder, name.partition(".")[0] + ".py"))


def _module_name(path: str) -> tuple[str, bool]:
    parts = path.strip(os.sep)[: -len(".py")].split(os.sep)
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package

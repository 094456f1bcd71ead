"""Which source files are the target's own code: the one rule behind every location.

Code outside of the standard library and of installed packages is the target's. Of installed packages, the target's
own distribution is (`pip install .`), and those installed from a folder of this machine, as the other packages of a
monorepo are. Code without a file (`<string>` of a generated `__init__`, `<frozen importlib>`) never is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

#: The probe's own files, those of the messages, and what applications import of this tool.
_PROBE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PROTOCOL = os.path.join(os.path.dirname(os.path.dirname(_PROBE)), "protocol", "")
_DECLARE = "/netra_contracts/declare.py"
_STDLIB_DIR = os.path.dirname(os.__file__)
_STDLIB = (_STDLIB_DIR + os.sep, os.path.realpath(_STDLIB_DIR) + os.sep)
_SITE_DIRS = ("/site-packages/", "/dist-packages/")
#: Packages whose lines never explain a write: they execute what the application requested.
FRAMEWORKS = ("starlette", "fastapi", "litestar", "anyio", "sniffio", "uvicorn")

#: What a file belongs to, by how well its lines explain what happened.
MACHINERY, LIBRARY, OWN = 0, 1, 2

_library_files: dict[str, bool] = {}
_ranks: dict[str, int] = {}
_import_folders: list[_ImportFolder] = []


class _Distribution(NamedTuple):
    """The files of an installed distribution, and the folders that they are in, relative to the import folder."""

    files: frozenset[str]
    folders: frozenset[str]

    def has(self, path: str) -> bool:
        """Whether a file belongs to it, also one that was generated beside its files."""
        return path in self.files or path.rpartition("/")[0] in self.folders


class _ImportFolder(NamedTuple):
    """A folder or zip file of the import path that distributions are installed in.

    Attributes:
        path: with a separator at its end.
        top_levels: the modules and packages that were installed; None: all in it were.
        own: the distributions whose code is the target's own.
    """

    path: str
    top_levels: frozenset[str] | None
    own: tuple[_Distribution, ...]


def set_target(module: str) -> None:
    """Make known which module is going to be imported, and read what is installed on the import path.

    It is read once and before the import: the target may replace what that needs, or forbid it.
    """
    _ranks.clear()
    found = [folder for entry in dict.fromkeys(sys.path) for folder in _read_import_folder(entry, module)]
    _import_folders[:] = sorted(found, key=lambda folder: -len(folder.path))  # the innermost first


def installed_files(folder: str, module: str) -> tuple[str, ...] | None:
    """The files of the distribution that a module was installed by, as absolute paths.

    Args:
        folder: of the import path, in which the module was found.
        module: its import path.

    Returns:
        None if it was not installed: what is in that folder is not known to belong to any distribution.
    """
    files = _Folder(folder)
    target = _target_file(files, module)
    for info in files.names():
        if info.endswith(".dist-info") and target and target in files.read(f"{info}/RECORD"):
            recorded = _recorded(files, info)
            return tuple(os.path.join(folder, name) for name in recorded)
    if not f"{folder}/".endswith(_SITE_DIRS) or not target:
        return None
    return tuple(
        os.path.join(folder, package, name)
        for package in _packages(folder, target)
        for name in _Folder(os.path.join(folder, package)).names()
    )


def is_probe(file: str) -> bool:
    """Whether a file belongs to the probe."""
    return file.startswith((_PROBE, _PROTOCOL)) or file.endswith(_DECLARE)


def is_library_file(file: str) -> bool:
    """Whether a file belongs to a framework, the standard library or the probe."""
    known = _library_files.get(file)
    if known is None:
        known = _library_files[file] = (
            is_probe(file)
            or file.startswith("<frozen")
            or any(f"{folder}{package}/" in file for folder in _SITE_DIRS for package in FRAMEWORKS)
            or (file.startswith(_STDLIB) and not any(folder in file for folder in _SITE_DIRS))
        )
    return known


def is_own_code(file: str) -> bool:
    """Whether a file is the target's own code."""
    return rank(file) == OWN


def is_own_module(name: str) -> bool:
    """Whether a module that has been imported is the target's own code."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return isinstance(file, str) and is_own_code(file)


def rank(file: str) -> int:
    """`OWN` for the target's own code, `LIBRARY` for other installed packages, else `MACHINERY`.

    `MACHINERY` is the standard library, frameworks, the probe, and code without a file.
    """
    known = _ranks.get(file)
    if known is None:
        known = _ranks[file] = _rank(file)
    return known


def _rank(file: str) -> int:
    if file.startswith("<") or is_probe(file):
        return MACHINERY
    path = os.path.abspath(file)
    if file.endswith((".pyx", ".pxd")) and not os.path.exists(path):  # compiled code of a library, without its source
        return MACHINERY
    folder = next((folder for folder in _import_folders if path.startswith(folder.path)), None)
    inside = path[len(folder.path) :].replace(os.sep, "/") if folder is not None else path
    top = inside.partition("/")[0]
    if folder is None or any(name in inside for name in _SITE_DIRS):
        is_installed = any(name in inside for name in _SITE_DIRS)
        return MACHINERY if is_library_file(file) else LIBRARY if is_installed else OWN
    if any(distribution.has(inside) for distribution in folder.own):
        return OWN
    if folder.top_levels is not None and top not in folder.top_levels:
        return OWN
    return MACHINERY if is_library_file(file) or top in FRAMEWORKS else LIBRARY


# What is installed on the import path


def _read_import_folder(entry: str, module: str) -> Iterator[_ImportFolder]:
    path = os.path.abspath(entry)
    if path == _STDLIB_DIR or path.endswith("/lib-dynload"):
        return
    files = _Zip(path) if os.path.isfile(path) else _Folder(path)
    infos = [name for name in files.names() if name.endswith(".dist-info")]
    is_site = f"{path}/".endswith(_SITE_DIRS)
    target = _target_file(files, module)
    if not infos and not is_site:
        return
    own = []
    for info in infos:
        if (target and target in files.read(f"{info}/RECORD")) or _is_local(files.read(f"{info}/direct_url.json")):
            recorded = frozenset(_recorded(files, info))
            own.append(_Distribution(recorded, frozenset(name.rpartition("/")[0] for name in recorded if "/" in name)))
    if is_site and target and not any(distribution.has(target) for distribution in own):
        own.append(_Distribution(frozenset([target]), frozenset(_packages(path, target))))
    installed = (name.partition("/")[0] for info in infos for name in _recorded(files, info))
    yield _ImportFolder(path + os.sep, None if is_site else frozenset(installed), tuple(own))


class _Folder:
    """The files of a folder of the import path."""

    def __init__(self, path: str) -> None:
        self._path = path

    def names(self) -> list[str]:
        """The names of its entries."""
        try:
            return os.listdir(self._path)
        except OSError:
            return []

    def has(self, name: str) -> bool:
        """Whether it has a file."""
        return os.path.isfile(os.path.join(self._path, name))

    def read(self, name: str) -> str:
        """The text of a file; empty: there is none."""
        try:
            with open(os.path.join(self._path, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""


class _Zip(_Folder):
    """The files of a zip file on the import path."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._importer: Any = None
        import zipimport

        try:
            self._importer = zipimport.zipimporter(path)
        except zipimport.ZipImportError:
            return
        directory = zipimport._zip_directory_cache.get(path)  # type: ignore[attr-defined]  # no public list of its files
        self._files = {name.replace(os.sep, "/") for name in directory or ()}

    def names(self) -> list[str]:
        return list({name.partition("/")[0] for name in self._files}) if self._importer is not None else []

    def has(self, name: str) -> bool:
        return self._importer is not None and name in self._files

    def read(self, name: str) -> str:
        if not self.has(name):
            return ""
        data: bytes = self._importer.get_data(os.path.join(self._path, name))
        return data.decode("utf-8", "replace")


def _recorded(files: _Folder, dist_info: str) -> Iterator[str]:
    """The files of an installed distribution (`RECORD`, PEP 376)."""
    for line in files.read(f"{dist_info}/RECORD").splitlines():
        name = line.rpartition(",")[0].rpartition(",")[0].strip('"')
        if name and not name.startswith(("..", "/", dist_info)):
            yield name


def _is_local(direct_url: str) -> bool:
    """Whether a distribution was installed from a folder that is still on this machine (`direct_url.json`, PEP 610)."""
    if "dir_info" not in direct_url or '"editable": true' in direct_url:
        return False  # the code of an editable installation is not in the import folder
    from json import loads
    from urllib.parse import unquote, urlsplit

    try:
        url = urlsplit(loads(direct_url)["url"])
    except (KeyError, TypeError, ValueError):
        return False
    return url.scheme == "file" and os.path.isdir(unquote(url.path))


def _target_file(files: _Folder, module: str) -> str:
    """The file of the target's module, relative to an import folder; empty: the target is not in it."""
    base = module.replace(".", "/")
    return next((name for name in (f"{base}/__init__.py", f"{base}.py") if base and files.has(name)), "")


def _packages(folder: str, target: str) -> Iterator[str]:
    """The target's top-level package with those below it, or the first that is not a namespace package."""
    parts = target.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        top = os.path.join(folder, *parts[:depth])
        if os.path.isfile(os.path.join(top, "__init__.py")) or depth == len(parts):
            for path, _, _ in os.walk(top):
                yield os.path.relpath(path, folder).replace(os.sep, "/")
            return

"""Which source files are the target's own code: the one rule behind every location.

Code outside of the standard library and of installed packages is the target's. Of installed packages, the target's
own distribution is (`pip install .`), and those installed from a folder of this machine, as the other packages of a
monorepo are. Code without a file (`<string>` of a generated `__init__`, `<frozen importlib>`) never is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

#: The probe's own files, and what applications import of this tool.
_PROBE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_DECLARE = "/netra_contracts/declare.py"
_STDLIB_DIR = os.path.dirname(os.__file__)
_STDLIB = (_STDLIB_DIR + os.sep, os.path.realpath(_STDLIB_DIR) + os.sep)
_SITE_DIRS = ("/site-packages/", "/dist-packages/")
#: Packages whose lines never explain a write: they execute what the application requested.
_FRAMEWORKS = ("starlette", "fastapi", "litestar", "anyio", "sniffio", "uvicorn")

#: What a file belongs to, by how well its lines explain what happened.
MACHINERY, LIBRARY, OWN = 0, 1, 2

_library_files: dict[str, bool] = {}
_ranks: dict[str, int] = {}
_target: list[str] = []


class _Distribution(NamedTuple):
    """The files of an installed distribution, and the folders that they are in, relative to the import folder."""

    files: frozenset[str]
    folders: frozenset[str]

    def has(self, path: str) -> bool:
        """Whether a file belongs to it, also one that was generated beside its files."""
        return path in self.files or path.rpartition("/")[0] in self.folders


def set_target(module: str) -> None:
    """Make the distribution of the target known, by the module that is going to be imported."""
    _target[:] = [module]
    _ranks.clear()
    _distributions.clear()


def is_probe(file: str) -> bool:
    """Whether a file belongs to the probe."""
    return file.startswith(_PROBE) or file.endswith(_DECLARE)


def is_library_file(file: str) -> bool:
    """Whether a file belongs to a framework, the standard library or the probe."""
    known = _library_files.get(file)
    if known is None:
        known = _library_files[file] = (
            is_probe(file)
            or file.startswith("<frozen")
            or any(f"{folder}{package}/" in file for folder in _SITE_DIRS for package in _FRAMEWORKS)
            or (file.startswith(_STDLIB) and not any(folder in file for folder in _SITE_DIRS))
        )
    return known


def is_own_code(file: str) -> bool:
    """Whether a file is the target's own code."""
    return rank(file) == OWN


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
    folder = _import_folder(path)
    if folder is None:
        return MACHINERY if is_library_file(file) else OWN
    inside = path[len(folder) + 1 :].replace(os.sep, "/")
    if any(distribution.has(inside) for distribution in _own_distributions(folder)):
        return OWN
    if not _is_site(folder) and inside.partition("/")[0] not in _top_levels(folder):
        return OWN
    top = inside.partition("/")[0]
    return MACHINERY if is_library_file(file) or top in _FRAMEWORKS else LIBRARY


# Folders that packages are installed in

_distributions: dict[str, tuple[_Distribution, ...]] = {}
_installed: dict[str, tuple[str, ...]] = {}
_names: dict[str, frozenset[str]] = {}


def _is_site(folder: str) -> bool:
    return f"{folder}/".endswith(_SITE_DIRS)


def _import_folder(path: str) -> str | None:
    """The folder that an installed file was installed in; None: it is not installed.

    That is `site-packages`, or a folder of the import path with packages that `pip install --target` installed.
    """
    for name in _SITE_DIRS:
        before, found, _ = path.rpartition(name)
        if found:
            return before + found[:-1]
    for entry in list(sys.path):
        folder = os.path.abspath(entry) if type(entry) is str else ""
        if folder and path.startswith(folder + os.sep) and not path.startswith(_STDLIB) and _dist_infos(folder):
            return folder
    return None


def _dist_infos(folder: str) -> tuple[str, ...]:
    """The names of the `*.dist-info` folders in an import folder or in a zip file."""
    known = _installed.get(folder)
    if known is None:
        known = _installed[folder] = tuple(name for name in _entries(folder) if name.endswith(".dist-info"))
    return known


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except NotADirectoryError:
        files = getattr(sys.path_importer_cache.get(folder), "_files", ())  # of `zipimport.zipimporter`
        return list({name.replace(os.sep, "/").partition("/")[0] for name in files})
    except OSError:
        return []


def _read(folder: str, name: str) -> str:
    """The text of a file in an import folder or in a zip file; empty: there is none."""
    try:
        if os.path.isfile(folder):
            importer = sys.path_importer_cache[folder]
            return bytes(importer.get_data(os.path.join(folder, name))).decode("utf-8", "replace")  # type: ignore[union-attr]  # a zipimporter
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except (AttributeError, KeyError, OSError):
        return ""


def _recorded(folder: str, dist_info: str) -> Iterator[str]:
    """The files of an installed distribution (`RECORD`, PEP 376)."""
    for line in _read(folder, f"{dist_info}/RECORD").splitlines():
        name = line.rpartition(",")[0].rpartition(",")[0].strip('"')
        if name and not name.startswith(("..", "/", dist_info)):
            yield name


def _top_levels(folder: str) -> frozenset[str]:
    """The modules and packages that were installed in an import folder."""
    known = _names.get(folder)
    if known is None:
        names = (name.partition("/")[0] for info in _dist_infos(folder) for name in _recorded(folder, info))
        known = _names[folder] = frozenset(names)
    return known


def _own_distributions(folder: str) -> tuple[_Distribution, ...]:
    """The distributions in an import folder whose code is the target's own."""
    known = _distributions.get(folder)
    if known is None:
        target = _target_file(folder)
        found = []
        for info in _dist_infos(folder):
            if (target and target in _read(folder, f"{info}/RECORD")) or _is_local(folder, info):
                files = frozenset(_recorded(folder, info))
                found.append(_Distribution(files, frozenset(name.rpartition("/")[0] for name in files if "/" in name)))
        if target and not any(distribution.has(target) for distribution in found):
            found.append(_Distribution(frozenset([target]), frozenset(_packages(folder, target))))
        known = _distributions[folder] = tuple(found)
    return known


def _is_local(folder: str, dist_info: str) -> bool:
    """Whether a distribution was installed from a folder that is still on this machine (`direct_url.json`, PEP 610)."""
    text = _read(folder, f"{dist_info}/direct_url.json")
    if "dir_info" not in text:
        return False
    from json import loads
    from urllib.parse import unquote, urlsplit

    try:
        url = urlsplit(loads(text)["url"])
    except (KeyError, TypeError, ValueError):
        return False
    return url.scheme == "file" and os.path.isdir(unquote(url.path))


def _target_file(folder: str) -> str:
    """The file of the target's module, relative to an import folder; empty: the target is not in it."""
    base = _target[0].replace(".", "/") if _target else ""
    if not base:
        return ""
    for candidate in (f"{base}/__init__.py", f"{base}.py"):
        if os.path.exists(os.path.join(folder, candidate)):
            return candidate
    if os.path.isfile(folder):  # a zip file
        files = {name.replace(os.sep, "/") for name in getattr(sys.path_importer_cache.get(folder), "_files", ())}
        return next((one for one in (f"{base}/__init__.py", f"{base}.py") if one in files), "")
    return ""


def _packages(folder: str, target: str) -> Iterator[str]:
    """The target's top-level package with those below it, or the first that is not a namespace package."""
    parts = target.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        top = os.path.join(folder, *parts[:depth])
        if os.path.isfile(os.path.join(top, "__init__.py")) or depth == len(parts):
            for path, _, _ in os.walk(top):
                yield os.path.relpath(path, folder).replace(os.sep, "/")
            return

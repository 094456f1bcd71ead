"""Keeps what was read from files, by their identity, in the user's cache folder. Whatever fails there is ignored."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zlib
from collections.abc import Iterable, Mapping

from .searched_names import Name
from .source_files import SourceFile
from .whole_files import write_whole

#: The folder; empty: nothing is cached.
VARIABLE = "NETRA_CONTRACTS_CACHE_DIR"
_MAX_BYTES = 32 << 20
#: How many trees are kept.
_MAX_FILES = 40


def folder() -> str:
    """The folder of the cache; empty: nothing is cached."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return named
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        base = os.path.join(home, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",)))
    return os.path.join(base, "netra-contracts") if os.path.isabs(base) else ""


class Cache:
    """What was read from the files of one tree.

    Args:
        module: the target's import path.
        sources: its files.
        own: its top-level modules and packages.
        enabled: whether there is a cache.

    Attributes:
        searched: the names that skipped files do not contain.
    """

    def __init__(self, module: str, sources: Iterable[SourceFile], own: frozenset[str], *, enabled: bool) -> None:
        first = next(iter(sources), None)
        base = folder() if enabled and first is not None else ""
        tree = "" if first is None else f"{module}\0{os.path.dirname(first.path)}\0{sys.executable}"
        name = f"{zlib.crc32(tree.encode('utf-8', 'surrogateescape')):08x}.usage"  # of two trees, one may be kept
        self._path = os.path.join(base, name) if base else ""
        self._header = json.dumps([sys.version, _version(), sorted(own)])
        self._lines: dict[str, str] = {}
        self.searched: frozenset[Name] = frozenset()
        if self._path:
            with contextlib.suppress(Exception):  # it is damaged
                self._load()

    def _load(self) -> None:
        if os.path.getsize(self._path) > _MAX_BYTES:
            return
        with open(self._path, encoding="utf-8", errors="surrogateescape") as file:
            header, searched, *lines = file.read().split("\n")
        if header != self._header or not lines or lines[-1] != "end":
            return
        self.searched = frozenset((name, module) for name, module in json.loads(searched))
        for line in lines[:-1]:
            key, _, rest = line.partition("\t")
            self._lines[key] = rest

    def get(self, source: SourceFile) -> tuple[str, str] | None:
        """The status and the text of a file, as in `workers.Line`; None: they are not known."""
        line = self._lines.get(_key(source))
        if line is None:
            return None
        status, _, text = line.partition("\t")
        return status, text

    def write(self, lines: Mapping[SourceFile, tuple[str, str]], searched: frozenset[Name]) -> None:
        """Keep what was read from the files, if it differs from what is kept."""
        if not self._path:
            return
        rows = {_key(source): f"{status}\t{text}" for source, (status, text) in lines.items()}
        if rows == self._lines and searched == self.searched:
            return
        body = [self._header, json.dumps(sorted(searched)), *(f"{key}\t{row}" for key, row in rows.items()), "end"]
        data = "\n".join(body).encode("utf-8", "surrogateescape")
        if len(data) > _MAX_BYTES:
            return
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            write_whole(self._path, data)
            _remove_oldest(os.path.dirname(self._path))


def _key(source: SourceFile) -> str:
    return json.dumps([source.path, source.module, *source.identity])


def _version() -> list[list[object]]:
    """The version of this reader: the identity of its own files."""
    found = []
    with os.scandir(os.path.dirname(os.path.abspath(__file__))) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append([entry.name, status.st_size, status.st_mtime_ns])
    return sorted(found)


def _remove_oldest(base: str) -> None:
    with os.scandir(base) as entries:
        files = [(entry.stat().st_mtime, entry.path) for entry in entries if entry.name.endswith(".usage")]
    for _, path in sorted(files)[:-_MAX_FILES]:
        os.unlink(path)

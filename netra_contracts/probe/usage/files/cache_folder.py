"""The folder in which the reader keeps what it has read. Whatever fails there is ignored."""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from collections.abc import Iterable

from .source_files import SourceFile
from .whole_files import write_whole

#: The folder; empty: nothing is cached.
VARIABLE = "NETRA_CONTRACTS_CACHE_DIR"
MAX_BYTES = 32 << 20
#: How many files of each kind are kept.
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


def path_for(module: str, sources: Iterable[SourceFile], suffix: str) -> str:
    """The path of the file for a tree; empty: nothing is cached. Of two trees with one path, one may be kept."""
    first = next(iter(sources), None)
    base = folder()
    if first is None or not base:
        return ""
    tree = f"{module}\0{os.path.dirname(first.path)}\0{sys.executable}"
    return os.path.join(base, f"{zlib.crc32(tree.encode('utf-8', 'surrogateescape')):08x}{suffix}")


def read(path: str) -> bytes:
    """What is kept; empty: nothing, or it is damaged."""
    try:
        with open(path, "rb") as file:
            checksum, _, data = file.read(MAX_BYTES + 100).partition(b"\n")
    except OSError:
        return b""
    return data if checksum == _checksum(data) else b""


def write(path: str, data: bytes) -> None:
    """Keep something, and remove the oldest files."""
    if len(data) > MAX_BYTES:
        return
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        write_whole(path, _checksum(data) + b"\n" + data)
        _remove_oldest(os.path.dirname(path), os.path.splitext(path)[1])


def _checksum(data: bytes) -> bytes:
    return b"%08x %d" % (zlib.crc32(data), len(data))


def version() -> list[list[object]]:
    """The version of this reader: the identity of its own files."""
    found = []
    with os.scandir(os.path.dirname(os.path.abspath(__file__))) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append([entry.name, status.st_size, status.st_mtime_ns])
    return sorted(found)


def _remove_oldest(base: str, suffix: str) -> None:
    with os.scandir(base) as entries:
        files = [(entry.stat().st_mtime, entry.path) for entry in entries if entry.name.endswith(suffix)]
    for _, path in sorted(files)[:-_MAX_FILES]:
        os.unlink(path)

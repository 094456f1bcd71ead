"""Writes state changes to a file mapped into memory, whose content survives a segfault or SIGKILL.

The host reads it only when the process could not send an observation.
"""

from __future__ import annotations

import mmap
import os
from typing import Any

from ...protocol.journal import format_entry
from ...protocol.text_limits import limited
from ..inspection.safe_inspect import name_of_key, type_name

#: Bytes; what comes after is not kept.
SIZE = 8 << 20
#: Space is reserved in steps of this many bytes: a write to a mapped page for which a full disk has no space would end
#: the process with SIGBUS.
_STEP = 1 << 18


class Journal:
    """An append-only file of events, one record each."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._end = 0
        self._reserved = 0
        self._map: Any = None
        self._reserve(os.O_CREAT)
        self._names: dict[int, tuple[Any, str]] = {}

    def write(self, entry: Any) -> None:
        """Append one `recorder.LogEntry`."""
        file, line, function = entry.site or ("", 0, "")
        record = format_entry(
            entry.seq,
            entry.ns,
            entry.operation,
            entry.state,
            limited(name_of_key(entry.key)),
            self._type_name(entry.cls),
            entry.version,
            file,
            line,
            function,
            entry.stage,
        ).encode("utf-8", "replace")
        end = self._end + len(record)
        if end >= self._reserved and self._reserved < SIZE:
            self._reserve()
        if end < self._reserved:
            self._map[self._end : end] = record
            self._end = end

    def _reserve(self, flags: int = 0) -> None:
        """Reserve space for further entries. If there is none, they are not kept."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | flags, 0o600)
        except OSError:
            return
        try:
            _allocate(descriptor, self._reserved, _STEP)
            if self._map is None:
                os.ftruncate(descriptor, SIZE)
                self._map = mmap.mmap(descriptor, SIZE)
            self._reserved += _STEP
        except (OSError, ValueError):
            return
        finally:
            os.close(descriptor)

    def _type_name(self, cls: Any) -> str:
        if cls is None:
            return ""
        known = self._names.get(id(cls))
        if known is None:
            known = self._names[id(cls)] = (cls, type_name(cls))
        return known[1]


def _allocate(descriptor: int, start: int, size: int) -> None:
    allocate: Any = getattr(os, "posix_fallocate", None)  # macOS has none
    if allocate is not None:
        allocate(descriptor, start, size)
    elif os.pwrite(descriptor, bytes(size), start) != size:
        raise OSError("no space is left")

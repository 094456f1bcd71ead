"""Writes state changes to a file mapped into memory, whose content survives a segfault or SIGKILL.

The host reads it only when the process could not send an observation.
"""

from __future__ import annotations

import mmap
import os
from typing import Any

from ...protocol.journal import format_entry
from ..inspection.safe_inspect import type_name

#: Bytes; what comes after is not kept. A sparse file: only what is written takes space.
SIZE = 8 << 20


class Journal:
    """An append-only file of events, one record each."""

    def __init__(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, SIZE)
            self._map = mmap.mmap(descriptor, SIZE)
        finally:
            os.close(descriptor)
        self._end = 0
        self._names: dict[int, tuple[Any, str]] = {}

    def write(self, entry: Any) -> None:
        """Append one `recorder.LogEntry`."""
        file, line, function = entry.site or ("", 0, "")
        record = format_entry(
            entry.seq,
            entry.ns,
            entry.operation,
            entry.state,
            entry.key,
            self._type_name(entry.cls),
            entry.version,
            file,
            line,
            function,
            entry.stage,
        ).encode("utf-8", "replace")
        end = self._end + len(record)
        if end < SIZE:
            self._map[self._end : end] = record
            self._end = end

    def _type_name(self, cls: Any) -> str:
        if cls is None:
            return ""
        known = self._names.get(id(cls))
        if known is None:
            known = self._names[id(cls)] = (cls, type_name(cls))
        return known[1]

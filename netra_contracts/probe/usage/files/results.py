"""Keeps the result of a reading, as long as none of the files changes."""

from __future__ import annotations

import sys

from ....protocol.source_usage import SourceRequest
from . import cache_folder
from .source_files import SourceTree


class Results:
    """The result of an earlier reading of the same files.

    Args:
        request: what was asked for.
        tree: the files.
    """

    def __init__(self, request: SourceRequest, tree: SourceTree) -> None:
        self._path = cache_folder.path_for(request.module, tree.files, ".result") if request.use_cache else ""
        rows = [f"{source.path}\0{source.module}\0{source.identity}" for source in tree.files]
        settings = sys.version, request.module, request.max_files, request.max_mib, tree.omitted, len(rows)
        text = "\n".join([f"{settings} {cache_folder.version()}", *rows, *tree.compiled])
        self._files = text.encode("utf-8", "surrogateescape") + b"\0\0"

    def get(self) -> bytes:
        """The message that was the result; empty: it is not known."""
        data = cache_folder.read(self._path) if self._path else b""
        return data[len(self._files) :] if data.startswith(self._files) else b""

    def put(self, message: bytes) -> None:
        """Keep a result."""
        if self._path:
            cache_folder.write(self._path, self._files + message)

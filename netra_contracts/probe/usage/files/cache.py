"""Keeps what was read from files, by their identity. Whatever is damaged is ignored."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Mapping

from ..resolution.searched_names import Name
from . import cache_folder
from .source_files import SourceFile


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
        self._path = cache_folder.path_for(module, sources, ".files") if enabled else ""
        self._header = json.dumps([sys.version, cache_folder.version(), sorted(own)])
        self._lines: dict[str, str] = {}
        self.searched: frozenset[Name] = frozenset()
        if self._path:
            with contextlib.suppress(Exception):  # it is damaged
                self._load()

    def _load(self) -> None:
        header, searched, *lines = cache_folder.read(self._path).decode("utf-8", "surrogateescape").split("\n")
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
        cache_folder.write(self._path, "\n".join(body).encode("utf-8", "surrogateescape"))


def _key(source: SourceFile) -> str:
    return json.dumps([source.path, source.module, *source.identity])

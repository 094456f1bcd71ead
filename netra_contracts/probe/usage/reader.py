"""One reading of the target's sources."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from itertools import islice

from ...protocol.source_usage import LateImport, SourceFault, SourceRequest, SourceUsage, UnreadSource
from .files.cache import Cache
from .files.source_files import SourceFile, SourceTree
from .resolution.records import Records
from .resolution.resolution import Resolution
from .resolution.roles import ReadFile
from .resolution.searched_names import Name, look_for_constants, mentions_names, names_to_search
from .syntax.facts import from_json
from .syntax.source_text import Wanted, content, mentions_state
from .workers import read_files

#: How many modules are read in addition, since others name constants or classes of them.
_MAX_FURTHER = 200
#: How many names are searched in the files without the word `state`, and how often.
_MAX_NAMES = 500
_MAX_ROUNDS = 3


def read_tree(request: SourceRequest, tree: SourceTree) -> SourceUsage:
    """Read how the target's sources use its states.

    Args:
        request: what to read, and the limits.
        tree: its files.
    """
    deadline = time.monotonic() + request.max_s
    reading = _Reading(request, tree, deadline)
    resolution = reading.read()
    records = Records(resolution)
    return SourceUsage(
        accesses=records.accesses(),
        accessors=records.accessors(),
        unread=(*reading.unread(), *(UnreadSource(path, "compiled") for path in tree.compiled)),
        files=len(tree.files),
        parsed=len(resolution.files),
        late_imports=tuple(
            LateImport(file.source.module, module) for file in resolution.files for module in file.facts.late_imports
        ),
        incomplete="; ".join(reading.incomplete),
    )


class _Reading:
    """Reads files that are not in the cache: first those with the word `state`, then users of accessors."""

    def __init__(self, request: SourceRequest, tree: SourceTree, deadline: float) -> None:
        self._request = request
        self._deadline = deadline
        self.incomplete = []
        if tree.omitted:
            self.incomplete.append(f"{tree.omitted} files beyond the limit of {request.max_files} were not read")
        self._sources = self._within_size(tree.files)
        self._own = frozenset(source.module.partition(".")[0] for source in self._sources)
        self._cache = Cache(request.module, self._sources, self._own, enabled=request.use_cache)
        self._lines: dict[SourceFile, tuple[str, str]] = {}
        self._files: dict[SourceFile, ReadFile] = {}

    def _within_size(self, sources: list[SourceFile]) -> list[SourceFile]:
        kept, size = [], 0
        for source in sources:
            size += source.identity[2]
            if size <= self._request.max_mib << 20:
                kept.append(source)
        if len(kept) < len(sources):
            text = f"{len(sources) - len(kept)} files beyond the limit of {self._request.max_mib} MiB were not read"
            self.incomplete.append(text)
        return kept

    def read(self) -> Resolution:
        """Read the files, and follow what they take from each other."""
        self._read_with(mentions_state, self._sources)
        names: frozenset[Name] = frozenset()
        for _ in range(_MAX_ROUNDS):
            resolution = self._resolve()
            new = frozenset(islice(names_to_search(resolution), _MAX_NAMES)) - names
            names |= new
            if not self._read_further(resolution, new):
                break
        else:
            resolution = self._resolve()
        if self._is_complete():
            self._cache.write(self._lines, names)
        return resolution

    def _read_further(self, resolution: Resolution, names: frozenset[Name]) -> bool:
        """Read files that contain names, and modules that others take constants or classes from. Whether there are."""
        before = len(self._files)
        is_known = names <= self._cache.searched
        skipped = [source for source in self._sources if self._lines.get(source, ("",))[0] == "skipped"]
        rest = [source for source in skipped if not (is_known and self._cache.get(source))]
        if names:
            self._read_with(_all, self._mentioning(names, rest), again=True)
        modules = {source.module: source for source in self._sources if source not in self._files}
        look_for_constants(resolution)
        further = [modules[module] for module in sorted(resolution.missing) if module in modules]
        if further:
            self._read_with(_all, further[:_MAX_FURTHER], again=True)
        return len(self._files) > before

    def _mentioning(self, names: frozenset[Name], sources: list[SourceFile]) -> list[SourceFile]:
        """Files that contain names. Most do not: to search them here takes less time than to start processes."""
        is_mentioned = mentions_names(names)
        found = []
        for source in sources:
            if time.monotonic() > self._deadline:
                self._lines.pop(source)  # it is not known whether it does
            elif is_mentioned(content(source)):
                found.append(source)
        return found

    def _resolve(self) -> Resolution:
        return Resolution([self._files[source] for source in self._sources if source in self._files], self._own)

    def _is_complete(self) -> bool:
        unread = len(self._sources) - len(self._lines)
        if unread:
            self.incomplete.append(f"{unread} files were not read within {self._request.max_s:g} seconds")
        return not unread

    def _read_with(self, wanted: Wanted, sources: Iterable[SourceFile], *, again: bool = False) -> None:
        """Read files of some content; from the cache, those that are in it.

        Args:
            again: whether those are read again that were skipped.
        """
        missing = []
        for source in sources:
            known = self._cache.get(source)
            if known is None or (again and known[0] == "skipped"):
                missing.append(source)
            else:
                self._add(source, *known)
        for source, status, text in read_files(missing, wanted, self._own, self._deadline) if missing else ():
            self._add(source, status, text)

    def _add(self, source: SourceFile, status: str, text: str) -> None:
        self._lines[source] = status, text
        if status == "facts":
            self._files[source] = ReadFile(source, from_json(json.loads(text)))

    def unread(self) -> list[UnreadSource]:
        """The files that could not be read."""
        found = []
        for source, (status, text) in self._lines.items():
            if status not in ("facts", "skipped"):
                reason: SourceFault = status  # type: ignore[assignment]  # one of them
                found.append(UnreadSource(source.path, reason, text))
        return sorted(found, key=lambda source: source.file)


def _all(_: bytes) -> bool:
    return True

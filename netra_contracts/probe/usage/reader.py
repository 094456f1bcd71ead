"""One reading of the target's sources."""

from __future__ import annotations

from collections.abc import Sequence

from ...protocol.source_usage import SourceRequest, SourceUsage, UnreadSource
from .source_files import find_sources


def read_sources(request: SourceRequest, import_path: Sequence[str]) -> SourceUsage:
    """Read how the target's sources use its states.

    Args:
        request: what to read, and the limits.
        import_path: the folders in which the target's interpreter searches modules, in order.
    """
    tree = find_sources(request.module, import_path, request.max_files)
    unread = tuple(UnreadSource(path, "compiled") for path in tree.compiled)
    incomplete = f"{tree.omitted} files beyond the limit of {request.max_files}" if tree.omitted else ""
    return SourceUsage(unread=unread, files=len(tree.files), incomplete=incomplete)

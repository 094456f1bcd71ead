"""The reader as a process: its request, its result, and what its environment says."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from json import loads

from ...protocol.source_usage import SourceRequest
from .files.results import Results
from .files.source_files import find_sources, folder_of
from .files.whole_files import write_whole


def run(argument: str) -> None:
    """Do what a request asks for, and write the result.

    Args:
        argument: a `SourceRequest` as JSON.
    """
    gc.disable()  # the process ends soon
    request = SourceRequest(**loads(argument))
    try:
        message = _read(request)
    except Exception as error:
        message = _failure(error)
    with contextlib.suppress(OSError):  # the host has ended and removed its folder
        write_whole(request.output, message)


def _read(request: SourceRequest) -> bytes:
    tree = find_sources(request.module, import_path(request.app_dir, request.module), request.max_files)
    results = Results(request, tree)
    message = results.get()
    if not message:  # what parses is not imported before
        from ...protocol.codec import encode
        from .reader import read_tree

        usage = read_tree(request, tree)
        message = encode(usage, readable=False)
        if not usage.incomplete:
            results.put(message)
    return message


def _failure(error: Exception) -> bytes:
    from ...protocol.codec import encode
    from ...protocol.control import ProbeFailed
    from ...protocol.masking import mask

    return encode(ProbeFailed(f"the sources could not be read: {type(error).__name__}: {mask(str(error))}"))


def import_path(app_dir: str, module: str) -> list[str]:
    """The folders in which the target's interpreter searches a module, in order, as far as they are needed."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [app_dir or os.getcwd(), *filter(None, named)]
    if not folder_of(module, folders):
        import site

        if sys.flags.no_site:
            site.main()
        folders += [*sys.path, *_user_site()]
    return list(dict.fromkeys(map(os.path.abspath, folders)))


def _user_site() -> list[str]:
    if sys.prefix != sys.base_prefix or os.environ.get("PYTHONNOUSERSITE"):
        return []
    import site

    return [folder] if os.path.isdir(folder := site.getusersitepackages()) else []

"""The reader as a process: its request, its result, and what its environment says."""

from __future__ import annotations

import contextlib
import os
import sys
from json import loads

from ...protocol.codec import encode
from ...protocol.source_usage import SourceRequest
from .reader import read_sources
from .source_files import has_module
from .whole_files import write_whole


def run(argument: str) -> None:
    """Do what a request asks for, and write the result.

    Args:
        argument: a `SourceRequest` as JSON.
    """
    request = SourceRequest(**loads(argument))
    result: object
    try:
        result = read_sources(request, import_path(request.app_dir, request.module))
    except Exception as error:
        from ...protocol.control import ProbeFailed
        from ...protocol.masking import mask

        result = ProbeFailed(f"the sources could not be read: {type(error).__name__}: {mask(str(error))}")
    with contextlib.suppress(OSError):  # the host has ended and removed its folder
        write_whole(request.output, encode(result, readable=False))


def import_path(app_dir: str, module: str) -> list[str]:
    """The folders in which the target's interpreter searches a module, in order, as far as they are needed."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [app_dir or os.getcwd(), *filter(None, named)]
    if not any(has_module(folder, module.partition(".")[0]) for folder in folders):
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

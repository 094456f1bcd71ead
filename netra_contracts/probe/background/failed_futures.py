"""Finds the futures that failed and whose exception nothing has retrieved. Imported only where futures were created."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import Future as Job
from itertools import compress
from typing import Any

from ..inspection.safe_inspect import standard_attribute
from . import executor_jobs
from .monitor import subclasses


def unretrieved() -> Iterator[tuple[Any, BaseException]]:
    """All futures of the process that failed, and whose exception nothing has retrieved."""
    bases = (asyncio.Future, asyncio.futures._PyFuture, Job)  # type: ignore[attr-defined]  # the implementation in Python
    classes = {id(cls) for base in bases for cls in subclasses(base)}
    objects = gc.get_objects()
    # Hundreds of thousands of objects: no code in Python runs for each.
    futures = list(compress(objects, map(classes.__contains__, map(id, map(type, objects)))))
    del objects
    for future in futures:
        if issubclass(type(future), Job):
            error = executor_jobs.unretrieved(future)
        else:
            # `_exception` and not `exception()`: asking would count as having retrieved it.
            error = standard_attribute(future, "_exception") if standard_attribute(future, "_log_traceback") else None
        if error is not None:
            yield future, error

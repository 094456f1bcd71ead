"""Replaces what tools stand on: `print`, `open`, `json`, `time`, the import system, the recursion limit, the loop's policy."""

import builtins
import json
import logging
import sys
import time
import traceback

from starlette.applications import Starlette


def broken(*args, **kwargs):
    raise RuntimeError("replaced by the application")


class Broken:
    def __getattr__(self, name):
        raise RuntimeError("replaced by the application")


app = Starlette()
app.state.pool = object()
for module, names in (
    (json, ("dumps", "loads", "dump")),
    (time, ("perf_counter", "monotonic", "time")),
    (traceback, ("format_exc", "extract_tb", "walk_tb", "StackSummary")),
    (logging, ("getLogger",)),
    (builtins, ("print", "open", "isinstance", "getattr", "hasattr", "type")),
):
    for name in names:
        setattr(module, name, broken)
sys.stdout = sys.stderr = Broken()
sys.excepthook = broken

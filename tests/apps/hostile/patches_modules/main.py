"""Replaces what tools depend on: clocks, `json`, `traceback`, `logging` and the standard streams."""

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
    (json, ("dumps", "loads", "dump", "load")),
    (time, ("perf_counter", "time", "sleep")),
    (traceback, ("extract_tb", "walk_tb", "print_exc")),
    (logging, ("getLogger",)),
):
    for name in names:
        setattr(module, name, broken)
sys.stdout = sys.stderr = Broken()
sys.excepthook = broken

"""Writes down the state of its process at import and during startup, for a comparison with and without the tool."""

import asyncio
import atexit
import builtins
import faulthandler
import gc
import json
import logging
import os
import resource
import signal
import sys
import threading
import warnings

from starlette.applications import Starlette

LIMITS = [name for name in dir(resource) if name.startswith("RLIMIT_")]


def is_of_tool(function):
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return "/netra_contracts/" in getattr(code, "co_filename", "") or "netra_contracts" in type(function).__module__


def replaced():
    """Functions and methods of libraries that are the tool's."""
    found = set()
    for name, module in list(sys.modules.items()):
        if "netra" in name or not hasattr(module, "__dict__") or name in ("__main__", "main"):
            continue
        for key, value in list(vars(module).items()):
            if is_of_tool(value):
                found.add(f"{name}.{key}")
            if isinstance(value, type) and value.__module__ == name:
                found.update(f"{name}.{value.__qualname__}.{each}" for each, member in vars(value).items() if is_of_tool(member))
    return sorted(found)


def describe(value):
    return f"{type(value).__module__}.{type(value).__qualname__}" if not isinstance(value, type) else value.__qualname__


def state(loop=None):
    umask = os.umask(0)
    os.umask(umask)
    return {
        "sys.meta_path": [describe(finder) for finder in sys.meta_path],
        "sys.path_hooks": [describe(hook) for hook in sys.path_hooks],
        "sys.path": sys.path,
        "sys.argv": sys.argv,
        "sys.flags": str(sys.flags),
        "sys.modules": sorted(name.partition(".")[0] for name in sys.modules if name.startswith("_netra"))[:1],
        "__main__": os.path.basename(getattr(sys.modules["__main__"], "__file__", "")),
        "hooks": [sys.excepthook is sys.__excepthook__, sys.unraisablehook is sys.__unraisablehook__,
                  threading.excepthook is getattr(threading, "__excepthook__", threading.excepthook), sys.displayhook is sys.__displayhook__],
        "asynchronous generators": is_of_tool(sys.get_asyncgen_hooks().firstiter),
        "profiler": describe(sys.getprofile()),
        "trace function": describe(sys.gettrace()),
        "sys.monitoring": [sys.monitoring.get_tool(tool) for tool in range(6)] if sys.version_info >= (3, 12) else [],
        "signal handlers": [str(signal.getsignal(number)) for number in signal.valid_signals()],
        "threads": [thread.name for thread in threading.enumerate()],
        "threads of the system": len(os.listdir("/proc/self/task")),
        "environment": sorted(os.environ.items()),
        "os.environ": describe(os.environ._data),
        "faulthandler": faulthandler.is_enabled(),
        "policy": describe(asyncio.get_event_loop_policy()) if sys.version_info < (3, 14) else "",
        "loop": [describe(loop), loop and loop.get_debug(), loop and describe(loop.get_task_factory()),
                 loop and describe(loop.get_exception_handler())],
        "loop.time": loop is not None and "time" in vars(loop),
        "logging": [logging.root.level, len(logging.root.handlers), logging.root.manager.disable],
        "builtins": sorted(vars(builtins)),
        "replaced functions": replaced(),
        "descriptors": sorted(filter(None, map(target_of, os.listdir("/proc/self/fd")))),
        "limits": [resource.getrlimit(getattr(resource, name)) for name in LIMITS],
        "folder": os.getcwd(),
        "umask": umask,
        "atexit": atexit._ncallbacks(),
        "gc": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks), gc.get_freeze_count()],
        "interpreter": [sys.getrecursionlimit(), sys.getswitchinterval(), str(warnings.filters)],
        "session": os.getsid(0) == os.getpid(),
        "streams": [describe(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    }  # fmt: skip


def target_of(descriptor):
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").partition(":")[0]
    except OSError:  # that of the listing itself
        return ""


at_import = state()


async def startup():
    found = {"import": at_import, "startup": state(asyncio.get_running_loop())}
    with open(os.environ["STATE_FILE"], "w", encoding="utf-8") as file:
        json.dump(found, file, default=str)


app = Starlette(on_startup=[startup]) if hasattr(Starlette(), "on_event") else None
if app is None:
    import contextlib

    @contextlib.asynccontextmanager
    async def lifespan(app):
        await startup()
        yield

    app = Starlette(lifespan=lifespan)

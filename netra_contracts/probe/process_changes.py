"""What the probe changes in the target's process: the one list. Documentation and a test are made from it."""

from __future__ import annotations

from typing import NamedTuple


class ProcessChange(NamedTuple):
    """One difference between the target's process and one that a server started.

    Attributes:
        subject: what differs.
        change: what the tool does there, and when.
        members: the names of replaced functions and methods, where the subject is such.
    """

    subject: str
    change: str
    members: tuple[str, ...] = ()


CHANGES = (
    ProcessChange("sys.meta_path", "a finder at the front reports executed modules; one at the end has `declare`"),
    ProcessChange("sys.path", "the folder of the application comes first, as servers do with `--app-dir`"),
    ProcessChange("sys.argv", "the target only"),
    ProcessChange("sys.modules", "the probe's modules, under the private name `_netra_contracts`"),
    ProcessChange("__main__", "the probe's `bootstrap.py`"),
    ProcessChange("environment", "`NETRA_CONTRACTS` and `NETRA_CONTRACTS_RUN` are set"),
    ProcessChange(
        "os.environ",
        "its dictionary calls a function for missing and new variables, from the import to the end of startup",
    ),
    ProcessChange("streams", "stdin is empty; stdout and stderr are one pipe without a buffer"),
    ProcessChange("session", "the process leads a session and a process group of its own"),
    ProcessChange("faulthandler", "enabled, with a file of its own; the application's own call replaces that"),
    ProcessChange("descriptors", "a socket and a pipe to the host, the files of `faulthandler` and of the journal"),
    ProcessChange(
        "threads of the system",
        "a watchdog and one of `faulthandler`, once the target has been imported; one that samples while startup runs",
    ),
    ProcessChange(
        "loop.time",
        "the loop keeps its clock if the application replaces `time.monotonic`; turns are counted while startup runs",
    ),
    ProcessChange(
        "profiler",
        "before Python 3.12, while startup handlers run, unless the application has set one of its own",
    ),
    ProcessChange(
        "asynchronous generators",
        "the hooks of the event loop (`sys.set_asyncgen_hooks`) are called by others, from the startup to the shutdown",
    ),
    ProcessChange("SIGALRM", "has a handler and a timer of the probe while a provider that a contract names is called"),
    ProcessChange("lifespan classes", "their `__aenter__` is replaced by one that calls it, while startup runs"),
    ProcessChange(
        "sys.monitoring",
        "from Python 3.12 on, a free tool while startup handlers run, another from the import to the first request",
    ),
    ProcessChange(
        "trace function",
        "before Python 3.12, from the import to the first request or 100,000 calls, unless there is one",
    ),
    ProcessChange(
        "replaced functions",
        "they call what they replace",
        (
            "os._exit",
            "os.fork",
            "os.register_at_fork",
            "sys.addaudithook",
            "multiprocessing.process.BaseProcess.start",
            "socket.socket.__init__",
            "subprocess.Popen.__init__",
            "threading.Thread.start",
            "threading._make_invoke_excepthook",
            "logging.Logger.callHandlers",
            "logging.Logger.setLevel",
            "logging.Logger.removeHandler",
            "logging.disable",
            "logging.config._handle_existing_loggers",
            "dotenv.main.DotEnv.dict",
            "concurrent.futures._base.Future.__del__",
            "concurrent.futures._base.Future._exception",
            "asyncio.base_events.BaseEventLoop.__init__",
            "_frozen_importlib_external._LoaderBasics.exec_module",
            "asyncio.base_events.BaseEventLoop.call_exception_handler",
            "asyncio.base_events.BaseEventLoop.create_task",
            "asyncio.base_events.BaseEventLoop.get_debug",
            "contextlib._AsyncGeneratorContextManager.__aenter__",
            "contextlib._GeneratorContextManager.__enter__",
            "starlette.applications.Starlette.__setattr__",
            "starlette.datastructures.State.__init__",
            "starlette.routing.Router.__init__",
            "litestar.datastructures.state.State.__init__",
            "litestar.app.Litestar.__setattr__",
        ),
    ),
)

"""Installs everything that observes the target: hooks on its imports, its state, its tasks and its startup."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable

from ...protocol.control import LaunchRequest
from ...protocol.location import Location
from ...protocol.observed.event_loop import BlockedLoop, LifespanAwait
from ...protocol.observed.failures import CaughtException
from ...protocol.observed.observation import LoggedMessage
from ..background.import_origins import ImportOrigins
from ..background.monitor import BackgroundMonitor
from ..background.origins import Origins
from ..inspection.safe_inspect import instance_attribute
from ..runtime.declare_provider import DeclareProvider
from ..runtime.import_hooks import AfterImport, AfterImportFinder
from ..runtime.import_times import ImportTimes
from ..runtime.journal import Journal
from ..surroundings.environment_reads import EnvironmentMonitor
from ..surroundings.logging_state import LoggingMonitor
from .app_structure import CodeMonitor, HandlerMonitor
from .lifespans.context_managers import ContextManagerMonitor
from .lifespans.generators import GeneratorMonitor
from .lifespans.monitor import LifespanMonitor, lifespans_of
from .states.recorder import Recorder

if TYPE_CHECKING:
    from ..runtime.loop_sampler import LoopSampler
    from .lifespans.awaits import AwaitRecorder

_PACKAGE_DIR = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


_addaudithook = sys.addaudithook


def _add_audit_hook(hook: Any) -> None:
    """Replaces `sys.addaudithook`, see `audit_hooks`."""
    from ..runtime import audit_hooks

    audit_hooks.add(hook, _addaudithook)


class Instrumentation:
    """The observers of one target."""

    def __init__(self, request: LaunchRequest) -> None:
        self.recorder = Recorder()
        if request.journal_file:
            self.recorder.journal = Journal(request.journal_file)
        self.context_managers = ContextManagerMonitor()
        self._codes = CodeMonitor()
        self.generators = GeneratorMonitor()
        self.handlers = HandlerMonitor(self._codes)
        self.lifespans = LifespanMonitor(self.context_managers, self._codes)
        self.origins = Origins(lambda: self.recorder.stage)
        self.import_origins = ImportOrigins(self.origins)
        self.background = BackgroundMonitor(self.origins)
        self.import_times = ImportTimes()
        self.logging = LoggingMonitor()
        self.environment = EnvironmentMonitor()
        self.awaits: AwaitRecorder | None = None
        self.loop_sampler: LoopSampler | None = None
        self._blocking_threshold_ms = request.blocking_threshold_ms
        self._log_text = request.log_text
        self._log: Any = None
        self._exceptions: Any = None
        self.declare_provider = DeclareProvider(_PACKAGE_DIR)

    def install(self, on_declare: AfterImport) -> None:
        """Install what must be there before the target is imported.

        Args:
            on_declare: is called when the target has imported `netra_contracts.declare`.
        """
        self.import_origins.begin()
        sys.addaudithook = _add_audit_hook
        sys.meta_path.append(self.declare_provider)
        state = hook_state_module(self.recorder)
        AfterImportFinder(
            {
                "starlette.datastructures": state,
                "litestar.datastructures.state": state,
                "starlette.applications": hook_application(self.recorder, "Starlette"),
                "litestar.app": hook_application(self.recorder, "Litestar"),
                "starlette.routing": self.handlers.hook,
                "socket": self.import_origins.hook_socket,
                "uvloop": self.import_origins.hook_uvloop,
                "logging.config": self.logging.hook_config,
                "dotenv.main": self.environment.hook_dotenv,
                "subprocess": self.origins.hook_subprocess,
                "multiprocessing.process": self.origins.hook_multiprocessing,
                "netra_contracts.declare": on_declare,
            }
        ).install()
        self.import_times.install()
        self.logging.install()
        self.environment.install()
        self.origins.install()
        self.background.install()
        self.context_managers.is_application = lambda obj: id(obj) in self.recorder.owned
        self.recorder.yield_site = self.context_managers.yield_site

    def observe_causes(self) -> None:
        """Record caught exceptions, and what is logged at WARNING and above, until `finish_startup`."""
        from ..causes import exception_hooks  # late: not before the target is imported
        from ..causes.startup_log import StartupLog

        self.logging.look()
        self._log = StartupLog(with_text=self._log_text)
        self._log.install()
        has_monitoring = hasattr(sys, "monitoring")
        hook = exception_hooks.ExceptionMonitor if has_monitoring else exception_hooks.ExceptionTrace
        self._exceptions = hook(self._task_created)
        self._exceptions.install()

    def _task_created(self) -> Location | None:
        """The line that created the running task; None: unknown, or it is one of the probe."""
        asyncio: Any = sys.modules.get("asyncio")
        try:
            task = asyncio.current_task()
        except RuntimeError:  # no loop is running
            return None
        origin = self.origins.of(task) if task is not None and task not in self.background.own else None
        return origin.location if origin is not None else None

    def blocked_loop(self) -> tuple[BlockedLoop, ...]:
        """What blocked the event loop so far."""
        return self.loop_sampler.blocks() if self.loop_sampler is not None else ()

    def lifespan_awaits(self) -> tuple[LifespanAwait, ...]:
        """Where the lifespan has waited so far."""
        return self.awaits.awaits() if self.awaits is not None else ()

    def logged(self) -> tuple[LoggedMessage, ...]:
        """What was logged so far."""
        return self._log.messages() if self._log is not None else ()

    def caught_exceptions(self) -> tuple[CaughtException, ...]:
        """What was caught so far."""
        caught: tuple[CaughtException, ...] = self._exceptions.records() if self._exceptions is not None else ()
        return caught

    @contextlib.contextmanager
    def observing_startup(self) -> Iterator[None]:
        """Observe calls of startup handlers, entries of lifespans, and what the event loop does."""
        from ..runtime.loop_sampler import LoopSampler
        from .lifespans.awaits import AwaitRecorder

        self.logging.look()
        self.awaits, self.loop_sampler = AwaitRecorder(), LoopSampler(self._blocking_threshold_ms)
        self.context_managers.install()
        apps = self.recorder.applications()
        of_apps = {id(instance_attribute(app, "router")) for app in apps}
        routers = [router for router in self.handlers.routers() if id(router) not in of_apps]
        known = [(app, lifespan) for app in [*apps, *routers] for lifespan in lifespans_of(app)]
        codes = [*self.handlers.install(), *self.lifespans.install(known)]
        self._codes.watch(codes)
        self.handlers.on_created = self.lifespans.add
        self.loop_sampler.start(asyncio.get_running_loop())
        try:
            yield
        finally:
            self.loop_sampler.stop()
            self.awaits.stop()
            self.handlers.on_created = lambda router: None
            self._codes.stop()
            self.lifespans.uninstall()
            self.handlers.uninstall()
            self.context_managers.uninstall()

    def finish_startup(self) -> None:
        """Record no further states, and no changes of the known ones until `recorder.resume` is called."""
        self.generators.end_startup()
        self.recorder.unhook()
        self.recorder.pause()
        self.import_times.uninstall()
        self.logging.uninstall()
        self.environment.uninstall()
        self._log.uninstall()
        self._exceptions.uninstall()


def hook_state_module(recorder: Recorder) -> Callable[[ModuleType], None]:
    """The hook for an imported `starlette.datastructures`, or Litestar's counterpart."""

    def hook(module: ModuleType) -> None:
        if hasattr(module, "ImmutableState"):
            recorder.hook_state(module.ImmutableState)
        if "__init__" in module.State.__dict__:
            recorder.hook_state(module.State)

    return hook


def hook_application(recorder: Recorder, name: str) -> Callable[[ModuleType], None]:
    """The hook for an imported module with an application class."""

    def hook(module: ModuleType) -> None:
        recorder.hook_owner(getattr(module, name))

    return hook

"""Loads, builds, starts and stops the target."""

from __future__ import annotations

from typing import Any, Callable

from ...protocol.control import LaunchRequest
from ...protocol.observed.failures import StageFailure
from ...protocol.stages import StageOutcome
from ..inspection import own_code
from ..runtime import exceptions
from ..runtime.stage_log import StageFailed, StageLog
from . import target_loader
from .instrumentation import Instrumentation
from .lifespans.lifespan import Lifespan
from .mounts import has_startup
from .target import Target


class TargetLifecycle:
    """Takes the target through its stages, from its import to its shutdown.

    Args:
        request: what is launched.
        target: is filled in as it becomes known.
        stages: are closed with the failure if loading or building fails.
        instrumentation: observes the startup.
    """

    def __init__(
        self, request: LaunchRequest, target: Target, stages: StageLog, instrumentation: Instrumentation
    ) -> None:
        self._request = request
        self._target = target
        self._stages = stages
        self._instrumentation = instrumentation
        self._lifespan: Lifespan | None = None
        self._factory_context: Any = None

    def load(self) -> Any:
        """Import the target's module and find the object that it names.

        Raises:
            StageFailed: if there is none.
        """
        request = self._request
        own_code.set_target(request.module)
        self._stages.begin("import")
        try:
            module = target_loader.import_target(request.module, request.app_dir or self._target.info.cwd)
            loaded = target_loader.find(module, request.module, request.attr)
            self._stages.close()
            self._stages.enter("build")
            self._target.imported(module, loaded)
        except target_loader.LoadError as error:
            raise self._failed(error) from error
        return loaded.value

    def create_loop(self, create: Callable[[], Any]) -> Any:
        """Create the event loop. If that fails, the target has replaced or forbidden what a loop needs.

        Raises:
            StageFailed: if it fails.
        """
        try:
            return create()
        except Exception as error:
            self._stages.close("failed", (exceptions.of_exception("factory-raised", error),))
            raise StageFailed from error

    def call(self, loaded: Any) -> Any:
        """Call the target if it is a factory. Not inside the event loop, so that a factory may use `asyncio.run`.

        Raises:
            StageFailed: if the factory raises.
        """
        self._stages.begin("build")
        if not self._target.is_factory:
            return loaded
        try:
            return target_loader.call_factory(loaded, f"`{self._target.info.spec}`")
        except target_loader.LoadError as error:
            raise self._failed(error) from error

    async def finish_build(self, built: Any) -> None:
        """Await or enter what a factory returned, and make the result known to `target`.

        Raises:
            StageFailed: if that fails, or the result is neither an application nor a state.
        """
        if self._target.is_factory:
            try:
                built = await self._enter(built)
                self._target.built(built)
            except target_loader.LoadError as error:
                raise self._failed(error) from error
        self._target.set_object(built)

    async def _enter(self, built: Any) -> Any:
        try:
            if target_loader.must_be_awaited(built):
                built = await built
            if target_loader.is_async_context(built):
                self._factory_context = built
                built = await built.__aenter__()
        except BaseException as error:
            raise target_loader.factory_failure(error) from error
        return built

    def _failed(self, error: target_loader.LoadError) -> StageFailed:
        self._stages.close(error.outcome, (error.failure,))
        return StageFailed()

    async def start(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        """Drive the startup of the application."""
        state: Any = self._instrumentation.recorder.lifespan_state
        app, inside = self._target.app, [found.app for found in self._target.apps]
        startup = any(inner is app or has_startup(inner) for inner in inside)
        with self._instrumentation.observing_startup():
            self._lifespan = Lifespan(app, state, bool(inside), startup, self._instrumentation.awaits)
            outcome, failures = await self._lifespan.startup()
        self._instrumentation.background.own.append(self._lifespan.task)
        return outcome, failures

    async def stop(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        """Drive the shutdown of an application that has started, and leave the context of its factory."""
        outcome: StageOutcome = "ok"
        failures: tuple[StageFailure, ...] = ()
        startup = self._stages.outcome_of("startup")
        if self._lifespan is not None and startup in (None, "ok"):
            outcome, failures = await self._lifespan.shutdown()
        elif startup not in (None, "unsupported"):
            outcome = "skipped"
        if self._factory_context is not None:
            try:
                await self._factory_context.__aexit__(None, None, None)
            except BaseException as error:
                outcome, failures = "failed", (*failures, exceptions.of_exception("raised", error))
        return outcome, failures

    def changed_variables(self) -> list[Any]:
        """See `Lifespan.changed_variables`."""
        return self._lifespan.changed_variables() if self._lifespan is not None else []

    @property
    def applications_called(self) -> list[Any]:
        """Applications of a framework that received the lifespan event: they leave themselves in its scope."""
        return self._lifespan.applications() if self._lifespan is not None else []

    @property
    def lifespan_task(self) -> Any:
        """The task that runs the application's lifespan; None: it was not started."""
        return self._lifespan.task if self._lifespan is not None else None

    def violations(self) -> tuple[StageFailure, ...]:
        """Violations of the lifespan protocol so far."""
        return self._lifespan.violations() if self._lifespan is not None else ()

"""One observation, from the job to the end of the target's shutdown."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Any

from ..protocol.control import (
    LaunchRequest,
    Loaded,
    ProbeFailed,
    Snapshot,
    StageStarted,
    UnresolvedName,
    UnresolvedNames,
)
from ..protocol.failures import StageFailure
from ..protocol.masking import mask
from ..protocol.observation import Answer, Observation, Stage
from ..protocol.plan import Plan
from ..protocol.stages import StageName, StageOutcome, stage_label
from .inspection import questions, source_locations, type_matching
from .runtime import clock, exceptions, stack_snapshots
from .runtime.channel import Channel, HostGoneError
from .runtime.import_hooks import AfterImportFinder, DeclareFinder
from .runtime.journal import Journal
from .runtime.watchdog import Watchdog, end_process_group
from .startup import phase_checks, phase_marks, python_contracts, target_loader
from .startup.app_states import AppStates, StateLookup
from .startup.app_structure import HandlerMonitor, describe_mounts, family_of, unwrap
from .startup.background_tasks import BackgroundTaskMonitor
from .startup.context_managers import ContextManagerMonitor
from .startup.lifespan import Lifespan
from .startup.recorder import Recorder, hook_application, hook_state_module
from .startup.target import Target

#: Turns of the loop that tasks started by the startup get before one looks whether they still live.
_SETTLE_TURNS = 10
#: How long threads that are about to end may take to do so, in seconds.
_THREADS_END_S = 0.3

_exit = os._exit


def run(path: str) -> None:
    """Do one job for the host listening at a socket, then end the process."""
    try:
        link = Channel(path)
        ProbeSession(link, link.receive().read(LaunchRequest)).run()
    except HostGoneError:
        end_process_group()
    except BaseException as error:  # a fault of the probe must not look like one of the target
        message = f"{type(error).__name__}: {mask(str(error))}"
        lines = source_locations.frames_of(error.__traceback__)
        trace = tuple(f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in lines)
        link.send(ProbeFailed(message, trace))
        _exit(70)


class StageFailed(Exception):  # noqa: N818 - ends the session early, is no error
    """A stage did not end well; what there is to say has been noted."""


class ProbeSession:
    """Loads, builds, starts and stops one target, and sends what was seen."""

    def __init__(self, link: Channel, job: LaunchRequest) -> None:
        self._link = link
        self._job = job
        self._plan = Plan()
        self._target = Target(job)
        self._stages: list[Stage] = []
        self._open: tuple[StageName, int] = ("import", clock.now_ns())
        self._recorder = Recorder()
        if job.journal_file:
            self._recorder.journal = Journal(job.journal_file)
        self._contexts = ContextManagerMonitor()
        self._handlers = HandlerMonitor()
        self._background = BackgroundTaskMonitor()
        self._marks = phase_marks.PhaseMarks(self._phase_ends, lambda: len(self._recorder.entries))
        self._app: Any = None
        self._framework_app: Any = None
        self._state: Any = None
        self._states: AppStates | None = None
        self._loop: Any = None
        self._main_task: Any = None
        self._lifespan: Lifespan | None = None
        self._seen = Observation(self._target.info)
        self._answers: list[Answer] = []
        self._limit_s = job.startup_timeout_s
        self._sent = False
        self._sending = threading.Lock()
        self._before: set[int | None] = set()
        self._crash_file = self._open_crash_file()
        self._watchdog = Watchdog(link, self._crash_file, self._expired)

    # Preparation

    def _open_crash_file(self) -> Any:
        if not self._job.crash_file:
            return None
        crash_file = open(self._job.crash_file, "w")  # noqa: SIM115 - stays open until the process ends
        faulthandler.enable(file=crash_file)
        return crash_file

    def _prepare(self) -> None:
        app_dir = self._job.app_dir or os.getcwd()
        sys.path.insert(0, app_dir)
        sys.argv = [self._target.info.spec]
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        sys.meta_path.append(DeclareFinder(here))
        state = hook_state_module(self._recorder)
        AfterImportFinder(
            {
                "starlette.datastructures": state,
                "litestar.datastructures.state": state,
                "starlette.applications": hook_application(self._recorder, "Starlette"),
                "litestar.app": hook_application(self._recorder, "Litestar"),
                "starlette.routing": self._handlers.hook,
                "netra_contracts.declare": self._marks.hook,
            }
        ).install()
        self._recorder.yield_site = self._contexts.yield_site
        os._exit = self._exits  # type: ignore[assignment]  # a hook: the real one is called
        self._watchdog.start()
        self._before = {thread.ident for thread in threading.enumerate()}

    # The way through

    def run(self) -> None:
        """Do the job, send the observation, end the process."""
        self._prepare()
        self._arm(self._job.startup_timeout_s)
        try:
            found = self._import()
            self._receive_plan(found)
            self._loop = asyncio.new_event_loop()
            self._loop.time = monotonic  # a target that replaces `time.monotonic` breaks its own clocks only
            asyncio.set_event_loop(self._loop)
            self._background.install(self._loop)
            thing = self._call(found)
            self._run_loop(self._live(thing))
        except StageFailed:
            pass
        self._look_for_what_is_left()
        self._watchdog.disarm()
        self._send()
        self._end()

    def _run_loop(self, coroutine: Any) -> None:
        """Run the loop. `SystemExit` and `KeyboardInterrupt` of any task end a loop from within: then tell so."""
        task = self._main_task = self._loop.create_task(coroutine)
        self._background.own.add(task)
        try:
            self._loop.run_until_complete(task)
        except (SystemExit, KeyboardInterrupt) as error:
            fault = exceptions.of_exception("raised", error)
            self._close("exited", (fault,))
        except StageFailed:
            pass
        except BaseException as error:  # e.g. the loop's own descriptors were closed by the target
            if not self._is_open():
                raise  # between two stages it can only be a fault of the probe
            self._close("failed", (exceptions.of_exception("raised", error),))

    def _arm(self, seconds: float) -> None:
        """The target has so long for what it begins now."""
        self._limit_s = seconds
        self._watchdog.arm(clock.now_ns() + int(seconds * 1e9))

    def _begin(self, name: StageName) -> None:
        self._open = (name, clock.now_ns())
        self._recorder.stage = name
        states = self._states.prefixes() if self._states is not None else {}
        self._link.send(StageStarted(name, clock.now_ms(), states))

    def _is_open(self) -> bool:
        return all(stage.name != self._open[0] for stage in self._stages)

    def _close(self, outcome: StageOutcome = "ok", found: tuple[StageFailure, ...] = ()) -> None:
        name, start = self._open
        if not self._is_open():
            return
        self._stages.append(Stage(name, clock.ms(start), clock.ms(clock.now_ns() - start), outcome, found))

    def _import(self) -> target_loader.LoadedObject:
        self._begin("import")
        try:
            module = target_loader.import_target(self._job.module, self._job.app_dir or self._target.info.cwd)
            found = target_loader.find(module, self._job.attr)
        except target_loader.LoadError as error:
            raise self._not_loaded(error) from error
        self._close()
        self._open = ("build", clock.now_ns())
        try:
            self._target.imported(module, found)
        except target_loader.LoadError as error:
            raise self._not_loaded(error) from error
        return found

    def _not_loaded(self, error: target_loader.LoadError) -> StageFailed:
        self._close(error.outcome, (error.failure,))
        return StageFailed()

    def _receive_plan(self, found: target_loader.LoadedObject) -> None:
        """Say what was loaded and wait for the plan: time that is the host's, not the target's."""
        told = python_contracts.read_all(self._job.contracts)
        declare: Any = sys.modules.get("netra_contracts.declare")
        version = getattr(declare, "DECLARE_VERSION", None)
        loaded = Loaded(self._target.info, tuple(told.contracts), tuple(told.events), tuple(told.faults), version)
        self._link.send(loaded)
        spent = clock.now_ns()
        self._plan = self._link.receive().read(Plan)
        self._resolve_names()
        self._arm(self._job.startup_timeout_s - spent / 1e9)

    def _resolve_names(self) -> None:
        """Look for what contracts name, and start nothing if a name leads nowhere: the contract is wrong."""
        wrong = dict.fromkeys([*self._unresolved_types(), *self._unresolved_functions()])
        if wrong or not self._plan.start:
            self._link.send(UnresolvedNames(tuple(wrong)))
            self._link.receive()  # the host has nothing more to say: it ends this process

    def _unresolved_types(self) -> Iterator[UnresolvedName]:
        for item in self._plan.items:
            for error in type_matching.unresolved(item.question.type) if item.question.type is not None else ():
                yield UnresolvedName(item.question.component, "type", str(error), error.near)

    def _unresolved_functions(self) -> Iterator[UnresolvedName]:
        if self._plan.per_user or self._plan.serve is not None:
            from . import user_experiments

            yield from user_experiments.unresolved_functions(self._plan)

    def _call(self, found: target_loader.LoadedObject) -> Any:
        """Call the target if it is a factory. Not inside the loop, so that a factory may use `asyncio.run`."""
        self._begin("build")
        if not self._target.is_factory:
            return found.value
        try:
            return target_loader.call_factory(found.value, f"`{self._target.info.spec}`")
        except target_loader.LoadError as error:
            raise self._not_loaded(error) from error

    async def _live(self, thing: Any) -> None:
        """Build what is still to be awaited or entered, start, watch, stop."""
        leave = None
        if self._target.is_factory:
            thing, leave = await self._finish_build(thing)
        self._know(thing)
        self._look()
        self._close()
        started = await self._start()
        if started:
            watched = (self._job.settle_s or 0.0) + self._job.startup_timeout_s
            self._arm(watched)
            await self._settle()
            await self._isolate()
            await self._serve()
        self._arm(self._job.shutdown_timeout_s)
        await self._stop(leave)

    async def _finish_build(self, thing: Any) -> tuple[Any, Any]:
        """Await or enter what the factory gave; with the function that leaves it again."""
        import inspect

        leave = None
        try:
            if inspect.isawaitable(thing) and target_loader.classify(thing) != "application":
                thing = await thing
            if target_loader.is_async_context(thing):
                leave = thing.__aexit__
                thing = await thing.__aenter__()
        except BaseException as error:
            raise self._not_loaded(target_loader.factory_failure(error)) from error
        try:
            self._target.built(thing)
        except target_loader.LoadError as error:
            raise self._not_loaded(error) from error
        return thing, leave

    def _know(self, thing: Any) -> None:
        if self._target.is_state:
            self._state = thing
        else:
            self._app = thing
            inner = unwrap(thing)
            self._framework_app = inner if family_of(inner) else None
            self._recorder.lifespan_state = self._recorder.recording()
        self._states = self._states_of(self._framework_app, self._state)

    def _states_of(self, app: Any, state: Any) -> AppStates:
        asked = {item.question.component for item in self._plan.items}
        asked |= {item.question.other for item in self._plan.items}
        return AppStates(self._recorder, app, state, asked)

    async def _start(self) -> bool:
        """Drive the startup; True if the target then runs."""
        if self._app is None:
            self._begin("settle")
            self._observe_end_of_startup()
            return True
        self._begin("startup")
        self._contexts.install()
        self._handlers.install()
        state: Any = self._recorder.lifespan_state
        self._lifespan = Lifespan(self._app, state, self._framework_app is not None)
        try:
            outcome, found = await self._lifespan.startup()
        finally:
            self._handlers.uninstall()
            self._contexts.uninstall()
        self._background.own.add(self._lifespan.task)
        self._look()
        self._close(outcome, found)
        self._begin("settle")
        self._observe_end_of_startup()
        return outcome in ("ok", "unsupported")

    def _observe_end_of_startup(self) -> None:
        """What is true now: components, answers, calls."""
        states = self._states
        if states is None:
            return
        self._look()
        self._answers.extend(self._answer(None, "startup"))
        self._seen = replace(self._seen, components=states.components(), stale_references=states.stale_references())
        if self._framework_app is not None:
            self._seen = replace(
                self._seen,
                handlers=self._handlers.of_all(self._framework_app),
                mounts=describe_mounts(self._framework_app, self._contexts, self._handlers),
            )

    async def _settle(self) -> None:
        """Let what startup left running show whether it lives, and run the user's checks."""
        for _ in range(_SETTLE_TURNS):
            await asyncio.sleep(0)
        if self._job.settle_s:
            await asyncio.sleep(self._job.settle_s)
        if self._plan.check_modules:
            state = self._state if self._state is not None else getattr(self._framework_app, "state", None)
            self._seen = replace(
                self._seen, phase_checks=await phase_checks.run_checks(self._plan.check_modules, state)
            )
        self._seen = replace(self._seen, failed_tasks=self._background.dead())
        self._recorder.unhook()
        self._recorder.pause()
        self._close()

    async def _isolate(self) -> None:
        """Make instances for several users, and look at what they reach."""
        if not self._plan.per_user or self._states is None:
            return
        from . import user_experiments

        self._begin("isolation")
        self._link.send(Snapshot(self._observation()))
        owned = [self._app, self._framework_app, self._state]
        package = self._job.module.partition(".")[0]
        isolation = await user_experiments.isolate(
            self._plan, package, self._states, owned, lambda: self._arm(self._job.startup_timeout_s)
        )
        self._seen = replace(self._seen, isolation=isolation)
        self._close()

    async def _serve(self) -> None:
        """Serve the application for the host's clients."""
        asked, states = self._plan.serve, self._states
        if asked is None or states is None or self._app is None:
            return
        from . import user_experiments

        self._begin("live")
        self._link.send(Snapshot(self._observation()))
        self._arm(asked.max_s)
        server = await user_experiments.serve(self._app, asked, self._link, states, self._recorder, self._background)
        self._seen = replace(self._seen, server=server)
        self._close()

    async def _stop(self, leave: Any) -> None:
        self._recorder.resume()
        self._link.send(Snapshot(self._observation()))
        self._begin("shutdown")
        outcome: StageOutcome = "ok"
        found: tuple[StageFailure, ...] = ()
        startup = next((stage for stage in self._stages if stage.name == "startup"), None)
        if self._lifespan is not None and (startup is None or startup.outcome == "ok"):
            outcome, found = await self._lifespan.shutdown()
        elif startup is not None and startup.outcome != "unsupported":
            outcome = "skipped"
        if leave is not None:
            try:
                await leave(None, None, None)
            except BaseException as error:
                outcome, found = "failed", (*found, exceptions.of_exception("raised", error))
        for _ in range(_SETTLE_TURNS):
            await asyncio.sleep(0)
        self._close(outcome, found)
        if all(stage.name != "settle" for stage in self._stages):
            self._seen = replace(self._seen, failed_tasks=self._background.dead())

    # What is asked along the way

    def _look(self) -> None:
        """Compare the states that cannot be recorded with what they were."""
        if self._states is not None:
            self._states.compare()

    def _phase_ends(self, subject: Any, phase: str) -> list[Answer]:
        """A marked phase of an application or a state ends. A factory marks phases before it has returned either."""
        if self._states is None:
            inner = unwrap(subject)
            is_app = bool(family_of(inner))
            self._states = self._states_of(inner if is_app else None, None if is_app else subject)
        self._look()
        return self._answer(phase, phase)

    def _answer(self, phase: str | None, moment: str) -> list[Answer]:
        """Answer the questions of a phase, or all, as of now."""
        if self._states is None:
            return []
        items = [
            (index, item.question)
            for index, item in enumerate(self._plan.items)
            if phase is None or item.phase == phase
        ]
        if not items:
            return []
        return questions.QuestionEvaluator(StateLookup(self._states).find, self._recorder.versions).answer(
            items, moment
        )

    def _look_for_what_is_left(self) -> None:
        """Tasks, threads and processes that the target leaves behind."""
        left = []
        if self._loop is not None and not self._loop.is_closed():
            own = self._background.own
            left = [stack_snapshots.task_stack(task) for task in stack_snapshots.tasks_of(self._loop, own)]
        for thread in stack_snapshots.lingering_threads(self._before):
            thread.join(_THREADS_END_S)
            if thread.is_alive() and thread is not self._watchdog.thread:
                left.append(stack_snapshots.thread_stack(thread))
        left.extend(stack_snapshots.child_processes())
        self._seen = replace(self._seen, left_running=tuple(left))

    # The ends

    def _observation(self) -> Observation:
        return replace(
            self._seen,
            target=self._target.info,
            stages=tuple(self._stages),
            state_changes=self._states.state_changes() if self._states is not None else (),
            answers=(*self._marks.answers, *self._answers),
            marked_phases=tuple(self._marks.ended),
        )

    def _send(self) -> None:
        with self._sending:
            if not self._sent:
                self._sent = True
                self._link.send(self._observation())

    def _end(self) -> None:
        """End as an interpreter would, `atexit` handlers included, but wait for no thread."""
        import atexit

        try:
            atexit._run_exitfuncs()
        finally:
            _exit(0)

    def _expired(self) -> None:
        """The deadline has passed: say where everything stands. Called by the watchdog's thread."""
        name = self._open[0]
        where = stack_snapshots.all_stacks(self._loop, {self._main_task}, threading.get_ident())
        seconds = self._job.startup_timeout_s if name in ("import", "build", "startup") else self._limit_s
        place = next((stand.location for stand in where if stand.location), None)
        fault = StageFailure(
            "timeout", f"{stage_label(name)} did not end within {seconds:g} s", location=place, stacks=where
        )
        violations = self._lifespan.violations() if self._lifespan is not None else ()
        self._finish_early("timeout", (*violations, fault))

    def _exits(self, status: int) -> None:
        """Stands in for `os._exit`: a process that ends in the middle tells where, then ends."""
        if os.getpid() == self._link.pid and not self._sent:
            place = source_locations.location(source_locations.first_application_frame(2))
            fault = StageFailure("exited", f"os._exit({status}) was called", location=place, status=status)
            self._finish_early("exited", (fault,))
        _exit(status)

    def _finish_early(self, outcome: StageOutcome, found: tuple[StageFailure, ...]) -> None:
        try:
            self._close(outcome, found)
            if self._states is not None and not self._seen.components:
                self._seen = replace(self._seen, components=self._states.components())
            self._send()
        except HostGoneError:
            end_process_group()

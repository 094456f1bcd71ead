"""One run of the probe: the order of its stages, from the launch request to the end of the process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..protocol.codec import ProtocolError
from ..protocol.control import ConnectionDamaged, LaunchRequest, ProbeFailed, Snapshot
from ..protocol.masking import mask
from .evidence import EvidenceCollector
from .inspection import own_code, source_locations
from .plan_exchange import PlanExchange
from .process_end import ProcessEnd, os_exit
from .runtime import clock, exceptions
from .runtime.channel import Channel, HostGoneError
from .runtime.stage_log import StageFailed, StageLog
from .runtime.watchdog import Watchdog, end_process_group, end_with_host
from .startup.instrumentation import Instrumentation
from .startup.lifecycle import TargetLifecycle
from .startup.target import Target

if TYPE_CHECKING:
    from .background.running_work import RunningWork

#: Turns of the event loop that tasks get to fail, after the startup and after the shutdown.
_SETTLE_TURNS = 10


def run(path: str, host_pipe: str) -> None:
    """Run the probe for a host, then end the process.

    Args:
        path: the socket at which the host listens.
        host_pipe: the descriptor of a pipe that the host holds open.
    """
    try:
        descriptor = int(host_pipe)
        end_with_host(descriptor)
        channel = Channel(path)
        ProbeSession(channel, channel.receive().read(LaunchRequest), descriptor).run()
    except HostGoneError:
        end_process_group()
    except ProtocolError as error:  # the target has read a part of what the host sent
        channel.send(ConnectionDamaged(str(error)))
        os_exit(70)
    except BaseException as error:  # a failure of the probe must not look like one of the target
        message = _describe(error)
        lines = source_locations.frames_of(error.__traceback__)
        trace = tuple(f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in lines)
        channel.send(ProbeFailed(message, trace))
        os_exit(70)


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {mask(str(error))}"
    except BaseException:  # whatever made the probe fail may have made this fail as well
        return type(error).__name__


class ProbeSession:
    """Loads, builds, starts and stops one target, and sends the observation.

    Args:
        channel: the connection to the host.
        request: what is launched.
        host_pipe: the descriptor of `end_with_host`.
    """

    def __init__(self, channel: Channel, request: LaunchRequest, host_pipe: int) -> None:
        self._channel = channel
        self._request = request
        self._target = Target(request)
        self._instrumentation = Instrumentation(request)
        self._evidence = EvidenceCollector(self._target, self._instrumentation)
        self._exchange = PlanExchange(channel, request, self._instrumentation.declare_provider)
        self._evidence.before_phase_end = self._exchange_plan
        self._stages = StageLog(channel, self._instrumentation.recorder.enter_stage, self._evidence.state_prefixes)
        self._lifecycle = TargetLifecycle(request, self._target, self._stages, self._instrumentation)
        self._process_end = ProcessEnd(channel, self._stages, self._evidence, self._lifecycle)
        self._watchdog = Watchdog(channel, request.crash_file, self._process_end.on_deadline, host_pipe)
        self._own_threads: set[int | None] = set()

    def run(self) -> None:
        """Run all stages, send the observation and end the process."""
        self._prepare()
        self._watchdog.set_deadline(self._request.startup_timeout_s)
        with contextlib.suppress(StageFailed):
            loaded = self._lifecycle.load()
            self._instrumentation.import_origins.keep_loops()
            self._instrumentation.observe_causes()
            self._watchdog.start()
            if self._exchange.can_precede_build():
                self._exchange_plan()
                self._evidence.note_module_objects("import")
                self._evidence.sample_modules()
            loop = self._process_end.loop = self._lifecycle.create_loop(self._new_loop)
            with self._contracts_of_failed_build():
                built = self._lifecycle.call(loaded)
            self._note_import_resources(loop)
            self._run_in_loop(loop, self._run_stages(built))
        timeout_s = self._request.shutdown_timeout_s
        self._watchdog.set_deadline(timeout_s)
        self._record_left_running(timeout_s / 2)
        self._evidence.collect_failed_work(final=True)
        self._watchdog.clear_deadline()
        self._process_end.finish()

    def _prepare(self) -> None:
        sys.path.insert(0, self._request.app_dir or os.getcwd())
        sys.argv = [self._target.info.spec]
        self._instrumentation.install(self._evidence.phase_marks.hook)
        self._process_end.install()
        self._own_threads = {thread.ident for thread in threading.enumerate()}

    def _exchange_plan(self, *, failed: bool = False) -> None:
        """Receive the plan, if it has not come yet. The host's time does not count against the target's deadline."""
        if self._exchange.plan is None:
            used_s = clock.now_ns() / 1e9
            self._evidence.plan = self._exchange.exchange(self._target.info, failed=failed)
            self._watchdog.set_deadline(self._request.startup_timeout_s, used_s)

    @contextlib.contextmanager
    def _contracts_of_failed_build(self) -> Iterator[None]:
        """Let the host know the contracts of a target whose build fails, too."""
        try:
            yield
        except StageFailed:
            self._exchange_plan(failed=True)
            raise

    def _note_import_resources(self, loop: Any) -> None:
        """Note what import and build have opened and not closed."""
        from .background import import_resources

        created, origins = self._instrumentation.import_origins, self._instrumentation.origins
        created.end()
        own = import_resources.OwnResources(loop, self._own_threads, self._channel.identity)
        self._evidence.left_by_import = import_resources.find(created, origins, own)

    def _background_work(self) -> RunningWork:
        """What runs beside the stages."""
        from .background.running_work import RunningWork

        own_tasks = [self._lifecycle.lifespan_task, *self._instrumentation.background.own]
        return RunningWork(self._process_end.loop, own_tasks, self._own_threads, self._instrumentation.origins)

    def _record_left_running(self, longest_s: float) -> None:
        """Record what still runs, then also what refers to it: in a large application that search takes long."""
        from .background.running_work import snapshots

        left = self._background_work().left(longest_s)
        self._evidence.record_left_running(snapshots(left))
        if left:
            self._evidence.record_left_running(snapshots(left, self._evidence.holders_of))

    def _new_loop(self) -> Any:
        loop: Any = asyncio.new_event_loop()
        loop.time = time.monotonic  # a target that replaces `time.monotonic` affects its own clocks only
        asyncio.set_event_loop(loop)
        self._instrumentation.background.observe_loops(loop)
        return loop

    def _run_in_loop(self, loop: Any, coroutine: Any) -> None:
        """Run a coroutine. `SystemExit` and `KeyboardInterrupt` in any task end the loop: the stage has exited."""
        task = self._process_end.main_task = loop.create_task(coroutine)
        self._instrumentation.background.own.append(task)
        try:
            loop.run_until_complete(task)
        except (SystemExit, KeyboardInterrupt) as error:
            self._stages.close("exited", (exceptions.of_exception("raised", error),))
        except StageFailed:
            pass
        except BaseException as error:
            if not self._stages.is_open() or _is_of_probe(error, task):
                raise
            self._stages.close("failed", (exceptions.of_exception("raised", error),))

    async def _run_stages(self, built: Any) -> None:
        """Finish the build, then run all later stages."""
        self._instrumentation.generators.install()
        with self._contracts_of_failed_build():
            await self._lifecycle.finish_build(built)
        self._exchange_plan()
        self._exchange.end_if_unresolved()
        self._evidence.set_target()
        self._evidence.compare_states()
        if self._target.is_factory:
            self._evidence.note_module_objects("build")
        self._stages.close()
        if await self._start():
            self._watchdog.set_deadline((self._request.settle_s or 0.0) + self._request.startup_timeout_s)
            await self._settle()
            await self._record_uses()
            await self._isolate()
            await self._serve()
            self._evidence.record_before_shutdown()
            self._collect_unreferenced_tasks()
        self._watchdog.set_deadline(self._request.shutdown_timeout_s)
        await self._stop()

    async def _start(self) -> bool:
        """Drive the startup, if the target is an application. Whether the target runs after it."""
        runs = True
        if self._target.app is not None:
            self._stages.begin("startup")
            outcome, failures = await self._lifecycle.start()
            self._evidence.compare_states()
            self._stages.close(outcome, failures)
            runs = outcome in ("ok", "unsupported")
        self._stages.begin("settle")
        if runs:
            await self._evidence.prepare_components(self._extend_deadline)
        self._evidence.record_end_of_startup(*self._lifecycle.applications_called)
        self._evidence.record_unseen_variables(self._lifecycle.changed_variables())
        return runs

    def _extend_deadline(self) -> None:
        """Give each call of the application's code that contracts ask for the time that startup has."""
        self._watchdog.set_deadline(self._request.startup_timeout_s)

    async def _settle(self) -> None:
        """Give background tasks time to fail, and run the functions marked with `phase_check`."""
        await _turn_loop()
        if self._request.settle_s is None:
            await self._background_work().come_to_rest()
        elif self._request.settle_s:
            await asyncio.sleep(self._request.settle_s)
        await _turn_loop()  # what waits for a task that has failed just now gets to retrieve its exception
        modules = self._evidence.plan.check_modules
        if modules:
            from .startup import phase_checks

            state = self._target.current_state()
            with self._instrumentation.declare_provider.importing_for_the_tool():
                self._evidence.record_phase_checks(await phase_checks.run_checks(modules, state))
        self._evidence.collect_failed_work()
        self._evidence.record_import_resources()
        self._instrumentation.finish_startup()
        self._stages.close()

    async def _record_uses(self) -> None:
        """Join what the sources say of the states with what is in them."""
        if self._request.usage_file and self._evidence.states is not None:
            from .uses.source_file import LONGEST_S, wait_for_sources

            # Contracts from the sources need them; a check does without them rather than wait for long.
            longest_s = self._request.startup_timeout_s * 0.75
            longest_s = longest_s if self._evidence.plan.relied else min(longest_s / 3, LONGEST_S)
            self._evidence.record_uses(await wait_for_sources(self._request.usage_file, longest_s))

    async def _isolate(self) -> None:
        """Create instances for several users and examine what they reach."""
        plan, states = self._evidence.plan, self._evidence.states
        if not plan.per_user or states is None:
            return
        from . import user_experiments

        self._stages.begin("isolation")
        self._send_snapshot()
        owned = [self._target.app, self._target.framework_app, self._target.state]
        package = self._request.module.partition(".")[0]
        self._instrumentation.recorder.resume()
        results = await user_experiments.isolate(
            plan, package, states, owned, lambda: self._watchdog.set_deadline(self._request.startup_timeout_s)
        )
        self._instrumentation.recorder.pause()
        self._evidence.record_isolation(results)
        self._stages.close()

    async def _serve(self) -> None:
        """Serve the application to the clients of the host."""
        request, states = self._evidence.plan.serve, self._evidence.states
        if request is None or states is None or self._target.app is None:
            return
        from . import user_experiments

        self._stages.begin("live")
        self._send_snapshot()
        self._watchdog.set_deadline(request.max_s)
        server = await user_experiments.serve(self._target.app, request, self._channel, states, self._instrumentation)
        self._evidence.record_server(server)
        self._stages.close()

    def _collect_unreferenced_tasks(self) -> None:
        background = self._instrumentation.background
        own = [task for task in (self._lifecycle.lifespan_task, *background.own) if task is not None]
        background.unreferenced.collect(self._process_end.loop, own)

    async def _stop(self) -> None:
        self._instrumentation.recorder.resume()
        self._send_snapshot()
        self._stages.begin("shutdown")
        outcome, failures = await self._lifecycle.stop()
        await _turn_loop()
        await self._background_work().end_cancelled_tasks()
        self._stages.close(outcome, failures)
        self._evidence.record_abandoned_generators(has_shut_down=outcome == "ok")
        self._instrumentation.generators.uninstall()

    def _send_snapshot(self) -> None:
        """Send the observation so far, for the case that the process does not survive the next stage."""
        self._channel.send(Snapshot(self._evidence.observation(self._stages.stages)))


def _is_of_probe(error: BaseException, task: Any) -> bool:
    """Whether an exception that ended the loop is a failure of the probe, and not of the target.

    It is the target's if it cancelled the probe's task, if the loop itself failed (the target closed its descriptors or
    stopped it), and if the loop called code of the target or of a library that raised it, such as a task factory. Code
    of the target that the probe calls on purpose is called where its exceptions are caught.

    Args:
        error: the exception.
        task: the probe's task in the loop.
    """
    if not task.done() or task.cancelled():
        return False
    files = [frame.f_code.co_filename for frame, _ in source_locations.frames_of(error.__traceback__)]
    return not any(own_code.rank(file) and _is_of_loop(caller) for caller, file in zip(files, files[1:]))


def _is_of_loop(file: str) -> bool:
    return "/asyncio/" in file or file.endswith(".pyx")  # uvloop is written in Cython


async def _turn_loop() -> None:
    for _ in range(_SETTLE_TURNS):
        await asyncio.sleep(0)

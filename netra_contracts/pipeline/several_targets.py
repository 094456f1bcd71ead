"""Runs several targets at the same time: each in a process of its own, followed by a thread of this process."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netra_contracts.errors import Problem, TargetInterferenceError, ToolError, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.start import start
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.pipeline.contract_set import contracts_from_files
from netra_contracts.pipeline.judging import Judge, JudgeOptions, judge_of
from netra_contracts.pipeline.run import run_probe
from netra_contracts.pipeline.suppressions import known_findings
from netra_contracts.plugins import Plugins
from netra_contracts.settings.configuration import Settings
from netra_contracts.settings.launch_settings import LaunchSettings, resolve
from netra_contracts.settings.options import Options

if TYPE_CHECKING:
    from netra_contracts.checks.engine.suppression import Suppressions
    from netra_contracts.settings.target_runs import TargetRun


class Listener(NamedTuple):
    """Who is called while targets run.

    Attributes:
        started: with the name of a target that is started; from any thread.
        finished: with the report of a target, or with the reason why there is none; in the caller's thread.
        failed: with the traceback of an internal error; from any thread.
    """

    started: Callable[[str], object] = lambda name: None
    finished: Callable[[NamedReport | TargetError], object] = lambda result: None
    failed: Callable[[str], object] = lambda trace: None


def observe_target(
    launch: LaunchSettings,
    settings: Settings,
    plugins: Plugins,
    start: Callable[[LaunchSettings], ProbeProcess] = start,
) -> Judge:
    """Start a target and observe it. What is returned makes its report.

    Args:
        launch: how to start it.
        settings: of its configuration file.
        plugins: what is installed.
        start: starts its process.

    Raises:
        UsageError: if it cannot be started, or if its contracts are wrong.
        ToolError: if the tool itself fails.
    """
    judging = JudgeOptions.from_options(launch.options, plugins.checks)
    with start(launch) as child:
        recording, sources = run_probe(
            child,
            launch,
            lambda: contracts_from_files(launch, settings, plugins.packs),
            judging.checks,
            live=launch.options.live is not False,
            infer=judging.score,
        )
    return judge_of(recording, judging, tuple(filter(None, launch.resolved)), sources)


def check_targets(
    runs: Sequence[TargetRun],
    given: Options,
    plugins: Plugins,
    *,
    jobs: int,
    environ: Mapping[str, str],
    running: list[ProbeProcess] | None = None,
    listener: Listener | None = None,
    suppressions: Callable[[TargetRun], Suppressions | None] | None = None,
    judges: dict[str, Judge] | None = None,
) -> RunReport:
    """Check several targets, and return their reports in the order of the targets.

    A target that cannot be checked does not keep the others from it. If the caller is interrupted, all end at once.

    Args:
        runs: the targets.
        given: options that apply to all, over those of their configuration.
        plugins: what is installed.
        jobs: how many targets run at the same time.
        environ: the environment of the targets.
        running: see `netra_contracts.launch.start.start`.
        listener: is called while they run.
        suppressions: the known findings of a target; None: those of the baseline that its configuration names.
        judges: receives what judges each target again, by its name in `runs`.
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed  # noqa: PLC0415 - one target needs no threads

    listener = listener or Listener()
    starter = _Starter([] if running is None else running)
    known = suppressions or (lambda run: known_findings(given, run.config, run.settings, run.folder))
    shared = _Shared(given, plugins, environ, starter, listener, known, judges)

    def check(run: TargetRun) -> NamedReport | TargetError:
        listener.started(run.name)
        return _outcome(run, shared)

    with starter, ThreadPoolExecutor(max(1, min(jobs, len(runs))), "netra-contracts target") as pool:
        futures = [pool.submit(check, run) for run in runs]
        try:
            for future in as_completed(futures):
                listener.finished(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            starter.end_all()
            raise
    outcomes = [future.result() for future in futures]
    return RunReport(
        reports=tuple(outcome for outcome in outcomes if isinstance(outcome, NamedReport)),
        errors=tuple(outcome for outcome in outcomes if isinstance(outcome, TargetError)),
        several=True,
    )


class _StoppedError(ToolError):
    """A target was not started, because the run was interrupted."""


class _Starter:
    """Starts targets from several threads until a signal or an interrupt of the caller stops it.

    Args:
        running: the processes. A signal handler ends all that are in this list; the starter is one of them, so that no
            thread starts a target once the others have ended.
    """

    def __init__(self, running: list[ProbeProcess]) -> None:
        self._running: list[Any] = running
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> _Starter:
        self._running.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.remove(self)

    def start(self, launch: LaunchSettings) -> ProbeProcess:
        """Start a target.

        Raises:
            _StoppedError: if the starter was ended.
            UsageError: if the interpreter cannot be started.
        """
        with self._lock:
            if self._ended:
                raise _StoppedError
            return start(launch, self._running)

    def end(self) -> None:
        """Start no more targets. It is called in the main thread, which starts none, so the lock is free soon."""
        with self._lock:
            self._ended = True

    def end_all(self) -> None:
        """Start no more targets, and stop those that run."""
        self.end()
        for process in tuple(self._running):
            process.end()


class _Shared(NamedTuple):
    """The arguments that all targets share; see `check_targets`."""

    given: Options
    plugins: Plugins
    environ: Mapping[str, str]
    starter: _Starter
    listener: Listener
    suppressions: Callable[[TargetRun], Suppressions | None]
    judges: dict[str, Judge] | None


def _outcome(run: TargetRun, shared: _Shared) -> NamedReport | TargetError:
    name = run.name
    if run.problems:
        return _wrong(name, run, run.problems)
    try:
        launch = resolve(shared.given, run.config, run.folder, _environment(shared.environ, run.folder), sys.prefix)
        name = name or launch.spec
        suppressions = shared.suppressions(run)
        judge = observe_target(launch, run.settings, shared.plugins, shared.starter.start)
        named = NamedReport(name=name, report=judge(suppressions))
        if shared.judges is not None:
            shared.judges[run.name] = judge
    except UsageError as error:
        return _wrong(name, run, error.problems)
    except (TargetInterferenceError, _StoppedError) as error:
        return TargetError(name=name, exit_code=3, problems=(str(error),))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - of a plugin, maybe: the other targets must be checked
        shared.listener.failed(traceback.format_exc())
        message = f"internal error: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return TargetError(name=name, exit_code=3, problems=(message,))
    return named


def _wrong(name: str, run: TargetRun, problems: Sequence[Problem]) -> TargetError:
    lines = tuple(problem.line for problem in problems)
    return TargetError(name=name or os.path.basename(run.folder), exit_code=2, problems=lines)


def _environment(environ: Mapping[str, str], folder: str) -> Mapping[str, str]:
    """The environment of a command in a folder: shells name it there, and applications read it."""
    return {**environ, "PWD": folder} if "PWD" in environ else environ

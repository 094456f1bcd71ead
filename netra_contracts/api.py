"""The Python interface: for tests, notebooks and servers.

`check` starts a target in a process of its own, as the command does. The others judge a live state in this process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from netra_contracts import pipeline
from netra_contracts.checks.engine.judgement import plan
from netra_contracts.declare import Phase
from netra_contracts.launch.start import start
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import AppStateContractViolation, Report
from netra_contracts.pipeline import Contracts, validate_contracts
from netra_contracts.plugins import load_plugins
from netra_contracts.probe.inspection.questions import QuestionEvaluator
from netra_contracts.probe.startup.app_states import AppStates, StateLookup
from netra_contracts.probe.startup.recorder import Recorder
from netra_contracts.protocol.observation import Observation, TargetInfo
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import load_settings
from netra_contracts.settings.launch_settings import LaunchOptions, resolve


def check(
    target: str | None = None,
    *,
    cwd: str | os.PathLike[str] | None = None,
    contracts: str | None = None,
    factory: bool | None = None,
    app_dir: str | None = None,
    python: str | None = None,
    env: Mapping[str, str] | None = None,
    env_file: str | None = None,
    startup_timeout: float | None = None,
    shutdown_timeout: float | None = None,
    settle: float | None = None,
    phase: Phase | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_level: pipeline.FailLevel = "error",
    live: bool = True,
) -> Report:
    """Start a target in a process of its own, judge its startup, and give the report.

    Args:
        target: `module:attr`, a module or a file; None: configured, else found.
        cwd: the project's folder; None: the current one.
        contracts: a TOML file or `module:attr`; None: configured.
        factory: call the target, or do not; None: found out.
        app_dir: put first on the import path.
        python: interpreter to start the target in; None: the project's.
        env: variables for the target, over those of this process.
        env_file: a file with variables for the target.
        startup_timeout: seconds for import and startup.
        shutdown_timeout: seconds for shutdown.
        settle: seconds to watch after startup.
        phase: judge no later phase.
        select: codes, or prefixes of codes, to report.
        ignore: codes, or prefixes of codes, not to report.
        fail_level: from which severity on findings fail.
        live: connect clients where a contract asks for it.

    Raises:
        UsageError: if something the caller or the configuration says is wrong.
        ToolError: if the tool itself fails.
    """
    folder = os.fspath(cwd) if cwd is not None else os.getcwd()
    options = LaunchOptions(
        target, factory, app_dir, python, env_file, contracts, startup_timeout, shutdown_timeout, settle
    )
    settings = load_settings(find_config(folder))
    launch = resolve(options, folder, {**os.environ, **(env or {})}, sys.prefix)
    plugins = load_plugins()
    judging = pipeline.JudgeOptions(phase, tuple(select), tuple(ignore), fail_level, plugins.checks)
    with start(launch) as child:
        recording, sources = pipeline.run_probe(
            child,
            launch,
            lambda: pipeline.contracts_from_files(launch, settings, plugins.packs),
            judging.checks,
            live=live,
        )
    return pipeline.judge_recording(recording, judging, launch.resolved, sources)


async def check_async(target: str | None = None, **options: Any) -> Report:
    """`check` without blocking the loop: the same arguments, in a thread.

    Raises:
        UsageError: if something the caller or the configuration says is wrong.
        ToolError: if the tool itself fails.
    """
    import asyncio  # noqa: PLC0415 - only who awaits needs it

    return await asyncio.to_thread(check, target, **options)


def validate_app_state_contracts(state: object, *, contracts: Contracts, phase: Phase | None = None) -> Report:
    """Judge a live state, in this process.

    What only a recorded startup can tell (order, writing lines, what was lost) is not known here and not reported.

    Args:
        state: a framework's `State`, a mapping, or an object with attributes.
        contracts: what must hold.
        phase: judge no later phase.

    Raises:
        UsageError: if the contracts are wrong.
    """
    known = validate_contracts(contracts)
    asked = plan(known)
    recorder = Recorder()
    names = {item.question.component for item in asked.items} | {item.question.other for item in asked.items}
    states = AppStates(recorder, None, state, names)
    answerer = QuestionEvaluator(StateLookup(states).find, recorder.versions)
    observation = Observation(
        target=TargetInfo(spec="state", module="", kind="state", cwd=os.getcwd(), executable=sys.executable),
        components=states.components(),
        answers=tuple(answerer.answer(list(enumerate(item.question for item in asked.items)), "startup")),
    )
    recording = Recording.model_construct(observation=observation, plan=asked, contracts=known, output=())
    return pipeline.judge_recording(recording, pipeline.JudgeOptions(until=phase))


def validate_complete_startup_sequence(state: object, *, contracts: Contracts) -> Report:
    """Judge all four phases of a live state, in this process: `Report.phases` says how each came out.

    Raises:
        UsageError: if the contracts are wrong.
    """
    return validate_app_state_contracts(state, contracts=contracts, phase=Phase.READINESS)


def enforce_app_state_contracts(state: object, *, contracts: Contracts, phase: Phase | None = None) -> None:
    """Do nothing if a live state keeps its contracts.

    Raises:
        AppStateContractViolation: otherwise, with the whole report in it.
        UsageError: if the contracts are wrong.
    """
    validate_app_state_contracts(state, contracts=contracts, phase=phase).raise_for_violations()


__all__ = [
    "AppStateContractViolation",
    "check",
    "check_async",
    "enforce_app_state_contracts",
    "validate_app_state_contracts",
    "validate_complete_startup_sequence",
    "validate_contracts",
]

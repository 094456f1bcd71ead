"""The Python interface, for tests, notebooks and servers.

`check` starts a target in a process of its own, like the command. The other functions check a state in this process.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netra_contracts import pipeline
from netra_contracts.checks.engine.judgement import plan
from netra_contracts.contracts.fail_level import FailLevel
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.errors import Problem, UsageError, collecting
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import AppStateContractViolation, Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.pipeline import Contracts, validate_contracts
from netra_contracts.plugins import load_plugins
from netra_contracts.probe.inspection.questions import QuestionEvaluator
from netra_contracts.probe.startup.states.app_states import AppStates, StateLookup
from netra_contracts.probe.startup.states.recorder import Recorder
from netra_contracts.protocol.observed.observation import Observation, TargetInfo
from netra_contracts.settings import target_runs, targets
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import load_settings
from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import Options
from netra_contracts.settings.processors import available_processors
from netra_contracts.settings.unknown_codes import unknown_codes, unknown_ignored_codes


def check(
    target: str | None = None,
    *,
    cwd: str | os.PathLike[str] | None = None,
    contracts: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    factory: bool | None = None,
    app_dir: str | None = None,
    python: str | None = None,
    env: Mapping[str, str] | None = None,
    env_file: str | None = None,
    startup_timeout: float | None = None,
    shutdown_timeout: float | None = None,
    settle: float | None = None,
    blocking_threshold: int | None = None,
    phase: Phase | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_level: FailLevel | None = None,
    strict: bool | None = None,
    baseline: str | os.PathLike[str] | None = None,
    live: bool | None = None,
    usage: bool | None = None,
) -> Report:
    """Start a target in a process of its own, check its startup, and return the report.

    An argument that is None or empty has the value of the configuration file, or its default, as on the command line.

    Args:
        target: `module:attr`, a module, a file, or the name of a configured target; None: the configured target, else a
            discovered one.
        cwd: the project's folder; None: the current one.
        contracts: a TOML file, `module:attr`, or `pack:NAME`, as `--contracts` takes it; or several of them.
        factory: whether to treat the target as a factory; None: auto-detected.
        app_dir: folder to put first on the import path.
        python: interpreter that runs the target; None: the project's.
        env: variables for the target, in addition to those of this process.
        env_file: file with variables for the target.
        startup_timeout: deadline in seconds for import and startup.
        shutdown_timeout: deadline in seconds for shutdown.
        settle: seconds to watch for failing background tasks after startup.
        blocking_threshold: milliseconds for which startup may block the event loop before NC604 reports it.
        phase: last phase to check.
        select: codes or prefixes of codes to report.
        ignore: codes or prefixes of codes not to report.
        fail_level: lowest severity that fails the check.
        strict: whether what contracts ask for and could not be checked fails it too; None: no.
        baseline: file of known findings, which do not fail the check.
        live: whether to connect clients where a contract declares events; None: yes.
        usage: whether to read the sources for how they use the state; None: yes.

    Raises:
        UsageError: with everything that is wrong with the arguments and the configuration.
        ToolError: if the tool itself fails.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("cwd", "env")}
    folder = os.fspath(cwd) if cwd is not None else os.getcwd()
    options, problems = Options.from_arguments(arguments, lambda option: (_place(option.name), option.name))
    plugins = load_plugins()
    config = find_config(folder)
    if config is not None:
        config, options = targets.choose(config, options)
    settings = load_settings(config)
    codes = [check.code for check in plugins.checks]
    problems.extend(unknown_codes(options, codes, lambda name, _: _place(name)))
    problems.extend(unknown_ignored_codes(settings.ignored, codes))
    suppressions = None
    with collecting(problems):
        suppressions = pipeline.known_findings(options, config, settings, folder)
    if problems:
        raise UsageError(problems)
    try:
        launch = resolve(options, config, folder, {**os.environ, **(env or {})}, sys.prefix)
    except UsageError as error:
        raise UsageError(map(_about_arguments, error.problems)) from error
    return pipeline.observe_target(launch, settings, plugins)(suppressions)


def _place(name: str) -> str:
    return f"check({name}=...)"


#: The arguments of `check`, by the flag or the name of the parameter on the command line.
_ARGUMENTS = {
    spelling: option.name
    for option in Options.declared.values()
    if option.has_argument
    for spelling in (*option.flags, option.off_flag, option.metavar if not option.flags else "")
    if spelling
}


def _about_arguments(problem: Problem) -> Problem:
    """A problem about an option of the command line as one about an argument of `check`."""
    place = _place(_ARGUMENTS[problem.place]) if problem.place in _ARGUMENTS else problem.place
    hint = re.sub(r"--[a-z-]+", lambda flag: _ARGUMENTS.get(flag[0], flag[0]), problem.hint)
    return Problem(
        problem.message, place, hint.replace("`netra-contracts check myapp.main:app`", '`check("myapp.main:app")`')
    )


def check_all(
    folder: str | os.PathLike[str] | None = None,
    *,
    cwd: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
) -> RunReport:
    """Start all configured targets, each in a separate process, check them, and return their reports.

    A target that cannot be checked is listed in `RunReport.errors`; the others are checked nevertheless.

    Args:
        folder: check the targets of every configuration file in and below this folder; None: those of
            the configuration file of `cwd`.
        cwd: the project's folder; None: the current one.
        jobs: number of targets that run at the same time; None: the number of available processors.

    Raises:
        UsageError: with everything that is wrong with the configuration file, or if there is none.
    """
    here = os.fspath(cwd) if cwd is not None else os.getcwd()
    plugins = load_plugins()
    codes = [check.code for check in plugins.checks]
    if folder is None:
        runs = target_runs.runs_here(find_config(here), here, codes)
    else:
        runs = target_runs.runs_below(os.path.join(here, folder), codes)
    return pipeline.check_targets(runs, Options(), plugins, jobs=jobs or available_processors(), environ=os.environ)


async def check_async(target: str | None = None, **options: Any) -> Report:
    """`check` in a thread, with the same arguments, so that the event loop is not blocked.

    Raises:
        UsageError: with everything that is wrong with the arguments and the configuration.
        ToolError: if the tool itself fails.
    """
    import asyncio  # noqa: PLC0415 - needed only here

    return await asyncio.to_thread(check, target, **options)


def validate_app_state_contracts(state: object, *, contracts: Contracts, phase: Phase | None = None) -> Report:
    """Check a state in this process.

    Findings that need a recorded startup (order, lines of assignments, lost components) are not reported.

    Args:
        state: a framework's `State`, a mapping, or an object with attributes.
        contracts: the contracts; or what `--contracts` takes: a TOML file, `module:attr`, or `pack:NAME`.
        phase: last phase to check.

    Raises:
        UsageError: if the contracts are wrong.
    """
    return judge_state(state, validate_contracts(contracts), pipeline.JudgeOptions(until=phase))


def judge_state(state: object, known: tuple[ComponentContract, ...], judging: pipeline.JudgeOptions) -> Report:
    """Check a state in this process in a given way.

    Args:
        state: a framework's `State`, a mapping, or an object with attributes.
        known: the contracts, validated.
        judging: which checks, codes and phases; what is known.
    """
    asked = plan(known)
    recorder = Recorder()
    names = {item.question.component for item in asked.items} | {item.question.other for item in asked.items}
    states = AppStates(recorder, (), state, names)
    evaluator = QuestionEvaluator(StateLookup(states).find, recorder.versions)
    observation = Observation(
        target=TargetInfo(spec="state", module="", kind="state", cwd=os.getcwd(), executable=sys.executable),
        components=states.components(),
        answers=tuple(evaluator.answer(list(enumerate(item.question for item in asked.items)), "startup")),
    )
    recording = Recording.model_construct(observation=observation, plan=asked, contracts=known, output=())
    return pipeline.judge_recording(recording, judging)


def validate_complete_startup_sequence(state: object, *, contracts: Contracts) -> Report:
    """Check all four phases of a state in this process. `Report.phases` has the result of each.

    Raises:
        UsageError: if the contracts are wrong.
    """
    return validate_app_state_contracts(state, contracts=contracts, phase=Phase.READINESS)


def enforce_app_state_contracts(state: object, *, contracts: Contracts, phase: Phase | None = None) -> None:
    """Raise an error if a state breaks its contracts.

    Raises:
        AppStateContractViolation: with the report, if a contract is broken.
        UsageError: if the contracts are wrong.
    """
    validate_app_state_contracts(state, contracts=contracts, phase=phase).raise_for_violations()


def _concise_table(report: Report) -> str:
    from netra_contracts.reports import RENDERERS, RenderOptions  # noqa: PLC0415 - needed only where a report is shown

    return RENDERERS["table"](RunReport.of(report), RenderOptions(verbose=-1, cwd=os.getcwd()))


Report.draw = _concise_table

__all__ = [
    "AppStateContractViolation",
    "Report",
    "RunReport",
    "check",
    "check_all",
    "check_async",
    "enforce_app_state_contracts",
    "validate_app_state_contracts",
    "validate_complete_startup_sequence",
    "validate_contracts",
]

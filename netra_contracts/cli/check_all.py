"""`netra-contracts check --all`: all configured targets, at the same time, in one report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netra_contracts import pipeline
from netra_contracts.cli import arguments, baseline, report_output
from netra_contracts.cli.progress import progress
from netra_contracts.errors import Problem, UsageError, collecting
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.stray_processes import adopt_orphans, descendants, has_children, kill_descendants
from netra_contracts.model.run_report import RunReport
from netra_contracts.plugins import Plugins
from netra_contracts.settings.bootstrap_config import ConfigFile, find_config
from netra_contracts.settings.options import Options, read_table
from netra_contracts.settings.processors import available_processors
from netra_contracts.settings.target_runs import TargetRun, for_another_folder, runs_below, runs_here
from netra_contracts.settings.unknown_codes import unknown_codes

if TYPE_CHECKING:
    from netra_contracts.checks.engine.suppression import Suppressions

Values = dict[str, arguments.Value]


def check_all(
    values: Values,
    plugins: Plugins,
    running: list[ProbeProcess],
    on_report: Callable[[RunReport], None] | None = None,
) -> int:
    """Check all configured targets, or those of every configuration file below a folder; return the exit status.

    Args:
        values: the arguments, by name.
        plugins: what is installed.
        running: see `netra_contracts.launch.start.start`.
        on_report: called with the report before it is written.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration of the current folder.
    """
    request = _request(values, plugins)
    options, runs = request.options, request.runs
    orphans = _Orphans()
    running.append(orphans)  # type: ignore[arg-type]  # not a process, but ended by a signal as one
    judges: dict[str, pipeline.Judge] = {}
    jobs = min(options.jobs or available_processors(), len(runs))
    with progress(len(runs), options, jobs) as listener:
        report = pipeline.check_targets(
            runs,
            request.given,
            plugins,
            jobs=jobs,
            environ=os.environ,
            running=running,
            listener=listener,
            suppressions=None if request.below else request.suppressions,
            judges=judges if baseline.changes(options) else None,
        )
    orphans.end()
    running.remove(orphans)  # type: ignore[arg-type]  # as above
    targets = [baseline.Target(_name(run), run.settings, judges[run.name]) for run in runs if run.name in judges]
    judged = baseline.changed(report, targets, request.known, options, request.config)
    if on_report is not None:
        on_report(judged.run)
    status = report_output.write(judged.run, plugins, options, request.config)
    return baseline.exit_status(status, judged, options)


class _Request(NamedTuple):
    """What the command line and the configuration files ask for.

    Attributes:
        given: the options of the command line, as each target has them.
        options: those of the run as a whole.
        config: the configuration file of the current folder.
        runs: the targets.
        known: the baseline of the run.
        below: whether the targets are those of every configuration file below a folder, each with its own baseline.
    """

    given: Options
    options: Options
    config: ConfigFile | None
    runs: Sequence[TargetRun]
    known: baseline.KnownFindings
    below: bool

    def suppressions(self, run: TargetRun) -> Suppressions | None:
        """What is suppressed of the findings of a target, if the run has one baseline."""
        return pipeline.suppressions_of(self.known.baseline, run.settings, pipeline.today(), _name(run))


def _request(values: Values, plugins: Plugins) -> _Request:
    """Read the arguments and the configuration files.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration of the current folder.
    """
    given, problems = arguments.validate(values)
    folder = given.target
    given = Options({name: value for name, value in given.given.items() if name != "target"})
    here = _current_folder()
    config: ConfigFile | None = None
    runs: Sequence[TargetRun] = ()
    codes = [check.code for check in plugins.checks]
    with collecting(problems):
        config = find_config(here)
    with collecting(problems):
        runs = runs_here(config, here, codes) if folder is None else runs_below(_folder(folder), codes)
    configured = read_table(config.table)[0] if config is not None else Options()
    options = given.over(Options({name: value for name, value in configured.given.items() if _is_of_run(name)}))
    problems.extend(_problems(options, given, config, plugins))
    known = baseline.KnownFindings()
    if folder is None:
        known = baseline.find(options, given, config, configured, problems)
    elif baseline.changes(options):
        problems.append(_several_baselines(options))
    if problems:
        raise UsageError(problems)
    of_each = given if folder is None else for_another_folder(given, here)
    return _Request(of_each, options, config, runs, known, below=folder is not None)


def _name(run: TargetRun) -> str:
    """The name by which entries of a baseline name a target."""
    return run.config.target_name if run.config is not None else ""


def _several_baselines(options: Options) -> Problem:
    """The problem that each configuration file below a folder has a baseline of its own."""
    flag = arguments.spell(Options.declared["update_baseline" if options.update_baseline else "prune_baseline"])[0]
    hint = f"run netra-contracts check --all {flag} in the folder of each configuration file"
    return Problem("this cannot be used with --all DIR: each configuration file has a baseline of its own", flag, hint)


class _Orphans:
    """What targets leave behind, such as daemons. While others run, it is not known which target started an orphan.

    `ProbeProcess.end` ends those whose environment names their target; the others end here.
    """

    def __init__(self) -> None:
        self._spared = descendants(os.getpid())
        self._adopted = adopt_orphans() is not None

    def end(self) -> None:
        """End all descendants of this process that were not there before."""
        if self._adopted and has_children():
            kill_descendants(os.getpid(), self._spared)


def _current_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        message = "the current folder does not exist"
        raise UsageError([Problem(message, hint="change to the project's folder")]) from error


def _folder(name: str) -> str:
    """The folder that was given in place of a target.

    Raises:
        UsageError: if it is not one.
    """
    if not os.path.isdir(name):
        hint = "leave out --all to check one target, or name a folder with configuration files in it or below it"
        raise UsageError([Problem(f"{name} is not a folder: --all checks all configured targets", "--all", hint)])
    return name


def _is_of_run(name: str) -> bool:
    return not Options.declared[name].per_target


def _problems(options: Options, given: Options, config: ConfigFile | None, plugins: Plugins) -> Iterator[Problem]:
    """The problems of options of the whole run."""

    def place(name: str, step: int | str = -1) -> str:
        option = Options.declared[name]
        if name in given.given or config is None:
            return arguments.spell(option)[0]
        return config.positions().of((option.key,) if step == -1 else (option.key, step))

    for name, why in (("from_file", "a recording has one target"), ("record", "a recording has one target")):
        if name in given.given:
            flag = arguments.spell(Options.declared[name])[0]
            hint = f"leave out {flag}, or name one target and leave out --all"
            yield Problem(f"this cannot be used with --all: {why}", flag, hint)
    yield from report_output.problems(options, config, plugins.renderers, place)
    yield from unknown_codes(given, [check.code for check in plugins.checks], place)

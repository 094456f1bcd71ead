"""`netra-contracts diff`."""

from __future__ import annotations

import contextlib
import os
from typing import cast

from netra_contracts import pipeline
from netra_contracts.checks.contract_lint import StaleEntry
from netra_contracts.cli import arguments, output_files, saved_input, terminal
from netra_contracts.cli.check import Values
from netra_contracts.contracts.fail_level import FailLevel
from netra_contracts.errors import Problem, UsageError, collecting, display_path
from netra_contracts.model.comparison import compare_runs
from netra_contracts.model.recording import Recording
from netra_contracts.model.report_diff import RunDiff
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.diff import DIFF_RENDERERS
from netra_contracts.settings.baseline import Baseline, baseline_path, read_baseline
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import Settings
from netra_contracts.settings.options import Options

#: The arguments, as the help has them.
BEFORE, AFTER = "A", "B"
_BASELINE = "--baseline"


def diff(values: Values) -> int:
    """Compare two saved runs and return the exit status: 1 if the later one has new findings at the fail level.

    Args:
        values: the arguments, by name; `before` and `after` are the files.

    Raises:
        UsageError: with everything that is wrong with the command line and the files.
    """
    paths = [str(values[name]) for name in ("before", "after")]
    options, problems = arguments.validate({name: values[name] for name in values if name not in ("before", "after")})
    if options.output is not None:
        read = [*zip(paths, (BEFORE, AFTER), strict=True), (options.baseline or "", "the baseline")]
        problems.extend(output_files.check_writable(options.output, "--output", read))
    known: Baseline | None = None
    with collecting(problems):
        known = _baseline(options)
    saved: list[Recording | RunReport] = []
    for path, argument in zip(paths, (BEFORE, AFTER), strict=True):
        with collecting(problems):
            saved.append(saved_input.read_recording_or_report(path, argument))
    if known is not None and not any(isinstance(run, Recording) for run in saved) and not problems:
        hint = (
            f"leave it out: {BEFORE} and {AFTER} are reports, whose findings were known or not when they were written"
        )
        problems.append(Problem("this has no effect on reports", _BASELINE, hint))
    if problems:
        raise UsageError(problems)
    runs = [_judged(run, known) for run in saved]
    if os.path.exists(paths[0]) and os.path.samefile(*paths):
        terminal.print_stderr(f"netra-contracts: diff: {paths[0]} is compared with itself")
    found = compare_runs(*runs)
    if not (found.reports or found.added or found.removed or found.errors):
        raise UsageError([Problem("the runs have no target in common", "diff", _named(runs))])
    recorded = [run for run, read in zip(runs, saved, strict=True) if isinstance(read, Recording)]
    if known is None and any(named.report.findings for run in recorded for named in run.reports):
        _print_baseline_hint(found)
    _write(found, options)
    return found.exit_code(cast("FailLevel", options.fail_level))  # the option allows these words only


def _baseline(options: Options) -> Baseline | None:
    """The baseline that the command line names; None: it names none.

    Raises:
        UsageError: with everything that is wrong with it.
    """
    if options.baseline is None:
        return None
    if options.baseline == "-":
        raise UsageError([Problem('"-" does not name a file', _BASELINE, "name a file")])
    path = baseline_path(options, None, Options(), os.getcwd())
    return None if path is None else read_baseline(path, _BASELINE)


def _judged(run: Recording | RunReport, known: Baseline | None) -> RunReport:
    """The report of a recording. Stale entries are left to `check`: one baseline cannot fit two runs that differ."""
    if isinstance(run, RunReport):
        return run
    suppressions = pipeline.suppressions_of(known, Settings(), pipeline.today(), run.target_name)
    judging = pipeline.JudgeOptions(ignore=(StaleEntry.code,), suppressions=suppressions)
    report = pipeline.judge_recording(run, judging)
    if suppressions is not None:
        summary = report.summary.model_copy(update={"fixed": 0})
        report = report.model_copy(update={"stale": (), "summary": summary})
    return RunReport.of(report)


def _print_baseline_hint(found: RunDiff) -> None:
    """Say that recordings were checked without a baseline, if one is configured here or the other run has one."""
    configured = None
    with contextlib.suppress(UsageError):  # the comparison needs no configuration
        config = find_config(os.getcwd())
        name = config.table.get("baseline") if config is not None else None
        if config is not None and isinstance(name, str):
            configured = display_path(os.path.join(config.folder, name))
    if configured is not None or any(report.known or report.known_before for report in found.reports):
        hint = f"`{_BASELINE} {configured or 'FILE'}` applies one"
        terminal.print_stderr(f"netra-contracts: diff: recordings were checked without a baseline; {hint}")


def _named(runs: list[RunReport]) -> str:
    names = [", ".join(named.title for named in run.reports) or "none" for run in runs]
    return f"{BEFORE} has {names[0]}; {AFTER} has {names[1]}"


def _write(found: RunDiff, options: Options) -> None:
    style = terminal.output_style(to_file=options.output is not None)
    verbose = options.verbose - options.quiet
    render_options = RenderOptions(style.width, style.colour, style.unicode, verbose, cwd=os.getcwd())
    text = DIFF_RENDERERS[str(options.diff_format)](found, render_options)
    if options.output is None:
        terminal.write_stdout(text)
    else:
        output_files.write_file(options.output, text)

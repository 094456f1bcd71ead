"""`netra-contracts graph`."""

from __future__ import annotations

import os

from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, saved_input, terminal
from netra_contracts.cli.recordings.observed import observe, problems_of
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.plugins import Plugins, load_plugins
from netra_contracts.reports import graph as pictures
from netra_contracts.reports.graph.model import focused, graph_of
from netra_contracts.reports.headline import headline
from netra_contracts.settings.configuration import Settings
from netra_contracts.settings.options import Options

Values = dict[str, arguments.Value]


def graph(values: Values, running: list[ProbeProcess]) -> int:
    """Write the graph of a target, or of a saved run.

    Args:
        values: the arguments, by name.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        0, or 1 if the target did not start: then the graph has what contracts declare and what was set until then.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration.
    """
    options, problems = arguments.validate(values)
    problems.extend(problems_of(options))
    if problems:
        raise UsageError(problems)
    plugins = load_plugins()
    report = _observed(values, plugins, running) if options.from_file is None else _saved(options, plugins)
    drawn = focused(graph_of(report))
    style = terminal.output_style(to_file=options.output is not None)
    text = pictures.render(drawn, str(options.graph_format), unicode=style.unicode)
    if options.output is None:
        terminal.write_stdout(text)
    else:
        output_files.write_file(options.output, text)
    if not drawn.started:
        known = "the graph is incomplete; `netra-contracts check` shows why the target did not start"
        terminal.print_stderr(f"{headline(report)}; {known}")
    return int(not drawn.started)


def _observed(values: Values, plugins: Plugins, running: list[ProbeProcess]) -> Report:
    """The report of a target that is started. No client connects: the graph has nothing of what they receive."""
    run = observe("graph", values, plugins, running)
    judging = pipeline.JudgeOptions.from_options(run.options, plugins.checks)
    known = pipeline.known_findings(run.given, run.config, run.settings, os.getcwd())
    judging = judging._replace(suppressions=known)
    return pipeline.judge_recording(run.recording, judging, run.resolved, run.contracts_from)


def _saved(options: Options, plugins: Plugins) -> Report:
    """The report in a file, or that of the recording in it. Of several targets, TARGET chooses one by its name."""
    path = str(options.from_file)
    saved = saved_input.read_recording_or_report(path)
    if isinstance(saved, RunReport):
        decided = [name for name in ("contracts", "baseline") if name in options.given]
        if decided:
            hint = f"name a recording: {path} is a report, whose contracts have been checked already"
            places = (arguments.spell(Options.declared[name])[0] for name in decided)
            raise UsageError(Problem("this has no effect on a report", place, hint) for place in places)
        return _chosen(saved, options.target, path)
    if options.target is not None:
        raise UsageError([Problem(f"{path} is the recording of one target", "TARGET", "leave out TARGET")])
    recording: Recording = saved
    if options.contracts:
        recording, _ = pipeline.with_contracts_of(recording, options.contracts)
    judging = pipeline.JudgeOptions.from_options(options, plugins.checks)
    known = pipeline.known_findings(options, None, Settings(), os.getcwd())
    if known is not None:
        judging = judging._replace(suppressions=known._replace(target=recording.target_name))
    return pipeline.judge_recording(recording, judging)


def _chosen(run: RunReport, target: str | None, path: str) -> Report:
    """One report of a run.

    Raises:
        UsageError: if there is none with this name, or several without a name to choose by.
    """
    by_name = {named.title: named.report for named in run.reports}
    if target is None and len(run.reports) == 1:
        return run.reports[0].report
    if target in by_name:
        return by_name[target]
    names = ", ".join(by_name)
    if target is None:
        hint = f"name one of {names}" if by_name else "none of its targets could be checked"
        raise UsageError([Problem(f"{path} has the reports of {len(run.reports)} targets", "TARGET", hint)])
    hint = did_you_mean(target, by_name) or (f"use one of {names}" if by_name else "")
    raise UsageError([Problem(f"{path} has no report of {target}", "TARGET", hint)])

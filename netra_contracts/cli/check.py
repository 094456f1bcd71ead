"""`netra-contracts check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from netra_contracts import pipeline
from netra_contracts.cli import arguments, baseline, output_files, report_output, saved_input, terminal
from netra_contracts.cli.prestart import Launch, launch
from netra_contracts.errors import Problem, ToolError, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.plugins import Plugins, load_plugins
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import Settings, load_settings, place_of, problems_of_contract_files
from netra_contracts.settings.options import Options, read_table
from netra_contracts.settings.unknown_codes import unknown_codes, unknown_ignored_codes

Values = dict[str, arguments.Value]
OnReport = Callable[[RunReport], None]


def check(
    values: Values,
    launched: Launch | None,
    running: list[ProbeProcess],
    *,
    report_to: terminal.Stream = "stdout",
    on_report: OnReport | None = None,
) -> int:
    """Run `check` and return its exit status.

    Args:
        values: the arguments, by name.
        launched: the target, if it was started before.
        running: see `netra_contracts.launch.start.start`.
        report_to: where the report is written, unless an option names a file.
        on_report: called with the report of a target that was started, before it is written.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration.
    """
    if values.get("watch") and values.get("from_file") is None:
        return _watch(values, running)
    if values.get("all_targets"):
        from netra_contracts.cli.check_all import check_all

        return check_all(values, _load_plugins(), running, on_report)
    if values.get("from_file") is not None:
        return _check_recording(values)
    target = launched if launched is not None else launch("check", values, running)
    if target.child is not None:
        target.child.adopt_orphans()
    with target:
        plugins = _load_plugins()
        settings, options, known = _settings(target, plugins)
        if target.settings is None or target.child is None:
            raise ToolError("the target was not started, for no known reason")
        how = target.settings
        if not options.quiet and (options.verbose or target.options.target is None):
            terminal.print_stderr(f"checking {how.resolved[0] or how.spec}")
        judging = pipeline.JudgeOptions.from_options(options, plugins.checks)
        recording, sources = pipeline.run_probe(
            target.child,
            how,
            lambda: pipeline.contracts_from_files(how, settings, plugins.packs),
            judging.checks,
            live=options.live is not False,
            infer=judging.score,
        )
    if options.record is not None:
        output_files.write_file(options.record, recording.model_dump_json() + "\n")
    if options.verbose and recording.output:
        terminal.print_stderr("the target's output:")
        for line in recording.output:
            terminal.print_stderr(f"  {line}", wrap=False)
    judge = pipeline.judge_of(recording, judging, tuple(filter(None, how.resolved)), sources)
    output = _Output(plugins, report_to, on_report)
    of_run = baseline.Target(recording.target_name, settings, judge)
    return _finish(of_run, known, options, target.config, output)


def _watch(values: Values, running: list[ProbeProcess]) -> int:
    """Check again after each change of a file. Each time the configuration is read and the target is started.

    Raises:
        UsageError: with everything that is wrong with the command line, which no change of a file can mend.
    """
    from netra_contracts.cli.guarded import run_guarded
    from netra_contracts.cli.watch.loop import watch

    once = {**values, "watch": False}
    options, problems = arguments.validate(once)
    problems.extend(_problems(options, options, None, _load_plugins()))
    if problems:
        raise UsageError(problems)

    def check_once(on_report: OnReport) -> int:
        return run_guarded(lambda: check(once, None, running, on_report=on_report), verbose=bool(values["verbose"]))

    return watch(once, check_once)


class _Output(NamedTuple):
    """What writes the report; see `check`."""

    plugins: Plugins
    report_to: terminal.Stream = "stdout"
    on_report: OnReport | None = None


def _finish(
    target: baseline.Target,
    known: baseline.KnownFindings,
    options: Options,
    config: ConfigFile | None,
    output: _Output,
) -> int:
    """Judge the target, change the baseline if the options say so, write the report, and return the exit status."""
    report = target.judge(pipeline.suppressions_of(known.baseline, target.settings, pipeline.today(), target.name))
    run = RunReport(reports=(NamedReport(name=target.name, report=report),))
    judged = baseline.changed(run, [target], known, options, config)
    if output.on_report is not None:
        output.on_report(judged.run)
    status = report_output.write(judged.run, output.plugins, options, config, output.report_to)
    return baseline.exit_status(status, judged, options)


def _settings(launched: Launch, plugins: Plugins) -> tuple[Settings, Options, baseline.KnownFindings]:
    """The configuration, all options of the run, and its baseline.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration.
    """
    problems = list(launched.problems)
    settings = Settings()
    try:
        settings = load_settings(launched.config)
    except UsageError as error:
        problems.extend(error.problems)
        problems.extend(problems_of_contract_files(launched.options, launched.config))
        valid, _ = read_table(launched.config.table if launched.config else {})
        settings = Settings(valid)
    options = launched.options.over(settings.options)
    problems.extend(_problems(options, launched.options, launched.config, plugins))
    problems.extend(unknown_ignored_codes(settings.ignored, [check.code for check in plugins.checks]))
    known = baseline.find(options, launched.options, launched.config, settings.options, problems)
    if problems:
        raise UsageError(problems)
    return settings, options, known


def _check_recording(values: Values) -> int:
    """Check a saved recording. Contracts given on the command line, as TOML, replace those in the recording."""
    plugins = _load_plugins()
    options, problems = arguments.validate(values)
    problems.extend(_problems(options, options, None, plugins))
    known = baseline.find(options, options, None, Options(), problems)
    for option in Options.declared.values():
        if option.name in options.given and option.needs_target:
            place = arguments.spell(option)[0]
            hint = f"leave out {place}, or leave out --from"
            problems.append(Problem("this has no effect with --from: no target is started", place, hint))
    if problems:
        raise UsageError(problems)
    path = str(options.from_file)
    saved = saved_input.read_recording_or_report(path)
    if isinstance(saved, RunReport):
        return _draw(saved, plugins, options)
    recording = saved
    sources: tuple[str, ...] = (f"{len(recording.contracts)} contracts from {path}",)
    if options.contracts:
        recording, sources = pipeline.with_contracts_of(recording, options.contracts)
    judging = pipeline.JudgeOptions.from_options(options, plugins.checks)
    if not pipeline.asks_any(recording, judging):
        hint = (
            "record the target again with these contracts: `netra-contracts check TARGET --contracts ... --record FILE`"
        )
        message = f"{path} has no answers for these contracts: the target was not asked about them when it was recorded"
        raise UsageError([Problem(message, "--contracts" if options.contracts else "--from", hint)])
    judge = pipeline.judge_of(recording, judging, (f"checked from {path}",), sources)
    return _finish(baseline.Target(recording.target_name, Settings(), judge), known, options, None, _Output(plugins))


#: Options about checks that have an effect on a report, which has been judged.
_OF_REPORTS = ("from_file", "exit_zero")


def _draw(run: RunReport, plugins: Plugins, options: Options) -> int:
    """Write a saved report in another format, and return its exit status.

    Raises:
        UsageError: with the options that have no effect, since nothing is checked.
    """
    problems = []
    for option in Options.declared.values():
        judges = (option.panel == "Checks" and option.name not in _OF_REPORTS) or option.name == "source"
        if option.name in options.given and judges:
            place = option.off_flag if options.given[option.name] is False else arguments.spell(option)[0]
            hint = f"leave out {place}, or save a recording with --record and check that"
            problems.append(
                Problem(f"this has no effect: {options.from_file} is a report, not a recording", place, hint)
            )
    if problems:
        raise UsageError(problems)
    status = report_output.write(run, plugins, options, None)
    return 0 if status == 1 and options.exit_zero else status


def _load_plugins() -> Plugins:
    plugins = load_plugins()
    for problem in plugins.problems:
        terminal.print_stderr(f"netra-contracts: plugin not loaded: {problem}")
    return plugins


def _problems(options: Options, given: Options, config: ConfigFile | None, plugins: Plugins) -> Iterable[Problem]:
    """What is wrong with options that plugins and the file system decide about.

    Args:
        options: all options of the run.
        given: those of the command line; the others are from the configuration file.
        config: that file.
        plugins: what is installed.
    """

    def place(name: str, step: int | str = -1) -> str:
        if name in given.given or config is None:
            return arguments.spell(Options.declared[name])[0]
        return place_of(config, Options.declared[name].key, step)

    if "jobs" in given.given and not options.all_targets:
        yield Problem("this has no effect on one target", "--jobs", "add --all, or leave out --jobs")
    yield from report_output.problems(options, config, plugins.renderers, place)
    yield from unknown_codes(options, [check.code for check in plugins.checks], place)

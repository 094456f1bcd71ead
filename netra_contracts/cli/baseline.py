"""`check` with a baseline: which file it is, and how new findings and stale entries change it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from netra_contracts import pipeline
from netra_contracts.checks.contract_lint import StaleEntry
from netra_contracts.cli import arguments, output_files, terminal
from netra_contracts.errors import Problem, UsageError, collecting, did_you_mean, display_path
from netra_contracts.model.report import Report, Verdict
from netra_contracts.model.run_report import RunReport
from netra_contracts.model.suppression import Suppression
from netra_contracts.settings.bootstrap_config import ConfigFile, new_config
from netra_contracts.settings.configuration import Settings, place_of
from netra_contracts.settings.options import Options
from netra_contracts.settings.targets import configured_names

if TYPE_CHECKING:
    from netra_contracts.settings.baseline import Baseline

#: The reason of a new entry: a review must see that nobody has given one.
NO_REASON = "TODO: say why this is accepted"


class KnownFindings(NamedTuple):
    """The baseline of a run.

    Attributes:
        baseline: as it was read; None: the run has none.
        is_named: whether the command line or the configuration names it.
    """

    baseline: Baseline | None = None
    is_named: bool = True


class Judged(NamedTuple):
    """The reports of a run, with the baseline as it is after the run.

    Attributes:
        run: judged with that baseline.
        refused: whether the baseline was to be changed, and nothing was written.
        is_written: whether new findings were added, or there were none to add.
    """

    run: RunReport
    refused: bool = False
    is_written: bool = False


class Target(NamedTuple):
    """One target of a run, in the order of the reports.

    Attributes:
        name: by which entries name it; empty: one target is configured.
        settings: its configuration.
        judge: makes its report.
    """

    name: str
    settings: Settings
    judge: pipeline.Judge


def changed(
    run: RunReport, targets: Sequence[Target], known: KnownFindings, options: Options, config: ConfigFile | None
) -> Judged:
    """Change the baseline if the options say so, and judge the targets again.

    Args:
        run: judged with the baseline as it is.
        targets: one for each report.
        known: the baseline.
        options: all options of the run.
        config: the configuration file.

    Raises:
        UsageError: if the baseline cannot be written: then the file is as it was before.
    """
    if known.baseline is None or not changes(options):
        return Judged(run)
    today = pipeline.today()
    reports = [(target.name, named.report) for target, named in zip(targets, run.reports, strict=True)]
    refused = [f"`{error.name}` could not be checked" for error in run.errors]
    refused += [sentence for name, report in reports if (sentence := _refusal(name, report))]
    if refused:
        path = display_path(known.baseline.path)
        terminal.print_stderr(f"netra-contracts: {path} was not changed: {'; '.join(refused)}")
        return Judged(run, refused=True)
    before, baseline = _write(known.baseline, reports, options, config, today)
    for sentence in _sentences(before, baseline, known, config):
        terminal.print_stderr(sentence)
    again = (
        named.model_copy(
            update={"report": target.judge(pipeline.suppressions_of(baseline, target.settings, today, target.name))}
        )
        for target, named in zip(targets, run.reports, strict=True)
    )
    return Judged(run.model_copy(update={"reports": tuple(again)}), is_written=options.update_baseline is True)


def _write(
    read: Baseline, reports: Sequence[tuple[str, Report]], options: Options, config: ConfigFile | None, today: date
) -> tuple[Baseline, Baseline]:
    """Write the baseline with new findings and without stale entries, as the options say.

    The file is read again: while the targets ran, somebody may have edited it, or another run may have written it. An
    entry that is not the same any more is kept.

    Returns:
        The baseline as it was before, and as it was written.
    """
    from netra_contracts.settings.baseline import read_baseline, with_entries

    added = [entry for name, report in reports for entry in new_entries(report, name, today)]
    stale = set()
    if options.prune_baseline:
        unknown = (entry for entry in read.entries if _of_unknown_target(entry, config))
        stale = {_without_line(entry) for entry in (*_stale(reports), *unknown)}
    with output_files.changing(read.path):
        before = _read_again(read, options)
        removed = [entry for entry in before.entries if _without_line(entry) in stale]
        text = with_entries(before, added if options.update_baseline else [], removed)
        if text != before.text:
            output_files.write_file(read.path, text)
        return before, read_baseline(read.path)


def _without_line(entry: Suppression) -> Suppression:
    return entry.model_copy(update={"location": None})


def _read_again(read: Baseline, options: Options) -> Baseline:
    from netra_contracts.settings.baseline import Baseline, read_baseline

    if options.update_baseline and not os.path.exists(read.path):
        return Baseline(read.path)
    return read_baseline(read.path)


def exit_status(status: int, judged: Judged, options: Options) -> int:
    """The exit status of the command.

    Args:
        status: that of the report.
        judged: the run.
        options: all options of the run.
    """
    if judged.refused:
        return max(status, 1)
    return 0 if status == 1 and (options.exit_zero or judged.is_written) else status


def find(
    options: Options, given: Options, config: ConfigFile | None, configured: Options, problems: list[Problem]
) -> KnownFindings:
    """Find and read the baseline, before the target has started.

    Args:
        options: all options of the run.
        given: those of the command line.
        config: the configuration file.
        configured: its options.
        problems: receives everything that is wrong.
    """
    if options.baseline is None and not changes(options):
        return KnownFindings()
    from netra_contracts.settings.baseline import baseline_path, default_path

    try:
        cwd = os.getcwd()
    except FileNotFoundError:  # the launch reports it
        return KnownFindings()
    named = baseline_path(given, config, configured, cwd)
    with collecting(problems):
        if "-" in (given.baseline, configured.baseline):
            raise UsageError([Problem('"-" does not name a file', _place(given, config), "name a file")])
        if named is None and options.from_file is not None:
            hint = "name it with --baseline FILE: with --from, no configuration file is read"
            raise UsageError([Problem("there is no baseline to change", _option_that_changes(options), hint)])
        path = default_path(config, cwd) if named is None else named
        _refuse_to_overwrite(path, options)
        baseline = _read(path, options, _place(given, config))
        if not options.prune_baseline:
            problems.extend(_unknown_targets(baseline, config))
        return KnownFindings(baseline, is_named=named is not None)
    return KnownFindings()


def _of_unknown_target(entry: Suppression, config: ConfigFile | None) -> bool:
    """Whether an entry is about a target that the configuration does not have: no run can match it."""
    return bool(entry.target) and config is not None and entry.target not in configured_names(config)


def _unknown_targets(baseline: Baseline, config: ConfigFile | None) -> Iterator[Problem]:
    for entry in baseline.entries:
        if config is not None and _of_unknown_target(entry, config):
            place = display_path(baseline.path) + (f":{entry.location.line}" if entry.location is not None else "")
            near = did_you_mean(entry.target, configured_names(config))
            hint = near or "correct the name, or remove the entry with --prune-baseline"
            yield Problem(f'there is no target "{entry.target}"', f"{place}: target", hint)


def _refuse_to_overwrite(path: str, options: Options) -> None:
    """Refuse to write a report or a recording where the baseline is.

    Raises:
        UsageError: with each of them.
    """
    written = [("output", options.output), ("record", options.record)]
    written += [("report", word.partition("=")[2]) for word in options.report]
    same = [name for name, file in written if file and os.path.realpath(file) == os.path.realpath(path)]
    if same:
        message, hint = f"this would overwrite the baseline {display_path(path)}", "name another file"
        raise UsageError(Problem(message, arguments.spell(Options.declared[name])[0], hint) for name in same)


def _read(path: str, options: Options, place: str) -> Baseline:
    """A baseline. Where it is to be updated, there may be none yet.

    Raises:
        UsageError: with everything that is wrong with it, also if it cannot be written and is to be changed.
    """
    from netra_contracts.settings.baseline import Baseline, read_baseline

    wrong = output_files.check_writable(path, place) if changes(options) else []
    if wrong:
        raise UsageError(wrong)
    if options.update_baseline and not os.path.exists(path):
        return Baseline(path)
    return read_baseline(path, place)


def changes(options: Options) -> bool:
    """Whether the run is to change its baseline."""
    return options.update_baseline is True or options.prune_baseline is True


def _option_that_changes(options: Options) -> str:
    name = "update_baseline" if options.update_baseline else "prune_baseline"
    return arguments.spell(Options.declared[name])[0]


def _place(given: Options, config: ConfigFile | None) -> str:
    """Where the baseline was named, for messages."""
    if given.baseline is None and config is not None and "baseline" in config.table:
        return place_of(config, "baseline")
    return arguments.spell(Options.declared["baseline"])[0]


def _refusal(name: str, report: Report) -> str:
    """Why a run says too little of a target to change the baseline; empty: it does not."""
    target = f"`{name}`" if name else "the target"
    if report.verdict is Verdict.NOT_STARTED:
        return f"{target} did not start"
    unfinished = next((stage for stage in report.startup.stages if _is_unfinished(stage.name, stage.outcome)), None)
    return f"the {unfinished.name} stage of {target} did not finish" if unfinished is not None else ""


def _is_unfinished(stage: str, outcome: str) -> bool:
    return stage != "shutdown" and outcome not in ("ok", "unsupported", "skipped")


def new_entries(report: Report, target: str, today: date) -> Iterator[Suppression]:
    """An entry for each finding of a report, roots and consequences, without those about entries.

    Args:
        report: of one target.
        target: its name, where the run has several.
        today: the day of the run.
    """
    for finding in report.findings:
        if finding.code != StaleEntry.code:
            yield Suppression(
                code=finding.code,
                component=finding.component,
                subject=finding.subject,
                target=target,
                function=finding.location.function if finding.location is not None else "",
                reason=NO_REASON,
                added=today,
                source="baseline",
            )


def _stale(reports: Sequence[tuple[str, Report]]) -> Iterator[Suppression]:
    for _, report in reports:
        for entry in report.stale:
            if entry.suppression.source == "baseline":
                yield entry.suppression


def _sentences(before: Baseline, after: Baseline, known: KnownFindings, config: ConfigFile | None) -> Iterator[str]:
    """What was written, and what is left to do."""
    name = display_path(after.path)
    old, new = (set(map(_without_line, each.entries)) for each in (before, after))
    added, removed = len(new - old), len(old - new)
    if before.text == after.text:
        yield f"nothing to write: {name} was not changed"
    else:
        parts = [f"added {_count(added)}"] if added or not removed else []
        parts += [f"removed {_count(removed)}"] if removed else []
        yield f"wrote {name}: {', '.join(parts)}"
    if added:
        yield f'each new entry has the reason "{NO_REASON}": replace it'
    if not known.is_named:
        path, prefix = (config.path, config.prefix) if config is not None else new_config(os.getcwd())
        table = f"[{prefix}] in " if prefix else ""
        key = f'baseline = "{os.path.basename(after.path)}"'
        yield f"add {key} to {table}{display_path(path)}: `check` uses no other baseline"


def _count(entries: int) -> str:
    return f"{entries:,} entr{'y' if entries == 1 else 'ies'}"

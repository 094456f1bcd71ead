"""The first lines of a report: verdict, target, counts and times."""

from __future__ import annotations

from netra_contracts.model.report import Report, Verdict
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.reports.headline import WORDS, joined, parts_of
from netra_contracts.reports.labels import description_of, outcome_of
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration

_STYLES = {Verdict.PASSED: "bold green", Verdict.FAILED: "bold red", Verdict.NOT_STARTED: "bold red"}
#: Shorter times of what happens by itself are not worth a mention: in ms, and as a share of the whole.
_MIN_MS = 1.0
_MIN_SHARE = 0.02
#: Stages of the application's own code whose processor time is shown if they waited that long, in ms, and most of it.
_MIN_WAIT_MS = 500.0
_OWN = ("import", "build", "startup", "shutdown")


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the verdict, the target and its times; if it did not start, also how it was resolved."""
    word, style = WORDS[report.verdict], _STYLES[report.verdict]
    target = canvas.name(report.target.info.spec or report.target.info.module)
    available = canvas.width - len(f"{word}  ")
    parts = list(parts_of(report))
    count = next(
        (count for count in range(len(parts), 1, -1) if truncation.fits(target + joined(parts[:count]), available)), 1
    )
    summary = joined(parts[:count])
    canvas.line(
        (word, style), "  ", (canvas.cut(truncation.middle_cut, target, available - len(summary)), "bold"), summary
    )
    if parts[count:]:
        canvas.paragraph(canvas.prose("; ".join(parts[count:])), first="  ")
    if canvas.verbose < 0:
        if report.verdict is Verdict.NOT_STARTED:
            _draw_resolved(canvas, report)
        return
    sources = map(canvas.without_folder, report.target.contracts_from)
    for sentence in filter(None, (description_of(report), _times(report), *sources)):
        canvas.paragraph(canvas.prose(sentence, "dim"), first="  ")
    if canvas.verbose > 0 or report.verdict is Verdict.NOT_STARTED:
        _draw_resolved(canvas, report)


def _draw_resolved(canvas: Canvas, report: Report) -> None:
    """Draw how target and interpreter were found: often the reason why a target cannot start."""
    resolved = report.target.resolved if canvas.verbose > 0 else report.target.resolved[:2]  # without details
    for step in filter(None, (*resolved, report.target.info.how)):
        canvas.paragraph(canvas.prose(canvas.without_folder(step), "dim"), first="  ", rest="    ")


def _times(report: Report) -> str:
    """Return `import 99 ms, startup 1.91 s (deadline passed, 12 ms busy), outside of stages 5 ms`."""
    stages = [stage for stage in report.startup.stages if stage.outcome != "skipped"]
    took, outside = report.startup.took_ms or 0.0, report.startup.outside_stages_ms or 0.0
    least = max(_MIN_MS, took * _MIN_SHARE)
    times = [_time(stage) for stage in stages if stage.name != "settle" or stage.ms >= least]
    if outside >= least:
        times.append(f"outside of stages {duration(outside)}")
    return ", ".join(times)


def _time(stage: StageReport) -> str:
    notes = list(filter(None, (outcome_of(stage), _busy(stage))))
    return f"{stage.name} {duration(stage.ms)}" + (f" ({', '.join(notes)})" if notes else "")


def _busy(stage: StageReport) -> str:
    """Return `12 ms busy` for a stage that mostly waited."""
    if stage.busy_ms is None or stage.name not in _OWN:
        return ""
    waited = stage.ms - stage.busy_ms
    return f"{duration(stage.busy_ms)} busy" if waited >= max(_MIN_WAIT_MS, stage.busy_ms) else ""

"""The first lines of a report: verdict, target, counts and times."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.model.report import Report, StageReport, Summary, Verdict
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration, listed, plural

_WORDS = {
    Verdict.PASSED: ("PASSED", "bold green"),
    Verdict.FAILED: ("FAILED", "bold red"),
    Verdict.NOT_STARTED: ("COULD NOT START", "bold red"),
}
#: Outcomes of a stage, written after its time.
_OUTCOMES = {
    "failed": "failed",
    "timeout": "deadline passed",
    "exited": "exited",
    "died": "died",
    "unsupported": "no lifespan",
}


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the verdict, the target and its times; if it did not start, also how it was resolved."""
    word, style = _WORDS[report.verdict]
    target = canvas.name(report.target.info.spec or report.target.info.module)
    available = canvas.width - len(f"{word}  ")
    summary = next(
        (text for text in _summaries(report) if truncation.fits(target + text, available)), _shortest(report)
    )
    canvas.line(
        (word, style), "  ", (canvas.cut(truncation.middle_cut, target, available - len(summary)), "bold"), summary
    )
    if canvas.verbose < 0:
        return
    sources = map(canvas.without_folder, report.target.contracts_from)
    for sentence in filter(None, (_what(report), _times(report), *sources)):
        canvas.paragraph(canvas.prose(sentence, "dim"), first="  ")
    if canvas.verbose > 0 or report.verdict is Verdict.NOT_STARTED:
        for step in filter(None, (*report.target.resolved, report.target.info.how)):
            canvas.paragraph(canvas.prose(canvas.without_folder(step), "dim"), first="  ", rest="    ")


def _summaries(report: Report) -> Iterator[str]:
    """Yield what can follow the target in the first line, longest first: findings and time matter most."""
    summary = report.summary
    found, contracts = _format_findings(summary), _format_contracts(summary)
    not_run = f"{plural(summary.not_run, 'check')} not run" if summary.not_run else ""
    total = plural(summary.contracts, "contract") if summary.contracts else ""
    stages = report.startup.stages
    took = duration(max(stage.start_ms + stage.ms for stage in stages)) if stages else ""
    timed = f"took {took}" if took else ""
    for parts in ((found, contracts, not_run, timed), (found, total, not_run, timed), (found, not_run, timed)):
        yield ": " + "; ".join(filter(None, parts))
    yield _shortest(report)


def _shortest(report: Report) -> str:
    return f": {_format_findings(report.summary)}"


def _format_findings(summary: Summary) -> str:
    """Return `1 error, 2 warnings`."""
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    return ", ".join(plural(count, noun) for count, noun in counts if count) or "no findings"


def _format_contracts(summary: Summary) -> str:
    """Return `4 contracts: 1 held, 1 broken and 2 blocked`."""
    total = summary.contracts
    if not total:
        return "no contracts"
    if summary.held == total:
        return "its contract holds" if total == 1 else f"all {total:,} contracts hold"
    counts = [(summary.held, "held"), (summary.broken, "broken"), (summary.blocked, "blocked")]
    unchecked = total - sum(count for count, _ in counts)
    parts = [f"{count:,} {word}" for count, word in (*counts, (unchecked, "not checked")) if count > 0]
    return f"{plural(total, 'contract')}: {listed(parts)}"


def _what(report: Report) -> str:
    """Return `FastAPI 0.115.2 application factory, Python 3.11.7`."""
    info = report.target.info
    kind = info.kind if info.kind != "unknown" else ""
    what = " ".join(filter(None, (info.framework, info.framework_version, kind)))
    python = f"Python {info.python}" if info.python else ""
    return ", ".join(filter(None, (what, python)))


def _times(report: Report) -> str:
    """Return `import 99 ms, build 0.29 ms, startup 1.91 s (deadline passed)`."""
    stages = [stage for stage in report.startup.stages if stage.outcome != "skipped" and stage.name != "settle"]
    return ", ".join(map(_time, stages))


def _time(stage: StageReport) -> str:
    outcome = _OUTCOMES.get(stage.outcome)
    return f"{stage.name} {duration(stage.ms)}" + (f" ({outcome})" if outcome else "")

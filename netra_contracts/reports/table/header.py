"""The first lines of a report: verdict, target, counts and times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netra_contracts.model.report import NOT_RUN, Report, StageReport, Summary, Verdict
from netra_contracts.protocol.failures import FailureKind
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

#: Failures of the tool's own search for the target: the code of the stage did not fail.
_FAILURES: Mapping[FailureKind | None, str] = {
    "module-not-found": "module not found",
    "attribute-not-found": "attribute not found",
    "not-a-target": "not an application",
    "factory-not-called": "factory not called",
    "factory-arguments": "factory not called",
}

#: Shorter times of what happens by itself are not worth a mention: in ms, and as a share of the whole.
_MIN_MS = 1.0
_MIN_SHARE = 0.02


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the verdict, the target and its times; if it did not start, also how it was resolved."""
    word, style = _WORDS[report.verdict]
    target = canvas.name(report.target.info.spec or report.target.info.module)
    available = canvas.width - len(f"{word}  ")
    parts = list(_parts(report))
    count = next(
        (count for count in range(len(parts), 1, -1) if truncation.fits(target + _joined(parts[:count]), available)), 1
    )
    summary = _joined(parts[:count])
    canvas.line(
        (word, style), "  ", (canvas.cut(truncation.middle_cut, target, available - len(summary)), "bold"), summary
    )
    if parts[count:]:
        canvas.paragraph(canvas.prose("; ".join(parts[count:])), first="  ")
    if canvas.verbose < 0:
        return
    sources = map(canvas.without_folder, report.target.contracts_from)
    for sentence in filter(None, (_what(report), _times(report), *sources)):
        canvas.paragraph(canvas.prose(sentence, "dim"), first="  ")
    if canvas.verbose > 0 or report.verdict is Verdict.NOT_STARTED:
        resolved = report.target.resolved if canvas.verbose > 0 else report.target.resolved[:2]  # without details
        for step in filter(None, (*resolved, report.target.info.how)):
            canvas.paragraph(canvas.prose(canvas.without_folder(step), "dim"), first="  ", rest="    ")


def _joined(parts: Sequence[str]) -> str:
    return ": " + "; ".join(parts)


def _parts(report: Report) -> Iterator[str]:
    """Yield what follows the target, the most important first: what does not fit in the first line comes below it."""
    summary = report.summary
    yield _format_findings(report)
    yield _format_contracts(summary)
    if summary.not_run:
        yield _format_not_run(report)
    if report.startup.took_ms is not None:
        yield f"took {duration(report.startup.took_ms)}"


def _format_findings(report: Report) -> str:
    """Return `1 error, 2 warnings`; where the rest does not show what failed, `1 error (NC504 fails the run)`."""
    summary = report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    found = ", ".join(plural(count, noun) for count, noun in counts if count) or "no findings"
    codes = [reason for reason in report.failed_by if reason != NOT_RUN]
    all_hold = summary.contracts and summary.held == summary.contracts
    without_finding = not any(finding.code in codes for finding in report.findings)
    if report.verdict is Verdict.FAILED and codes and (all_hold or without_finding):
        return f"{found} ({listed(codes)} {'fails' if len(codes) == 1 else 'fail'} the run)"
    return found


def _format_not_run(report: Report) -> str:
    """Return `3 checks not run`; if these fail the run, `3 checks not run (2 fail the run: strict)`."""
    summary = report.summary
    text = f"{plural(summary.not_run, 'check')} not run"
    if NOT_RUN not in report.failed_by:
        return text
    count = summary.required_not_run
    some = f"{count:,} " if count != summary.not_run else ""
    return f"{text} ({some}{'fails' if count == 1 else 'fail'} the run: strict)"


def _format_contracts(summary: Summary) -> str:
    """Return `4 contracts: 1 held, 1 broken and 2 blocked`, and how many of later phases were left out."""
    total, later = summary.contracts, summary.later_contracts
    left_out = f"{plural(later, 'contract')} of later phases left out" if later else ""
    if not total:
        return left_out or "no contracts"
    if summary.held == total:
        text = "its contract holds" if total == 1 else f"all {total:,} contracts hold"
    else:
        counts = [
            (summary.held, "held"),
            (summary.broken, "broken"),
            (summary.blocked, "blocked"),
            (summary.contracts_not_run, "not run"),
        ]
        text = f"{plural(total, 'contract')}: {listed(f'{count:,} {word}' for count, word in counts if count)}"
    return f"{text}, {later:,} of later phases left out" if later else text


def _what(report: Report) -> str:
    """Return `FastAPI 0.115.2 application factory, Python 3.11.7`."""
    info = report.target.info
    kind = info.kind if info.kind != "unknown" else ""
    framework = info.framework or ("ASGI" if kind.startswith("application") else "")
    what = " ".join(filter(None, (framework, info.framework_version, kind)))
    python = f"Python {info.python}" if info.python else ""
    return ", ".join(filter(None, (what, python)))


def _times(report: Report) -> str:
    """Return `import 99 ms, build 0.29 ms, startup 1.91 s (deadline passed), outside of stages 5 ms`."""
    stages = [stage for stage in report.startup.stages if stage.outcome != "skipped"]
    took, outside = report.startup.took_ms or 0.0, report.startup.outside_stages_ms or 0.0
    least = max(_MIN_MS, took * _MIN_SHARE)
    times = [_time(stage) for stage in stages if stage.name != "settle" or stage.ms >= least]
    if outside >= least:
        times.append(f"outside of stages {duration(outside)}")
    return ", ".join(times)


def _time(stage: StageReport) -> str:
    outcome = _FAILURES.get(stage.failure) or _OUTCOMES.get(stage.outcome)
    return f"{stage.name} {duration(stage.ms)}" + (f" ({outcome})" if outcome else "")

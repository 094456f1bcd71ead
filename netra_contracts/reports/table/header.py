"""The first lines: what was checked, what it came to, and how long it took."""

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
#: How a stage ended, in words that follow its time.
_OUTCOMES = {
    "failed": "failed",
    "timeout": "deadline passed",
    "exited": "exited",
    "died": "died",
    "unsupported": "no lifespan",
}


def draw(page: Canvas, report: Report) -> None:
    """Draw the verdict, what the target is, and its times; where the target did not start also how it was found."""
    word, style = _WORDS[report.verdict]
    target = page.name(report.target.info.spec or report.target.info.module)
    room = page.width - len(f"{word}  ")
    told = next((told for told in _tellings(report) if truncation.fits(target + told, room)), _shortest(report))
    page.line((word, style), "  ", (page.cut(truncation.middle_cut, target, room - len(told)), "bold"), told)
    if page.verbose < 0:
        return
    sources = map(page.without_folder, report.target.contracts_from)
    for sentence in filter(None, (_what(report), _times(report), *sources)):
        page.paragraph(page.prose(sentence, "dim"), first="  ")
    if page.verbose > 0 or report.verdict is Verdict.NOT_STARTED:
        for step in filter(None, (*report.target.resolved, report.target.info.how)):
            page.paragraph(page.prose(page.without_folder(step), "dim"), first="  ", rest="    ")


def _tellings(report: Report) -> Iterator[str]:
    """What the first line may say after the target, longest first: findings and time are said before all else."""
    summary = report.summary
    found, contracts = _findings_in_words(summary), _contracts_in_words(summary)
    not_run = f"{plural(summary.not_run, 'check')} not run" if summary.not_run else ""
    total = plural(summary.contracts, "contract") if summary.contracts else ""
    stages = report.startup.stages
    took = duration(max(stage.start_ms + stage.ms for stage in stages) - stages[0].start_ms) if stages else ""
    timed = f"took {took}" if took else ""
    for parts in ((found, contracts, not_run, timed), (found, total, not_run, timed), (found, not_run, timed)):
        yield ": " + "; ".join(filter(None, parts))
    yield _shortest(report)


def _shortest(report: Report) -> str:
    return f": {_findings_in_words(report.summary)}"


def _findings_in_words(summary: Summary) -> str:
    """`1 error, 2 warnings`."""
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    return ", ".join(plural(count, noun) for count, noun in counts if count) or "no findings"


def _contracts_in_words(summary: Summary) -> str:
    """`4 contracts: 1 held, 1 broken and 2 blocked`."""
    total = summary.contracts
    if not total:
        return "no contracts"
    if summary.held == total:
        return "its contract holds" if total == 1 else f"all {total:,} contracts hold"
    counts = [(summary.held, "held"), (summary.broken, "broken"), (summary.blocked, "blocked")]
    unjudged = total - sum(count for count, _ in counts)
    parts = [f"{count:,} {word}" for count, word in (*counts, (unjudged, "not judged")) if count > 0]
    return f"{plural(total, 'contract')}: {listed(parts)}"


def _what(report: Report) -> str:
    """`FastAPI 0.115.2 application factory, Python 3.11.7`."""
    info = report.target.info
    kind = info.kind if info.kind != "unknown" else ""
    what = " ".join(filter(None, (info.framework, info.framework_version, kind)))
    python = f"Python {info.python}" if info.python else ""
    return ", ".join(filter(None, (what, python)))


def _times(report: Report) -> str:
    """`import 99 ms, build 0.29 ms, startup 1.91 s (deadline passed)`."""
    stages = [stage for stage in report.startup.stages if stage.outcome != "skipped" and stage.name != "settle"]
    return ", ".join(map(_time, stages))


def _time(stage: StageReport) -> str:
    outcome = _OUTCOMES.get(stage.outcome)
    return f"{stage.name} {duration(stage.ms)}" + (f" ({outcome})" if outcome else "")

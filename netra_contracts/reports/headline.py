"""The first line of a report: the verdict, the target and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from netra_contracts.model.report import NOT_RUN, Report, Summary, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports.wording import clean, duration, listed, plural, sentence

#: What a verdict is called.
WORDS: Mapping[Verdict, str] = {
    Verdict.PASSED: "PASSED",
    Verdict.FAILED: "FAILED",
    Verdict.NOT_STARTED: "COULD NOT START",
}


#: What a target is called that could not be checked.
NOT_CHECKED = "NOT CHECKED"


def headline(report: Report) -> str:
    """Return the verdict, the target and the counts in one line, as long as it may be."""
    return headline_of_target(NamedReport(report=report))


def headline_of_target(target: NamedReport | TargetError) -> str:
    """Return the verdict on one target of a run, its name, and the counts or the first problem, in one line."""
    if isinstance(target, TargetError):
        more = f"; {plural(len(target.problems) - 1, 'more problem')}" if len(target.problems) > 1 else ""
        return f"{NOT_CHECKED}  {clean(target.name)}: {sentence(''.join(target.problems[:1]))}{more}"
    report = target.report
    return f"{WORDS[report.verdict]}  {clean(target.title)}{joined(list(parts_of(report)))}"


def headline_of_run(run: RunReport) -> str:
    """Return the verdict on a run in one line; of several targets, how many passed."""
    if not run.several:
        return "; ".join(map(headline_of_target, run.reports))
    total = len(run.reports) + len(run.errors)
    verdicts = Counter(named.report.verdict for named in run.reports)
    counts = [
        (verdicts[Verdict.PASSED], "passed"),
        (verdicts[Verdict.FAILED], "failed"),
        (verdicts[Verdict.NOT_STARTED], "could not start"),
        (len(run.errors), "could not be checked"),
    ]
    word = WORDS[Verdict.FAILED] if run.exit_code else WORDS[Verdict.PASSED]
    if verdicts[Verdict.PASSED] == total:
        return f"{word}  {plural(total, 'target')}, all passed" if total > 1 else f"{word}  1 target"
    return f"{word}  {plural(total, 'target')}: {', '.join(f'{count:,} {text}' for count, text in counts if count)}"


def joined(parts: Sequence[str]) -> str:
    """Return what follows the target in one line."""
    return ": " + "; ".join(parts)


def parts_of(report: Report) -> Iterator[str]:
    """Yield what follows the target, the most important first: what does not fit in the first line comes below it."""
    summary = report.summary
    yield _format_findings(report)
    if summary.known is not None:
        yield format_known(summary)
    yield _format_contracts(summary)
    if report.score is not None:
        yield f"score {report.score:g}"
    if summary.not_run:
        yield _format_not_run(report)
    if report.startup.took_ms is not None:
        yield f"took {duration(report.startup.took_ms)}"


def _format_findings(report: Report) -> str:
    """Return `1 error, 2 warnings`; where the rest does not show what failed, `1 error (NC504 fails the run)`."""
    summary = report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    found = ", ".join(plural(count, noun) for count, noun in counts if count)
    found = found or ("no new findings" if summary.known else "no findings")
    codes = [reason for reason in report.failed_by if reason != NOT_RUN]
    all_hold = summary.contracts and summary.held == summary.contracts
    without_finding = not any(finding.code in codes for finding in report.findings)
    if report.verdict is Verdict.FAILED and codes and (all_hold or without_finding):
        return f"{found} ({listed(codes)} {'fails' if len(codes) == 1 else 'fail'} the run)"
    return found


def format_known(summary: Summary) -> str:
    """Return `12 known (oldest 94 days), 1 fixed, 0 new`."""
    days = summary.oldest_known_days
    oldest = f" (oldest {plural(days, 'day')})" if days is not None else ""
    return f"{summary.known or 0:,} known{oldest}, {summary.fixed or 0:,} fixed, {summary.new or 0:,} new"


def format_broken(broken: int, known: int) -> str:
    """Return `3 broken`; if known findings only break all of them `3 broken (known)`, or `3 broken (2 known)`."""
    some = "" if known == broken else f"{known:,} "
    return f"{broken:,} broken" + (f" ({some}known)" if known else "")


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
            (summary.held, f"{summary.held:,} held"),
            (summary.broken, format_broken(summary.broken, summary.known_broken)),
            (summary.blocked, f"{summary.blocked:,} blocked"),
            (summary.contracts_not_run, f"{summary.contracts_not_run:,} not run"),
        ]
        text = f"{plural(total, 'contract')}: {listed(text for count, text in counts if count)}"
    return f"{text}, {later:,} of later phases left out" if later else text

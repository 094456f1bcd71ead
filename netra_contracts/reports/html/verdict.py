"""The head of a target: verdict, target, counts, and what fails the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from netra_contracts.model.report import NOT_RUN, Report, Summary, Verdict
from netra_contracts.protocol.stages import StageName
from netra_contracts.reports.headline import WORDS, format_broken
from netra_contracts.reports.html import svg
from netra_contracts.reports.html.context import TargetPage
from netra_contracts.reports.html.elements import Child, Markup, element
from netra_contracts.reports.html.parts import badge
from netra_contracts.reports.html.sections.findings import codes_that_fail
from netra_contracts.reports.labels import STATUSES, description_of
from netra_contracts.reports.wording import duration, plural

_ICON_OF: Mapping[Verdict, str] = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.NOT_STARTED: "not_started",
}


def verdict_badge(verdict: Verdict) -> Markup:
    """Return the verdict as icon and word."""
    return badge(_ICON_OF[verdict], WORDS[verdict].capitalize())


def verdict_icon(verdict: Verdict) -> Markup:
    """Return the verdict as an icon, and as a word for screen readers."""
    word = element("span", f"{WORDS[verdict].capitalize()}: ", class_="unseen")
    return element("span", badge(_ICON_OF[verdict], ""), word)


def draw(page: TargetPage) -> Markup:
    """Return what comes under the name of the target."""
    report = page.report
    return element(
        "div",
        element("p", description_of(report), class_="muted") if description_of(report) else None,
        _reasons(page),
        element("dl", _figures(report), class_="figures"),
        class_="summary",
    )


def _reasons(page: TargetPage) -> Markup | None:
    """What fails the run."""
    reasons = codes_that_fail(page)
    if not reasons or page.report.verdict is Verdict.PASSED:
        return None
    named = [_reason(page.report, reason) for reason in reasons]
    verb = "fails" if len(named) == 1 else "fail"
    return element("p", _listed(named), f" {verb} the run.", class_="reasons")


def _reason(report: Report, reason: Child) -> Child:
    if reason == NOT_RUN:
        return f"{plural(report.summary.required_not_run, 'check')} not run (strict)"
    return f"The {reason} stage" if reason in get_args(StageName) else reason


def _listed(parts: Sequence[Child]) -> list[Child]:
    """`a`, `a and b`, `a, b and c`."""
    separated: list[Child] = []
    for position, part in enumerate(parts):
        separated += ["" if position == 0 else " and " if position == len(parts) - 1 else ", ", part]
    return separated


def _figures(report: Report) -> Iterator[Markup]:
    summary = report.summary
    yield _figure("Errors", f"{summary.errors:,}", "error" if summary.errors else "zero")
    yield _figure("Warnings", f"{summary.warnings:,}", "warning" if summary.warnings else "zero")
    yield _figure("Notes", f"{summary.notes:,}", "note" if summary.notes else "zero")
    if summary.contracts:
        yield _figure("Contracts held", f"{summary.held:,} of {summary.contracts:,}", "contracts", _bar(summary))
    else:
        yield _figure("Contracts", "none", "zero")
    if summary.known is not None:
        yield _figure("Known findings", f"{summary.known:,}", "", element("span", _known(summary), class_="parts"))
    if summary.not_run:
        yield _figure("Checks not run", f"{summary.not_run:,}", "")
    if report.startup.took_ms is not None:
        yield _figure("Took", duration(report.startup.took_ms), "")


def _figure(label: str, value: str, class_: str, more: Markup | None = None) -> Markup:
    return element(
        "div", element("dt", label), element("dd", value, " " if more else None, more), class_=class_ or None
    )


def _known(summary: Summary) -> str:
    """`oldest 94 days, 1 fixed, 0 new`."""
    days = summary.oldest_known_days
    oldest = f"oldest {plural(days, 'day')}, " if days is not None else ""
    return f"{oldest}{summary.fixed or 0:,} fixed, {summary.new or 0:,} new"


def _bar(summary: Summary) -> Markup:
    """The contracts by status, as a bar with the same in words."""
    broken, known = summary.broken, summary.known_broken
    others = [("blocked", summary.blocked), ("not_run", summary.contracts_not_run), ("held", summary.held)]
    parts = [("broken", broken - known), ("known", known), *others]
    bar = svg.stacked((name, 100 * count / summary.contracts) for name, count in parts if count)
    texts = [format_broken(broken, known)] if broken else []
    words = ", ".join([*texts, *(f"{count:,} {STATUSES[name]}" for name, count in others if count)])
    words = "" if summary.held == summary.contracts else words
    later = f", {summary.later_contracts:,} of later phases left out" if summary.later_contracts else ""
    return element("span", bar, element("span", words, later), class_="parts")

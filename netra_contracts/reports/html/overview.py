"""The overview of several targets, and the targets that could not be checked."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.run_report import RunReport, TargetError
from netra_contracts.reports.headline import format_broken
from netra_contracts.reports.html.context import TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, prose
from netra_contracts.reports.html.parts import badge, items, row, table
from netra_contracts.reports.html.verdict import verdict_badge
from netra_contracts.reports.wording import duration, plural

_COLUMNS = ("Target", "Findings", "Contracts held", "Took")
_REASONS = {2: "Wrong configuration", 3: "Internal error"}


def draw_overview(run: RunReport, pages: Sequence[TargetPage]) -> Markup:
    """Return a row for each target."""
    rows = [_error(error, f"e{position}-target") for position, error in enumerate(run.errors, 1)]
    rows += [_target(page) for page in pages]
    title = heading(2, "Overview", id_="overview-title")
    grid = table("Targets", _COLUMNS, rows, "overview")
    return element("section", title, grid, id="overview", class_="overview", aria_labelledby="overview-title")


def _target(page: TargetPage) -> Markup:
    summary = page.report.summary
    took = page.report.startup.took_ms
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    found = [plural(count, noun) for count, noun in counts if count]
    known = [f"{summary.known:,} known"] if summary.known else []
    broken = [format_broken(summary.broken, summary.known_broken)] if summary.known_broken else []
    return row(
        _name(page.named.title, f"{page.prefix}target", verdict_badge(page.report.verdict)),
        ", ".join([*found, *known]) or "none",
        ", ".join([f"{summary.held:,} of {summary.contracts:,}", *broken]) if summary.contracts else "no contracts",
        duration(took) if took is not None else None,
    )


def _error(error: TargetError, id_: str) -> Markup:
    reason = badge("failed", _REASONS[error.exit_code])
    return row(_name(error.name, id_, reason), None, None, None)


def _name(name: str, id_: str, verdict: Markup) -> list[Child]:
    return [verdict, " ", element("a", name, href=f"#{id_}")]


def draw_errors(run: RunReport) -> list[Markup]:
    """Return a section for each target that could not be checked."""
    return [_error_section(error, f"e{position}-target") for position, error in enumerate(run.errors, 1)]


def _error_section(error: TargetError, id_: str) -> Markup:
    reason = badge("failed", _REASONS[error.exit_code])
    title = heading(2, reason, " ", element("span", error.name), id_=f"{id_}-title")
    problems = items([prose(problem) for problem in error.problems])
    return element("section", title, problems, id=id_, class_="target", aria_labelledby=f"{id_}-title")

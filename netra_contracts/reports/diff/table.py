"""A comparison as a table: what is new as in the report, then what is fixed, components, checks not run and times."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import Report
from netra_contracts.model.report_diff import ReportDiff, RunDiff
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.diff import rows
from netra_contracts.reports.headline import WORDS, parts_of
from netra_contracts.reports.table import findings, grid, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import clean, plural

_MAX_ENTRIES = 20
_MAX_CHANGES = 40
_CHANGE_COLUMNS = (
    grid.Column("component", truncation.middle_cut, min_width=16, shrink_order=0),
    grid.Column("change"),
    grid.Column("before", truncation.path_cut, min_width=10, shrink_order=1),
    grid.Column("after", truncation.path_cut, min_width=10, shrink_order=1),
)
_STAGE_COLUMNS = (
    grid.Column("stage"),
    grid.Column("before", right=True),
    grid.Column("after", right=True),
    grid.Column("difference", right=True),
)


def render(diff: RunDiff, options: RenderOptions) -> str:
    """Return the comparison as a table. No line is wider than `options.width`, or than 40 where that is less."""
    canvas = Canvas(options)
    for report in diff.reports:
        canvas.blank()
        _draw_target(canvas, report)
    for label, names in (("new target", diff.added), ("removed target", diff.removed)):
        if names:
            canvas.blank()
            canvas.paragraph(canvas.prose(f"{plural(len(names), label)}: {', '.join(names)}"))
    for error in diff.errors:
        canvas.blank()
        canvas.paragraph(canvas.prose(f"`{error.name}` could not be checked: {'; '.join(error.problems)}", "bold red"))
    return canvas.finished()


def draw_changed_findings(diff: ReportDiff, options: RenderOptions) -> str:
    """Return the new and fixed findings, and those that are no longer checked, without the rest."""
    canvas = Canvas(options)
    _draw_findings(canvas, diff)
    return canvas.finished()


def _draw_target(canvas: Canvas, diff: ReportDiff) -> None:
    _draw_header(canvas, diff)
    _draw_findings(canvas, diff)
    if canvas.verbose >= 0:
        _draw_components(canvas, diff)
        _draw_not_run(canvas, "Checks no longer run", diff.not_run)
        _draw_not_run(canvas, "Checks run again", diff.not_run_before)
        _draw_stages(canvas, diff)


def _draw_header(canvas: Canvas, diff: ReportDiff) -> None:
    name = diff.name or diff.after.target
    style = "bold red" if diff.new or diff.severities else "bold"
    canvas.paragraph(canvas.prose(f"{clean(name)}: {rows.summary(diff)}", style))
    for label, report in (("before", diff.before_report), ("after", diff.after_report)):
        verdict = f"{WORDS[report.verdict]}: {'; '.join(parts_of(report))}"
        canvas.paragraph(canvas.prose(verdict, "dim"), first=f"  {label:<8}")
    if not diff.same_target:
        sentence = f"The targets differ: `{diff.before.target}` and `{diff.after.target}`."
        canvas.paragraph(canvas.prose(sentence), first="  ")


def _draw_findings(canvas: Canvas, diff: ReportDiff) -> None:
    if diff.new:
        canvas.heading("New")
        findings.draw(canvas, _with_findings(diff.after_report, diff.new))
    _draw_list(canvas, "Fixed", [(finding, "") for finding in diff.fixed])
    _draw_list(canvas, "No longer checked", [(unchecked.finding, unchecked.reason) for unchecked in diff.unchecked])
    for title, known in (("Known", diff.known), ("Known before", diff.known_before)):
        _draw_list(canvas, title, [(suppressed.finding, suppressed.reason) for suppressed in known])
    changes = [
        (change.finding, f"was {change.before.value}, is {change.finding.severity.value}") for change in diff.severities
    ]
    _draw_list(canvas, "Severity changed", changes)


def _with_findings(report: Report, new: Sequence[Finding]) -> Report:
    return report.model_copy(update={"findings": tuple(new), "blocked": (), "impacts": ()})


def _draw_list(canvas: Canvas, title: str, entries: Sequence[tuple[Finding, str]]) -> None:
    """Draw one paragraph for each finding, with a note."""
    if not entries:
        return
    canvas.heading(title)
    shown, left = split_at_limit(entries, canvas.limit(_MAX_ENTRIES))
    for finding, note in entries[:shown]:
        message = f"{finding.message}: {note}" if note else finding.message
        canvas.paragraph(canvas.prose(message), first=f"  {canvas.name(finding.code)} ", rest="    ")
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def _draw_components(canvas: Canvas, diff: ReportDiff) -> None:
    missing = rows.not_started(diff)
    if missing:
        canvas.blank()
        canvas.paragraph(canvas.prose(missing))
    changes = rows.change_rows(diff, lines=canvas.verbose > 0)
    moved = 0 if canvas.verbose > 0 else rows.moved_lines(diff)
    if not changes and not moved:
        return
    canvas.heading("Components")
    shown, left = split_at_limit(changes, canvas.limit(_MAX_CHANGES))
    if shown:
        cells = [[(canvas.name(cell), "") for cell in row] for row in changes[:shown]]
        grid.draw(canvas, _CHANGE_COLUMNS, cells)
    if left:
        canvas.paragraph(canvas.more(left), first="  ")
    if moved:
        are = "is" if moved == 1 else "are"
        sentence = f"{plural(moved, 'component')} {are} set at another line of the same function; -v lists them"
        canvas.paragraph(canvas.prose(sentence, "dim"), first="  ")


def _draw_not_run(canvas: Canvas, title: str, entries: Sequence[NotRun]) -> None:
    if not entries:
        return
    canvas.heading(title)
    shown, left = split_at_limit(entries, canvas.limit(_MAX_ENTRIES))
    for entry in entries[:shown]:
        about = " ".join(filter(None, (entry.code, entry.component and f"`{entry.component}`", entry.subject)))
        canvas.paragraph(canvas.prose(f"{about}: {entry.reason}"), first="  ", rest="    ")
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def _draw_stages(canvas: Canvas, diff: ReportDiff) -> None:
    if not diff.stages:
        return
    canvas.heading("Time")
    grid.draw(canvas, _STAGE_COLUMNS, [[(cell, "") for cell in row] for row in rows.stage_rows(diff)])
    canvas.paragraph(canvas.prose("Times of a single run each: small differences may be noise.", "dim"), first="  ")

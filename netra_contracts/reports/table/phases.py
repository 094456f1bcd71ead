"""The phases in order, with the statuses of their contracts."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import PhaseReport, Report, Verdict
from netra_contracts.reports.labels import counts_of
from netra_contracts.reports.table import grid
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration

_STATUS = {
    "passed": ("passed", "green"),
    "failed": ("failed", "red"),
    "blocked": ("blocked", "yellow"),
    "not_run": ("not run", "yellow"),
    "empty": ("nothing to check", "dim"),
}
_COLUMNS = (
    grid.Column("phase"),
    grid.Column("status"),
    grid.Column("contracts", min_width=8),
    grid.Column("took", right=True),
)


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the phases. Without contracts, name the command that writes some."""
    if report.phases:
        canvas.heading("Phases")
        grid.draw(canvas, _COLUMNS, [_row(canvas, phase) for phase in _used(report.phases)])
    declared = report.summary.contracts or report.summary.later_contracts
    if not declared and report.clients is None and report.verdict is not Verdict.NOT_STARTED:
        canvas.blank()
        canvas.paragraph(
            canvas.prose("No contracts declared: `netra-contracts init` writes contracts for the components found.")
        )


def _used(phases: Sequence[PhaseReport]) -> Sequence[PhaseReport]:
    """All phases; the last one only if no other is marked and nothing names another."""
    *earlier, last = phases
    return phases if any(phase.marked or phase.status != "empty" for phase in earlier) else [last]


def _row(canvas: Canvas, phase: PhaseReport) -> list[grid.Cell]:
    word, style = _STATUS[phase.status]
    if phase.known:
        word, style = f"{word} (known)", "yellow"
    return [
        (phase.name.value, ""),
        (canvas.glyphs.icons.get(phase.status, "") + word, style),
        (", ".join(counts_of(phase)), ""),
        (duration(phase.ms) if phase.ms is not None else "", ""),
    ]

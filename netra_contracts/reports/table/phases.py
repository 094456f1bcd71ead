"""The phases, in their order: what became of the contracts of each."""

from __future__ import annotations

from netra_contracts.model.report import PhaseReport, Report, Verdict
from netra_contracts.reports.table import grid
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration, plural

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
    grid.Column("contracts", floor=8),
    grid.Column("took", right=True),
)


def draw(page: Canvas, report: Report) -> None:
    """Draw the phases; without contracts, say how to come by some."""
    if report.phases:
        page.heading("Phases")
        grid.draw(page, _COLUMNS, [_row(page, phase) for phase in report.phases])
    if not report.summary.contracts and report.clients is None and report.verdict is not Verdict.NOT_STARTED:
        page.blank()
        page.paragraph(page.prose("No contracts yet: `netra-contracts init` writes contracts for what was seen."))


def _row(page: Canvas, phase: PhaseReport) -> list[grid.Cell]:
    word, style = _STATUS[phase.status]
    return [
        (phase.name.value, ""),
        (page.glyphs.signs.get(phase.status, "") + word, style),
        (_counts(phase), ""),
        (duration(phase.ms) if phase.ms is not None else "", ""),
    ]


def _counts(phase: PhaseReport) -> str:
    counts = [(phase.held, "held"), (phase.broken, "broken"), (phase.blocked, "blocked"), (phase.not_run, "not run")]
    parts = [f"{count:,} {word}" for count, word in counts if count]
    if phase.checks:
        parts.append(plural(phase.checks, "check"))
    return ", ".join(parts)

"""The end of a report: checks not run, output of the target, and where the codes are explained."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from netra_contracts.model.finding import Finding
from netra_contracts.model.report import NOT_RUN, Report
from netra_contracts.reports.grouping import merge_not_run
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import limited, listed, plural

_MAX_NOT_RUN = 20
_MAX_OUTPUT_LINES = 40
_MAX_LINE_LENGTH = 400
_NORMAL_OUTCOMES = ("ok", "unsupported", "skipped")


def draw_not_run(canvas: Canvas, report: Report) -> None:
    """Draw the checks that could not run, with the reasons; with `-q`, only those that fail the run."""
    not_run = report.not_run
    if canvas.verbose < 0:
        not_run = tuple(entry for entry in not_run if entry.required and NOT_RUN in report.failed_by)
    if not not_run:
        return
    canvas.heading("Not run")
    entries = merge_not_run(not_run)
    shown, left = split_at_limit(entries, canvas.limit(_MAX_NOT_RUN))
    for entry in entries[:shown]:
        canvas.paragraph(canvas.prose(entry), first="  ", rest="    ")
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def draw_output(canvas: Canvas, report: Report) -> None:
    """Draw the last lines that the target printed, if a stage did not succeed or with `-v`."""
    succeeded = (
        all(stage.outcome in _NORMAL_OUTCOMES for stage in report.startup.stages)
        and report.startup.outcome in _NORMAL_OUTCOMES
    )
    if not report.output or (succeeded and canvas.verbose <= 0):
        return
    lines = report.output[-canvas.limit(_MAX_OUTPUT_LINES) :]
    last = f"last {plural(len(lines), 'line')}" if len(lines) < len(report.output) else plural(len(lines), "line")
    canvas.heading(f"Output of the target ({last})")
    gutter = Text(f"  {canvas.glyphs.gutter} ", style="dim")
    for line in lines:
        shown = limited(canvas.printed(line), _MAX_LINE_LENGTH, f" {canvas.glyphs.ellipsis} ")
        canvas.paragraph(Text(shown or " "), first=gutter, rest=gutter)


def draw_pointer(canvas: Canvas, report: Report) -> None:
    """Draw the command that explains the codes of a report."""
    draw_command(canvas, report.findings)


def draw_command(canvas: Canvas, findings: Sequence[Finding]) -> None:
    """Draw the command that explains the codes of findings."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    if not codes:
        return
    command = f"`netra-contracts explain {codes[0] if len(codes) == 1 else 'CODE'}`"
    about = f" {listed(codes)}" if len(codes) > 1 else " this finding"
    canvas.blank()
    canvas.paragraph(canvas.prose(f"{command} explains{about}."))

"""What comes last: what was not run, remarks, what the target printed, and where to read more."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from netra_contracts.model.finding import NotRun
from netra_contracts.model.report import Report
from netra_contracts.reports.table.canvas import Canvas, shown_and_left
from netra_contracts.reports.wording import limited, listed, plural

_MOST_NOT_RUN = 20
_MOST_NOTES = 10
_LINES_OF_OUTPUT = 40
_LONGEST_LINE = 400
_MOST_CODES = 5
_WELL = ("ok", "unsupported", "skipped")


def draw_not_run(page: Canvas, report: Report) -> None:
    """What could not be checked, and why: it is not passed."""
    if not report.not_run:
        return
    page.heading("Not run")
    entries = _together(report.not_run)
    shown, left = shown_and_left(entries, page.most(_MOST_NOT_RUN))
    for entry in entries[:shown]:
        page.paragraph(page.prose(entry), first="  ", rest="    ")
    if left:
        page.paragraph(page.more(left), first="  ")


def _together(not_run: Sequence[NotRun]) -> list[str]:
    """A line for each reason and component, with all the codes it holds for."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for entry in not_run:
        found.setdefault((entry.component, entry.subject, entry.reason), []).append(entry.code)
    return [
        f"{', '.join(dict.fromkeys(codes))}{f' `{component}`' if component else ''}"
        f"{f' ({subject})' if subject else ''}: {reason}"
        for (component, subject, reason), codes in found.items()
    ]


def draw_notes(page: Canvas, report: Report) -> None:
    """Remarks on the run as a whole."""
    if not report.notes:
        return
    page.blank()
    shown, left = shown_and_left(report.notes, page.most(_MOST_NOTES))
    for note in report.notes[:shown]:
        page.paragraph(page.prose(note), first=Text("note: ", style="bold"), rest="  ")
    if left:
        page.paragraph(page.more(left))


def draw_output(page: Canvas, report: Report) -> None:
    """The last lines that the target printed, where its life did not go well, and with `-v`."""
    well = all(stage.outcome in _WELL for stage in report.startup.stages) and report.startup.outcome in _WELL
    if not report.output or (well and page.verbose <= 0):
        return
    lines = report.output[-page.most(_LINES_OF_OUTPUT) :]
    last = f"last {plural(len(lines), 'line')}" if len(lines) < len(report.output) else plural(len(lines), "line")
    page.heading(f"The target printed ({last})")
    gutter = Text(f"  {page.glyphs.gutter} ", style="dim")
    for line in lines:
        shown = limited(page.printed(line), _LONGEST_LINE, f" {page.glyphs.ellipsis} ")
        page.paragraph(Text(shown or " "), first=gutter, rest=gutter)


def draw_pointer(page: Canvas, report: Report) -> None:
    """Where the codes are explained."""
    codes = list(dict.fromkeys(finding.code for finding in report.findings))
    if not codes:
        return
    about = codes[:_MOST_CODES]
    told = f"tells more about {listed(about)}" if len(codes) > 1 else "tells more"
    page.blank()
    page.paragraph(page.prose(f"`netra-contracts explain {codes[0] if len(codes) == 1 else 'CODE'}` {told}."))

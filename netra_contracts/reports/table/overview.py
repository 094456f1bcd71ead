"""The targets of a run of several: one row for each, those that did not pass in full below."""

from __future__ import annotations

from rich.text import Text

from netra_contracts.model.report import Summary, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports.headline import NOT_CHECKED, format_broken, headline_of_run
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration, listed, plural

_COLUMNS = (
    grid.Column("target", truncate=truncation.middle_cut, min_width=8, shrink_order=1),
    grid.Column("result", min_width=6, shrink_order=2),
    grid.Column("errors", right=True),
    grid.Column("warnings", right=True),
    grid.Column("contracts", min_width=6, shrink_order=0),
    grid.Column("took", right=True),
)
#: The least number of targets with one finding that is listed with their names, and the most names and findings listed.
_MIN_COMMON, _MAX_NAMES, _MAX_COMMON = 3, 5, 5
#: How many columns are drawn, by the least width of the report.
_COLUMNS_THAT_FIT = ((66, 6), (50, 4), (0, 3))
#: What the row of a target says, its icon, and its style.
_RESULTS = {
    Verdict.PASSED: ("passed", "passed", "green"),
    Verdict.FAILED: ("failed", "failed", "red"),
    Verdict.NOT_STARTED: ("could not start", "failed", "red"),
}


def draw(canvas: Canvas, run: RunReport) -> None:
    """Draw the verdict on the run and a row for each target; with `-q`, only for those that did not pass."""
    verdict, _, counts = headline_of_run(run).partition("  ")
    first = Text.assemble((verdict, "bold red" if run.exit_code else "bold green"), "  ")
    canvas.paragraph(canvas.prose(counts), first=first, rest="  ")
    rows = [_row(canvas, named) for named in run.reports if canvas.verbose >= 0 or named.report.exit_code]
    rows += [_error_row(canvas, error) for error in run.errors]
    if rows:
        canvas.blank()
        kept = next(count for width, count in _COLUMNS_THAT_FIT if canvas.width >= width)
        grid.draw(canvas, _COLUMNS[:kept], [row[:kept] for row in rows])


def _row(canvas: Canvas, named: NamedReport) -> list[grid.Cell]:
    report = named.report
    word, icon, style = _RESULTS[report.verdict]
    took = report.startup.took_ms
    return [
        (canvas.name(named.title), ""),
        (canvas.glyphs.icons.get(icon, "") + word, style),
        (_count(report.summary.errors), "red"),
        (_count(report.summary.warnings), "yellow"),
        (_contracts(report.summary), ""),
        ("" if took is None else duration(took), "dim"),
    ]


def _error_row(canvas: Canvas, error: TargetError) -> list[grid.Cell]:
    result = (canvas.glyphs.icons.get("failed", "") + NOT_CHECKED.lower(), "red")
    return [(canvas.name(error.name), ""), result, *[("", "")] * (len(_COLUMNS) - 2)]


def _count(count: int) -> str:
    return f"{count:,}" if count else ""


def _contracts(summary: Summary) -> str:
    counts = [
        (summary.broken, format_broken(summary.broken, summary.known_broken)),
        (summary.blocked, f"{summary.blocked:,} blocked"),
        (summary.contracts_not_run, f"{summary.contracts_not_run:,} not run"),
        (summary.held, f"{summary.held:,} held"),
    ]
    return ", ".join(text for count, text in counts if count)


def draw_common(canvas: Canvas, run: RunReport) -> None:
    """Draw the findings that several targets have, the most frequent first: one cause may explain all of them."""
    names: dict[tuple[str, str], list[str]] = {}
    for named in run.reports:
        roots = [finding for finding in named.report.findings if named.report.exit_code and not finding.caused_by]
        for key in dict.fromkeys((finding.code, finding.message) for finding in roots):
            names.setdefault(key, []).append(named.title)
    common = [(key, of) for key, of in names.items() if len(of) >= _MIN_COMMON]
    if not common:
        return
    canvas.heading("In several targets")
    for (code, message), of in sorted(common, key=lambda entry: -len(entry[1]))[:_MAX_COMMON]:
        left = [f"{len(of) - _MAX_NAMES:,} more"] if len(of) > _MAX_NAMES + 1 else []
        shown = listed([*(of[:_MAX_NAMES] if left else of), *left])
        canvas.paragraph(canvas.prose(f"{message}: {shown}"), first=Text(f"  {canvas.name(code)}  "), rest="    ")


def draw_heading(canvas: Canvas, name: str) -> None:
    """Draw the name of a target above what is said about it."""
    canvas.heading(canvas.cut(truncation.middle_cut, canvas.name(name), canvas.width - 6))


def draw_error(canvas: Canvas, error: TargetError) -> None:
    """Draw why a target could not be checked."""
    draw_heading(canvas, error.name)
    for problem in error.problems:
        label = Text(f"{NOT_CHECKED}  ", style="bold red")
        canvas.paragraph(canvas.prose(problem), first=label, rest="  ")


def draw_hidden(canvas: Canvas, run: RunReport) -> None:
    """Draw how many warnings are not shown, of targets that passed."""
    hidden = sum(named.report.summary.warnings for named in run.reports if not named.report.exit_code)
    if hidden:
        canvas.blank()
        canvas.paragraph(canvas.prose(f"{plural(hidden, 'warning')} in targets that passed: `-v` shows them."))

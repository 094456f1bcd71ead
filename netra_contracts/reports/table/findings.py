"""The findings, laid out as compiler errors are: message, location, causes, impact, help, consequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

from rich.text import Text

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding
from netra_contracts.model.report import Report
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.protocol.stages import StageName
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.table import impacts, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.table.finding_details import STYLES, LabelledRows, draw_calls, draw_causes, draw_stacks

_MAX_FINDINGS = 50
_MAX_CONSEQUENCES = 8
_MAX_BLOCKERS = 10


def draw(canvas: Canvas, report: Report) -> None:
    """Draw each root cause with its consequences, then the blocked contracts that no finding explains."""
    drawn: set[tuple[str, int, int]] = set()
    listed = {impact.text for impact in impacts.shown(canvas, report)}
    roots, unexplained = group_by_root(report.findings, report.blocked)
    shown, left = split_at_limit(roots, canvas.limit(_MAX_FINDINGS))
    for root in roots[:shown]:
        canvas.blank()
        _draw_root(canvas, root, report.startup.stages, drawn, listed)
    if left:
        hidden = [finding for root in roots[shown:] for finding in (root.finding, *root.consequences)]
        canvas.blank()
        canvas.paragraph(canvas.more(left, _codes(canvas, hidden)))
    known = {entry.finding.component for entry in report.suppressed} - {
        finding.component for finding in report.findings
    }
    _draw_unexplained(canvas, unexplained, known)


def _draw_root(
    canvas: Canvas,
    root: FindingGroup,
    stages: Sequence[StageReport],
    drawn: set[tuple[str, int, int]],
    listed: Collection[str],
) -> None:
    finding = root.finding
    _draw_message(canvas, finding)
    rows = LabelledRows(canvas, finding, drawn)
    _draw_location(canvas, rows, finding)
    # A note needs no action: its location is enough without `-v`.
    if finding.severity is not Severity.NOTE or canvas.verbose > 0:
        draw_calls(canvas, rows, finding)
        draw_causes(canvas, rows, finding.causes, stages)
        draw_stacks(canvas, rows, finding.stacks)
        if finding.impact not in listed:  # else it is drawn below the findings
            rows.sentence("impact", finding.impact)
        rows.sentence("help", finding.hint)
        rows.sentence("docs", finding.docs)
    _draw_consequences(canvas, rows, root.consequences)
    if root.blocked:
        rows.line("blocks", _names(canvas, root.blocked, rows.available))


def _label(canvas: Canvas, finding: Finding) -> Text:
    """Return `error[NC303] `. Codes of plugins may have any length, so they are truncated."""
    code = canvas.cut(truncation.end_cut, canvas.name(finding.code), canvas.width // 4)
    return Text.assemble((finding.severity.value, STYLES[finding.severity]), (f"[{code}] ", "bold"))


def _draw_message(canvas: Canvas, finding: Finding) -> None:
    canvas.paragraph(canvas.prose(finding.message, "bold"), first=_label(canvas, finding))


def _draw_location(canvas: Canvas, rows: LabelledRows, finding: Finding) -> None:
    arrow = rows.arrow()
    phase = f"{finding.phase.value} phase" if finding.phase else ""
    if finding.location is not None:
        note = f" ({phase})" if phase else ""
        canvas.line(arrow, canvas.source_line(finding.location, canvas.width - arrow.cell_len, note))
        if finding.severity is not Severity.NOTE or canvas.verbose > 0:
            rows.source(finding.location, finding.source, mark="^")
    elif phase:
        canvas.line(arrow, (phase, "dim"))


def _draw_consequences(canvas: Canvas, rows: LabelledRows, consequences: Sequence[Finding]) -> None:
    """Draw the consequences, one line each; a single one, and all with `-v`, wrapped."""
    shown, left = split_at_limit(consequences, canvas.limit(_MAX_CONSEQUENCES))
    for finding in consequences[:shown]:
        consequence = _label(canvas, finding).append_text(canvas.prose(finding.message))
        if canvas.verbose > 0 or len(consequences) == 1:
            rows.text("then", consequence)
        else:
            rows.line("then", _one_line(canvas, consequence, rows.available))
    if left:
        rows.text("then", canvas.more(left, _codes(canvas, consequences[shown:])))


def _one_line(canvas: Canvas, text: Text, available: int) -> Text:
    """Return a text truncated to one line, with its styles."""
    if text.cell_len <= available:
        return text
    kept = canvas.cut(truncation.end_cut, text.plain, available)
    return text[: len(kept) - len(canvas.glyphs.ellipsis)].append(canvas.glyphs.ellipsis)


def _names(canvas: Canvas, blocked: Sequence[Blocked], available: int) -> str:
    """Return as many names as fit in one line, and the number of the others."""
    names = [canvas.name(entry.component) for entry in blocked]
    fitting = ""
    for count in range(1, len(names) + 1):
        left = len(names) - count
        longer = ", ".join(names[:count]) + (f" and {left:,} more" if left else "")
        if not truncation.fits(longer, available):
            break
        fitting = longer
    return fitting or canvas.cut(
        truncation.middle_cut, names[0] if len(names) == 1 else f"{len(names):,} contracts", available
    )


def _draw_unexplained(canvas: Canvas, unexplained: Mapping[str, Sequence[Blocked]], known: Collection[str]) -> None:
    """Draw one line for each blocker that is not a finding here: a stage, or one that is suppressed or not selected."""
    if unexplained:
        canvas.blank()
    shown, left = split_at_limit(list(unexplained), canvas.limit(_MAX_BLOCKERS))
    for by, blocked in list(unexplained.items())[:shown]:
        first = _blocked_by(canvas, by, known)
        canvas.line(first, _names(canvas, blocked, canvas.prose_width - first.cell_len))
    if left:
        canvas.paragraph(canvas.more(left))


def _blocked_by(canvas: Canvas, by: str, known: Collection[str]) -> Text:
    if by in get_args(StageName):
        return Text.assemble(("not checked", "bold"), f" ({by} failed): ")
    name = canvas.cut(truncation.middle_cut, canvas.name(by), canvas.prose_width // 3)
    return Text.assemble(
        ("blocked", "bold"), " by ", (f"`{name}`", "cyan"), " (a known finding): " if by in known else ": "
    )


def _codes(canvas: Canvas, findings: Iterable[Finding]) -> str:
    """Return `2 x NC201, 1 x NC303`."""
    counts = Counter(canvas.name(finding.code) for finding in findings)
    return ", ".join(f"{count:,} x {code}" for code, count in sorted(counts.items()))

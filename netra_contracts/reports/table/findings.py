"""What is wrong, in the manner of a good compiler: what, where, why, what is lost, what to do, what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from rich.text import Text

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding
from netra_contracts.model.report import Report
from netra_contracts.protocol.stages import StageName
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas, shown_and_left
from netra_contracts.reports.table.finding_details import LabelledRows, draw_causes, draw_stacks
from netra_contracts.reports.table.grouping import FindingGroup, group_by_root

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_ARROW = "  --> "

_MOST_FINDINGS = 50
_MOST_CONSEQUENCES = 8
_MOST_BLOCKERS = 10


def draw(page: Canvas, report: Report) -> None:
    """Draw each root with its consequences, then the contracts that something else blocks."""
    roots, unexplained = group_by_root(report.findings, report.blocked)
    shown, left = shown_and_left(roots, page.most(_MOST_FINDINGS))
    for root in roots[:shown]:
        page.blank()
        _draw_root(page, root)
    if left:
        hidden = [finding for root in roots[shown:] for finding in (root.finding, *root.consequences)]
        page.blank()
        page.paragraph(page.more(left, _codes(page, hidden)))
    _draw_unexplained(page, unexplained)


def _draw_root(page: Canvas, root: FindingGroup) -> None:
    finding = root.finding
    _headline(page, finding)
    _place(page, finding)
    rows = LabelledRows(page)
    # A note needs no action: its place says enough for a first look.
    if finding.severity is not Severity.NOTE or page.verbose > 0:
        draw_causes(page, rows, finding.causes)
        draw_stacks(page, rows, finding.stacks)
        rows.sentence("impact", finding.impact)
        rows.sentence("help", finding.hint)
        rows.sentence("docs", finding.docs)
    _then(page, rows, root.consequences)
    if root.blocked:
        rows.line("blocks", _names(page, root.blocked, rows.room))


def _label(page: Canvas, finding: Finding) -> Text:
    """`error[NC303] `: codes of plugins may be of any length."""
    code = page.cut(truncation.end_cut, page.name(finding.code), page.width // 4)
    return Text.assemble((finding.severity.value, _STYLES[finding.severity]), (f"[{code}] ", "bold"))


def _headline(page: Canvas, finding: Finding) -> None:
    page.paragraph(page.prose(finding.message, "bold"), first=_label(page, finding))


def _place(page: Canvas, finding: Finding) -> None:
    phase = f"{finding.phase.value} phase" if finding.phase else ""
    if finding.location is not None:
        note = f" ({phase})" if phase else ""
        page.line((_ARROW, "blue"), page.place(finding.location, page.width - len(_ARROW), note))
    elif phase:
        page.line((_ARROW, "blue"), (phase, "dim"))


def _then(page: Canvas, rows: LabelledRows, consequences: Sequence[Finding]) -> None:
    """What follows, each in one line; with `-v` in as many as it takes."""
    shown, left = shown_and_left(consequences, page.most(_MOST_CONSEQUENCES))
    for finding in consequences[:shown]:
        told = _label(page, finding).append_text(page.prose(finding.message))
        if page.verbose > 0:
            rows.text("then", told)
        else:
            rows.line("then", _one_line(page, told, rows.room))
    if left:
        rows.text("then", page.more(left, _codes(page, consequences[shown:])))


def _one_line(page: Canvas, text: Text, room: int) -> Text:
    """A text cut to one line, its styles kept."""
    if text.cell_len <= room:
        return text
    kept = page.cut(truncation.end_cut, text.plain, room)
    return text[: len(kept) - len(page.glyphs.ellipsis)].append(page.glyphs.ellipsis)


def _names(page: Canvas, blocked: Sequence[Blocked], room: int) -> str:
    """As many names as one line holds, and how many more there are."""
    names = [page.name(entry.component) for entry in blocked]
    told = ""
    for count in range(1, len(names) + 1):
        left = len(names) - count
        longer = ", ".join(names[:count]) + (f" and {left:,} more" if left else "")
        if not truncation.fits(longer, room):
            break
        told = longer
    return told or page.cut(truncation.middle_cut, names[0] if len(names) == 1 else f"{len(names):,} contracts", room)


def _draw_unexplained(page: Canvas, unexplained: Mapping[str, Sequence[Blocked]]) -> None:
    """One line for each thing that blocks contracts and is no finding here: a stage, or what was not selected."""
    if unexplained:
        page.blank()
    shown, left = shown_and_left(list(unexplained), page.most(_MOST_BLOCKERS))
    for by, blocked in list(unexplained.items())[:shown]:
        first = _blocked_by(page, by)
        page.line(first, _names(page, blocked, page.prose_width - first.cell_len))
    if left:
        page.paragraph(page.more(left))


def _blocked_by(page: Canvas, by: str) -> Text:
    if by in get_args(StageName):
        return Text.assemble(("not judged", "bold"), f", since {by} ended too early: ")
    name = page.cut(truncation.middle_cut, page.name(by), page.prose_width // 3)
    return Text.assemble(("blocked", "bold"), " by ", (f"`{name}`", "cyan"), ": ")


def _codes(page: Canvas, findings: Iterable[Finding]) -> str:
    """`2 x NC201, 1 x NC303`."""
    counts = Counter(page.name(finding.code) for finding in findings)
    return ", ".join(f"{count:,} x {code}" for code, count in sorted(counts.items()))

"""The components: what the state holds, since when, from which line, and whether its contract holds."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import ComponentReport, Report, Verdict
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas, shown_and_left
from netra_contracts.reports.wording import moment, plural

_MOST = 30
_STATUS = {
    "held": ("held", "green"),
    "broken": ("broken", "red"),
    "blocked": ("blocked", "yellow"),
    "not_run": ("not run", "yellow"),
    "unchecked": ("-", "dim"),
}
#: What is left out last when there is no room for all.
_IMPORTANCE = ("broken", "not_run", "blocked", "held", "unchecked")
_COLUMNS = (
    grid.Column("component", truncation.middle_cut, floor=16, gives_way=2),
    grid.Column("type", truncation.type_cut, floor=12, gives_way=1),
    grid.Column("set at", right=True),
    grid.Column("where", truncation.path_cut, floor=15, gives_way=0),
    grid.Column("writes", right=True),
    grid.Column("contract"),
)


def draw(page: Canvas, report: Report) -> None:
    """Draw the components in the order they were set; of too many, those with something to say.

    Where the target came to set none, there are only those it was to set, and the findings name them.
    """
    components = report.components
    if not components or (report.verdict is Verdict.NOT_STARTED and not report.summary.components):
        return
    page.heading(plural(len(components), "component").capitalize())
    shown, left = shown_and_left(components, page.most(_MOST))
    declared = bool(report.summary.contracts)
    grid.draw(page, _COLUMNS, [_row(page, component, declared) for component in _important(components, shown)])
    if left:
        page.paragraph(page.more(left), first="  ")


def _important(components: Sequence[ComponentReport], count: int) -> list[ComponentReport]:
    ranked = sorted(range(len(components)), key=lambda position: _IMPORTANCE.index(components[position].status))
    return [components[position] for position in sorted(ranked[:count])]


def _row(page: Canvas, component: ComponentReport, declared: bool) -> list[grid.Cell]:
    status, style = _STATUS[component.status] if declared else ("", "")
    return [
        (page.name(component.address), "bold" if component.status == "broken" else ""),
        _type(page, component),
        (moment(component.set_ms) if component.set_ms is not None else "", ""),
        (page.path(component.location) if component.location else "", "blue"),
        (f"{component.writes:,}" if page.verbose > 0 else "", ""),
        (status, style),
    ]


def _type(page: Canvas, component: ComponentReport) -> grid.Cell:
    if not component.present:
        return "not set", "yellow"
    if component.is_none:
        return "None", "yellow"
    return page.type_name(component.type or "unknown"), ""

"""The components of the state: type, time and line of the first write, and status of the contract."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import ComponentReport, Report, Verdict
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import in_stage, plural, read_places

_MAX_COMPONENTS = 30
_MAX_CREATED = 5
#: Columns of a table that has one for the places that read a component; below it, narrower ones have a sentence each.
_WITH_READS = 100
_STATUS = {
    "held": ("held", "green"),
    "broken": ("broken", "red"),
    "blocked": ("blocked", "yellow"),
    "not_run": ("not run", "yellow"),
    "unchecked": ("-", "dim"),
}
#: The order in which components are kept when there are too many.
_IMPORTANCE = ("broken", "not_run", "blocked", "held", "unchecked")
_COLUMNS = (
    grid.Column("component", truncation.middle_cut, min_width=16, shrink_order=2),
    grid.Column("type", truncation.type_cut, min_width=12, shrink_order=1, brief=truncation.class_name),
    grid.Column("set", right=True),
    grid.Column("where", truncation.path_cut, min_width=15, shrink_order=0),
    grid.Column("writes", right=True),
    grid.Column("read"),
    grid.Column("contract"),
)


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the components in the order they were set. If there are too many, those with findings come first.

    Nothing is drawn for a target that set no component: the findings name the missing ones.
    """
    components = report.components
    if not components or (report.verdict is Verdict.NOT_STARTED and not report.summary.components):
        return
    canvas.heading(plural(len(components), "component").capitalize())
    shown, left = split_at_limit(components, canvas.limit(_MAX_COMPONENTS))
    declared, stages = bool(report.summary.contracts), report.startup.stages
    rows = [_row(canvas, component, stages, declared=declared) for component in _important(components, shown)]
    grid.draw(canvas, _COLUMNS, rows)
    if left:
        canvas.paragraph(canvas.more(left), first="  ")
    _draw_created(canvas, components)
    if canvas.verbose > 0 and canvas.width < _WITH_READS:
        _draw_reads(canvas, _important(components, shown))


def _draw_created(canvas: Canvas, components: Sequence[ComponentReport]) -> None:
    """Draw a sentence about what did not exist before the tool called a provider, or asked a container."""
    created = [f"`{component.address}`" for component in components if component.created_by_call]
    if created:
        shown, left = split_at_limit(created, canvas.limit(_MAX_CREATED))
        names = ", ".join(created[:shown]) + (f" and {left} more" if left else "")
        sentence = f"Created when the tool asked for it, since nothing had done so during startup: {names}"
        canvas.paragraph(canvas.prose(sentence), first="  ", rest="    ")


def _draw_reads(canvas: Canvas, components: Sequence[ComponentReport]) -> None:
    """Draw a sentence for each component that is read, and one for the others."""
    for component in components:
        if component.read_places:
            canvas.paragraph(canvas.prose(f"`{component.address}` is read {_read(component)}"), first="  ", rest="    ")
    unread = [f"`{component.address}`" for component in components if component.read_places == 0]
    if unread:
        canvas.paragraph(canvas.prose(f"Read nowhere: {', '.join(unread)}"), first="  ", rest="    ")


def _important(components: Sequence[ComponentReport], count: int) -> list[ComponentReport]:
    ranked = sorted(range(len(components)), key=lambda position: _IMPORTANCE.index(components[position].status))
    return [components[position] for position in sorted(ranked[:count])]


def _row(
    canvas: Canvas, component: ComponentReport, stages: Sequence[StageReport], *, declared: bool
) -> list[grid.Cell]:
    status, style = _STATUS[component.status] if declared else ("", "")
    if declared and component.known:
        status, style = f"{status} (known)", "yellow"
    if component.presence_only and component.status == "held" and canvas.verbose > 0:
        status = "held: presence only"
    return [
        (canvas.name(component.address), "bold" if component.status == "broken" and not component.known else ""),
        _type(canvas, component),
        (in_stage(component.set_ms, stages) if component.set_ms is not None else "", ""),
        (canvas.path(component.location) if component.location else "", "blue"),
        (f"{component.writes:,}" if canvas.verbose > 0 else "", ""),
        (_read(component) if canvas.verbose > 0 and canvas.width >= _WITH_READS else "", ""),
        (status, style),
    ]


def _read(component: ComponentReport) -> str:
    """`in 14 places, 2 guarded`; empty if this is not known."""
    if component.read_places is None:
        return ""
    return read_places(component.read_places, component.guarded_places or 0).removeprefix("read ")


def _type(canvas: Canvas, component: ComponentReport) -> grid.Cell:
    if not component.present:
        return "not set", "yellow"
    if component.is_none:
        return "None", "yellow"
    return canvas.type_name(component.type or "unknown"), ""

"""The lists as a table: each component with its counts, or each line of one component."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from netra_contracts.model.usage_report import ComponentUsage, UsageLine, UsageReport
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.usage import wording
from netra_contracts.reports.wording import read_places

_MAX_COMPONENTS, _MAX_LINES = 100, 20
#: Narrower than this, a component is drawn in two lines.
_MIN_GRID_WIDTH = 60
#: Columns of the table that its three columns of text need: else the lines are left out, which `--component` shows.
_MIN_TEXT_WIDTH = 44
_NAMES = (
    grid.Column("component", truncation.middle_cut, min_width=12, shrink_order=2),
    grid.Column("type", truncation.type_cut, min_width=9, shrink_order=1, brief=truncation.class_name),
)
_SET_AT = grid.Column("set at", truncation.path_cut, min_width=10, shrink_order=0)
_COUNTS = tuple(grid.Column(title, right=True) for title in ("sets", "reads", "guarded", "accessors", "dynamic"))


def render(usage: UsageReport, options: RenderOptions, component: str) -> str:
    """Return the lists as a table. No line is wider than `options.width`, or than 40 where that is less.

    Args:
        usage: the lists.
        options: with `-v`, the lines of all components follow the table.
        component: address of the only component, whose lines are all shown; empty: all components are listed.
    """
    canvas = Canvas(options)
    if component:
        for position, each in enumerate(usage.only(component).components):
            if position:
                canvas.blank()
            _draw_component(canvas, usage, each, limit=None)
        _draw_dynamic(canvas, usage, limit=None)
    else:
        canvas.paragraph(canvas.prose(f"{usage.target}: {wording.summary(usage)}", "bold"))
        _draw_list(canvas, usage)
        for each in usage.components if canvas.verbose > 0 else ():
            canvas.blank()
            _draw_component(canvas, usage, each, canvas.limit(_MAX_LINES))
        _draw_dynamic(canvas, usage, canvas.limit(_MAX_LINES))
    _draw_unread(canvas, usage)
    return canvas.finished()


def _draw_list(canvas: Canvas, usage: UsageReport) -> None:
    components = usage.components
    canvas.blank()
    if not components:
        canvas.paragraph(canvas.prose(wording.MODULE_OBJECTS))
        return
    shown, left = split_at_limit(components, canvas.limit(_MAX_COMPONENTS))
    if canvas.width < _MIN_GRID_WIDTH:
        for component in components[:shown]:
            _draw_brief(canvas, usage, component)
    else:
        _draw_grid(canvas, usage, components[:shown])
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def _draw_brief(canvas: Canvas, usage: UsageReport, component: ComponentUsage) -> None:
    canvas.paragraph(canvas.prose(f"{component.address}: {wording.type_of(component, usage)}"), rest="  ")
    canvas.paragraph(canvas.prose(wording.counts(component), "dim"), first="  ")


def _draw_grid(canvas: Canvas, usage: UsageReport, components: Sequence[ComponentUsage]) -> None:
    numbers = [_numbers(component) for component in components]
    used = [column for column, cells in zip(_COUNTS, zip(*numbers, strict=True), strict=True) if any(map(any, cells))]
    with_lines = canvas.width - sum(len(column.title) + 2 for column in used) >= _MIN_TEXT_WIDTH
    columns = [*_NAMES, *([_SET_AT] if with_lines else []), *_COUNTS]
    rows = [
        [*_names(canvas, usage, component), *([_set_at(canvas, component)] if with_lines else []), *cells]
        for component, cells in zip(components, numbers, strict=True)
    ]
    grid.draw(canvas, columns, rows)


def _names(canvas: Canvas, usage: UsageReport, component: ComponentUsage) -> list[grid.Cell]:
    kind = canvas.name(wording.type_of(component, usage))
    return [
        (canvas.name(component.address), ""),
        (kind, "" if component.present and not component.is_none else "yellow"),
    ]


def _set_at(canvas: Canvas, component: ComponentUsage) -> grid.Cell:
    first = next((line.location for line in component.writers), None)
    return (canvas.path(first) if first is not None else "", "blue")


def _numbers(component: ComponentUsage) -> list[grid.Cell]:
    return [
        (f"{len(component.writers):,}", ""),
        (f"{component.read_places:,}", ""),
        _count(component.guarded_places),
        _count(len(component.accessors)),
        _count(len(component.dynamic)),
    ]


def _count(number: int) -> grid.Cell:
    """A number that is rarely another than 0: a column without any is omitted."""
    return (f"{number:,}" if number else "", "")


def _draw_component(canvas: Canvas, usage: UsageReport, component: ComponentUsage, limit: int | None) -> None:
    """Draw the lines of one component, at most `limit` of each kind."""
    read = read_places(component.read_places, component.guarded_places)
    kind = wording.type_of(component, usage)
    canvas.paragraph(canvas.prose(f"{component.address}: {kind}, {read}", "bold"))
    for title, lines in (
        ("set at", component.writers),
        ("read at", component.readers),
        ("guarded at", component.guarded),
    ):
        _draw_lines(canvas, title, [(line.location, wording.notes(line)) for line in lines], limit)
    accessors = [
        (accessor.location, f"`{accessor.function.replace(':', '.')}` returns it") for accessor in component.accessors
    ]
    _draw_lines(canvas, "accessors", accessors, limit)
    if component.others:
        others = ", ".join(f"`{address}`" for address in component.others)
        canvas.paragraph(canvas.prose(f"These lines may also be about {others}.", "dim"), first="  ")


def _draw_lines(canvas: Canvas, title: str, lines: Sequence[tuple[Location, str]], limit: int | None) -> None:
    if not lines:
        return
    shown, left = split_at_limit(lines, len(lines) if limit is None else limit)
    if title:
        canvas.line((f"  {title}", "dim"))
    indent = "    " if title else "  "
    for location, note in lines[:shown]:
        canvas.line(indent, canvas.source_line(location, canvas.width - len(indent)))
        if note:
            canvas.paragraph(canvas.prose(note), first=f"{indent}  ")
    if left:
        canvas.paragraph(canvas.more(left), first=indent)


def _draw_dynamic(canvas: Canvas, usage: UsageReport, limit: int | None) -> None:
    sites = usage.unresolved
    if not sites:
        return
    canvas.blank()
    canvas.paragraph(canvas.prose("These lines compute the name of the entry and may be about any component:"))
    _draw_lines(canvas, "", [(site.line.location, _dynamic_note(site.line)) for site in sites], limit)


def _dynamic_note(line: UsageLine) -> str:
    return "sets an entry" if line.kind == "dynamic-write" else "reads an entry"


def _draw_unread(canvas: Canvas, usage: UsageReport) -> None:
    """Draw how many files were read, and which were not."""
    canvas.blank()
    canvas.paragraph(canvas.prose(wording.files(usage), "dim"))
    shown, left = split_at_limit(usage.unread, canvas.limit(_MAX_LINES))
    for source in usage.unread[:shown]:
        detail = f": {source.detail}" if source.detail else ""
        path = canvas.path(Location(source.file, 1)).removesuffix(":1")
        name = canvas.cut(truncation.path_cut, path, canvas.width - 2)
        canvas.line("  ", Text(name, style="blue"))
        canvas.paragraph(canvas.prose(f"not read: {wording.FAULTS[source.reason]}{detail}", "yellow"), first="    ")
    if left:
        canvas.paragraph(canvas.more(left), first="  ")
    if usage.incomplete:
        canvas.paragraph(canvas.prose(f"Not all sources were read: {usage.incomplete}.", "yellow"))

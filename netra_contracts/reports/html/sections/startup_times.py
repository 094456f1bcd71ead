"""What a startup waited for, and the imports that took longest: parts of the timeline."""

from __future__ import annotations

from netra_contracts.model.report_of_startup import AwaitReport, ImportReport
from netra_contracts.reports.html.context import TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, joined
from netra_contracts.reports.html.parts import location_text, row, table
from netra_contracts.reports.wording import duration, plural

_MAX_ROWS = 20
#: The shortest time that is worth a row, in ms.
_SHORTEST_MS = 1.0


def awaits(page: TargetPage) -> Markup | None:
    """Return the awaits of the lifespan, the longest first."""
    found = [each for each in page.report.startup.awaits if each.waited_ms >= _SHORTEST_MS]
    if not found:
        return None
    found.sort(key=lambda each: -each.waited_ms)
    rows = [_await(page, each) for each in found[:_MAX_ROWS]]
    return _part(page, "Awaits of the lifespan", ("Line", "Waited", "Waits at"), rows, len(found))


def imports(page: TargetPage) -> Markup | None:
    """Return the imports that took longest."""
    found = page.report.startup.slow_imports
    if not found:
        return None
    rows = [_import(each) for each in found[:_MAX_ROWS]]
    return _part(page, "Slowest imports", ("Module", "Took", "By itself", "Imported by"), rows, len(found))


def _part(page: TargetPage, title: str, columns: tuple[str, ...], rows: list[Markup], count: int) -> Markup:
    left = count - len(rows)
    more = element("p", f"and {left:,} more; --format json has all", class_="muted") if left else None
    return joined([heading(page.level + 1, title), table(title, columns, rows, "figures"), more])


def _await(page: TargetPage, each: AwaitReport) -> Markup:
    times: Child = element("span", f" ({plural(each.times, 'time')})", class_="muted") if each.times > 1 else None
    inside = location_text(each.inside, page.options) if each.inside is not None else None
    return row(location_text(each.location, page.options), [duration(each.waited_ms), times], inside)


def _import(each: ImportReport) -> Markup:
    own = element("span", "own", class_="muted") if each.own else None
    by = element("code", each.imported_by) if each.imported_by else None
    return row([element("code", each.module), " ", own], duration(each.ms), duration(each.self_ms), by)

"""The objects that modules of the application keep, where its state is empty."""

from __future__ import annotations

from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Markup, element
from netra_contracts.reports.html.parts import location_text, row, table
from netra_contracts.reports.labels import origin_of


def draw(page: TargetPage) -> Section | None:
    """Return the objects, those first that startup left None or changed."""
    report = page.report
    if not report.module_objects:
        return None
    rows = [_object(page, entry) for entry in report.module_objects]
    more = report.more_module_objects
    body = (
        element("p", "The state is empty: the application keeps its objects in modules and classes."),
        table("Module-level objects", ("Object", "Set by", "Where"), rows, "components"),
        element("p", f"and {more:,} more", class_="muted") if more else None,
    )
    return Section("module-objects", "Module-level objects", body, len(rows) + more)


def _object(page: TargetPage, entry: ModuleObjectReport) -> Markup:
    kind = "None" if entry.type is None else entry.type.replace(":", ".")
    name = [element("code", entry.address), element("span", kind, class_="type")]
    where = location_text(entry.location, page.options) if entry.location is not None else None
    return row(name, origin_of(entry), where)

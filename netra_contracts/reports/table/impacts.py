"""What users lose, in the words of the contracts that do not hold."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from netra_contracts.model.impact import Impact
from netra_contracts.model.report import Report
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.table.finding_details import STYLES

_MAX_IMPACTS = 10
_MAX_COMPONENTS = 3


def draw(canvas: Canvas, report: Report) -> None:
    """Draw each impact once, the most severe first, with the components that it is about."""
    if not report.impacts:
        return
    canvas.heading("What users lose")
    width = max(len(impact.severity.value) for impact in report.impacts)
    found = shown(canvas, report)
    left = len(report.impacts) - len(found)
    for impact in found:
        label = Text.assemble("  ", (impact.severity.value.ljust(width), STYLES[impact.severity]), "  ")
        canvas.paragraph(canvas.prose(impact.text).append_text(_about(canvas, impact)), first=label)
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def shown(canvas: Canvas, report: Report) -> Sequence[Impact]:
    """Return the impacts that are drawn."""
    count, _ = split_at_limit(report.impacts, canvas.limit(_MAX_IMPACTS))
    return report.impacts[:count]


def _about(canvas: Canvas, impact: Impact) -> Text:
    """Return ` (bridge, engine: NC303)`, or ` (engine: blocked)`."""
    names = [canvas.name(name) for name in impact.components[:_MAX_COMPONENTS]]
    more = len(impact.components) - len(names)
    about = ", ".join([*names, *([f"{more:,} more"] if more else [])])
    why = ", ".join(map(canvas.name, impact.codes)) or impact.status
    return Text(f" ({f'{about}: ' if about else ''}{why})", style="dim")

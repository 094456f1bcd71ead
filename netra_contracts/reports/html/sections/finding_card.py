"""One finding: message and location, and its evidence when it is opened."""

from __future__ import annotations

from netra_contracts.model.finding import Finding
from netra_contracts.reports.html.context import TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, prose
from netra_contracts.reports.html.parts import badge, location_text
from netra_contracts.reports.html.sections.evidence import details_of


def draw_card(
    page: TargetPage, finding: Finding, level: int, id_: str, more: Child = None, *, opened: bool, known: Child = None
) -> Markup:
    """Return a finding.

    Args:
        page: its target.
        finding: the finding.
        level: level of its heading.
        id_: of its element.
        more: what follows its evidence.
        opened: whether it is open when the page is loaded.
        known: why it is accepted. The filter leaves such a finding alone.
    """
    where = location_text(finding.location, page.options) if finding.location is not None else None
    phase = element("span", f"{finding.phase.value} phase", class_="muted") if finding.phase else None
    about = element("span", where, " " if where and phase else None, phase, class_="where") if where or phase else None
    link = element("a", "Link", href=f"#{id_}", class_="link", aria_label=f"Link to this {finding.code}")
    return element(
        "details",
        element("summary", _title(finding, level), known, about),
        element("div", details_of(page, finding), link, class_="body"),
        more,
        id=id_,
        class_=f"finding {finding.severity.value}",
        data_severity=None if known else finding.severity.value,
        data_code=None if known else finding.code,
        open=opened,
    )


def _title(finding: Finding, level: int) -> Markup:
    code = element("span", finding.code, class_="code")
    what = element("span", badge(finding.severity.value), " ", code, class_="what")
    return heading(level, what, " ", element("span", prose(finding.message), class_="message"))

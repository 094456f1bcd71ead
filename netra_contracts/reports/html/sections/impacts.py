"""What users lose."""

from __future__ import annotations

from collections.abc import Mapping

from netra_contracts.model.impact import Impact
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Child, Markup, element, prose
from netra_contracts.reports.html.parts import badge, items, separated


def draw(page: TargetPage) -> Section | None:
    """Return what users lose because of broken and blocked contracts, the gravest first."""
    impacts = page.report.impacts
    if not impacts:
        return None
    ids = {(finding.code, finding.component): page.id_of(finding) for finding in reversed(page.report.findings)}
    drawn = [_impact(impact, ids) for impact in impacts]
    return Section("impacts", "What users lose", items(drawn, "impacts"), len(impacts))


def _impact(impact: Impact, ids: Mapping[tuple[str, str], str]) -> list[Child]:
    names = separated(", ", [element("code", name) for name in impact.components])
    codes = separated(", ", [_code(code, impact, ids) for code in impact.codes])
    about = element("p", names, f" {impact.status}", [": ", codes] if codes else None, class_="where")
    return [badge(impact.severity.value, ""), element("div", element("p", prose(impact.text), class_="message"), about)]


def _code(code: str, impact: Impact, ids: Mapping[tuple[str, str], str]) -> Markup | str:
    """A code with a link to its finding about the first of the components that has one."""
    found = next((ids[code, name] for name in impact.components if (code, name) in ids), None)
    return code if found is None else element("a", code, href=f"#{found}")

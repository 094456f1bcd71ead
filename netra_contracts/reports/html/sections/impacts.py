"""What users lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netra_contracts.model.finding import Blocked
from netra_contracts.model.impact import Impact
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Child, Markup, element, prose
from netra_contracts.reports.html.parts import badge, items, separated


def draw(page: TargetPage) -> Section | None:
    """Return what users lose because of broken and blocked contracts, the most severe first."""
    impacts = page.report.impacts
    if not impacts:
        return None
    links = _Links(page)
    return Section(
        "impacts", "What users lose", items([_impact(one, links) for one in impacts], "impacts"), len(impacts)
    )


class _Links:
    """Links from components to the findings that explain their status."""

    def __init__(self, page: TargetPage) -> None:
        findings = page.report.findings
        self._broken = {(finding.code, finding.component): page.id_of(finding) for finding in reversed(findings)}
        self._ids = {finding.fingerprint: page.id_of(finding) for finding in reversed(findings)}
        self._blocked: Mapping[str, Blocked] = {entry.component: entry for entry in page.report.blocked}

    def codes(self, impact: Impact) -> Iterator[Markup | str]:
        """Each code with a link to its finding about the first of the components that has one."""
        for code in impact.codes:
            ids = (self._broken.get((code, name)) for name in impact.components)
            yield _link(code, next(filter(None, ids), None))

    def blockers(self, impact: Impact) -> list[Markup | str]:
        """What blocks the components, with a link to the finding about it."""
        entries = [self._blocked[name] for name in impact.components if name in self._blocked]
        ids = {entry.by: self._ids.get(entry.finding) for entry in entries}
        return [_link(by, id_) for by, id_ in ids.items()]


def _link(text: str, id_: str | None) -> Markup | str:
    return text if id_ is None else element("a", text, href=f"#{id_}")


def _impact(impact: Impact, links: _Links) -> list[Child]:
    names = separated(", ", [element("code", name) for name in impact.components])
    codes = separated(", ", links.codes(impact))
    why: list[Child] = [": ", codes] if codes else []
    if impact.status == "blocked":
        by = separated(", ", links.blockers(impact))
        why = [" by ", by] if by else []
    about = element("p", names, f" {impact.status}", why, class_="where")
    return [badge(impact.severity.value, ""), element("div", element("p", prose(impact.text), class_="message"), about)]

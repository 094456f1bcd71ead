"""The findings, the most severe first: each root cause with its evidence, and its consequences nested in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding
from netra_contracts.model.report import NOT_RUN
from netra_contracts.protocol.stages import StageName
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.html.context import Section, TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, joined, wrapped
from netra_contracts.reports.html.filter_form import draw_filter
from netra_contracts.reports.html.parts import badge, items, separated
from netra_contracts.reports.html.sections.finding_card import draw_card
from netra_contracts.reports.wording import plural

#: Root causes that are open when the page is loaded; of more than these, the first.
_MAX_OPEN = 10


def draw(page: TargetPage) -> Section | None:
    """Return the findings, and the contracts that are blocked by something else than a finding."""
    groups, unexplained = group_by_root(page.report.findings, page.report.blocked)
    if not groups and not unexplained:
        return None
    groups.sort(key=_severity_order)
    opened = len(groups) if len(groups) <= _MAX_OPEN else 1
    drawn = [_root(page, group, opened=position < opened) for position, group in enumerate(groups)]
    controls = draw_filter(page.report.findings) if page.alone else None
    body = (controls, wrapped("div", drawn) if drawn else None, _unexplained(page, unexplained))
    return Section("findings", "Findings", body, len(page.report.findings))


def _severity_order(group: FindingGroup) -> int:
    return min(finding.severity.rank for finding in (group.finding, *group.consequences))


def _root(page: TargetPage, group: FindingGroup, *, opened: bool) -> Markup:
    note = group.finding.severity is Severity.NOTE
    return _finding(page, group.finding, page.level + 1, _follows(page, group), opened=opened and not note)


def _follows(page: TargetPage, group: FindingGroup) -> Markup | None:
    """What a root cause leads to: findings and blocked contracts."""
    level = page.level + 2
    parts = []
    if group.consequences:
        title = heading(level, plural(len(group.consequences), "consequence"))
        consequences = [_finding(page, finding, level + 1, None, opened=False) for finding in group.consequences]
        parts.append(joined([title, *consequences]))
    if group.blocked:
        names = _names(group.blocked)
        parts.append(joined([heading(level, f"Blocks {plural(len(group.blocked), 'contract')}"), names]))
    return element("div", parts, class_="follows") if parts else None


def _names(blocked: Sequence[Blocked]) -> Markup:
    return items([element("code", entry.component) for entry in blocked], "names")


def _finding(page: TargetPage, finding: Finding, level: int, follows: Markup | None, *, opened: bool) -> Markup:
    return draw_card(page, finding, level, page.id_of(finding), follows, opened=opened)


def _unexplained(page: TargetPage, unexplained: Mapping[str, Sequence[Blocked]]) -> Markup | None:
    """A line for each blocker that is not a finding here: a stage, or one that is suppressed or not selected."""
    known = {entry.finding.component for entry in page.report.suppressed}
    entries = []
    for by, blocked in unexplained.items():
        failed = by in get_args(StageName)
        about = " (a known finding): " if by in known else ": "
        reason = [f"not checked, since {by} failed: "] if failed else ["blocked by ", element("code", by), about]
        names = [element("code", entry.component) for entry in blocked]
        icon = badge("not_run" if failed else "blocked", "")
        entries.append(element("p", icon, " ", reason, separated(", ", names)))
    return element("div", entries, class_="unexplained") if entries else None


def codes_that_fail(page: TargetPage) -> list[Child]:
    """Return what fails the run, each code with a link to its first finding; a stage only if no finding says why."""
    first: dict[str, Finding] = {}
    for finding in page.report.findings:
        first.setdefault(finding.code, finding)
    reasons = [reason for reason in page.report.failed_by if reason in first or reason == NOT_RUN]
    return [
        element("a", reason, href=f"#{page.id_of(first[reason])}") if reason in first else reason
        for reason in reasons or page.report.failed_by
    ]

"""Phases and components with the statuses of their contracts."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import ComponentReport, PhaseReport, Verdict
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Child, Markup, element, joined, prose
from netra_contracts.reports.html.parts import location_text, row, separated, status_badge, table
from netra_contracts.reports.labels import counts_of
from netra_contracts.reports.wording import duration, in_stage, read_places

#: Components that are listed, and which are kept if there are more.
_MAX_ROWS = 1000
_IMPORTANCE = ("broken", "not_run", "blocked", "held", "unchecked")
_NO_CONTRACTS = "No contracts declared: `netra-contracts init` writes contracts for the components found."


def draw_phases(page: TargetPage) -> Section | None:
    """Return the phases in order. Without contracts, name the command that writes some."""
    report = page.report
    declared = report.summary.contracts or report.summary.later_contracts
    if report.phases:
        steps = [
            element("li", _phase(phase), class_=f"phase {'known' if phase.known else phase.status}")
            for phase in report.phases
        ]
        return Section("phases", "Phases", element("ol", steps, class_="phases"))
    if declared or report.clients is not None or report.verdict is Verdict.NOT_STARTED:
        return None
    return Section("phases", "Phases", element("p", prose(_NO_CONTRACTS)))


def _phase(phase: PhaseReport) -> list[Child]:
    took = f"took {duration(phase.ms)}" if phase.ms is not None else None
    busy = f"busy {duration(phase.busy_ms)}" if phase.busy_ms is not None else None
    facts = [fact for fact in (*counts_of(phase), took, busy) if fact]
    name = element("span", phase.name.value, class_="name")
    status = status_badge(phase.status, known=phase.known)
    return [name, status, element("span", ", ".join(facts), class_="muted") if facts else None]


def draw_components(page: TargetPage) -> Section | None:
    """Return the components in the order they were set."""
    report = page.report
    components = report.components
    if not components or (report.verdict is Verdict.NOT_STARTED and not report.summary.components):
        return None
    ids = _findings(page)
    rows = [_component(page, component, ids.get(component.address, "")) for component in _important(components)]
    left = len(components) - len(rows)
    more = element("p", f"and {left:,} more; --format json has all", class_="muted") if left else None
    body = (table("Components", ("Component", "First set", "Contract"), rows, "components"), more)
    return Section("components", "Components", body, len(components))


def _important(components: Sequence[ComponentReport]) -> list[ComponentReport]:
    """As many components as there are rows, in their order; those that failed are kept first."""
    ranked = sorted(range(len(components)), key=lambda position: _IMPORTANCE.index(components[position].status))
    return [components[position] for position in sorted(ranked[:_MAX_ROWS])]


def _findings(page: TargetPage) -> dict[str, str]:
    """The id of the first finding of each component."""
    found: dict[str, str] = {}
    for finding in page.report.findings:
        found.setdefault(finding.component, page.id_of(finding))
    for position, entry in enumerate(page.report.suppressed, 1):
        found.setdefault(entry.finding.component, f"{page.prefix}known-{position}")
    return found


def _component(page: TargetPage, component: ComponentReport, finding: str) -> Markup:
    name = [element("code", component.address), element("span", _type(component), class_="type")]
    shown = status_badge(component.status, known=component.known)
    linked = component.status == "broken" and finding
    status: list[Child] = [element("a", shown, href=f"#{finding}") if linked else shown]
    if component.blocked_by:
        status += [" by ", element("code", component.blocked_by)]
    if component.presence_only and component.status == "held":
        status.append(element("span", "presence only", class_="muted"))
    return row(name, _first_set(page, component), status)


def _type(component: ComponentReport) -> str:
    if not component.present:
        return "not set"
    return "None" if component.is_none else (component.type or "unknown").replace(":", ".")


def _first_set(page: TargetPage, component: ComponentReport) -> Markup:
    parts: list[Child] = []
    if component.set_ms is not None:
        parts.append(element("span", in_stage(component.set_ms, page.report.startup.stages), class_="number"))
    if component.location is not None:
        parts.append(location_text(component.location, page.options))
    if component.writes > 1:
        parts.append(element("span", f"set {component.writes:,} times", class_="muted"))
    if component.read_places is not None:
        places = read_places(component.read_places, component.guarded_places or 0)
        parts.append(element("span", places, class_="muted"))
    return joined(separated(" ", parts))

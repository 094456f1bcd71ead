"""Per-user isolation and event delivery: what was tested, with how many users and events, and how long events took."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import IsolationReport
from netra_contracts.model.report_of_clients import ClientsReport, LatencyBucket, ScenarioReport
from netra_contracts.reports.html import svg
from netra_contracts.reports.html.context import Section, TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, joined, prose
from netra_contracts.reports.html.parts import row, table
from netra_contracts.reports.labels import CLIENTS
from netra_contracts.reports.wording import duration, plural


def draw_isolation(page: TargetPage) -> Section | None:
    """Return the isolation tests."""
    if not page.report.isolation:
        return None
    columns = ("Component", "Users", "Objects", "Created and released", "Took")
    body = table("Isolation tests", columns, map(_isolation, page.report.isolation), "figures")
    return Section("isolation", "Per-user isolation", body)


def _isolation(isolation: IsolationReport) -> Markup:
    name = [element("code", isolation.component), element("span", isolation.type.replace(":", "."), class_="type")]
    if isolation.skipped:
        return element(
            "tr",
            element("th", name, scope="row"),
            element("td", "not run: ", prose(isolation.skipped), colspan=4),
        )
    cycles = f"{isolation.cycles:,}" if isolation.cycles else "-"
    return row(name, f"{isolation.users:,}", f"{isolation.objects:,}", cycles, duration(isolation.ms))


def draw_events(page: TargetPage) -> Section | None:
    """Return the client scenarios and the distribution of latencies."""
    clients = page.report.clients
    if clients is None:
        return None
    parts: list[Child] = [element("p", "not run: ", prose(clients.skipped)) if clients.skipped else None]
    if clients.scenarios:
        columns = ("Clients", "Connected", "Events", "Took")
        parts += [_facts(clients), table("Client scenarios", columns, map(_scenario, clients.scenarios), "figures")]
    if clients.latencies:
        parts += [heading(page.level + 1, "Time between two events of a run"), _times(clients), _histogram(clients)]
    return Section("events", "Event delivery", joined(parts))


def _facts(clients: ClientsReport) -> Markup:
    rate = f", {clients.events_per_s:,.0f} events per second" if clients.events_per_s is not None else ""
    served = f"; served by {clients.server}" if clients.server else ""
    return element("p", f"{plural(clients.events, 'event')} to {plural(clients.users, 'user')}{rate}{served}")


def _scenario(scenario: ScenarioReport) -> Markup:
    name = CLIENTS.get(scenario.name, scenario.name)
    if scenario.skipped:
        reason = element("td", "not run: ", prose(scenario.skipped), colspan=3)
        return element("tr", element("th", name, scope="row"), reason)
    return row(name, f"{scenario.clients:,}", f"{scenario.events:,}", duration(scenario.ms))


def _times(clients: ClientsReport) -> Markup:
    named = [("p50", clients.p50_ms), ("p90", clients.p90_ms), ("p99", clients.p99_ms), ("max", clients.max_ms)]
    known = [f"{name} {duration(ms)}" for name, ms in named if ms is not None]
    return element("p", ", ".join(known))


def _histogram(clients: ClientsReport) -> Markup:
    """A row for each bucket: a table that is legible without its bars."""
    buckets = clients.latencies
    most = max(bucket.events for bucket in buckets) or 1
    rows = [
        row(
            label,
            svg.track([svg.bar(0, 100 * bucket.events / most, "stage")] if bucket.events else []),
            element("span", f"{bucket.events:,}", class_="number"),
        )
        for label, bucket in zip(_labels(buckets), buckets, strict=True)
    ]
    return table("Distribution of the time between two events", ("Time", "Share", "Events"), rows, "timeline histogram")


def _labels(buckets: Sequence[LatencyBucket]) -> list[str]:
    labels = []
    before: float | None = None
    for bucket in buckets:
        if bucket.up_to_ms is None:
            labels.append(f"over {duration(before)}" if before is not None else "any")
        else:
            labels.append(f"up to {duration(bucket.up_to_ms)}")
        before = bucket.up_to_ms
    return labels

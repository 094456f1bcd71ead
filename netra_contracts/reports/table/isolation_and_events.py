"""Per-user isolation and event delivery: what was tested, and with how many users and events."""

from __future__ import annotations

from netra_contracts.model.report import IsolationReport, Report
from netra_contracts.model.report_of_clients import ClientsReport, ScenarioReport
from netra_contracts.reports.labels import CLIENTS
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration, plural

_ISOLATION = (
    grid.Column("component", truncation.middle_cut, min_width=16, shrink_order=1),
    grid.Column("instances", truncation.type_cut, min_width=12, shrink_order=0),
    grid.Column("users", right=True),
    grid.Column("objects", right=True),
    grid.Column("created and released", right=True),
)
_SCENARIOS = (
    grid.Column("clients", min_width=12),
    grid.Column("connected", right=True),
    grid.Column("events", right=True),
    grid.Column("took", right=True),
)


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the isolation tests and the client scenarios that ran."""
    tried = [isolation for isolation in report.isolation if not isolation.skipped]
    if tried:
        canvas.heading("Per-user isolation")
        grid.draw(canvas, _ISOLATION, [_isolation(canvas, isolation) for isolation in tried])
    if report.clients is not None and report.clients.scenarios:
        _draw_clients(canvas, report.clients)


def _isolation(canvas: Canvas, isolation: IsolationReport) -> list[grid.Cell]:
    return [
        (canvas.name(isolation.component), ""),
        (canvas.type_name(isolation.type), ""),
        (f"{isolation.users:,}", ""),
        (f"{isolation.objects:,}", ""),
        (f"{isolation.cycles:,}" if isolation.cycles else "", ""),
    ]


def _draw_clients(canvas: Canvas, clients: ClientsReport) -> None:
    canvas.heading("Event delivery")
    tried = [scenario for scenario in clients.scenarios if not scenario.skipped]
    grid.draw(canvas, _SCENARIOS, [_scenario(scenario) for scenario in tried])
    if clients.p50_ms is not None and clients.p99_ms is not None and clients.max_ms is not None:
        times = f"p50 {duration(clients.p50_ms)}, p99 {duration(clients.p99_ms)}, max {duration(clients.max_ms)}"
        served = f"; served by {clients.server}" if clients.server else ""
        events, users = plural(clients.events, "event"), plural(clients.users, "user")
        latency = f"{events} to {users}, time between events: {times}{served}"
        canvas.paragraph(canvas.prose(latency, "dim"), first="  ", rest="  ")


def _scenario(scenario: ScenarioReport) -> list[grid.Cell]:
    return [
        (CLIENTS.get(scenario.name, scenario.name), ""),
        (f"{scenario.clients:,}", ""),
        (f"{scenario.events:,}", ""),
        (duration(scenario.ms), ""),
    ]

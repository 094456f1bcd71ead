"""What was shown of users: instances kept apart, events delivered."""

from __future__ import annotations

from netra_contracts.model.report import ClientsReport, IsolationReport, Report, ScenarioReport
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas
from netra_contracts.reports.wording import duration, plural

_ISOLATION = (
    grid.Column("component", truncation.middle_cut, floor=16, gives_way=1),
    grid.Column("instances", truncation.type_cut, floor=12, gives_way=0),
    grid.Column("users", right=True),
    grid.Column("objects", right=True),
    grid.Column("made and released", right=True),
)
_SCENARIOS = (
    grid.Column("clients", floor=12),
    grid.Column("connected", right=True),
    grid.Column("events", right=True),
    grid.Column("took", right=True),
)
#: What a scenario's clients are called.
_CLIENTS = {
    "delivery": "ordinary ones",
    "no token": "without a token",
    "expired token": "with an expired token",
    "wrong signature": "with a wrong signature",
    "alg none": "with an unsigned token",
    "another audience": "with a token for others",
    "slow reader": "beside a slow reader",
    "reconnect": "reconnected",
    "expiry": "whose token expires",
    "burst": "in a burst",
}


def draw(page: Canvas, report: Report) -> None:
    """Draw what was tried; where nothing was, nothing."""
    tried = [isolation for isolation in report.isolation if not isolation.skipped]
    if tried:
        page.heading("Isolation")
        grid.draw(page, _ISOLATION, [_isolation(page, isolation) for isolation in tried])
    if report.clients is not None and report.clients.scenarios:
        _draw_live(page, report.clients)


def _isolation(page: Canvas, isolation: IsolationReport) -> list[grid.Cell]:
    return [
        (page.name(isolation.component), ""),
        (page.type_name(isolation.type), ""),
        (f"{isolation.users:,}", ""),
        (f"{isolation.objects:,}", ""),
        (f"{isolation.cycles:,}" if isolation.cycles else "", ""),
    ]


def _draw_live(page: Canvas, live: ClientsReport) -> None:
    page.heading("Events")
    tried = [scenario for scenario in live.scenarios if not scenario.skipped]
    grid.draw(page, _SCENARIOS, [_scenario(scenario) for scenario in tried])
    if live.p50_ms is not None and live.p99_ms is not None and live.max_ms is not None:
        times = f"p50 {duration(live.p50_ms)}, p99 {duration(live.p99_ms)}, max {duration(live.max_ms)}"
        served = f"; served by {live.server}" if live.server else ""
        told = f"{plural(live.events, 'event')} of {plural(live.users, 'user')}, from one to the next: {times}{served}"
        page.paragraph(page.prose(told, "dim"), first="  ", rest="  ")


def _scenario(scenario: ScenarioReport) -> list[grid.Cell]:
    return [
        (_CLIENTS.get(scenario.name, scenario.name), ""),
        (f"{scenario.clients:,}", ""),
        (f"{scenario.events:,}", ""),
        (duration(scenario.ms), ""),
    ]

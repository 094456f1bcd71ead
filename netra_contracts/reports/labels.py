"""Labels in reports: of the target, the outcome of a stage, the clients of a scenario, statuses."""

from __future__ import annotations

from collections.abc import Mapping

from netra_contracts.model.report import PhaseReport, Report
from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.protocol.observed.failures import FailureKind
from netra_contracts.reports.headline import format_broken
from netra_contracts.reports.wording import plural

#: Outcomes of a stage that did not succeed.
_OUTCOMES: Mapping[str, str] = {
    "failed": "failed",
    "timeout": "deadline passed",
    "exited": "exited",
    "died": "died",
    "unsupported": "no lifespan",
}

#: Failures of the tool's own search for the target: the code of the stage did not fail.
_FAILURES: Mapping[FailureKind | None, str] = {
    "module-not-found": "module not found",
    "attribute-not-found": "attribute not found",
    "not-a-target": "not an application",
    "factory-not-called": "factory not called",
    "factory-arguments": "factory not called",
}

#: Descriptions of the clients of a scenario.
CLIENTS: Mapping[str, str] = {
    "delivery": "normal clients",
    "no token": "without a token",
    "expired token": "with an expired token",
    "wrong signature": "with a wrong signature",
    "alg none": "with an unsigned token",
    "another audience": "for another audience",
    "slow reader": "beside a slow reader",
    "reconnect": "reconnected",
    "expiry": "whose token expires",
    "burst": "in a burst",
}

#: Statuses of phases and contracts.
STATUSES: Mapping[str, str] = {
    "passed": "passed",
    "failed": "failed",
    "held": "held",
    "broken": "broken",
    "blocked": "blocked",
    "not_run": "not run",
    "empty": "nothing to check",
    "unchecked": "no contract",
}


def outcome_of(stage: StageReport) -> str:
    """Return how a stage ended; empty if it succeeded."""
    return _FAILURES.get(stage.failure) or _OUTCOMES.get(stage.outcome, "")


def description_of(report: Report) -> str:
    """Return `FastAPI 0.115.2 application factory, Python 3.11.7`."""
    info = report.target.info
    kind = info.kind if info.kind != "unknown" else ""
    framework = info.framework or ("ASGI" if kind.startswith("application") else "")
    what = " ".join(filter(None, (framework, info.framework_version, kind)))
    python = f"Python {info.python}" if info.python else ""
    return ", ".join(filter(None, (what, python)))


def origin_of(entry: ModuleObjectReport) -> str:
    """Return which stage set an object of a module: `import`, `startup (replaced)`; `not set` for None."""
    if entry.stage is None:
        return "not set"
    return entry.stage if entry.change == "created" else f"{entry.stage} ({entry.change})"


def counts_of(phase: PhaseReport) -> list[str]:
    """Return `2 held`, `1 broken` and so on, as many as there are."""
    counts = [
        (phase.held, f"{phase.held:,} held"),
        (phase.broken, format_broken(phase.broken, phase.known_broken)),
        (phase.blocked, f"{phase.blocked:,} blocked"),
        (phase.not_run, f"{phase.not_run:,} not run"),
        (phase.checks, plural(phase.checks, "check")),
    ]
    return [text for count, text in counts if count]

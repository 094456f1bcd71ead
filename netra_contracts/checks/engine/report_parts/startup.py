"""The stages of a report, and the times of the startup."""

from __future__ import annotations

from netra_contracts.model.report_of_startup import AwaitReport, ImportReport, StageReport, StartupReport
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.protocol.stages import StageOutcome


def startup(observation: Observation) -> StartupReport:
    """The stages, in order, with what took time in them."""
    stages = observation.stages
    times = {stage.name: stage.ms for stage in stages if stage.outcome != "skipped"}
    took = round(max(stage.start_ms + stage.ms for stage in stages), 3) if stages else None
    inside = sum(stage.ms for stage in stages)
    return StartupReport(
        outcome=_outcome(observation),
        took_ms=took,
        outside_stages_ms=None if took is None else round(max(took - inside, 0.0), 3),
        import_ms=times.get("import"),
        build_ms=times.get("build"),
        startup_ms=times.get("startup"),
        shutdown_ms=times.get("shutdown"),
        stages=tuple(
            StageReport(
                name=stage.name,
                start_ms=stage.start_ms,
                ms=stage.ms,
                outcome=stage.outcome,
                failure=stage.failures[0].kind if stage.failures else None,
                busy_ms=stage.busy_ms,
            )
            for stage in stages
        ),
        awaits=tuple(AwaitReport.model_validate(vars(each)) for each in observation.awaits),
        slow_imports=tuple(ImportReport.model_validate(vars(each)) for each in observation.slow_imports),
    )


def _outcome(observation: Observation) -> StageOutcome:
    """How the first of import, build and startup that did not succeed ended, else the last of them."""
    outcome: StageOutcome = "skipped"
    for stage in observation.stages:
        if stage.name in ("import", "build", "startup"):
            outcome = stage.outcome
            if outcome not in ("ok", "unsupported"):
                break
    return outcome

"""The timeline of a report: spans of stages and marked phases, with the state changes between them."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.model.report import TimelineEntry
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.protocol.stages import StageName


def timeline(observation: Observation) -> tuple[TimelineEntry, ...]:
    """All entries in order of time; failed reads only if they ended a stage or a task."""
    entries = [
        TimelineEntry(kind="stage", name=stage.name, ms=stage.start_ms, span_ms=stage.ms, busy_ms=stage.busy_ms)
        for stage in observation.stages
        if stage.outcome != "skipped"
    ]
    entries += [
        TimelineEntry(
            kind="phase",
            name=mark.phase,
            ms=mark.start_ms,
            span_ms=mark.ms,
            busy_ms=mark.busy_ms,
            location=mark.location,
        )
        for mark in observation.marked_phases
    ]
    return tuple(sorted([*entries, *_changes(observation)], key=lambda entry: entry.ms))


def _changes(observation: Observation) -> Iterator[TimelineEntry]:
    faulty = {failure.failed_read for stage in observation.stages for failure in stage.failures}
    faulty |= {task.failure.failed_read for task in observation.failed_tasks}
    # When the change before it happened, or when the stage began, and the processor time used until then.
    before: dict[StageName, tuple[float, float | None]] = {
        stage.name: (stage.start_ms, stage.busy_before_ms) for stage in observation.stages
    }
    for change in observation.state_changes:
        if change.operation == "read" and change.seq not in faulty:
            continue
        since, busy = _since(change, before.get(change.stage))
        before[change.stage] = (change.ms, change.busy_ms)
        yield TimelineEntry(
            kind=change.operation,
            name=change.component,
            ms=change.ms,
            since_ms=since,
            busy_ms=busy,
            type=change.type,
            is_none=change.is_none,
            location=change.location,
            compared=change.compared,
        )


def _since(change: StateChange, before: tuple[float, float | None] | None) -> tuple[float | None, float | None]:
    """How long ago that was, and the processor time used since then; None: unknown."""
    if before is None:
        return None, None
    ms, busy = before
    since = round(max(change.ms - ms, 0.0), 3)
    if busy is None or change.busy_ms is None:
        return since, None
    return since, round(max(change.busy_ms - busy, 0.0), 3)

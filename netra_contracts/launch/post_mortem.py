"""Reconstructs the observation of a process that ended without sending one."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from netra_contracts.launch.crash_dump import first_application_line, is_timeout, stacks_from_dump
from netra_contracts.protocol.control import StageStarted
from netra_contracts.protocol.journal import JournalEntry, read_entries
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.app_states import Operation, StateChange, StateEntry
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Observation, Stage
from netra_contracts.protocol.stages import StageName, StageOutcome, during, stage_label


class ProcessEnd(NamedTuple):
    """How the process ended.

    Attributes:
        status: its exit status, negative for a signal.
        timed_out: whether the host killed it because a deadline had passed.
        limit_s: how long its last stage was allowed to take.
        elapsed_ms: from its start to its end.
        crash_dump: what `faulthandler` wrote.
        journal: the state changes that the probe wrote.
    """

    status: int
    timed_out: bool
    limit_s: float
    elapsed_ms: float
    crash_dump: str = ""
    journal: str = ""


def reconstruct_observation(known: Observation, started: Sequence[StageStarted], end: ProcessEnd) -> Observation:
    """What is known of the target, with the stage in which it ended.

    Args:
        known: what the probe sent before, at least the target.
        started: the stages that began, in order.
        end: how the process ended.
    """
    name, start_ms = (started[-1].name, started[-1].start_ms) if started else ("import", 0.0)
    outcome, failure = _failure(name, end, known.target.module)
    done = [stage for stage in known.stages if stage.name != name] or [
        Stage(stage.name, stage.start_ms, _span(stage.start_ms, following.start_ms), "ok")
        for stage, following in itertools.pairwise(started)
    ]
    last = Stage(name, start_ms, _span(start_ms, end.elapsed_ms), outcome, (failure,))
    prefixes = {state: prefix for stage in started for state, prefix in stage.states.items()}
    changes = state_changes_from_journal(end.journal, prefixes)
    return dataclasses.replace(
        known,
        stages=(*done, last),
        state_changes=changes or known.state_changes,
        components=known.components or entries_at_end(changes),
    )


def _span(start_ms: float, end_ms: float) -> float:
    return round(max(end_ms - start_ms, 0.0), 3)


def _failure(stage: StageName, end: ProcessEnd, module: str) -> tuple[StageOutcome, StageFailure]:
    stacks = stacks_from_dump(end.crash_dump, module)
    location = first_application_line(stacks)
    if end.timed_out or is_timeout(end.crash_dump):
        message = f"{stage_label(stage)} did not end within {end.limit_s:g} s"
        return "timeout", StageFailure("timeout", message, location=location, stacks=stacks)
    if end.status < 0:
        message = f"the process was killed by {_signal_name(-end.status)} {during(stage)}"
        return "died", StageFailure("died", message, location=location, status=end.status, stacks=stacks)
    message = f"the process ended with status {end.status} {during(stage)}"
    return "exited", StageFailure("exited", message, location=location, status=end.status, stacks=stacks)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def state_changes_from_journal(journal: str, prefixes: Mapping[str, str]) -> tuple[StateChange, ...]:
    """The events that the process wrote down before it ended.

    Args:
        journal: the text of the journal.
        prefixes: the states that the target was known to have, by their id.
    """
    return tuple(event for entry in read_entries(journal) for event in _event(entry, prefixes))


def _event(entry: JournalEntry, prefixes: Mapping[str, str]) -> Iterator[StateChange]:
    if entry.state not in prefixes or entry.operation not in get_args(Operation):
        return
    prefix = prefixes[entry.state]
    yield StateChange(
        int(entry.seq),
        round(int(entry.ns) / 1e6, 3),
        entry.operation,  # type: ignore[arg-type]  # one of the operations, see above
        f"{prefix}:{entry.key}" if prefix not in ("", "lifespan") else entry.key,
        entry.stage,  # type: ignore[arg-type]  # written by the probe from the same type
        entry.type,
        entry.operation == "set" and entry.type == "NoneType",
        entry.version,
        Location(os.path.abspath(entry.file), int(entry.line), entry.function) if entry.file else None,
    )


def entries_at_end(found: tuple[StateChange, ...]) -> tuple[StateEntry, ...]:
    """The entries that were there when the process ended."""
    last: dict[str, StateChange] = {}
    for event in found:
        if event.operation == "set":
            last[event.component] = event
        elif event.operation == "delete":
            last.pop(event.component, None)
    return tuple(StateEntry(name, event.type, event.is_none, version=event.version) for name, event in last.items())

"""What a recording says of the target's startup, arranged for checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from netra_contracts.model.finding import Cause
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.address import last_name
from netra_contracts.protocol.observed.answers import ProviderCall
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Stage
from netra_contracts.protocol.stages import StageName

#: Stages whose state changes say nothing of how the startup went.
_AFTER_STARTUP: frozenset[StageName] = frozenset(["isolation", "live", "shutdown"])

#: A shutdown that begins within this time after the startup may find work that startup has only begun.
_SOON_MS = 1000.0


class StartupEvidence:
    """The stages of a startup, and the state changes of each component. Computed when asked for, never changed.

    Args:
        recording: contracts, plan and observation.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    @cached_property
    def failed_stage(self) -> Stage | None:
        """The first of import, build and startup that did not succeed; None: the target started."""
        for stage in self._recording.observation.stages:
            if stage.name in ("import", "build", "startup") and stage.outcome not in ("ok", "unsupported"):
                return stage
        return None

    @cached_property
    def unfinished_stage(self) -> Stage | None:
        """The first stage before the shutdown that did not succeed: what it would have shown is unknown."""
        for stage in self._recording.observation.stages:
            if stage.name != "shutdown" and stage.outcome not in ("ok", "unsupported", "skipped"):
                return stage
        return None

    @property
    def started(self) -> bool:
        """Whether import, build and startup succeeded."""
        return self.failed_stage is None

    @cached_property
    def changes(self) -> Mapping[str, tuple[StateChange, ...]]:
        """State changes by component, up to the end of the settle stage: before any user was served."""
        return {
            component: tuple(change for change in changes if change.stage not in _AFTER_STARTUP)
            for component, changes in self._recording.state_changes.items()
        }

    @property
    def shutdown_delay_ms(self) -> float | None:
        """Ms from the end of the startup to the beginning of the shutdown; None: one of them was not reached."""
        startup, shutdown = (self._recording.stages.get(name) for name in ("startup", "shutdown"))
        if startup is None or shutdown is None:
            return None
        return max(shutdown.start_ms - startup.start_ms - startup.ms, 0.0)

    @property
    def shutdown_delay(self) -> Cause | None:
        """How soon the shutdown came after the startup, if it came so soon that the two may overlap."""
        delay_ms = self.shutdown_delay_ms
        if delay_ms is None or delay_ms > _SOON_MS:
            return None
        return Cause(message=f"shutdown began {delay_ms:.0f} ms after startup ended")

    def failed_read(self, failure: StageFailure) -> StateChange | None:
        """The failed read of a state that led to a failure; None: no read did."""
        return None if failure.failed_read is None else self._change_by_number.get(failure.failed_read)

    @cached_property
    def _change_by_number(self) -> Mapping[int, StateChange]:
        return {change.seq: change for change in self._recording.observation.state_changes}

    @cached_property
    def provider_calls(self) -> Mapping[str, ProviderCall]:
        """The calls of providers, by their addresses."""
        return {call.address: call for call in self._recording.observation.providers}

    @cached_property
    def addresses_by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Addresses of components by their last name: `pool` is also that of `/api:pool`."""
        found: dict[str, list[str]] = {}
        for address in self._recording.components:
            found.setdefault(last_name(address), []).append(address)
        return {name: tuple(addresses) for name, addresses in found.items()}

    @cached_property
    def addresses_set_by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Addresses that were ever set to an object other than None, by their last name."""
        found: dict[str, list[str]] = {}
        for address in self._recording.state_changes:
            if self.first_set(address) is not None:
                found.setdefault(last_name(address), []).append(address)
        return {name: tuple(addresses) for name, addresses in found.items()}

    def first_set(self, address: str, after: int = 0) -> StateChange | None:
        """The first write that was not None, of those after the state change with the number `after`."""
        if not after:
            return self._first_set.get(address)
        return next((change for change in self.changes.get(address, ()) if _sets(change) and change.seq > after), None)

    @cached_property
    def _first_set(self) -> Mapping[str, StateChange]:
        """The first write of each component that was not None, for those that many contracts refer to."""
        firsts = ((address, next(filter(_sets, changes), None)) for address, changes in self.changes.items())
        return {address: first for address, first in firsts if first is not None}

    def last_write(self, address: str, until: int | None = None) -> StateChange | None:
        """The last write or delete; of those up to the state change with the number `until`, if that is given."""
        for change in reversed(self.changes.get(address, ())):
            if change.operation in ("set", "delete") and (until is None or change.seq <= until):
                return change
        return None

    def is_lost(self, address: str) -> bool:
        """Whether a component was set, and was then deleted or overwritten with None."""
        last = self.last_write(address)
        gone = last is not None and (last.operation == "delete" or last.is_none)
        return gone and self.first_set(address) is not None

    def is_present_at_end(self, address: str) -> bool:
        """Whether a component is set, and not None, at the end of startup."""
        component = self._recording.components.get(address)
        return component is not None and not component.is_none

    def elapsed_in_stage(self, change: StateChange) -> float:
        """Ms from the start of the stage that a state change belongs to."""
        stage = self._recording.stages.get(change.stage)
        return max(change.ms - stage.start_ms, 0.0) if stage else change.ms

    def cause_of_first_set(self, address: str) -> Cause | None:
        """Where a component was first set."""
        return cause_from_change(self.first_set(address), f"`{address}` was first set here")


def _sets(change: StateChange) -> bool:
    return change.operation == "set" and not change.is_none


def cause_from_change(change: StateChange | None, message: str) -> Cause | None:
    """A link of a cause chain from a state change: `message` says in words what happened, without place and time."""
    if change is None:
        return None
    unsure = ""
    if change.compared:
        line = "" if change.location is not None else "; the line is unknown"
        unsure = f" (seen at the end of a phase{line})"
    return Cause(message=message + unsure, location=change.location, ms=change.ms)

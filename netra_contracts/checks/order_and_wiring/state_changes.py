"""Checks of components that were lost, or read too early: NC305, NC306."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.components.presence import ComponentMissing
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.component_status import allows_none
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.exception_text import hidden_error
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import short_location
from netra_contracts.checks.order_and_wiring.family import ORDER_AND_WIRING
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.failures import StageFailure
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observation import StateChange


class SetThenLost(Check):
    """## What it does

    Reports a component that was set during startup and was then deleted, or overwritten with None.

    ## Why it matters

    One part of startup removed what another had provided: often an error handler, or a clean-up that runs too early.

    ## Example

    ```python
    app.state.cache = Cache()
    ...
    except TimeoutError:
        app.state.cache = None
    ```

    ## What to do

    Follow the cause chain to the line that removed it.
    """

    code = "NC305"
    name = "set-then-lost"
    family = ORDER_AND_WIRING
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each, with or without a contract. Not after a startup that failed: clean-up is its right."""
        if not context.evidence.started:
            return
        for address in context.evidence.changes:
            if address in context.blocking.suppressed or not context.evidence.is_lost(address):
                continue
            contract = context.contracts.by_component.get(address, context.statuses.required_undeclared.get(address))
            if contract is None or self._breaks(context, contract, address):
                yield self._finding(context, contract, address)

    @staticmethod
    def _breaks(context: Context, contract: ComponentContract, address: str) -> bool:
        """Lost by its moment, or after the marked phase at whose end it was still there."""
        if contract.component != address:
            return True
        lost_later = context.contracts.is_judged_at_mark(contract) and context.statuses.of(address) == "present"
        return context.statuses.of(address) == "lost" or (lost_later and not allows_none(contract))

    def _finding(self, context: Context, contract: ComponentContract | None, address: str) -> Finding:
        last = context.evidence.last_write(address)
        how = "deleted" if last is not None and last.operation == "delete" else "overwritten with None"
        causes = (
            cause_from_change(last, f"`{address}` was {how} here"),
            cause_from_change(context.evidence.first_set(address), f"`{address}` was first set here"),
        )
        message = f"`{address}` was set and then {how}"
        hint = "look at the line that removed it; a contract whose type allows None accepts that"
        if contract is None:
            return self.finding(message, component=address, causes=causes, hint=hint)
        return self.finding_for(contract, message, component=address, causes=causes, hint=hint)


class ReadBeforeSet(Check):
    """## What it does

    Reports a read of a component that was not set, if the exception that it raised was not caught: it ended startup,
    shutdown, the import or a background task. `hasattr`, `getattr` with a default and reads whose exception is caught
    are not reported.

    ## Why it matters

    Startup steps run in the wrong order, or the component belongs to another state: a mounted application has a state
    of its own.

    ## Example

    ```python
    sub.state.db.connect()  # `db` was set on the outer application
    ```

    ## What to do

    Set it before it is read. The cause chain shows where it was set, if it was.
    """

    code = "NC306"
    name = "read-before-set"
    family = ORDER_AND_WIRING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each read that ended something."""
        seen: set[str] = set()
        for fault in _faults(context):
            event = context.evidence.change_by_number.get(fault.failed_read) if fault.failed_read is not None else None
            if event is not None and event.component not in seen:
                seen.add(event.component)
                yield self._finding(context, event)

    def _finding(self, context: Context, event: StateChange) -> Finding:
        address = event.component
        outcome, explained, hint = self._explained(context, event)
        contract = context.contracts.by_component.get(address)
        message = f"`{address}` was read at {short_location(event.location)} {outcome}"
        return self.finding(
            message,
            severity=contract.severity if contract else None,
            component=address,
            phase=contract.phase if contract else None,
            location=event.location,
            causes=(cause_from_change(event, "it was read here"), explained),
            impact=contract.impact if contract else "",
            hint=hint,
        )

    @staticmethod
    def _explained(context: Context, event: StateChange) -> tuple[str, Cause | None, str]:
        """Why it was not there: how the sentence goes on, the event that explains it, and what to do."""
        address = event.component
        writes = [e for e in context.recording.state_changes.get(address, ()) if e.operation in ("set", "delete")]
        before = next((e for e in reversed(writes) if e.seq < event.seq), None)
        later = next((e for e in writes if e.operation == "set" and e.seq > event.seq), None)
        if before is not None and before.operation == "delete":
            return (
                "after it was deleted",
                cause_from_change(before, "it was deleted here"),
                "read it before, or keep it",
            )
        if later is not None:
            cause = cause_from_change(later, f"`{address}` was first set here")
            return "before it was set", cause, "set it before it is read"
        for other in context.evidence.addresses_set_by_name.get(address.rpartition(":")[2], ()):
            if other != address:
                cause = cause_from_change(context.evidence.first_set(other), f"`{other}` was set here")
                hint = (
                    "a mounted application, and what a lifespan yields, has a state of its own: set it there, or read "
                    "it from the one that has it"
                )
                return f"and was never set there; `{other}` was", cause, hint
        return "and was never set", None, "set it before it is read"

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The error that the read hid while it was handled; otherwise, the component is missing."""
        for fault in _ended_by_read(context, finding.component):
            hidden = hidden_error(fault)
            if hidden is not None:
                yield from _raised_at(fault.chain[hidden].location or fault.location, findings)
        yield from findings.of(ComponentMissing, component=finding.component)

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What the read ended."""
        for fault in _ended_by_read(context, finding.component):
            if hidden_error(fault) is None:
                yield from _raised_at(fault.location, findings)


def _faults(context: Context) -> Iterator[StageFailure]:
    for stage in context.observation.stages:
        yield from stage.failures
    for dead in context.observation.failed_tasks:
        yield dead.failure


def _ended_by_read(context: Context, component: str) -> Iterator[StageFailure]:
    """The failures of stages and background tasks that a failed read of a component ended."""
    for fault in _faults(context):
        event = context.evidence.change_by_number.get(fault.failed_read) if fault.failed_read is not None else None
        if event is not None and event.component == component:
            yield fault


def _raised_at(location: Location | None, findings: Findings) -> Iterator[Finding]:
    """Findings on an exception that was raised at a location."""
    return (one for one in findings.where(lambda check: check.reports_exception) if one.location == location)


CHECKS: tuple[Check, ...] = (
    SetThenLost(),
    ReadBeforeSet(),
)

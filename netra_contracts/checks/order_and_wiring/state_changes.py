"""Checks of components that were lost, or read too early: NC305, NC306."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.components.presence import ComponentMissing, ComponentNone
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.explanations.caught_exceptions import causes_of_loss
from netra_contracts.checks.engine.explanations.exception_text import hidden_error
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.statuses.component_status import allows_none
from netra_contracts.checks.engine.wording import DURING, short_location
from netra_contracts.checks.order_and_wiring.family import ORDER_AND_WIRING
from netra_contracts.checks.order_and_wiring.later_loss import LaterLoss, later_loss
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.address import last_name, parse_address
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.names import nearest_name
from netra_contracts.protocol.observed.app_states import ObservedState, StateChange
from netra_contracts.protocol.observed.failures import StageFailure

#: How many components one sentence names.
_MOST_NAMED = 3


class SetThenLost(Check):
    """## What it does

    Reports a component that was set during startup and was then deleted, or overwritten with None. A component with a
    contract must remain until the shutdown: it is also reported if it is lost, or replaced by an object that the
    contract does not allow, while background tasks run, instances for users are created, or clients are served. Objects
    below entries and of modules are compared at the ends of phases, if a contract names them.

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
    observes_whole_run = True
    after_startup = True
    lists_log = "unexplained"
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each, with or without a contract. None after a failed startup, which may clean up."""
        for state in context.observation.states:
            if state.attributed and state.storage != "recorded":
                yield self._unseen(state)
        yield from self._unseen_components(context)
        reported = set()
        for address in context.evidence.changes:
            if address in context.blocking.suppressed or not context.evidence.is_lost(address):
                continue
            contract = context.contracts.by_component.get(address, context.statuses.required_undeclared.get(address))
            if contract is None or self._breaks(context, contract, address):
                reported.add(address)
                yield self._finding(context, contract, address)
        for contract in context.contracts.in_scope:
            known = contract.component in reported or contract.component in context.blocking.suppressed
            loss = None if known else later_loss(context, contract)
            if loss is not None:
                yield self._lost_later(context, contract, loss)

    def as_seen_in_state(
        self, component: str | None, subject: str | None, contracts: Iterable[ComponentContract]
    ) -> Iterable[tuple[type[Check], str | None, str | None]]:
        """A component that was lost is missing or None."""
        yield from ((check, component, None) for check in (ComponentMissing, ComponentNone))

    def _lost_later(self, context: Context, contract: ComponentContract, loss: LaterLoss) -> Finding:
        address = contract.component
        during = f" {DURING[loss.change.stage]}" if loss.change is not None else " before the shutdown began"
        causes = (
            *causes_of_loss(context, address, loss.change, f"`{address}` was {loss.how} here"),
            cause_from_change(context.evidence.first_set(address), f"`{address}` was first set here"),
        )
        message = f"`{address}` was set and then {loss.how}{during}"
        hint = "check the line that did this: requests that come later find no working component"
        return self.finding_for(contract, message, subject=loss.subject, causes=causes, hint=hint)

    def _unseen(self, state: ObservedState) -> NotRun:
        """A state whose writes are not recorded."""
        name = f"app.state of {state.prefix}" if state.prefix else "app.state" if state.application else "the state"
        why = {
            "shared": "it was created from a dict that something else refers to as well",
            "mapping": f"it is a {state.type.rpartition(':')[2]}, which keeps its entries itself",
            "attributes": f"it is a {state.type.rpartition(':')[2]}, which keeps its entries in attributes",
            "unreadable": f"it is a {state.type.rpartition(':')[2]}, whose entries cannot be read",
        }[state.storage]
        reason = f"writes are not seen, only what is set at the end of each phase: {why}"
        return NotRun(code=self.code, subject=name, reason=reason)

    def _unseen_components(self, context: Context) -> Iterable[NotRun]:
        """Components below entries and in modules whose writes are not recorded."""
        unseen = [
            f"`{address}`"
            for address, changes in context.recording.state_changes.items()
            if any(change.compared for change in changes) and _is_beyond_entries(address, context)
        ]
        if unseen:
            more = f" and {len(unseen) - _MOST_NAMED} more" if len(unseen) > _MOST_NAMED else ""
            reason = "writes are not seen, only what is there at the end of each phase: they are not entries of a state"
            yield NotRun(code=self.code, subject=f"{', '.join(unseen[:_MOST_NAMED])}{more}", reason=reason)

    @staticmethod
    def _breaks(context: Context, contract: ComponentContract, address: str) -> bool:
        """Whether it was lost when it was judged, or after the marked phase at whose end it was still set."""
        if contract.component != address:
            return True
        lost_later = context.contracts.is_judged_at_mark(contract) and context.statuses.of(address) == "present"
        return context.statuses.of(address) == "lost" or (
            lost_later and not allows_none(contract, context.contracts.fits(contract, "startup"))
        )

    def _finding(self, context: Context, contract: ComponentContract | None, address: str) -> Finding:
        last = context.evidence.last_write(address)
        how = "deleted" if last is not None and last.operation == "delete" else "overwritten with None"
        causes = (
            *causes_of_loss(context, address, last, f"`{address}` was {how} here"),
            cause_from_change(context.evidence.first_set(address), f"`{address}` was first set here"),
        )
        message, subject = f"`{address}` was set and then {how}", how.split(maxsplit=1)[0]
        allow = "declare `optional = true`" if how == "deleted" else "allow None in the contract's type"
        hint = f"check the line that removed it; if that is intended, {allow}"
        if contract is None:
            return self.finding(message, component=address, subject=subject, causes=causes, hint=hint)
        return self.finding_for(contract, message, component=address, subject=subject, causes=causes, hint=hint)


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

    Set it before it is read. The cause chain shows where it was set, if it was. Without a contract, a read that ended
    the shutdown or a background task is a warning.
    """

    code = "NC306"
    name = "read-before-set"
    family = ORDER_AND_WIRING
    observes_whole_run = True

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each component whose read ended a stage or a background task."""
        seen: set[str] = set()
        for failure in _failures(context):
            change = context.evidence.failed_read(failure)
            if change is not None and change.component not in seen:
                seen.add(change.component)
                yield self._finding(context, change)

    def _finding(self, context: Context, change: StateChange) -> Finding:
        address = change.component
        outcome, explained, hint = self._explained(context, change)
        contract = context.contracts.by_component.get(address)
        message = f"`{address}` was read at {short_location(change.location)} {outcome}"
        return self.finding(
            message,
            severity=contract.severity if contract else self._severity(context, address),
            component=address,
            phase=contract.phase if contract else None,
            location=change.location,
            causes=(cause_from_change(change, f"`{address}` was read here"), explained),
            impact=contract.impact if contract else "",
            hint=hint,
        )

    @staticmethod
    def _severity(context: Context, address: str) -> Severity:
        """An error if the read kept the target from starting; a failed shutdown or task is a warning."""
        failed = context.evidence.failed_stage
        ended = failed is not None and any(failure in failed.failures for failure in _ended_by_read(context, address))
        return Severity.ERROR if ended else Severity.WARNING

    @staticmethod
    def _explained(context: Context, change: StateChange) -> tuple[str, Cause | None, str]:
        """Why it was not set: the end of the sentence, the state change that explains it, and a hint."""
        address = change.component
        changes = context.recording.state_changes.get(address, ())
        writes = [write for write in changes if write.operation in ("set", "delete")]
        before = next((write for write in reversed(writes) if write.seq < change.seq), None)
        later = next((write for write in writes if write.operation == "set" and write.seq > change.seq), None)
        if before is not None and before.operation == "delete":
            cause = cause_from_change(before, f"`{address}` was deleted here")
            return "after it was deleted", cause, "read it earlier, or do not delete it"
        if later is not None:
            cause = cause_from_change(later, f"`{address}` was first set here")
            return "before it was set", cause, "set it before it is read"
        for other in context.evidence.addresses_set_by_name.get(last_name(address), ()):
            if other != address:
                cause = cause_from_change(context.evidence.first_set(other), f"`{other}` was set here")
                hint = (
                    "a mounted application, and the mapping that a lifespan yields, has a state of its own: "
                    "set it there, or read it from the state that has it"
                )
                return f"but was never set there; `{other}` was set", cause, hint
        near = nearest_name(address, context.recording.components)
        if near:
            cause = cause_from_change(context.evidence.first_set(near), f"`{near}` was set here")
            return "but was never set", cause, f"did you mean `{near}`?"
        declared = context.contracts.by_component
        near = "" if address in declared else nearest_name(address, declared)
        if near:
            return "but was never set", None, f"did you mean `{near}`, which has a contract?"
        return "but was never set", None, "set it before it is read"

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The error that the read hid while it was handled; otherwise, the component is missing."""
        for failure in _ended_by_read(context, finding.component):
            hidden = hidden_error(failure)
            if hidden is not None:
                yield from _raised_at(failure.chain[hidden].location or failure.location, findings)
        yield from findings.of(ComponentMissing, component=finding.component)

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What the read ended."""
        for failure in _ended_by_read(context, finding.component):
            if hidden_error(failure) is None:
                yield from _raised_at(failure.location, findings)


def _is_beyond_entries(address: str, context: Context) -> bool:
    """Whether a component is below an entry or in a module: then the storage of its state says nothing about it."""
    parsed = parse_address(address)
    in_module = parsed.is_module_object and parsed.prefix not in {state.prefix for state in context.observation.states}
    return not parsed.is_provider and (in_module or bool(parsed.parents))


def _failures(context: Context) -> Iterator[StageFailure]:
    for stage in context.observation.stages:
        yield from stage.failures
    for task in context.observation.failed_tasks:
        yield task.failure


def _ended_by_read(context: Context, component: str) -> Iterator[StageFailure]:
    """The failures of stages and background tasks that a failed read of a component ended."""
    for failure in _failures(context):
        change = context.evidence.failed_read(failure)
        if change is not None and change.component == component:
            yield failure


def _raised_at(location: Location | None, findings: Findings) -> Iterator[Finding]:
    """Findings on an exception that was raised at a location."""
    return (one for one in findings.where(lambda check: check.reports_exception) if one.location == location)


CHECKS: tuple[Check, ...] = (
    SetThenLost(),
    ReadBeforeSet(),
)

"""NC301, NC302, NC305, NC306: when things were set, lost and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netra_contracts.checks.engine.check import Check, Context, allows_none, milliseconds, short_location
from netra_contracts.checks.wiring import broken_wires
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.failures import StageFailure
from netra_contracts.protocol.observation import StateChange


class Inversion(NamedTuple):
    """`later` was set after `earlier`, which stands on it."""

    earlier: ComponentContract
    later: str
    earlier_event: StateChange
    later_event: StateChange


def inversions(context: Context) -> Iterator[Inversion]:
    """Pairs along `requires` and `wires` that were set in the wrong order, by the first write that was not None.

    A pair with a broken wire is left out: that is one fault, and NC303 or NC304 tells it. So is one whose phases are
    both marked: then the marks decide. So is one that is late for its marked phase: that is one fault too.
    """
    wired_wrong = {(wire_.contract.component, wire_.other) for wire_ in broken_wires(context)}
    for contract in context.judged:
        mine = context.first_set(contract.component)
        if mine is None or mine.compared:
            continue
        for name in contract.depends_on:
            other = context.first_set(name)
            if other is None or other.compared or other.seq < mine.seq or (contract.component, name) in wired_wrong:
                continue
            if context.status(name) != "late" and not _both_marked(context, contract, name):
                yield Inversion(contract, name, mine, other)


def _both_marked(context: Context, contract: ComponentContract, name: str) -> bool:
    other = context.by_component.get(name)
    return other is not None and context.moment(contract) != "startup" and context.moment(other) != "startup"


def _names_other_phase(context: Context, inversion: Inversion) -> bool:
    later = context.by_component.get(inversion.later)
    return (
        later is not None
        and None not in (later.phase, inversion.earlier.phase)
        and later.phase != inversion.earlier.phase
    )


class LateForItsPhase(Check):
    """## What it does

    Reports a component that was not there at the end of its phase but was set later. Where the application marks its
    phases, the end of the phase is that very moment. Otherwise order is judged along `requires` and `wires` only: a
    component of an earlier phase was set after one of a later phase that stands on it.

    ## Why it matters

    Whatever was built in between was built without it, and may hold None or a placeholder.

    ## Example

    ```python
    app.state.engine_factory = EngineFactory(app)  # phase integration, requires the bridge
    app.state.bridge = Bridge()  # phase configuration
    ```

    ## What to do

    Set it earlier, or name a later phase in its contract.
    """

    code = "NC301"
    name = "late-for-its-phase"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each late component, however many stand on it."""
        for contract in context.judged:
            if context.status(contract.component) == "late":
                yield self._after_mark(context, contract)
        late: dict[str, list[Inversion]] = {}
        for inversion in inversions(context):
            if _names_other_phase(context, inversion):
                late.setdefault(inversion.later, []).append(inversion)
        for name, found in late.items():
            yield self._after_dependents(context, name, found)

    def _after_mark(self, context: Context, contract: ComponentContract) -> Finding:
        mark = context.recording.marks[context.moment(contract)]
        ended = mark.start_ms + mark.ms
        event = context.first_set(contract.component, after=mark.last_seq)
        place = short_location(event.location if event else None)
        late = f", {milliseconds(event.ms - ended)} after the phase had ended" if event and event.ms > ended else ""
        end = Cause(message=f"{mark.phase} ended here", location=mark.location, ms=ended)
        return self.broken(
            contract,
            f"`{contract.component}` is late for {mark.phase}: it was set at {place}{late}",
            causes=(context.written(event, f"`{contract.component}` was set here"), end),
            hint=f"set it before {mark.phase} ends, or name a later phase in its contract",
        )

    def _after_dependents(self, context: Context, name: str, found: list[Inversion]) -> Finding:
        contract = context.by_component[name]
        users = ", ".join(f"`{inversion.earlier.component}`" for inversion in found[:3])
        users += f" and {len(found) - 3} more" if len(found) > 3 else ""
        stand = "stands on it, was" if len(found) == 1 else "stand on it, were"
        phase = contract.phase.value if contract.phase else ""
        first = found[0]
        delay = milliseconds(first.later_event.ms - first.earlier_event.ms)
        causes = [context.first_set_cause(name)]
        causes += [
            context.written(
                inversion.earlier_event, f"`{inversion.earlier.component}`, which stands on it, was set here"
            )
            for inversion in found[:5]
        ]
        return self.broken(
            contract,
            f"`{name}` is late for {phase}: {users}, which {stand} set {delay} earlier",
            causes=causes,
            hint=f"set `{name}` before {users}, or name other phases",
        )


class SetBeforeRequired(Check):
    """## What it does

    Reports a component that was set before one that it requires, or is wired to, both of the same phase or of none.

    ## Why it matters

    It was built on something that did not exist yet. That it works today may be luck.

    ## Example

    ```toml
    [tool.netra-contracts.components.engine_factory]
    requires = ["bridge"]
    ```

    ```python
    app.state.engine_factory = EngineFactory()
    app.state.bridge = Bridge()
    ```

    ## What to do

    Set the required component first.
    """

    code = "NC302"
    name = "set-before-required"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each pair."""
        for inversion in inversions(context):
            if _names_other_phase(context, inversion):
                continue
            contract = inversion.earlier
            delay = milliseconds(inversion.later_event.ms - inversion.earlier_event.ms)
            yield self.broken(
                contract,
                f"`{contract.component}` was set {delay} before `{inversion.later}`, which it requires",
                subject=inversion.later,
                causes=(
                    context.written(inversion.earlier_event, f"`{contract.component}` was first set here"),
                    context.written(inversion.later_event, f"`{inversion.later}` was first set here"),
                ),
                hint=f"set `{inversion.later}` first",
            )


class SetThenLost(Check):
    """## What it does

    Reports a component that was set during startup and was then deleted, or overwritten with None.

    ## Why it matters

    Something took away what something else had provided: often an error handler, or a clean-up that runs too early.

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
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each, with or without a contract. Not after a startup that failed: clean-up is its right."""
        if not context.started:
            return
        for address in context.startup_events:
            if address in context.silenced or not context.is_lost(address):
                continue
            finding = self._finding(context, address)
            contract = context.by_component.get(address, context.needed.get(address))
            if contract is None:
                yield finding
            elif self._breaks(context, contract, address):
                broken = self.broken(contract, finding.message, causes=finding.causes, hint=finding.hint)
                yield broken.model_copy(update={"component": address})

    @staticmethod
    def _breaks(context: Context, contract: ComponentContract, address: str) -> bool:
        """Lost by its moment, or after the marked phase at whose end it was still there."""
        if contract.component != address:
            return True
        lost_later = context.moment(contract) != "startup" and context.status(address) == "present"
        return context.status(address) == "lost" or (lost_later and not allows_none(contract))

    def _finding(self, context: Context, address: str) -> Finding:
        last = context.last_write(address)
        how = "deleted" if last is not None and last.operation == "delete" else "overwritten with None"
        causes = (
            context.written(last, f"`{address}` was {how} here"),
            context.written(context.first_set(address), f"`{address}` was first set here"),
        )
        chain = tuple(cause for cause in causes if cause is not None)
        return Finding(
            code=self.code,
            severity=self.severity,
            message=f"`{address}` was set and then {how}",
            component=address,
            location=next((cause.location for cause in chain if cause.location), None),
            causes=chain,
            hint="look at the line that removed it; a contract whose type allows None accepts that",
        )


class ReadBeforeSet(Check):
    """## What it does

    Reports a read of a component that was not set, when the exception it raised was caught by nobody: it ended the
    startup, the shutdown, the import, or a background task. Questions (`hasattr`, `getattr` with a default, a caught
    exception) are no faults.

    ## Why it matters

    The order of startup steps is wrong, or the component lives in another state: a mounted application has one of its
    own.

    ## Example

    ```python
    sub.state.db.connect()  # `db` was set on the outer application
    ```

    ## What to do

    Set it before it is read; the cause chain says where, and whether, it was set.
    """

    code = "NC306"
    name = "read-before-set"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each read that ended something."""
        seen: set[str] = set()
        for fault in _faults(context):
            event = context.by_seq.get(fault.read) if fault.read is not None else None
            if event is not None and event.component not in seen:
                seen.add(event.component)
                yield self._finding(context, event)

    def _finding(self, context: Context, event: StateChange) -> Finding:
        address = event.component
        outcome, explained, hint = self._explained(context, event)
        contract = context.by_component.get(address)
        message = f"`{address}` was read at {short_location(event.location)} {outcome}"
        chain = tuple(cause for cause in (context.written(event, "it was read here"), explained) if cause is not None)
        return Finding(
            code=self.code,
            severity=contract.severity if contract else self.severity,
            message=message,
            component=address,
            phase=contract.phase if contract else None,
            location=event.location,
            causes=chain,
            impact=contract.impact if contract else "",
            hint=hint,
        )

    @staticmethod
    def _explained(context: Context, event: StateChange) -> tuple[str, Cause | None, str]:
        """Why it was not there: how the sentence goes on, the event that explains it, and what to do."""
        address = event.component
        writes = [e for e in context.recording.events.get(address, ()) if e.operation in ("set", "delete")]
        before = next((e for e in reversed(writes) if e.seq < event.seq), None)
        later = next((e for e in writes if e.operation == "set" and e.seq > event.seq), None)
        if before is not None and before.operation == "delete":
            return "after it was deleted", context.written(before, "it was deleted here"), "read it before, or keep it"
        if later is not None:
            cause = context.written(later, f"`{address}` was first set here")
            return "before it was set", cause, "set it before it is read"
        for other in context.set_as.get(address.rpartition(":")[2], ()):
            if other != address:
                cause = context.written(context.first_set(other), f"`{other}` was set here")
                hint = (
                    "a mounted application, and what a lifespan yields, has a state of its own: set it there, or read "
                    "it from the one that has it"
                )
                return f"and was never set there; `{other}` was", cause, hint
        return "and was never set", None, "set it before it is read"


def _faults(context: Context) -> Iterator[StageFailure]:
    for stage in context.observation.stages:
        yield from stage.faults
    for dead in context.observation.dead:
        yield dead.fault


CHECKS: tuple[Check, ...] = (LateForItsPhase(), SetBeforeRequired(), SetThenLost(), ReadBeforeSet())

"""What a check is, and what it may look at."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

from netra_contracts.checks.engine.family import PLUGINS, Family
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observation import Answer, Stage, StateChange
from netra_contracts.protocol.plan import Question
from netra_contracts.protocol.stages import StageName

if TYPE_CHECKING:
    from netra_contracts.checks.engine.findings import Findings

#: What became of a declared component, as far as its own contract says what it is.
#: `late`: not there at the end of its marked phase, but later. `unreached`: the target's startup ended before.
ComponentStatus = Literal["present", "missing", "none", "lost", "late", "wrong_type", "unknown", "absent", "unreached"]
#: Standings on which nothing can be built: what depends on such a component is blocked.
_BROKEN: frozenset[ComponentStatus] = frozenset(["missing", "none", "lost", "wrong_type"])

Result = Finding | NotRun
#: Stages whose events say nothing of how the startup went.
_LATER: frozenset[StageName] = frozenset(["isolation", "live", "shutdown"])


class Check(ABC):
    """Pure functions: `ask` turns a contract into questions for the probe, `judge` turns evidence into findings, and
    `follows_from` and `leads_to` name the causes and the consequences of a finding among the findings of a run.

    The docstring of a subclass is its documentation, in Markdown, with the headings of `documentation.HEADINGS`.

    Attributes:
        code: never changes its meaning and is never used again.
        name: names the fault, so that it reads well after "allow".
        family: the checks it belongs to.
        severity: of findings for which no contract says otherwise.
        phase: of findings for which no contract says otherwise.
        reported_first: whether its findings precede others of the same severity, as what kept the target from starting.
        reports_exception: whether its findings are located where an exception that nobody caught was raised.
        breaks_contract: whether a contract does not hold if there is a finding about its component.
        required: whether a contract holds only if this check was run on it.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    family: ClassVar[Family] = PLUGINS
    severity: ClassVar[Severity] = Severity.ERROR
    phase: ClassVar[Phase | None] = None
    reported_first: ClassVar[bool] = False
    reports_exception: ClassVar[bool] = False
    breaks_contract: ClassVar[bool] = True
    required: ClassVar[bool] = True

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """The questions that this check has about a contract."""
        return ()

    def judge(self, context: Context) -> Iterable[Result]:
        """What is broken, and what could not be judged."""
        return ()

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Causes of a finding of this check among all findings, the one that explains it best first."""
        return ()

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Findings of other checks that follow from a finding of this check, unless they name a cause themselves."""
        return ()

    def broken(
        self,
        contract: ComponentContract,
        message: str,
        *,
        subject: str = "",
        causes: Iterable[Cause | None] = (),
        hint: str = "",
        location: Location | None = None,
    ) -> Finding:
        """A finding about a contract, with what the contract says of its severity and impact."""
        chain = tuple(cause for cause in causes if cause is not None)
        return Finding(
            code=self.code,
            severity=contract.severity,
            message=message,
            component=contract.component,
            phase=contract.phase,
            subject=subject,
            location=location or next((cause.location for cause in chain if cause.location), None),
            causes=chain,
            impact=contract.impact,
            hint=hint,
            docs=contract.docs,
        )

    def unanswered(self, contract: ComponentContract, question: Question, reason: str = "") -> NotRun:
        """The recording does not hold an answer to a question."""
        return NotRun(
            code=self.code,
            component=contract.component,
            subject=question.path or question.other or question.operator,
            reason=reason or "the recording holds no answer to this question",
        )


def allows_none(contract: ComponentContract) -> bool:
    """Whether None is among the types that a contract names, or the component need not be there at all."""
    return contract.optional or (contract.type is not None and "None" in contract.type.names)


def short_location(location: Location | None) -> str:
    """`startup.py:41`: a place within a sentence; the whole path is where the report shows locations."""
    return "an unknown line" if location is None else f"{location.file.rpartition('/')[2]}:{location.line}"


def milliseconds(value: float) -> str:
    """`12 ms`, and more digits below ten."""
    return f"{value:.0f} ms" if abs(value) >= 10 else f"{value:.2g} ms"


class Context:
    """The evidence, arranged for checks. Built once for each run, never changed.

    Args:
        recording: contracts, plan and observation.
        until: judge no later phase.
    """

    def __init__(self, recording: Recording, until: Phase | None = None) -> None:
        self.recording = recording
        self.until = until
        self.observation = recording.observation

    # The target's life

    @cached_property
    def broken_stage(self) -> Stage | None:
        """The first of import, build and startup that did not end well; None: the target started."""
        for stage in self.observation.stages:
            if stage.name in ("import", "build", "startup") and stage.outcome not in ("ok", "unsupported"):
                return stage
        return None

    @property
    def started(self) -> bool:
        """Whether import, build and startup ended well."""
        return self.broken_stage is None

    @cached_property
    def startup_events(self) -> Mapping[str, tuple[StateChange, ...]]:
        """Events by component up to the end of startup and what followed it, before anyone was served."""
        return {
            component: tuple(event for event in events if event.stage not in _LATER)
            for component, events in self.recording.events.items()
        }

    @cached_property
    def by_seq(self) -> Mapping[int, StateChange]:
        """Events by number."""
        return {event.seq: event for event in self.observation.events}

    @cached_property
    def namesakes(self) -> Mapping[str, tuple[str, ...]]:
        """Addresses of components by their last part: `pool` is also the name of `/api:pool`."""
        found: dict[str, list[str]] = {}
        for address in self.recording.components:
            found.setdefault(address.rpartition(":")[2], []).append(address)
        return {name: tuple(addresses) for name, addresses in found.items()}

    @cached_property
    def set_as(self) -> Mapping[str, tuple[str, ...]]:
        """Addresses at which something that is not None was ever set, by their last part."""
        found: dict[str, list[str]] = {}
        for address in self.recording.events:
            if self.first_set(address) is not None:
                found.setdefault(address.rpartition(":")[2], []).append(address)
        return {name: tuple(addresses) for name, addresses in found.items()}

    def first_set(self, address: str, after: int = 0) -> StateChange | None:
        """The first write that was not None, of those after the event with the number `after`."""
        events = self.startup_events.get(address, ())
        return next(
            (event for event in events if event.operation == "set" and not event.is_none and event.seq > after), None
        )

    def last_write(self, address: str, until: int | None = None) -> StateChange | None:
        """The last write or delete; of those up to the event with the number `until`, if that is given."""
        for event in reversed(self.startup_events.get(address, ())):
            if event.operation in ("set", "delete") and (until is None or event.seq <= until):
                return event
        return None

    def is_lost(self, address: str) -> bool:
        """Whether a component was there, and was then deleted or set to None."""
        last = self.last_write(address)
        gone = last is not None and (last.operation == "delete" or last.is_none)
        return gone and self.first_set(address) is not None

    def since_stage(self, event: StateChange) -> float:
        """Ms from the start of the stage that an event belongs to."""
        stage = self.recording.stages.get(event.stage)
        return max(event.ms - stage.start_ms, 0.0) if stage else event.ms

    # Contracts

    @cached_property
    def contracts(self) -> tuple[ComponentContract, ...]:
        """Those that are judged in this run, with what they stand on: without that, what blocks them would go untold.

        A contract that one of an earlier phase stands on names no phase itself; configuration refuses a later one.
        """
        wanted = {contract.component for contract in self.recording.contracts if self._wanted(contract.phase)}
        pending = list(wanted)
        while pending:
            for name in self.by_component[pending.pop()].depends_on:
                if name in self.by_component and self.by_component[name].phase is None and name not in wanted:
                    wanted.add(name)
                    pending.append(name)
        return tuple(contract for contract in self.recording.contracts if contract.component in wanted)

    def _wanted(self, phase: Phase | None) -> bool:
        """Contracts without a phase must hold by the end of startup: they go with the last one."""
        return self.until is None or (phase or Phase.READINESS) <= self.until

    @cached_property
    def by_component(self) -> Mapping[str, ComponentContract]:
        """All contracts, by component."""
        return {contract.component: contract for contract in self.recording.contracts}

    @cached_property
    def silenced(self) -> frozenset[str]:
        """Components of which nothing is to be said: their contracts are blocked, or belong to a later phase."""
        return frozenset(self.by_component) - {contract.component for contract in self.judged}

    @cached_property
    def needed(self) -> Mapping[str, ComponentContract]:
        """Components without a contract that contracts stand on, each with the gravest of these contracts."""
        return {name: min(users, key=lambda user: user.severity.rank) for name, users in self._users.items()}

    @cached_property
    def _users(self) -> Mapping[str, list[ComponentContract]]:
        """Components without a contract, with the contracts that stand on them.

        What is optional and not there needs nothing.
        """
        found: dict[str, list[ComponentContract]] = {}
        for contract in self.contracts:
            if self.status(contract.component) != "absent":
                for name in contract.depends_on:
                    if name not in self.by_component:
                        found.setdefault(name, []).append(contract)
        return found

    def moment(self, contract: ComponentContract) -> str:
        """When a contract is judged: the end of its phase where that was marked, else the end of startup."""
        mark = self.recording.marks.get(contract.phase.value) if contract.phase else None
        return mark.phase if mark is not None and mark.outcome == "ok" else "startup"

    def answer(self, contract: ComponentContract, question: Question) -> Answer | None:
        """The answer at the contract's moment."""
        return self.recording.answer(question, self.moment(contract))

    @cached_property
    def _statuses_by_address(self) -> dict[str, ComponentStatus]:
        return {}

    def status(self, address: str) -> ComponentStatus:
        """What became of a component, judged by its contract, or by what was seen where it has none."""
        known = self._statuses_by_address.get(address)
        if known is None:
            contract = self.by_component.get(address)
            known = self._undeclared(address) if contract is None else self._declared(contract)
            self._statuses_by_address[address] = known
        return known

    def _undeclared(self, address: str) -> ComponentStatus:
        component = self.recording.components.get(address)
        if component is not None and not component.is_none:
            return "present"
        if not self.started:
            return "unreached"
        if self.is_lost(address):
            return "lost"
        return "missing" if component is None else "none"

    def _declared(self, contract: ComponentContract) -> ComponentStatus:
        present = self.answer(contract, Question("present", contract.component))
        if present is None:
            return "unknown" if self.started else "unreached"
        if not present.holds or (present.is_none and not allows_none(contract)):
            return self._not_there(contract, present)
        if contract.type is not None:
            fits = self.answer(contract, Question("fits", contract.component, type=contract.type))
            if fits is not None and fits.holds is False and not (fits.is_none and contract.optional):
                return "wrong_type"
        return "present"

    def _not_there(self, contract: ComponentContract, present: Answer) -> ComponentStatus:
        address = contract.component
        if contract.optional:
            return "absent"
        marked = self.moment(contract) != "startup"
        # A startup that failed might still have set it, also where there is None so far; a phase that ended might not.
        if not self.started and not (marked and (present.holds or self._there_in_the_end(address))):
            return "unreached"
        if marked and self._there_in_the_end(address):
            return "late"
        if self.is_lost(address):
            return "lost" if self.started else "unreached"
        return "none" if present.holds else "missing"

    def _there_in_the_end(self, address: str) -> bool:
        component = self.recording.components.get(address)
        return component is not None and not component.is_none

    # Blocking

    @cached_property
    def blocked(self) -> Mapping[str, Blocked]:
        """Contracts that are not judged because of what they stand on, by component: each names its root."""
        found: dict[str, Blocked] = {}
        for contract in self._in_dependency_order():
            reason = self._reason(contract, found)
            if reason is not None:
                found[contract.component] = reason
        return {
            contract.component: found[contract.component] for contract in self.contracts if contract.component in found
        }

    def _in_dependency_order(self) -> Iterator[ComponentContract]:
        """Contracts, each after those it stands on. Circles were refused before; here they merely end."""
        done: set[str] = set()
        for start in self.recording.contracts:
            stack = [(start, iter(start.depends_on))]
            entered = {start.component}
            while stack:
                contract, needed = stack[-1]
                following = next(
                    (
                        self.by_component[name]
                        for name in needed
                        if name in self.by_component and name not in done and name not in entered
                    ),
                    None,
                )
                if following is not None:
                    entered.add(following.component)
                    stack.append((following, iter(following.depends_on)))
                    continue
                stack.pop()
                if contract.component not in done:
                    done.add(contract.component)
                    yield contract

    def _reason(self, contract: ComponentContract, found: Mapping[str, Blocked]) -> Blocked | None:
        if self.status(contract.component) == "absent":
            return None  # what is optional and not there needs nothing
        for name in contract.depends_on:
            if name in found:
                root = found[name].by
                return self._block(contract, root, f"it stands on `{name}`, which is blocked by `{root}`")
            if self.status(name) in _BROKEN:
                return self._block(contract, name, f"it stands on `{name}`, which is broken")
        if self.status(contract.component) == "unreached":
            stage = self.broken_stage.name if self.broken_stage else "startup"
            return self._block(contract, stage, f"{stage} ended before {self._not_reached(contract.component)}")
        return None

    def _not_reached(self, address: str) -> str:
        if self._there_in_the_end(address):
            return "it could be looked at"
        return "it was set for good" if self.first_set(address) is not None else "it was set"

    @staticmethod
    def _block(contract: ComponentContract, by: str, reason: str) -> Blocked:
        return Blocked(component=contract.component, by=by, reason=reason, phase=contract.phase)

    @cached_property
    def judged(self) -> tuple[ComponentContract, ...]:
        """Contracts that are not blocked."""
        return tuple(contract for contract in self.contracts if contract.component not in self.blocked)

    @cached_property
    def examinable_contracts(self) -> tuple[ComponentContract, ...]:
        """Contracts whose component is there, so that one can look into it."""
        return tuple(
            contract
            for contract in self.judged
            if self.status(contract.component) in ("present", "unknown", "wrong_type") and not self._is_none(contract)
        )

    def _is_none(self, contract: ComponentContract) -> bool:
        present = self.answer(contract, Question("present", contract.component))
        return present is not None and present.is_none

    # Evidence in words

    def written(self, event: StateChange | None, what: str) -> Cause | None:
        """A cause from an event: `what` says it in words, without place and time."""
        if event is None:
            return None
        unsure = " (seen at the end of a phase; the line is unknown)" if event.compared else ""
        return Cause(message=what + unsure, location=event.location, ms=event.ms)

    def first_set_cause(self, address: str) -> Cause | None:
        """Where a component was first set."""
        return self.written(self.first_set(address), f"`{address}` was first set here")

    def needed_by(self, address: str) -> tuple[Cause, ...]:
        """Which contracts stand on a component that has none itself."""
        return tuple(
            Cause(message=f"`{contract.component}` stands on it", location=contract.origin.location)
            for contract in self._users.get(address, ())
        )

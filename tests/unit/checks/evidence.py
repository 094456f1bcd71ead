"""Builds recordings of startups for unit tests: contracts, and the observation that a probe would send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from netra_contracts.checks.engine.judgement import Judgement, judge, plan
from netra_contracts.contracts.model import ComponentContract, Constraint, Method, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import Operation, StateChange, StateEntry
from netra_contracts.protocol.observed.failures import ExceptionInfo, FailureKind, StageFailure
from netra_contracts.protocol.observed.observation import MarkedPhase, Observation, Stage, TargetInfo
from netra_contracts.protocol.plan import Plan, Question, QuestionKind, TypeSpec
from netra_contracts.protocol.stages import StageName, StageOutcome

TARGET = TargetInfo(spec="shop.main:app", module="shop.main", attr="app", cwd="/home/ada/shop")
_OK: tuple[StageName, ...] = ("import", "build", "startup", "settle", "isolation", "live", "shutdown")


def at(line: int, file: str = "startup.py") -> Location:
    """A line of the application."""
    return Location(f"/home/ada/shop/{file}", line, "lifespan")


def contract(component: str, phase: str | None = None, **terms: Any) -> ComponentContract:
    """A contract; `type`, `methods` and `bounds` are written as in TOML."""
    if "type" in terms:
        text = terms["type"]
        terms["type"] = TypeSpec(text, tuple(name.strip() for name in text.split("|")))
    if "methods" in terms:
        terms["methods"] = tuple(
            Method(name=name, signature=f"({rest}" if rest else "")
            for name, _, rest in (method.partition("(") for method in terms["methods"])
        )
    if "bounds" in terms:
        terms["bounds"] = tuple(Constraint(operator=name, operand=operand) for name, operand in terms["bounds"].items())
    if "severity" in terms:
        terms["severity"] = Severity(terms["severity"])
    return ComponentContract(component=component, phase=Phase(phase) if phase else None, **terms)


def raised(name: str, message: str = "", line: int | None = None, **more: Any) -> ExceptionInfo:
    """One exception of a chain."""
    location = at(line) if line else None
    return ExceptionInfo(name, message, location=location, calls=(location,) if location else (), **more)


def fault(kind: FailureKind, *chain: ExceptionInfo, **more: Any) -> StageFailure:
    """A failure as the probe creates it from an exception chain, or one with a message."""
    if chain:
        first = chain[0]
        read = next((one.failed_read for one in chain if one.failed_read is not None), None)
        more = {"message": first.headline, "location": first.location, "failed_read": read, **more}
    return StageFailure(kind, chain=chain, **more)


class Startup:
    """A recorded startup, built state change by state change. The time of a write in ms is the number of its line.

    Questions of the plan are answered as the events have it: what was set is there, and fits in every way unless
    `answer` says otherwise.
    """

    def __init__(self, *contracts: ComponentContract) -> None:
        self.contracts = contracts
        self.stage: StageName = "startup"
        self.events: list[StateChange] = []
        self.marks: list[MarkedPhase] = []
        self.faults: dict[StageName, tuple[StageOutcome, tuple[StageFailure, ...]]] = {}
        self.seen: dict[str, Any] = {}
        self.doubles: dict[str, str] = {}
        self._answers: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._silent = False

    def _note(self, operation: Operation, component: str, line: int, **more: Any) -> StateChange:
        where = None if more.get("compared") else at(line)
        event = StateChange(
            len(self.events) + 1,
            float(line),
            operation,
            component,
            self.stage,
            **{"location": where, **more},
        )
        self.events.append(event)
        return event

    def sets(self, component: str, line: int, **more: Any) -> Startup:
        """Something that is not None is written; each write is another object."""
        number = sum(event.component == component for event in self.events) + 1
        self._note("set", component, line, **{"type": "shop:Thing", "version": f"{component}-{number}", **more})
        return self

    def sets_none(self, component: str, line: int, *handled: ExceptionInfo) -> Startup:
        """None is written, where an exception may be handled."""
        self._note("set", component, line, type="NoneType", is_none=True, handled=handled)
        return self

    def deletes(self, component: str, line: int, *handled: ExceptionInfo) -> Startup:
        """An entry is deleted, where an exception may be handled."""
        self._note("delete", component, line, handled=handled)
        return self

    def reads(self, component: str, line: int) -> int:
        """A component that is not set is read. Returns the number of the read."""
        return self._note("read", component, line).seq

    def marks_end_of(self, phase: str, line: int, outcome: Literal["ok", "failed"] = "ok") -> Startup:
        """The application leaves the block of a phase."""
        self.marks.append(MarkedPhase(phase, 0.0, float(line), len(self.events), outcome, at(line)))
        return self

    def fails(self, stage: StageName, *faults: StageFailure, outcome: StageOutcome = "failed") -> Startup:
        """A stage fails."""
        self.faults[stage] = (outcome, faults)
        return self

    def dies(self, stage: StageName, *faults: StageFailure) -> Startup:
        """The process dies before it has answered any question."""
        self._silent = True
        return self.fails(stage, *faults, outcome="died")

    def sees(self, **facts: Any) -> Startup:
        """Fields of the observation."""
        self.seen.update(facts)
        return self

    def double(self, component: str, name: str) -> Startup:
        """A component is a test double."""
        self.doubles[component] = name
        return self

    def answers(self, kind: QuestionKind, component: str, path: str = "", **facts: Any) -> Startup:
        """How a question is answered: `path` is an attribute's, a method's, or the operator of a bound."""
        self._answers[kind, component, path] = facts
        return self

    def recording(self) -> Recording:
        """The recording, as the pipeline would pass it."""
        asked = plan(self.contracts)
        observation = Observation(
            TARGET,
            stages=self._stages(),
            state_changes=tuple(self.events),
            components=self._components(),
            answers=() if self._silent else tuple(self._all_answers(asked)),
            marked_phases=tuple(self.marks),
            **self.seen,
        )
        return Recording(observation=observation, plan=asked, contracts=self.contracts)

    def judged(self, until: str | None = None, **options: Any) -> Judgement:
        """The recording, judged."""
        return judge(self.recording(), until=Phase(until) if until else None, **options)

    def findings(self, until: str | None = None) -> tuple[Finding, ...]:
        """The findings, in the order of the report."""
        return self.judged(until).findings

    def found(self) -> Finding:
        """The only finding."""
        (finding,) = self.findings()
        return finding

    def codes(self, until: str | None = None) -> list[tuple[str, str]]:
        """Code and component of all findings, in the order of the report."""
        return [(finding.code, finding.component) for finding in self.findings(until)]

    def roots(self) -> list[tuple[str, str]]:
        """Code and component of findings that follow from no other."""
        return [(finding.code, finding.component) for finding in self.findings() if not finding.caused_by]

    def blocked(self) -> dict[str, str]:
        """Blocked components, and by what."""
        return {blocked.component: blocked.by for blocked in self.judged().blocked}

    def not_run(self) -> list[tuple[str, str, str]]:
        """What could not be judged: code, component, subject."""
        return [(entry.code, entry.component, entry.subject) for entry in self.judged().not_run]

    def _stages(self) -> tuple[Stage, ...]:
        found = []
        for name in _OK:
            outcome, faults = self.faults.get(name, ("ok", ()))
            found.append(Stage(name, 0.0, 100.0, outcome, faults))
            if outcome != "ok" and name in ("import", "build", "startup") and "shutdown" not in self.faults:
                break
        return tuple(found)

    def _components(self) -> tuple[StateEntry, ...]:
        return tuple(
            StateEntry(name, event.type, event.is_none, self.doubles.get(name, ""), event.version)
            for name, event in self._entries(len(self.events)).items()
        )

    def _entries(self, last_seq: int) -> dict[str, StateChange]:
        """The last write of each entry that exists after a state change; those of shutdown are left out."""
        entries: dict[str, StateChange] = {}
        for event in self.events[:last_seq]:
            if event.stage == "shutdown":
                continue
            if event.operation == "set":
                entries[event.component] = event
            elif event.operation == "delete":
                entries.pop(event.component, None)
        return entries

    def _all_answers(self, asked: Plan) -> list[Answer]:
        moments = [(mark.phase, mark.phase, mark.last_seq) for mark in self.marks if mark.outcome == "ok"]
        found = []
        for phase, moment, last_seq in [*moments, (None, "startup", len(self.events))]:
            entries = self._entries(last_seq)
            found += [
                replace(self._one(item.question, entries), item=index, moment=moment)
                for index, item in enumerate(asked.items)
                if phase is None or item.phase == phase
            ]
        return found

    def _one(self, question: Question, entries: dict[str, StateChange]) -> Answer:
        event = entries.get(question.component)
        if event is None:
            return Answer(0, holds=False, missing=question.component)
        facts: dict[str, Any] = {"holds": True, "is_none": event.is_none, "actual": event.type}
        if question.kind == "same" and question.other not in entries:
            facts.update(holds=None, reason="other-not-set")
        if question.kind == "fits" and event.is_none:
            facts.update(holds=question.type is not None and "None" in question.type.names)
        key = (question.kind, question.component, question.path or question.operator)
        return Answer(0, **{**facts, **self._answers.get(key, {})})

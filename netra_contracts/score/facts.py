"""The facts of a recording, by component: what mutators change, and from what a changed recording is put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.answers import Answer, DescribedComponent
from netra_contracts.protocol.observed.app_states import StaleReference, StateChange, StateEntry
from netra_contracts.protocol.observed.clients import ClientObservation
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.observed.observation import FailedBackgroundTask, MarkedPhase, Observation
from netra_contracts.protocol.plan import Question
from netra_contracts.protocol.record import replace
from netra_contracts.protocol.source_usage import UseAnswer
from netra_contracts.score.usage_facts import UsageFacts, with_answers


class ComponentFacts(NamedTuple):
    """What a recording says of one component.

    Attributes:
        entry: at the end of startup; None: it is no entry of a state, or was not set.
        changes: state changes, in order.
        answers: to questions about it, at all moments.
        described: what it was at several moments, if the recording has that.
        stale: replaced objects that it holds.
        isolation: what its instances for several users reach.
        uses: whether it allows what the sources do with it.
    """

    entry: StateEntry | None = None
    changes: tuple[StateChange, ...] = ()
    answers: tuple[Answer, ...] = ()
    described: tuple[DescribedComponent, ...] = ()
    stale: tuple[StaleReference, ...] = ()
    isolation: IsolationResult | None = None
    uses: tuple[UseAnswer, ...] = ()


class Edit(NamedTuple):
    """What a changed recording has instead of the facts of the recording.

    Attributes:
        components: all facts of the components that changed, by address.
        marks: the phases that the application marked; None: as recorded.
        clients: what clients received; None: as recorded.
        failed_tasks: further background work that failed.
        unset: names of entries that no state has had.
    """

    components: Mapping[str, ComponentFacts] = {}
    marks: tuple[MarkedPhase, ...] | None = None
    clients: ClientObservation | None = None
    failed_tasks: tuple[FailedBackgroundTask, ...] = ()
    unset: tuple[str, ...] = ()


class Wire(NamedTuple):
    """An attribute of a component that is the very object that another component is."""

    holder: str
    path: str
    other: str


class Facts:
    """A recording, arranged for changes.

    State changes are numbered with even numbers, so that one can be moved between two others.

    Args:
        recording: the recording; it is not changed.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = with_fields(recording, observation=_spaced(recording.observation))

    @property
    def observation(self) -> Observation:
        """What the probe saw."""
        return self.recording.observation

    @cached_property
    def contracts(self) -> Mapping[str, ComponentContract]:
        """Contracts by component."""
        return {contract.component: contract for contract in self.recording.contracts}

    @cached_property
    def components(self) -> Mapping[str, ComponentFacts]:
        """The facts of everything that the recording names as a component, by address."""
        seen, found = self.observation, defaultdict[str, dict[str, list[object]]](lambda: defaultdict(list))
        for change in seen.state_changes:
            found[change.component]["changes"].append(change)
        for answer in seen.answers:
            found[self.question(answer).component]["answers"].append(answer)
        for described in seen.described:
            found[described.address]["described"].append(described)
        for stale in seen.stale_references:
            found[stale.holder]["stale"].append(stale)
        for use in seen.uses.answers if seen.uses is not None else ():
            found[use.question.component]["uses"].append(use)
        entries = {entry.address: entry for entry in seen.components}
        isolation = {result.component: result for result in seen.isolation}
        addresses = dict.fromkeys([*entries, *found, *isolation])
        return {
            address: ComponentFacts(
                entries.get(address),
                isolation=isolation.get(address),
                **{name: tuple(facts) for name, facts in found[address].items()},  # type: ignore[arg-type]  # by name
            )
            for address in addresses
        }

    @cached_property
    def usage(self) -> UsageFacts | None:
        """What the sources say; None: they were not read."""
        return UsageFacts(self.recording) if self.observation.usage is not None else None

    def question(self, answer: Answer) -> Question:
        """The question that an answer answers."""
        return self.recording.plan.items[answer.item].question

    @cached_property
    def present(self) -> tuple[str, ...]:
        """Components that are there at the end of startup, in the order in which the recording names them."""
        return tuple(address for address in self.components if self._is_present(address))

    def _is_present(self, address: str) -> bool:
        facts = self.components[address]
        return facts.entry is not None or any(
            answer.holds is True and self.question(answer).kind == "present" and answer.moment == "startup"
            for answer in facts.answers
        )

    def is_none(self, address: str) -> bool:
        """Whether a component is None at the end of startup."""
        facts = self.components[address]
        if facts.entry is not None:
            return facts.entry.is_none
        return any(answer.is_none for answer in facts.answers if self.question(answer).kind == "present")

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """Every attribute that is known to be a component: as a contract names it or, if none does, as observed."""
        found: dict[Wire, None] = {}
        for address, facts in self.components.items():
            contract = self.contracts.get(address)
            named = contract.wires if contract is not None else {}
            for question, holds in self.identities(facts):
                if holds and question.path:
                    found[Wire(address, question.path, question.other)] = None
            for described in facts.described:
                if described.moment == "startup":
                    observed = described.wires.items()
                    found.update((Wire(address, path, other), None) for path, other in observed if path not in named)
        return tuple(found)

    def identities(self, facts: ComponentFacts) -> Iterator[tuple[Question, bool | None]]:
        """The questions of contracts whether a component, or an attribute of it, is another one, with the answers."""
        for answer in facts.answers:
            question = self.question(answer)
            if question.kind == "same" and answer.moment == "startup":
                yield question, answer.holds

    @cached_property
    def referrers(self) -> Mapping[str, tuple[str, ...]]:
        """Components whose facts name another one, by the other one."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for address, facts in self.components.items():
            for answer in facts.answers:
                other = self.question(answer).other
                if other and other != address:
                    found[other][address] = None
            for described in facts.described:
                for other in described.wires.values():
                    found[other][address] = None
            for stale in facts.stale:
                found[stale.component][address] = None
        return {other: tuple(addresses) for other, addresses in found.items()}

    @cached_property
    def dependants(self) -> Mapping[str, tuple[str, ...]]:
        """Components whose contracts depend on another one, by the other one."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for contract in self.recording.contracts:
            for other in contract.depends_on:
                found[other].append(contract.component)
        return {other: tuple(addresses) for other, addresses in found.items()}

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """By component with a contract, the length of the longest chain of dependencies that begins with it."""
        found: dict[str, int] = {}
        for start in self.contracts:
            stack, entered = [start], {start}
            while stack:
                needed = [name for name in self.contracts[stack[-1]].depends_on if name in self.contracts]
                unknown = next((name for name in needed if name not in found and name not in entered), None)
                if unknown is not None:
                    stack.append(unknown)
                    entered.add(unknown)
                else:
                    found[stack.pop()] = 1 + max((found.get(name, 0) for name in needed), default=0)
        return found

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The place of each component in the recording."""
        return {address: position for position, address in enumerate(self.components)}

    @cached_property
    def marks(self) -> tuple[MarkedPhase, ...]:
        """The phases that the application marked and that ended well, in the order of their ends."""
        known = [phase.value for phase in Phase]
        ended = (mark for mark in self.observation.marked_phases if mark.outcome == "ok" and mark.phase in known)
        return tuple(sorted(ended, key=lambda mark: mark.last_seq))

    def first_set(self, address: str) -> StateChange | None:
        """The first write of a component that was not None, before any user was served."""
        facts = self.components.get(address, ComponentFacts())
        return next((change for change in facts.changes if _sets(change)), None)

    @cached_property
    def below(self) -> Mapping[str, tuple[str, ...]]:
        """The components that are reached through another one, such as `ctx.pool` through `ctx`."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for address in self.components:
            for parent in parse_address(address).parents:
                if parent in self.components:
                    found[parent].append(address)
        return {parent: tuple(addresses) for parent, addresses in found.items()}

    @cached_property
    def last_seq(self) -> int:
        """The number of the last state change."""
        return max((change.seq for change in self.observation.state_changes), default=0)


def _sets(change: StateChange) -> bool:
    return change.operation == "set" and not change.is_none and change.stage not in ("isolation", "live", "shutdown")


def _spaced(observation: Observation) -> Observation:
    """An observation whose state changes have even numbers, wherever they are named."""
    return replace(
        observation,
        state_changes=tuple(replace(change, seq=2 * change.seq) for change in observation.state_changes),
        marked_phases=tuple(replace(mark, last_seq=2 * mark.last_seq) for mark in observation.marked_phases),
        stages=tuple(
            replace(stage, failures=tuple(map(_failure, stage.failures))) if stage.failures else stage
            for stage in observation.stages
        ),
        failed_tasks=tuple(replace(task, failure=_failure(task.failure)) for task in observation.failed_tasks),
    )


def _failure(failure: StageFailure) -> StageFailure:
    return failure if failure.failed_read is None else replace(failure, failed_read=2 * failure.failed_read)


def changed_recording(facts: Facts, edit: Edit) -> Recording:
    """The whole recording with the facts of an edit."""
    seen = facts.observation
    parts = [edit.components.get(address, known) for address, known in facts.components.items()]
    parts.extend(added for address, added in edit.components.items() if address not in facts.components)
    observation = replace(
        seen,
        **component_fields(parts),
        marked_phases=seen.marked_phases if edit.marks is None else edit.marks,
        clients=seen.clients if edit.clients is None else edit.clients,
        failed_tasks=(*seen.failed_tasks, *edit.failed_tasks),
        uses=with_answers(seen.uses, (use for part in parts for use in part.uses), edit.unset),
    )
    return with_fields(facts.recording, observation=observation)


def with_fields(recording: Recording, **changes: Any) -> Recording:
    """A recording with other values of some fields, which are not validated, and without what it has computed."""
    fields = {name: getattr(recording, name) for name in Recording.model_fields}
    return Recording.model_construct(**{**fields, **changes})


def component_fields(parts: Sequence[ComponentFacts]) -> dict[str, Any]:
    """The fields of an observation that hold the facts of components."""
    changes = [change for part in parts for change in part.changes]
    changes.sort(key=lambda change: change.seq)
    return {
        "state_changes": tuple(changes),
        "components": tuple(part.entry for part in parts if part.entry is not None),
        "answers": _joined(part.answers for part in parts),
        "described": _joined(part.described for part in parts),
        "stale_references": _joined(part.stale for part in parts),
        "isolation": tuple(part.isolation for part in parts if part.isolation is not None),
    }


def _joined(groups: Iterable[tuple[object, ...]]) -> tuple[object, ...]:
    return tuple(member for group in groups for member in group)

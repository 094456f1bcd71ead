"""Says which checks report a changed recording and did not report it before.

The whole recording is judged once. For each mutant only the components are judged again whose facts changed, those
whose contracts depend on them, those that these depend on, and those that code reads together with them. What the
checks say of anything else cannot change: the contracts of the recording hold, so that a change can only block them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.stage_check import StageCheck
from netra_contracts.checks.events.event_check import EventCheck
from netra_contracts.checks.isolation.isolation_check import IsolationCheck
from netra_contracts.checks.usage.usage_check import UsageCheck
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import PlanItem
from netra_contracts.protocol.record import replace
from netra_contracts.score.facts import ComponentFacts, Edit, Facts, changed_recording, component_fields, with_fields
from netra_contracts.score.usage_facts import with_answers


class FindingKey(NamedTuple):
    """What identifies a finding within one judgement."""

    code: str
    component: str
    subject: str


class Judge:
    """Judges changed recordings: with their contracts, or as if there were none.

    Args:
        facts: the recording that is changed. Its contracts hold.
        checks: those whose findings count.
    """

    #: The mutants of some components need the same part, and come again with each kind of mutant.
    _MAX_PARTS = 10_000

    def __init__(self, facts: Facts, checks: Sequence[Check]) -> None:
        self._facts = facts
        self._own = tuple(check for check in checks if check in CHECKS)
        self._others = tuple(check for check in checks if check not in CHECKS)
        self._part = lru_cache(self._MAX_PARTS)(self._part_around)
        self._before = cache(self._found_before)

    def fully(self, edit: Edit, *, contracts: bool) -> tuple[str, ...]:
        """The codes of the new findings of a whole changed recording."""
        return self._in_whole(edit, (*self._own, *self._others), contracts=contracts)

    def quickly(self, edit: Edit, *, contracts: bool) -> tuple[str, ...]:
        """The same, judged by what the changed facts concern. Checks of plugins see everything."""
        if edit.marks is not None:
            return self.fully(edit, contracts=contracts)
        part = self._part(frozenset(edit.components))
        changed = part.recording(edit)
        found = _found(changed if contracts else without_contracts(changed), part.checks)
        codes = _codes(found, part.with_contracts if contracts else part.without)
        if not self._others:
            return codes
        return tuple(sorted({*codes, *self._in_whole(edit, self._others, contracts=contracts)}))

    def _in_whole(self, edit: Edit, checks: tuple[Check, ...], *, contracts: bool) -> tuple[str, ...]:
        changed = changed_recording(self._facts, edit)
        found = _found(changed if contracts else without_contracts(changed), checks)
        return _codes(found, self._before(checks, contracts))

    def _found_before(self, checks: tuple[Check, ...], contracts: bool) -> frozenset[FindingKey]:
        recording = self._facts.recording
        return _found(recording if contracts else without_contracts(recording), checks)

    def _part_around(self, addresses: frozenset[str]) -> _Part:
        part = _Part.around(self._facts, addresses)
        checks = tuple(check for check in self._own if _may_notice(check, part.base))
        without = _found(without_contracts(part.base), checks)
        return part._replace(checks=checks, with_contracts=_found(part.base, checks), without=without)


def _may_notice(check: Check, recording: Recording) -> bool:
    """Whether a check can find anything in a small recording that it does not find in all changes of it."""
    if isinstance(check, EventCheck):
        return recording.events_contract is not None
    if isinstance(check, IsolationCheck):
        return any(contract.per_user is not None for contract in recording.contracts)
    if isinstance(check, UsageCheck):
        return recording.observation.usage is not None
    return not isinstance(check, StageCheck)  # no change concerns a stage


def _found(recording: Recording, checks: tuple[Check, ...]) -> frozenset[FindingKey]:
    context = Context.of(recording)
    return frozenset(
        FindingKey(result.code, result.component, result.subject)
        for check in checks
        for result in _results(check, context)
        if isinstance(result, Finding)
    )


def _results(check: Check, context: Context) -> Iterable[Result]:
    """What a check finds; a check that fails finds nothing."""
    if check.after_startup and not context.evidence.started:
        return ()
    try:
        return [*check.judge(context)]
    except (Exception, SystemExit):  # noqa: BLE001 - a check may be a plugin's
        return ()


def _codes(found: Iterable[FindingKey], before: Iterable[FindingKey]) -> tuple[str, ...]:
    return tuple(sorted({key.code for key in {*found}.difference(before)}))


def without_contracts(recording: Recording) -> Recording:
    """The same recording, of a target without contracts."""
    return with_fields(recording, contracts=(), events_contract=None)


class _Part(NamedTuple):
    """A recording that is small, and in which a change of some components has the effect that it has in the whole one.

    Attributes:
        base: the small recording.
        components: the facts of its components, whose answers name questions of its own plan.
        items: index of a question in the plan of the whole recording -> index in the small one.
        checks: those that can notice a change of it.
        with_contracts: what these find in it unchanged.
        without: what is found in it unchanged, as if it had no contracts.
    """

    base: Recording
    components: Mapping[str, ComponentFacts]
    items: Mapping[int, int]
    checks: tuple[Check, ...] = ()
    with_contracts: frozenset[FindingKey] = frozenset()
    without: frozenset[FindingKey] = frozenset()

    @classmethod
    def around(cls, facts: Facts, changed: frozenset[str]) -> _Part:
        """The part of a recording that a change of some components concerns."""
        contracts = _contracts_around(facts, changed)
        addresses = _addresses_around(facts, changed, contracts)
        items: dict[int, int] = {}
        asked: list[PlanItem] = []
        for address in addresses:
            for answer in facts.components[address].answers if address in facts.components else ():
                if answer.item not in items:
                    items[answer.item] = len(asked)
                    asked.append(facts.recording.plan.items[answer.item])
        components = {
            address: _renumbered(facts.components[address], items)
            for address in addresses
            if address in facts.components
        }
        whole = facts.recording
        observation = replace(
            facts.observation,
            **component_fields(list(components.values())),
            handlers=(),
            mounts=(),
            caught_exceptions=(),
            log=(),
            left_running=(),
        )
        events = whole.events_contract
        if changed:  # what clients received, and what failed, does not depend on components
            clients = None if observation.clients is None else replace(observation.clients, scenarios=())
            observation = replace(observation, clients=clients, failed_tasks=())
            events = events if events is not None and events.readiness else None
        if facts.usage is not None:
            usage, uses = facts.usage.of(dict.fromkeys(map(facts.usage.name_of, addresses)))
            uses = replace(uses, answers=tuple(use for known in components.values() for use in known.uses))
            observation = replace(observation, usage=usage, uses=uses)
        plan = replace(whole.plan, items=tuple(asked))
        base = with_fields(whole, observation=observation, plan=plan, contracts=contracts, events_contract=events)
        return cls(base, components, items)

    def recording(self, edit: Edit) -> Recording:
        """The small recording with the facts of an edit."""
        changed = {address: _renumbered(facts, self.items) for address, facts in edit.components.items()}
        seen = self.base.observation
        parts = list({**self.components, **changed}.values())
        fields = component_fields(parts) if changed else {}
        observation = replace(
            seen,
            **fields,
            clients=seen.clients if edit.clients is None else edit.clients,
            failed_tasks=(*seen.failed_tasks, *edit.failed_tasks),
            uses=with_answers(seen.uses, (use for part in parts for use in part.uses), edit.unset),
        )
        return with_fields(self.base, observation=observation)


_NO_DEPENDENCIES = {"requires": (), "wires": {}, "same_as": ""}


def _contracts_around(facts: Facts, changed: frozenset[str]) -> tuple[ComponentContract, ...]:
    """Contracts of changed components, of those that depend on them, and of what these depend on.

    What a change cannot block is there without what it depends on itself.
    """
    whole = {*changed, *(name for address in changed for name in facts.dependants.get(address, ()))}
    least = min((facts.depths.get(address, 0) for address in changed), default=0)
    cut: set[str] = set()
    pending = [name for name in whole if name in facts.contracts]
    while pending:
        for name in facts.contracts[pending.pop()].depends_on:
            if name in whole or name not in facts.contracts:
                continue
            if facts.depths[name] > least:  # it may depend on a changed component, over others
                whole.add(name)
                pending.append(name)
            else:
                cut.add(name)
    if facts.usage is not None:
        cut.update(facts.usage.read_with(changed))
    return tuple(
        contract if contract.component in whole else contract.model_copy(update=_NO_DEPENDENCIES)
        for contract in facts.recording.contracts
        if contract.component in whole or contract.component in cut
    )


def _addresses_around(facts: Facts, changed: frozenset[str], contracts: Sequence[ComponentContract]) -> Sequence[str]:
    """Changed components, those of the contracts, what these depend on, and what code reads together with them.

    They are in the order of the recording, which decides which of several components a finding names.
    """
    found = set(changed)
    if facts.usage is not None:
        found.update(facts.usage.read_with(changed))
    for contract in contracts:
        found.update((contract.component, *contract.depends_on))
    return sorted(found, key=lambda address: (facts.positions.get(address, len(facts.positions)), address))


def _renumbered(facts: ComponentFacts, items: Mapping[int, int]) -> ComponentFacts:
    answers: tuple[Answer, ...] = tuple(replace(answer, item=items[answer.item]) for answer in facts.answers)
    return facts._replace(answers=answers)

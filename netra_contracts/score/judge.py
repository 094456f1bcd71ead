"""Says which checks report a changed recording and did not report it before.

The whole recording is judged once. For each mutant only the components are judged again whose facts changed, those
whose contracts depend on them, and those that these depend on. What the checks say of anything else cannot change: the
contracts of the recording hold, so that a change can only block them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.judgement import results_of
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observation import Answer
from netra_contracts.protocol.plan import PlanItem
from netra_contracts.protocol.record import replace
from netra_contracts.score.facts import ComponentFacts, Edit, Facts, changed_recording, component_fields, with_fields
from netra_contracts.score.usage_facts import with_answers


class FindingKey(NamedTuple):
    """What identifies a finding within one judgement."""

    code: str
    component: str
    subject: str


class Verdict(NamedTuple):
    """The codes of the new findings of a changed recording, with its contracts and without any."""

    with_contracts: tuple[str, ...]
    without: tuple[str, ...]


class Judge:
    """Judges changed recordings.

    Args:
        facts: the recording that is changed. Its contracts hold.
        checks: those whose findings count.
    """

    def __init__(self, facts: Facts, checks: Sequence[Check]) -> None:
        self._facts = facts
        self._own = tuple(check for check in checks if check in CHECKS)
        self._others = tuple(check for check in checks if check not in CHECKS)
        self._parts: dict[frozenset[str], _Part] = {}
        self._whole: dict[tuple[Check, ...], _Reported] = {}

    def fully(self, edit: Edit) -> Verdict:
        """Judge a whole changed recording."""
        return self._judged_whole(edit, (*self._own, *self._others))

    def quickly(self, edit: Edit) -> Verdict:
        """Judge only what the changed facts concern. What checks of plugins look at is unknown: they see everything."""
        if edit.marks is not None:
            return self.fully(edit)
        part = self._part(frozenset(edit.components))
        verdict = self._judged(part.recording(edit), part.reported, self._own)
        if not self._others:
            return verdict
        other = self._judged_whole(edit, self._others)
        return Verdict(*(tuple(sorted({*own, *more})) for own, more in zip(verdict, other, strict=True)))

    def _judged_whole(self, edit: Edit, checks: tuple[Check, ...]) -> Verdict:
        reported = self._whole.get(checks)
        if reported is None:
            reported = self._whole[checks] = _reported(self._facts.recording, checks)
        return self._judged(changed_recording(self._facts, edit), reported, checks)

    @staticmethod
    def _judged(changed: Recording, before: _Reported, checks: tuple[Check, ...]) -> Verdict:
        return Verdict(*map(_codes, _reported(changed, checks), before))

    def _part(self, addresses: frozenset[str]) -> _Part:
        """The part around some components; mutants of the same ones follow each other."""
        part = self._parts.get(addresses)
        if part is None:
            part = _Part.around(self._facts, addresses)
            part = part._replace(reported=_reported(part.base, self._own))
            self._parts = {addresses: part}
        return part


class _Reported(NamedTuple):
    """What checks find, with contracts and without any."""

    with_contracts: frozenset[FindingKey]
    without: frozenset[FindingKey]


def _reported(recording: Recording, checks: tuple[Check, ...]) -> _Reported:
    return _Reported(_found(recording, checks), _found(without_contracts(recording), checks))


def _found(recording: Recording, checks: tuple[Check, ...]) -> frozenset[FindingKey]:
    context = Context.of(recording)
    return frozenset(
        FindingKey(result.code, result.component, result.subject)
        for check in checks
        for result in results_of(check, context)
        if isinstance(result, Finding)
    )


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
        reported: what is found in it unchanged.
    """

    base: Recording
    components: Mapping[str, ComponentFacts]
    items: Mapping[int, int]
    reported: _Reported = _Reported(frozenset(), frozenset())

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


def _contracts_around(facts: Facts, changed: frozenset[str]) -> tuple[ComponentContract, ...]:
    """Contracts of changed components, and of those that depend on them; others without what they depend on."""
    names = {*changed, *(name for address in changed for name in facts.dependants.get(address, ()))}
    near = {name: facts.contracts[name] for name in names if name in facts.contracts}
    far = {other for contract in near.values() for other in contract.depends_on} - near.keys()
    return tuple(
        contract if contract.component in near else contract.model_copy(update={"requires": (), "wires": {}})
        for contract in facts.recording.contracts
        if contract.component in near or contract.component in far
    )


def _addresses_around(facts: Facts, changed: frozenset[str], contracts: Sequence[ComponentContract]) -> Sequence[str]:
    """Changed components, those of the contracts, and what these depend on."""
    found = dict.fromkeys(sorted(changed))
    for contract in contracts:
        found[contract.component] = None
        found.update(dict.fromkeys(contract.depends_on))
    return tuple(found)


def _renumbered(facts: ComponentFacts, items: Mapping[int, int]) -> ComponentFacts:
    answers: tuple[Answer, ...] = tuple(replace(answer, item=items[answer.item]) for answer in facts.answers)
    return facts._replace(answers=answers)

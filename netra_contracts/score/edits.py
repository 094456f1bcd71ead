"""What the probe would have sent if a component had been something else: all facts about it change together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import StateChange, StateEntry
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.plan import Question
from netra_contracts.protocol.record import replace
from netra_contracts.protocol.source_usage import UseAnswer
from netra_contracts.score.facts import ComponentFacts, Edit, Facts, Wire

#: An object that has nothing in common with any component, and one that answers to every name.
UNRELATED = "object"
DOUBLE = "unittest.mock:MagicMock"
#: What every object is an instance of.
_EVERYTHING = frozenset({"object", "typing:Any", "collections.abc:Hashable", "typing:Hashable"})


def absent(facts: Facts, address: str) -> Edit:
    """The component was never set, and neither was what is reached through it."""
    changed = {name: _never_set(facts, name, address) for name in (address, *facts.below.get(address, ()))}
    components = {**changed, **_not_referred_to(facts, address, changed)}
    return Edit(components, unset=_names_lost(facts, address))


def _names_lost(facts: Facts, address: str) -> tuple[str, ...]:
    """The name of an entry, if no other state has one of this name."""
    if facts.usage is None:
        return ()
    name = facts.usage.name_of(address)
    others = (other for other in facts.present if other != address)
    return () if any(facts.usage.name_of(other) == name for other in others) else (name,)


def _never_set(facts: Facts, address: str, missing: str) -> ComponentFacts:
    known = facts.components[address]
    isolation = known.isolation
    return ComponentFacts(
        changes=tuple(change for change in known.changes if change.operation not in ("set", "delete")),
        answers=tuple(_missing(answer, missing) for answer in known.answers),
        isolation=None if isolation is None else IsolationResult(address, skipped="the component is not there"),
    )


def _missing(answer: Answer, address: str) -> Answer:
    return Answer(answer.item, False, answer.moment, missing=address)


def _not_referred_to(
    facts: Facts, address: str, changed: Collection[str], moments: Collection[str] | None = None
) -> dict[str, ComponentFacts]:
    """Components that referred to one that is not set at some moments; None: at none."""

    def answer(known: Answer, question: Question) -> Answer:
        if question.other != address or (moments is not None and known.moment not in moments):
            return known
        return replace(known, holds=None, reason="other-not-set") if known.holds is not None else known

    found = {}
    for holder in facts.referrers.get(address, ()):
        if holder not in changed:
            known = facts.components[holder]
            described = tuple(
                replace(each, wires={path: other for path, other in each.wires.items() if other != address})
                if address in each.wires.values() and (moments is None or each.moment in moments)
                else each
                for each in known.described
            )
            stale = known.stale
            if moments is None:
                stale = tuple(each for each in stale if each.component != address)
            answers = _answers(facts, known, answer)
            found[holder] = known._replace(answers=answers, described=described, stale=stale)
    return found


def _answers(facts: Facts, known: ComponentFacts, answer: Callable[[Answer, Question], Answer]) -> tuple[Answer, ...]:
    return tuple(answer(each, facts.question(each)) for each in known.answers)


def none(facts: Facts, address: str) -> Edit:
    """None was set instead of the component."""

    def answer(known: Answer, question: Question) -> Answer:
        given = Answer(known.item, False, known.moment, is_none=True, actual="NoneType")
        if question.kind == "present":
            return replace(given, holds=True)
        if question.kind == "fits":
            return replace(given, holds=question.type is not None and "None" in question.type.names)
        if question.kind == "bound":
            return replace(given, holds=None)
        return replace(given, missing=question.path.partition(".")[0], is_none=False) if question.path else given

    edited = _other_object(facts, address, answer, "NoneType", version="", is_none=True)
    return Edit({**edited, **_refer_to_others(facts, address, edited)})


def unrelated(facts: Facts, address: str) -> Edit:
    """The component is an object of an unrelated type, without any of its attributes."""

    def answer(known: Answer, question: Question) -> Answer:
        given = replace(known, holds=False, is_none=False, missing="", near="", actual=UNRELATED, version="")
        if question.kind == "present":
            return replace(given, holds=True)
        if question.kind == "fits":
            spec = question.type
            anything = spec is None or not (spec.names or spec.literals) or not _EVERYTHING.isdisjoint(spec.names)
            return replace(given, holds=anything)
        if question.kind == "bound":
            return replace(given, holds=None)
        return replace(given, missing=question.path.partition(".")[0]) if question.path else given

    edited = _other_object(facts, address, answer, UNRELATED)
    return Edit({**edited, **_refer_to_others(facts, address, edited, attributes=False)})


def double(facts: Facts, address: str) -> Edit:
    """The component is a test double, which has every attribute and accepts every call."""

    def answer(known: Answer, question: Question) -> Answer:
        if question.kind in ("fits", "same"):
            return replace(known, holds=False, is_none=False, actual=DOUBLE, version="")
        if question.kind == "method" and question.asynchronous:
            return replace(known, holds=False, reason="not-async", actual=DOUBLE)
        if question.kind == "bound":
            return replace(known, holds=None, actual=DOUBLE)
        return replace(known, holds=True, actual=DOUBLE)

    edited = _other_object(facts, address, answer, DOUBLE, test_double=DOUBLE)
    return Edit({**edited, **_refer_to_others(facts, address, edited, attributes=False)})


def _other_object(
    facts: Facts,
    address: str,
    answer: Callable[[Answer, Question], Answer],
    kind: str,
    *,
    version: str | None = None,
    is_none: bool = False,
    test_double: str = "",
) -> dict[str, ComponentFacts]:
    """The facts of a component that is of another type, and of what was reached through it."""
    known = facts.components[address]

    def change(each: StateChange) -> StateChange:
        if each.operation != "set" or each.is_none:
            return each
        return replace(each, type=kind, is_none=is_none, version=each.version if version is None else version)

    entry = known.entry
    if entry is not None:
        entry = StateEntry(address, kind, is_none, test_double, entry.version if version is None else version)
    isolation = known.isolation
    if isolation is not None and not test_double:
        isolation = IsolationResult(address, skipped="the method is not one of the component")
    described = () if is_none else tuple(replace(each, type=kind, wires={}) for each in known.described)
    edited = ComponentFacts(
        entry,
        tuple(map(change, known.changes)),
        _answers(facts, known, answer),
        described,
        isolation=isolation,
        uses=known.uses if is_none or test_double else tuple(map(_not_allowed, known.uses)),
    )
    return {address: edited, **{name: _never_set(facts, name, address) for name in facts.below.get(address, ())}}


def _not_allowed(known: UseAnswer) -> UseAnswer:
    """The answer about an object without attributes that is neither callable nor anything else."""
    missing = known.question.path.partition(".")[0]
    return replace(known, holds=False, actual=UNRELATED, missing=missing, near="", refused="", location=None)


def _refer_to_others(
    facts: Facts, address: str, changed: Collection[str], *, attributes: bool = True
) -> dict[str, ComponentFacts]:
    """Components that refer to what is no longer the component.

    Args:
        facts: the recording.
        address: of the component.
        changed: components that have been changed already.
        attributes: whether attributes of others keep the object that it was. Two components are one object only if
            both are the other object; an attribute was given whatever the component is.
    """

    def answer(known: Answer, question: Question) -> Answer:
        refers = question.other == address and known.holds and (attributes or not question.path)
        return replace(known, holds=False, version="") if refers else known

    found = {}
    for holder in facts.referrers.get(address, ()):
        if holder not in changed:
            known = facts.components[holder]
            found[holder] = known._replace(
                answers=_answers(facts, known, answer),
                described=tuple(
                    replace(each, wires={path: other for path, other in each.wires.items() if other != address})
                    for each in known.described
                )
                if attributes
                else known.described,
            )
    return found


def wired_to(facts: Facts, wire: Wire, version: str, moments: Collection[str] | None = None) -> ComponentFacts:
    """The facts of a holder whose attribute is another object, of the same type, than the component.

    Args:
        facts: the recording.
        wire: the attribute.
        version: of the other object; empty: no state has held it.
        moments: when it is; None: always.
    """
    known = facts.components[wire.holder]

    def answer(each: Answer, question: Question) -> Answer:
        concerned = question.kind == "same" and (question.path, question.other) == (wire.path, wire.other)
        if not concerned or each.holds is not True or (moments is not None and each.moment not in moments):
            return each
        return replace(each, holds=False, version=version)

    described = tuple(
        replace(each, wires={path: other for path, other in each.wires.items() if path != wire.path})
        if moments is None or each.moment in moments
        else each
        for each in known.described
    )
    return known._replace(answers=_answers(facts, known, answer), described=described)


def late(facts: Facts, address: str, phases: Collection[str], moved: tuple[StateChange, ...]) -> Edit:
    """The component was not there yet at the end of some phases.

    Args:
        facts: the recording.
        address: of the component.
        phases: at whose end it was not there.
        moved: all its state changes, as they then happened.
    """
    known = facts.components[address]
    edited = known._replace(
        changes=moved,
        answers=tuple(_missing(answer, address) if answer.moment in phases else answer for answer in known.answers),
        described=tuple(each for each in known.described if each.moment not in phases),
    )
    changed = {
        address: edited,
        **{name: _unset_at(facts, name, address, phases) for name in facts.below.get(address, ())},
    }
    return Edit({**changed, **_not_referred_to(facts, address, changed, phases)})


def _unset_at(facts: Facts, address: str, missing: str, phases: Collection[str]) -> ComponentFacts:
    known = facts.components[address]
    answers = tuple(_missing(answer, missing) if answer.moment in phases else answer for answer in known.answers)
    return known._replace(answers=answers)


def phases_between(facts: Facts, first: int, last: int) -> Iterator[str]:
    """Marked phases that ended at or after the state change `first` and before the state change `last`."""
    return (mark.phase for mark in facts.marks if first <= mark.last_seq < last)

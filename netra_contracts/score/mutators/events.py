"""What clients receive: events that are lost, doubled, late, out of order, or delivered to another user."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, NamedTuple, Self

from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.model.score import Term
from netra_contracts.protocol.observed.clients import ClientLog, ClientObservation, ReceivedEvent, Scenario
from netra_contracts.protocol.record import replace
from netra_contracts.score.facts import Edit, Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator

_DELIVERY = "delivery"
#: The part of the deadline that a late run takes.
_LATE = 0.95


class Delivery(NamedTuple):
    """What normal clients received: the facts that the mutators of this module change, for the first client.

    Attributes:
        contract: the contract on events.
        clients: all that was received.
        scenario: of the normal clients.
    """

    contract: DeliveryContract
    clients: ClientObservation
    scenario: Scenario

    @classmethod
    def of(cls, facts: Facts) -> Self | None:
        """What a recording has of it; None: nothing."""
        contract, clients = facts.recording.events_contract, facts.observation.clients
        if contract is None or clients is None:
            return None
        scenario = next((each for each in clients.scenarios if each.name == _DELIVERY and each.clients), None)
        return None if scenario is None else cls(contract, clients, scenario)

    @property
    def log(self) -> ClientLog:
        """The log of the first client."""
        return self.scenario.clients[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the events that the first client received, in order, each once."""
        return tuple(dict.fromkeys(event.name for event in self.log.events if _is_own(event) and event.name))

    def varies(self, name: str) -> bool:
        """Whether an event came more often to some clients than to others, or more than once in a run."""
        counts = {Counter(event.name for event in log.events)[name] for log in self.scenario.clients}
        return counts != {1}

    def is_expected(self, name: str) -> bool:
        """Whether the contract expects an event."""
        return any(event.name == name for event in self.contract.expect)

    def with_logs(self, *logs: ClientLog) -> Edit:
        """What the first clients received instead."""
        changed = replace(self.scenario, clients=(*logs, *self.scenario.clients[len(logs) :]))
        scenarios = tuple(changed if each is self.scenario else each for each in self.clients.scenarios)
        return Edit(clients=replace(self.clients, scenarios=scenarios))

    def term_of(self, name: str) -> Term | None:
        """The term that has the contract expect an event; None: it does.

        It names all events that come once to each client, in the order in which they come: each survivor proposes the
        same list, and the list holds where events are ordered.
        """
        if self.is_expected(name):
            return None
        expected = [event.name for event in self.contract.expect]
        certain = [each for each in self.names if each == name or self.is_expected(each) or not self.varies(each)]
        return Term(component="", key="expect", value=tuple(dict.fromkeys((*certain, *expected))), proven=False)


def _is_own(event: ReceivedEvent) -> bool:
    return event.is_answer and not event.foreign_user


class EventMutator(Mutator):
    """A mutator of single events."""

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each name of an event."""
        seen = Delivery.of(facts)
        for name in seen.names if seen is not None else ():
            if seen is not None:
                yield self._of(seen, name)

    @abstractmethod
    def _of(self, seen: Delivery, name: str) -> Mutant | Equivalent:
        """The mutant of one event."""


class EventLost(EventMutator):
    """An event does not reach one of the users."""

    kind = "event-lost"
    rules: ClassVar[Mapping[str, str]] = {
        "need not come": "some clients of the recording did not receive it, or the contract allows that"
    }

    def _of(self, seen: Delivery, name: str) -> Mutant | Equivalent:
        contract, log = seen.contract, seen.log
        received_by_all = all(any(event.name == name for event in each.events) for each in seen.scenario.clients)
        if not received_by_all or any(event.name == name and not event.at_least for event in contract.expect):
            return self.left_out("", "need not come", fact=name)
        rest = replace(log, events=tuple(event for event in log.events if event.name != name or not _is_own(event)))
        if name == contract.terminal:
            rest = replace(rest, ended="deadline", ms=contract.deadline_s * 1000)
        return self.mutant(
            "", f"a user does not receive `{name}`", seen.with_logs(rest), fact=name, term=seen.term_of(name)
        )


class EventDoubled(EventMutator):
    """An event reaches one of the users twice."""

    kind = "event-doubled"
    rules: ClassVar[Mapping[str, str]] = {
        "varies": "it comes more than once in a run of the recording, or not to all clients"
    }

    def _of(self, seen: Delivery, name: str) -> Mutant | Equivalent:
        if seen.varies(name):
            return self.left_out("", "varies", fact=name)
        events: list[ReceivedEvent] = []
        for event in seen.log.events:
            events.append(event)
            if event.name == name and _is_own(event):
                events.append(replace(event, is_repeat=bool(seen.contract.id_field)))
        described = f"a user receives `{name}` twice"
        term = seen.term_of(name)
        if term is None:
            term = Term(component="", key="at-most", value=1, proven=False)
        return self.mutant("", described, seen.with_logs(_with(seen.log, events)), fact=name, term=term)


def _with(log: ClientLog, events: Sequence[ReceivedEvent]) -> ClientLog:
    return replace(log, events=tuple(events))


class EventLate(EventMutator):
    """An event, and those after it, reach one of the users so late that the run barely meets its deadline."""

    kind = "event-late"
    rules: ClassVar[Mapping[str, str]] = {"slow": "the run of the recording takes as long"}

    def _of(self, seen: Delivery, name: str) -> Mutant | Equivalent:
        log, last = seen.log, max(event.ms for event in seen.log.events)
        delay = round(seen.contract.deadline_s * 1000 * _LATE - last, 3)
        if delay <= 0:
            return self.left_out("", "slow", fact=name)
        first = next(index for index, event in enumerate(log.events) if event.name == name and _is_own(event))
        events = [
            replace(event, ms=event.ms + delay) if index >= first and event.is_answer else event
            for index, event in enumerate(log.events)
        ]
        late = replace(log, events=tuple(events), ms=log.ms + delay)
        term = Term(component="", key="within-ms", value=_within(seen), proven=False)
        return self.mutant("", f"`{name}` reaches a user late", seen.with_logs(late), fact=name, term=term)


def _within(seen: Delivery) -> int:
    """Ten times the longest time that an event took in the recording, and at least half a second."""
    longest = max(
        (later.ms - earlier.ms for log in seen.scenario.clients for earlier, later in pairwise(log.events)), default=0.0
    )
    return max(500, round(longest * 10 / 100) * 100)


class EventOutOfOrder(Mutator):
    """Two events that follow each other reach one of the users in the other order."""

    kind = "event-order"
    rules: ClassVar[Mapping[str, str]] = {
        "varies": "the order differs between clients of the recording, or one of the two comes more than once"
    }

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each pair of events that follow each other."""
        seen = Delivery.of(facts)
        if seen is None:
            return
        own = [index for index, event in enumerate(seen.log.events) if _is_own(event) and event.name]
        events = seen.log.events
        pairs = [(first, second) for first, second in pairwise(own) if events[first].name != events[second].name]
        done: set[tuple[str, str]] = set()
        for first, second in pairs:
            names = events[first].name, events[second].name
            if names in done:
                continue
            done.add(names)
            fact = f"{names[1]} before {names[0]}"
            if any(map(seen.varies, names)) or not all(_is_ordered(log, *names) for log in seen.scenario.clients):
                yield self.left_out("", "varies", fact=fact)
                continue
            yield self._swapped(seen, first, second, fact)

    def _swapped(self, seen: Delivery, first: int, second: int, fact: str) -> Mutant:
        events = list(seen.log.events)
        earlier, later = events[first], events[second]
        events[first], events[second] = replace(later, ms=earlier.ms), replace(earlier, ms=later.ms)
        unexpected = next(filter(None, (seen.term_of(event.name) for event in (earlier, later))), None)
        term = unexpected or Term(component="", key="ordered", value=True, proven=False)
        described = f"`{later.name}` reaches a user before `{earlier.name}`"
        return self.mutant("", described, seen.with_logs(_with(seen.log, events)), fact=fact, term=term)


def _is_ordered(log: ClientLog, first: str, second: str) -> bool:
    names = [event.name for event in log.events]
    return first in names and second in names and names.index(first) < names.index(second)


class EventMisdelivered(EventMutator):
    """An event of one user reaches another user as well."""

    kind = "event-misdelivered"
    rules: ClassVar[Mapping[str, str]] = {
        "one user": "there was one client: nobody else could receive it",
        "shared": "the contract says that it is meant for several users",
    }

    def _of(self, seen: Delivery, name: str) -> Mutant | Equivalent:
        if len(seen.scenario.clients) < 2:
            return self.left_out("", "one user", fact=name)
        if name in seen.contract.shared:
            return self.left_out("", "shared", fact=name)
        owner, other = seen.scenario.clients[:2]
        event = next(event for event in owner.events if event.name == name and _is_own(event))
        foreign = replace(event, foreign_user=owner.user if event.has_canary else "", is_repeat=False)
        if seen.contract.run_field and event.run is not None:
            foreign = replace(foreign, run=1 + max((each.run or 0 for each in other.events), default=-1))
        logs = owner, _with(other, (*other.events[:-1], foreign, *other.events[-1:]))
        return self.mutant(
            "",
            f"`{name}` of {owner.user} reaches {other.user} as well",
            seen.with_logs(*logs),
            fact=name,
            term=seen.term_of(name),
        )


MUTATORS: tuple[Mutator, ...] = (EventLost(), EventDoubled(), EventLate(), EventOutOfOrder(), EventMisdelivered())

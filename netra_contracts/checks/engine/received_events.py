"""What clients received, arranged by what the contract expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ClientLog, ClientObservation, ReceivedEvent, ScenarioName

_MAX_NAMES = 8


def format_users(users: Sequence[str]) -> str:
    """`alice`, `alice and bob`, `10 users`."""
    distinct = list(dict.fromkeys(users))
    if len(distinct) <= 2:
        return " and ".join(distinct)
    return f"{len(distinct)} users"


def format_events(events: Iterable[str]) -> str:
    """Names of events within a sentence."""
    return join_words([f"`{name}`" for name in events])


def join_words(found: Sequence[str]) -> str:
    """The first words, with commas, and how many more there are; `nothing` for none."""
    shown = ", ".join(found[:_MAX_NAMES])
    return f"{shown} and {len(found) - _MAX_NAMES} more" if len(found) > _MAX_NAMES else shown or "nothing"


class Latency(NamedTuple):
    """The time between an event and the one before it in its run, in ms."""

    user: str
    event: str
    ms: float


class ReceivedEvents:
    """What clients received, arranged by what the contract expects.

    Args:
        contract: the events each user must receive.
        clients: what clients received.
    """

    def __init__(self, contract: DeliveryContract, clients: ClientObservation) -> None:
        self.contract = contract
        self.expected = {event.name: event for event in contract.expect}
        self._positions = {event.name: position for position, event in enumerate(contract.expect)}
        self.scenarios = {scenario.name: scenario for scenario in clients.scenarios}

    def clients(self, *scenarios: ScenarioName) -> Iterator[ClientLog]:
        """Clients of some scenarios, as far as these were run."""
        for name in scenarios:
            scenario = self.scenarios.get(name)
            yield from scenario.clients if scenario is not None else ()

    def of(self, client: ClientLog) -> list[ReceivedEvent]:
        """The expected events that a client received and that are not another user's."""
        return [event for event in client.events if event.name in self.expected and not event.foreign_user]

    def counts(self, client: ClientLog) -> Counter[str]:
        """How often a client received each of its own expected events, without those it had received before."""
        return Counter(event.name for event in self.of(client) if not event.is_repeat)

    def missing(self, client: ClientLog) -> tuple[str, ...]:
        """The events that a client did not receive as often as it must, in the order in which they are expected."""
        counts = self.counts(client)
        runs = max(client.sent, 1)
        return tuple(name for name, event in self.expected.items() if counts[name] < event.at_least * runs)

    def excess(self, client: ClientLog) -> tuple[str, ...]:
        """The events that a client received too often, or a second time."""
        counts, runs = self.counts(client), max(client.sent, 1)
        again = {event.name for event in self.of(client) if event.is_repeat}
        return tuple(
            name
            for name, event in self.expected.items()
            if name in again or (event.at_most is not None and counts[name] > event.at_most * runs)
        )

    def out_of_order_pairs(self, client: ClientLog) -> list[tuple[str, str]]:
        """Pairs of events that were received in the wrong order, as received."""
        if client.sent > 1 and not self.contract.run_field:
            return self._overtaken(client)
        found = []
        last: dict[int, str] = {}
        seen: Counter[tuple[int, str]] = Counter()
        for event in self.of(client):
            most = self.expected[event.name].at_most
            seen[event.run, event.name] += 1
            if event.is_repeat or (most is not None and seen[event.run, event.name] > most):
                continue  # too many events of one name are reported as such
            before = last.get(event.run)
            if before is not None and self._positions[before] > self._positions[event.name]:
                found.append((before, event.name))
            else:
                last[event.run] = event.name
        return found

    def _overtaken(self, client: ClientLog) -> list[tuple[str, str]]:
        """Without ids of runs: no event can be received more often than one that precedes it in every run."""
        once = [event.name for event in self.contract.expect if event.at_least == event.at_most == 1]
        before = dict(zip(once[1:], once, strict=False))
        counts: Counter[str] = Counter()
        found = []
        for event in self.of(client):
            if not event.is_repeat:
                counts[event.name] += 1
            earlier = before.get(event.name)
            if earlier is not None and counts[event.name] > counts[earlier]:
                found.append((event.name, earlier))
        return found

    def latencies(self) -> list[Latency]:
        """The times between events of the runs of normal clients."""
        found = []
        for client in self.clients("delivery"):
            last: dict[int, float] = {}
            for event in self.of(client):
                if not event.is_repeat:
                    found.append(Latency(client.user, event.name, event.ms - last.get(event.run, 0.0)))
                    last[event.run] = event.ms
        return found

    @property
    def is_delivery_complete(self) -> bool:
        """Whether normal clients received all events: otherwise misbehaving clients prove nothing."""
        return not any(self.missing(client) for client in self.clients("delivery"))


def percentile(values: Sequence[float], part: float) -> float:
    """The least value that `part` of all values do not exceed (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(ceil(part * len(ordered)) - 1, 0)] if ordered else 0.0

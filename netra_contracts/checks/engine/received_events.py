"""What clients received, arranged by what the contract expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog, ClientObservation, ReceivedEvent, ScenarioName

_MAX_NAMES = 8
#: Scenarios that come after that of the normal clients, and whose clients must receive all events.
_LATER: tuple[ScenarioName, ...] = ("slow reader", "reconnect", "burst")


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

    @property
    def has_stopped(self) -> bool:
        """Whether normal clients received all events, and in several later scenarios no client did."""
        clients = self._later_clients()
        scenarios = [name for name in _LATER if name in self.scenarios]
        return self.is_delivery_complete and len(scenarios) > 1 and bool(clients) and all(map(self.missing, clients))

    @property
    def has_broken_off(self) -> bool:
        """Whether events were lost from some moment on: what something that ended at that moment may have caused.

        If normal clients lack events, they and the later clients must not all lack the same part of a run, which is
        then lost whenever a client asks for it. If they lack none, events must be missing in a later scenario and in
        all that follow it.
        """
        normal, later = list(self.clients("delivery")), self._later_clients()
        if not all(map(was_connected, normal)):
            return False
        if self.is_delivery_complete:
            lacking = [any(map(self.missing, self.clients(name))) for name in _LATER[1:] if any(self.clients(name))]
            return True in lacking and all(lacking[lacking.index(True) :])
        lacks = {self.missing(client) for client in (*normal, *later)}
        return not (later and len(lacks) == 1 and all(map(self.counts, (*normal, *later))))

    def _later_clients(self) -> list[ClientLog]:
        return list(self.clients(*_LATER))

    def of(self, client: ClientLog) -> list[ReceivedEvent]:
        """The expected events that a client received as answers and that are not another user's."""
        return [event for event in client.events if event.name in self.expected and self._is_own(event)]

    def _is_own(self, event: ReceivedEvent) -> bool:
        return event.is_answer and (not event.foreign_user or event.name in self.contract.shared)

    def counts(self, client: ClientLog) -> Counter[str]:
        """How often a client received each of its own expected events, without those it had received before."""
        return Counter(event.name for event in self.of(client) if not event.is_repeat)

    def missing(self, client: ClientLog) -> tuple[str, ...]:
        """The events that a client did not receive as often as it must, in the order in which they are expected.

        If events identify their run, an event that one run lacks is missing however often it came in another.
        """
        counts, runs = self.counts(client), max(client.sent, 1)
        of_runs = self._counts_by_run(client)
        missing = [
            name
            for name, event in self.expected.items()
            if counts[name] < event.at_least * runs
            or (name in of_runs and self._runs_with(name, of_runs[name]) < min(runs, runs * event.at_least))
        ]
        if not missing and of_runs:
            missing = self._incomplete(of_runs, runs)
        return tuple(missing)

    def required(self, name: str, client: ClientLog) -> int:
        """How often a client must receive an event in all its runs together."""
        return self.expected[name].at_least * max(client.sent, 1)

    def fulfilled(self, name: str, client: ClientLog) -> int:
        """How many of these were received; one that came too often in a run does not replace one of another run."""
        of_run = self._counts_by_run(client).get(name)
        if of_run is None:
            return min(self.counts(client)[name], self.required(name, client))
        least = self.expected[name].at_least
        best = sorted((min(count, least) for count in of_run.values()), reverse=True)[: max(client.sent, 1)]
        return sum(best)

    def is_split(self, clients: Iterable[ClientLog]) -> bool:
        """Whether clients received events of more runs than they requested."""
        return any(
            len({run for counts in self._counts_by_run(client).values() for run in counts}) > max(client.sent, 1)
            for client in clients
        )

    def _counts_by_run(self, client: ClientLog) -> dict[str, Counter[int]]:
        """How often each event came in each run, for the events that always identify their run."""
        if not self.contract.run_field:
            return {}
        found: dict[str, Counter[int]] = {}
        unidentified = set()
        for event in self.of(client):
            if event.run is None:
                unidentified.add(event.name)
            elif not event.is_repeat:
                found.setdefault(event.name, Counter())[event.run] += 1
        return {name: counts for name, counts in found.items() if name not in unidentified}

    def _runs_with(self, name: str, counts: Counter[int]) -> int:
        """How many runs have an event as often as it must come."""
        return sum(count >= self.expected[name].at_least for count in counts.values())

    def _incomplete(self, of_runs: Mapping[str, Counter[int]], runs: int) -> list[str]:
        """What the most complete runs lack if there are fewer complete ones than runs that were requested."""
        numbers = {number for counts in of_runs.values() for number in counts}
        lacking = sorted(
            ([name for name in of_runs if of_runs[name][number] < self.expected[name].at_least] for number in numbers),
            key=len,
        )[:runs]
        lacks = {name for names in lacking for name in names}
        return [name for name in self.expected if name in lacks]

    def excess(self, client: ClientLog) -> tuple[str, ...]:
        """The events that a client received too often, in all or in one run, or a second time."""
        counts, runs = self.counts(client), max(client.sent, 1)
        of_runs = self._counts_by_run(client)
        again = {event.name for event in self.of(client) if event.is_repeat}
        return tuple(
            name
            for name, event in self.expected.items()
            if name in again
            or (
                event.at_most is not None
                and max(counts[name] / runs, *of_runs.get(name, {0: 0}).values()) > event.at_most
            )
        )

    def out_of_order_pairs(self, client: ClientLog) -> list[tuple[str, str]]:
        """Pairs of events that were received in the wrong order, as received."""
        events = self._events_by_run(client)
        if client.sent > 1 and all(run is None for run, _ in events):
            return self._overtaken(client)
        found = []
        last: dict[int | None, str] = {}
        seen: Counter[tuple[int | None, str]] = Counter()
        for run, event in events:
            most = self.expected[event.name].at_most
            seen[run, event.name] += 1
            if event.is_repeat or (most is not None and seen[run, event.name] > most):
                continue  # too many events of one name are reported as such
            if run is None and client.sent > 1:
                continue  # it may belong to any run
            before = last.get(run)
            if before is not None and self._positions[before] > self._positions[event.name]:
                found.append((before, event.name))
            else:
                last[run] = event.name
        return found

    def _events_by_run(self, client: ClientLog) -> list[tuple[int | None, ReceivedEvent]]:
        """Own events with the number of their run; of the only run, also those that do not identify it."""
        events = self.of(client)
        if not self.contract.run_field:
            return [(None, event) for event in events]
        numbers = {event.run for event in events if event.run is not None}
        only = next(iter(numbers)) if len(numbers) == 1 and client.sent <= 1 else None
        return [(only if event.run is None else event.run, event) for event in events]

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
            last: dict[int | None, float] = {}
            for run, event in self._events_by_run(client):
                if not event.is_repeat:
                    found.append(Latency(client.user, event.name, event.ms - last.get(run, 0.0)))
                    last[run] = event.ms
        return found

    @property
    def is_nobody_connected(self) -> bool:
        """Whether normal clients tried to connect, and none could."""
        clients = list(self.clients("delivery"))
        return bool(clients) and not any(was_connected(client) for client in clients)

    @property
    def is_delivery_complete(self) -> bool:
        """Whether normal clients received all events: otherwise misbehaving clients prove nothing."""
        return not any(self.missing(client) for client in self.clients("delivery"))


def was_connected(client: ClientLog) -> bool:
    """Whether a client was connected at any time; a recording of an older version says it only of refused ones."""
    return client.connected and client.ended != "refused"


def percentile(values: Sequence[float], part: float) -> float:
    """The least value that `part` of all values do not exceed (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(ceil(part * len(ordered)) - 1, 0)] if ordered else 0.0

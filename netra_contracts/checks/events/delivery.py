"""Checks of the events of normal clients: NC501 to NC503, NC505."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.received_events import (
    Latency,
    ReceivedEvents,
    format_events,
    format_users,
    join_words,
    percentile,
)
from netra_contracts.checks.engine.wording import milliseconds
from netra_contracts.checks.events.event_check import (
    COUNTED_SCENARIOS,
    REPEATING_SCENARIOS,
    EventCheck,
    exceptions_while_serving,
    hint_from_exceptions,
    how_waiting_ended,
)
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.errors import did_you_mean
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.observed.clients import ClientLog, ReceivedEvent, ScenarioName

_MAX_GROUPS = 3


_MAX_NAMES = 8


class EventMissing(EventCheck):
    """## What it does

    Reports events that a client did not receive in time, and lists those that it received. All users are connected and
    served at once.

    ## Why it matters

    The user waits for a result: the run may have ended, but the client was not notified.

    ## Example

    ```toml
    [tool.netra-contracts.events]
    path = "/ws"
    send = { type = "user_message", content = "hello" }
    expect = ["agent_started", "tool_executing", "tool_completed", "agent_completed"]
    ```

    ## What to do

    Check the exceptions that the report lists, then the sender of the event: is it sent at all, after the client has
    subscribed, from the event loop's thread, to this user's connection?
    """

    code = "NC501"
    name = "event-missing"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        for name in COUNTED_SCENARIOS:
            if name == "burst" and not received.is_delivery_complete:
                continue  # reported for normal clients
            contract = received.contract
            groups_by_refusal: dict[str, dict[tuple[str, ...], list[ClientLog]]] = {}
            for client in received.clients(name):
                missing = received.missing(client)
                if missing:
                    groups_by_refusal.setdefault(_refusal(client, contract), {}).setdefault(missing, []).append(client)
            # Events that are lost at random differ from client to client: they are one finding.
            for refused, groups in groups_by_refusal.items():
                yield self._finding(received, context, name, refused, groups)

    def _finding(
        self,
        received: ReceivedEvents,
        context: Context,
        scenario: ScenarioName,
        refused: str,
        groups: Mapping[tuple[str, ...], list[ClientLog]],
    ) -> Finding:
        hint = ""
        if refused:
            users = format_users([client.user for clients in groups.values() for client in clients])
            message = f"{users} could not be served: {refused}"
            first = next(client for clients in groups.values() for client in clients)
            if first.failed_step:
                message += f"; received: {join_words(_describe_events(first, received.contract))}"
                hint = _hint_for_step(first, received.contract)
        else:
            parts = [_describe_missing(received, missing, clients) for missing, clients in groups.items()]
            more = [f"and {len(parts) - _MAX_GROUPS} more such groups of users"] if len(parts) > _MAX_GROUPS else []
            message = "; ".join([*parts[:_MAX_GROUPS], *more])
        if scenario == "burst":
            sent = next(iter(groups.values()))[0].sent
            message = f"in a burst of {sent} runs, {message}"
        missing = {name for group in groups for name in group}
        clients = [client for group in groups.values() for client in group]
        return self._found(
            received.contract,
            message,
            subject=":".join(
                [
                    *(["burst"] if scenario == "burst" else []),
                    *filter(None, [_outcome(clients[0]) if refused else ""]),
                    *(name for name in received.expected if name in missing),
                ]
            ),
            causes=exceptions_while_serving(context),
            hint=hint_from_exceptions(context) or hint or _hint_for_missing(received, missing, clients),
        )


def _describe_missing(received: ReceivedEvents, missing: tuple[str, ...], clients: list[ClientLog]) -> str:
    """Which users did not receive which events, and what the first of them received."""
    first = clients[0]
    users = format_users([client.user for client in clients])
    until = how_waiting_ended(first, received.contract)
    events = join_words(_describe_events(first, received.contract))
    return f"{users} {_describe_lack(received, missing, clients)} {until}; received: {events}"


def _describe_lack(received: ReceivedEvents, missing: tuple[str, ...], clients: list[ClientLog]) -> str:
    """How often the missing events came, of how many times they must; those that must come once did not come."""
    never, counted = [], []
    for name in missing:
        required = received.required(name, clients[0])
        if required == 1 and not any(received.counts(client)[name] for client in clients):
            never.append(name)
            continue
        counts = [received.fulfilled(name, client) for client in clients]
        least, most = min(counts), max(counts)
        came = f"{least}" if least == most else f"{least} to {most}"
        counted.append(f"{came} of {required} `{name}`")
    parts = [f"did not receive {format_events(never)}"] if never else []
    if counted:
        of_run = " in one and the same run" if not never and clients[0].sent <= 1 and received.is_split(clients) else ""
        parts.append(f"received {join_words(counted)}{of_run}")
    return " and ".join(parts)


def _describe_events(client: ClientLog, contract: DeliveryContract) -> list[str]:
    """Everything that a client received, in the order of the first of each kind, under the names it came with."""
    counts = Counter(_describe_event(event, contract) for event in client.events)
    return [text if count == 1 else f"{text} ({count} times)" for text, count in counts.items()]


def _describe_event(event: ReceivedEvent, contract: DeliveryContract) -> str:
    name = f"`{event.name}`" if event.name else f"an event without a name in `{contract.event_field}`"
    if event.foreign_user and event.name not in contract.shared:
        return f"{name} of {event.foreign_user}"
    return name if event.is_answer else f"{name} before the message"


def _hint_for_missing(received: ReceivedEvents, missing: Iterable[str], clients: Iterable[ClientLog]) -> str:
    """What the events that came say about those that did not."""
    missing = set(missing)
    events = [event for client in clients for event in client.events if not event.foreign_user]
    early = next((event.name for event in events if not event.is_answer and event.name in missing), "")
    if early:
        return (
            f"`{early}` came before the message was sent, so it does not answer it; if it is a greeting, let `send` "
            f'wait for it: send = [{{ expect = "{early}" }}, {{ send = ... }}]'
        )
    others = {event.name for event in events if event.is_answer and event.name} - received.expected.keys()
    near = next(filter(None, (did_you_mean(name, others) for name in sorted(missing))), "")
    if near:
        return near
    if events and not any(event.name for event in events):
        return f"name the field with the name of an event: event-field (now `{received.contract.event_field}`)"
    return ""


def _hint_for_step(client: ClientLog, contract: DeliveryContract) -> str:
    """What may be wrong with the step that waited in vain."""
    number = client.failed_step
    names = {event.name for event in client.events if event.name}
    near = next(filter(None, (did_you_mean(name, names) for name in contract.steps[number - 1].expect)), "")
    if near:
        return near
    if client.events and not names:
        return f"name the field with the name of an event: event-field (now `{contract.event_field}`)"
    if names:
        return f"let step {number} of `send` wait for an event that the application sends there"
    sent = any(step.send is not None for step in contract.steps[: number - 1])
    before = "check the message that is sent before it" if sent else "check whether a message must be sent first"
    return f"the application sent nothing before step {number} of `send`: {before}"


def _outcome(client: ClientLog) -> str:
    """Why a client could not be served, for a subject."""
    if client.failed_step:
        return f"step {client.failed_step}"
    return f"{client.ended} {client.status or ''}".rstrip()


def _refusal(client: ClientLog, contract: DeliveryContract) -> str:
    if client.failed_step:
        names = contract.steps[client.failed_step - 1].expect
        until = how_waiting_ended(client, contract)
        return f"{format_events(names)}, for which step {client.failed_step} of `send` waits, did not come {until}"
    if client.ended == "refused":
        return f"the WebSocket was refused with HTTP status {client.status}" if client.status else "it was refused"
    return f"the client failed: {client.error}" if client.ended == "failed" else ""


class EventOutOfOrder(EventCheck):
    """## What it does

    Reports events that arrived in another order than the contract declares, including a run that overtakes an earlier
    run of the same user. With `ordered = false` nothing is reported.

    ## Why it matters

    If "completed" arrives before the last part of the answer, the client stops listening and the answer is cut off.

    ## Example

    ```python
    for event in events:
        asyncio.create_task(websocket.send_json(event))  # the order depends on the scheduler
    ```

    ## What to do

    Send the events of a run from one task, or through one queue.
    """

    code = "NC502"
    name = "events-out-of-order"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        if not received.contract.ordered:
            return
        parts: dict[tuple[str, str], list[str]] = {}
        for client in received.clients(*REPEATING_SCENARIOS):
            for pair in received.out_of_order_pairs(client):
                parts.setdefault(pair, []).append(client.user)
        if parts:
            # Events that overtake each other do so in varying pairs: they are one finding.
            pairs = [
                f"{format_users(users)} received `{early}` before `{late}`, which must come first"
                for (early, late), users in list(parts.items())[:_MAX_GROUPS]
            ]
            more = [f"and {len(parts) - _MAX_GROUPS} more such pairs"] if len(parts) > _MAX_GROUPS else []
            yield self._found(
                received.contract,
                "; ".join([*pairs, *more]),
                subject=":".join(sorted(f"{early} before {late}" for early, late in parts)),
                hint="send the events of a run from one task, or through one queue",
            )


class LateEvent(EventCheck):
    """## What it does

    Reports events that arrived later than `within-ms` after the previous event of their run; for the first event,
    after the message was sent. The report includes the median, the 99th percentile and the maximum of all these times.

    ## Why it matters

    Events that arrive late do not show progress: the user has already left.

    ## Example

    ```toml
    [tool.netra-contracts.events]
    path = "/ws"
    expect = ["agent_started", "agent_completed"]
    within-ms = 500
    ```

    ## What to do

    Find what blocks the event loop between the two events: a synchronous call, a lock, a slow reader.
    """

    code = "NC503"
    name = "event-late"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        limit = received.contract.within_ms
        if limit is None:
            return
        latencies = received.latencies()
        late: dict[str, list[Latency]] = {}
        for latency in latencies:
            if latency.ms > limit:
                late.setdefault(latency.event, []).append(latency)
        times = [latency.ms for latency in latencies]
        summary = ", ".join(
            f"{name} {milliseconds(value)}"
            for name, value in (
                ("p50", percentile(times, 0.5)),
                ("p99", percentile(times, 0.99)),
                ("max", max(times, default=0.0)),
            )
        )
        for event, found in late.items():
            worst = max(found, key=lambda latency: latency.ms)
            yield self._found(
                received.contract,
                f"`{event}` arrived {milliseconds(worst.ms)} after the previous event (limit: {limit:g} ms) "
                f"for {format_users([latency.user for latency in found])}; all events: {summary}",
                subject=event,
                hint="find what blocks the event loop before this event",
            )


class DuplicatedEvent(EventCheck):
    """## What it does

    Reports events that arrived more often than the contract allows (`at-most`, by default once in a run), or twice
    with the same `id-field`, including after a reconnect.

    ## Why it matters

    Answers are shown and counted twice.

    ## Example

    ```python
    @app.websocket("/ws")
    async def endpoint(websocket):
        bus.subscribe(websocket.send_json)  # again after each reconnect, and never unsubscribed
    ```

    ## What to do

    Unsubscribe when the socket closes. If an event may come several times, declare that: `expect = [{ event = "delta",
    at-least = 1 }]`.
    """

    code = "NC505"
    name = "event-duplicated"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        known: set[str] = set()
        for scenario in REPEATING_SCENARIOS:
            parts: dict[tuple[str, ...], list[ClientLog]] = {}
            for client in received.clients(scenario):
                excess = tuple(name for name in received.excess(client) if name not in known)
                if excess:
                    parts.setdefault(excess, []).append(client)
            yield from self._of_scenario(received, scenario, parts)
            # What is sent twice to normal clients is sent twice to others as well.
            known.update(name for excess in parts for name in excess)

    def _of_scenario(
        self, received: ReceivedEvents, scenario: ScenarioName, parts: Mapping[tuple[str, ...], list[ClientLog]]
    ) -> Iterator[Finding]:
        for excess, clients in parts.items():
            client = clients[0]
            counts = ", ".join(_describe_excess(received, name, client) for name in excess[:_MAX_NAMES])
            when = (
                " after a reconnect"
                if scenario == "reconnect"
                else f" in {client.sent} runs"
                if scenario == "burst"
                else ""
            )
            yield self._found(
                received.contract,
                f"{format_users([client.user for client in clients])} received {counts}{when}",
                subject=":".join([*([] if scenario == "delivery" else [scenario]), *excess]),
                hint='allow it with `expect = [{ event = "...", at-least = 1 }]`, or find out what sends it again',
            )


def _describe_excess(received: ReceivedEvents, name: str, client: ClientLog) -> str:
    """How often an event came: in the run that it came in most often, if that alone is too often."""
    events = [event for event in received.of(client) if event.name == name]
    most = received.expected[name].at_most
    in_one_run = max(Counter(event.run for event in events).values())
    if client.sent > 1 and received.contract.run_field and most is not None and len(events) <= most * client.sent:
        return f"`{name}` {in_one_run} times in one run"
    return f"`{name}` {len(events)} times"


CHECKS: tuple[Check, ...] = (
    EventMissing(),
    EventOutOfOrder(),
    LateEvent(),
    DuplicatedEvent(),
)

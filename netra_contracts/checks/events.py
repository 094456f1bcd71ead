"""NC501 to NC506, NC508 to NC510: what real clients saw of the served application."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check, Context, Result, milliseconds
from netra_contracts.checks.engine.received_events import (
    Gap,
    ReceivedEvents,
    format_events,
    format_users,
    join_words,
    percentile,
)
from netra_contracts.checks.loading import one_line
from netra_contracts.contracts.model import DeliveryContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.clients import ClientLog, Scenario, ScenarioName
from netra_contracts.protocol.stages import during

#: Scenarios in which each client must get all events of its runs.
_COUNTED: tuple[ScenarioName, ...] = ("delivery", "burst")
_REPEATING: tuple[ScenarioName, ...] = (*_COUNTED, "reconnect")
_MOST_CAUSES = 3
_MOST_GROUPS = 3
_MOST_NAMES = 8
BAD_TOKENS: Mapping[ScenarioName, str] = {
    "no token": "without a token",
    "expired token": "with an expired token",
    "wrong signature": "with a token whose signature is wrong",
    "alg none": "with an unsigned token (`alg: none`)",
    "another audience": "with a token for another audience",
}


class EventCheck(Check):
    """One question about what clients saw."""

    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings, or why there can be none."""
        contract = context.recording.events_contract
        if contract is None or not context.started:
            return
        live = context.observation.clients
        if live is None or live.skipped:
            reason = live.skipped if live is not None else self._unserved(context)
            yield NotRun(code=self.code, reason=reason)
            return
        yield from self._of(ReceivedEvents(contract, live), context)

    @staticmethod
    def _unserved(context: Context) -> str:
        ended = next((stage for stage in context.observation.stages if stage.outcome in ("died", "exited")), None)
        if ended is not None:
            return f"the process ended {during(ended.name)}"
        return "nobody was served: only `check` does that, on a target that is an application"

    @abstractmethod
    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        """Findings from what was seen."""

    def _found(
        self,
        contract: DeliveryContract,
        message: str,
        *,
        subject: str,
        causes: Sequence[Cause] = (),
        hint: str = "",
    ) -> Finding:
        return Finding(
            code=self.code,
            severity=contract.severity,
            message=message,
            subject=subject,
            location=next((cause.location for cause in causes if cause.location), None),
            causes=tuple(causes),
            impact=contract.impact,
            docs=contract.docs,
            hint=hint,
        )

    def _tried(self, traffic: ReceivedEvents, name: ScenarioName) -> tuple[Scenario | None, list[NotRun]]:
        """A scenario that tells something, or why it does not."""
        scenario = traffic.scenarios.get(name)
        if scenario is None:
            return None, []
        if scenario.skipped:
            return None, [NotRun(code=self.code, subject=name, reason=scenario.skipped)]
        failed = next((client for client in scenario.clients if client.ended == "failed"), None)
        if failed is not None:
            return None, [NotRun(code=self.code, subject=name, reason=f"the client failed: {failed.error}")]
        if not traffic.served:
            reason = "events are missing without it too: see NC501"
            return None, [NotRun(code=self.code, subject=name, reason=reason)]
        return scenario, []


def raised_meanwhile(context: Context) -> tuple[Cause, ...]:
    """What the application raised while it served."""
    served = context.observation.served
    return tuple(
        Cause(message=f"while it served, this was raised: {one_line(fault.message)}", location=fault.location)
        for fault in (served.faults if served is not None else ())[:_MOST_CAUSES]
    )


def _hint_for(context: Context) -> str:
    served = context.observation.served
    return next(filter(None, map(exception_hints.for_fault, served.faults)), "") if served is not None else ""


class EventMissing(EventCheck):
    """## What it does

    Reports events that a client waited for in vain, with what did come. All users are connected and served at once.

    ## Why it matters

    The user looks at a spinner: the run may have ended, nobody told.

    ## Example

    ```toml
    [tool.netra-contracts.events]
    path = "/ws"
    send = { type = "user_message", content = "hello" }
    expect = ["agent_started", "tool_executing", "tool_completed", "agent_completed"]
    ```

    ## What to do

    Look at the exceptions that the report names, then at who sends the event: is it sent at all, after the client has
    subscribed, from the loop's own thread, to this user's connection?
    """

    code = "NC501"
    name = "event-missing"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        for name in _COUNTED:
            if name == "burst" and not traffic.served:
                continue  # told of ordinary clients
            lacking: dict[str, dict[tuple[str, ...], list[ClientLog]]] = {}
            for client in traffic.clients(name):
                missing = traffic.missing(client)
                if missing:
                    lacking.setdefault(_how_refused(client), {}).setdefault(missing, []).append(client)
            # What is lost at random is lost otherwise by each client: one finding for all of it.
            for refused, groups in lacking.items():
                yield self._finding(traffic, context, name, refused, groups)

    def _finding(
        self,
        traffic: ReceivedEvents,
        context: Context,
        scenario: ScenarioName,
        refused: str,
        groups: Mapping[tuple[str, ...], list[ClientLog]],
    ) -> Finding:
        if refused:
            users = format_users([client.user for clients in groups.values() for client in clients])
            message = f"{users} could not be served: {refused}"
        else:
            told = [_how_missing(traffic, missing, clients) for missing, clients in groups.items()]
            more = [f"and {len(told) - _MOST_GROUPS} more such groups of users"] if len(told) > _MOST_GROUPS else []
            message = "; ".join([*told[:_MOST_GROUPS], *more])
        if scenario == "burst":
            sent = next(iter(groups.values()))[0].sent
            message = f"in a burst of {sent} runs, {message}"
        missing = {name for group in groups for name in group}
        return self._found(
            traffic.contract,
            message,
            subject=":".join(
                [*(["burst"] if scenario == "burst" else []), *(name for name in traffic.expected if name in missing)]
            ),
            causes=raised_meanwhile(context),
            hint=_hint_for(context),
        )


def _how_missing(traffic: ReceivedEvents, missing: tuple[str, ...], clients: list[ClientLog]) -> str:
    """Which users never got which events, and what came to the first of them."""
    first = clients[0]
    came = Counter(event.name for event in traffic.own(first))
    shown = [f"`{name}`" if count == 1 else f"`{name}` ({count} times)" for name, count in came.items()]
    users = format_users([client.user for client in clients])
    return (
        f"{users} never got {format_events(missing)}, {_until(first, traffic.contract)}; what came: {join_words(shown)}"
    )


def _until(client: ClientLog, contract: DeliveryContract) -> str:
    if client.ended == "closed":
        code = f" with code {client.close_code}" if client.close_code else ""
        return f"the server closed the connection{code}"
    return "though the run had ended" if client.ended == "done" else f"in {contract.deadline_s:g} s"


def _how_refused(client: ClientLog) -> str:
    if client.ended == "refused":
        return f"the WebSocket was refused with HTTP status {client.status}" if client.status else "it was refused"
    return f"the client failed: {client.error}" if client.ended == "failed" else ""


class EventOutOfOrder(EventCheck):
    """## What it does

    Reports events that came in another order than the contract's, also where one run overtakes another of the same
    user. With `ordered = false` nothing is reported.

    ## Why it matters

    "Completed" before the last words: the client stops listening, and the answer is cut off.

    ## Example

    ```python
    for event in events:
        asyncio.create_task(websocket.send_json(event))  # whoever is first, is first
    ```

    ## What to do

    Send the events of a run from one task, or through one queue.
    """

    code = "NC502"
    name = "events-out-of-order"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        if not traffic.contract.ordered:
            return
        told: dict[tuple[str, str], list[str]] = {}
        for client in traffic.clients(*_REPEATING):
            for pair in traffic.swapped(client):
                told.setdefault(pair, []).append(client.user)
        if told:
            # Events that overtake each other do so in any pairs: one finding for all of them.
            pairs = [
                f"`{early}` came before `{late}`, which it should follow: seen by {format_users(users)}"
                for (early, late), users in list(told.items())[:_MOST_GROUPS]
            ]
            more = [f"and {len(told) - _MOST_GROUPS} more such pairs"] if len(told) > _MOST_GROUPS else []
            yield self._found(
                traffic.contract,
                "; ".join([*pairs, *more]),
                subject=":".join(sorted(f"{early} before {late}" for early, late in told)),
                hint="send the events of a run from one task, or through one queue",
            )


class LateEvent(EventCheck):
    """## What it does

    Reports events that came later than `within-ms` after the event before them in their run; the first, after the
    message was sent. It tells median, 99th percentile and maximum of all such times.

    ## Why it matters

    Events that come late are no progress shown: the user has gone.

    ## Example

    ```toml
    [tool.netra-contracts.events]
    path = "/ws"
    expect = ["agent_started", "agent_completed"]
    within-ms = 500
    ```

    ## What to do

    Look for what blocks the loop between the two events: a synchronous call, a lock, a slow reader.
    """

    code = "NC503"
    name = "event-late"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        limit = traffic.contract.within_ms
        if limit is None:
            return
        gaps = traffic.gaps()
        late: dict[str, list[Gap]] = {}
        for gap in gaps:
            if gap.ms > limit:
                late.setdefault(gap.event, []).append(gap)
        times = [gap.ms for gap in gaps]
        summary = ", ".join(
            f"{name} {milliseconds(value)}"
            for name, value in (
                ("p50", percentile(times, 0.5)),
                ("p99", percentile(times, 0.99)),
                ("max", max(times, default=0.0)),
            )
        )
        for event, found in late.items():
            worst = max(found, key=lambda gap: gap.ms)
            yield self._found(
                traffic.contract,
                f"`{event}` came {milliseconds(worst.ms)} after the event before it; {limit:g} ms are allowed: "
                f"seen by {format_users([gap.user for gap in found])}; all events: {summary}",
                subject=event,
                hint="look for what blocks the loop before this event",
            )


class ForeignEvent(EventCheck):
    """## What it does

    Reports events of one user that another user's client received. An event is known by the user's id in it, or by
    what the contract's `send` has an application repeat with `{canary}`.

    ## Why it matters

    One user reads what another asked, and what the agent answered.

    ## Example

    ```python
    class ConnectionManager:
        async def broadcast(self, event):
            for websocket in self.connections:  # of all users
                await websocket.send_json(event)
    ```

    ## What to do

    Send to the connections of the run's own user. Keep identity in what is made for the run, never in what all share.
    """

    code = "NC504"
    name = "event-of-another-user"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        seen = [
            (event, client)
            for scenario in traffic.scenarios.values()
            for client in scenario.clients
            for event in client.events
        ]
        foreign = [(event, client) for event, client in seen if event.foreign]
        if foreign:
            event, client = foreign[0]
            receivers = len({client.user for _, client in foreign})
            count = f"{len(foreign)} events reached {receivers} wrong users" if len(foreign) > 1 else "one such event"
            yield self._found(
                traffic.contract,
                f"{client.user} received `{event.name}` of {event.foreign}: {count}",
                subject="",
                hint="send each event to the connections of its run's own user",
            )
        elif not any(event.marked for event, _ in seen):
            reason = "no event says whose it is: none has the user's id, or a `{canary}` that `send` holds"
            yield NotRun(code=self.code, reason=reason if seen else "no event came")


class DuplicatedEvent(EventCheck):
    """## What it does

    Reports events that came more often than the contract allows (`at-most`, default once in a run), or twice with the
    same `id-field`; also after a reconnect.

    ## Why it matters

    Answers are shown twice, and counted twice.

    ## Example

    ```python
    @app.websocket("/ws")
    async def endpoint(websocket):
        bus.subscribe(websocket.send_json)  # again after each reconnect, and never taken back
    ```

    ## What to do

    Take a subscription back when its socket closes. For events that come several times, say so:
    `expect = [{ event = "delta", at-least = 1 }]`.
    """

    code = "NC505"
    name = "event-duplicated"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        told: dict[tuple[str, ...], list[tuple[ClientLog, ScenarioName]]] = {}
        for scenario in _REPEATING:
            for client in traffic.clients(scenario):
                surplus = traffic.surplus(client)
                if surplus:
                    told.setdefault(surplus, []).append((client, scenario))
        for surplus, found in told.items():
            client, scenario = found[0]
            came = Counter(event.name for event in traffic.own(client))
            counts = ", ".join(f"`{name}` came {came[name]} times" for name in surplus[:_MOST_NAMES])
            when = (
                " after a reconnect"
                if scenario == "reconnect"
                else f" in {client.sent} runs"
                if scenario == "burst"
                else ""
            )
            yield self._found(
                traffic.contract,
                f"{counts}{when}: seen by {format_users([client.user for client, _ in found])}",
                subject=":".join(surplus),
                hint='allow it with `expect = [{ event = "...", at-least = 1 }]`, or find out who sends it again',
            )


class BadToken(EventCheck):
    """## What it does

    Reports a WebSocket that is served without valid credentials: with no token, an expired one, a wrong signature,
    `alg: none` (RFC 8725, section 3.1), or a token made for another audience. Accepting and closing at once is fine.

    ## Why it matters

    Anybody can be anybody.

    ## Example

    ```python
    claims = jwt.decode(token, options={"verify_signature": False})
    ```

    ## What to do

    Verify signature, algorithm, expiry and audience before the socket is accepted:
    `jwt.decode(token, key, algorithms=["HS256"], audience=..., options={"require": ["exp", "aud"]})`.
    """

    code = "NC506"
    name = "served-without-valid-credentials"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        for name, how in BAD_TOKENS.items():
            scenario, reasons = self._tried(traffic, name)
            yield from reasons
            for client in scenario.clients if scenario is not None else ():
                served = [event.name for event in client.events if event.name in traffic.expected]
                if served:
                    told = f"a client {how} was served: it received {format_events(dict.fromkeys(served))}"
                elif client.ended == "deadline":
                    told = f"a client {how} was accepted and kept: no event came, and the connection stayed open"
                else:
                    continue
                yield self._found(
                    traffic.contract, told, subject=name, hint="verify the token before the socket is accepted"
                )


class SlowReader(EventCheck):
    """## What it does

    Reports users who are not served while another client does not read what it is sent.

    ## Why it matters

    One phone in a tunnel stops everybody's events.

    ## Example

    ```python
    for websocket in connections:
        await websocket.send_json(event)  # waits for the slowest
    ```

    ## What to do

    Give each connection a bounded queue and a task that sends; drop or disconnect who does not keep up.
    """

    code = "NC508"
    name = "slow-reader-stalls-others"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(traffic, "slow reader")
        yield from reasons
        stalled = [client for client in scenario.clients if traffic.missing(client)] if scenario is not None else []
        if stalled:
            missing = format_events(traffic.missing(stalled[0]))
            yield self._found(
                traffic.contract,
                f"while one client did not read, {format_users([client.user for client in stalled])} never got "
                f"{missing}, "
                f"{_until(stalled[0], traffic.contract)}",
                subject="slow reader",
                hint="send to each connection from a task and a bounded queue of its own",
            )


class LostOnReconnect(EventCheck):
    """## What it does

    Reports events that a client does not get after it has reconnected while its old socket was still closing.

    ## Why it matters

    Every change of networks does that: the user is connected, and receives nothing.

    ## Example

    ```python
    connections[user_id] = websocket
    try:
        await serve(websocket)
    finally:
        del connections[user_id]  # by now the new socket's
    ```

    ## What to do

    Take out only what was put in: compare the socket before its entry is removed.
    """

    code = "NC509"
    name = "events-lost-on-reconnect"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(traffic, "reconnect")
        yield from reasons
        for client in scenario.clients if scenario is not None else ():
            missing = traffic.missing(client)
            if missing:
                yield self._found(
                    traffic.contract,
                    "after it had reconnected while its old socket closed late, a client never got "
                    f"{format_events(missing)}, "
                    f"{_until(client, traffic.contract)}",
                    subject="reconnect",
                    causes=raised_meanwhile(context),
                    hint="when a socket closes, take out that very socket and no newer one of the same user",
                )


class OutlivesToken(EventCheck):
    """## What it does

    Reports a connection that is still served, or kept open, after the token it was opened with has expired.

    ## Why it matters

    A user who was locked out stays in for as long as the socket stays open.

    ## Example

    ```python
    claims = verify(token)  # once, when the socket opens
    async for message in websocket.iter_text():
        ...
    ```

    ## What to do

    Close the socket when the token's `exp` has passed, with a code of your own (4000 to 4999), and let the client come
    back with a new token.
    """

    code = "NC510"
    name = "connection-outlives-its-token"

    def _of(self, traffic: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(traffic, "expiry")
        yield from reasons
        for client in scenario.clients if scenario is not None else ():
            if client.ended == "refused":
                reason = "a token that is valid for two seconds was refused"
                yield NotRun(code=self.code, subject="expiry", reason=reason)
                continue
            served = [event.name for event in client.events if event.name in traffic.expected]
            if served or client.ended in ("done", "deadline"):
                what = f"was still served: {format_events(dict.fromkeys(served))}" if served else "was still open"
                yield self._found(
                    traffic.contract,
                    f"a second after its token had expired, a connection {what}",
                    subject="expiry",
                    hint="close the socket when the `exp` of its token has passed",
                )


CHECKS: tuple[Check, ...] = (
    EventMissing(),
    EventOutOfOrder(),
    LateEvent(),
    ForeignEvent(),
    DuplicatedEvent(),
    BadToken(),
    SlowReader(),
    LostOnReconnect(),
    OutlivesToken(),
)

"""Checks of who receives events, and with which credentials: NC504, NC506, NC510."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.received_events import (
    ReceivedEvents,
    format_events,
)
from netra_contracts.checks.events.delivery import DuplicatedEvent, EventMissing, EventOutOfOrder
from netra_contracts.checks.events.event_check import EventCheck
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.checks.events.misbehaving_clients import LostOnReconnect, SlowReader
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.protocol.observed.clients import ScenarioName

BAD_TOKENS: Mapping[ScenarioName, str] = {
    "no token": "without a token",
    "expired token": "with an expired token",
    "wrong signature": "with a token whose signature is wrong",
    "alg none": "with an unsigned token (`alg: none`)",
    "another audience": "with a token for another audience",
}


class ForeignEvent(EventCheck):
    """## What it does

    Reports events of one user that another user's client received. An event is attributed to a user by the user's id
    in it, or by the `{canary}` in the contract's `send`, if the application repeats it.

    ## Why it matters

    One user reads what another one asked and what the agent answered.

    ## Example

    ```python
    class ConnectionManager:
        async def broadcast(self, event):
            for websocket in self.connections:  # of all users
                await websocket.send_json(event)
    ```

    ## What to do

    Send each event to the connections of the run's own user only. Store the user's identity in objects that are
    created for the run, never in shared ones. Events that are meant to name other users, such as those of a lobby or a
    match, are declared: `shared = ["game_start"]`.
    """

    code = "NC504"
    name = "event-of-another-user"
    family = EVENTS
    security_severity = 8.1

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        seen = [
            (event, client)
            for scenario in received.scenarios.values()
            for client in (*scenario.clients, *scenario.bystanders)
            for event in client.events
        ]
        shared = received.contract.shared
        foreign = [(event, client) for event, client in seen if event.foreign_user and event.name not in shared]
        if foreign:
            client = foreign[0][1]
            # The order in which events of several users arrive differs from run to run.
            event = min((event for event, other in foreign if other is client), key=lambda event: event.foreign_user)
            receivers = len({client.user for _, client in foreign})
            wrong = f"{receivers} wrong users" if receivers > 1 else "one wrong user"
            count = f"{len(foreign)} events reached {wrong}" if len(foreign) > 1 else "one event"
            what = f"`{event.name}`" if event.name else "an event without a name"
            yield self._found(
                received.contract,
                f"{client.user} received {what} of {event.foreign_user}: {count}",
                subject=":".join(sorted({event.name for event, _ in foreign})),
                hint="send each event to the connections of its run's own user; an event that is meant to name other "
                "users is declared in `shared`",
            )
        elif not any(event.has_canary for event, _ in seen):
            reason = "events cannot be attributed to users: none contains the user's id, or the `{canary}` of `send`"
            yield NotRun(code=self.code, reason=reason if seen else "no event was received")

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """An event that goes to another user is missing where it belongs."""
        return findings.of(EventMissing, EventOutOfOrder, DuplicatedEvent, SlowReader, LostOnReconnect)


class BadToken(EventCheck):
    """## What it does

    Reports a WebSocket that is served without valid credentials: without a token, or with a token that is expired, has
    a wrong signature, is unsigned (`alg: none`, see RFC 8725, section 3.1) or was issued for another audience.
    Accepting the connection and closing it at once is allowed. Where clients send their token in a message, an
    application may also keep the connection open, as long as it sends none of the expected events.

    ## Why it matters

    Anyone can act as any user.

    ## Example

    ```python
    claims = jwt.decode(token, options={"verify_signature": False})
    ```

    ## What to do

    Verify signature, algorithm, expiry and audience before the socket is accepted: `jwt.decode(token, key,
    algorithms=["HS256"], audience=..., options={"require": ["exp", "aud"]})`.
    """

    code = "NC506"
    name = "served-without-valid-credentials"
    family = EVENTS
    security_severity = 9.1

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        for name, how in BAD_TOKENS.items():
            scenario, reasons = self._tried(received, name)
            yield from reasons
            for client in scenario.clients if scenario is not None else ():
                # Where a message carries the token, what came before that message needed none.
                events = [event for event in client.events if event.is_answer or not received.contract.sends_token]
                served = [event.name for event in events if event.name in received.expected]
                subject = name if served else f"{name}: kept open"
                if served:
                    message = f"a client {how} was served: it received {format_events(dict.fromkeys(served))}"
                elif client.ended == "deadline" and not received.contract.sends_token:
                    message = f"a client {how} was accepted: it received no event, but the connection stayed open"
                else:
                    continue
                hint = "verify the token before the WebSocket is accepted"
                yield self._found(received.contract, message, subject=subject, hint=hint)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Nothing: no other fault makes an application accept a token."""
        return ()


class OutlivesToken(EventCheck):
    """## What it does

    Reports a connection that is still served, or kept open, after the token that opened it has expired.

    ## Why it matters

    A user whose access was revoked keeps it for as long as the socket stays open.

    ## Example

    ```python
    claims = verify(token)  # once, when the socket opens
    async for message in websocket.iter_text():
        ...
    ```

    ## What to do

    Close the socket when the token's `exp` has passed, with an application-defined code (4000 to 4999), and let the
    client reconnect with a new token.
    """

    code = "NC510"
    name = "connection-outlives-its-token"
    family = EVENTS
    security_severity = 6.5

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(received, "expiry")
        yield from reasons
        for client in scenario.clients if scenario is not None else ():
            if client.ended == "refused":
                reason = "a token that is valid for two seconds was refused"
                yield NotRun(code=self.code, subject="expiry", reason=reason)
                continue
            served = [event.name for event in client.events if event.is_answer and event.name in received.expected]
            if served or client.ended in ("done", "deadline"):
                what = (
                    f"was still served: it received {format_events(dict.fromkeys(served))}"
                    if served
                    else "was still open"
                )
                yield self._found(
                    received.contract,
                    f"one second after its token expired, a connection {what}",
                    subject="expiry" if served else "expiry: kept open",
                    hint="close the connection when the `exp` of its token has passed",
                )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Nothing: no other fault makes an application accept a token."""
        return ()


CHECKS: tuple[Check, ...] = (
    ForeignEvent(),
    BadToken(),
    OutlivesToken(),
)

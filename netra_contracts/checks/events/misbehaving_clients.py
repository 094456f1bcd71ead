"""Checks of other users while a client misbehaves: NC508, NC509."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.received_events import (
    ReceivedEvents,
    format_events,
    format_users,
)
from netra_contracts.checks.events.event_check import EventCheck, exceptions_while_serving, how_waiting_ended
from netra_contracts.checks.events.family import EVENTS


class SlowReader(EventCheck):
    """## What it does

    Reports users who are not served while another client does not read what it is sent.

    ## Why it matters

    One client with a bad connection stops the events of all users.

    ## Example

    ```python
    for websocket in connections:
        await websocket.send_json(event)  # waits for the slowest
    ```

    ## What to do

    Give each connection a bounded queue and a task that sends from it; drop messages for, or disconnect, a client that
    does not keep up.
    """

    code = "NC508"
    name = "slow-reader-stalls-others"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(received, "slow reader")
        yield from reasons
        stalled = [client for client in scenario.clients if received.missing(client)] if scenario is not None else []
        if stalled:
            missing = format_events(received.missing(stalled[0]))
            yield self._found(
                received.contract,
                f"while one client did not read, {format_users([client.user for client in stalled])} did not "
                f"receive {missing} "
                f"{how_waiting_ended(stalled[0], received.contract)}",
                subject="slow reader",
                hint="send to each connection from its own task, with a bounded queue",
            )


class LostOnReconnect(EventCheck):
    """## What it does

    Reports events that a client does not receive after it has reconnected while its old socket was still closing.

    ## Why it matters

    This happens whenever a device changes networks: the user is connected, and receives nothing.

    ## Example

    ```python
    connections[user_id] = websocket
    try:
        await serve(websocket)
    finally:
        del connections[user_id]  # by now, the new socket
    ```

    ## What to do

    Compare the socket before its entry is removed: each connection must remove only itself.
    """

    code = "NC509"
    name = "events-lost-on-reconnect"
    family = EVENTS

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        scenario, reasons = self._tried(received, "reconnect")
        yield from reasons
        for position, client in enumerate(scenario.clients if scenario is not None else ()):
            missing = received.missing(client)
            if missing:
                # The second client is that of another user.
                who = (
                    f"{client.user}, who stayed connected while another user's client reconnected,"
                    if position
                    else "a client that reconnected before its old connection had closed"
                )
                yield self._found(
                    received.contract,
                    f"{who} did not receive {format_events(missing)} {how_waiting_ended(client, received.contract)}",
                    subject="reconnect: another user" if position else "reconnect",
                    causes=exceptions_while_serving(context),
                    hint="when a connection closes, remove that connection only, not a newer one of the same user",
                )


CHECKS: tuple[Check, ...] = (
    SlowReader(),
    LostOnReconnect(),
)

"""The check that clients could be connected at all, and that requested scenarios could be tried: NC511."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.received_events import ReceivedEvents, join_words
from netra_contracts.checks.events.event_check import (
    EventCheck,
    exceptions_while_serving,
    hint_from_exceptions,
)
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.names import nearest_name
from netra_contracts.protocol.observed.clients import ClientLog, ClientObservation, ScenarioName

#: Scenarios that run only where the contract names them, with the key that does.
_REQUESTED: Mapping[ScenarioName, str] = {
    "slow reader": "slow-reader",
    "reconnect": "reconnect",
    "expiry": "expiry",
    "burst": "burst",
}
_PARAMETER = re.compile(r"\{[^{}:]*(:[^{}]*)?\}")
_FORBIDDEN = (401, 403)
_HINTS = {
    "token": "make the token function work for a user id that the application does not know yet",
    "server": 'install what is missing beside the application, e.g. `pip install "uvicorn[standard]"`',
    "tool": "install what is missing beside netra-contracts",
}


class ClientsNotConnected(EventCheck):
    """## What it does

    Reports that clients which the contract asks for could not be connected, and why: a token function that raises, a
    route that does not exist or refuses everybody, a server or a WebSocket library that is missing, a URL that cannot
    be requested. It also reports a requested scenario (`slow-reader`, `reconnect`, `expiry`, `burst`) that could not be
    tried.

    ## Why it matters

    Nothing that the contract says about events was tested. What did not run is not a pass.

    ## Example

    ```toml
    [tool.netra-contracts.events]
    path = "/wss"  # the application's route is /ws
    expect = ["agent_started", "agent_completed"]
    ```

    ## What to do

    Follow the message: correct `path`, give clients the `token`, `headers`, `cookies` or `origin` that the application
    requires, or install what is missing. `--no-live` leaves the clients out of one run.
    """

    code = "NC511"
    name = "clients-could-not-connect"
    family = EVENTS

    def judge(self, context: Context) -> Iterable[Result]:
        """At most one finding for the normal clients, or one for each requested scenario that could not be tried."""
        contract, clients = context.recording.events_contract, context.observation.clients
        if contract is None or clients is None:
            return
        if clients.skipped:
            if clients.failed:
                yield self._unavailable(contract, clients, context)
            return
        yield from self._of(ReceivedEvents(contract, clients), context)

    def _unavailable(self, contract: DeliveryContract, clients: ClientObservation, context: Context) -> Finding:
        is_token = clients.failed == "token"
        return self._found(
            contract,
            f"no client could be connected: {clients.skipped}",
            subject=clients.failed,
            causes=exceptions_while_serving(context) if is_token else (),
            hint=(hint_from_exceptions(context) if is_token else "") or _HINTS[clients.failed],
        )

    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        if received.is_nobody_connected:
            yield self._refused(received, context)
        elif received.is_delivery_complete:
            for name, key in _REQUESTED.items():
                scenario = received.scenarios.get(name)
                if scenario is not None and scenario.skipped:
                    yield self._found(
                        received.contract,
                        f"`{key}` could not be tested: {scenario.skipped}",
                        subject=name,
                        hint=f"make it possible, or remove `{key}` from the contract",
                    )

    def _refused(self, received: ReceivedEvents, context: Context) -> Finding:
        contract, clients = received.contract, list(received.clients("delivery"))
        server = context.observation.server
        path = contract.path.partition("?")[0]
        routes = server.websocket_routes if server is not None else ()
        outcome = join_words(list(dict.fromkeys(_outcome(client, contract) for client in clients)))
        if routes and not any(_matches(route, path) for route in routes):
            listed = join_words([f"`{route}`" for route in routes])
            return self._found(
                contract,
                f"no client could be connected: no WebSocket route of the application has the path `{path}`, "
                f"which {outcome}",
                subject="route",
                hint=_nearest(path, routes) or f"the application's WebSocket routes are: {listed}",
            )
        return self._found(
            contract,
            f"no client could be connected: `{path}` {outcome} for {_all(len(clients))}",
            subject=" ".join(["refused", *sorted({f"{client.status or client.ended}" for client in clients})]),
            causes=exceptions_while_serving(context),
            hint=hint_from_exceptions(context) or _hint_for(clients[0], contract, is_route=bool(routes)),
        )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Broken contracts, if the application refused the clients; else nothing."""
        if finding.subject.split(" ")[0] == "refused":
            yield from super().follows_from(finding, findings, context)


def _all(count: int) -> str:
    return "the only client" if count == 1 else f"all {count:,} clients"


def _outcome(client: ClientLog, contract: DeliveryContract) -> str:
    if client.ended == "refused":
        return f"answered with HTTP status {client.status}" if client.status else "refused the handshake"
    if client.ended == "deadline":
        return f"did not answer the handshake within {contract.deadline_s:g} s"
    return f"failed: {client.error}" if client.error else "closed the connection"


def _hint_for(client: ClientLog, contract: DeliveryContract, *, is_route: bool) -> str:
    if client.ended != "refused":
        return "check that `path` is the path of a WebSocket that accepts its clients"
    if client.status in _FORBIDDEN and contract.token:
        return (
            "check that the application accepts the tokens of `token`, and reads them where `token-in` puts them "
            f"(now: {contract.token_in})"
        )
    if client.status in _FORBIDDEN:
        missing = "" if is_route else "the path does not exist, or "
        return (
            f"{missing}the application requires credentials or an origin: give clients a `token`, `headers`, `cookies` "
            "or an `origin`"
        )
    return "open the path with a WebSocket client, and see what the application answers"


def _nearest(path: str, routes: Iterable[str]) -> str:
    """A hint with the nearest route, whatever its parameters are called; empty if none is near."""
    by_shape = {_PARAMETER.sub("{}", route): route for route in routes}
    near = nearest_name(_PARAMETER.sub("{}", path), by_shape)
    return f'did you mean "{by_shape[near]}"?' if near else ""


def _matches(route: str, path: str) -> bool:
    """Whether a route's path, with parameters, matches the path of a contract, whose `{user}` is some text."""
    pattern = ""
    end = 0
    for parameter in _PARAMETER.finditer(route):
        converter = (parameter[1] or "")[1:]
        pattern += re.escape(route[end : parameter.start()]) + (".*" if converter == "path" else "[^/]+")
        end = parameter.end()
    pattern += re.escape(route[end:])
    return re.fullmatch(pattern, path.replace("{user}", "user")) is not None


CHECKS: tuple[Check, ...] = (ClientsNotConnected(),)
